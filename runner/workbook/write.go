package workbook

import (
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/runner"
)

// limits are how much one sheet may hold. Tests use smaller ones.
type limits struct {
	rows  int // rows a sheet, the headings included
	links int // links a sheet
}

// excelLimits are Excel's own ("Excel specifications and limits", Microsoft).
func excelLimits() limits { return limits{rows: 1048576, links: 65530} }

// Write writes the book as an .xlsx file. It holds little of it in memory: what
// is beyond 16 MB a sheet lies in temporary files until it is written.
func Write(w io.Writer, b Book) error { return write(w, b, excelLimits(), nil) }

// write is Write with the limits, and with sentences for the overview that are
// known only when the rows have gone by.
func write(w io.Writer, b Book, max limits, late func() []string) (err error) {
	if b.Ring == nil || b.Zone == nil {
		return errors.New("write workbook: a ring and a time zone are needed")
	}
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	// excelize says that Excel wrote the file. LibreOffice believes it, and then does
	// not fit the rows' heights to their texts.
	f.WorkBook.FileVersion = nil
	wr := &writer{book: b, file: f, max: max, names: sheetNames{}, sets: sets{keys: map[string]string{}}, late: late}
	if wr.styles, err = newStyles(f); err != nil {
		return err
	}
	if err := wr.all(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return wr.save(w)
}

// writer holds a file while it is made.
type writer struct {
	book   Book
	file   *excelize.File
	styles styles
	max    limits
	names  sheetNames
	sets   sets
	parts  []part
	done   []robotDone
	late   func() []string
}

// robotDone is what the overview says about a robot's rows.
type robotDone struct {
	robot Robot
	sheet string // its first sheet
	codes map[string]int
}

// all makes the sheets. The overview stands first and is filled last, when the
// rows have been counted.
func (w *writer) all() error {
	if err := w.file.SetSheetName(w.file.GetSheetName(0), w.names.take(overviewSheet, 1)); err != nil {
		return err
	}
	lists := w.names.take(listSheet, 1)
	if err := w.properties(); err != nil {
		return err
	}
	for _, r := range w.book.Robots {
		if err := w.robot(r); err != nil {
			return fmt.Errorf("robot %s: %w", r.Name, err)
		}
	}
	if err := w.lists(lists); err != nil {
		return err
	}
	if err := w.overview(); err != nil {
		return err
	}
	w.file.SetActiveSheet(0)
	return nil
}

// properties are what the file says about itself.
func (w *writer) properties() error {
	at := w.book.Made.UTC().Format(time.RFC3339)
	return w.file.SetDocProps(&excelize.DocProperties{
		Title: "Undtagelser", Subject: clean(runner.Mask(w.book.Municipality)), Creator: "byskriver", LastModifiedBy: "byskriver",
		Description: "", Language: "da-DK", Created: at, Modified: at,
	})
}

// robot writes a robot's rows, in as many sheets as they need.
func (w *writer) robot(r Robot) error {
	done := robotDone{robot: r, codes: map[string]int{}}
	s, err := w.newSheet(r, 1)
	if err != nil {
		return err
	}
	done.sheet = s.name
	if r.Rows != nil {
		for row, err := range r.Rows {
			if err != nil {
				return fmt.Errorf("get the rows: %w", err)
			}
			if s.row == w.max.rows {
				if s, err = s.next(); err != nil {
					return err
				}
			}
			if err := s.add(row); err != nil {
				return fmt.Errorf("row %q: %w", row.Number, err)
			}
			done.codes[row.Code]++
		}
	}
	w.done = append(w.done, done)
	return s.finish()
}

// lists writes the decision sets on a sheet of their own, which nobody needs to
// see: a line a choice, those of one set together. Drop-downs and import go by it.
func (w *writer) lists(name string) error {
	if _, err := w.file.NewSheet(name); err != nil {
		return err
	}
	if err := w.noDimension(name); err != nil {
		return err
	}
	stream, err := w.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	rows := [][]any{{listHeads[0], listHeads[1], listHeads[2], listHeads[3], listHeads[4]}}
	for i, choices := range w.sets.lists {
		for _, c := range choices {
			rows = append(rows, []any{setName(i), cellText(c.Label), cellText(c.Action), need(c.NeedsValue), need(c.NeedsNote)})
		}
	}
	for i, row := range rows {
		if err := stream.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	if err := stream.Flush(); err != nil {
		return err
	}
	return w.ranges(name, max(len(rows), 3))
}

// noDimension takes away the sheet's word on how large it is. excelize leaves the
// one of an empty sheet, and some programs would then read a single cell.
func (w *writer) noDimension(sheet string) error { return w.file.SetSheetDimension(sheet, "") }

// ranges name the list sheet's columns down to a row: at least two rows of them,
// so that they are ranges even before there are choices.
func (w *writer) ranges(sheet string, last int) error {
	for i, n := range []string{rangeKeys, rangeLabels, "", rangeValues, rangeNotes} {
		if n == "" {
			continue
		}
		at := column(i).letter()
		ref := fmt.Sprintf("%s!$%s$2:$%s$%d", quoted(sheet), at, at, last)
		if err := w.file.SetDefinedName(&excelize.DefinedName{Name: n, RefersTo: ref}); err != nil {
			return err
		}
	}
	return w.file.SetSheetVisible(sheet, false, true)
}

// save puts the parts together. excelize has no fast way to write links in
// stream mode: its own looks through all of them for each. So they, and what it
// does not know, are set in as the parts go by; and they go straight to out.
func (w *writer) save(out io.Writer) error {
	w.file.ZipWriter = func(io.Writer) excelize.ZipWriter { return newPack(out, w.parts) }
	if _, err := w.file.WriteToBuffer(); err != nil {
		return fmt.Errorf("save workbook: %w", err)
	}
	return nil
}

// compression is the level that sheets are packed with: they shrink to a tenth
// at any level, and the fastest takes a third of the time.
const compression = flate.BestSpeed

// kr is an amount as text, the Danish way.
func kr(fixed string) string {
	sign := ""
	if strings.HasPrefix(fixed, "-") {
		sign, fixed = "-", fixed[1:]
	}
	whole, rest, _ := strings.Cut(fixed, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	return sign + whole + "," + rest + " kr."
}
