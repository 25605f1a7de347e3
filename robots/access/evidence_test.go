package access

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// TestEvidence: what the inspectors get says of a removal who decided, who approved and
// where it stands in the run log, of each user when he was reviewed last, and of what is
// late that it is; nothing is written anew that says the same.
func TestEvidence(t *testing.T) {
	h, x := toRemoval(t)
	h.robot.settings.Reports = t.TempDir()
	if err := h.robot.Desk().Approve(t.Context(), "it1", []string{x.ID}, true, ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := h.run(); err != nil {
			t.Fatal(err)
		}
	}
	head := h.all()[x.Package]
	path := filepath.Join(h.robot.settings.Reports, head.Run, head.Unit)
	f, err := excelize.OpenFile(path + ".xlsx")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := rowsIn(t, f, "Rettigheder")
	i := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 14 && r[0] == "Navn a1" && r[4] == "Sjælden" })
	if i < 0 {
		t.Fatalf("a1's right is not there: %v", rows)
	}
	line := rows[i]
	if line[9] != "Fjern" || line[11] != "Navn a0" || !strings.HasPrefix(line[13], "Fjernet og set efter ") || !strings.Contains(line[13], "Navn it1") || !strings.HasPrefix(line[14], head.Item+", access-2026-") {
		t.Errorf("the line says %q", line)
	}
	people := rowsIn(t, f, "Sidst gennemgået")
	memory, err := h.robot.books.remembered(t.Context())
	if err != nil || memory["a1"].Reviewed.IsZero() {
		t.Fatalf("nobody remembers when a1 was reviewed: %v", err)
	}
	if !slices.ContainsFunc(people, func(r []string) bool { return len(r) > 3 && r[0] == "Navn a1" && r[3] == danish(memory["a1"].Reviewed) }) {
		t.Errorf("when a1 was reviewed last is not there: %v", people)
	}
	page, err := os.ReadFile(path + ".html")
	if err != nil || !bytes.Contains(page, []byte("Fjernet og set efter")) || !bytes.Contains(page, []byte(head.Item)) {
		t.Errorf("the page: %v", err)
	}
	for _, e := range h.staff.staff.Employees {
		if bytes.Contains(page, []byte(e.CPR)) {
			t.Errorf("%s stands there by CPR number", e.ID)
		}
	}
	h.unchanged(path+".xlsx", func() { h.clock.Advance(time.Hour) })
	h.late(t)
}

// TestFileNames: a name that no disk takes is cut between letters, and two stay two.
func TestFileNames(t *testing.T) {
	long := strings.Repeat("Børn, ", 60)
	a, b := fileName(long+"a"), fileName(long+"b")
	if len(a) > 140 || a == b || !utf8.ValidString(a) || fileName("../It/Æ") != "-It-Æ" || fileName(" .") != "uden enhed" {
		t.Errorf("%q %q %q %q", a, b, fileName("../It/Æ"), fileName(" ."))
	}
}

// unchanged has a run leave a file as it was.
func (h *house) unchanged(path string, then func()) {
	h.t.Helper()
	before, err := os.Stat(path)
	if err != nil {
		h.t.Fatal(err)
	}
	then()
	if err := h.run(); err != nil {
		h.t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || !after.ModTime().Equal(before.ModTime()) {
		h.t.Errorf("%s was written anew: %v", path, err)
	}
}

// late has the next month's packages pass their last day.
func (h *house) late(t *testing.T) {
	t.Helper()
	h.clock.Advance(32 * 24 * time.Hour)
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(32 * 24 * time.Hour)
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(h.robot.settings.Reports, "*", "*.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := excelize.OpenFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rows := rowsIn(t, f, "Pakker")
		f.Close()
		if slices.ContainsFunc(rows, func(r []string) bool { return len(r) > 4 && r[4] == "Overskredet" }) {
			return
		}
	}
	t.Errorf("nothing is late in %v", files)
}

func rowsIn(t *testing.T, f *excelize.File, name string) [][]string {
	t.Helper()
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
