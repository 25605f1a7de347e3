package rule

import (
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading/ubl"
)

// Number is XPath's number: a double, NaN where the text is none.
func Number(s string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || strings.ContainsAny(s, "xXpP_") {
		return math.NaN()
	}
	return f
}

// Value is the number at the path, NaN if there is none.
func Value(n *ubl.Node, path ...string) float64 {
	k := n.Get(path...)
	if k == nil {
		return math.NaN()
	}
	return Number(k.Text)
}

// Sum adds up the numbers at the path as doubles, in document order; 0 if there
// are none.
func Sum(n *ubl.Node, path ...string) float64 {
	total := 0.0
	n.Each(func(k *ubl.Node) bool { total += Number(k.Text); return true }, path...)
	return total
}

// Cents writes a double with two decimals, ties to even, as XSLT's format-number
// does; NaN is "NaN".
func Cents(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return decimal.NewFromFloat(f).RoundBank(2).StringFixed(2)
}

// Exact is the number at the path as an exact decimal, and whether there is one.
func Exact(n *ubl.Node, path ...string) (decimal.Decimal, bool) {
	return ubl.Decimal(n.Get(path...).Value())
}

// Total adds up the exact numbers at the path; what is no number counts as 0.
func Total(n *ubl.Node, path ...string) decimal.Decimal {
	var sum decimal.Decimal
	n.Each(func(k *ubl.Node) bool {
		if d, ok := Exact(k); ok {
			sum = sum.Add(d)
		}
		return true
	}, path...)
	return sum
}

// Half rounds to so many decimals as XPath's round does: half goes up.
func Half(d decimal.Decimal, places int32) decimal.Decimal {
	if -d.Exponent() <= places {
		return d
	}
	return d.Shift(places).Add(decimal.NewFromFloat(0.5)).Floor().Shift(-places)
}
