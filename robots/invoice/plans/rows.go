package plans

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// What stands here lets a sheet of another kind than the plans be read as
// strictly: every mistake at once, with tab, row and column.

// Field is one text column of a sheet whose rows are of type T.
type Field[T any] struct {
	Name     string // the heading
	Optional bool   // a cell may be empty
	Choices  []Choice
	Checks   []FieldCheck
	At       func(*T) *string // where the value goes
}

// Choice is a code and the word that staff write for it.
type Choice = choice

// FieldCheck turns a cell's text into the value kept, or says what is wrong.
type FieldCheck = textCheck

// BasisChoices and ActionChoices are the words of the plans' columns.
func BasisChoices() []Choice { return bases }

// ActionChoices are how far the robot may go.
func ActionChoices() []Choice { return actions }

// WordOf is the Danish word for a code, or the code itself if it is unknown.
func WordOf(choices []Choice, code string) string { return wordOf(choices, code) }

// AccountChecks are those of an artskonto, and of a VAT code.
func AccountChecks() []FieldCheck { return []FieldCheck{longest(20), oneWord} }

// PSPChecks are those of a PSP element.
func PSPChecks() []FieldCheck { return []FieldCheck{isPSP} }

// CostCentreChecks are those of an omkostningssted.
func CostCentreChecks() []FieldCheck { return []FieldCheck{isCostCentre} }

// TextChecks are those of a text of at most so many characters.
func TextChecks(most int) []FieldCheck { return []FieldCheck{longest(most), noCPR} }

// SheetRow is one row as read.
type SheetRow[T any] struct {
	Number int // as Excel counts
	Value  T
	read   row[T]
	tab    string
}

// Good reports whether the cells under the headings were all read.
func (r SheetRow[T]) Good(headings ...string) bool { return r.read.good(headings...) }

// Problem is something wrong with a cell of the row.
func (r SheetRow[T]) Problem(code, heading, text string, fatal bool) Problem {
	return Problem{Code: code, Sheet: r.tab, Row: r.Number, Column: heading, Cell: r.read.cells[heading], Text: text, Fatal: fatal}
}

// ReadRows reads one tab of an xlsx file. The rows come back also where there are
// problems, so that what is wrong between rows can be told at the same time; the
// caller refuses the sheet if any problem is fatal.
func ReadRows[T any](data []byte, tab string, fields []Field[T], l FileLimits) ([]SheetRow[T], Meta, []Problem) {
	if bad := inspect(data, l); bad != nil {
		_, problems := refuse(bad)
		return nil, Meta{}, problems
	}
	rows, m, problems, err := readRows(data, tab, fields, l)
	if err != nil {
		_, problems = refuse(damaged())
		return nil, Meta{}, problems
	}
	return rows, m, problems
}

func readRows[T any](data []byte, tab string, fields []Field[T], l FileLimits) (all []SheetRow[T], m Meta, problems []Problem, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the spreadsheet library gave up: %v", r)
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: l.UnzippedBytes, UnzipXMLSizeLimit: l.UnzippedBytes})
	if err != nil {
		return nil, m, nil, err
	}
	defer f.Close()
	columns := make([]column[T], len(fields))
	for i, field := range fields {
		columns[i] = field.column()
	}
	out := &found{limits: l}
	rows, err := readTable(f, tab, columns, nil, out)
	if err != nil {
		return nil, m, nil, err
	}
	m, err = meta(f)
	for _, r := range rows {
		all = append(all, SheetRow[T]{Number: r.number, Value: r.value, read: r, tab: tab})
		m.HiddenRows += r.hidden
	}
	return all, m, out.sorted(), err
}

func (f Field[T]) column() column[T] {
	return column[T]{name: f.Name, optional: f.Optional, read: func(c cell, row *T) *fault {
		s, bad := c.asText()
		if f.Choices != nil {
			s, bad = c.asChoice(f.Choices)
		}
		for _, check := range f.Checks {
			if bad == nil {
				s, bad = check(s)
			}
		}
		if bad == nil {
			*f.At(row) = s
		}
		return bad
	}}
}
