// Package judge reads the text of an answer from the police and says whether it is
// a clean certificate. It is pure, and it fails closed: an answer is clean only if
// every line of its page stands as one known form of the municipality's file has
// it, the type's title, the person's number and the clean sentence among them, each
// exactly once. Everything else is for people.
//
// Which sentence a clean certificate of each type has is not known here: it stands
// in the municipality's file (attester.yaml), and so do the forms.
package judge

import (
	"slices"
	"strings"

	"byskriver/robots/internal/ident"
)

// Form is one known page of an answer, line by line from top to bottom, blank lines
// and blanks at the ends of lines apart. A line stands for itself, but for what is
// in braces:
//
//	{titel}  the type's title
//	{ren}    the type's clean sentence, alone on its line
//	{afslag} the type's refusal sentence, alone on its line
//	{cpr}    a CPR number, DDMMYY-SSSS
//	{navn}   a name: letters, blanks, hyphens, full stops, apostrophes
//	{dato}   a date, D. month YYYY or DD-MM-YYYY
//	{nr}     up to 20 digits, letters, hyphens and slashes without a blank
//
// Nothing that stands in for braces may have two blanks in a row on the page: the
// layout puts a stamp, or another column, beside what it stands beside.
type Form []string

// Type is what the answers of one type look like.
type Type struct {
	Code    string `json:"code"`
	Title   string `json:"title"`             // such as "Børneattest", as it stands on the page
	Clean   string `json:"clean"`             // the clean sentence
	Refusal string `json:"refusal,omitempty"` // the sentence that says that the person gave no consent
	Forms   []Form `json:"forms"`
}

// Page is the text of an answer as pdftotext -layout gives it.
type Page struct {
	Text   string
	Images int // pictures in the document; a scan is one
}

// Outcome is what an answer comes to.
type Outcome string

// The outcomes of a reading. The zero value is the careful one.
const (
	People  Outcome = ""        // somebody must look at it
	Clean   Outcome = "clean"   // exactly the clean page of its type
	Refused Outcome = "refused" // exactly the page that says that there was no consent
)

// Why an answer is for people. It tells nothing of what the answer says.
type Why string

// The reasons.
const (
	NoText    Why = "no-text"   // nothing but blanks
	Scanned   Why = "scanned"   // nothing but blanks, and a picture
	Unknown   Why = "unknown"   // the page is of no known form
	Pictures  Why = "pictures"  // a known form, but with more pictures than it has
	Ambiguous Why = "ambiguous" // of more than one form
)

// Reading is what is read from an answer.
type Reading struct {
	Outcome Outcome
	Why     Why
	// Type and CPR are of the form; where the page has none they are what can be
	// told nonetheless, to find whose answer it is: the one title that is a line of
	// the page, and the one number in it. "" where there is none or more than one.
	Type string
	CPR  ident.CPR
	Name string // as the form's page has it; "" where the page is of no known form
}

// Names reports whether a page's name and an order's are the same: letter by letter,
// whatever is a capital, and however many blanks stand between the parts. Anything
// else is for people: a part left out, an initial, a hyphen, or a word more.
func Names(page, order string) bool {
	a, b := strings.Join(strings.Fields(page), " "), strings.Join(strings.Fields(order), " ")
	return a != "" && strings.EqualFold(a, b)
}

// Read reads a page.
func Read(p Page, types []Type, mostImages int) Reading {
	rows := rowsOf(p.Text)
	if len(rows) == 0 {
		r := Reading{Why: NoText}
		if p.Images > 0 {
			r.Why = Scanned
		}
		return r
	}
	var found []Reading
	for _, t := range types {
		for _, f := range t.Forms {
			if r, ok := t.match(f, rows); ok {
				found = append(found, r)
			}
		}
	}
	switch {
	case len(found) == 1 && p.Images <= mostImages:
		return found[0]
	case len(found) == 1:
		return Reading{Why: Pictures, Type: found[0].Type, CPR: found[0].CPR, Name: found[0].Name}
	}
	lines := linesOf(p.Text)
	r := Reading{Why: Unknown, Type: titled(lines, types), CPR: onlyNumber(lines)}
	if len(found) > 1 {
		r.Why = Ambiguous
	}
	return r
}

// row is a line of a page. Runs of blanks count as one: the layout stretches lines.
// Nothing else is taken away.
type row struct {
	text string
	wide []int // where in the text a blank stands for more than one
}

// rowsOf are a page's lines that are not blank.
func rowsOf(text string) []row {
	var rows []row
	for _, l := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == '\f' }) {
		var r row
		wide := false
		for _, part := range strings.Split(l, " ") {
			if part == "" {
				wide = true
				continue
			}
			if r.text != "" {
				if wide {
					r.wide = append(r.wide, len(r.text))
				}
				r.text += " "
			}
			r.text, wide = r.text+part, false
		}
		if r.text != "" {
			rows = append(rows, r)
		}
	}
	return rows
}

// linesOf are the rows' texts.
func linesOf(text string) []string {
	var lines []string
	for _, r := range rowsOf(text) {
		lines = append(lines, r.text)
	}
	return lines
}

// match holds a page against a form of the type.
func (t Type) match(f Form, rows []row) (Reading, bool) {
	if len(f) != len(rows) {
		return Reading{}, false
	}
	r := Reading{Type: t.Code}
	for i, pattern := range f {
		if !t.line(pattern, rows[i], &r) {
			return Reading{}, false
		}
	}
	// A form without a number, a name or a sentence proves nothing; Check refuses it.
	return r, r.CPR != "" && r.Name != "" && r.Outcome != People
}

// line holds one line against its pattern.
func (t Type) line(pattern string, on row, r *Reading) bool {
	line := on.text
	switch pattern {
	case "{ren}":
		r.Outcome = Clean
		return t.Clean != "" && line == t.Clean
	case "{afslag}":
		r.Outcome = Refused
		return t.Refusal != "" && line == t.Refusal
	}
	literal, rest, any := strings.Cut(pattern, "{")
	line, ok := strings.CutPrefix(line, literal)
	if !any || !ok {
		return ok && line == ""
	}
	name, after, _ := strings.Cut(rest, "}")
	middle, ok := strings.CutSuffix(line, after)
	begin := len(literal)
	stretched := slices.ContainsFunc(on.wide, func(at int) bool { return at >= begin && at < begin+len(middle) })
	return ok && !stretched && t.fills(name, middle, r)
}

// fills reports whether a text can stand where the form has a name in braces.
func (t Type) fills(name, text string, r *Reading) bool {
	switch name {
	case "titel":
		return t.Title != "" && text == t.Title
	case "cpr":
		c, ok := ident.ParseCPR(text)
		ok = ok && len(text) == 11 && text[6] == '-' && r.CPR == ""
		r.CPR = c
		return ok
	case "navn":
		ok := isName(text) && r.Name == ""
		r.Name = text
		return ok
	case "dato":
		return isDate(text)
	case "nr":
		return isReference(text)
	}
	return false
}

// titled is the one type whose title is a line of the page.
func titled(lines []string, types []Type) string {
	code := ""
	for _, t := range types {
		for _, l := range lines {
			if l != t.Title || t.Title == "" || code == t.Code {
				continue
			}
			if code != "" {
				return ""
			}
			code = t.Code
		}
	}
	return code
}

// onlyNumber is the one CPR number in the page.
func onlyNumber(lines []string) ident.CPR {
	var only ident.CPR
	for _, m := range ident.FindCPR(strings.Join(lines, "\n")) {
		if only != "" && m.Number != only {
			return ""
		}
		only = m.Number
	}
	return only
}
