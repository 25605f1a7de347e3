package workbook

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
)

// part is what is set into one sheet's XML while it is packed.
type part struct {
	path  string // such as xl/worksheets/sheet2.xml
	links []link
	texts string // the cells in which a number as text is meant, such as A2:N9; "" if none
}

// link is a link out of a cell.
type link struct{ cell, target string }

// insertion is what is set in before a mark in the sheet's XML. Where things stand
// is fixed by CT_Worksheet (ECMA-376 part 1, 18.3.1.99): links before the page's
// margins, ignored errors after headers and footers.
type insertion struct {
	mark  string
	write func(w io.Writer) error
}

func (p part) insertions() []insertion {
	var in []insertion
	if len(p.links) > 0 {
		in = append(in, insertion{"<pageMargins", p.writeLinks})
	}
	if p.texts != "" {
		in = append(in, insertion{"</worksheet>", p.writeIgnored})
	}
	return in
}

func (p part) writeLinks(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString("<hyperlinks>")
	for i, l := range p.links {
		fmt.Fprintf(b, `<hyperlink ref="%s" r:id="rId%d"/>`, l.cell, i+1)
	}
	b.WriteString("</hyperlinks>")
	return b.Flush() // it keeps the first error
}

func (p part) writeIgnored(w io.Writer) error {
	_, err := io.WriteString(w, `<ignoredErrors><ignoredError sqref="`+p.texts+`" numberStoredAsText="1"/></ignoredErrors>`)
	return err
}

// relationsName is the part that says where the links lead.
func (p part) relationsName() string {
	dir, file := path.Split(p.path)
	return dir + "_rels/" + file + ".rels"
}

func (p part) writeRelations(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString(xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i, l := range p.links {
		fmt.Fprintf(b, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="`, i+1)
		if err := xml.EscapeText(b, []byte(l.target)); err != nil {
			return err
		}
		b.WriteString(`" TargetMode="External"/>`)
	}
	b.WriteString(`</Relationships>`)
	return b.Flush()
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
		w, err := p.zip.Create(part.relationsName())
		if err != nil {
			return err
		}
		if err := part.writeRelations(w); err != nil {
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
	in := p.insertions()
	for i := len(in) - 1; i >= 0; i-- {
		w = &editor{out: w, find: []byte(in[i].mark), keep: true, put: in[i].write, must: true}
	}
	return &editor{out: w, find: []byte(byHand)}
}

// editor copies what is written. Where it finds a text it puts something before
// it, or leaves it out.
type editor struct {
	out  io.Writer
	find []byte
	keep bool                    // find itself is written too
	put  func(w io.Writer) error // writes what stands before find; nil for nothing
	must bool                    // it is an error if find never comes
	held []byte                  // the end of what was written, which may be the beginning of find
}

// pieceSize is how much an editor takes at a time.
const pieceSize = 32 << 10

// Write passes on what can be no part of find.
func (e *editor) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		piece := b[:min(len(b), pieceSize)]
		b = b[len(piece):]
		e.held = append(e.held, piece...)
		rest, err := e.edit(e.held)
		if err != nil {
			return 0, err
		}
		e.held = append(e.held[:0], rest...)
	}
	return n, nil
}

// edit passes on b but for the end that may be the beginning of find.
func (e *editor) edit(b []byte) (rest []byte, err error) {
	for {
		at := bytes.Index(b, e.find)
		if at < 0 {
			break
		}
		if err := e.found(b[:at]); err != nil {
			return nil, err
		}
		b = b[at+len(e.find):]
	}
	keep := min(len(b), len(e.find)-1)
	_, err = e.out.Write(b[:len(b)-keep])
	return b[len(b)-keep:], err
}

func (e *editor) found(before []byte) error {
	e.must = false
	if _, err := e.out.Write(before); err != nil {
		return err
	}
	if e.put != nil {
		if err := e.put(e.out); err != nil {
			return err
		}
	}
	if !e.keep {
		return nil
	}
	_, err := e.out.Write(e.find)
	return err
}

// end passes on the rest, through all editors. It reports a text that never
// came: then the file is not what it should be.
func (e *editor) end() error {
	if e.must {
		return fmt.Errorf("no %s in the sheet", e.find)
	}
	if _, err := e.out.Write(e.held); err != nil {
		return err
	}
	if next, ok := e.out.(*editor); ok {
		return next.end()
	}
	return nil
}
