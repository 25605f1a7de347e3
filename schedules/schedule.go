package schedules

import (
	"fmt"
	"iter"
	"slices"
	"time"
)

// Timetable is one robot's file: its schedules, in the order of the file.
type Timetable struct {
	Robot     string
	Schedules []*Schedule
}

// Schedule is one line of a timetable: which runs there are, and when.
type Schedule struct {
	Robot string
	Name  string // unique in the timetable and stable, as it is part of every run's key

	mode  string // live or shadow
	limit int    // items at most, 0 without limit

	when     pattern
	afterDay [13]int // by month: the named date is the day after this one; 0 where there is no such rule
	latest   [13]int // by month of the named date: the last day to run on; 0 if none

	calendar  func(Date) bool // which days will do
	otherwise move
	open      *hours
	catchUp   bool
	within    time.Duration // how old a run may be when it is caught up

	zone *time.Location
}

// move is what becomes of a named date that will not do.
type move int

const (
	skip move = iota
	next
	previous
)

// How far a named date may be moved, in days, and how far ahead it is searched
// for a run, in years. Parse refuses a schedule that would come to either end.
const (
	maxMove      = 31
	horizonYears = 5
)

// Run is one planned run.
type Run struct {
	Robot, Schedule string
	// Key is unique for the robot, schedule, local date and slot, and stable, such
	// as "invoice/morning/2026-10-12T07:00". Storing it once makes a run unique.
	Key   string
	Date  Date      // the local date it runs on
	Named Date      // the date that the cron line or rule names; another than Date if the run was moved
	Slot  string    // the local time of day that the cron line names, such as 07:00
	At    time.Time // when it is to start, in UTC; later than the slot if the target opens later
	Local time.Time // the same moment in Europe/Copenhagen
	// Latest is the last local date on which it may still start; zero if none.
	Latest Date
	Mode   string // live or shadow
	Limit  int    // items at most; 0 is without limit

	// CatchUp marks a run that starts late, after a stop. Only Due sets it.
	CatchUp bool
	// Missed is how many planned runs did not start in their time and are made good
	// by this one; a run that is caught up itself is among them. Only Due sets it.
	Missed int

	slot int // minute of the day
}

// late reports whether d is past the run's latest day.
func (r Run) late(d Date) bool { return !r.Latest.IsZero() && d.After(r.Latest) }

// Next is the first run that starts strictly after the moment; ok is false if
// there is none within five years.
func (s *Schedule) Next(after time.Time) (run Run, ok bool) {
	for r := range s.runs(s.date(after), s.horizon(after)) {
		if r.At.After(after) && !r.late(r.Date) {
			return r, true
		}
	}
	return Run{}, false
}

// Calendar is all runs with a local date in the year, in order.
func (s *Schedule) Calendar(year int) []Run {
	var out []Run
	for r := range s.runs(Date{year, time.January, 1}, Date{year, time.December, 31}) {
		if !r.late(r.Date) {
			out = append(out, r)
		}
	}
	return out
}

// Calendar is all runs of the robot with a local date in the year, by time and,
// at the same time, in the order of the file.
func (t *Timetable) Calendar(year int) []Run {
	var out []Run
	for _, s := range t.Schedules {
		out = append(out, s.Calendar(year)...)
	}
	slices.SortStableFunc(out, func(a, b Run) int { return a.At.Compare(b.At) })
	return out
}

