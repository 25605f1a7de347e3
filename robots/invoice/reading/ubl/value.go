package ubl

import (
	"time"

	"github.com/shopspring/decimal"
)

// maxDigits bounds a number: with more (or with an exponent, which XML schema's
// decimal does not know) arithmetic could be made to take any time and memory.
const maxDigits = 40

// Decimal reads a number as XML schema writes decimals: an optional sign, digits,
// at most one point, no exponent. White space is not taken off.
func Decimal(s string) (decimal.Decimal, bool) {
	if !IsDecimal(s) || len(s) > maxDigits {
		return decimal.Decimal{}, false
	}
	if s[0] == '+' {
		s = s[1:]
	}
	d, err := decimal.NewFromString(s)
	return d, err == nil
}

// IsDecimal reports whether s is a decimal by XML schema's rules.
func IsDecimal(s string) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	digits, points := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			digits++
		case s[i] == '.':
			points++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}

// Date reads a date as XML schema writes them, YYYY-MM-DD with an optional time
// zone, and gives it without the zone. Years before 1 and after 9999 are none.
func Date(s string) (string, bool) {
	if len(s) < 10 || !Zone(s[10:]) {
		return "", false
	}
	day := s[:10]
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || t.Year() < 1 {
		return "", false
	}
	return day, true
}

// Zone reports whether s is an XML schema time zone or empty.
func Zone(s string) bool {
	if s == "" || s == "Z" {
		return true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' {
		return false
	}
	t, err := time.Parse("15:04", s[1:])
	return err == nil && (t.Hour() < 14 || t.Hour() == 14 && t.Minute() == 0)
}
