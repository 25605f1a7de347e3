package schedules

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// world is a schedule that was drawn, and what its file says about the target, in
// a form that the tests can judge by without the code under test.
type world struct {
	s     *Schedule
	text  string
	days  string
	hours string // such as "mon-fri 06:00-22:00", or ""
	zone  *time.Location
}

// drawWorld draws a schedule as a file and has Parse read it.
func drawWorld(t *rapid.T) world {
	w := world{days: rapid.SampledFrom([]string{"every", "working", "bank"}).Draw(t, "days")}
	lines := []string{"days: " + w.days}
	if rapid.IntRange(0, 3).Draw(t, "after-day?") == 0 {
		lines = append(lines, fmt.Sprintf(`cron: "%d %d * * *"`, rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour")),
			fmt.Sprintf("after-day: %d", rapid.IntRange(1, 20).Draw(t, "after")), "after-day-in: {1: 17}", "latest: 28")
	} else {
		lines = append(lines, fmt.Sprintf("cron: %q", drawCron(t)),
			"otherwise: "+rapid.SampledFrom([]string{"skip", "next", "previous"}).Draw(t, "otherwise"))
	}
	if rapid.Bool().Draw(t, "closes") {
		from := rapid.IntRange(0, 22*60).Draw(t, "from")
		to := rapid.IntRange(from+1, minutesOfDay).Draw(t, "to")
		w.hours = rapid.SampledFrom([]string{"mon-fri", "mon-sun", "tue-thu"}).Draw(t, "weekdays") +
			fmt.Sprintf(" %02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60)
		lines = append(lines, fmt.Sprintf("open: {hours: [%q], closed: [2026-06-10]}", w.hours))
	}
	if rapid.Bool().Draw(t, "catches up") {
		lines = append(lines, "catch-up: once", fmt.Sprintf("catch-up-within: %dh", rapid.IntRange(1, 200).Draw(t, "within")))
	}
	w.text = oneText(lines...)
	tt, err := Parse("x.yaml", []byte(w.text), newYear2026)
	if err != nil {
		var p Problems
		if !errors.As(err, &p) || len(p) == 0 {
			t.Fatalf("Parse gave %v", err)
		}
		t.Skip("refused:", err) // such as hours in which the slot never comes
	}
	w.s, w.zone = tt.Schedules[0], tt.Schedules[0].zone
	return w
}

// allowed reports whether a run may start at the moment, judged by the wall clock.
func (w world) allowed(m time.Time) bool {
	l := m.In(w.zone)
	d := DateOf(l)
	if w.days == "working" && !WorkingDay(d) || w.days == "bank" && !BankDay(d) {
		return false
	}
	if w.hours == "" {
		return true
	}
	days, clock, _ := strings.Cut(w.hours, " ")
	from, to, _ := strings.Cut(clock, "-")
	weekday := l.Weekday()
	onDay := map[string]bool{
		"mon-sun": true,
		"mon-fri": weekday >= time.Monday && weekday <= time.Friday,
		"tue-thu": weekday >= time.Tuesday && weekday <= time.Thursday,
	}[days]
	shown := l.Format("15:04")
	return onDay && d.String() != "2026-06-10" && shown >= from && shown < to
}

// doubled reports whether the moment is in an hour that comes twice, where the
// wall clock cannot tell whether the target is open.
func (w world) doubled(m time.Time) bool {
	return m.In(w.zone).Format("15:04") == m.Add(time.Hour).In(w.zone).Format("15:04") ||
		m.In(w.zone).Format("15:04") == m.Add(-time.Hour).In(w.zone).Format("15:04")
}

func drawMoment(t *rapid.T, label string) time.Time {
	near := rapid.SampledFrom([]time.Time{
		newYear2026,
		time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC),
		time.Date(2026, 5, 10, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC),
	}).Draw(t, label)
	return near.Add(time.Duration(rapid.Int64Range(0, int64(20*24*time.Hour)).Draw(t, label+" plus")))
}

func TestNextProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		after := drawMoment(t, "after")
		seen := map[string]bool{}
		for range 8 {
			r, ok := w.s.Next(after)
			if !ok {
				t.Fatalf("no run after %v\n%s", after, w.text)
			}
			if !r.At.After(after) {
				t.Fatalf("%v is not later than %v\n%s", r.At, after, w.text)
			}
			if !w.allowed(r.At) && !w.doubled(r.At) {
				t.Fatalf("%v must not run then\n%s", r.Local, w.text)
			}
			if seen[r.Key] || DateOf(r.Local) != r.Date || !strings.HasSuffix(r.Key, r.Date.String()+"T"+r.Slot) {
				t.Fatalf("key %s at %v\n%s", r.Key, r.Local, w.text)
			}
			seen[r.Key] = true
			if again, _ := w.s.Next(r.At.Add(-time.Nanosecond)); again != r {
				t.Fatalf("just before %v it is %v\n%s", r, again, w.text)
			}
			between := after.Add(time.Duration(rapid.Int64Range(0, int64(r.At.Sub(after)-1)).Draw(t, "between")))
			if same, _ := w.s.Next(between); same != r {
				t.Fatalf("between %v and %v it is %v\n%s", after, r.At, same, w.text)
			}
			after = r.At
		}
	})
}

