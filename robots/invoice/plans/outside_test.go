package plans

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestOutside(t *testing.T) {
	_, s := sheetFile(t)
	fell := func(item string, payable string, area string) Fell {
		in := Input{Plans: s.Plans[:1], Settings: DefaultSettings(), Today: "2026-11-22", Invoice: Invoice{Number: "F-1", Kind: KindInvoice, Supplier: "Firma", CVR: "94122236",
			EAN: "5798999901044", Currency: "DKK", Payable: kroner(t, payable), Net: kroner(t, payable), IssueDate: "2026-11-01"}}
		v := Match(in)
		if v.Refusal == nil {
			t.Fatalf("%s falls inside", payable)
		}
		return Fell{Item: item, On: "2026-11-20", Area: area, Invoice: in.Invoice, Plans: in.Plans, Reasons: v.Refusal.Reasons}
	}
	file := filepath.Join(t.TempDir(), "udenfor.xlsx")
	if dir := os.Getenv("SHOW"); dir != "" {
		file = filepath.Join(dir, "udenfor.xlsx")
	}
	said, err := WriteOutside(file, []Fell{fell("invoice-2026-000003", "950", "Økonomi"), fell("invoice-2026-000001", "1000.50", "Økonomi"), fell("invoice-2026-000002", "0.50", "")})
	if err != nil || said != "3 fakturaer uden for en plan; hyppigst PLAN-BELØB-OVER (2)" {
		t.Fatalf("%q, %v", said, err)
	}
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw := excelize.Options{RawCellValue: true}
	sums, err := f.GetRows("Samlet", raw)
	if err != nil || len(sums) < 3 || !slices.Equal(sums[1][:7], []string{"PLAN-BELØB-OVER", "P-1", "Firma", "Økonomi", "2", "1950.5", "150.5"}) ||
		!slices.Equal(sums[2][:7], []string{"PLAN-BELØB-UNDER", "P-1", "Firma", "5798999901044", "1", "0.5", "0.5"}) {
		t.Errorf("sums %q, %v", sums, err)
	}
	rows, err := f.GetRows("Fakturaer", raw)
	if err != nil || len(rows) < 4 || rows[1][1] != "invoice-2026-000001" || rows[1][8] != "PLAN-BELØB-OVER" || rows[1][10] != "100.5" {
		t.Errorf("rows %q, %v", rows, err)
	}
}
