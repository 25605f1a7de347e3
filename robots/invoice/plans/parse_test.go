package plans

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParseTakesWhatWriteMade(t *testing.T) {
	want := sampleSheet()
	want.sort()
	got, problems := Parse(file(t, sampleSheet(), nil), DefaultFileLimits())
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	if got.Meta.LastModifiedBy != "Bente Bogholder" || len(got.Meta.FileDigest) != 64 {
		t.Errorf("meta: %+v", got.Meta)
	}
	want.Meta, got.Meta = Meta{}, Meta{}
	if asJSON(t, got) != asJSON(t, want) {
		t.Errorf("got %s\nwant %s", asJSON(t, got), asJSON(t, want))
	}
}

// What Excel users write in many ways is read as one.
func TestParseReadsValuesAsStaffWriteThem(t *testing.T) {
	cases := []struct {
		name, heading string
		value         any
		want          func(p Plan) bool
	}{
		{"date as text", colValidTo, "30-11-2026", func(p Plan) bool { return p.ValidTo == "2026-11-30" }},
		{"date with dots", colValidTo, "30.11.2026", func(p Plan) bool { return p.ValidTo == "2026-11-30" }},
		{"short date", colValidTo, "1-2-2026", func(p Plan) bool { return p.ValidTo == "2026-02-01" }},
		{"ISO date", colValidTo, "2026-11-30", func(p Plan) bool { return p.ValidTo == "2026-11-30" }},
		{"real date", colValidTo, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), func(p Plan) bool { return p.ValidTo == "2026-11-30" }},
		{"amount as text", colTo, "1.234,50", func(p Plan) bool { return p.To.Equal(dkk("1234.5")) }},
		{"thousands mark", colTo, "1.234", func(p Plan) bool { return p.To.Equal(dkk("1234")) }},
		{"one decimal", colTo, "1234,5", func(p Plan) bool { return p.To.Equal(dkk("1234.5")) }},
		{"binary number", colTo, 1100.1 + 2200.2, func(p Plan) bool { return p.To.Equal(dkk("3300.3")) }},
		{"CVR as number", colCVR, 99900024, func(p Plan) bool { return p.CVR == cvrLifts }},
		{"EAN as number", colEAN, 5799999000027, func(p Plan) bool { return p.EAN == eanLibrary }},
		{"plan as number", colPlan, 17, func(p Plan) bool { return p.Number == "17" }},
		{"account as number", colAccount, 45010000, func(p Plan) bool { return p.Account == "45010000" }},
		{"count as text", colPerYear, "7", func(p Plan) bool { return p.PerYear == 7 }},
		{"choice in capitals", colAction, " KONTÉR OG GODKEND ", func(p Plan) bool { return p.Action == ActionApprove }},
		{"psp in small letters", colPSP, "xm-5385000001", func(p Plan) bool { return p.PSP == "XM-5385000001" }},
		{"blanks and breaks", colSupplier, " Skov\u200bbrynets\n Rengøring ", func(p Plan) bool { return p.Supplier == "Skovbrynets Rengøring" }},
		{"no count", colPerMonth, nil, func(p Plan) bool { return p.PerMonth == 0 }},
		{"a formula's value", colSupplier, "=1+1", func(p Plan) bool { return p.Supplier == "=1+1" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			one := Sheet{Plans: []Plan{cleaning()}}
			s, problems := Parse(file(t, one, set(columnOf(c.heading)+"2", c.value)), DefaultFileLimits())
			if Refused(problems) || len(s.Plans) != 1 || !c.want(s.Plans[0]) {
				t.Errorf("plans %+v, problems %v", s.Plans, problems)
			}
		})
	}
}

