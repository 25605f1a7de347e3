package eindkomst

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// node is one element of an answer. Attributes are of no account in it.
type node struct {
	name xml.Name
	text strings.Builder
	kids []*node
	used bool // somebody asked for it by name
}

// Bounds of an answer beside its size in bytes. A real one nests about twenty deep.
const (
	deepest   = 64
	mostNodes = 500_000
)

// tree reads a whole document: one root, no document type, nothing after it.
func tree(data []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = true
	top := &node{}
	open := []*node{top}
	for n := 0; ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, &Unreadable{"it is no whole XML document"} // the error itself may quote it
		}
		here := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if n++; n > mostNodes || len(open) > deepest {
				return nil, &Unreadable{"it has more elements, or deeper ones, than an answer can have"}
			}
			kid := &node{name: t.Name}
			here.kids = append(here.kids, kid)
			open = append(open, kid)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			here.text.Write(t)
		case xml.Directive:
			return nil, &Unreadable{"it has a document type"}
		}
	}
	if len(top.kids) != 1 || strings.TrimSpace(top.text.String()) != "" {
		return nil, &Unreadable{"it is not one document"}
	}
	return top.kids[0], nil
}

// value is the node's text without blanks around it.
func (n *node) value() string { return strings.TrimSpace(n.text.String()) }

func (n *node) is(ns, name string) bool { return n.name.Space == ns && n.name.Local == name }

// walker reads a tree strictly and remembers the first thing that is not as it
// should be; after that everything it hands out is empty.
type walker struct{ err error }

func (w *walker) fail(format string, args ...any) {
	if w.err == nil {
		w.err = &Unreadable{fmt.Sprintf(format, args...)}
	}
}

// all are the children of that name.
func (w *walker) all(n *node, ns, name string) []*node {
	var found []*node
	for _, k := range n.kids {
		if k.is(ns, name) {
			k.used = true
			found = append(found, k)
		}
	}
	return found
}

// maybe is the only child of that name, or nil.
func (w *walker) maybe(n *node, ns, name string) *node {
	found := w.all(n, ns, name)
	if len(found) > 1 {
		w.fail("%s stands %d times in %s", name, len(found), n.name.Local)
	}
	if len(found) == 0 || w.err != nil {
		return nil
	}
	return found[0]
}

// one is the only child of that name, which must be there.
func (w *walker) one(n *node, ns, name string) *node {
	found := w.maybe(n, ns, name)
	if found == nil {
		w.fail("%s is missing in %s", name, n.name.Local)
		return &node{}
	}
	return found
}

// text is the text of the child of that name, or "" where it is not there.
func (w *walker) text(n *node, ns, name string) string {
	if found := w.maybe(n, ns, name); found != nil {
		return found.value()
	}
	return ""
}

// done refuses children that nobody asked for: what we do not know may change what
// the rest means.
func (w *walker) done(n *node) {
	for _, k := range n.kids {
		if !k.used {
			w.fail("%s has an element in it that the schema does not know", n.name.Local)
		}
	}
}

var errNoNumber = errors.New("no whole number")

// whole reads a whole number without a sign.
func whole(s string) (int, error) {
	if len(s) == 0 || len(s) > 18 || !allDigits(s) {
		return 0, errNoNumber
	}
	n := 0
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n, nil
}
