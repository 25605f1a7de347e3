// Package obsliste reads the sheet on which staff keep the citizens that the
// fleksløn robot must not touch. It is strict: a citizen missed here would be
// touched, so a row that cannot be read for certain is a mistake that stops the
// run, and all mistakes are told at once with tab, row and what to do.
package obsliste

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/internal/ident"
	"byskriver/schedules"
)

// Sheet is the tab that the list stands on.
const Sheet = "Obsliste"

// Headings are the columns, in any order.
func Headings() []string { return []string{"CPR", "Fra", "Til", "Årsag"} }

// maxRows bounds the list; maxBytes the file once unpacked.
const (
	maxRows  = 20000
	maxBytes = 64 << 20
)

// Entry is one citizen who must not be touched, from one day to another, both
// included. No last day means until further notice.
type Entry struct {
	CPR      string
	From, To schedules.Date
	Reason   string
}

// List is the whole sheet.
type List []Entry

// In gives the reason for each citizen who is on the list on any day from first to
// last.
func (l List) In(first, last schedules.Date) map[string]string {
	on := map[string]string{}
	for _, e := range l {
		if e.From.After(last) || !e.To.IsZero() && e.To.Before(first) {
			continue
		}
		if have := on[e.CPR]; have != "" && have != e.Reason {
			on[e.CPR] = have + "; " + e.Reason
		} else {
			on[e.CPR] = e.Reason
		}
	}
	return on
}

// Read reads the sheet. The error joins every mistake, each in Danish with tab and
// row and no CPR number.
func Read(file string, data []byte) (List, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxBytes, RawCellValue: true})
	if err != nil {
		return nil, fmt.Errorf("%s: filen kan ikke åbnes som et regneark (.xlsx). Gem den igen fra Excel: %w", file, err)
	}
	r := &reader{file: file, book: f}
	list, err := r.read()
	return list, errors.Join(err, f.Close())
}

type reader struct {
	file  string
	book  *excelize.File
	at    map[string]int // by heading: the column, from 0
	base  bool           // the workbook counts days from 1904
	found []error
}

// wrong notes a mistake in a row; 0 is the tab as a whole.
func (r *reader) wrong(row int, format string, args ...any) {
	where := fmt.Sprintf("%s, fanen »%s«", r.file, Sheet)
	if row > 0 {
		where += fmt.Sprintf(", række %d", row)
	}
	r.found = append(r.found, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
}

func (r *reader) read() (List, error) {
	if !slices.Contains(r.book.GetSheetList(), Sheet) {
		r.wrong(0, "Fanen mangler. Giv den rette fane netop det navn.")
		return nil, errors.Join(r.found...)
	}
	props, err := r.book.GetWorkbookProps()
	if err != nil {
		return nil, fmt.Errorf("%s: read the workbook's properties: %w", r.file, err)
	}
	r.base = props.Date1904 != nil && *props.Date1904
	grid, err := r.book.GetRows(Sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, fmt.Errorf("%s: read tab %s: %w", r.file, Sheet, err)
	}
	if err := r.merged(); err != nil {
		return nil, err
	}
	head := slices.IndexFunc(grid, filled)
	switch {
	case head < 0:
		r.wrong(0, "Fanen er tom. Skriv overskrifterne %s i øverste række; en liste uden borgere har kun dem.", strings.Join(Headings(), ", "))
	case len(grid)-head > maxRows:
		r.wrong(0, "Der er %d rækker, og der er plads til %d. Slet det, der ikke hører til.", len(grid)-head, maxRows)
	case r.heading(head+1, grid[head]):
		return r.rows(head+1, grid)
	}
	return nil, errors.Join(r.found...)
}

func (r *reader) merged() error {
	cells, err := r.book.GetMergeCells(Sheet, true)
	if err != nil {
		return fmt.Errorf("%s: read the merged cells: %w", r.file, err)
	}
	for _, m := range cells {
		r.wrong(0, "Cellerne %s:%s er flettet. Ophæv fletningen, og udfyld hver celle for sig.", m.GetStartAxis(), m.GetEndAxis())
	}
	return nil
}

func filled(cells []string) bool {
	return slices.ContainsFunc(cells, func(s string) bool { return clean(s) != "" })
}

// clean takes away blanks at the ends, those that do not break too.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch c {
		case '\u00a0', '\u202f', '\u2007':
			return ' '
		case '\ufeff', '\u200b':
			return -1
		}
		return c
	}, s))
}

