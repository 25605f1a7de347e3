package schedules

import (
	"strings"
	"testing"
	"time"
)

// keys are the last parts of the keys of the first n runs after the moment.
func keys(t *testing.T, s *Schedule, after string, n int) string {
	t.Helper()
	var out []string
	m := at(t, after)
	for range n {
		r, ok := s.Next(m)
		if !ok {
			break
		}
		out, m = append(out, strings.TrimPrefix(r.Key, "x/s/")), r.At
	}
	return strings.Join(out, " ")
}

func TestEachNightOfTheClockChangeOnce(t *testing.T) {
	s := one(t, `cron: "30 2 * * *"`)
	for _, c := range []struct{ after, key, at, local string }{
		{"2026-03-28T12:00:00Z", "x/s/2026-03-29T02:30", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"},
		{"2026-03-29T01:00:00Z", "x/s/2026-03-30T02:30", "2026-03-30T00:30:00Z", "2026-03-30T02:30:00+02:00"},
		{"2026-10-24T12:00:00Z", "x/s/2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"},
		{"2026-10-25T00:30:00Z", "x/s/2026-10-26T02:30", "2026-10-26T01:30:00Z", "2026-10-26T02:30:00+01:00"},
	} {
		r, ok := s.Next(at(t, c.after))
		if !ok || r.Key != c.key || r.At.Format(time.RFC3339) != c.at || r.Local.Format(time.RFC3339) != c.local {
			t.Errorf("after %s: %s at %v, local %v; want %+v", c.after, r.Key, r.At, r.Local, c)
		}
	}
}

// Of slots that come to one moment the last stands for all: in the skipped hour,
// and before the target opens.
func TestSlotsThatComeTogether(t *testing.T) {
	half := one(t, `cron: "*/30 1-3 * * *"`)
	if got, want := keys(t, half, "2026-03-28T23:00:00Z", 4), "2026-03-29T01:00 2026-03-29T01:30 2026-03-29T03:00 2026-03-29T03:30"; got != want {
		t.Errorf("in March %s\nwant %s", got, want)
	}
	if got, want := keys(t, half, "2026-10-24T22:00:00Z", 6), "2026-10-25T01:00 2026-10-25T01:30 2026-10-25T02:00 2026-10-25T02:30 2026-10-25T03:00 2026-10-25T03:30"; got != want {
		t.Errorf("in October %s\nwant %s", got, want)
	}
	early := one(t, `cron: "0 3-7 * * *"`, `open: {hours: ["mon-sun 05:30-22:00"]}`)
	if got, want := keys(t, early, "2026-01-05T00:00:00Z", 3), "2026-01-05T05:00 2026-01-05T06:00 2026-01-05T07:00"; got != want {
		t.Errorf("before opening %s\nwant %s", got, want)
	}
}

func TestDayRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		after string
		want  string
	}{
		{"skip", []string{`cron: "0 7 * * *"`, "days: working", "otherwise: skip"},
			"2026-04-01T12:00:00Z", "2026-04-07T07:00 2026-04-08T07:00"},
		{"a weekend's runs join Monday's", []string{`cron: "0 7 * * *"`, "days: working", "otherwise: next"},
			"2026-01-09T12:00:00Z", "2026-01-12T07:00 2026-01-13T07:00"},
		{"next", []string{`cron: "0 7 * * sun"`, "days: bank", "otherwise: next"},
			"2026-03-30T12:00:00Z", "2026-04-07T07:00 2026-04-13T07:00"},
		{"previous", []string{`cron: "0 7 * * sun"`, "days: bank", "otherwise: previous"},
			"2026-03-30T12:00:00Z", "2026-04-01T07:00 2026-04-10T07:00"},
		{"previous over the turn of the year", []string{`cron: "0 7 1 1 *"`, "days: bank", "otherwise: previous"},
			"2026-01-01T12:00:00Z", "2026-12-30T07:00 2027-12-30T07:00"},
		{"after the 10th, January after the 17th", []string{`cron: "0 7 * * *"`, "days: bank", "after-day: 10", "after-day-in: {1: 17}"},
			"2026-01-01T00:00:00Z", "2026-01-19T07:00 2026-02-11T07:00 2026-03-11T07:00 2026-04-13T07:00"},
		{"after the 10th on working days", []string{`cron: "0 7 * 5 *"`, "days: working", "after-day: 13"},
			"2026-01-01T00:00:00Z", "2026-05-15T07:00"},
		{"after the 13th of May on bank days", []string{`cron: "0 7 * 5 *"`, "days: bank", "after-day: 13"},
			"2026-01-01T00:00:00Z", "2026-05-18T07:00"},
		{"a date on which the target is down", []string{`cron: "0 7 10 * *"`, "days: working", "otherwise: next",
			`open: {hours: ["mon-fri 06:00-22:00"], closed: [2026-06-10, 2026-06-11]}`},
			"2026-06-01T00:00:00Z", "2026-06-12T07:00 2026-07-10T07:00"},
		{"closed for the day already", []string{`cron: "0 16 13,15 6 *"`, "days: every", "otherwise: next",
			`open: {hours: ["sat 08:00-14:00", "mon-fri 08:00-18:00"]}`}, // the 13th is a Saturday
			"2026-06-01T00:00:00Z", "2026-06-15T16:00"},
		{"leap years", []string{`cron: "0 7 29 2 *"`}, "2026-01-01T00:00:00Z", "2028-02-29T07:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := len(strings.Fields(c.want))
			if got := keys(t, one(t, c.lines...), c.after, n); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestRunSaysWhatToRun(t *testing.T) {
	s := one(t, `cron: "0 7 10 * *"`, "days: bank", "otherwise: next", "latest: 20", "run: {mode: shadow, limit: 20}")
	r, ok := s.Next(at(t, "2026-01-01T00:00:00Z"))
	want := Run{
		Robot: "x", Schedule: "s", Key: "x/s/2026-01-12T07:00", Date: date(t, "2026-01-12"), Named: date(t, "2026-01-10"), Slot: "07:00",
		At: at(t, "2026-01-12T06:00:00Z"), Local: r.Local, Latest: date(t, "2026-01-20"), Mode: "shadow", Limit: 20, slot: 420,
	}
	if !ok || r != want || r.Local.Format(time.RFC3339) != "2026-01-12T07:00:00+01:00" {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
}

// Whatever zone the moment is given in, the answer is the same.
func TestNextInAnyZone(t *testing.T) {
	s := one(t, `cron: "0 7 * * *"`)
	want, _ := s.Next(at(t, "2026-06-01T23:30:00Z"))
	for _, same := range []string{"2026-06-02T01:30:00+02:00", "2026-06-02T11:30:00+12:00", "2026-06-01T12:30:00-11:00"} {
		if got, _ := s.Next(at(t, same)); got != want {
			t.Errorf("at %s it is %v, want %v", same, got, want)
		}
	}
}

func TestUpcoming(t *testing.T) {
	a := table(t, strings.ReplaceAll(oneText(`cron: "0 7 * * *"`), "name: s", "name: a"))
	b := table(t, strings.ReplaceAll(oneText(`cron: "0 7,9 * * *"`), "name: s", "name: b"))
	var got []string
	for _, r := range Upcoming(at(t, "2026-01-01T00:00:00Z"), 5, a, b) {
		got = append(got, r.Key)
	}
	want := "x/a/2026-01-01T07:00 x/b/2026-01-01T07:00 x/b/2026-01-01T09:00 x/a/2026-01-02T07:00 x/b/2026-01-02T07:00"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
	if got := Upcoming(at(t, "2026-01-01T00:00:00Z"), 0, a, b); len(got) != 0 {
		t.Errorf("asked for none, got %v", got)
	}
}

// A program that has run for longer than Parse looked ahead meets a month in
// which the run would be too late: it does not run, and Due reports it.
func TestNeverPlannedPastTheLatestDay(t *testing.T) {
	s := one(t, `cron: "0 7 10 * *"`, "days: bank", "otherwise: next", "latest: 16")
	s.latest[1] = 11 // 10 January 2026 is a Saturday
	if got := keys(t, s, "2026-01-01T00:00:00Z", 1); got != "2026-02-10T07:00" {
		t.Errorf("the next run is %s", got)
	}
	for _, r := range s.Calendar(2026) {
		if r.late(r.Date) {
			t.Errorf("the calendar has %s, past its latest day %v", r.Key, r.Latest)
		}
	}
	o := s.Due(at(t, "2026-01-09T00:00:00Z"), at(t, "2026-01-12T06:01:00Z"))
	if o.Start || len(o.Lost) != 1 || o.Lost[0].Reason != LatestPassed {
		t.Errorf("got %+v", o)
	}
}

// The latest day is counted in the month of the named date, also where the run is
// moved into the month before.
func TestLatestBelongsToTheNamedDate(t *testing.T) {
	s := one(t, `cron: "0 7 1 * *"`, "days: bank", "otherwise: previous", "latest: 5")
	r, ok := s.Next(at(t, "2026-01-15T00:00:00Z")) // 1 February is a Sunday
	if !ok || r.Date != date(t, "2026-01-30") || r.Latest != date(t, "2026-02-05") {
		t.Errorf("got %+v", r)
	}
}

func TestHoursInAnyOrder(t *testing.T) {
	s := one(t, `cron: "0 7,11,15 * * *"`, `open: {hours: ["mon 14:00-16:00", "mon 08:00-10:00"]}`)
	for after, want := range map[string]string{
		"2026-01-05T00:00:00Z": "08:00", "2026-01-05T07:00:00Z": "14:00", "2026-01-05T13:00:00Z": "15:00", "2026-01-05T14:00:00Z": "08:00",
	} {
		if r, _ := s.Next(at(t, after)); r.Local.Format("15:04") != want {
			t.Errorf("after %s it is %v, want %s", after, r.Local, want)
		}
	}
}
