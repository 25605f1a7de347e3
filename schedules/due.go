package schedules

import "time"

// punctual is how late a run may start and still be on time: the time in which a
// busy program looks at its clock again.
const punctual = 5 * time.Minute

// Reason says why a planned run will not be run any more.
type Reason string

// The reasons, as they stand in the log.
const (
	LatestPassed Reason = "latest-day-passed" // its latest day is over: a person must see to it
	TooOld       Reason = "too-old"           // older than catch-up-within allows
	NoCatchUp    Reason = "no-catch-up"       // the schedule says catch-up: none
)

// Lost is planned runs that did not start and will not be run.
type Lost struct {
	Reason      Reason
	Count       int
	First, Last Run
}

// Owed is what Due finds.
type Owed struct {
	// Run is to be started now, if Start is true.
	Run   Run
	Start bool
	// Lost is what is given up, at most one entry a reason; to be reported.
	Lost []Lost
	// Settled is the moment up to which everything is accounted for: once Run is
	// stored under its key and Lost is reported, it is the next call's last.
	Settled time.Time
	// Again is when to ask again: at the next planned run, or earlier if a run
	// waits for the target to open. Zero if there is nothing within five years.
	Again time.Time
}

// Due is what should run at now, when everything up to last is accounted for. A
// zero last means that the schedule is new: nothing from before now is owed.
//
// There is at most one run, whatever time has passed. The latest planned run
// stands for those before it, and keeps its key, so that one that did start
// before a crash is not started again. It does not start on a day that will not
// do, nor while the target is closed, nor past its latest day.
func (s *Schedule) Due(last, now time.Time) Owed {
	if last.IsZero() {
		last = now
	}
	o := Owed{Settled: last}
	if r, ok := s.Next(later(last, now)); ok {
		o.Again = r.At
	}
	planned := s.planned(last, now)
	if len(planned) == 0 {
		o.Settled = later(last, now)
		return o
	}
	start, ok := s.start(planned[len(planned)-1], now)
	lapsed, live := split(planned, s.date(start))
	var newest Run
	if len(live) > 0 {
		newest = live[len(live)-1]
	}
	switch {
	case !ok || len(live) == 0:
		o.Lost = lose(TooOld, live)
	case start.Equal(now) && now.Sub(newest.At) <= punctual:
		o.Run, o.Start = newest, true
		if s.catchUp {
			o.Run.Missed = len(live) - 1
		} else {
			o.Lost = lose(NoCatchUp, live[:len(live)-1])
		}
	case !s.catchUp:
		o.Lost = lose(NoCatchUp, live)
	case start.Sub(newest.At) > s.within:
		o.Lost = lose(TooOld, live)
	case start.After(now):
		if o.Again.IsZero() || start.Before(o.Again) {
			o.Again = start.UTC()
		}
		return o
	default:
		o.Run, o.Start = newest, true
		o.Run.CatchUp, o.Run.Missed = true, len(live)
	}
	o.Lost = append(lose(LatestPassed, lapsed), o.Lost...)
	o.Settled = now
	return o
}

// planned is the runs after last, up to and including now, in order.
func (s *Schedule) planned(last, now time.Time) []Run {
	var out []Run
	for r := range s.runs(s.date(last), s.date(now)) {
		if r.At.After(last) && !r.At.After(now) {
			out = append(out, r)
		}
	}
	return out
}

// start is when a late run may start: now, if the day does and the target is
// open; otherwise as soon as the target opens on a day that does. A target that is
// always open counts as opening at the run's slot, lest a run that waits for
// Monday should start at midnight. ok is false, and at is now, if there is no such
// day within 31 days.
func (s *Schedule) start(r Run, now time.Time) (at time.Time, ok bool) {
	today := s.date(now)
	if s.calendar(today) {
		if at, ok := s.open.opening(s.zone, today, now); ok {
			return at, true
		}
	}
	earliest := 0
	if s.open == nil {
		earliest = r.slot
	}
	for i := 1; i <= maxMove; i++ {
		if at, ok := s.moment(today.AddDays(i), earliest); ok {
			return at, true
		}
	}
	return now, false
}

// split parts the runs into those whose latest day is over on the date and those
// that may still run.
func split(runs []Run, on Date) (lapsed, live []Run) {
	for _, r := range runs {
		if r.late(on) {
			lapsed = append(lapsed, r)
		} else {
			live = append(live, r)
		}
	}
	return lapsed, live
}

// lose wraps runs that are given up; none give no entry.
func lose(why Reason, runs []Run) []Lost {
	if len(runs) == 0 {
		return nil
	}
	return []Lost{{Reason: why, Count: len(runs), First: runs[0], Last: runs[len(runs)-1]}}
}
