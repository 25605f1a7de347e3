package workbook

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/runner"
)

// Report is what was done in one area, for its leader.
type Report struct {
	Municipality string
	Area         string
	From, To     time.Time // the period; To is not in it
	Made         time.Time
	Zone         *time.Location
	Facts        [][2]string // what stands above the list: a name and a sentence, Danish
	Rows         iter.Seq2[Deed, error]
}

// Deed is one item that was settled.
type Deed struct {
	Number, Robot, Case string
	At                  time.Time // when it was settled
	What                string    // what was done, such as the coding
	Rule                string    // by which rule
	By                  string    // who: the robot, or a person's name
	Sample              string    // what the sample showed, "" where it was none
	Entry               int64     // the number of the run log's entry that says so; 0 if it has none yet
}

var reportHeads = []string{"Nr", "Robot", "Sag", "Udført", "Hvad", "Efter regel", "Afgjort af", "Stikprøve", "Løbenr. i loggen"}

var reportWidths = []float64{20, 14, 15, 17, 40, 34, 24, 16, 12}

// reportSheet is the report's one sheet.
const reportSheet = "Udført"

// ExportReport lays a report in dir as a new file, named omraade-AREA-YYYYMMDD-HHMMSS.xlsx,
// and returns its path and how many deeds it lists. Nothing is overwritten.
func ExportReport(dir string, r Report) (path string, deeds int, err error) {
	stem, err := stemOf(r.Area)
	if err != nil || r.Area == "" {
		return "", 0, fmt.Errorf("export a report: the area %q does not make a file name", r.Area)
	}
	stem = "omraade" + strings.TrimPrefix(stem, "undtagelser")
	temp, err := laid(dir, func(w io.Writer) error {
		deeds, err = WriteReport(w, r)
		return err
	})
	if err != nil {
		return "", 0, fmt.Errorf("export a report: %w", err)
	}
	path, err = place(temp, dir, stem+"-"+r.Made.In(r.Zone).Format(stamp))
	if err != nil {
		return "", 0, errors.Join(fmt.Errorf("export a report: %w", err), os.Remove(temp))
	}
	return path, deeds, syncDir(dir)
}

// WriteReport writes a report as an .xlsx file, and returns how many deeds it lists.
func WriteReport(out io.Writer, r Report) (deeds int, err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	f.WorkBook.FileVersion = nil // see write
	w := &reporter{writer: &writer{book: Book{Municipality: r.Municipality, Zone: r.Zone}, file: f}, report: r}
	if w.styles, err = newStyles(f); err != nil {
		return 0, err
	}
	if err := w.all(); err != nil {
		return 0, fmt.Errorf("write a report: %w", err)
	}
	return w.deeds, f.Write(out)
}

type reporter struct {
	*writer
	report Report
	stream *excelize.StreamWriter
	row    int
	deeds  int
}

func (w *reporter) all() error {
	at := w.report.Made.UTC().Format(time.RFC3339)
	if err := w.file.SetDocProps(&excelize.DocProperties{Title: "Udført i " + clean(runner.Mask(w.report.Area)), Creator: "byskriver", LastModifiedBy: "byskriver",
		Language: "da-DK", Created: at, Modified: at}); err != nil {
		return err
	}
	if err := w.file.SetSheetName(w.file.GetSheetName(0), reportSheet); err != nil {
		return err
	}
	if err := w.page(reportSheet); err != nil {
		return err
	}
	if err := w.noDimension(reportSheet); err != nil {
		return err
	}
	var err error
	if w.stream, err = w.file.NewStreamWriter(reportSheet); err != nil {
		return err
	}
	head := w.top()
	if err := w.columns(head); err != nil {
		return err
	}
	if err := w.lines(); err != nil {
		return err
	}
	return w.end(head)
}

// top is how many rows stand above the headings.
func (w *reporter) top() int { return 4 + len(w.report.Facts) }

func (w *reporter) columns(head int) error {
	for i := len(reportWidths) - 1; i >= 0; i-- {
		if err := w.stream.SetColWidth(i+1, i+1, reportWidths[i]); err != nil {
			return err
		}
	}
	below := fmt.Sprintf("B%d", head+1)
	return w.stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: head, TopLeftCell: below, ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: below, ActiveCell: below, Pane: "bottomRight"}}})
}

// add writes a row.
func (w *reporter) add(height float64, cells ...any) error {
	w.row++
	return w.stream.SetRow(fmt.Sprintf("A%d", w.row), cells, excelize.RowOpts{Height: height})
}

func (w *reporter) lines() error {
	r := w.report
	last := r.To.In(r.Zone).AddDate(0, 0, -1).Format("02-01-2006")
	if err := w.add(30, excelize.Cell{StyleID: w.styles.title, Value: cellText("Udført i " + r.Area + " – " + r.Municipality)}); err != nil {
		return err
	}
	if err := w.add(16, excelize.Cell{StyleID: w.styles.subtitle, Value: fmt.Sprintf("%s til %s · lavet %s", r.From.In(r.Zone).Format("02-01-2006"), last,
		r.Made.In(r.Zone).Format("02-01-2006 kl. 15.04"))}); err != nil {
		return err
	}
	for _, fact := range r.Facts {
		if err := w.add(16, excelize.Cell{StyleID: w.styles.label, Value: cellText(fact[0])}, excelize.Cell{Value: cellText(fact[1])}); err != nil {
			return err
		}
	}
	w.row++ // a blank line
	heads := make([]any, len(reportHeads))
	for i, h := range reportHeads {
		heads[i] = excelize.Cell{StyleID: w.styles.headLeft, Value: h}
	}
	if err := w.add(24, heads...); err != nil || r.Rows == nil {
		return err
	}
	for d, err := range r.Rows {
		if err != nil {
			return err
		}
		if err := w.deed(d); err != nil {
			return fmt.Errorf("row %s: %w", d.Number, err)
		}
	}
	return nil
}

func (w *reporter) deed(d Deed) error {
	w.deeds++
	text := func(s string) any { return excelize.Cell{StyleID: w.styles.cell, Value: textValue(s)} }
	label := func(s string) any { return excelize.Cell{StyleID: w.styles.label, Value: textValue(s)} }
	entry := excelize.Cell{StyleID: w.styles.label} // a number to look up, without a thousands separator
	if d.Entry > 0 {
		entry.Value = d.Entry
	}
	lines := 1
	for i, s := range map[int]string{4: d.What, 5: d.Rule, 6: d.By} {
		lines = max(lines, 1+units(s)*10/int(reportWidths[i]*11))
	}
	return w.add(float64(min(lines*lineHeight, maxHeight)), label(d.Number), text(d.Robot), label(d.Case),
		label(d.At.In(w.report.Zone).Format("02-01-2006 15:04")), text(d.What), text(d.Rule), text(d.By), text(d.Sample), entry)
}

func (w *reporter) end(head int) error {
	last, err := excelize.ColumnNumberToName(len(reportHeads))
	if err != nil {
		return err
	}
	if err := w.file.AutoFilter(reportSheet, fmt.Sprintf("A%d:%s%d", head, last, w.row), nil); err != nil {
		return err
	}
	if err := w.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: reportSheet, RefersTo: fmt.Sprintf("%s!$%d:$%d", quoted(reportSheet), head, head)}); err != nil {
		return err
	}
	return w.stream.Flush()
}