// Every named date runs exactly where landing says: no run is without a named
// date, and no named date that has a day is without a run.
func TestNamedDatesAndRunsCorrespond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		slot := w.s.when.slots[0]
		start := Date{2026, time.January, 1}.AddDays(rapid.IntRange(0, 330).Draw(t, "start"))
		for i := range 60 {
			d := start.AddDays(i)
			if w.s.names(d) {
				land, ok := w.s.landing(d, slot)
				if r, runs := w.s.runAt(land, slot); ok && !runs {
					t.Fatalf("%v lands on %v, but nothing runs there (%v)\n%s", d, land, r, w.text)
				}
			}
			if r, ok := w.s.runAt(d, slot); ok {
				if land, _ := w.s.landing(r.Named, slot); !w.s.names(r.Named) || land != d {
					t.Fatalf("%v runs for %v, which lands on %v\n%s", d, r.Named, land, w.text)
				}
			}
		}
	})
}

// A program that is stopped at random and asks Due when it is up: whatever
// happens, each planned run is accounted for exactly once.
func TestDueProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		begin := drawMoment(t, "begin")
		last, now := begin, begin
		started := map[string]bool{}
		accounted := 0
		for range 9 {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(rapid.SampledFrom([]time.Duration{
				time.Minute, 6 * time.Hour, 4 * 24 * time.Hour, 40 * 24 * time.Hour}).Draw(t, "scale"))).Draw(t, "pause")))
			o := w.s.Due(last, now)
			if !o.Settled.Equal(now) && !o.Settled.Equal(last) || !o.Again.After(now) {
				t.Fatalf("at %v settled until %v, again at %v\n%s", now, o.Settled, o.Again, w.text)
			}
			if o.Start {
				if started[o.Run.Key] || o.Run.At.After(now) || o.Run.late(DateOf(now.In(w.zone))) {
					t.Fatalf("at %v starts %+v\n%s", now, o.Run, w.text)
				}
				if !w.allowed(now) && !w.doubled(now) {
					t.Fatalf("at %v, when nothing may run, starts %+v\n%s", now, o.Run, w.text)
				}
				if late := now.Sub(o.Run.At); o.Run.CatchUp != (late > punctual) || o.Run.CatchUp && late > w.s.within {
					t.Fatalf("at %v starts %+v, %v late\n%s", now, o.Run, late, w.text)
				}
				started[o.Run.Key] = true
				accounted += o.Run.Missed
				if !o.Run.CatchUp {
					accounted++
				}
			}
			for _, l := range o.Lost {
				accounted += l.Count
			}
			last = o.Settled
			if planned := len(w.s.planned(begin, last)); planned != accounted {
				t.Fatalf("until %v %d runs were planned, %d accounted for\n%s", last, planned, accounted, w.text)
			}
			if rapid.Bool().Draw(t, "sleeps until again") {
				now = o.Again
			}
		}
	})
}
