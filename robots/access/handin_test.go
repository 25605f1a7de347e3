package access

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/access/review"
)

// bySheet is a house in which b0, as Bo Bang, answers in workbooks, with b0's first
// workbook.
func bySheet(t *testing.T) (h *house, p review.Package, f *excelize.File) {
	t.Helper()
	h = open(t)
	h.robot.settings.Sheets, h.robot.settings.BySheet = t.TempDir(), map[string]string{"Bo Bang": "B0"}
	for _, day := range []int{2, 3} {
		h.day(2026, 4, day)
	}
	p = h.packageOf("b0", "b1")
	f, err := excelize.OpenFile(filepath.Join(h.robot.settings.Sheets, "B0", "pakke-"+p.ID+".xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return h, p, f
}

func bytesOf(t *testing.T, f *excelize.File) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (h *house) handIn(person string, data []byte) string {
	h.t.Helper()
	lines, err := h.robot.HandIn(h.t.Context(), person, data)
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// TestByWorkbook: a package answered in its workbook, sorted and with columns moved, is
// taken and sent in like one of the page.
func TestByWorkbook(t *testing.T) {
	h, p, f := bySheet(t)
	rows := rowsIn(t, f, "Adgange")[4:]
	slices.Reverse(rows)
	for i, row := range rows {
		row = append(row, make([]string, 12-len(row))...)
		row[8], row[9] = "Behold", "Bruger den hver dag"
		if i == 0 {
			row[8] = "fjern"
		}
		if err := f.SetSheetRow("Adgange", "A"+strconv.Itoa(i+5), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellStr("Adgange", "B2", "Ja"); err != nil {
		t.Fatal(err)
	}
	if err := f.RemoveCol("Adgange", "D"); err != nil {
		t.Fatal(err)
	}
	data := bytesOf(t, f)
	if said := h.handIn("Anden Person", data); !strings.Contains(said, "ikke blandt dem") {
		t.Errorf("somebody else: %s", said)
	}
	if said := h.handIn("Bo Bang", data); !strings.Contains(said, strconv.Itoa(len(rows))+" svar modtaget") {
		t.Errorf("%s", said)
	}
	h.day(2026, 4, 4)
	a, _, err := get[review.Answers](t.Context(), h.robot.books, inAnswers+p.ID)
	if err != nil || a.Sent.IsZero() || a.SentBy != "b0" || len(a.Decisions) != len(rows) {
		t.Fatalf("%+v, %v", a, err)
	}
	if list, err := h.robot.Desk().Removals(t.Context(), "it1"); err != nil || len(list) != 1 || list[0].Decision.By != "b0" {
		t.Errorf("%+v, %v", list, err)
	}
	text, err := os.ReadFile(filepath.Join(h.robot.settings.Sheets, "B0", "pakke-"+p.ID+"-svar.txt"))
	if err != nil || !strings.Contains(string(text), "Pakken er sendt ind.") {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(h.robot.settings.Sheets, "B0", "pakke-"+p.ID+".xlsx")); !os.IsNotExist(err) {
		t.Errorf("the workbook of a package that is answered still lies there: %v", err)
	}
}

// TestRowsThatAreNotTaken: each row is judged by itself, and one that is not the robot's
// own is refused by number.
func TestRowsThatAreNotTaken(t *testing.T) {
	h, p, f := bySheet(t)
	rows := rowsIn(t, f, "Adgange")[4:]
	if len(rows) < 4 {
		t.Fatalf("only %d rows", len(rows))
	}
	set := func(cell, text string) {
		if err := f.SetCellStr("Adgange", cell, text); err != nil {
			t.Fatal(err)
		}
	}
	set("I5", "Fjern")
	set("K5", rows[1][10]) // another row's number
	set("I6", "Måske")
	set("I7", "Ret") // and not what
	set("I8", "Fjern")
	set("B2", "Ja")
	said := h.handIn("Bo Bang", bytesOf(t, f))
	if !strings.Contains(said, "række 5: Rækken er ændret") || !strings.Contains(said, "række 6") {
		t.Errorf("%s", said)
	}
	folder := h.robot.settings.Sheets
	h.robot.settings.Sheets = "" // taken out of the configuration: what was handed in waits
	h.day(2026, 4, 3)
	if a, _, err := get[review.Answers](t.Context(), h.robot.books, inAnswers+p.ID); err != nil || len(a.Decisions) != 0 {
		t.Errorf("%+v, %v", a, err)
	}
	h.robot.settings.Sheets = folder
	h.day(2026, 4, 4)
	text, err := os.ReadFile(filepath.Join(folder, "B0", "pakke-"+p.ID+"-svar.txt"))
	if err != nil || !strings.Contains(string(text), "række 7: Skriv, hvad der skal rettes") || !strings.Contains(string(text), "1 svar taget, 3 rækker ikke taget") || strings.Contains(string(text), "sendt ind") {
		t.Errorf("%s, %v", text, err)
	}
	a, _, err := get[review.Answers](t.Context(), h.robot.books, inAnswers+p.ID)
	if err != nil || !a.Sent.IsZero() || len(a.Decisions) != 1 || a.Decisions[rows[3][10]].Verdict != review.Remove {
		t.Errorf("%+v, %v", a, err)
	}
	for _, data := range [][]byte{[]byte("no workbook"), nil} {
		if said := h.handIn("Bo Bang", data); !strings.Contains(said, "kan ikke læses") {
			t.Errorf("%s", said)
		}
	}
	set("B3", "2026-99-001")
	if said := h.handIn("Bo Bang", bytesOf(t, f)); !strings.Contains(said, "findes ikke") {
		t.Errorf("%s", said)
	}
}
