package schedules

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a date in the civil (Gregorian) calendar, without time of day or zone.
// Two dates are the same day exactly when they are ==. The zero Date stands for
// no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int // 1 to 31
}

// DateOf is the date that t shows in its own location. To have the Danish date
// of an instant, hand it t.In(zone) with the zone of Copenhagen.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD. A date that does not exist, such as 2026-02-30, is
// an error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("read date %q: it is no date of the form YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// noon is a moment in UTC that is safely inside the date.
func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// String is the date as YYYY-MM-DD.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// IsZero reports whether d stands for no date.
func (d Date) IsZero() bool { return d == Date{} }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// AddDays is the date n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.noon().AddDate(0, 0, n)) }

// Compare is -1 if d comes before e, 0 if they are the same, and 1 if d comes after e.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d comes before e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d comes after e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// MarshalText writes YYYY-MM-DD; no date becomes the empty text.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return []byte{}, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