// A cell that cannot be used refuses the sheet, and names itself.
func TestParseRefusesCells(t *testing.T) {
	cases := []struct {
		name, heading string
		value         any
		code, says    string
	}{
		{"plan missing", colPlan, nil, ProblemMissing, "Udfyld"},
		{"plan made a date", colPlan, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), ProblemForm, "dato"},
		{"supplier missing", colSupplier, nil, ProblemMissing, "Udfyld"},
		{"CVR missing", colCVR, nil, ProblemMissing, "Udfyld"},
		{"CVR check digit", colCVR, "99900017", ProblemCVR, "kontrolcifferet"},
		{"CVR too short", colCVR, "9990001", ProblemCVR, "otte cifre"},
		{"CVR with DK", colCVR, "DK99900016", ProblemCVR, "uden DK"},
		{"EAN check digit", colEAN, "5799999000011", ProblemEAN, "kontrolcifferet"},
		{"EAN too short", colEAN, "579999900001", ProblemEAN, "13 cifre"},
		{"account missing", colAccount, nil, ProblemMissing, "Udfyld"},
		{"account of two words", colAccount, "4500 0000", ProblemForm, "mellemrum"},
		{"PSP without hyphen", colPSP, "XG5385000001", ProblemForm, "XG-"},
		{"PSP of another kind", colPSP, "XB-5385000001", ProblemForm, "XG-"},
		{"PSP too short", colPSP, "XG-538500000", ProblemForm, "XG-"},
		{"PSP and cost centre", colCostCentre, "5500001234", ProblemAccount, "Slet det ene"},
		{"neither", colPSP, nil, ProblemAccount, "Udfyld det ene"},
		{"cost centre too short", colCostCentre, "550000123", ProblemForm, "ti cifre"},
		{"VAT code missing", colVATCode, nil, ProblemMissing, "Udfyld"},
		{"basis unknown", colBasis, "Bruto", ProblemChoice, "»Netto« og »Brutto«"},
		{"basis missing", colBasis, nil, ProblemMissing, "Udfyld"},
		{"text too long", colText, strings.Repeat("æ", 51), ProblemLength, "50"},
		{"text with unknown placeholder", colText, "Faktura {nummer}", ProblemPlaceholder, "{fakturanr}"},
		{"text with a brace", colText, "Faktura {fakturanr", ProblemPlaceholder, "{fakturanr}"},
		{"text with a CPR number", colText, "Plads 860501-" + "0001", ProblemPersonal, "******-****"},
		{"from missing", colFrom, nil, ProblemMissing, "Udfyld"},
		{"from above to", colFrom, 12000.51, ProblemAmounts, "12.000,51"},
		{"from negative", colFrom, -0.01, ProblemNegative, "-0,01"},
		{"to negative as text", colTo, "-5,00", ProblemNegative, "-5,00"},
		{"to in American", colTo, "1234.50", ProblemForm, "1.234,50"},
		{"to with three decimals", colTo, 1234.567, ProblemForm, "to decimaler"},
		{"to in words", colTo, "mange", ProblemForm, "1.234,50"},
		{"to too large", colTo, 1e13, ProblemForm, "1.234,50"},
		{"interval unknown", colInterval, "Uge", ProblemChoice, "»Måned«, »Kvartal«, »Halvår«, »År« og »Intet«"},
		{"count zero", colPerMonth, 0, ProblemForm, "mindst 1"},
		{"count half", colPerYear, 2.5, ProblemForm, "mindst 1"},
		{"valid from after to", colValidFrom, "01-01-2027", ProblemDates, "01-01-2027"},
		{"valid to missing", colValidTo, nil, ProblemMissing, "Udfyld"},
		{"no such day", colValidTo, "31-11-2026", ProblemForm, "31-12-2026"},
		{"American date", colValidTo, "12/31/2026", ProblemForm, "31-12-2026"},
		{"date with two-digit year", colValidTo, "31-12-26", ProblemForm, "31-12-2026"},
		{"date as a year", colValidTo, 2026, ProblemForm, "31-12-2026"},
		{"date with a time", colValidTo, time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), ProblemForm, "31-12-2026"},
		{"action unknown", colAction, "Godkend", ProblemChoice, "Kontér og godkend"},
		{"agent missing", colAgent, nil, ProblemAgent, "Skriv"},
		{"true or false", colArea, true, ProblemForm, "SAND"},
		{"note too long", colNote, strings.Repeat("n", 1001), ProblemLength, "1000"},
		{"note with a CPR number", colNote, "860501" + "0001", ProblemPersonal, "CPR"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			at := columnOf(c.heading) + "3"
			second := lifts()
			first := cleaning()
			s, problems := Parse(file(t, Sheet{Plans: []Plan{second, first}}, set(at, c.value)), DefaultFileLimits())
			if len(s.Plans) > 0 {
				t.Error("the sheet was not refused whole")
			}
			if len(problems) != 1 {
				t.Fatalf("want one problem, got %v", problems)
			}
			p := problems[0]
			if p.Code != c.code || !p.Fatal || p.Sheet != PlanSheet || p.Row != 3 || p.Column == "" || p.Cell == "" || !strings.Contains(p.Text, c.says) {
				t.Errorf("got %+v, want %s saying %q", p, c.code, c.says)
			}
		})
	}
}

