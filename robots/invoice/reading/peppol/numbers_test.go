package peppol

import (
	"fmt"
	"testing"
)

// Of the ten numbers that differ in the last digit one passes, or with modulus 11
// at most one.
func TestCheckDigits(t *testing.T) {
	for name, c := range map[string]struct {
		valid  func(string) bool
		length int
		exact  bool
	}{"gs1": {gs1, 13, true}, "norwegian": {norwegian, 9, false}, "swedish": {swedish, 10, true}} {
		hits := 0
		for i := range 500 {
			prefix := fmt.Sprintf("%0*d", c.length-1, (i+1)*7_654_321%1_000_000_000%pow10(c.length-1))
			passed := 0
			for d := range 10 {
				if c.valid(prefix + string(rune('0'+d))) {
					passed++
				}
			}
			if passed > 1 || c.exact && passed != 1 {
				t.Errorf("%s: %d of %s", name, passed, prefix)
			}
			hits += passed
		}
		if hits < 400 {
			t.Errorf("%s: only %d of 500 have a check digit", name, hits)
		}
		for _, s := range []string{"", "x", "12345678901234567890x", "-123456789"} {
			if c.valid(s) {
				t.Errorf("%s takes %q", name, s)
			}
		}
	}
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		valid func(string) bool
		s     string
		want  bool
	}{
		{danish, "DK99000007", true}, {danish, "99000007", false}, {danish, "DK9900000X", false}, {danish, "dk99000007", false},
		{belgian, "0000000196", true}, {belgian, "0000000195", false}, {belgian, "123", false},
		{australian, "10000000000", true}, {australian, "10000000001", false}, {australian, "1000000000", false},
		{gs1, "2990000000019", true}, {gs1, "2990000000018", false}, {gs1, "", false}, {gs1, "00", true},
	} {
		if c.valid(c.s) != c.want {
			t.Errorf("%q: %v", c.s, !c.want)
		}
	}
}
