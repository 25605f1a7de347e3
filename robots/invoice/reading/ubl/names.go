package ubl

import (
	"fmt"
	"strings"
)

// binding is a prefix ("" for the default) and its namespace, as declared by an
// element at the depth.
type binding struct {
	prefix, uri string
	depth       int
}

// known is what a name as it is written stands for.
type known struct {
	raw   string // the name as written
	name  string
	space Space
}

// bind adds a declaration of the element that is being read.
func (p *parser) bind(prefix, uri string) {
	p.bindings = append(p.bindings, binding{prefix, uri, p.depth})
	clear(p.known)
}

// unbind drops the declarations of the element that is closed.
func (p *parser) unbind() {
	for n := len(p.bindings); n > 0 && p.bindings[n-1].depth == p.depth; n-- {
		p.bindings = p.bindings[:n-1]
		clear(p.known)
	}
}

// space is the namespace of a prefix.
func (p *parser) space(prefix string) (string, bool) {
	for i := len(p.bindings) - 1; i >= 0; i-- {
		if b := p.bindings[i]; b.prefix == prefix {
			return b.uri, b.uri != "" || prefix == ""
		}
	}
	if prefix == "xml" {
		return "http://www.w3.org/XML/1998/namespace", true
	}
	return "", prefix == ""
}

// element gives the name and vocabulary of an element by its name as written.
func (p *parser) element(raw string) (known, error) {
	if k, ok := p.known[raw]; ok {
		return k, nil
	}
	prefix, local, ok := strings.Cut(raw, ":")
	if !ok {
		prefix, local = "", raw
	}
	uri, ok := p.space(prefix)
	if !ok {
		return known{}, p.fault(Namespace, fmt.Errorf("prefix %q", prefix))
	}
	k := known{raw: raw, name: local}
	switch {
	case uri == basicNS:
		k.space = Basic
	case uri == aggregateNS:
		k.space = Aggregate
	case uri == extensionsNS:
		k.space = Extension
	case strings.HasPrefix(uri, documents) && p.cur == nil:
		k.space = Root
		return k, nil // only for the document's own element
	default:
		k.name = "{" + uri + "}" + local
	}
	k.name = p.same(k.name)
	if len(p.known) < maxNames {
		p.known[raw] = k
	}
	return k, nil
}

// attribute is the name of an attribute: "{namespace}local" if it has a prefix.
func (p *parser) attribute(raw string) (string, error) {
	prefix, local, ok := strings.Cut(raw, ":")
	if !ok {
		return raw, nil
	}
	uri, ok := p.space(prefix)
	if !ok {
		return "", p.fault(Namespace, fmt.Errorf("prefix %q", prefix))
	}
	return "{" + uri + "}" + local, nil
}

// same gives the one copy of a string that is kept.
func (p *parser) same(s string) string {
	if t, ok := p.names[s]; ok {
		return t
	}
	if len(p.names) < maxNames {
		p.names[s] = s
	}
	return s
}

// intern gives a string for the bytes; short ones that were seen before are not
// copied again.
func (p *parser) intern(b []byte) string {
	if len(b) > 32 {
		return string(b)
	}
	if s, ok := p.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(p.names) < maxNames {
		p.names[s] = s
	}
	return s
}
