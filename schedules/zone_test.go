package schedules

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func copenhagen(t testing.TB) *time.Location {
	t.Helper()
	zone, err := Copenhagen()
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// at reads a moment written as RFC 3339.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestInstant(t *testing.T) {
	zone := copenhagen(t)
	for _, c := range []struct {
		day    string
		minute int
		want   string
	}{
		{"2026-01-15", 7 * 60, "2026-01-15T06:00:00Z"},
		{"2026-07-15", 7 * 60, "2026-07-15T05:00:00Z"},
		{"2026-03-29", 1*60 + 59, "2026-03-29T00:59:00Z"},
		{"2026-03-29", 2 * 60, "2026-03-29T01:00:00Z"},    // skipped: the jump
		{"2026-03-29", 2*60 + 30, "2026-03-29T01:00:00Z"}, // skipped: the jump
		{"2026-03-29", 3 * 60, "2026-03-29T01:00:00Z"},
		{"2026-03-29", 3*60 + 1, "2026-03-29T01:01:00Z"},
		{"2026-10-25", 1*60 + 59, "2026-10-24T23:59:00Z"},
		{"2026-10-25", 2 * 60, "2026-10-25T00:00:00Z"},    // the first of two
		{"2026-10-25", 2*60 + 30, "2026-10-25T00:30:00Z"}, // the first of two
		{"2026-10-25", 3 * 60, "2026-10-25T02:00:00Z"},
		{"2026-10-25", minutesOfDay, "2026-10-25T23:00:00Z"},
	} {
		if got := instant(zone, date(t, c.day), c.minute); !got.Equal(at(t, c.want)) {
			t.Errorf("%s minute %d is %v, want %s", c.day, c.minute, got, c.want)
		}
	}
}

// Against walking through the day minute by minute, in days around the changes of
// clocks in several zones (Lord Howe moves by half an hour).
func TestInstantIsTheFirstMomentThatShowsTheTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/Copenhagen", "America/New_York", "Australia/Lord_Howe"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		d := Date{2026, time.January, 1}.AddDays(rapid.IntRange(0, 364).Draw(t, "day"))
		_, change := d.noon().In(zone).ZoneBounds()
		if rapid.Bool().Draw(t, "night of a change") && change.Year() == 2026 {
			d = DateOf(change.In(zone))
		}
		minute := rapid.IntRange(0, minutesOfDay-1).Draw(t, "minute")
		want := walk(zone, d, minute)
		if got := instant(zone, d, minute); !got.Equal(want) {
			t.Fatalf("%s %v %02d:%02d is %v, want %v", name, d, minute/60, minute%60, got, want)
		}
	})
}

func walk(zone *time.Location, d Date, minute int) time.Time {
	for m := d.noon().Add(-40 * time.Hour); ; m = m.Add(time.Minute) {
		l := m.In(zone)
		if day := DateOf(l); day.After(d) || day == d && l.Hour()*60+l.Minute() >= minute {
			return m
		}
	}
}
