package schedules

import (
	"errors"
	"fmt"
	"time"
)

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

// Hours are a system's opening hours, in Danish time. A nil *Hours is always open.
type Hours struct {
	hours *hours
	zone  *time.Location
}

// ParseHours reads entries such as "mon-fri 06:00-22:00", and dates such as 2026-12-24 on
// which the system is closed. No entries and no dates are always open: nil. The error joins
// all that is wrong.
func ParseHours(open, closed []string) (*Hours, error) {
	if len(open)+len(closed) == 0 {
		return nil, nil
	}
	zone, err := Copenhagen()
	if err != nil {
		return nil, err
	}
	h := &hours{closed: map[Date]bool{}}
	var wrong []error
	if len(open) == 0 {
		open = []string{"mon-sun 00:00-24:00"}
	}
	for _, text := range open {
		if why := h.read(text); why != "" {
			wrong = append(wrong, errors.New(why))
		}
	}
	for _, text := range closed {
		d, err := ParseDate(text)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("closed date %q does not exist; write dates such as 2026-12-24", text))
		}
		h.closed[d] = true
	}
	return &Hours{h, zone}, errors.Join(wrong...)
}

// Opens is the first moment, not before t, at which the system is open: t itself while it is.
// Where it does not open within a year it is t a year on.
func (h *Hours) Opens(t time.Time) time.Time {
	if h == nil {
		return t
	}
	first := DateOf(t.In(h.zone))
	for days := range 366 {
		if at, ok := h.hours.opening(h.zone, first.AddDays(days), t); ok {
			return at
		}
	}
	return t.AddDate(1, 0, 0)
}
