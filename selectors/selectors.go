package selectors

import (
	"fmt"
	"sort"
	"strings"
)

// System is one existing system's screens.
type System struct {
	Name     string // such as "opus"
	File     string // the file it was read from, for messages
	Pages    map[string]*Page
	Overlays []Overlay // in the file's order
	Dialogs  []Dialog  // in the file's order; the first that fits decides
}

// Page is one screen. Its frame is the way to it through iframes from the
// window's own document; empty if it is that document.
type Page struct {
	Name     string
	Probe    []Way // any one of them says that this is the page
	Frame    []Frame
	Elements map[string]*Element
	Tables   map[string]*Table
	Messages map[string][]Way // named outcomes, each by any one of its texts
	Line     int              // in the file
}

// Element is one thing on a page that is read, filled in or pressed.
type Element struct {
	Name string
	Ways []Way  // in the order they are tried
	Kind string // how a value typed is compared with the value shown; see Same
	Keys bool   // typed key by key, for fields that listen to keys and not to input
	Line int
}

// Table is a table on a page. Its columns are found by their headings, so that a
// column that has moved does no harm.
type Table struct {
	Name    string
	Find    []Way             // which table; may be empty if the headings say so
	Columns map[string]string // column name -> the heading's whole text
	Line    int
}

// Overlay is something that may lie over a page at any time and is pressed away
// when it is in the way, such as a cookie bar.
type Overlay struct {
	Name  string
	Close []Way // what closes it
}

// Dialog says how a question that the page asks in a box of the browser's own
// (confirm, prompt) is answered. Plain alerts need no entry.
type Dialog struct {
	Text   string // part of what the box says
	Accept bool
	Line   int
}

// By is how a Way finds.
type By string

// The ways to find something. In probes and messages Text is part of what the
// page says; elsewhere Label, Text and the name of a Role are whole texts.
const (
	ByLabel By = "label" // the control that has this label, also as its neighbour in a table
	ByText  By = "text"  // the innermost element with this text
	ByRole  By = "role"  // ARIA role, with Name the accessible name
	ByCSS   By = "css"
	ByXPath By = "xpath"
)

// Way is one way to find something.
type Way struct {
	By    By     `json:"by"`
	Value string `json:"value"`
	Name  string `json:"name,omitempty"` // with ByRole only; empty for any name
	Line  int    `json:"-"`
}

// String is the way as it would stand in the file.
func (w Way) String() string {
	if w.By == ByRole && w.Name != "" {
		return fmt.Sprintf("role: %s, name: %q", w.Value, w.Name)
	}
	return fmt.Sprintf("%s: %q", w.By, w.Value)
}

// Frame is one step through an iframe. By is "name" (its name or id), "title"
// (its title, or that of the document in it) or "url" (part of its address).
type Frame struct {
	By    string `json:"by"`
	Value string `json:"value"`
}

// String is the step as it would stand in the file.
func (f Frame) String() string {
	if f.By == "name" {
		return f.Value
	}
	return f.By + ":" + f.Value
}

// Page is the page of that name, or an error that says which there are.
func (s *System) Page(name string) (*Page, error) {
	if p, ok := s.Pages[name]; ok {
		return p, nil
	}
	return nil, fmt.Errorf("%s has no page %q; it has %s", s.File, name, names(s.Pages))
}

// Element is the element of that name, or an error that says which there are.
func (p *Page) Element(name string) (*Element, error) {
	if e, ok := p.Elements[name]; ok {
		return e, nil
	}
	return nil, fmt.Errorf("page %s has no element %q; it has %s", p.Name, name, names(p.Elements))
}

// Table is the table of that name, or an error that says which there are.
func (p *Page) Table(name string) (*Table, error) {
	if t, ok := p.Tables[name]; ok {
		return t, nil
	}
	return nil, fmt.Errorf("page %s has no table %q; it has %s", p.Name, name, names(p.Tables))
}

func names[V any](m map[string]V) string {
	if len(m) == 0 {
		return "none"
	}
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	sort.Strings(list)
	return strings.Join(list, ", ")
}
