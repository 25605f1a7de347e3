package ubl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func limits() Limits { return Limits{Depth: 64, Elements: 100_000, Token: 1 << 20} }

// written is a tree in one line, with what the parser keeps of it.
func written(n *Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<%s", n.Name)
	for _, a := range n.Attrs {
		fmt.Fprintf(&b, " %s=%q", a.Name, a.Value)
	}
	text := n.Text
	if !n.Leaf() {
		text = strings.Join(strings.Fields(text), "") // how much white space is kept there does not matter
	}
	fmt.Fprintf(&b, ">%q", text)
	for k := range n.Kids {
		b.WriteString(written(k))
	}
	return b.String() + "</>"
}

func TestParse(t *testing.T) {
	cases := map[string]string{
		`<a/>`: `<{}a>""</>`,
		"<?xml version='1.0'?>\n<a>x</a>\n<!-- -->":                                 `<{}a>"x"</>`,
		`<a>&lt;&#65;&#x42;&amp;&quot;&apos;&gt;</a>`:                               `<{}a>"<AB&\"'>"</>`,
		`<a b='1 &quot; &#10;2'	c="é"></a >`:                                        `<{}a b="1 \" \n2" c="é">""</>`,
		"<a b='1\r\n2\t3'>x\r\ny\rz</a>":                                            `<{}a b="1 2 3">"x\ny\nz"</>`,
		`<a>x<!-- c -->y<?p q?>z<![CDATA[<&]]]></a>`:                                `<{}a>"xyz<&]"</>`,
		`<a> <b/> <b>x</b> </a>`:                                                    `<{}a>""<{}b>""</><{}b>"x"</></>`,
		`<a>one<b/>two</a>`:                                                         `<{}a>"onetwo"<{}b>""</></>`,
		`<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2" p:c="3"/><p:d/></p:a>`:           `<{urn:1}a>""<{urn:2}b {urn:2}c="3">""</><{urn:1}d>""</></>`,
		`<a xmlns="urn:1"><b xmlns=""/></a>`:                                        `<{urn:1}a>""<{}b>""</></>`,
		`<a xml:lang="da"/>`:                                                        `<{}a {http://www.w3.org/XML/1998/namespace}lang="da">""</>`,
		`<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>`: `<Invoice>""</>`,
	}
	for text, want := range cases {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			n, err := Parse(r, limits())
			if err != nil {
				t.Errorf("%q: %v", text, err)
			} else if got := written(n); got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	cases := map[string]FaultKind{
		"": NotXML, "  ": NotXML, "x": NotXML, "x<a/>": NotXML, "<": NotXML, "<1/>": NotXML, "<a": NotXML, "<!-- x": NotXML, "<?xml version='1.1'?><a/>": NotXML,
		" <?xml version='1.0'?><a/>": NotXML, "<!ELEMENT a>": NotXML,
		"<a>": CutShort, "<a>x": CutShort, "<a><b": CutShort, "<a><b c": CutShort, "<a><b c='": CutShort, "<a></": CutShort, "<a></a": CutShort, "<a><![CDATA[": CutShort,
		"<a>&am": CutShort, "<a><!-- ": CutShort, "<a><!": CutShort, "<a><?p": CutShort,
		"<a></b>": Broken, "<a>&x;</a>": Broken, "<a>&#0;</a>": Broken, "<a>&#x;</a>": Broken, "<a>&#xD800;</a>": Broken, "<a>&#+5;</a>": Broken, "<a>\x01</a>": Broken, "<a>]]></a>": Broken,
		"<a>x & y</a>": Broken, "<a><b c=1/></a>": Broken, "<a><b c='<'/></a>": Broken, "<a><b c='1'd='2'/></a>": Broken, "<a><!-- -- --></a>": Broken, "<a><b/ ></a>": Broken, "<a>\uFFFF</a>": Broken,
		"<a><?xml version='1.0'?></a>": Broken, "<a><:b/></a>": Broken, "<a><b:c:d/></a>": Broken, "<a><-b/></a>": Broken,
		"<a/>x": Trailing, "<a/><b/>": Trailing, "<a/></a>": Trailing, "<a/>&lt;": Trailing, "<a/><![CDATA[]]>": Trailing,
		"<!DOCTYPE a><a/>": DTD, "<a/><!DOCTYPE a>": DTD, "<!DOCTYPE html><p>": DTD,
		"<p:a/>": Namespace, "<a><p:b/></a>": Namespace, "<a p:b='1'/>": Namespace, "<a xmlns:p=''><p:b/></a>": Namespace,
		"<a b='1' b='2'/>": Twice, "<a xmlns:p='urn:1' xmlns:q='urn:1'><b p:c='1' q:c='2'/></a>": Twice,
		"<a>\xff</a>": Encoding, "<a b='\xe6'/>": Encoding, "<a>\xc3</a>": Encoding, "<a><!-- \xe6 --></a>": Encoding,
	}
	for text, want := range cases {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			n, err := Parse(r, limits())
			var fault *Fault
			if !errors.As(err, &fault) || fault.Kind != want {
				t.Errorf("%q: %v, want %s", text, err, want)
			}
			_ = n
		}
	}
}

