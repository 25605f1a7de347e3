package plans

import (
	"strconv"
	"strings"
	"time"
)

// Date is a day in the calendar as ISO 8601 writes it, such as 2026-12-31, with
// no time of day and no zone. Dates compare as strings do. "" is no date.
type Date string

// isoDay is how a Date is written.
const isoDay = "2006-01-02"

// firstYear and lastYear bound the years that a sheet may name: outside them
// Excel has read a number or a typing error as a date.
const (
	firstYear = 2000
	lastYear  = 2100
)

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date { return Date(t.Format(isoDay)) }

// Valid reports whether d is a day that exists.
func (d Date) Valid() bool {
	_, ok := d.time()
	return ok
}

// Danish writes the day as Danish staff do, 31-12-2026. What is no date is given
// back as it stands.
func (d Date) Danish() string {
	t, ok := d.time()
	if !ok {
		return string(d)
	}
	return t.Format("02-01-2006")
}

// time is midnight UTC of the day. time.Parse takes no "2026-1-5" and no 30
// February, which Date's ordering relies on.
func (d Date) time() (time.Time, bool) {
	t, err := time.Parse(isoDay, string(d))
	return t, err == nil && len(d) == len(isoDay)
}

// month and year are the calendar month (2026-12) and year (2026) of a valid date.
func (d Date) month() string { return string(d[:7]) }
func (d Date) year() string  { return string(d[:4]) }

// daysBetween is the number of days from a to b; both must be valid.
func daysBetween(a, b Date) int {
	ta, _ := a.time()
	tb, _ := b.time()
	return int(tb.Sub(ta) / (24 * time.Hour))
}

// addDays is the day n days after d, which must be valid.
func (d Date) addDays(n int) Date {
	t, _ := d.time()
	return DateOf(t.AddDate(0, 0, n))
}

// danishDate reads 31-12-2026, 31.12.2026 or 2026-12-31. A slash is not taken:
// 01/02/2026 is another day in an American sheet.
func danishDate(s string) (Date, bool) {
	if d := Date(s); d.Valid() {
		return d, true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '.' })
	if len(parts) != 3 || len(parts[2]) != 4 || strings.Count(s, "-")+strings.Count(s, ".") != 2 {
		return "", false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || !allDigits(p) || v < 1 || len(p) > 4 {
			return "", false
		}
		n[i] = v
	}
	t := time.Date(n[2], time.Month(n[1]), n[0], 0, 0, 0, 0, time.UTC)
	if t.Day() != n[0] || int(t.Month()) != n[1] {
		return "", false
	}
	return DateOf(t), true
}

var months = [...]string{
	"januar", "februar", "marts", "april", "maj", "juni",
	"juli", "august", "september", "oktober", "november", "december",
}

// monthName is the Danish name of a valid date's month.
func (d Date) monthName() string {
	t, _ := d.time()
	return months[t.Month()-1]
}
