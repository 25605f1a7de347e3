package bypattern

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/invoice/patterns"
	"byskriver/robots/invoice/plans"
)

func TestValues(t *testing.T) {
	for text, want := range map[string]int64{"1.234,50": 123450, "-1234,5": -123450, "12": 1200, "1234.5": 123450, "1.234": 123400, "99,95-": -9995, "1 000,00": 100000, "0": 0} {
		if got, err := oreOf(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "kr. 5", "1,2,3", "12.34,5", "1,234", "NaN", "1e5"} {
		if got, err := oreOf(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
	for _, text := range []string{"31-12-2025", "2025-12-31", "31.12.2025", "20251231", "46022"} {
		if got, err := dayOf(text); err != nil || got != 20453 {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "32-12-2025", "12", "i går"} {
		if got, err := dayOf(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

// read writes the lines as a file of postings and reads them.
func read(t *testing.T, name, text string) ([]patterns.Posting, error) {
	t.Helper()
	x := newTown(t)
	x.settings.History = t.TempDir()
	x.settings.Basis = plans.Net
	file := filepath.Join(x.settings.History, name)
	if strings.HasSuffix(name, ".xlsx") {
		f := excelize.NewFile()
		for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
			for j, cell := range strings.Split(line, ";") {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if err := f.SetCellStr("Sheet1", at, cell); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := f.SaveAs(file); err != nil {
			t.Fatal(err)
		}
	} else {
		x.settings.State = filepath.Join(x.settings.History, "x")
		x.write(name, text)
	}
	return readHistory(x.settings)
}

const heading = "CVR;Leverandør;EAN;Fakturanr.;Beløb;Artskonto;PSP-element;Omkostningssted;Momskode;Modtaget;Bogført\n"

func TestHistory(t *testing.T) {
	lines := heading +
		"94122236;Firma;5798999901044;1;100,00;4011;XG-6451000010;;K1;01-02-2026;05-02-2026\n" + // alone
		"94122236;Firma;5798999901044;2;100,00;4011;XG-6451000010;;K1;;05-02-2026\n" + // in two places
		"94122236;Firma;5798999901044;2;50,00;4012;;1234567890;K1;;06-02-2026\n" +
		"94122236;Firma;5798999901044;3;70,00;4011;XG-6451000010;;K1;;05-02-2026\n" + // taken back and coded anew
		"94122236;Firma;5798999901044;3;-70,00;4011;XG-6451000010;;K1;;07-02-2026\n" +
		"94122236;Firma;5798999901044;3;70,00;4012;;1234567890;K1;;07-02-2026\n"
	for _, name := range []string{"a.csv", "a.xlsx"} {
		all, err := read(t, name, lines)
		if err != nil || len(all) != 3 {
			t.Fatalf("%s: %+v, %v", name, all, err)
		}
		want := map[string]struct {
			label          string
			ore            int64
			arrived, known patterns.Day
		}{"1": {"4011 XG-6451000010 K1 netto", 10000, 20485, 20489}, "2": {patterns.Split, 15000, 20484, 20490}, "3": {"4012 1234567890 K1 netto", 7000, 20484, 20491}}
		for _, p := range all {
			if w := want[p.Number]; p.Label != w.label || p.Ore != w.ore || p.Arrived != w.arrived || p.Known != w.known || p.Origin != "5798999901044" {
				t.Errorf("%s: invoice %s: %+v, want %+v", name, p.Number, p, w)
			}
		}
	}
}

func TestBrokenHistory(t *testing.T) {
	for want, lines := range map[string]string{
		`a.csv:2: "kr. 5" is no amount`:   heading + "94122236;;;1;kr. 5;4011;XG-6451000010;;K1;;05-02-2026\n",
		`a.csv:3: "i går" is no date`:     heading + "94122236;;;1;5;4011;XG-6451000010;;K1;;05-02-2026\n94122236;;;2;5;4011;XG-6451000010;;K1;;i går\n",
		"a.csv:2: a posting needs":        heading + "94122236;;;1;5;;XG-6451000010;;K1;;05-02-2026\n",
		"a.csv:2: the supplier's or":      heading + ";;;1;5;4011;XG-6451000010;;K1;;05-02-2026\n",
		`a.csv:1: there is no column "CV`: strings.Replace(heading, "CVR", "Cvr.", 1),
		`a.csv:1: the heading "EAN" sta`:  strings.Replace(heading, "Leverandør", "EAN", 1),
	} {
		if _, err := read(t, "a.csv", lines); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := read(t, "a.txt", heading); err == nil || !strings.Contains(err.Error(), "neither .csv nor .xlsx") {
		t.Errorf("no postings: %v", err)
	}
}