func TestFaultLine(t *testing.T) {
	_, err := Parse(strings.NewReader("<a>\n<b>\r\n</b>\n<c d='\n'>\n&x;</c></a>"), limits())
	var fault *Fault
	if !errors.As(err, &fault) || fault.Line != 6 {
		t.Errorf("%v", err)
	}
}

func TestAttachmentIsPassedOver(t *testing.T) {
	const ns = `xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"`
	for text, left := range map[string]int64{
		`<a ` + ns + `><c:EmbeddedDocumentBinaryObject>` + strings.Repeat("QUJD\n", 100_000) + `</c:EmbeddedDocumentBinaryObject><b>x</b></a>`: 500_000,
		`<a ` + ns + `><c:EmbeddedDocumentBinaryObject><![CDATA[QUJD]]]]>  </c:EmbeddedDocumentBinaryObject><b>x</b></a>`:                      8,
		`<a ` + ns + `><c:EmbeddedDocumentBinaryObject/><b>x</b></a>`:                                                                          0,
	} {
		lim := limits()
		lim.Token = 1000
		n, err := Parse(strings.NewReader(text), lim)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Get(binary); got == nil || got.Left != left || got.Text != "" || n.Get("{}b").Value() != "x" {
			t.Errorf("%+v", got)
		}
	}
}

// reference is the tree by the standard library's decoder, or an error.
func reference(text []byte) (string, error) {
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root, cur := (*Node)(nil), (*Node)(nil)
	p := &parser{lim: limits(), names: map[string]string{}, known: map[string]known{}}
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			if root == nil {
				return "", io.ErrUnexpectedEOF
			}
			return written(root), nil
		}
		if err != nil {
			return "", err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if cur == nil && root != nil {
				return "", errors.New("second root")
			}
			blank := strings.NewReplacer("\n", " ", "\t", " ", "\r", " ")
			n := &Node{Name: "{" + blank.Replace(tok.Name.Space) + "}" + tok.Name.Local}
			if strings.HasPrefix(tok.Name.Space, documents) && (cur == nil || tok.Name.Space == basicNS || tok.Name.Space == aggregateNS || tok.Name.Space == extensionsNS) {
				n.Name = tok.Name.Local
			}
			for _, a := range tok.Attr {
				if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
					continue
				}
				name := a.Name.Local
				if a.Name.Space != "" {
					name = "{" + a.Name.Space + "}" + name
				}
				n.Attrs = append(n.Attrs, Attr{name, blank.Replace(a.Value)})
			}
			p.cur = cur
			p.hang(n, "")
			if root == nil {
				root = n
			}
			cur = n
		case xml.EndElement:
			if cur.first != nil {
				cur.Text = strings.TrimSpace(cur.Text)
			}
			cur = cur.Parent
		case xml.CharData:
			if cur == nil && len(bytes.TrimSpace(tok)) > 0 {
				return "", errors.New("text outside")
			}
			if cur != nil {
				cur.Text += string(tok)
			}
		case xml.Directive:
			return "", errors.New("a DTD")
		}
	}
}

// What this parser takes, the standard library's takes as well; and most trees are
// the same: nothing is read that is not there.
func TestAgainstTheStandardLibrary(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files")
	}
	random := rand.New(rand.NewPCG(4, 2))
	const marks = "<>/&;=\"' \n:?!-[]xa\x01\xc3"
	taken := 0
	for _, file := range files {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(whole[:min(len(whole), 60)], []byte("encoding=\"")) && !bytes.Contains(whole[:min(len(whole), 60)], []byte("UTF-8")) || bytes.Contains(whole, []byte("EmbeddedDocument")) {
			continue // the decoder would want a converter; attachments are passed over
		}
		for range 60 {
			text := bytes.Clone(whole)
			for range random.IntN(3) {
				if len(text) > 0 {
					text[random.IntN(len(text))] = marks[random.IntN(len(marks))]
				}
			}
			n, err := Parse(bytes.NewReader(text), limits())
			if err != nil {
				continue
			}
			taken++
			want, err := reference(text)
			if err != nil {
				t.Fatalf("taken, but not by the standard library: %v\n%s", err, text)
			}
			if got := written(n); got != want {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
		}
	}
	if taken < 500 {
		t.Errorf("only %d documents were taken", taken)
	}
}
