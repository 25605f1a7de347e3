package workbook

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"byskriver/runner"
	"byskriver/runner/seal"
)

func TestDecisionsComeBack(t *testing.T) {
	file := edit(t, written(t, bookOf(t, rowsN(6)...)), func(f *excelize.File) {
		write1(t, f, colChoice, 2, "Bogfør")
		write1(t, f, colValue, 2, "5385000001")
		write1(t, f, colChoice, 3, " prøv  IGEN ")
		write1(t, f, colChoice, 4, "Afvis")
		write1(t, f, colNote, 4, "\tIkke vores \n")
		write1(t, f, colNote, 5, "Spørg Ældre og Sundhed")
		write1(t, f, colValue, 6, "   ")
	})
	want := []string{
		`invoice-2026-000000/1 post "5385000001" ""`,
		`invoice-2026-000001/2 retry "" ""`,
		`invoice-2026-000002/3 reject "" "Ikke vores"`,
		`draft invoice-2026-000003/4 "" "Spørg Ældre og Sundhed"`,
	}
	im := imported(t, file)
	if got := summary(im); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if im.Rows != 6 || len(im.Digest) != 64 {
		t.Errorf("%d rows, digest %q", im.Rows, im.Digest)
	}
	if d := im.Decisions[2]; d.Sheet != "Fakturaer" || d.Row != 4 {
		t.Errorf("the third decision stands on %s row %d", d.Sheet, d.Row)
	}
}

func TestUntouchedFileHoldsNothing(t *testing.T) {
	b := bookOf(t, rowsN(9)...)
	b.Robots = append(b.Robots, Robot{Name: "attest", Title: "Attester"})
	if got := summary(imported(t, written(t, b))); got != nil {
		t.Errorf("an untouched file held %q", got)
	}
}

