package plans

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

// cell is one cell's value as the file has it.
type cell struct {
	text   string // cleaned; of a number its digits with a decimal point
	number bool   // Excel holds it as a number
	dated  bool   // a number that Excel shows as a date
	blank  bool   // a formula that gives nothing
	base04 bool   // the workbook counts days from 1904
	broken *fault // the cell itself cannot be used
}

// empty reports whether there is nothing in the cell.
func (c cell) empty() bool { return c.text == "" && c.broken == nil }

// reader reads the cells of one sheet.
type reader struct {
	file   *excelize.File
	sheet  string
	base04 bool
	dated  map[int]bool // by style index: whether it shows a date
}

func newReader(f *excelize.File, sheet string) (*reader, error) {
	props, err := f.GetWorkbookProps()
	if err != nil {
		return nil, fmt.Errorf("read the workbook's properties: %w", err)
	}
	return &reader{file: f, sheet: sheet, dated: map[int]bool{},
		base04: props.Date1904 != nil && *props.Date1904}, nil
}

// cell reads one cell by its name, such as K14.
func (r *reader) cell(name string) (cell, error) {
	raw, err := r.file.GetCellValue(r.sheet, name, excelize.Options{RawCellValue: true})
	if err != nil {
		return cell{}, err
	}
	kind, err := r.file.GetCellType(r.sheet, name)
	if err != nil {
		return cell{}, err
	}
	c := cell{text: clean(raw), base04: r.base04}
	if c.text == "" {
		return r.nothing(name, c)
	}
	switch kind {
	case excelize.CellTypeError:
		c.broken = &fault{ProblemFormula, "Formlen giver fejlen " + c.text + ". Ret formlen, eller skriv værdien selv."}
	case excelize.CellTypeBool:
		c.broken = &fault{ProblemForm, "Her står SAND eller FALSK. Skriv værdien selv."}
	case excelize.CellTypeUnset, excelize.CellTypeNumber:
		return r.number(name, c)
	}
	return c, nil
}

// nothing completes a cell without a value. Where it has a formula, that gave
// nothing or was never calculated; which of them, the file does not tell.
func (r *reader) nothing(name string, c cell) (cell, error) {
	formula, err := r.file.GetCellFormula(r.sheet, name)
	if formula != "" {
		c.blank = true
		c.broken = &fault{ProblemFormula, "Formlen giver ingen værdi eller er ikke regnet ud. Skriv værdien selv, eller slet formlen."}
	}
	return c, err
}

// number completes a cell that holds a number.
func (r *reader) number(name string, c cell) (cell, error) {
	v, err := strconv.ParseFloat(c.text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) >= 1e15 {
		c.broken = &fault{ProblemForm, "Tallet " + quoted(c.text) + " kan ikke læses. Skriv værdien igen; et langt nummer skal formateres som tekst."}
		return c, nil
	}
	c.number = true
	c.dated, err = r.showsDate(name)
	// Excel stores 0.1+0.2 as 0.30000000000000004, and shows 15 digits. By way of
	// the float, since a decimal's exponent has no bounds.
	c.text = decimal.NewFromFloat(v).Round(6).String()
	return c, err
}

// showsDate reports whether the cell's number format is one of a date.
func (r *reader) showsDate(name string) (bool, error) {
	id, err := r.file.GetCellStyle(r.sheet, name)
	if err != nil || id == 0 {
		return false, err
	}
	if dated, ok := r.dated[id]; ok {
		return dated, nil
	}
	style, err := r.file.GetStyle(id)
	if err != nil {
		return false, fmt.Errorf("read the format of cell %s: %w", name, err)
	}
	dated := style.NumFmt >= 14 && style.NumFmt <= 22 || style.NumFmt >= 27 && style.NumFmt <= 36 ||
		style.NumFmt >= 45 && style.NumFmt <= 47 || style.NumFmt >= 50 && style.NumFmt <= 58
	if style.CustomNumFmt != nil {
		dated = dateFormat(*style.CustomNumFmt)
	}
	r.dated[id] = dated
	return dated, nil
}

