package schedules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// told is what Due found, in a line.
func told(o Owed) string {
	var parts []string
	if o.Start {
		kind := "run"
		if o.Run.CatchUp {
			kind = "catch up"
		}
		parts = append(parts, fmt.Sprintf("%s %s missed %d", kind, strings.TrimPrefix(o.Run.Key, "x/s/"), o.Run.Missed))
	}
	for _, l := range o.Lost {
		parts = append(parts, fmt.Sprintf("lost %d %s %v to %v", l.Count, l.Reason, l.First.Date, l.Last.Date))
	}
	if !o.Again.IsZero() {
		parts = append(parts, "again "+o.Again.Format("2006-01-02T15:04Z"))
	}
	return strings.Join(parts, ", ")
}

var (
	daily   = []string{`cron: "0 7 * * *"`, "catch-up: once", "catch-up-within: 24h"}
	opened  = append([]string{`open: {hours: ["mon-fri 06:00-22:00"]}`, "days: every", "otherwise: skip"}, daily...)
	worked  = append([]string{"days: working", "otherwise: skip"}, daily[0], "catch-up: once", "catch-up-within: 96h")
	slow    = append([]string{"catch-up-within: 96h"}, opened[0], "days: every", "otherwise: skip", daily[0], "catch-up: once")
	none    = []string{`cron: "0 7 * * *"`, "catch-up: none"}
	monthly = []string{`cron: "0 7 * * *"`, "days: bank", "after-day: 10", "latest: 15", "catch-up: once", "catch-up-within: 200h"}
)

// January: 07:00 is 06:00 UTC. 5 January 2026 is a Monday, 9 a Friday.
func TestDue(t *testing.T) {
	for _, c := range []struct {
		name      string
		lines     []string
		last, now string
		want      string
		waits     bool // last stays as it was
	}{
		{"nothing yet", daily, "2026-01-05T06:00:00Z", "2026-01-06T05:59:59Z", "again 2026-01-06T06:00Z", false},
		{"to the second", daily, "2026-01-05T06:00:00Z", "2026-01-06T06:00:00Z",
			"run 2026-01-06T07:00 missed 0, again 2026-01-07T06:00Z", false},
		{"a busy program is on time", daily, "2026-01-05T06:00:00Z", "2026-01-06T06:05:00Z",
			"run 2026-01-06T07:00 missed 0, again 2026-01-07T06:00Z", false},
		{"and after that late", daily, "2026-01-05T06:00:00Z", "2026-01-06T06:05:01Z",
			"catch up 2026-01-06T07:00 missed 1, again 2026-01-07T06:00Z", false},
		{"three days' stop", daily, "2026-01-05T07:00:00Z", "2026-01-08T09:00:00Z",
			"catch up 2026-01-08T07:00 missed 3, again 2026-01-09T06:00Z", false},
		{"three days' stop that ends at a run's time", daily, "2026-01-05T07:00:00Z", "2026-01-08T06:00:00Z",
			"run 2026-01-08T07:00 missed 2, again 2026-01-09T06:00Z", false},
		{"three days' stop without catch-up", none, "2026-01-05T07:00:00Z", "2026-01-08T09:00:00Z",
			"lost 3 no-catch-up 2026-01-06 to 2026-01-08, again 2026-01-09T06:00Z", false},
		{"without catch-up, back at a run's time", none, "2026-01-05T07:00:00Z", "2026-01-08T06:00:00Z",
			"run 2026-01-08T07:00 missed 0, lost 2 no-catch-up 2026-01-06 to 2026-01-07, again 2026-01-09T06:00Z", false},
		{"not before the target opens", opened, "2026-01-05T07:00:00Z", "2026-01-07T03:00:00Z",
			"again 2026-01-07T05:00Z", true},
		{"but then", opened, "2026-01-05T07:00:00Z", "2026-01-07T05:00:00Z",
			"catch up 2026-01-06T07:00 missed 1, again 2026-01-07T06:00Z", false},
		{"too old when the target opens", opened, "2026-01-09T05:00:00Z", "2026-01-09T22:00:00Z",
			"lost 1 too-old 2026-01-09 to 2026-01-09, again 2026-01-12T06:00Z", false},
		{"but when the target opens next", slow, "2026-01-09T05:00:00Z", "2026-01-09T22:00:00Z",
			"again 2026-01-12T05:00Z", true},
		{"a working day's run is not caught up on a Saturday", worked, "2026-01-09T05:00:00Z", "2026-01-10T09:00:00Z",
			"again 2026-01-12T06:00Z", true},
		{"the planned run takes it along", worked, "2026-01-09T05:00:00Z", "2026-01-12T06:00:30Z",
			"run 2026-01-12T07:00 missed 1, again 2026-01-13T06:00Z", false},
		{"within its latest day", monthly, "2026-05-01T00:00:00Z", "2026-05-13T09:00:00Z",
			"catch up 2026-05-11T07:00 missed 1, again 2026-06-11T05:00Z", false},
		{"latest day over", monthly, "2026-05-01T00:00:00Z", "2026-05-18T09:00:00Z",
			"lost 1 latest-day-passed 2026-05-11 to 2026-05-11, again 2026-06-11T05:00Z", false},
		{"no day that will do before its latest", monthly, "2026-05-01T00:00:00Z", "2026-05-14T09:00:00Z", // Ascension, banks closed on the 15th
			"lost 1 latest-day-passed 2026-05-11 to 2026-05-11, again 2026-06-11T05:00Z", false},
		{"one month lost, the next made good", monthly, "2026-05-01T00:00:00Z", "2026-06-12T09:00:00Z",
			"catch up 2026-06-11T07:00 missed 1, lost 1 latest-day-passed 2026-05-11 to 2026-05-11, again 2026-07-13T05:00Z", false},
		{"too old", daily, "2026-01-05T07:00:00Z", "2026-01-05T07:00:00Z", "again 2026-01-06T06:00Z", false},
		{"the clock was set back", daily, "2026-01-06T08:00:00Z", "2026-01-06T05:00:00Z", "again 2026-01-07T06:00Z", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			last, now := at(t, c.last), at(t, c.now)
			o := one(t, c.lines...).Due(last, now)
			if got := told(o); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if want := map[bool]time.Time{true: last, false: now}[c.waits]; !o.Settled.Equal(want) {
				t.Errorf("settled until %v, want %v", o.Settled, want)
			}
		})
	}
}

