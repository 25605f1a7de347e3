package selectors

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

func (d *decoder) system(n ast.Node) *System {
	s := &System{File: d.file, Pages: map[string]*Page{}}
	entries := d.mapping(n, "the file", "system", "pages", "overlays", "dialogs")
	for _, e := range entries {
		switch e.key {
		case "system":
			s.Name = d.text(e.value, "system")
		case "pages":
			for _, p := range d.mapping(e.value, "pages") {
				s.Pages[p.key] = d.page(p)
			}
		case "overlays":
			for _, o := range d.mapping(e.value, "overlays") {
				s.Overlays = append(s.Overlays, Overlay{Name: o.key, Close: d.ways(o.value, "overlay "+o.key)})
			}
		case "dialogs":
			for _, item := range d.list(e.value, "dialogs") {
				s.Dialogs = append(s.Dialogs, d.dialog(item))
			}
		}
	}
	if !has(entries, "system") {
		d.fault(1, "system is missing; begin the file with system: NAME")
	}
	if len(s.Pages) == 0 {
		d.fault(1, "the file describes no page; add pages: with at least one")
	}
	return s
}

func (d *decoder) page(e entry) *Page {
	p := &Page{Name: e.key, Line: e.line, Elements: map[string]*Element{}, Tables: map[string]*Table{}, Messages: map[string][]Way{}}
	what := "page " + e.key
	if strings.Contains(e.key, ".") {
		d.fault(e.line, "%s: a page's name holds no dot; the dot parts page and element", what)
	}
	parts := d.mapping(e.value, what, "probe", "frame", "elements", "tables", "messages")
	for _, part := range parts {
		switch part.key {
		case "probe":
			p.Probe = d.ways(part.value, what+", probe")
		case "frame":
			p.Frame = d.frame(part.value, what+", frame")
		case "elements":
			for _, el := range d.mapping(part.value, what+", elements") {
				p.Elements[el.key] = d.element(el, what)
			}
		case "tables":
			for _, t := range d.mapping(part.value, what+", tables") {
				p.Tables[t.key] = d.table(t, what)
			}
		case "messages":
			for _, m := range d.mapping(part.value, what+", messages") {
				p.Messages[m.key] = d.ways(m.value, what+", message "+m.key)
			}
		}
	}
	if !has(parts, "probe") {
		d.fault(e.line, "%s has no probe; add probe: [{text: \"...\"}] with words that only this page shows", what)
	}
	return p
}

func (d *decoder) frame(n ast.Node, what string) []Frame {
	var steps []Frame
	for _, item := range d.list(n, what) {
		step := Frame{By: "name", Value: d.text(item, what)}
		for _, by := range []string{"title", "url", "name"} {
			if rest, ok := strings.CutPrefix(step.Value, by+":"); ok {
				step = Frame{By: by, Value: strings.TrimSpace(rest)}
			}
		}
		steps = append(steps, step)
	}
	return steps
}

func (d *decoder) element(e entry, page string) *Element {
	el := &Element{Name: e.key, Line: e.line, Kind: KindText}
	what := fmt.Sprintf("%s, element %s", page, e.key)
	if _, short := e.value.(*ast.SequenceNode); short {
		el.Ways = d.ways(e.value, what)
		return el
	}
	parts := d.mapping(e.value, what, "find", "kind", "keys")
	for _, part := range parts {
		switch part.key {
		case "find":
			el.Ways = d.ways(part.value, what+", find")
		case "kind":
			el.Kind = d.text(part.value, what+", kind")
			if known := append(Kinds(), d.kinds...); !contains(known, el.Kind) {
				d.fault(part.line, "%s: kind %q is not known; use one of %s", what, el.Kind, quoted(known))
			}
		case "keys":
			el.Keys = d.boolean(part.value, what+", keys")
		}
	}
	if parts != nil && !has(parts, "find") {
		d.fault(e.line, "%s has no way to be found; add [{label: \"...\"}] or find: [...]", what)
	}
	return el
}

func (d *decoder) table(e entry, page string) *Table {
	t := &Table{Name: e.key, Line: e.line, Columns: map[string]string{}}
	what := fmt.Sprintf("%s, table %s", page, e.key)
	for _, part := range d.mapping(e.value, what, "find", "columns") {
		switch part.key {
		case "find":
			t.Find = d.ways(part.value, what+", find")
		case "columns":
			for _, c := range d.mapping(part.value, what+", columns") {
				t.Columns[c.key] = d.text(c.value, what+", column "+c.key)
			}
		}
	}
	if len(t.Columns) == 0 {
		d.fault(e.line, "%s has no columns; add columns: {name: \"heading\"}", what)
	}
	return t
}

func (d *decoder) dialog(n ast.Node) Dialog {
	q := Dialog{Line: line(n)}
	for _, part := range d.mapping(n, "a dialog", "text", "accept") {
		switch part.key {
		case "text":
			q.Text = d.text(part.value, "a dialog's text")
		case "accept":
			q.Accept = d.boolean(part.value, "a dialog's accept")
		}
	}
	if q.Text == "" {
		d.fault(q.Line, "a dialog has no text; add text: with part of what the box says")
	}
	return q
}

// ways is a list of ways; a bare text in it is short for {text: "..."}.
func (d *decoder) ways(n ast.Node, what string) []Way {
	var list []Way
	for _, item := range d.list(n, what) {
		if _, bare := item.(ast.ScalarNode); bare {
			list = append(list, Way{By: ByText, Value: d.text(item, what), Line: line(item)})
			continue
		}
		list = append(list, d.way(item, what))
	}
	return list
}

func (d *decoder) way(n ast.Node, what string) Way {
	w := Way{Line: line(n)}
	for _, part := range d.mapping(n, what, "label", "text", "role", "name", "css", "xpath") {
		value := d.text(part.value, what+", "+part.key)
		switch {
		case part.key == "name":
			w.Name = value
		case w.By != "":
			d.fault(part.line, "%s: one entry is one way, this has %s and %s; make two entries of it", what, w.By, part.key)
		default:
			w.By, w.Value = By(part.key), value
		}
	}
	if w.By == "" || w.Name != "" && w.By != ByRole {
		d.fault(w.Line, "%s: name goes with role, as in {role: button, name: \"Søg\"}", what)
	}
	return w
}

// syntaxFault turns the YAML parser's own error into a Fault with its line.
func syntaxFault(file string, err error) error {
	f := &Fault{File: file, Text: err.Error()}
	var y yaml.Error
	if errors.As(err, &y) {
		f.Text = "this is not YAML: " + y.GetMessage()
		if t := y.GetToken(); t != nil {
			f.Line = t.Position.Line
		}
	}
	return f
}

func has(entries []entry, key string) bool {
	return slices.ContainsFunc(entries, func(e entry) bool { return e.key == key })
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func quoted(list []string) string { return strings.Join(list, ", ") }
