package review

import (
	"testing"

	"byskriver/schedules"
)

// A right is told to be unused in the month after the limit, and never where nobody knows
// or the municipality wants nothing told.
func TestUnusedRightsAreTold(t *testing.T) {
	today := schedules.Date{Year: 2026, Month: 11, Day: 2}
	for _, c := range []struct {
		stale int
		last  schedules.Date
		want  string
	}{
		{12, schedules.Date{Year: 2025, Month: 10, Day: 31}, "Ikke brugt i over 12 måneder"},
		{12, schedules.Date{Year: 2025, Month: 11, Day: 1}, ""},
		{12, schedules.Date{}, ""},
		{0, schedules.Date{Year: 2001, Month: 1, Day: 1}, ""},
	} {
		f := newFreezer(today, Staff{}, Policy{Stale: c.stale}, Paired{}, nil)
		if got := f.held(Employee{}, Grant{System: "x", Right: "y", LastUse: c.last}).Unused; got != c.want {
			t.Errorf("%d months, used last %s: %q, want %q", c.stale, c.last, got, c.want)
		}
	}
}
