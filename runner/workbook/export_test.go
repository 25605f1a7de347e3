package workbook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

var morning = time.Date(2026, 11, 23, 5, 15, 7, 0, time.UTC) // 06:15:07 in Denmark

// exported exports six rows and returns the path.
func exported(t *testing.T, dir, group string, at time.Time, rows ...Row) string {
	t.Helper()
	path, err := Export(dir, group, at, bookOf(t, rows...))
	must(t, err)
	return path
}

// change edits a file where it lies.
func change(t *testing.T, path string, with func(f *excelize.File)) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, edit(t, b, with), 0o600))
}

func names(t *testing.T, dir string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		found = append(found, e.Name())
	}
	return found
}

func TestExportNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "undtagelser-oekonomi-20261123-061507.xlsx")
	must(t, os.WriteFile(taken, []byte("another's"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "~$undtagelser-oekonomi-20261123-061507-2.xlsx"), nil, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, ".~lock.undtagelser-oekonomi-20261123-061507-3.xlsx#"), nil, 0o600))
	for _, want := range []string{"undtagelser-oekonomi-20261123-061507-4.xlsx", "undtagelser-oekonomi-20261123-061507-5.xlsx"} {
		path := exported(t, dir, "Økonomi", morning, rowsN(3)...)
		if filepath.Base(path) != want {
			t.Errorf("got %s, want %s", filepath.Base(path), want)
		}
		if _, err := Read(path, ReadOptions{Ring: testRing(t)}); err != nil {
			t.Error(err)
		}
		st, err := os.Stat(path)
		must(t, err)
		if st.Mode().Perm() != 0o660 {
			t.Errorf("mode %v", st.Mode())
		}
	}
	if b, err := os.ReadFile(taken); err != nil || string(b) != "another's" {
		t.Errorf("the file that was there holds %q, %v", b, err)
	}
	if path := exported(t, dir, "", morning, rowN(1)); filepath.Base(path) != "undtagelser-20261123-061507.xlsx" {
		t.Errorf("without a group: %s", path)
	}
	for _, name := range names(t, dir) {
		if strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s was left behind", name)
		}
	}
}

// An export that fails leaves nothing behind.
func TestExportThatFails(t *testing.T) {
	dir := t.TempDir()
	b := bookOf(t)
	b.Robots[0].Rows = func(yield func(Row, error) bool) {
		if yield(rowN(0), nil) {
			yield(Row{}, errors.New("the store is gone"))
		}
	}
	if _, err := Export(dir, "x", morning, b); err == nil {
		t.Error("no error")
	}
	if got := names(t, dir); got != nil {
		t.Errorf("left behind: %q", got)
	}
	if _, err := Export(filepath.Join(dir, "nowhere"), "x", morning, bookOf(t)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	for _, group := range []string{"///", strings.Repeat("x", 100)} {
		if _, err := Export(dir, group, morning, bookOf(t)); err == nil {
			t.Errorf("the group %q was taken", group)
		}
	}
}

func TestMoveNewWithoutLinks(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	must(t, os.WriteFile(from, []byte("new"), 0o600))
	must(t, os.WriteFile(to, []byte("old"), 0o600))
	if err := moveNew(from, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("moved over a file: %v", err)
	}
	if b, _ := os.ReadFile(to); string(b) != "old" {
		t.Errorf("the file holds %q", b)
	}
	if err := moveOver(from, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("moved over a file: %v", err)
	}
	if err := moveOver(from, filepath.Join(dir, "free")); err != nil {
		t.Error(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"free", "to"}) {
		t.Errorf("left %q", got)
	}
}

// What people have filled in is in the next file, as they wrote it, where number
// and revision still fit.
func TestDraftsAreCarriedOver(t *testing.T) {
	dir := t.TempDir()
	first := exported(t, dir, "Økonomi", morning, rowsN(7)...)
	change(t, first, func(f *excelize.File) {
		write1(t, f, colChoice, 2, "Bogfør") // the value is still to come
		write1(t, f, colNote, 3, "spurgt leverandøren")
		write1(t, f, colNote, 4, "gammel revision")
		write1(t, f, colChoice, 5, "Bogførr")
		write1(t, f, colValue, 5, "=4711")
		write1(t, f, colNumber, 6, "pillet")
		write1(t, f, colNote, 6, "ved række der er pillet i")
		write1(t, f, colNote, 7, "sagen er væk")
		write1(t, f, colNote, 8, "kalderens egen gælder")
	})
	exported(t, dir, "Anden", morning.Add(time.Minute), rowsN(7)...)
	rows := rowsN(5)
	rows[2].Revision++
	own := rowN(6)
	own.Draft.Note = "kalderens"
	second := exported(t, dir, "økonomi", morning.Add(time.Hour), append(rows, own)...)
	c, err := Drafts(dir, "ØKONOMI", testRing(t))
	must(t, err)
	want := map[string]Saved{
		numberN(0): {numberN(0), 1, Draft{Choice: "Bogfør"}},
		numberN(1): {numberN(1), 2, Draft{Note: "spurgt leverandøren"}},
		numberN(3): {numberN(3), 4, Draft{Choice: "Bogførr", Value: "=4711"}},
		numberN(6): {numberN(6), 3, Draft{Note: "kalderens"}},
	}
	if c.File != filepath.Base(second) || fmt.Sprint(c.Drafts) != fmt.Sprint(want) || c.Open || c.Lost != 0 {
		t.Errorf("got %+v\nwant %v", c, want)
	}
	checkNotes(t, second, "er ført over hertil (3 rækker)", "1 række i undtagelser-oekonomi-20261123-061507.xlsx er ikke ført over, fordi", "1 række i undtagelser-oekonomi-20261123-061507.xlsx kunne ikke læses")
}

// Copies of a row that say different things are not carried over: the file they
// stand in keeps them.
func TestCopiedDraftsAreLeftWhereTheyStand(t *testing.T) {
	dir := t.TempDir()
	first := exported(t, dir, "", morning, rowsN(3)...)
	change(t, first, func(f *excelize.File) {
		copyRow(t, f, 2, 8)
		copyRow(t, f, 3, 9)
		write1(t, f, colNote, 2, "det ene")
		write1(t, f, colNote, 8, "det andet")
		write1(t, f, colNote, 3, "ens")
		write1(t, f, colNote, 9, "ens")
	})
	c, err := Drafts(dir, "", testRing(t))
	must(t, err)
	if len(c.Drafts) != 1 || c.Drafts[numberN(1)].Note != "ens" || c.Lost != 2 {
		t.Errorf("got %+v", c)
	}
}

// checkNotes looks for sentences on a file's overview.
func checkNotes(t *testing.T, path string, want ...string) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	must(t, err)
	defer f.Close()
	rows, err := f.GetRows(overviewSheet)
	must(t, err)
	all := fmt.Sprint(rows)
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("the overview lacks %q: %s", w, all)
		}
	}
}

