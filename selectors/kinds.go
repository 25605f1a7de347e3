package selectors

import (
	"math/big"
	"strings"
	"time"
)

// The kinds of value that an element may be declared to hold.
const (
	KindText   = "text"   // shown exactly as typed, blanks at the ends aside
	KindAmount = "amount" // a Danish number: 1234,5 is shown as 1.234,50, -1 as 1-
	KindDate   = "date"   // a day: 5.3.2026 is shown as 05.03.2026 or 2026-03-05
	KindDigits = "digits" // a number with zeros in front: 4711 is shown as 0000004711
)

// Kinds are the kinds that are built in.
func Kinds() []string { return []string{KindText, KindAmount, KindDate, KindDigits} }

// Same reports whether the value that a field of that kind shows is the value
// that was typed. A kind that is not built in compares as text.
func Same(kind, typed, shown string) bool {
	typed, shown = strings.TrimSpace(typed), strings.TrimSpace(shown)
	if typed == shown {
		return true
	}
	switch kind {
	case KindAmount:
		a, okA := amount(typed)
		b, okB := amount(shown)
		return okA && okB && a.Cmp(b) == 0
	case KindDate:
		a, okA := day(typed)
		b, okB := day(shown)
		return okA && okB && a.Equal(b)
	case KindDigits:
		return digits(typed) && digits(shown) && strings.TrimLeft(typed, "0") == strings.TrimLeft(shown, "0")
	}
	return false
}

// amount reads a Danish number: dots part thousands, a comma the decimals, the
// sign stands before or after, and a currency may stand at either end.
func amount(s string) (*big.Rat, bool) {
	for _, currency := range []string{"DKK", "kr.", "kr"} {
		s = strings.TrimSuffix(strings.TrimPrefix(s, currency), currency)
	}
	s = strings.NewReplacer("\u00a0", "", " ", "", "\u2212", "-").Replace(s)
	negative := strings.HasPrefix(s, "-") != strings.HasSuffix(s, "-")
	s = strings.TrimSuffix(strings.TrimPrefix(s, "-"), "-")
	whole, cents, _ := strings.Cut(s, ",")
	if groups := strings.Split(whole, "."); len(groups) > 1 {
		for i, g := range groups {
			if i > 0 && len(g) != 3 || i == 0 && (len(g) == 0 || len(g) > 3) {
				return nil, false
			}
		}
		whole = strings.Join(groups, "")
	}
	if !digits(whole) || cents != "" && !digits(cents) {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(whole + "." + cents + "0")
	if ok && negative {
		r.Neg(r)
	}
	return r, ok
}

func day(s string) (time.Time, bool) {
	for _, layout := range []string{"2.1.2006", "2006-01-02", "2-1-2006", "2/1/2006", "020106", "02012006", "2.1.06"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