func TestDueOfANewScheduleOwesNothing(t *testing.T) {
	now := at(t, "2026-01-08T09:00:00Z")
	o := one(t, daily...).Due(time.Time{}, now)
	if got := told(o); got != "again 2026-01-09T06:00Z" || !o.Settled.Equal(now) {
		t.Errorf("got %s, settled until %v", got, o.Settled)
	}
}

// A run that did start before a crash, but was not yet settled, comes again under
// the same key, so that it can be seen to be there.
func TestDueKeepsTheKey(t *testing.T) {
	s := one(t, daily...)
	last := at(t, "2026-01-05T07:00:00Z")
	first, again := s.Due(last, at(t, "2026-01-06T06:00:00Z")), s.Due(last, at(t, "2026-01-06T06:30:00Z"))
	if !first.Start || !again.Start || first.Run.Key != again.Run.Key {
		t.Errorf("%s, then %s", told(first), told(again))
	}
}

// A stop over the night in which clocks go back owes that night's run once.
func TestDueOverTheClockChange(t *testing.T) {
	s := one(t, `cron: "30 2 * * *"`, "catch-up: once", "catch-up-within: 24h")
	for _, c := range []struct{ last, now, want string }{
		{"2026-10-24T12:00:00Z", "2026-10-25T00:45:00Z", "catch up 2026-10-25T02:30 missed 1, again 2026-10-26T01:30Z"},
		{"2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z", "again 2026-10-26T01:30Z"}, // 02:30 for the second time
		{"2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "run 2026-03-29T02:30 missed 0, again 2026-03-30T00:30Z"},
	} {
		if got := told(s.Due(at(t, c.last), at(t, c.now))); got != c.want {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
	}
}

// A run that is minutes old does not start once the target has closed.
func TestDueIsNotOnTimeInAClosedTarget(t *testing.T) {
	s := one(t, `cron: "58 21 * * *"`, "otherwise: skip", `open: {hours: ["mon-fri 06:00-22:00"]}`, "catch-up: once", "catch-up-within: 24h")
	last := at(t, "2026-01-05T20:00:00Z")
	o := s.Due(last, at(t, "2026-01-05T21:01:00Z"))
	if got := told(o); got != "again 2026-01-06T05:00Z" || !o.Settled.Equal(last) {
		t.Errorf("got %s, settled until %v", got, o.Settled)
	}
}

// closedFor is opening hours of a target that is down for so many days from 1 June 2026.
func closedFor(days int) string {
	var dates []string
	for i := range days {
		dates = append(dates, Date{2026, 6, 1}.AddDays(i).String())
	}
	return `open: {hours: ["mon-sun 06:00-22:00"], closed: [` + strings.Join(dates, ", ") + "]}"
}

// A target that is down for longer than a run may be moved: the file is refused
// where a date must be moved, and a run that was missed before is given up.
func TestLongClosure(t *testing.T) {
	text := oneText(`cron: "0 7 10 * *"`, "otherwise: next", closedFor(60))
	_, err := Parse("x.yaml", []byte(text), newYear2026)
	if err == nil || !strings.Contains(err.Error(), "2026-06-10 has no day within 31 days that will do") {
		t.Errorf("got %v", err)
	}
	s := one(t, `cron: "0 7 31 5 *"`, closedFor(60), "catch-up: once", "catch-up-within: 744h")
	o := s.Due(at(t, "2026-05-31T00:00:00Z"), at(t, "2026-06-02T09:00:00Z"))
	if got, want := told(o), "lost 1 too-old 2026-05-31 to 2026-05-31, again 2027-05-31T05:00Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
