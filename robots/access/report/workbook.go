package report

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// table is one sheet.
type table struct {
	name   string
	head   []any
	widths []float64
	rows   [][]any
}

func (r Report) tables() []table {
	rights := table{name: "Rettigheder", head: []any{"Medarbejder", "Stilling", "System", "Konto", "Rettighed", "Beskrivelse", "Klasse", "Set siden", "Sidst brugt", "Svar", "Begrundelse", "Svaret af", "Svaret", "Hvad er sket", "Kørselslog"},
		widths: []float64{26, 20, 14, 14, 28, 36, 12, 12, 12, 10, 36, 24, 17, 48, 34}}
	for _, l := range r.Lines {
		rights.rows = append(rights.rows, []any{l.Person, l.Title, l.System, l.Account, l.Right, l.Description, l.Criticality, l.Since, l.LastUse, l.Answer, l.Reason, l.By, l.At, l.Done, l.Item})
	}
	people := table{name: "Sidst gennemgået", head: []any{"Medarbejder", "Stilling", "Rettigheder", "Sidst gennemgået", "Pakke"}, widths: []float64{28, 24, 12, 18, 16}}
	for _, p := range r.People {
		last := p.Reviewed
		if last == "" {
			last = "Aldrig"
		}
		people.rows = append(people.rows, []any{p.Name, p.Title, p.Rights, last, p.Package})
	}
	packs := table{name: "Pakker", head: []any{"Pakke", "Hos", "Åbnet", "Senest", "Stand", "Rettigheder", "Mangler svar", "Kørselslog"}, widths: []float64{16, 34, 12, 12, 24, 12, 14, 24}}
	for _, p := range r.Packages {
		packs.rows = append(packs.rows, []any{p.Number, p.Reviewer, p.Opened, p.Due, p.State, p.Rights, p.Missing, p.Item})
	}
	return []table{rights, people, packs}
}

// Workbook is the report as an Excel file.
func (r Report) Workbook() (data []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return nil, err
	}
	plain, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return nil, err
	}
	for i, t := range r.tables() {
		if i == 0 {
			err = f.SetSheetName("Sheet1", t.name)
		} else {
			_, err = f.NewSheet(t.name)
		}
		if err == nil {
			err = r.fill(f, t, bold, plain)
		}
		if err != nil {
			return nil, fmt.Errorf("write sheet %s: %w", t.name, err)
		}
	}
	var out bytes.Buffer
	_, err = f.WriteTo(&out)
	return out.Bytes(), err
}

// fill writes a sheet: a title, the head, the rows. Texts are texts: what begins like
// a formula is none.
func (r Report) fill(f *excelize.File, t table, bold, plain int) error {
	w, err := f.NewStreamWriter(t.name)
	if err != nil {
		return err
	}
	for i, width := range t.widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 3, TopLeftCell: "A4", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	title := fmt.Sprintf("Gennemgang af adgange %s, %s. Opgjort %s.", r.Run, r.Unit, danish(r.Made))
	if err := w.SetRow("A1", []any{excelize.Cell{Value: title}}); err != nil {
		return err
	}
	for i, row := range append([][]any{t.head}, t.rows...) {
		style := plain
		if i == 0 {
			style = bold
		}
		cells := make([]any, len(row))
		for j, v := range row {
			cells[j] = excelize.Cell{StyleID: style, Value: v}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+3), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}