// heading finds the columns; false where one is missing, unknown or there twice.
func (r *reader) heading(row int, cells []string) bool {
	r.at = map[string]int{}
	before := len(r.found)
	for i, c := range cells {
		switch h := clean(c); {
		case h == "":
		case !slices.Contains(Headings(), h):
			if strings.ContainsAny(h, "0123456789") {
				h = "(et tal)" // it may be somebody's number
			}
			r.wrong(row, "Overskriften »%s« kendes ikke. Ret den, eller slet kolonnen. Overskrifterne er %s.", h, strings.Join(Headings(), ", "))
		default:
			if _, twice := r.at[h]; twice {
				r.wrong(row, "Overskriften »%s« er der to gange. Slet den ene kolonne.", h)
			}
			r.at[h] = i
		}
	}
	for _, h := range Headings() {
		if _, ok := r.at[h]; !ok {
			r.wrong(row, "Kolonnen »%s« mangler. Indsæt den, også hvis den er tom.", h)
		}
	}
	return len(r.found) == before
}

func (r *reader) rows(head int, grid [][]string) (List, error) {
	list := List{}
	for i, cells := range grid[head:] {
		if !filled(cells) {
			continue
		}
		e, err := r.row(head+i+1, cells)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, errors.Join(r.found...)
}

// row reads one row. What stands outside the columns is a mistake too: it may have
// slipped out of one.
func (r *reader) row(row int, cells []string) (Entry, error) {
	for i, c := range cells {
		known := false
		for _, at := range r.at {
			known = known || at == i
		}
		if !known && clean(c) != "" {
			name, err := excelize.ColumnNumberToName(i + 1)
			if err != nil {
				return Entry{}, fmt.Errorf("name column %d: %w", i+1, err)
			}
			r.wrong(row, "Der står noget i kolonne %s, som ingen overskrift har. Flyt det, eller slet det.", name)
		}
	}
	get := func(h string) string {
		if at := r.at[h]; at < len(cells) {
			return clean(cells[at])
		}
		return ""
	}
	e := Entry{Reason: get("Årsag")}
	e.CPR = r.cpr(row, get("CPR"))
	e.From = r.date(row, "Fra", get("Fra"), true)
	e.To = r.date(row, "Til", get("Til"), false)
	if e.Reason == "" {
		r.wrong(row, "Årsag er tom. Skriv, hvorfor robotten skal lade borgeren være.")
	}
	if !e.From.IsZero() && !e.To.IsZero() && e.To.Before(e.From) {
		r.wrong(row, "Til ligger før Fra. Ret en af datoerne.")
	}
	return e, nil
}

// cpr reads a CPR number. A number cell loses the zeros in front, which are put
// back where that gives a number that is one.
func (r *reader) cpr(row int, text string) string {
	if _, err := strconv.ParseUint(text, 10, 64); err == nil && len(text) == 9 {
		text = "0" + text
	}
	c, ok := ident.ParseCPR(text)
	switch {
	case text == "":
		r.wrong(row, "CPR er tom. Skriv personnummeret, eller slet hele rækken.")
	case !ok:
		r.wrong(row, "CPR er ikke et personnummer på ti cifre. Ret det.")
	}
	return string(c)
}

// date reads a day: a date cell, or text such as 1.2.2026, 01-02-2026 or 2026-02-01.
func (r *reader) date(row int, heading, text string, needed bool) schedules.Date {
	if text == "" {
		if needed {
			r.wrong(row, "%s er tom. Skriv den første dag.", heading)
		}
		return schedules.Date{}
	}
	if days, err := strconv.ParseFloat(text, 64); err == nil {
		t, err := excelize.ExcelDateToTime(days, r.base)
		if err == nil && plausible(t) {
			return schedules.DateOf(t)
		}
	}
	for _, form := range []string{"2.1.2006", "2-1-2006", "2/1/2006", time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil && plausible(t) {
			return schedules.DateOf(t)
		}
	}
	r.wrong(row, "%s er ikke en dato, der kan læses. Skriv den som 1.2.2026.", heading)
	return schedules.Date{}
}

// plausible keeps numbers that are no dates from being read as dates.
func plausible(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2100 }
