package workbook

import (
	"bytes"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"byskriver/runner"
	"byskriver/runner/seal"
)

// copenhagen is where the tests' municipality lies.
func copenhagen(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Copenhagen")
	must(t, err)
	return z
}

// testRing is a ring with a fixed secret, so that a failure can be repeated.
func testRing(t testing.TB) *seal.Ring {
	t.Helper()
	r, err := seal.ParseRing("k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	must(t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	post   = runner.Choice{Action: "post", Label: "Bogfør", NeedsValue: true}
	reject = runner.Choice{Action: "reject", Label: "Afvis", NeedsNote: true}

	invoiceSet = []runner.Choice{post, runner.Retry(), runner.Manual()}
	plainSet   = []runner.Choice{runner.Retry(), runner.Manual()}
	rejectSet  = []runner.Choice{reject, runner.Manual()}
)

func kroner(s string) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(s))
}

// bookOf is a book with one robot and the given rows.
func bookOf(t testing.TB, rows ...Row) Book {
	t.Helper()
	return Book{
		Municipality: "Lilleby Kommune", Run: "faktura-20261123-0600",
		Made: time.Date(2026, 11, 23, 5, 15, 0, 0, time.UTC),
		Zone: copenhagen(t), Ring: testRing(t),
		Robots: []Robot{{
			Name: "invoice", Title: "Fakturaer", Rows: Slice(rows),
			Tally: Tally{Found: len(rows) + 7, Done: 5, Listed: len(rows), Waiting: 1, Failed: 1},
		}},
	}
}

// rowN is a row with nothing special about it; the sets of three rows differ.
func rowN(n int) Row {
	sets := [][]runner.Choice{invoiceSet, plainSet, rejectSet}
	return Row{
		Number: numberN(n), Case: fmt.Sprintf("51000%05d", n), Area: "Ældre og Sundhed",
		Created: time.Date(2026, 11, 1+n%20, 23, 30, 0, 0, time.UTC), Due: time.Date(2026, 12, 1+n%20, 0, 0, 0, 0, time.UTC),
		Code:     []string{"UDEN-FOR-PLAN", "EAN-MANGLER", "BELØB-AFVIGER"}[n%3],
		Reason:   "Beløbet 12.400,00 kr. ligger over planens øvre grænse på 10.000,00 kr. Kontrollér ydelsen, og vælg en konto, hvis fakturaen skal betales.",
		Proposal: "Artskonto 40000000", Evidence: Evidence{Text: fmt.Sprintf("faktura-%d.xml", n), Link: fmt.Sprintf("bevis/faktura-%d.xml", n)},
		Choices: sets[n%3], Revision: 1 + n%4,
	}
}

func numberN(n int) string { return fmt.Sprintf("invoice-2026-%06d", n) }

func rowsN(n int) []Row {
	var rows []Row
	for i := range n {
		rows = append(rows, rowN(i))
	}
	return rows
}

// manyRows are n rows that are made as they are asked for.
func manyRows(n int) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for i := range n {
			if !yield(rowN(i), nil) {
				return
			}
		}
	}
}

// written is a book as a file.
func written(t testing.TB, b Book) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, Write(&out, b))
	return out.Bytes()
}

// imported reads a file that must be readable.
func imported(t testing.TB, file []byte) Import {
	t.Helper()
	im, err := ReadFrom(bytes.NewReader(file), int64(len(file)), ReadOptions{Ring: testRing(t)})
	must(t, err)
	return im
}

// edit changes a file the way a person would, and saves it anew.
func edit(t testing.TB, file []byte, change func(f *excelize.File)) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	must(t, err)
	defer f.Close()
	change(f)
	var out bytes.Buffer
	must(t, f.Write(&out))
	return out.Bytes()
}

// write1 writes in the cell of a column and a row of the sheet Fakturaer.
func write1(t testing.TB, f *excelize.File, c column, row int, v any) {
	t.Helper()
	must(t, f.SetCellValue("Fakturaer", fmt.Sprintf("%s%d", c.letter(), row), v))
}

// summary is an import in few words, for comparing.
func summary(im Import) []string {
	var s []string
	for _, d := range im.Decisions {
		s = append(s, fmt.Sprintf("%s/%d %s %q %q", d.Number, d.Revision, d.Action, d.Value, d.Note))
	}
	for _, d := range im.Drafts {
		s = append(s, fmt.Sprintf("draft %s/%d %q %q", d.Number, d.Revision, d.Value, d.Note))
	}
	for _, e := range im.Errors {
		s = append(s, fmt.Sprintf("%s %s %d %s", e.Code, e.Sheet, e.Row, e.Number))
	}
	return s
}
