package workbook

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzRows are how many rows of rowN the seeds in testdata/fuzz/FuzzImport were made from.
const fuzzRows = 4

// FuzzImport reads whatever file comes. It is refused whole with a sentence, or each of its
// decisions is one that its row allowed, about an item and revision that we wrote, and no
// item is decided twice. The seeds are files as this program wrote them once, and as Excel,
// LibreOffice and people leave them, packed without compression so that the fuzzer can reach
// what is in them.
func FuzzImport(f *testing.F) {
	ring := testRing(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		im, err := ReadFrom(bytes.NewReader(file), int64(len(file)), ReadOptions{Ring: ring, MaxUnzipped: 4 << 20, Standing: standingOfRows})
		var refused *FileError
		if err != nil {
			if !errors.As(err, &refused) || refused.Text == "" || len(im.Decisions) > 0 {
				t.Fatalf("refused with %v and %d decisions", err, len(im.Decisions))
			}
			return
		}
		seen := map[string]bool{}
		for _, d := range im.Decisions {
			if seen[d.Number] {
				t.Errorf("%s is decided twice", d.Number)
			}
			seen[d.Number] = true
			allowed(t, d)
		}
		for _, e := range im.Errors {
			if e.Text == "" || e.Code == "" || !utf8.ValidString(e.Text) {
				t.Errorf("a row is refused without a sentence: %+v", e)
			}
		}
	})
}

// allowed checks a decision against the row that it must have come from.
func allowed(t *testing.T, d Decision) {
	t.Helper()
	for n := range fuzzRows {
		row := rowN(n)
		if row.Number != d.Number {
			continue
		}
		for _, c := range row.Choices {
			if c.Action == d.Action && d.Revision == row.Revision && (!c.NeedsValue || d.Value != "") && (!c.NeedsNote || d.Note != "") {
				return
			}
		}
	}
	t.Errorf("no row allows %+v", d)
}

func standingOfRows(number string) (int, bool, error) {
	for n := range fuzzRows {
		if row := rowN(n); row.Number == number {
			return row.Revision, n != 3, nil // the last is off the list
		}
	}
	return 0, false, nil
}

// What was written once is read for ever: the seeds of the fuzzer say the same as on the day
// they were made.
func TestSeedsAreReadAsBefore(t *testing.T) {
	for name, want := range map[string][]string{
		"decided": {`invoice-2026-000000/1 post "4711" ""`, `invoice-2026-000001/2 retry "" ""`, `invoice-2026-000002/3 reject "" "Forkert modtager."`,
			"not-listed Fakturaer 5 invoice-2026-000003"},
		"columns-moved": {`invoice-2026-000000/1 post "4711" ""`, `invoice-2026-000001/2 retry "" ""`, `invoice-2026-000002/3 reject "" "Forkert modtager."`,
			"not-listed Fakturaer 5 invoice-2026-000003"},
		"rows-copied": {`invoice-2026-000000/1 post "4711" ""`, `invoice-2026-000001/2 retry "" ""`, "not-listed Fakturaer 5 invoice-2026-000003",
			"twice Fakturaer 4 invoice-2026-000002", "twice Fakturaer 10 invoice-2026-000002"},
		"filtered": {`invoice-2026-000002/3 reject "" "Forkert modtager."`, "not-listed Fakturaer 5 invoice-2026-000003",
			"value-rounded Fakturaer 2 invoice-2026-000000", "choice-unknown Fakturaer 3 invoice-2026-000001"},
	} {
		text, err := os.ReadFile(filepath.Join("testdata/fuzz/FuzzImport", name))
		must(t, err)
		_, quoted, _ := strings.Cut(string(text), "[]byte(")
		file, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(quoted), ")"))
		must(t, err)
		im, err := ReadFrom(strings.NewReader(file), int64(len(file)), ReadOptions{Ring: testRing(t), Standing: standingOfRows})
		must(t, err)
		if got := summary(im); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
