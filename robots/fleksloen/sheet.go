package fleksloen

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/runner"
)

// The papers that are kept with a case.
const (
	paperSheet  = "beregning.xlsx"
	paperLetter = "brev.txt"
)

// keep stores the calculation with the case, and where the subsidy is to change a
// letter to the citizen.
func (r *Robot) keep(ctx context.Context, c runner.Case, in Input, v Verdict) error {
	if v.Computed == nil {
		return nil
	}
	sheet, err := Sheet(in, v)
	if err != nil {
		return err
	}
	if _, err := c.Keep(ctx, runner.Evidence{Name: paperSheet, Data: sheet}); err != nil {
		return fmt.Errorf("keep the calculation: %w", err)
	}
	if v.Setting == nil && (v.Refusal == nil || !v.Refusal.May) || v.Last == nil || v.Difference.IsZero() {
		return nil
	}
	text, err := r.settings.Letter.Write(in.CaseInput, v)
	if err != nil {
		return err
	}
	if _, err := c.Keep(ctx, runner.Evidence{Name: paperLetter, Data: text}); err != nil {
		return fmt.Errorf("keep the letter: %w", err)
	}
	return nil
}

// Sheet is the calculation as a small spreadsheet: each number, where it came from
// and by what rule, last month's beside it, and earlier months whose reports have
// changed. It has no name and no CPR number.
func Sheet(in Input, v Verdict) (data []byte, err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	const tab = "Beregning"
	if err := f.SetSheetName("Sheet1", tab); err != nil {
		return nil, fmt.Errorf("name the sheet: %w", err)
	}
	for i, row := range sheetRows(in, v) {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, fmt.Errorf("place row %d: %w", i+1, err)
		}
		if err := f.SetSheetRow(tab, cell, &row); err != nil {
			return nil, fmt.Errorf("write row %d of the calculation: %w", i+1, err)
		}
	}
	if err := format(f, tab); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("write the calculation: %w", err)
	}
	return b.Bytes(), nil
}

func format(f *excelize.File, tab string) error {
	amounts := "#,##0.00"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &amounts})
	if err != nil {
		return fmt.Errorf("format the calculation: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("format the calculation: %w", err)
	}
	return errors.Join(f.SetColWidth(tab, "A", "A", 44), f.SetColWidth(tab, "B", "B", 16), f.SetColWidth(tab, "C", "C", 70),
		f.SetColStyle(tab, "B", style), f.SetRowStyle(tab, 1, 1, bold))
}

// sheetRows are the sheet's rows: what, kroner, where from or by what rule.
func sheetRows(in Input, v Verdict) [][]any {
	rows := [][]any{{"Fleksløntilskud for " + monthName(in.Month), "Kroner", "Hvor fra"},
		{"Sag", in.Case.Number, "ydelsessystemet"},
		{"Løn for", monthName(in.Income), "forskydning som kommunen har sat den"},
		{"Lønloft fra", danishDate(in.Case.LoenloftSince), "sagen"}}
	rows = append(rows, stepRows(*v.Computed)...)
	if v.Last != nil {
		rows = append(rows, []any{}, []any{"Forrige måned (" + v.Last.Month + ")"},
			[]any{"Løn i alt", v.Last.Income().InexactFloat64(), "sagens historik"},
			[]any{"Fleksløntilskud", v.Last.Subsidy.InexactFloat64(), "sagens historik, sat af " + v.Last.By},
			[]any{"Forskel", v.Difference.InexactFloat64(), "denne måned minus forrige"})
	}
	for _, reg := range v.Regulations {
		rows = append(rows, []any{}, []any{"Ændret indberetning for " + reg.Paid.IncomeMonth, "", regulationText([]Regulation{reg})},
			[]any{"Dengang: løn i alt", reg.Paid.Income().InexactFloat64(), "sagens historik"},
			[]any{"Dengang: fleksløntilskud", reg.Paid.Subsidy.InexactFloat64(), "sagens historik, sat af " + reg.Paid.By})
		if reg.Computed != nil {
			rows = append(rows, stepRows(*reg.Computed)...)
		} else if reg.Now != nil {
			rows = append(rows, []any{"Nu: løn og pension i alt", reg.Now.Sum().InexactFloat64(), "eIndkomst; tilskuddet kan ikke beregnes: " + reg.Why})
		}
	}
	if v.Refusal != nil {
		rows = append(rows, []any{}, []any{v.Refusal.Code, "", runner.Mask(v.Refusal.Text)})
	}
	return rows
}

// stepRows are a calculation's steps. Excel holds amounts as floating-point
// numbers, which keep the øre of any subsidy; nothing is computed from them.
func stepRows(out subsidy.Result) (rows [][]any) {
	for _, s := range out.Steps {
		rows = append(rows, []any{s.Text, s.Amount.InexactFloat64(), s.From})
	}
	return rows
}
