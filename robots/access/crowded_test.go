package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/robots/access/review"
	"byskriver/schedules"
)

// Packages of moves count among what a leader has in a month, also those that come after
// the month's run was opened; the new month begins anew.
func TestMovesCrowdALeader(t *testing.T) {
	h := open(t)
	h.day(2026, time.March, 2)
	for k, id := range []string{"b1", "b2"} {
		h.move(id, "a", "a0")
		h.day(2026, time.March, 3+k)
	}
	if got := h.exceptions(); !slices.Equal(got, []string{review.CodeCrowded, review.CodeCrowded}) { // a0, and b0 as the former leader
		t.Fatalf("one package by the wheel and two of moves: %v", got)
	}
	list, _, err := get[map[string]noted](t.Context(), h.robot.books, inFindings)
	if err != nil {
		t.Fatal(err)
	}
	for key, n := range list {
		if strings.HasPrefix(key, review.CodeCrowded) && !strings.Contains(n.Finding.Text, "har 3 pakker i 2026-03, heraf 2") {
			t.Errorf("it says %q", n.Finding.Text)
		}
	}
	h.day(2026, time.April, 2)
	h.day(2026, time.April, 3)
	if got := h.exceptions(); slices.Contains(got, review.CodeCrowded) {
		t.Errorf("the month after: %v", got)
	}
}

// Who is told of: by the wheel more than one, of all kinds more than two.
func TestCrowded(t *testing.T) {
	month := review.MonthOf(schedules.Date{Year: 2026, Month: time.March, Day: 2})
	a, b := review.Reviewer{ID: "a", Name: "Anna"}, review.Reviewer{ID: "b", Name: "Bo", Why: review.WhyLate}
	p := func(kind review.Kind, run string) review.Package {
		return review.Package{Kind: kind, Run: run, Reviewers: []review.Reviewer{a, b}}
	}
	for name, c := range map[string]struct {
		packages []review.Package
		want     int
	}{
		"one":             {[]review.Package{p(review.Regular, "2026-03")}, 0},
		"two":             {[]review.Package{p(review.Regular, "2026-03"), p(review.Regular, "2026-03")}, 1},
		"one and a move":  {[]review.Package{p(review.Regular, "2026-03"), p(review.Move, "2026-03")}, 0},
		"three moves":     {[]review.Package{p(review.Move, "2026-03"), p(review.Move, "2026-03"), p(review.Move, "2026-03")}, 1},
		"of other months": {[]review.Package{p(review.Regular, "2026-02"), p(review.Regular, "2026-03")}, 0},
	} {
		got := review.Crowded(month, c.packages)
		if len(got) != c.want || c.want == 1 && (got[0].Person != "a" || !strings.HasPrefix(got[0].Text, fmt.Sprintf("Anna har %d pakker", len(c.packages)))) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