func TestDraftsAreWrittenAndRead(t *testing.T) {
	rows := rowsN(3)
	rows[0].Draft = Draft{Choice: "post", Value: "=1+1", Note: " -note"}
	rows[1].Draft = Draft{Value: "'+1"}
	rows[2].Draft = Draft{Choice: "Findes ikke"}
	want := []string{
		`invoice-2026-000000/1 post "=1+1" "-note"`,
		`draft invoice-2026-000001/2 "'+1" ""`,
		`choice-unknown Fakturaer 4 invoice-2026-000002`,
	}
	if got := summary(imported(t, written(t, bookOf(t, rows...)))); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// anyRow draws a row that Write takes, with arbitrary text wherever text may be.
func anyRow(t *rapid.T, n int) Row {
	word := func(name string) string { return anyText().Draw(t, name) }
	r := rowN(n)
	r.Case, r.Area, r.Reason, r.Proposal = word("case"), word("area"), word("reason"), word("proposal")
	r.Evidence = Evidence{Text: word("evidence"), Link: word("link")}
	r.Draft = Draft{Choice: r.Choices[0].Label, Value: word("value"), Note: word("note")}
	if code := word("code"); fits(code) {
		r.Code = code
	}
	if label := word("label"); fits(label) && label != "" && units(label) <= maxLabel {
		r.Choices = []runner.Choice{{Action: "own", Label: label}}
		r.Draft.Choice = label
	}
	return r
}

// comesBack is what is left of a text after it has been through a cell.
func comesBack(s string) string { return strings.TrimSpace(unguard(cellText(s))) }

// What was written is what is read, by our reader and by excelize's, and the
// decisions in it are taken just so.
func TestAnyTextComesBack(t *testing.T) {
	ring, zone := testRing(t), copenhagen(t)
	rapid.Check(t, func(t *rapid.T) {
		rows := []Row{anyRow(t, 0), anyRow(t, 1)}
		b := Book{Municipality: anyText().Draw(t, "town"), Run: "r", Made: time.Unix(1e9, 0), Zone: zone, Ring: ring,
			Robots: []Robot{{Name: "invoice", Title: "Fakturaer", Rows: Slice(rows)}}}
		var out bytes.Buffer
		if err := Write(&out, b); err != nil {
			t.Fatal(err)
		}
		ours, theirs := readOurs(t, out.Bytes()), readTheirs(t, out.Bytes())
		for i, r := range rows {
			want := []string{r.Number, r.Case, r.Area, "", "", r.Code, r.Reason, r.Proposal, r.Evidence.Text, r.Draft.Choice, r.Draft.Value, r.Draft.Note}
			for c, s := range want {
				c := column(c)
				if c == colCreated || c == colDue || c == colEvidence && s == "" {
					continue
				}
				if c == colChoice || c == colValue || c == colNote {
					s = strings.TrimSpace(s)
				}
				if got := ours[i+1][c]; got != comesBack(s) {
					t.Fatalf("%s: %q came back as %q", headings[c], s, got)
				}
				if got := theirs[i+1][c]; got != cellText(s) && strings.TrimSpace(s) != "" {
					t.Fatalf("%s: excelize reads %q as %q", headings[c], s, got)
				}
			}
		}
		checkDecisions(t, rows, out.Bytes(), ring)
	})
}

// checkDecisions compares an import with the drafts that were written.
func checkDecisions(t *rapid.T, rows []Row, file []byte, ring *seal.Ring) {
	im, err := ReadFrom(bytes.NewReader(file), int64(len(file)), ReadOptions{Ring: ring})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, r := range rows {
		c, v, n := r.Choices[0], comesBack(strings.TrimSpace(r.Draft.Value)), comesBack(strings.TrimSpace(r.Draft.Note))
		if c.NeedsValue && v == "" || c.NeedsNote && n == "" || strings.Contains(v, maskMark) {
			continue
		}
		want = append(want, fmt.Sprintf("%s %s %q %q", r.Number, c.Action, v, n))
	}
	var got []string
	for _, d := range im.Decisions {
		got = append(got, fmt.Sprintf("%s %s %q %q", d.Number, d.Action, d.Value, d.Note))
	}
	if !slices.Equal(got, want) || len(im.Decisions)+len(im.Errors) != len(rows) {
		t.Fatalf("decisions %q, want %q; errors %v", got, want, im.Errors)
	}
}

func readOurs(t *rapid.T, file []byte) (rows []map[column]string) {
	a, err := openArchive(bytes.NewReader(file), int64(len(file)), maxUnzipped)
	if err != nil {
		t.Fatal(err)
	}
	s, err := openSpreadsheet(a)
	if err != nil {
		t.Fatal(err)
	}
	err = s.rows("xl/worksheets/sheet2.xml", func(_ int, cells map[int]value) error {
		row := map[column]string{}
		for c, v := range cells {
			row[column(c)] = v.text
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func readTheirs(t *rapid.T, file []byte) (rows []map[column]string) {
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := f.GetRows("Fakturaer", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range all {
		row := map[column]string{}
		for c, v := range cells {
			row[column(c)] = v
		}
		rows = append(rows, row)
	}
	return rows
}

// Dates and amounts are numbers with a format, not texts.
func TestDatesAndAmountsAreReal(t *testing.T) {
	rows := rowsN(7)
	rows[0].Created = time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC) // the 23rd in Denmark
	rows[0].Due = time.Time{}
	rows[0].Proposal, rows[0].Amount = "", kroner("1234567.5")
	rows[1].Proposal, rows[1].Amount = "Godkend", kroner("-1234.5")
	rows[2].Proposal, rows[2].Amount = "", kroner("12345678901234567.89")
	rows[3].Proposal, rows[3].Amount = "", kroner("0.005")
	rows[4].Created = time.Date(1899, 1, 1, 12, 0, 0, 0, time.UTC)
	rows[5].Proposal, rows[5].Amount = "", decimal.NullDecimal{}
	rows[6].Proposal, rows[6].Amount = "", kroner("0")
	f, err := excelize.OpenReader(bytes.NewReader(written(t, bookOf(t, rows...))))
	must(t, err)
	defer f.Close()
	cell := func(c column, row int, raw bool) string {
		v, err := f.GetCellValue("Fakturaer", fmt.Sprintf("%s%d", c.letter(), row), excelize.Options{RawCellValue: raw})
		must(t, err)
		return v
	}
	for _, c := range []struct {
		col        column
		row        int
		raw, shown string
	}{
		{colCreated, 2, "46349", "23-11-2026"},
		{colDue, 2, "", ""},
		{colDue, 3, "46358", "02-12-2026"},
		{colProposal, 2, "1234567.5", "1,234,567.50 kr."}, // shown by a program that speaks English
		{colProposal, 3, "Godkend: -1.234,50 kr.", "Godkend: -1.234,50 kr."},
		{colProposal, 4, "12.345.678.901.234.567,89 kr.", "12.345.678.901.234.567,89 kr."},
		{colProposal, 5, "0,01 kr.", "0,01 kr."},
		{colCreated, 6, "01-01-1899", "01-01-1899"},
		{colProposal, 7, "", ""},
		{colProposal, 8, "0", "0.00 kr."},
	} {
		if raw, shown := cell(c.col, c.row, true), cell(c.col, c.row, false); raw != c.raw || shown != c.shown {
			t.Errorf("%s row %d holds %q and shows %q, want %q and %q", headings[c.col], c.row, raw, shown, c.raw, c.shown)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for name, change := range map[string]func(*Row){
		"no number":                func(r *Row) { r.Number = "" },
		"a number that is masked":  func(r *Row) { r.Number = "860501" + "0001" },
		"a number with a blank":    func(r *Row) { r.Number = "invoice-1 " },
		"a code with a control":    func(r *Row) { r.Code = "A\x01" },
		"no choices":               func(r *Row) { r.Choices = nil },
		"a choice without action":  func(r *Row) { r.Choices = []runner.Choice{{Label: "Ja"}} },
		"two choices of one label": func(r *Row) { r.Choices = []runner.Choice{{Label: "Ja", Action: "a"}, {Label: "JA", Action: "b"}} },
		"a label that is too long": func(r *Row) { r.Choices = []runner.Choice{{Label: strings.Repeat("x", 256), Action: "a"}} },
		"a negative revision":      func(r *Row) { r.Revision = -1 },
	} {
		r := rowN(1)
		change(&r)
		if err := Write(&bytes.Buffer{}, bookOf(t, rowN(0), r)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	b := bookOf(t, rowN(0))
	b.Ring = nil
	if err := Write(&bytes.Buffer{}, b); err == nil {
		t.Error("a book without a ring was written")
	}
	b = bookOf(t)
	b.Robots[0].Rows = func(yield func(Row, error) bool) { yield(Row{}, fmt.Errorf("the store is gone")) }
	if err := Write(&bytes.Buffer{}, b); err == nil || !strings.Contains(err.Error(), "the store is gone") {
		t.Errorf("an error of the rows came back as %v", err)
	}
}

func TestSameDecisionSetHasOneKey(t *testing.T) {
	s := sets{keys: map[string]string{}}
	var got []string
	for _, set := range [][]runner.Choice{plainSet, invoiceSet, plainSet, {runner.Manual(), runner.Retry()}} {
		key, _, err := s.of(set)
		must(t, err)
		got = append(got, key)
	}
	if want := []string{"V0001", "V0002", "V0001", "V0003"}; !reflect.DeepEqual(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
}
