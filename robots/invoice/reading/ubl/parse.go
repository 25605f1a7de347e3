package ubl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits bound what a document may cost.
type Limits struct {
	Depth    int // elements inside each other
	Elements int // elements in all
	Token    int // bytes of one tag, text, comment or instruction
}

const (
	mixedKept     = 128 // bytes of text kept where elements and text are mixed
	maxAttributes = 64  // of one element, namespace declarations not counted
	maxNames      = 4096
)

// binary is the element whose content is passed over.
const binary = "EmbeddedDocumentBinaryObject"

// Fault is why a document could not be read.
type Fault struct {
	Kind FaultKind
	Line int   // where it was seen, from 1
	Err  error // the decoder's own words, or nil
}

// FaultKind tells faults apart.
type FaultKind string

// The faults of a document.
const (
	NotXML    FaultKind = "not-xml"   // no element at all, or text before the first
	Broken    FaultKind = "broken"    // XML that is not well-formed
	CutShort  FaultKind = "cut-short" // ends before its elements do
	DTD       FaultKind = "dtd"       // declares a document type; refused, for entities can be bombs
	TooDeep   FaultKind = "too-deep"
	TooMany   FaultKind = "too-many"
	TooLong   FaultKind = "too-long"
	Trailing  FaultKind = "trailing"  // content after the document's end
	Namespace FaultKind = "namespace" // a prefix that is declared nowhere
	Twice     FaultKind = "twice"     // an attribute given twice
	Encoding  FaultKind = "encoding"  // bytes that are not UTF-8
)

// Error names the fault and the line.
func (f *Fault) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("line %d: %s: %v", f.Line, f.Kind, f.Err)
	}
	return fmt.Sprintf("line %d: %s", f.Line, f.Kind)
}

// Unwrap gives the decoder's error.
func (f *Fault) Unwrap() error { return f.Err }

// Parse reads one document, which must be UTF-8 by now. The error is a *Fault, or
// what the reader itself returned. The tree read so far is returned with it.
func Parse(r io.Reader, lim Limits) (*Node, error) {
	p := &parser{lim: lim, names: map[string]string{}}
	p.src = &source{r: r, buf: make([]byte, bufferSize), line: 1}
	p.dec = xml.NewDecoder(p.src)
	p.dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	err := p.run()
	return p.root, err
}

type parser struct {
	src   *source
	dec   *xml.Decoder
	lim   Limits
	root  *Node
	cur   *Node
	depth int
	count int
	pool  []Node
	names map[string]string // spares a copy of what occurs again and again
	text  []byte
}

func (p *parser) fault(kind FaultKind, err error) error {
	return &Fault{Kind: kind, Line: int(p.src.line), Err: err}
}

func (p *parser) run() error {
	for {
		p.src.quota = p.lim.Token
		tok, err := p.dec.Token()
		if err == io.EOF {
			return p.end()
		}
		if err != nil {
			return p.failed(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			err = p.start(t)
		case xml.EndElement:
			p.close()
		case xml.CharData:
			err = p.chars(t)
		case xml.Directive:
			err = p.fault(DTD, nil)
		}
		if err != nil {
			return err
		}
	}
}

// end is reached when the bytes are at an end between two tokens.
func (p *parser) end() error {
	if p.root == nil {
		return p.fault(NotXML, nil)
	}
	return nil
}

// failed tells the decoder's errors apart.
func (p *parser) failed(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, errLongToken):
		return p.fault(TooLong, nil)
	case p.src.err != nil && p.src.err != io.EOF:
		return p.src.err
	case !errors.As(err, &syntax):
		return p.fault(Broken, err)
	case strings.Contains(syntax.Msg, "unexpected EOF"):
		return p.fault(CutShort, err)
	case strings.Contains(syntax.Msg, "invalid UTF-8"):
		return p.fault(Encoding, err)
	case p.root == nil:
		return p.fault(NotXML, err)
	case p.root != nil && p.cur == nil:
		return p.fault(Trailing, err)
	}
	return p.fault(Broken, err)
}

