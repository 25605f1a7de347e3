// Package ident knows the identifiers of Danish administration by their form:
// CPR, CVR, SE, GLN/EAN and the payment forms 71, 73, 75 and their kin. It looks
// nothing up; whether a number is in use only a register can say.
package ident

import (
	"strings"
	"time"
)

// CPR is a CPR number as ten digits without a hyphen. It is personal data.
type CPR string

// testDays is what is added to the day of birth in a test number, as in
// Skatteforvaltningen's test data (26.5.2001 becomes 860501).
const testDays = 60

// ParseCPR reads a CPR number written DDMMYYSSSS or with a hyphen or one blank
// before the last four digits. It reports false where the digits name no date.
// Modulus 11 is not tried: numbers without it have been given out since 2007
// (cpr.dk, "Personnumre uden kontrolciffer").
func ParseCPR(s string) (CPR, bool) {
	s = strings.TrimSpace(s)
	if len(s) == 11 && (s[6] == '-' || s[6] == ' ') {
		s = s[:6] + s[7:]
	}
	if len(s) != 10 || !allDigits(s) {
		return "", false
	}
	c := CPR(s)
	if _, ok := c.Born(); !ok {
		return "", false
	}
	return c, true
}

// Born is the day of birth that the number names, in UTC. The seventh digit
// gives the century (cpr.dk, "Personnummeret i CPR").
func (c CPR) Born() (time.Time, bool) {
	if len(c) != 10 || !allDigits(string(c)) {
		return time.Time{}, false
	}
	day, month, year := number(string(c[:2])), number(string(c[2:4])), number(string(c[4:6]))
	if day > testDays {
		day -= testDays
	}
	year += century(c[6], year)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month {
		return time.Time{}, false
	}
	return t, true
}

// century is the first year of the century that the seventh digit and the
// two-digit year name.
func century(seventh byte, year int) int {
	switch {
	case seventh <= '3':
		return 1900
	case seventh == '4' || seventh == '9':
		if year <= 36 {
			return 2000
		}
		return 1900
	default:
		if year <= 57 {
			return 2000
		}
		return 1800
	}
}

// Test reports whether the number is a test number, which no person can have.
func (c CPR) Test() bool { return len(c) == 10 && number(string(c[:2])) > testDays }

// Modulus11 reports whether the number passes the old check with the weights
// 4 3 2 7 6 5 4 3 2 1. It may speak for a number found in a text, never against.
func (c CPR) Modulus11() bool {
	return len(c) == 10 && allDigits(string(c)) && weigh(string(c), 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// CPRMention is a CPR number found in a text.
type CPRMention struct {
	Number CPR
	At     int // the byte at which it begins
}

// FindCPR gives every stretch of a text that could be a CPR number: ten digits,
// or six and four with a hyphen, an en dash or one blank between, no digit on either
// side, and a date that exists. Ten such digits can also be an account or a
// P-number: it is a reader's guess until something else agrees.
func FindCPR(text string) []CPRMention {
	var found []CPRMention
	for i := 0; i+10 <= len(text); i++ {
		if !isDigit(text[i]) || i > 0 && isDigit(text[i-1]) || !allDigits(text[i:i+6]) {
			continue
		}
		j := i + 6
		if text[j] == '-' || text[j] == ' ' {
			j++
		} else if strings.HasPrefix(text[j:], "\u2013") {
			j += len("\u2013")
		}
		if j+4 > len(text) || !allDigits(text[j:j+4]) || j+4 < len(text) && isDigit(text[j+4]) {
			continue
		}
		if c, ok := ParseCPR(text[i:i+6] + text[j:j+4]); ok {
			found = append(found, CPRMention{Number: c, At: i})
			i = j + 3
		}
	}
	return found
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// allDigits reports whether s has digits only, and at least one.
func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// number is the value of a short run of digits.
func number(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// weigh is the sum of each digit times its weight.
func weigh(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return sum
}
