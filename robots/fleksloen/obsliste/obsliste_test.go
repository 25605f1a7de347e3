package obsliste

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/schedules"
)

// sheet makes a workbook of rows on a tab.
func sheet(t testing.TB, tab string, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", tab); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow(tab, cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func day(y int, m time.Month, d int) schedules.Date {
	return schedules.Date{Year: y, Month: m, Day: d}
}

var head = []any{"CPR", "Fra", "Til", "Årsag"}

func TestReadsWhatStaffWrite(t *testing.T) {
	list, err := Read("obs.xlsx", sheet(t, Sheet, head,
		[]any{"860501-0001", "1.2.2024", "", "Klagesag"},
		nil,
		[]any{" 7105020002 ", time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), "2024-06-30", "Barsel"},
		[]any{7105020002, "01-07-2024", "31/07/2024", "Bonus"},
	))
	if err != nil {
		t.Fatal(err)
	}
	want := List{{"8605010001", day(2024, 2, 1), schedules.Date{}, "Klagesag"}, {"7105020002", day(2024, 3, 1), day(2024, 6, 30), "Barsel"}, {"7105020002", day(2024, 7, 1), day(2024, 7, 31), "Bonus"}}
	if len(list) != len(want) {
		t.Fatalf("%+v", list)
	}
	for i := range want {
		if list[i] != want[i] {
			t.Errorf("row %d: %+v, want %+v", i, list[i], want[i])
		}
	}
	for _, c := range []struct {
		first, last schedules.Date
		want        string
	}{
		{day(2024, 1, 1), day(2024, 1, 31), ""}, {day(2024, 2, 1), day(2024, 2, 29), "Klagesag"}, {day(2024, 3, 1), day(2024, 3, 31), "Klagesag|Barsel"},
		{day(2024, 6, 30), day(2024, 6, 30), "Klagesag|Barsel"}, {day(2024, 6, 30), day(2024, 7, 1), "Klagesag|Barsel; Bonus"}, {day(2024, 8, 1), day(2024, 8, 31), "Klagesag"},
	} {
		in := list.In(c.first, c.last)
		got := strings.Trim(in["8605010001"]+"|"+in["7105020002"], "|")
		if got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.first, c.last, got, c.want)
		}
	}
}

func TestAnEmptyListHasItsHeadings(t *testing.T) {
	if list, err := Read("obs.xlsx", sheet(t, Sheet, head)); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// Every mistake is told at once, with tab and row, and no CPR number.
func TestDamagedLists(t *testing.T) {
	good := []any{"8605010001", "1.2.2024", "", "Klagesag"}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no workbook": {[]byte("CPR;Fra"), "kan ikke åbnes"},
		"another tab": {sheet(t, "Ark1", head, good), "fanen »Obsliste«: Fanen mangler"},
		"empty":       {sheet(t, Sheet), "Fanen er tom"},
		"no heading":  {sheet(t, Sheet, good), "række 1: Overskriften »Klagesag« kendes ikke|Kolonnen »CPR« mangler|Kolonnen »Årsag« mangler"},
		"twice":       {sheet(t, Sheet, []any{"CPR", "Fra", "Til", "Årsag", "Til"}, good), "»Til« er der to gange"},
		"rows": {sheet(t, Sheet, head, good, []any{"", "1.2.2024", "", "x"}, []any{"860501000", "1.2.2024", "", "x"}, []any{"8613010001", "1.2.2024", "", "x"},
			[]any{"8605010001", "", "", "x"}, []any{"8605010001", "31.2.2024", "", "x"}, []any{"8605010001", "1.3.2024", "1.2.2024", "x"}, []any{"8605010001", "1.3.2024", "snart", ""},
			[]any{"8605010001", "1.3.2024", "", "x", "også"}, []any{"", "", "", "en note"}),
			"række 3: CPR er tom|række 4: CPR er ikke|række 5: CPR er ikke|række 6: Fra er tom|række 7: Fra er ikke en dato|række 8: Til ligger før Fra|række 9: Til er ikke en dato|række 9: Årsag er tom|række 10: Der står noget i kolonne E|række 11: CPR er tom"},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := Read("obs.xlsx", c.data)
			if err == nil {
				t.Fatalf("taken: %+v", list)
			}
			for _, part := range strings.Split(c.want, "|") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in:\n%v", part, err)
				}
			}
			if strings.Contains(err.Error(), "8605") || strings.Contains(err.Error(), "8613") {
				t.Errorf("a number is told: %v", err)
			}
		})
	}
}

func TestMergedCells(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(sheet(t, Sheet, head, []any{"8605010001", "1.2.2024", "", "x"})))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.MergeCell(Sheet, "A2", "A3"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := Read("obs.xlsx", b.Bytes()); err == nil || !strings.Contains(err.Error(), "A2:A3 er flettet") {
		t.Errorf("%v", err)
	}
}