func (p *parser) start(t xml.StartElement) error {
	if p.cur == nil && p.root != nil {
		return p.fault(Trailing, nil)
	}
	if p.depth++; p.depth > p.lim.Depth {
		return p.fault(TooDeep, nil)
	}
	if p.count++; p.count > p.lim.Elements {
		return p.fault(TooMany, nil)
	}
	p.flush(false)
	n := p.node()
	n.Line = p.src.line
	var err error
	if n.Name, n.Space, err = p.element(t.Name); err != nil {
		return err
	}
	if n.Attrs, err = p.attrs(t.Attr); err != nil {
		return err
	}
	p.hang(n)
	if n.Name == binary && n.Space == Basic {
		n.Left = p.src.skipText()
	}
	return nil
}

// hang puts a new element under the open one and opens it.
func (p *parser) hang(n *Node) {
	n.Parent = p.cur
	switch {
	case p.cur == nil:
		p.root = n
	case p.cur.first == nil:
		p.cur.first, p.cur.last = n, n
	default:
		p.cur.last.next = n
		p.cur.last = n
	}
	p.cur = n
}

// node takes a node from a chunk, since one allocation each would cost more than
// the parsing.
func (p *parser) node() *Node {
	if len(p.pool) == 0 {
		p.pool = make([]Node, min(max(64, p.count/4), 4096))
	}
	n := &p.pool[0]
	p.pool = p.pool[1:]
	return n
}

func (p *parser) close() {
	p.flush(p.cur.first == nil)
	p.cur.indexed()
	p.depth--
	p.cur = p.cur.Parent
}

func (p *parser) chars(t xml.CharData) error {
	if p.cur == nil {
		if strings.TrimSpace(string(t)) == "" {
			return nil
		}
		if p.root == nil {
			return p.fault(NotXML, nil)
		}
		return p.fault(Trailing, nil)
	}
	if len(p.text)+len(t) > p.lim.Token {
		return p.fault(TooLong, nil)
	}
	p.text = append(p.text, t...)
	return nil
}

// flush gives the text gathered so far to the open element. Between elements,
// white space is dropped and of anything else (which UBL does not know) only so
// much is kept that it can be seen to be there.
func (p *parser) flush(leaf bool) {
	if len(p.text) == 0 {
		return
	}
	if leaf {
		p.cur.Text = p.intern(p.text)
	} else if s := bytes.TrimSpace(p.text); len(s) > 0 && len(p.cur.Text) < mixedKept {
		p.cur.Text += string(s[:min(len(s), mixedKept)])
	}
	p.text = p.text[:0]
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

// element gives the name and vocabulary of an element.
func (p *parser) element(name xml.Name) (string, Space, error) {
	switch name.Space {
	case basicNS:
		return p.same(name.Local), Basic, nil
	case aggregateNS:
		return p.same(name.Local), Aggregate, nil
	case extensionsNS:
		return p.same(name.Local), Extension, nil
	}
	if strings.HasPrefix(name.Space, documents) && p.cur == nil {
		return name.Local, Root, nil
	}
	if name.Space != "" && !strings.ContainsAny(name.Space, ":/.") {
		return "", Foreign, p.fault(Namespace, fmt.Errorf("prefix %q", name.Space))
	}
	return p.same("{" + name.Space + "}" + name.Local), Foreign, nil
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

// attrs gives the attributes but for namespace declarations.
func (p *parser) attrs(in []xml.Attr) ([]Attr, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out := make([]Attr, 0, len(in))
	for _, a := range in {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		if len(out) == maxAttributes {
			return nil, p.fault(TooMany, errors.New("attributes"))
		}
		name := a.Name.Local
		if a.Name.Space != "" {
			name = "{" + a.Name.Space + "}" + name
		}
		for i := range out {
			if out[i].Name == name {
				return nil, p.fault(Twice, fmt.Errorf("attribute %q", name))
			}
		}
		out = append(out, Attr{Name: p.same(name), Value: p.same(a.Value)})
	}
	return out, nil
}
