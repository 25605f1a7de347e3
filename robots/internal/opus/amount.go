package opus

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// danish is an amount as the portal's forms take it: 1234,50, a minus behind.
func danish(d decimal.Decimal) string {
	s := strings.Replace(d.Abs().StringFixed(2), ".", ",", 1)
	if d.IsNegative() {
		s += "-"
	}
	return s
}

// danishAmount is an amount as the portal's lists show it: 1.234,50 or 1.234,50-.
var danishAmount = regexp.MustCompile(`^([0-9]{1,3}(\.[0-9]{3})*|[0-9]+),([0-9]{2})(-?)$`)

func parseDanish(s string) (decimal.Decimal, error) {
	m := danishAmount.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return decimal.Decimal{}, fmt.Errorf("%q is not an amount such as 1.234,50", s)
	}
	d, err := decimal.NewFromString(strings.ReplaceAll(m[1], ".", "") + "." + m[3])
	if err == nil && m[4] == "-" {
		d = d.Neg()
	}
	return d, err
}