// Upcoming is the first n runs of all the timetables that start strictly after
// the moment, by time; fewer if there are no more within five years.
func Upcoming(after time.Time, n int, tables ...*Timetable) []Run {
	var out []Run
	for _, t := range tables {
		for _, s := range t.Schedules {
			at := after
			for range n {
				r, ok := s.Next(at)
				if !ok {
					break
				}
				out, at = append(out, r), r.At
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Run) int { return a.At.Compare(b.At) })
	return out[:min(n, len(out))]
}

// date is the local date of t.
func (s *Schedule) date(t time.Time) Date { return DateOf(t.In(s.zone)) }

// horizon is the last local date that is searched for a run after t.
func (s *Schedule) horizon(t time.Time) Date {
	d := s.date(t)
	return Date{d.Year + horizonYears, d.Month, d.Day}
}

// runs yields the planned runs of the dates from first to last, in order of time.
// Of slots that come to the same moment the last stands for all.
func (s *Schedule) runs(first, last Date) iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for d := first; !d.After(last); d = d.AddDays(1) {
			if !s.runsOn(d, yield) {
				return
			}
		}
	}
}

// runsOn yields the runs of one date; it is false if yield was.
func (s *Schedule) runsOn(d Date, yield func(Run) bool) bool {
	if !s.calendar(d) {
		return true
	}
	var held *Run
	for _, slot := range s.when.slots {
		r, ok := s.runAt(d, slot)
		if !ok {
			continue
		}
		if held != nil && held.At.Before(r.At) && !yield(*held) {
			return false
		}
		held = &r
	}
	return held == nil || yield(*held)
}

// runAt is the run of one slot on date d: the date must do, and be named itself
// or be where a named date is moved to.
func (s *Schedule) runAt(d Date, slot int) (Run, bool) {
	at, ok := s.moment(d, slot)
	if !ok {
		return Run{}, false
	}
	named, ok := s.namedFor(d, slot)
	if !ok {
		return Run{}, false
	}
	clock := fmt.Sprintf("%02d:%02d", slot/60, slot%60)
	return Run{
		Robot: s.Robot, Schedule: s.Name, Key: s.Robot + "/" + s.Name + "/" + d.String() + "T" + clock,
		Date: d, Named: named, Slot: clock, At: at.UTC(), Local: at.In(s.zone), Latest: s.latestFor(named),
		Mode: s.mode, Limit: s.limit, slot: slot,
	}, true
}

// moment is when the slot starts on date d: at its time of day, or when the
// target opens later that day. ok is false if the day will not do.
func (s *Schedule) moment(d Date, slot int) (at time.Time, ok bool) {
	if !s.calendar(d) {
		return time.Time{}, false
	}
	return s.open.opening(s.zone, d, instant(s.zone, d, slot))
}

// namedFor is the named date whose run of the slot lands on d, a day that does:
// d itself, or the nearest of those that are moved over days that do not.
func (s *Schedule) namedFor(d Date, slot int) (Date, bool) {
	if s.names(d) {
		return d, true
	}
	step := s.otherwise.step()
	for i := 1; step != 0 && i <= maxMove; i++ {
		e := d.AddDays(-i * step)
		if _, ok := s.moment(e, slot); ok {
			break
		}
		if s.names(e) {
			return e, true
		}
	}
	return Date{}, false
}

// landing is the date on which the slot of a named date runs: the other way
// round than namedFor. ok is false if it runs on none.
func (s *Schedule) landing(named Date, slot int) (Date, bool) {
	step := s.otherwise.step()
	for i := 0; i <= maxMove; i++ {
		d := named.AddDays(i * step)
		if _, ok := s.moment(d, slot); ok {
			return d, true
		}
		if step == 0 {
			break
		}
	}
	return Date{}, false
}

// step is the direction in which a date is moved.
func (m move) step() int {
	switch m {
	case next:
		return 1
	case previous:
		return -1
	}
	return 0
}

// names reports whether the cron line or the rule names d.
func (s *Schedule) names(d Date) bool {
	if a := s.afterDay[d.Month]; a != 0 {
		return s.when.inMonth(d.Month) && d.Day == a+1
	}
	return s.when.names(d)
}

// latestFor is the last day for the run of a named date; zero if none.
func (s *Schedule) latestFor(named Date) Date {
	day := s.latest[named.Month]
	if day == 0 {
		return Date{}
	}
	return Date{named.Year, named.Month, day}
}
