package plans

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// row is one row of a sheet as read.
type row[T any] struct {
	number int // as Excel counts
	value  T
	cells  map[string]string // by heading: the cell's name
	bad    map[string]bool   // by heading: the cell could not be read
	hidden int               // 1 if nobody sees the row
}

// good reports whether the cells under the headings were all read.
func (r row[T]) good(headings ...string) bool {
	for _, h := range headings {
		if r.bad[h] {
			return false
		}
	}
	return true
}

// rowCheck is a rule about several cells of one row.
type rowCheck[T any] struct {
	code   string
	needs  []string // the headings it looks at; the last is the one it points at
	notice bool
	broken func(v T) string // Danish, or "" if the rule holds
}

// readTable reads one sheet: a header row, then a row each. Problems go to out;
// an error means that the file itself cannot be read.
func readTable[T any](f *excelize.File, sheet string, columns []column[T], checks []rowCheck[T], out *found) ([]row[T], error) {
	if !slices.Contains(f.GetSheetList(), sheet) {
		out.add(Problem{Code: ProblemSheet, Fatal: true,
			Text: "Fanen " + quoted(sheet) + " mangler. Opret den, eller giv den rette fane netop det navn."})
		return nil, nil
	}
	grid, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, err
	}
	if err := checkLayout(f, sheet, out); err != nil {
		return nil, err
	}
	r, err := newReader(f, sheet)
	if err != nil {
		return nil, err
	}
	head := slices.IndexFunc(grid, filled)
	if head < 0 {
		out.add(Problem{Code: ProblemColumn, Sheet: sheet, Fatal: true,
			Text: "Fanen er tom. Skriv overskrifterne i øverste række: " + listing(names(columns)) + "."})
		return nil, nil
	}
	if n := len(grid) - head - 1; n > out.limits.Rows {
		out.add(Problem{Code: ProblemRows, Sheet: sheet, Row: len(grid), Fatal: true,
			Text: fmt.Sprintf("Fanen har %d rækker under overskrifterne; der er plads til %d. Slet det, der ikke hører til, eller del arket.", n, out.limits.Rows)})
		return nil, nil
	}
	t := table[T]{reader: r, columns: columns, checks: checks, out: out}
	t.header(head+1, grid)
	return t.rows(head+1, grid)
}

// filled reports whether there is anything in a row.
func filled(cells []string) bool {
	return slices.ContainsFunc(cells, func(s string) bool { return clean(s) != "" })
}

func names[T any](columns []column[T]) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

// table is the work on one sheet.
type table[T any] struct {
	reader  *reader
	columns []column[T]
	checks  []rowCheck[T]
	out     *found
	at      []int // by column: where it stands, from 1; 0 if it is missing
}

// header finds the columns by their headings.
func (t *table[T]) header(head int, grid [][]string) {
	t.at = make([]int, len(t.columns))
	for i := range width(grid) {
		h := ""
		if i < len(grid[head-1]) {
			h = clean(grid[head-1][i])
		}
		t.heading(head, i+1, h, grid)
	}
	for i, c := range t.columns {
		if t.at[i] == 0 {
			t.problem(ProblemColumn, head, c.name, 0,
				"Kolonnen mangler. Indsæt den med netop den overskrift, også hvis den er tom.")
		}
	}
}

// heading places one heading, or says what is wrong with it.
func (t *table[T]) heading(head, col int, h string, grid [][]string) {
	known := slices.Index(names(t.columns), h)
	switch {
	case h == "" && !slices.ContainsFunc(grid[head:], func(r []string) bool { return col <= len(r) && clean(r[col-1]) != "" }):
	case h == "":
		t.problem(ProblemColumn, head, "", col, "Kolonnen har indhold, men ingen overskrift. Skriv overskriften, eller slet kolonnen.")
	case known < 0:
		t.problem(ProblemColumn, head, h, col, "Overskriften kendes ikke."+t.meant(h)+" Ret den, eller slet kolonnen.")
	case t.at[known] > 0:
		t.problem(ProblemColumn, head, h, col, "Kolonnen er der to gange. Slet den ene.")
	default:
		t.at[known] = col
	}
}

