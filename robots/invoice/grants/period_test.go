package grants

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"byskriver/robots/invoice/reading"
)

func lines(periods ...Period) (all []reading.Line) {
	for _, p := range periods {
		all = append(all, reading.Line{Period: reading.Period(p)})
	}
	return all
}

func TestPeriodOf(t *testing.T) {
	september := Period{"2026-09-01", "2026-09-30"}
	for _, c := range []struct {
		name    string
		inv     reading.Invoice
		without WithoutPeriod
		want    Period
		ok      bool
	}{
		{"its own", reading.Invoice{Period: reading.Period(october()), Lines: lines(september)}, RefuseWithout, october(), true},
		{"its lines'", reading.Invoice{Lines: lines(october(), october())}, RefuseWithout, october(), true},
		{"lines one after the other", reading.Invoice{Lines: lines(october(), september)}, RefuseWithout, Period{"2026-09-01", "2026-10-31"}, true},
		{"lines with a gap", reading.Invoice{Lines: lines(Period{"2026-09-01", "2026-09-29"}, october())}, IssueMonth, Period{}, false},
		{"a line without", reading.Invoice{Lines: lines(october(), Period{})}, IssueMonth, Period{}, false},
		{"half of one", reading.Invoice{Period: reading.Period{From: "2026-10-01"}}, IssueMonth, Period{}, false},
		{"back to front", reading.Invoice{Period: reading.Period{From: "2026-10-31", To: "2026-10-01"}}, IssueMonth, Period{}, false},
		{"none", reading.Invoice{IssueDate: "2026-11-02", Lines: lines(Period{})}, RefuseWithout, Period{}, false},
		{"none, the month of issue", reading.Invoice{IssueDate: "2026-10-31"}, IssueMonth, october(), true},
		{"none, the month before", reading.Invoice{IssueDate: "2026-11-30"}, MonthBefore, october(), true},
		{"none, the month before March", reading.Invoice{IssueDate: "2026-03-31"}, MonthBefore, Period{"2026-02-01", "2026-02-28"}, true},
		{"none, and no date", reading.Invoice{IssueDate: "snart"}, IssueMonth, Period{}, false},
	} {
		if got, ok := periodOf(c.inv, c.without); ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %v, %v", c.name, got, ok)
		}
	}
}

// Whole months are told apart from anything else, whatever the months' lengths.
func TestMonths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := time.Date(2024, time.Month(rapid.IntRange(1, 36).Draw(t, "month")), 1, 0, 0, 0, 0, time.UTC)
		n := rapid.IntRange(1, 14).Draw(t, "months")
		last := first.AddDate(0, n, -1)
		days := func(from, to time.Time) Period {
			return Period{from.Format(time.DateOnly), to.Format(time.DateOnly)}
		}
		if got := days(first, last).months(); got != n {
			t.Fatalf("%v are %d months, want %d", days(first, last), got, n)
		}
		off := rapid.IntRange(1, 27).Draw(t, "off")
		for _, p := range []Period{days(first.AddDate(0, 0, off), last), days(first, last.AddDate(0, 0, off)), days(first.AddDate(0, 0, off), last.AddDate(0, 0, off))} {
			if got := p.months(); got != 0 {
				t.Fatalf("%v are %d months", p, got)
			}
		}
	})
}