// dateFormat reports whether a number format of the municipality's own writes
// days or years: a d or y (in Danish files also å) outside quotes and brackets.
func dateFormat(format string) bool {
	quote, bracket, escaped := false, false, false
	for _, r := range strings.ToLower(format) {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"':
			quote = !quote
		case quote:
		case r == '[':
			bracket = true
		case r == ']':
			bracket = false
		case !bracket && (r == 'd' || r == 'y' || r == 'å'):
			return true
		}
	}
	return false
}

// asText is the cell as text. A number that Excel shows as a date was most often
// typed as something else, such as the plan number 1-2, and is lost.
func (c cell) asText() (string, *fault) {
	if c.broken != nil {
		return "", c.broken
	}
	if c.dated {
		return "", &fault{ProblemForm, "Excel har gjort værdien til en dato. Formatér cellen som tekst, og skriv værdien igen."}
	}
	return c.text, nil
}

// asAmount is the cell as an amount in DKK.
func (c cell) asAmount() (decimal.Decimal, *fault) {
	s, bad := c.asText()
	if bad != nil {
		return decimal.Decimal{}, bad
	}
	d, ok := danishAmount(s)
	if c.number {
		var err error
		d, err = decimal.NewFromString(s)
		ok = err == nil
	}
	switch {
	case !ok || !sane(d):
		return d, &fault{ProblemForm, quoted(s) + " kan ikke læses som et beløb. Skriv det som 1234,50 eller 1.234,50, uden kr."}
	case !wholeOre(d):
		return d, &fault{ProblemForm, "Beløbet " + quoted(s) + " har mere end to decimaler. Skriv det i hele øre."}
	case d.IsNegative():
		return d, &fault{ProblemNegative, "Beløbet " + amount(d) + " er negativt. Skriv et beløb på 0 eller mere."}
	}
	return d, nil
}

// asDate is the cell as a day.
func (c cell) asDate() (Date, *fault) {
	if c.broken != nil {
		return "", c.broken
	}
	written, midnight, iso := strings.Cut(c.text, "T") // LibreOffice may store 2026-12-31T00:00:00
	d, ok := danishDate(written)
	ok = ok && (!iso || strings.HasPrefix(midnight, "00:00:00"))
	if c.number {
		d, ok = c.serialDate()
	}
	if !ok || !inYears(d) {
		return "", &fault{ProblemForm, quoted(c.text) + " kan ikke læses som en dato. Skriv den som 31-12-2026."}
	}
	return d, nil
}

// serialDate is the day of Excel's day number; a time of day is not taken.
func (c cell) serialDate() (Date, bool) {
	v, err := strconv.ParseFloat(c.text, 64)
	if err != nil || v != math.Trunc(v) || v < 0 || v > 1e6 {
		return "", false
	}
	t, err := excelize.ExcelDateToTime(v, c.base04)
	return DateOf(t), err == nil
}

func inYears(d Date) bool {
	t, ok := d.time()
	return ok && t.Year() >= firstYear && t.Year() <= lastYear
}

// asCount is the cell as a number of invoices, 1 to 9999.
func (c cell) asCount() (int, *fault) {
	s, bad := c.asText()
	if bad != nil {
		return 0, bad
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 9999 {
		return 0, &fault{ProblemForm, quoted(s) + " er ikke et antal. Skriv et helt tal på mindst 1, eller lad cellen stå tom, hvis antallet ikke er begrænset."}
	}
	return n, nil
}

// asChoice is the code of the choice word in the cell.
func (c cell) asChoice(choices []choice) (string, *fault) {
	s, bad := c.asText()
	if bad != nil {
		return "", bad
	}
	for _, ch := range choices {
		if fold(ch.word) == fold(s) {
			return ch.code, nil
		}
	}
	return "", &fault{ProblemChoice, quoted(s) + " kendes ikke. " + options(choices)}
}
