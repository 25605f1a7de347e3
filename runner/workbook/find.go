package workbook

import (
	"strconv"

	"byskriver/runner"
)

// findings are what a file holds before anything is judged.
type findings struct {
	rows    int                        // rows with a number
	entries []entry                    // rows that somebody wrote in
	lists   map[string][]runner.Choice // decision sets by key
	errors  []RowError                 // sheets whose headings do not suffice
}

// entry is a row that somebody wrote in.
type entry struct {
	sheet string
	row   int
	cells [columns]value // only the needed ones are filled
}

func (e *entry) text(c column) string { return e.cells[c].text }

// headRows is how far down a sheet the headings may stand.
const headRows = 100

// find goes through all sheets. A sheet is a robot's if it has the headings Nr and
// Afgørelse, and the list sheet if it has that sheet's; others are passed over.
func (s *spreadsheet) find() (*findings, error) {
	found := &findings{lists: map[string][]runner.Choice{}}
	known := false
	for _, part := range s.sheets {
		f := &finder{sheet: part.name, found: found}
		if err := s.rows(part.part, f.row); err != nil {
			return nil, err
		}
		known = known || f.places != nil
	}
	if !known {
		return nil, errNoRows
	}
	return found, nil
}

// finder goes through one sheet.
type finder struct {
	sheet  string
	found  *findings
	places map[column]int // where a robot's columns are; nil before the headings
	list   map[string]int // where the list sheet's columns are
	broken bool           // headings are missing: reported, the rows are passed over
}

func (f *finder) row(row int, cells map[int]value) error {
	switch {
	case f.broken:
	case f.places != nil:
		f.entry(row, cells)
	case f.list != nil:
		f.choice(cells)
	case row <= headRows:
		f.heads(row, cells)
	}
	return nil
}

// heads looks whether a row is one of headings.
func (f *finder) heads(row int, cells map[int]value) {
	places, twice := map[string]int{}, map[string]bool{}
	for col, v := range cells {
		name := folded(v.text)
		if _, ok := places[name]; ok {
			twice[name] = true
		}
		places[name] = col
	}
	has := func(name string) bool { _, ok := places[folded(name)]; return ok }
	if has(headings[colNumber]) && has(headings[colChoice]) {
		f.places = map[column]int{}
		for _, c := range needed {
			if !has(headings[c]) || twice[folded(headings[c])] {
				f.headError(row, c, twice[folded(headings[c])])
				return
			}
			f.places[c] = places[folded(headings[c])]
		}
		return
	}
	for _, h := range listHeads {
		if !has(h) {
			return
		}
	}
	f.list = places
}

// headError refuses a sheet that lacks a column, or has one twice: it cannot be
// known which is meant.
func (f *finder) headError(row int, c column, twice bool) {
	f.broken = true
	code, what := "column-missing", "mangler. Giv kolonnen sin overskrift tilbage, eller brug den oprindelige fil"
	if twice {
		code, what = "column-twice", "findes to gange. Slet eller omdøb den ene"
	}
	f.found.errors = append(f.found.errors, RowError{
		Sheet: f.sheet, Row: row, Code: code,
		Text: "Kolonnen " + headings[c] + " " + what + ". Ingen rækker på arket er læst.",
	})
}

// entry keeps a row if somebody wrote in it.
func (f *finder) entry(row int, cells map[int]value) {
	if !cells[f.places[colNumber]].blank() {
		f.found.rows++
	}
	e := entry{sheet: f.sheet, row: row}
	touched := false
	for _, c := range needed {
		e.cells[c] = cells[f.places[c]]
		if c == colChoice || c == colValue || c == colNote {
			touched = touched || !e.cells[c].blank()
		}
	}
	if touched {
		f.found.entries = append(f.found.entries, e)
	}
}

// choice reads a line of the list sheet. Whether it is as we wrote it shows by the
// codes of the rows that go by it.
func (f *finder) choice(cells map[int]value) {
	at := func(i int) string { return cells[f.list[folded(listHeads[i])]].text }
	key := at(0)
	if key == "" {
		return
	}
	f.found.lists[key] = append(f.found.lists[key], runner.Choice{
		Label: at(1), Action: at(2), NeedsValue: at(3) == yes, NeedsNote: at(4) == yes,
	})
}

// revision is the row's revision, or ok false if it is no whole number.
func (e *entry) revision() (n int, ok bool) {
	n, err := strconv.Atoi(e.text(colRevision))
	return n, err == nil && n >= 0
}
