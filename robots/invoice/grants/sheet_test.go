package grants

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/invoice/plans"
)

var headings = []string{"Paragraf", "Art", "Ejerforhold", "Målgruppe", "Artskonto", "PSP-element", "Omkostningssted", "Momskode", "Beløb konteres", "Handling", "Næste agent", "Bemærkning"}

func good() []string {
	return []string{"§ 107", "Midlertidigt ophold", "Privat", "Voksne", "59000010", "XG-5385000001", "", "K0", "Brutto", "Kontér", "", ""}
}

// book writes a workbook with one tab of rows.
func book(t *testing.T, tab string, rows ...[]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", tab); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for j, cell := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil {
				err = f.SetCellStr(tab, at, cell)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func changedRow(column string, value string) []string {
	row := good()
	for i, h := range headings {
		if h == column {
			row[i] = value
		}
	}
	return row
}

func TestParseSheet(t *testing.T) {
	second := []string{"§ 103", "Beskyttet beskæftigelse", "Kommunal", "Voksne", "49000010", "", "5238500010", "K1", "netto", "Kontér og videresend", "LBY00102", "Ny fra 2026"}
	s, problems := ParseSheet(book(t, Tab, headings, good(), second), plans.DefaultFileLimits())
	if len(problems) != 0 || len(s.Rows) != 2 {
		t.Fatalf("%v, %v", s.Rows, problems)
	}
	want := Row{Section: "§ 103", Kind: "Beskyttet beskæftigelse", Ownership: "Kommunal", Target: "Voksne", Account: "49000010", CostCentre: "5238500010",
		VATCode: "K1", Basis: "net", Action: "forward", NextAgent: "LBY00102", Note: "Ny fra 2026"}
	if s.Rows[0] != want || s.Rows[1].PSP != "XG-5385000001" {
		t.Errorf("got %+v", s.Rows)
	}
	moved, _ := ParseSheet(book(t, Tab, headings, second, good()), plans.DefaultFileLimits())
	a, errA := s.ContentDigest()
	b, errB := moved.ContentDigest()
	if a != b || errA != nil || errB != nil {
		t.Error("rows in another order are another sheet")
	}
}

// Every mistake is told at once, with tab, row and column, and the sheet is refused.
func TestMistakesAllAtOnce(t *testing.T) {
	rows := [][]string{headings,
		changedRow("PSP-element", "XG-12"),          // 2
		changedRow("Målgruppe", ""),                 // 3
		changedRow("Beløb konteres", "Halvt"),       // 4
		changedRow("Omkostningssted", "5238500010"), // 5: both
		changedRow("PSP-element", ""),               // 6: neither
		changedRow("Handling", "Kontér og videresend"),
		changedRow("Bemærkning", "gælder 860501-0001"), // 8
		changedRow("Momskode", "K 0"),                  // 9
	}
	for i := range rows[1:] {
		if rows[i+1][3] != "" {
			rows[i+1][3] = fmt.Sprintf("Voksne %d", i)
		}
	}
	rows = append(rows, rows[8]) // 10: twice
	s, problems := ParseSheet(book(t, Tab, rows...), plans.DefaultFileLimits())
	if len(s.Rows) != 0 || !plans.Refused(problems) {
		t.Fatalf("taken: %v", s.Rows)
	}
	var said []string
	for _, p := range problems {
		said = append(said, p.String())
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{
		"Fanen »Støtteark«, række 2, kolonnen »PSP-element«, celle F2: »XG-12« er ikke et PSP-element",
		"række 3, kolonnen »Målgruppe«, celle D3: Cellen er tom", "række 4, kolonnen »Beløb konteres«, celle I4: »Halvt« kendes ikke",
		"række 5, kolonnen »Omkostningssted«, celle G5: Rækken har både", "række 6, kolonnen »PSP-element«, celle F6: Rækken har hverken",
		"række 7, kolonnen »Næste agent«, celle K7: Handlingen er", "række 8, kolonnen »Bemærkning«, celle L8: Teksten »gælder ******-****«",
		"række 9, kolonnen »Momskode«, celle H9: »K 0« har mellemrum", "række 10, kolonnen »Paragraf«, celle A10: Rækken er for de samme bevillinger som række 9",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if strings.Contains(all, "0001") {
		t.Errorf("a CPR number in\n%s", all)
	}
}

func TestSheetsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"no workbook":    {[]byte("Paragraf;Art"), "Filen er ikke en Excel-projektmappe. Gem arket fra Excel"},
		"no file":        {nil, "Filen er tom"},
		"another tab":    {book(t, "Ark1", headings, good()), "Fanen »Støtteark« mangler"},
		"no rows":        {book(t, Tab, headings), "Der står ingen rækker"},
		"a column short": {book(t, Tab, headings[:11], good()[:11]), "kolonnen »Bemærkning«"},
	} {
		s, problems := ParseSheet(c.data, plans.DefaultFileLimits())
		if len(s.Rows) != 0 || len(problems) == 0 || !plans.Refused(problems) || !strings.Contains(fmt.Sprint(problems), c.says) {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestDescribe(t *testing.T) {
	old := Sheet{Rows: []Row{row(), {Section: "§ 97", Account: "1"}}}
	other := row()
	other.Account = "49000010"
	got := Describe(old, Sheet{Rows: []Row{other, {Section: "§ 104", Kind: "Aktivitet", Account: "2", PSP: "XG-1", Basis: "net"}}})
	for _, want := range []string{"Ændret: §107, midlertidigt  ophold, Privat, VOKSNE konteres på 49000010 XG-5385000001 K0 Brutto Kontér, før 59000010", "Ny række: § 104, Aktivitet", "Slettet: § 97"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	many := Sheet{}
	for i := range 30 {
		many.Rows = append(many.Rows, Row{Section: fmt.Sprint(i)})
	}
	if got := Describe(Sheet{}, many); !strings.Contains(got, "Der er 10 ændringer til.") {
		t.Errorf("got %q", got)
	}
}