// meant suggests the heading that was meant.
func (t *table[T]) meant(h string) string {
	letters := func(s string) string { return strings.NewReplacer(" ", "", ".", "", "-", "").Replace(fold(s)) }
	for _, c := range t.columns {
		if letters(c.name) == letters(h) {
			return " Mente du " + quoted(c.name) + "?"
		}
	}
	return ""
}

func width(grid [][]string) int {
	w := 0
	for _, r := range grid {
		w = max(w, len(r))
	}
	return w
}

// rows reads the rows below the header; empty ones do not count.
func (t *table[T]) rows(head int, grid [][]string) ([]row[T], error) {
	var out []row[T]
	for i := head; i < len(grid); i++ {
		if !filled(grid[i]) && !slices.Contains(grid[i], "") {
			continue
		}
		r, any, err := t.row(i + 1)
		if err != nil {
			return nil, err
		}
		if any {
			out = append(out, r)
		}
	}
	t.sayHidden(out)
	return out, nil
}

// sayHidden names the rows that count although nobody sees them.
func (t *table[T]) sayHidden(rows []row[T]) {
	var hidden []string
	first := 0
	for _, r := range rows {
		if r.hidden > 0 {
			first = cmp.Or(first, r.number)
			hidden = append(hidden, strconv.Itoa(r.number))
		}
	}
	const most = 20
	named := hidden[:min(len(hidden), most)]
	if len(hidden) > most {
		named = append(slices.Clip(named), fmt.Sprintf("%d mere", len(hidden)-most))
	}
	if first > 0 {
		t.out.add(Problem{Code: ProblemHidden, Sheet: t.reader.sheet, Row: first,
			Text: count(len(hidden), "række", "rækker") + " er skjult, men tæller med: " + listing(named) +
				". Slet dem, der ikke skal gælde."})
	}
}

// row reads one row; ok is false if all of its cells are empty, or have formulas
// that were filled down below the last plan and give nothing.
func (t *table[T]) row(number int) (r row[T], ok bool, err error) {
	r = row[T]{number: number, cells: map[string]string{}, bad: map[string]bool{}}
	cells := make([]cell, len(t.columns))
	for i, c := range t.columns {
		if t.at[i] == 0 {
			r.bad[c.name] = true
			continue
		}
		r.cells[c.name], err = excelize.CoordinatesToCellName(t.at[i], number)
		if err == nil {
			cells[i], err = t.reader.cell(r.cells[c.name])
		}
		if err != nil {
			return r, false, fmt.Errorf("read row %d of sheet %s: %w", number, t.reader.sheet, err)
		}
		ok = ok || !cells[i].empty() && !cells[i].blank
	}
	if !ok {
		return r, false, nil
	}
	for i, c := range t.columns {
		t.value(&r, c, cells[i])
	}
	t.check(r)
	visible, err := t.reader.file.GetRowVisible(t.reader.sheet, number)
	if err == nil && !visible {
		r.hidden = 1
	}
	return r, true, err
}

// value reads one cell into the row.
func (t *table[T]) value(r *row[T], c column[T], v cell) {
	if r.bad[c.name] || v.empty() && c.optional {
		return
	}
	bad := &fault{ProblemMissing, "Cellen er tom. Udfyld den."}
	if !v.empty() {
		bad = c.read(v, &r.value)
	}
	if bad != nil {
		r.bad[c.name] = true
		t.out.add(Problem{Code: bad.code, Sheet: t.reader.sheet, Row: r.number, Column: c.name,
			Cell: r.cells[c.name], Text: bad.text, Fatal: true})
	}
}

// check applies the rules about several cells, where those cells were read.
func (t *table[T]) check(r row[T]) {
	for _, rule := range t.checks {
		if !r.good(rule.needs...) {
			continue
		}
		if why := rule.broken(r.value); why != "" {
			at := rule.needs[len(rule.needs)-1]
			t.out.add(Problem{Code: rule.code, Sheet: t.reader.sheet, Row: r.number, Column: at,
				Cell: r.cells[at], Text: why, Fatal: !rule.notice})
		}
	}
}

func (t *table[T]) problem(code string, number int, heading string, col int, text string) {
	p := Problem{Code: code, Sheet: t.reader.sheet, Row: number, Column: heading, Text: text, Fatal: true}
	if name, err := excelize.CoordinatesToCellName(col, number); err == nil {
		p.Cell = name
	}
	t.out.add(p)
}
