package schedules

import "time"

// hours are a target's opening hours. A nil *hours is always open.
type hours struct {
	week   [7][]span // by time.Weekday, each in order and apart
	closed map[Date]bool
}

// span is from one minute of the day until before another; 1440 is midnight.
type span struct{ from, to int }

// opening is the first moment on date d, not before t, at which the target is
// open; ok is false if it does not open on that date any more. Doors open when
// the clock first shows the opening time and close when it first shows the
// closing time, also in a night when the clock is moved.
func (h *hours) opening(zone *time.Location, d Date, t time.Time) (at time.Time, ok bool) {
	if h == nil {
		return t, t.Before(instant(zone, d, minutesOfDay))
	}
	if h.closed[d] {
		return time.Time{}, false
	}
	for _, s := range h.week[d.Weekday()] {
		from, to := instant(zone, d, s.from), instant(zone, d, s.to)
		if t.Before(to) && from.Before(to) {
			return later(t, from), true
		}
	}
	return time.Time{}, false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

const minutesOfDay = 24 * 60
