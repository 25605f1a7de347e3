package workbook

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// part is what is set into one sheet's XML while it is packed.
type part struct {
	path  string // such as xl/worksheets/sheet2.xml
	links []link
	texts string // the cells in which a number as text is meant, such as A2:N9; "" if none
}

// link is a link out of a cell.
type link struct{ cell, target string }

// before is what is set in before a mark in the sheet's XML. Where things stand
// is fixed by CT_Worksheet (ECMA-376 part 1, 18.3.1.99): links before the page's
// margins, ignored errors after headers and footers.
type before struct{ mark, text string }

func (p part) insertions() []before {
	var b []before
	if len(p.links) > 0 {
		var s strings.Builder
		s.WriteString("<hyperlinks>")
		for i, l := range p.links {
			fmt.Fprintf(&s, `<hyperlink ref="%s" r:id="rId%d"/>`, l.cell, i+1)
		}
		s.WriteString("</hyperlinks>")
		b = append(b, before{"<pageMargins", s.String()})
	}
	if p.texts != "" {
		b = append(b, before{"</worksheet>",
			`<ignoredErrors><ignoredError sqref="` + p.texts + `" numberStoredAsText="1"/></ignoredErrors>`})
	}
	return b
}

// relations is the part that says where the links lead.
func (p part) relations() (name string, content []byte, err error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i, l := range p.links {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="`, i+1)
		if err := xml.EscapeText(&b, []byte(l.target)); err != nil {
			return "", nil, err
		}
		b.WriteString(`" TargetMode="External"/>`)
	}
	b.WriteString(`</Relationships>`)
	dir, file := p.path[:strings.LastIndex(p.path, "/")+1], p.path[strings.LastIndex(p.path, "/")+1:]
	return dir + "_rels/" + file + ".rels", b.Bytes(), nil
}

// pack is the zip file that a workbook is written to.
type pack struct {
	zip   *zip.Writer
	parts []part
	open  *editor // the sheet that is being written
}

func newPack(w io.Writer, parts []part) *pack {
	p := &pack{zip: zip.NewWriter(w), parts: parts}
	p.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, compression)
	})
	return p
}

// Create begins the next part.
func (p *pack) Create(name string) (io.Writer, error) {
	if err := p.endPart(); err != nil {
		return nil, err
	}
	w, err := p.zip.Create(name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(p.parts, func(part part) bool { return part.path == name })
	if i < 0 {
		return w, nil
	}
	p.open = edited(w, p.parts[i])
	return p.open, nil
}

// AddFS is not needed: a workbook has no files of that kind.
func (p *pack) AddFS(fs.FS) error { return fs.ErrInvalid }

// Close ends the last part and writes where the links lead. Errors that excelize
// passed over while it wrote come back here: the zip writer keeps its first.
func (p *pack) Close() error {
	if err := p.endPart(); err != nil {
		return err
	}
	for _, part := range p.parts {
		if len(part.links) == 0 {
			continue
		}
		name, content, err := part.relations()
		if err != nil {
			return err
		}
		w, err := p.zip.Create(name)
		if err != nil {
			return err
		}
		if _, err := w.Write(content); err != nil {
			return err
		}
	}
	return p.zip.Close()
}

func (p *pack) endPart() error {
	e := p.open
	p.open = nil
	if e == nil {
		return nil
	}
	return e.end()
}

// byHand is how excelize marks every height that it is given. Excel would then
// never again fit the row to what a person writes in it.
const byHand = ` customHeight="1"`

// edited is the writer that a sheet goes through: heights lose the mark of a
// hand, and the insertions are made. What is looked for cannot stand in a cell's
// text, where < is written as &lt; and " as &#34;.
func edited(w io.Writer, p part) *editor {
	b := p.insertions()
	for i := len(b) - 1; i >= 0; i-- {
		w = &editor{out: w, find: []byte(b[i].mark), put: []byte(b[i].text + b[i].mark), must: true}
	}
	return &editor{out: w, find: []byte(byHand)}
}

// editor copies what is written and puts one text in the place of another.
type editor struct {
	out  io.Writer
	find []byte
	put  []byte
	must bool   // it is an error if find never comes
	held []byte // the end of what was written, which may be the beginning of find
}

// pieceSize is how much an editor takes at a time.
const pieceSize = 32 << 10

// Write passes on what can be no part of find.
func (e *editor) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		piece := b[:min(len(b), pieceSize)]
		b = b[len(piece):]
		if err := e.piece(append(e.held, piece...)); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func (e *editor) piece(b []byte) error {
	e.held = nil
	for {
		at := bytes.Index(b, e.find)
		if at < 0 {
			break
		}
		e.must = false
		if err := pass(e.out, b[:at], e.put); err != nil {
			return err
		}
		b = b[at+len(e.find):]
	}
	keep := min(len(b), len(e.find)-1)
	e.held = bytes.Clone(b[len(b)-keep:])
	return pass(e.out, b[:len(b)-keep])
}

// end passes on the rest, through all editors. It reports a text that never
// came: then the file is not what it should be.
func (e *editor) end() error {
	if e.must {
		return fmt.Errorf("no %s in the sheet", e.find)
	}
	if err := pass(e.out, e.held); err != nil {
		return err
	}
	if next, ok := e.out.(*editor); ok {
		return next.end()
	}
	return nil
}

func pass(w io.Writer, texts ...[]byte) error {
	for _, t := range texts {
		if _, err := w.Write(t); err != nil {
			return err
		}
	}
	return nil
}
