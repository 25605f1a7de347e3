package plans

import (
	"bytes"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

// Made-up numbers: CVR numbers that begin with 999 are not given out.
const (
	cvrCleaning = "99900016"
	cvrLifts    = "99900024"
	cvrOther    = "99900032"
	eanSchool   = "5799999000010"
	eanLibrary  = "5799999000027"
)

func dkk(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// cleaning is a plan that every test bends to its own purpose.
func cleaning() Plan {
	return Plan{
		Number: "P-001", Supplier: "Skovbrynets Rengøring ApS", CVR: cvrCleaning, EAN: eanSchool,
		Account: "45000000", PSP: "XG-5385000001", VATCode: "K25", Basis: Net,
		Text: "Rengøring {måned} {fakturanr}", From: dkk("1000"), To: dkk("12000.50"),
		Interval: Monthly, PerMonth: 2, PerYear: 12,
		ValidFrom: "2026-01-01", ValidTo: "2026-12-31",
		Action: ActionForward, NextAgent: "SKOLE01", Area: "Skoler", Note: "Aftale 7, se §",
	}
}

// lifts is a plan unlike cleaning in every field.
func lifts() Plan {
	return Plan{
		Number: "P-002", Supplier: "Fjordens Elevatorservice", CVR: cvrLifts,
		Account: "45010000", CostCentre: "5500001234", VATCode: "K00", Basis: Gross,
		From: dkk("0"), To: dkk("500"), Interval: NoInterval, PerYear: 4,
		ValidFrom: "2025-07-01", ValidTo: "2027-06-30", Action: ActionCode,
	}
}

func sampleSheet() Sheet {
	return Sheet{
		Plans: []Plan{cleaning(), lifts()},
		Always: []Always{
			{ByCVR, cvrOther, "Leverandøren er under tilsyn"},
			{ByAmount, "25000.5", "Store beløb"},
			{ByWord, "håndværker", "Håndværkere ses altid"},
		},
		Meta: Meta{LastModifiedBy: "Bente Bogholder"},
	}
}

// file writes a sheet and lets the test edit the file before it is read.
func file(t testing.TB, s Sheet, edit func(f *excelize.File)) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTo(&b, s); err != nil {
		t.Fatal(err)
	}
	if edit == nil {
		return b.Bytes()
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	edit(f)
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// set returns an edit of one cell of the plan sheet.
func set(at string, value any) func(*excelize.File) {
	return setIn(PlanSheet, at, value)
}

func setIn(sheet, at string, value any) func(*excelize.File) {
	return func(f *excelize.File) {
		if err := f.SetCellValue(sheet, at, value); err != nil {
			panic(err)
		}
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// columnOf is the letter of a heading in a file that Write made.
func columnOf(heading string) string {
	for i, n := range names(planColumns) {
		if n == heading {
			s, _ := excelize.ColumnNumberToName(i + 1)
			return s
		}
	}
	panic("no column " + heading)
}
