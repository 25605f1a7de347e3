package plans

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// guideSheet explains the columns in a file that Write makes. Parse does not
// look at it.
const guideSheet = "Vejledning"

// templateRows is how many rows below the header have drop-downs and formats in
// a file that Write makes, when the sheet itself is shorter.
const templateRows = 2000

// Write makes an xlsx file of the sheet at path, with drop-downs and a guide; an
// empty Sheet makes a template. It replaces a file that is there, whole or not
// at all. Meta.LastModifiedBy becomes the file's author.
func Write(path string, s Sheet) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".planer-*.tmp")
	if err != nil {
		return fmt.Errorf("write the payment plans: %w", err)
	}
	defer os.Remove(tmp.Name()) // gone already where the rename succeeded
	err = WriteTo(tmp, s)
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the payment plans %s: %w", path, err)
	}
	return nil
}

// WriteTo is Write to any writer.
func WriteTo(w io.Writer, s Sheet) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", PlanSheet); err != nil {
		return err
	}
	formats, err := newFormats(f)
	if err != nil {
		return err
	}
	if err := writeTable(f, PlanSheet, planColumns, s.Plans, formats); err != nil {
		return fmt.Errorf("sheet %s: %w", PlanSheet, err)
	}
	if err := writeTable(f, AlwaysSheet, alwaysColumns, s.Always, formats); err != nil {
		return fmt.Errorf("sheet %s: %w", AlwaysSheet, err)
	}
	if err := writeGuide(f, formats); err != nil {
		return fmt.Errorf("sheet %s: %w", guideSheet, err)
	}
	author := s.Meta.LastModifiedBy
	if err := f.SetDocProps(&excelize.DocProperties{Creator: author, LastModifiedBy: author,
		Created: s.Meta.Modified, Modified: s.Meta.Modified, Title: PlanSheet, Language: "da-DK"}); err != nil {
		return fmt.Errorf("set the document's properties: %w", err)
	}
	_, err = f.WriteTo(w)
	return err
}

// formats are the cell formats by kind of column, and those of the header and of
// the guide's text.
type formats struct {
	byKind     map[kind]int
	head, wrap int
}

func newFormats(f *excelize.File) (formats, error) {
	day := "dd-mm-yyyy"
	out := formats{byKind: map[kind]int{}}
	styles := []struct {
		style *excelize.Style
		keep  func(id int)
	}{
		{&excelize.Style{}, func(id int) { out.byKind[kindText] = id }},
		{&excelize.Style{NumFmt: 49}, func(id int) { out.byKind[kindCode] = id }},  // @: text, zeros in front are kept
		{&excelize.Style{NumFmt: 4}, func(id int) { out.byKind[kindAmount] = id }}, // #,##0.00, shown as 1.234,50 in Danish
		{&excelize.Style{CustomNumFmt: &day}, func(id int) { out.byKind[kindDate] = id }},
		{&excelize.Style{NumFmt: 1}, func(id int) { out.byKind[kindCount] = id }},
		{&excelize.Style{Font: &excelize.Font{Bold: true, Family: "Calibri", Size: 11}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE7F0"}},
			Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}, func(id int) { out.head = id }},
		{&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}, func(id int) { out.wrap = id }},
	}
	for _, s := range styles {
		id, err := f.NewStyle(s.style)
		if err != nil {
			return out, err
		}
		s.keep(id)
	}
	return out, nil
}