// An earlier file that is open or damaged does not stop the new one; the overview
// says what was not taken.
func TestEarlierFileThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	first := exported(t, dir, "a", morning, rowsN(3)...)
	must(t, os.WriteFile(filepath.Join(dir, "~$"+filepath.Base(first)), nil, 0o600))
	second := exported(t, dir, "a", morning.Add(time.Hour), rowsN(3)...)
	checkNotes(t, second, filepath.Base(first)+" var åben")
	b, err := os.ReadFile(second)
	must(t, err)
	must(t, os.WriteFile(second, b[:len(b)/2], 0o600))
	third := exported(t, dir, "a", morning.Add(2*time.Hour), rowsN(3)...)
	checkNotes(t, third, "kunne ikke overføres", filepath.Base(second), "halvt gemt")
	if im, err := Read(third, ReadOptions{Ring: testRing(t)}); err != nil || im.Rows != 3 {
		t.Errorf("%d rows, %v", im.Rows, err)
	}
}

func TestNewestFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"undtagelser-a-20261123-061507.xlsx", "undtagelser-a-20261123-061507-2.xlsx", "undtagelser-a-20261123-061507-10.xlsx",
		"undtagelser-a-20261122-235959.xlsx", "undtagelser-a-b-20261124-000000.xlsx", "undtagelser-20261125-000000.xlsx",
		"undtagelser-a-20261126-000000.xls", "~$undtagelser-a-20261127-000000.xlsx", "kopi af undtagelser-a-20261128-000000.xlsx",
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	must(t, os.Mkdir(filepath.Join(dir, "undtagelser-a-20261129-000000.xlsx"), 0o700))
	for group, want := range map[string]string{
		"a": "undtagelser-a-20261123-061507-10.xlsx", "a b": "undtagelser-a-b-20261124-000000.xlsx",
		"": "undtagelser-20261125-000000.xlsx", "c": "",
	} {
		if got, err := newest(dir, group); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", group, got, err, want)
		}
	}
	if c, err := Drafts(filepath.Join(dir, "nowhere"), "a", testRing(t)); err != nil || c.File != "" {
		t.Errorf("a folder that is not there: %+v, %v", c, err)
	}
}
