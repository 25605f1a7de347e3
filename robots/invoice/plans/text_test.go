package plans

import (
	"strings"
	"testing"
)

func TestPostingText(t *testing.T) {
	cases := []struct{ text, number, supplier, want string }{
		{"Rengøring", "1", "S", "Rengøring"},
		{"{måned} {år}: {fakturanr}", "77", "S", "juni 2026: 77"},
		{"{dato} {plan} {ean}", "77", "S", "15-06-2026 P-001 " + eanSchool},
		{"{leverandør}", "77", strings.Repeat("å", 60), strings.Repeat("å", 50)},
		{"Faktura {fakturanr} fra {leverandør}", "1234", strings.Repeat("x", 27) + " og mere", "Faktura 1234 fra " + strings.Repeat("x", 27) + " og me"},
		{strings.Repeat("x", 49) + " {fakturanr}", "1", "S", strings.Repeat("x", 49)},
		{"Nr {fakturanr}", "{plan}\n{dato}", "S", "Nr {plan} {dato}"},
		{"Nr {fakturanr}", "860501" + "0001", "S", "Nr ******-****"},
		{strings.Repeat("x", 42) + " {fakturanr}", "860501" + "0001", "S", strings.Repeat("x", 42) + " ******-"},
		{"", "1", "S", ""},
	}
	for _, c := range cases {
		in, p := within().Invoice, cleaning()
		in.Number, p.Text, p.Supplier = c.number, c.text, c.supplier
		if got := postingText(in, p); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestAmountIsDanish(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0,00", "1": "1,00", "-1.5": "-1,50", "999.99": "999,99", "1000": "1.000,00",
		"1234567.8": "1.234.567,80", "-123456": "-123.456,00",
	} {
		if got := amount(dkk(in)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestDanishAmount(t *testing.T) {
	for _, bad := range []string{"", ",", "1,", ",5", "1,234", "1.23", "1.2345", "1.234.50", "12345.678", "1 000", "1e3", "+5", "--5", "kr. 5", ".500"} {
		if d, ok := danishAmount(bad); ok {
			t.Errorf("%q was read as %s", bad, d)
		}
	}
}
