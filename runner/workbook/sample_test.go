package workbook

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/runner"
	"byskriver/runner/seal"
)

// copenhagen is where the tests' municipality lies.
func copenhagen(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// testRing is a ring with a fixed secret, so that a failure can be repeated.
func testRing(t testing.TB) *seal.Ring {
	t.Helper()
	r, err := seal.ParseRing("k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var (
	post   = runner.Choice{Action: "post", Label: "Bogfør", NeedsValue: true}
	reject = runner.Choice{Action: "reject", Label: "Afvis", NeedsNote: true}

	plainSet   = []runner.Choice{runner.Retry(), runner.Manual()}
	invoiceSet = []runner.Choice{post, runner.Retry(), runner.Manual()}
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

// rowN is a row with nothing special about it.
func rowN(n int) Row {
	sets := [][]runner.Choice{invoiceSet, plainSet, rejectSet}
	return Row{
		Number: fmt.Sprintf("invoice-2026-%06d", n), Case: fmt.Sprintf("51000%05d", n), Area: "Ældre og Sundhed",
		Created: time.Date(2026, 11, 1+n%20, 23, 30, 0, 0, time.UTC), Due: time.Date(2026, 12, 1+n%20, 0, 0, 0, 0, time.UTC),
		Code:     []string{"UDEN-FOR-PLAN", "EAN-MANGLER", "BELØB-AFVIGER"}[n%3],
		Reason:   "Beløbet 12.400,00 kr. ligger over planens øvre grænse på 10.000,00 kr. Kontrollér ydelsen, og vælg en konto, hvis fakturaen skal betales.",
		Proposal: "Artskonto 40000000", Evidence: Evidence{Text: fmt.Sprintf("faktura-%d.xml", n), Link: fmt.Sprintf("bevis/faktura-%d.xml", n)},
		Choices: sets[n%3], Revision: 1 + n%4,
	}
}
