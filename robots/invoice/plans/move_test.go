package plans

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// sheetFile is a sheet of three plans: two of a unit, one of none.
func sheetFile(t *testing.T) (string, Sheet) {
	t.Helper()
	var s Sheet
	for i, ean := range []string{"5798999901044", "5798999901044", ""} {
		s.Plans = append(s.Plans, Plan{Number: "P-" + whole(i+1), Supplier: "Firma", CVR: "94122236", EAN: ean, Account: "4011001" + whole(i), PSP: "XG-6451000010",
			VATCode: "K1", Basis: Net, Text: "x", From: kroner(t, whole(1000*i+1)), To: kroner(t, whole(1000*i+900)), Interval: NoInterval, ValidFrom: "2026-01-01", ValidTo: "2026-12-31", Action: ActionCode})
	}
	s.Meta = Meta{LastModifiedBy: "Karen Holm", Modified: "2026-11-01T08:00:00Z"}
	file := filepath.Join(t.TempDir(), "planer.xlsx")
	if err := Write(file, s); err != nil {
		t.Fatal(err)
	}
	return file, s
}

func TestMove(t *testing.T) {
	file, _ := sheetFile(t)
	at := time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)
	said, err := Apply(file, Move{EAN: "5798999901044", ToPlace: "1234567890", By: "Anders Kjeldgaard", At: at})
	if err != nil || !strings.Contains(said, "P-1") || !strings.Contains(said, "P-2") || strings.Contains(said, "P-3") {
		t.Fatalf("%q, %v", said, err)
	}
	if said, err = Apply(file, Move{Plan: "P-3", ToAccount: "40119999", By: "Karen Holm", At: at.Add(time.Minute)}); err != nil {
		t.Fatalf("%q, %v", said, err)
	}
	got, problems, err := Read(file, DefaultFileLimits())
	if err != nil || Refused(problems) || got.Meta.LastModifiedBy != "Karen Holm" {
		t.Fatalf("%+v, %v, %v", got.Meta, problems, err)
	}
	for i, want := range []string{"40110010/1234567890/", "40110011/1234567890/", "40119999//XG-6451000010"} {
		if p := got.Plans[i]; p.Account+"/"+p.CostCentre+"/"+p.PSP != want {
			t.Errorf("plan %s: %s %s %s", p.Number, p.Account, p.CostCentre, p.PSP)
		}
	}
	rows, err := readHistory(file)
	if err != nil || len(rows) != 5 || !slices.Equal(rows[4], []string{"22-11-2026 10:31", "Karen Holm", "P-3", "Firma", "Artskonto", "40110012", "40119999"}) {
		t.Errorf("history %q, %v", rows, err)
	}
	kept, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "planer før *.xlsx"))
	if len(kept) != 2 {
		t.Fatalf("kept %q", kept)
	}
	if was, _, err := Read(kept[0], DefaultFileLimits()); err != nil || was.Plans[0].PSP != "XG-6451000010" || was.Meta.LastModifiedBy != "Karen Holm" {
		t.Errorf("the first version is %+v, %v", was.Plans, err)
	}
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if tabs := f.GetSheetList(); !slices.Equal(tabs, []string{PlanSheet, AlwaysSheet, guideSheet, HistorySheet}) {
		t.Errorf("tabs %q", tabs)
	}
}

func TestMovesThatAreRefused(t *testing.T) {
	file, before := sheetFile(t)
	for name, m := range map[string]Move{
		"nothing named": {ToAccount: "1", By: "A"}, "two named": {Plan: "P-1", EAN: "5798999901044", ToAccount: "1", By: "A"},
		"nowhere": {Plan: "P-1", By: "A"}, "nobody": {Plan: "P-1", ToAccount: "1"}, "no place": {Plan: "P-1", ToPlace: "XG-1", By: "A"},
		"no such plan": {Plan: "P-9", ToAccount: "1", By: "A"}, "there already": {Plan: "P-1", ToAccount: "40110010", By: "A"}, "two words": {Plan: "P-1", ToAccount: "1 2", By: "A"},
	} {
		if said, err := Apply(file, m); err == nil {
			t.Errorf("%s: %q", name, said)
		}
	}
	after, _, err := Read(file, DefaultFileLimits())
	if err != nil || len(Diff(before, after)) != 0 {
		t.Errorf("refused moves have changed the sheet: %v", err)
	}
	if all, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(all) != 1 {
		t.Errorf("left behind: %q", all)
	}
}
