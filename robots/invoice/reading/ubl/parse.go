package ubl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
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
	maxAttributes = 64  // of one element, namespace declarations included
	maxNames      = 4096
)

// binary is the element whose content is passed over.
const binary = "EmbeddedDocumentBinaryObject"

// Parse reads one document of XML 1.0, which must be UTF-8 by now. The error is a
// *Fault, or what the reader itself returned. The tree read so far is returned with
// it.
func Parse(r io.Reader, lim Limits) (*Node, error) {
	p := &parser{lim: lim, names: map[string]string{}, known: map[string]known{}}
	p.src = &source{r: r, buf: make([]byte, bufferSize), line: 1}
	err := p.run()
	return p.root, err
}

type parser struct {
	src   *source
	lim   Limits
	root  *Node
	cur   *Node
	depth int
	count int
	begun bool // something of the document was read

	nodes    []Node // a chunk to take from: one allocation each would cost more than the parsing
	attrs    []Attr
	names    map[string]string // spares a copy of what occurs again and again
	known    map[string]known
	bindings []binding
	open     []string // the names of the open elements as written
	text     []byte
	raw      []byte
	value    []byte
	pending  []pair // the attributes of the tag at hand
}

// pair is an attribute as it is written.
type pair struct{ name, value string }

func (p *parser) run() error {
	for {
		p.src.quota = p.lim.Token
		c, ok := p.src.peek()
		if !ok {
			return p.end()
		}
		var err error
		if c == '<' {
			err = p.markup()
		} else {
			err = p.between()
		}
		if err != nil {
			return err
		}
		p.begun = true
	}
}

// end is reached when the bytes end between two tokens.
func (p *parser) end() error {
	if !p.atEnd() || p.root == nil || p.cur != nil {
		return p.ended()
	}
	return nil
}

// between takes text: of an element, or the white space around the document.
func (p *parser) between() error {
	if p.cur != nil {
		return p.chars()
	}
	if !p.spaces() {
		return p.broken("nothing but white space")
	}
	return nil
}

// markup takes a tag, comment, instruction or section.
func (p *parser) markup() error {
	p.src.next()
	c, ok := p.src.peek()
	switch {
	case !ok:
		return p.ended()
	case c == '/':
		p.src.next()
		return p.endTag()
	case c == '?':
		p.src.next()
		return p.instruction()
	case c == '!':
		p.src.next()
		return p.declaration()
	default:
		return p.startTag()
	}
}

var version = regexp.MustCompile(`^\s+version\s*=\s*["']1\.0["']`)

// instruction takes "<?…?>". The XML declaration must come first.
func (p *parser) instruction() error {
	if err := p.name(); err != nil {
		return err
	}
	target := string(p.raw)
	body, err := p.through("?>")
	if err != nil {
		return err
	}
	if strings.EqualFold(target, "xml") && (p.begun || target != "xml" || !version.Match(body)) {
		return p.broken("the XML declaration at the beginning")
	}
	return p.valid(body)
}

// declaration takes "<!…": a comment or a character section. Document types are
// refused.
func (p *parser) declaration() error {
	switch {
	case p.src.hasPrefix("--"):
		p.src.advance(2)
		body, err := p.through("--")
		if err == nil {
			err = p.valid(body)
		}
		if err != nil {
			return err
		}
		return p.want('>')
	case p.cur != nil && p.src.hasPrefix("[CDATA["):
		p.src.advance(len("[CDATA["))
		return p.section()
	case p.src.hasPrefix("DOCTYPE html"), p.src.hasPrefix("doctype html"):
		return p.fault(DTD, ErrHTML)
	case p.src.hasPrefix("DOCTYPE"):
		return p.fault(DTD, nil)
	}
	if _, ok := p.src.peek(); !ok || !p.src.hasPrefix("--") && p.atEnd() && p.src.n-p.src.at < len("[CDATA[") {
		return p.ended()
	}
	return p.broken("a comment or a section")
}

// ErrHTML is what a DTD fault holds for a web page.
var ErrHTML = errors.New("a web page")

// section takes the rest of a character section.
func (p *parser) section() error {
	body, err := p.through("]]>")
	if err != nil {
		return err
	}
	if len(p.text)+len(body) > p.lim.Token {
		return p.fault(TooLong, nil)
	}
	body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	for _, c := range body {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return p.broken("no control character")
		}
	}
	p.text = append(p.text, body...)
	return nil
}

func (p *parser) endTag() error {
	if p.cur != nil {
		raw, chunk := p.open[len(p.open)-1], p.src.chunk()
		if n := len(raw); len(chunk) > n && chunk[n] == '>' && string(chunk[:n]) == raw && p.src.take(n+1, 0) {
			return p.close()
		}
	}
	if err := p.name(); err != nil {
		return err
	}
	if p.cur == nil || string(p.raw) != p.open[len(p.open)-1] {
		return p.broken("the end of the open element")
	}
	p.spaces()
	if err := p.want('>'); err != nil {
		return err
	}
	return p.close()
}

