package selectors

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// The size of a terminal's screen: a 3270 of model 2.
const (
	TerminalRows    = 24
	TerminalColumns = 80
)

// Terminal is where things are on the screens of a system that is worked in through
// a terminal: one YAML file, with screens: where the others have pages:.
//
//	system: kspcics
//	screens:
//	  rights:
//	    probe: [{row: 1, column: 2, text: "KSP/CICS33"}, {row: 24, text: "F8=Næste"}]
//	    fields:
//	      message: {row: 23, column: 2, length: 78}
//	    rows:
//	      first: 7
//	      last: 19
//	      columns: {mark: {column: 2, length: 1}, name: {column: 4, length: 8}}
//	    send:
//	      remove: {type: "S", shows: "S=Slet"}
//	    messages:
//	      removed: ["er slettet"]
//
// A screen is the named one when every text of its probe stands on its row. One of
// them should be on the screen's last line: what comes in two parts is then not
// taken for whole. In messages it is enough that the words are somewhere in what the
// screen says.
type Terminal struct {
	Name    string
	File    string
	Screens map[string]*Screen
}

// Screen is one screen of a terminal. Rows and columns count from 1.
type Screen struct {
	Name     string
	Line     int // in the file
	Probe    []Mark
	Fields   map[string]Place
	Rows     *Rows // nil where the screen has no list
	Send     map[string]Send
	Messages map[string][]string
}

// Mark is a text that stands on a row; at a column, or anywhere if that is 0.
type Mark struct {
	Row, Column int
	Text        string
}

// Place is where something is read or typed.
type Place struct {
	Row, Column, Length int
	Hidden              bool // what is typed there does not show
}

// Rows is a list on a screen: the rows it takes, and its columns. Row is 0 in those.
type Rows struct {
	First, Last int
	Columns     map[string]Place
}

// Send is what is typed to have something done.
type Send struct {
	Type  string
	Shows string // what the screen says where that may be typed; "" where it says nothing
}

// Says reports whether a text holds one of the words of a message.
func (s *Screen) Says(message, text string) bool {
	for _, words := range s.Messages[message] {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// LoadTerminal reads one terminal system's file. The error joins every *Fault found.
func LoadTerminal(file string) (*Terminal, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read screens: %w", err)
	}
	return ParseTerminal(file, data)
}

// ParseTerminal is LoadTerminal for a file that has been read already.
func ParseTerminal(file string, data []byte) (*Terminal, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntaxFault(file, err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, &Fault{File: file, Text: "the file must hold one document that begins with system: NAME"}
	}
	d := &decoder{file: file}
	t := d.terminal(tree.Docs[0].Body)
	if len(d.faults) > 0 {
		return nil, d.all()
	}
	return t, nil
}

// ofTerminal tells a terminal's file from one of pages.
func ofTerminal(data []byte) bool {
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("screens:")) {
			return true
		}
	}
	return false
}

// Need checks that the file has what a driver works with: names such as
// "rights.fields.message", "rights.columns.name", "rights.send.remove" and
// "rights.messages.removed". The error joins a *Fault for each that is missing.
func (t *Terminal) Need(names ...string) error {
	var missing []error
	for _, name := range names {
		parts := strings.Split(name, ".")
		s := t.Screens[parts[0]]
		switch {
		case s == nil:
			missing = append(missing, &Fault{File: t.File, Text: fmt.Sprintf("screen %s is missing; describe it under screens:", parts[0])})
		case len(parts) == 3 && !s.has(parts[1], parts[2]):
			missing = append(missing, &Fault{File: t.File, Line: s.Line, Text: fmt.Sprintf("screen %s has no %s in its %s; add it", parts[0], parts[2], parts[1])})
		}
	}
	return errors.Join(missing...)
}

func (s *Screen) has(kind, name string) (ok bool) {
	switch kind {
	case "fields":
		_, ok = s.Fields[name]
	case "columns":
		if s.Rows != nil {
			_, ok = s.Rows.Columns[name]
		}
	case "send":
		_, ok = s.Send[name]
	case "messages":
		ok = len(s.Messages[name]) > 0
	}
	return ok
}

func (d *decoder) terminal(n ast.Node) *Terminal {
	t := &Terminal{File: d.file, Screens: map[string]*Screen{}}
	entries := d.mapping(n, "the file", "system", "screens")
	for _, e := range entries {
		switch e.key {
		case "system":
			t.Name = d.text(e.value, "system")
		case "screens":
			for _, s := range d.mapping(e.value, "screens") {
				t.Screens[s.key] = d.screen(s)
			}
		}
	}
	if !has(entries, "system") {
		d.fault(1, "system is missing; begin the file with system: NAME")
	}
	if len(t.Screens) == 0 {
		d.fault(1, "the file describes no screen; add screens: with at least one")
	}
	return t
}

