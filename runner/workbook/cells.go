package workbook

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// kind is what a cell holds.
type kind int

const (
	blank      kind = iota
	text            // as a person wrote it
	number          // a number that Excel made of it; exact
	rounded         // a number of so many digits that Excel has rounded it
	date            // a date or time that Excel made of it
	percent         // a percentage
	truth           // true or false
	fault           // an error value, such as #N/A
	uncomputed      // a formula without a value
)

// value is what a cell holds, and as text the way a Dane reads it.
type value struct {
	kind kind
	text string
}

// blank reports whether nothing was written.
func (v value) blank() bool { return v.kind == blank }

// rowFunc takes one row's cells, by column from 0. The map is used again for the
// next row.
type rowFunc func(row int, cells map[int]value) error

// rows reads a sheet row by row.
func (s *spreadsheet) rows(part string, take rowFunc) error {
	r := &rowReader{book: s, take: take, cells: map[int]value{}}
	return s.tokens(part, r.token)
}

// rowReader puts a sheet's XML together to rows.
type rowReader struct {
	book     *spreadsheet
	take     rowFunc
	row, col int
	cells    map[int]value

	style, kind string // of the cell
	raw         strings.Builder
	formula     bool
	in          string // the element whose text is wanted
	phonetic    bool
}

func (r *rowReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return r.start(t)
	case xml.CharData:
		if r.in != "" {
			r.raw.Write(t)
		}
	case xml.EndElement:
		return r.end(t.Name.Local)
	}
	return nil
}

func (r *rowReader) start(el xml.StartElement) error {
	switch el.Name.Local {
	case "row":
		r.row++
		r.col = -1
		if at := attr(el, "r"); at != "" {
			n, err := strconv.Atoi(at)
			if err != nil || n < r.row || n > excelize.TotalRows {
				return fmt.Errorf("%w: row %q", errCut, at)
			}
			r.row = n
		}
	case "c":
		return r.startCell(el)
	case "v":
		r.in = "v"
	case "t":
		if !r.phonetic {
			r.in = "t"
		}
	case "f":
		r.formula = true
	case "rPh":
		r.phonetic = true
	}
	return nil
}

func (r *rowReader) startCell(el xml.StartElement) error {
	r.col++
	if at := attr(el, "r"); at != "" {
		col, _, err := excelize.CellNameToCoordinates(at)
		if err != nil {
			return fmt.Errorf("%w: cell %q", errCut, at)
		}
		r.col = col - 1
	}
	if r.col >= excelize.MaxColumns {
		return fmt.Errorf("%w: more columns than Excel has", errCut)
	}
	r.style, r.kind, r.formula = attr(el, "s"), attr(el, "t"), false
	r.raw.Reset()
	return nil
}

func (r *rowReader) end(name string) error {
	switch name {
	case r.in:
		r.in = ""
	case "rPh":
		r.phonetic = false
	case "c":
		v, err := r.value()
		if err != nil {
			return err
		}
		if !v.blank() {
			r.cells[r.col] = v
		}
	case "row":
		err := r.take(r.row, r.cells)
		clear(r.cells)
		return err
	}
	return nil
}

// value is the cell's content. Blanks around it do not count, and a cell of
// blanks is blank.
func (r *rowReader) value() (value, error) {
	raw := r.raw.String()
	if raw == "" && r.formula {
		return value{kind: uncomputed}, nil
	}
	switch r.kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil || n < 0 || n >= len(r.book.texts) {
			return value{}, fmt.Errorf("%w: text %q is not in it", errCut, raw)
		}
		return textOf(r.book.texts[n]), nil
	case "inlineStr", "str":
		return textOf(unescaped(raw)), nil
	case "b":
		if strings.TrimSpace(raw) == "1" {
			return value{truth, "SAND"}, nil
		}
		return value{truth, "FALSK"}, nil
	case "e":
		return value{fault, raw}, nil
	case "d":
		return value{date, strings.TrimSpace(raw)}, nil
	}
	return r.book.number(strings.TrimSpace(raw), r.style), nil
}

func textOf(s string) value {
	if s = strings.TrimSpace(unguard(printable(s))); s != "" {
		return value{text, s}
	}
	return value{}
}

// exact is the least number whose units Excel may have rounded away: it keeps 15
// digits.
const exact = 1e15

// number reads a number as the text that was meant: all its digits, with a
// decimal comma.
func (s *spreadsheet) number(raw, style string) value {
	if raw == "" {
		return value{}
	}
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return value{fault, raw}
	}
	how := asNumber
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(s.formats) {
		how = s.formats[i]
	}
	switch {
	case how == asDate:
		return value{date, s.date(n)}
	case how == asPercent:
		return value{percent, comma(math.Round(n*1e12)/1e10) + " %"}
	case math.Abs(n) >= exact || math.IsNaN(n):
		return value{rounded, raw}
	}
	return value{number, comma(n)}
}

func comma(n float64) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', -1, 64), ".", ",", 1)
}

// date is a day's number the Danish way, with the time if there is one.
func (s *spreadsheet) date(n float64) string {
	t, err := excelize.ExcelDateToTime(n, s.date1904)
	if err != nil {
		return comma(n)
	}
	t = t.Round(time.Second)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return t.Format("02-01-2006")
	}
	return t.Format("02-01-2006 15.04.05")
}