func (p *parser) startTag() error {
	if p.cur == nil && p.root != nil {
		return p.fault(Trailing, nil)
	}
	if err := p.name(); err != nil {
		return err
	}
	raw := p.written()
	if p.depth++; p.depth > p.lim.Depth {
		return p.fault(TooDeep, nil)
	}
	if p.count++; p.count > p.lim.Elements {
		return p.fault(TooMany, nil)
	}
	line := p.src.line
	empty, err := p.attributes()
	if err != nil {
		return err
	}
	if err := p.flush(false); err != nil {
		return err
	}
	n := p.node()
	n.Line = line
	k, err := p.element(raw)
	if err != nil {
		return err
	}
	n.Name, n.Space = k.name, k.space
	if n.Attrs, err = p.named(); err != nil {
		return err
	}
	p.hang(n, raw)
	if empty {
		return p.close()
	}
	if n.Name == binary && n.Space == Basic {
		var base64 bool
		n.Left, base64 = p.src.skipText()
		n.Odd = !base64
	}
	return nil
}

// written is the name in p.raw, the one copy that is kept.
func (p *parser) written() string {
	if k, ok := p.known[string(p.raw)]; ok {
		return k.raw
	}
	return p.intern(p.raw)
}

// attributes takes the rest of a start tag into p.pending, and tells whether it is
// an empty element's.
func (p *parser) attributes() (empty bool, err error) {
	p.pending = p.pending[:0]
	for {
		blank := p.spaces()
		c, ok := p.src.peek()
		switch {
		case !ok:
			return false, p.ended()
		case c == '>':
			p.src.next()
			return false, nil
		case c == '/':
			p.src.next()
			return true, p.want('>')
		case !blank:
			return false, p.broken("a blank before an attribute")
		case len(p.pending) == maxAttributes:
			return false, p.fault(TooMany, errors.New("attributes"))
		}
		if err := p.pair(); err != nil {
			return false, err
		}
	}
}

// pair takes one attribute. Namespace declarations are bound at once.
func (p *parser) pair() error {
	if err := p.name(); err != nil {
		return err
	}
	name := p.intern(p.raw)
	p.spaces()
	if err := p.want('='); err != nil {
		return err
	}
	p.spaces()
	if err := p.quoted(); err != nil {
		return err
	}
	for _, other := range p.pending {
		if other.name == name {
			return p.fault(Twice, fmt.Errorf("attribute %q", name))
		}
	}
	value := p.intern(p.value)
	p.pending = append(p.pending, pair{name, value})
	if prefix, ok := strings.CutPrefix(name, "xmlns:"); ok {
		p.bind(prefix, value)
	} else if name == "xmlns" {
		p.bind("", value)
	}
	return nil
}

// named gives the tag's attributes but for namespace declarations.
func (p *parser) named() ([]Attr, error) {
	if len(p.pending) == 0 {
		return nil, nil
	}
	if cap(p.attrs)-len(p.attrs) < len(p.pending) {
		p.attrs = make([]Attr, 0, max(128, len(p.pending)))
	}
	from := len(p.attrs)
	for _, a := range p.pending {
		if a.name == "xmlns" || strings.HasPrefix(a.name, "xmlns:") {
			continue
		}
		name, err := p.attribute(a.name)
		if err != nil {
			return nil, err
		}
		for _, other := range p.attrs[from:] {
			if other.Name == name {
				return nil, p.fault(Twice, fmt.Errorf("attribute %q", name))
			}
		}
		p.attrs = append(p.attrs, Attr{Name: name, Value: a.value})
	}
	to := len(p.attrs)
	return p.attrs[from:to:to], nil
}

// hang puts a new element under the open one and opens it.
func (p *parser) hang(n *Node, raw string) {
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
	p.open = append(p.open, raw)
}

func (p *parser) node() *Node {
	if len(p.nodes) == 0 {
		p.nodes = make([]Node, min(max(64, p.count/4), 4096))
	}
	n := &p.nodes[0]
	p.nodes = p.nodes[1:]
	return n
}

func (p *parser) close() error {
	if err := p.flush(p.cur.first == nil); err != nil {
		return err
	}
	p.cur.indexed()
	p.unbind()
	p.depth--
	p.open = p.open[:len(p.open)-1]
	p.cur = p.cur.Parent
	return nil
}

// flush gives the text gathered so far to the open element. Between elements,
// white space is dropped and of anything else (which UBL does not know) only so
// much is kept that it can be seen to be there.
func (p *parser) flush(leaf bool) error {
	if len(p.text) == 0 || p.cur == nil {
		return nil
	}
	if err := p.valid(p.text); err != nil {
		return err
	}
	if leaf {
		p.cur.Text = p.intern(p.text)
	} else if s := bytes.TrimSpace(p.text); len(s) > 0 && len(p.cur.Text) < mixedKept {
		p.cur.Text += string(s[:min(len(s), mixedKept)])
	}
	p.text = p.text[:0]
	return nil
}
