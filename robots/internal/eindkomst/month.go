package eindkomst

import (
	"fmt"
	"time"

	"byskriver/schedules"
)

// Month is a calendar month. As a basis month it is the one that an income belongs
// to for tax.
type Month struct {
	Year  int
	Month time.Month
}

// MonthOf is the month that a date lies in.
func MonthOf(d schedules.Date) Month { return Month{d.Year, d.Month} }

// ParseMonth reads YYYY-MM.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return Month{}, fmt.Errorf("read month %q: it is no month of the form YYYY-MM", s)
	}
	return Month{t.Year(), t.Month()}, nil
}

// String is the month as YYYY-MM.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }

// Code is the month as the service writes it, ÅÅÅÅMM.
func (m Month) Code() string { return fmt.Sprintf("%04d%02d", m.Year, int(m.Month)) }

// IsZero reports whether m stands for no month.
func (m Month) IsZero() bool { return m == Month{} }

// Add is the month n months later, or earlier if n is negative.
func (m Month) Add(n int) Month {
	t := time.Date(m.Year, m.Month+time.Month(n), 1, 12, 0, 0, 0, time.UTC)
	return Month{t.Year(), t.Month()}
}

// First is the month's first day.
func (m Month) First() schedules.Date { return schedules.Date{Year: m.Year, Month: m.Month, Day: 1} }

// Last is the month's last day.
func (m Month) Last() schedules.Date { return m.Add(1).First().AddDays(-1) }

// Before reports whether m comes before n.
func (m Month) Before(n Month) bool { return m.First().Before(n.First()) }

// MarshalText writes YYYY-MM; no month becomes the empty text.
func (m Month) MarshalText() ([]byte, error) {
	if m.IsZero() {
		return []byte{}, nil
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (m *Month) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Month{}
		return nil
	}
	parsed, err := ParseMonth(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}