// writeTable writes one sheet: header, rows, formats, drop-downs, filter.
func writeTable[T any](f *excelize.File, sheet string, columns []column[T], rows []T, styles formats) error {
	if _, err := f.NewSheet(sheet); err != nil {
		return err
	}
	last := max(len(rows), templateRows) + 1
	for i, c := range columns {
		if err := writeColumn(f, sheet, i+1, last, c, styles); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	for i, r := range rows {
		values := make([]any, len(columns))
		for j, c := range columns {
			values[j] = value(c.kind, c.show(r))
		}
		at, err := excelize.CoordinatesToCellName(1, i+2)
		if err != nil {
			return err
		}
		if err := f.SetSheetRow(sheet, at, &values); err != nil {
			return fmt.Errorf("row %d: %w", i+2, err)
		}
	}
	return writeFrame(f, sheet, len(columns), last)
}

// writeColumn writes a column's heading, format and drop-down.
func writeColumn[T any](f *excelize.File, sheet string, col, last int, c column[T], styles formats) error {
	name, err := excelize.ColumnNumberToName(col)
	if err != nil {
		return err
	}
	head, first, end := name+"1", name+"2", name+strconv.Itoa(last)
	if err := f.SetColWidth(sheet, name, name, c.width); err != nil {
		return err
	}
	if err := f.SetColStyle(sheet, name, styles.byKind[c.kind]); err != nil {
		return err
	}
	if err := f.SetCellStr(sheet, head, c.name); err != nil {
		return err
	}
	if err := f.SetCellStyle(sheet, head, head, styles.head); err != nil || c.choices == nil {
		return err
	}
	list := excelize.NewDataValidation(true)
	list.SetSqref(first + ":" + end)
	list.SetError(excelize.DataValidationErrorStyleStop, c.name, options(c.choices))
	if err := list.SetDropList(words(c.choices)); err != nil {
		return err
	}
	return f.AddDataValidation(sheet, list)
}

// writeFrame freezes the header, lets it filter, and fits the columns on a page.
func writeFrame(f *excelize.File, sheet string, columns, last int) error {
	end, err := excelize.CoordinatesToCellName(columns, last)
	if err != nil {
		return err
	}
	if err := f.AutoFilter(sheet, "A1:"+end, nil); err != nil {
		return err
	}
	if err := fitPage(f, sheet); err != nil {
		return err
	}
	if err := f.SetRowHeight(sheet, 1, 32); err != nil { // two lines of heading
		return err
	}
	return f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// fitPage prints a sheet in landscape, as wide as its columns.
func fitPage(f *excelize.File, sheet string) error {
	fit, landscape, across, down := true, "landscape", 1, 0
	if err := f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &across, FitToHeight: &down})
}

// value is the Excel value of a cell's Danish text. What is not of its column's
// kind, as a showing of something broken, stays text. Text is never a formula:
// SetSheetRow writes a string as a string.
func value(k kind, shown string) any {
	if shown == "" {
		return nil
	}
	switch k {
	case kindAmount:
		if d, ok := danishAmount(shown); ok {
			return d.InexactFloat64()
		}
	case kindDate:
		if d, ok := danishDate(shown); ok {
			t, _ := d.time()
			return t
		}
	case kindCount:
		if n, err := strconv.Atoi(shown); err == nil {
			return n
		}
	}
	return literal(shown)
}

// escape is how a workbook writes a character by its number.
var escape = regexp.MustCompile(`^_x[0-9A-Fa-f]{4}_`)

// literal marks what would be read back as a character's number (ECMA-376 part
// 1, 22.9.2.19). excelize v2.11.0 works this out for a shared string, and then
// stores the string without it.
func literal(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '_' && escape.MatchString(s[i:]) {
			b.WriteString("_x005F")
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// writeGuide explains each column.
func writeGuide(f *excelize.File, styles formats) error {
	if _, err := f.NewSheet(guideSheet); err != nil {
		return err
	}
	lines := [][]any{{"Fane", "Kolonne", "Skal udfyldes", "Hvad der skal stå"}}
	lines = append(lines, guide(PlanSheet, planColumns)...)
	lines = append(lines, guide(AlwaysSheet, alwaysColumns)...)
	for i, l := range lines {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := f.SetSheetRow(guideSheet, at, &l); err != nil {
			return err
		}
	}
	for _, w := range []struct {
		col   string
		width float64
	}{{"A", 20}, {"B", 18}, {"C", 14}, {"D", 90}} {
		if err := f.SetColWidth(guideSheet, w.col, w.col, w.width); err != nil {
			return err
		}
	}
	if err := fitPage(f, guideSheet); err != nil {
		return err
	}
	if err := f.SetCellStyle(guideSheet, "A2", "D"+strconv.Itoa(len(lines)), styles.wrap); err != nil {
		return err
	}
	return f.SetCellStyle(guideSheet, "A1", "D1", styles.head)
}

func guide[T any](sheet string, columns []column[T]) [][]any {
	var out [][]any
	for _, c := range columns {
		must := "Ja"
		if c.optional {
			must = "Nej"
		}
		out = append(out, []any{sheet, c.name, must, c.help})
	}
	return out
}
