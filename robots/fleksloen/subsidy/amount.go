package subsidy

import (
	"fmt"
	"regexp"
	"time"

	"github.com/shopspring/decimal"
)

// amountForm is how amounts are written in files: digits, a decimal point, at
// most two decimals. No exponent, no thousands, no comma.
var amountForm = regexp.MustCompile(`^-?[0-9]{1,9}(\.[0-9]{1,2})?$`)

// ParseAmount reads kroner with a decimal point, such as 15600.00.
func ParseAmount(s string) (decimal.Decimal, error) {
	if !amountForm.MatchString(s) {
		return decimal.Decimal{}, fmt.Errorf("%q is no amount: write kroner with a decimal point and at most two decimals, such as 15600.00", s)
	}
	return decimal.NewFromString(s)
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
