package bypattern

import (
	"errors"
	"strings"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
)

// labelOf is where something is coded, as one text: what a person writes in the
// workbook's Værdi.
func labelOf(c coding.Coding, basis plans.Basis) string {
	word := "netto"
	if basis == plans.Gross {
		word = "brutto"
	}
	return c.Value() + " " + word
}

var errLabel = errors.New("a posting needs account, either PSP element or cost centre, and VAT code, each one word")

// parseLabel reads what labelOf wrote.
func parseLabel(label string) (c coding.Coding, err error) {
	words := strings.Fields(label)
	if len(words) != 4 {
		return c, errLabel
	}
	c = coding.Coding{Account: words[0], VATCode: words[2]}
	if strings.HasPrefix(words[1], "X") {
		c.PSP = words[1]
	} else {
		c.CostCentre = words[1]
	}
	return c, nil
}
