package codes

import "testing"

// Every list is read, and holds what it must and nothing it must not.
func TestLists(t *testing.T) {
	cases := []struct {
		lists   Lists
		list    string
		in, out []string
		atLeast int
		exactly int
	}{
		{EN16931(), "units", []string{"EA", "C62", "HUR", "XBX", "A45", "A47", "Q42", "XZZ"}, []string{"A46", "C77", "", "A10..A45", "X", "PCS", "stk"}, 2000, 0},
		{EN16931(), "registers", []string{"0088", "0184", "0198"}, []string{"0092", "0103", "0181", "9999"}, 200, 0},
		{EN16931(), "categories", []string{"S", "AE"}, []string{"X", "IC"}, 0, 10},
		{EN16931(), "currencies", []string{"DKK", "EUR"}, []string{"DKR", "HRK"}, 170, 0},
		{EN16931(), "countries", []string{"DK", "GL", "FO", "XI"}, []string{"UK", "EL"}, 249, 0},
		{EN16931(), "vat-prefixes", []string{"EL", "DK"}, []string{"UK"}, 250, 0},
		{EN16931(), "objects", []string{"ABZ", "AXS", "ZZZ"}, []string{"ACM", "AXT"}, 700, 0},
		{OIOUBL(), "units", []string{"EA", "HUR"}, []string{"STK", ""}, 1000, 0},
		{OIOUBL(), "categories-4", []string{"StandardRated", "O", "3031"}, []string{"S"}, 20, 0},
	}
	for _, c := range cases {
		set := c.lists.Get(c.list)
		for _, code := range c.in {
			if !set.Has(code) {
				t.Errorf("%s lacks %q", c.list, code)
			}
		}
		for _, code := range c.out {
			if set.Has(code) {
				t.Errorf("%s has %q", c.list, code)
			}
		}
		if len(set) < c.atLeast || c.exactly != 0 && len(set) != c.exactly {
			t.Errorf("%s has %d codes", c.list, len(set))
		}
	}
}

// What is no list is refused.
func TestBrokenLists(t *testing.T) {
	for _, text := range []string{"A B", "[a]\nB..A", "[a]\nA1..A10", "[a b]\nA"} {
		if lists, err := read(text); err == nil {
			t.Errorf("%q gave %v", text, lists)
		}
	}
}

func TestNext(t *testing.T) {
	for code, want := range map[string]string{"A9": "B0", "AZ": "BA", "0099": "0100", "X1Z": "X2A"} {
		if got := next(code); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}