func (d *decoder) screen(e entry) *Screen {
	s := &Screen{Name: e.key, Line: e.line, Fields: map[string]Place{}, Send: map[string]Send{}, Messages: map[string][]string{}}
	what := "screen " + e.key
	parts := d.mapping(e.value, what, "probe", "fields", "rows", "send", "messages")
	for _, part := range parts {
		switch part.key {
		case "probe":
			for _, item := range d.list(part.value, what+", probe") {
				s.Probe = append(s.Probe, d.mark(item, what+", probe"))
			}
		case "fields":
			for _, f := range d.mapping(part.value, what+", fields") {
				s.Fields[f.key] = d.place(f.value, what+", field "+f.key, true)
			}
		case "rows":
			s.Rows = d.rows(part, what+", rows")
		case "send":
			for _, x := range d.mapping(part.value, what+", send") {
				s.Send[x.key] = d.send(x, what+", send "+x.key)
			}
		case "messages":
			for _, m := range d.mapping(part.value, what+", messages") {
				for _, item := range d.list(m.value, what+", message "+m.key) {
					s.Messages[m.key] = append(s.Messages[m.key], d.text(item, what+", message "+m.key))
				}
			}
		}
	}
	if !has(parts, "probe") {
		d.fault(e.line, "%s has no probe; add probe: [{row: 1, text: \"...\"}] with words that only this screen shows", what)
	}
	return s
}

func (d *decoder) mark(n ast.Node, what string) Mark {
	var m Mark
	parts := d.mapping(n, what, "row", "column", "text")
	for _, part := range parts {
		switch part.key {
		case "row":
			m.Row = d.number(part, what+", row", TerminalRows)
		case "column":
			m.Column = d.number(part, what+", column", TerminalColumns)
		case "text":
			m.Text = d.text(part.value, what+", text")
		}
	}
	if parts != nil && (!has(parts, "row") || !has(parts, "text")) {
		d.fault(line(n), "%s: an entry says on which row which text stands: {row: 1, text: \"...\"}", what)
	}
	return m
}

func (d *decoder) place(n ast.Node, what string, row bool) Place {
	var p Place
	keys := []string{"column", "length", "hidden"}
	if row {
		keys = append(keys, "row")
	}
	parts := d.mapping(n, what, keys...)
	for _, part := range parts {
		switch part.key {
		case "row":
			p.Row = d.number(part, what+", row", TerminalRows)
		case "column":
			p.Column = d.number(part, what+", column", TerminalColumns)
		case "length":
			p.Length = d.number(part, what+", length", TerminalColumns)
		case "hidden":
			p.Hidden = d.boolean(part.value, what+", hidden")
		}
	}
	switch {
	case parts == nil:
	case row && !has(parts, "row"), !has(parts, "column"), !has(parts, "length"):
		d.fault(line(n), "%s needs its place: row (not in a list), column and length", what)
	case p.Column+p.Length-1 > TerminalColumns:
		d.fault(line(n), "%s ends in column %d; a row has %d", what, p.Column+p.Length-1, TerminalColumns)
	}
	return p
}

func (d *decoder) rows(e entry, what string) *Rows {
	r := &Rows{Columns: map[string]Place{}}
	parts := d.mapping(e.value, what, "first", "last", "columns")
	for _, part := range parts {
		switch part.key {
		case "first":
			r.First = d.number(part, what+", first", TerminalRows)
		case "last":
			r.Last = d.number(part, what+", last", TerminalRows)
		case "columns":
			for _, c := range d.mapping(part.value, what+", columns") {
				r.Columns[c.key] = d.place(c.value, what+", column "+c.key, false)
			}
		}
	}
	if r.First == 0 || r.Last < r.First || len(r.Columns) == 0 {
		d.fault(e.line, "%s: a list needs first and last row, in that order, and columns", what)
	}
	return r
}

// send is a text, or {type: ..., shows: ...}.
func (d *decoder) send(e entry, what string) Send {
	if _, short := e.value.(ast.ScalarNode); short {
		return Send{Type: d.text(e.value, what)}
	}
	var s Send
	for _, part := range d.mapping(e.value, what, "type", "shows") {
		switch part.key {
		case "type":
			s.Type = d.text(part.value, what+", type")
		case "shows":
			s.Shows = d.text(part.value, what+", shows")
		}
	}
	if s.Type == "" {
		d.fault(e.line, "%s has no type; say what is to be typed", what)
	}
	return s
}

// number is a whole number from 1 to most.
func (d *decoder) number(e entry, what string, most int) int {
	if i, ok := e.value.(*ast.IntegerNode); ok {
		if n, err := strconv.Atoi(i.GetToken().Value); err == nil && n >= 1 && n <= most {
			return n
		}
	}
	d.fault(e.line, "%s must be a whole number from 1 to %d", what, most)
	return 0
}
