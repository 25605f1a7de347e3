package selectors

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSame(t *testing.T) {
	for _, c := range []struct {
		kind, typed, shown string
		want               bool
	}{
		{KindText, "abc", " abc ", true},
		{KindText, "1234,5", "1.234,50", false},
		{KindText, "abc", "", false},
		{KindAmount, "1234,5", "1.234,50", true},
		{KindAmount, "1234567", "1.234.567,00", true},
		{KindAmount, "-99", "99,00-", true},
		{KindAmount, "1234,5", "1.234,50 DKK", true},
		{KindAmount, "1234,5", "kr. 1.234,50", true},
		{KindAmount, "1234,5", "1 234,50", true},
		{KindAmount, "-99", "99,00", false},
		{KindAmount, "1234,5", "12.345,00", false},
		{KindAmount, "1234,5", "1234.5", false}, // not a Danish number
		{KindAmount, "1234", "12.34", false},
		{KindAmount, "1234", "", false},
		{KindAmount, "0", "-", false},
		{KindDate, "5.3.2026", "05.03.2026", true},
		{KindDate, "05.03.2026", "2026-03-05", true},
		{KindDate, "05.03.2026", "03.05.2026", false},
		{KindDate, "31.02.2026", "03.03.2026", false},
		{KindDigits, "4711", "0000004711", true},
		{KindDigits, "4711", "47110", false},
		{KindDigits, "XG-1", "0XG-1", false},
		{"unknown", "a", "a", true},
		{"unknown", "a", "b", false},
	} {
		if got := Same(c.kind, c.typed, c.shown); got != c.want {
			t.Errorf("Same(%s, %q, %q) = %v", c.kind, c.typed, c.shown, got)
		}
	}
}

// danish writes an amount in hundredths as a page shows it.
func danish(cents int64) string {
	sign := ""
	if cents < 0 {
		cents, sign = -cents, "-"
	}
	whole := fmt.Sprint(cents / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	return fmt.Sprintf("%s,%02d%s", whole, cents%100, sign)
}

func TestSameAmountProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(-1e12, 1e12).Draw(t, "a")
		b := rapid.OneOf(rapid.Just(a), rapid.Int64Range(-1e12, 1e12)).Draw(t, "b")
		typed := strings.ReplaceAll(danish(a), ".", "")
		if got := Same(KindAmount, typed, danish(b)); got != (a == b) {
			t.Fatalf("Same(%q, %q) = %v", typed, danish(b), got)
		}
	})
}
