// Package sheet is a package as a workbook, for leaders who cannot use the page: a row
// for each right with its choices, taken back row by row. Nothing in it is locked, since
// it must be possible to sort and filter; each row carries a code by which a changed,
// copied or foreign row is told and refused alone.
package sheet

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/access/review"
	"byskriver/schedules"
)

// The sheet, and its columns. The last two are the robot's own: which right a row is
// about, and the code that shows tampering.
const (
	name      = "Adgange"
	first     = 5 // the first row of rights; above stand what to do, whether to send in, and the head
	sendCell  = "B2"
	largest   = 16 << 20
	yes       = "Ja"
	codeBytes = 10
)

type column struct {
	head  string
	width float64
}

func columns() []column {
	return []column{{"Medarbejder", 26}, {"Stilling", 20}, {"Rettighed", 30}, {"Beskrivelse", 38}, {"System", 14}, {"Klasse", 12}, {"Bemærk", 34}, {"Sidst brugt", 12},
		{"Svar", 12}, {"Begrundelse", 44}, {"Nr.", 10}, {"Kode", 24}}
}

const (
	colAnswer = 8
	colReason = 9
	colHeld   = 10
	colCode   = 11
)

// code is what a row must carry: it stands for the package and the right under the
// robot's own key.
func code(key []byte, pack, held string) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%d:%s/%s", len(pack), pack, held)
	return hex.EncodeToString(mac.Sum(nil)[:codeBytes])
}

// Write makes the workbook of a package with what was answered so far.
func Write(p review.Package, a review.Answers, key []byte) (data []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	rows := rowsOf(p, a, key)
	steps := []func() error{
		func() error { return head(f, p) },
		func() error { return fill(f, rows) },
		func() error { return frame(f, first+len(rows)-1) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("write the workbook of package %s: %w", p.ID, err)
		}
	}
	var out bytes.Buffer
	_, err = f.WriteTo(&out)
	return out.Bytes(), err
}

func rowsOf(p review.Package, a review.Answers, key []byte) (rows [][]any) {
	for _, x := range p.People {
		for _, h := range x.Held {
			if !h.Open() {
				continue
			}
			d := a.Decisions[h.ID]
			rows = append(rows, []any{x.Name, x.Title, h.Name, h.Description, h.Grant.System, h.Criticality.Danish(), hints(h), danish(h.Grant.LastUse),
				d.Verdict.Danish(), d.Reason, h.ID, code(key, p.ID, h.ID)})
		}
	}
	return rows
}

// hints are what stands out about a right, for whoever must answer.
func hints(h review.Held) string {
	text := ""
	add := func(s string) {
		if text != "" {
			text += ". "
		}
		text += s
	}
	if h.New {
		add("Ny siden sidst")
	}
	if h.Unusual != "" {
		add("Usædvanlig: " + h.Unusual)
	}
	if h.Unused != "" {
		add(h.Unused)
	}
	if h.NeedsReason() {
		add("Begrundelse skal skrives ved Behold")
	}
	return text
}

func head(f *excelize.File, p review.Package) error {
	text := fmt.Sprintf("Adgange i %s, pakke %s. Vælg Behold, Fjern eller Ret i hver række senest %s; skriv ved Ret, hvad der skal rettes. Gem i din egen mappe.", p.Unit, p.ID, danish(p.Due))
	if err := f.SetCellStr(name, "A1", text); err != nil {
		return err
	}
	if err := f.SetCellStr(name, "A2", "Send ind, når alt er svaret:"); err != nil {
		return err
	}
	if err := f.SetCellStr(name, "A3", "Pakke"); err != nil {
		return err
	}
	if err := f.SetCellStr(name, "B3", p.ID); err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for i, c := range columns() {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		at := fmt.Sprintf("%s%d", letter, first-1)
		if err := f.SetColWidth(name, letter, letter, c.width); err != nil {
			return err
		}
		if err := f.SetCellStr(name, at, c.head); err != nil {
			return err
		}
		if err := f.SetCellStyle(name, at, at, bold); err != nil {
			return err
		}
	}
	return nil
}

func fill(f *excelize.File, rows [][]any) error {
	for i, row := range rows {
		if err := f.SetSheetRow(name, fmt.Sprintf("A%d", first+i), &row); err != nil {
			return err
		}
	}
	return nil
}

// frame sets what helps to fill it in: drop-downs, a filter, a head that stays.
func frame(f *excelize.File, last int) error {
	for _, x := range []struct {
		cells string
		of    []string
	}{{fmt.Sprintf("I%d:I%d", first, max(first, last)), []string{review.Keep.Danish(), review.Remove.Danish(), review.Change.Danish()}}, {sendCell, []string{yes, "Nej"}}} {
		list := excelize.NewDataValidation(true)
		list.SetSqref(x.cells)
		if err := list.SetDropList(x.of); err != nil {
			return err
		}
		list.SetError(excelize.DataValidationErrorStyleStop, "Svar", "Vælg fra listen.")
		if err := f.AddDataValidation(name, list); err != nil {
			return err
		}
	}
	if err := f.AutoFilter(name, fmt.Sprintf("A%d:L%d", first-1, max(first, last)), nil); err != nil {
		return err
	}
	return f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: first - 1, TopLeftCell: fmt.Sprintf("A%d", first), ActivePane: "bottomLeft"})
}

func danish(d schedules.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d-%02d-%04d", d.Day, int(d.Month), d.Year)
}