// Each limit's other side: the last value that is still taken.
func TestParseTakesTheLimitItself(t *testing.T) {
	for _, c := range []struct {
		heading string
		value   any
	}{
		{colText, strings.Repeat("æ", 50)}, {colFrom, 12000.5}, {colFrom, 0}, {colPerMonth, 1},
		{colValidFrom, "31-12-2026"}, {colNote, strings.Repeat("n", 1000)}, {colEAN, nil},
	} {
		_, problems := Parse(file(t, Sheet{Plans: []Plan{cleaning()}}, set(columnOf(c.heading)+"2", c.value)), DefaultFileLimits())
		if len(problems) > 0 {
			t.Errorf("%s = %v: %v", c.heading, c.value, problems)
		}
	}
}

func TestParseNamesEveryProblemAtOnce(t *testing.T) {
	data := file(t, sampleSheet(), func(f *excelize.File) {
		must(f.SetCellValue(PlanSheet, "C2", "123"))
		must(f.SetCellValue(PlanSheet, "I2", "?"))
		must(f.SetCellValue(PlanSheet, "A3", nil))
		must(f.SetCellValue(PlanSheet, "P3", "i morgen"))
		must(f.SetCellValue(AlwaysSheet, "B2", "12345678"))
	})
	s, problems := Parse(data, DefaultFileLimits())
	var at []string
	for _, p := range problems {
		at = append(at, p.Sheet+"!"+p.Cell+" "+p.Code)
	}
	want := "Betalingsplaner!C2 ARK-CVR, Betalingsplaner!I2 ARK-VALG, Betalingsplaner!A3 ARK-MANGLER, " +
		"Betalingsplaner!P3 ARK-FORM, Kontrolleres altid!B2 ARK-CVR"
	if got := strings.Join(at, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(s.Plans)+len(s.Always) > 0 {
		t.Error("the sheet was not refused whole")
	}
	if got, want := problems[0].String(), "Fanen »Betalingsplaner«, række 2, kolonnen »CVR«, celle C2: »123« er ikke otte cifre."; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want it to begin %q", got, want)
	}
}

func TestReadTellsAMissingFileFromADamagedOne(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Read(filepath.Join(dir, "planer.xlsx"), DefaultFileLimits()); err == nil {
		t.Error("no error for a file that is not there")
	}
	path := filepath.Join(dir, "planer.xlsx")
	must(os.WriteFile(path, []byte("x"), 0o600))
	if _, problems, err := Read(path, DefaultFileLimits()); err != nil || !Refused(problems) {
		t.Errorf("problems %v, err %v", problems, err)
	}
	must(Write(path, sampleSheet()))
	s, problems, err := Read(path, DefaultFileLimits())
	if err != nil || len(problems) > 0 || len(s.Plans) != 2 {
		t.Errorf("plans %d, problems %v, err %v", len(s.Plans), problems, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("Write left something behind: %v %v", left, err)
	}
}
