package oioubl

import (
	"math"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// relation is how the units of quantity and base quantity stand to each other.
type relation int

const (
	unitsDiffer  relation = iota // both given, and not the same
	unitsEqual                   // both given and the same
	unitsMissing                 // at least one is not given
)

// exchange is how the price is converted into the invoice's currency.
type exchange int

const (
	noExchange exchange = iota
	multiplied
	divided
	unknownExchange // a rate without a number or an operator: nothing is compared
)

// factor is whether an OrderableUnitFactorRate is given.
type factor int

const (
	either factor = iota
	withFactor
	noFactor
)

// sumCase is one of the rules about a line's sum: every combination of exchange,
// factor and units has an id of its own.
type sumCase struct {
	id, crn  string
	rate     exchange
	factor   factor
	relation relation
}

var sumCases = [...]sumCase{
	{"F-INV343", "F-CRN194", noExchange, either, unitsDiffer},
	{"F-INV340", "F-CRN210", noExchange, either, unitsEqual},
	{"F-INV348", "F-CRN216", noExchange, either, unitsMissing},
	{"F-INV326", "F-CRN212", multiplied, noFactor, unitsDiffer},
	{"F-INV344", "F-CRN213", multiplied, noFactor, unitsEqual},
	{"F-INV346", "F-CRN198", multiplied, noFactor, unitsMissing},
	{"F-INV327", "F-CRN214", divided, noFactor, unitsDiffer},
	{"F-INV345", "F-CRN215", divided, noFactor, unitsEqual},
	{"F-INV347", "F-CRN199", divided, noFactor, unitsMissing},
	{"F-INV328", "F-CRN200", multiplied, withFactor, unitsDiffer},
	{"F-INV341", "F-CRN217", multiplied, withFactor, unitsEqual},
	{"F-INV349", "F-CRN218", multiplied, withFactor, unitsMissing},
	{"F-INV329", "F-CRN201", divided, withFactor, unitsDiffer},
	{"F-INV342", "F-CRN219", divided, withFactor, unitsEqual},
	{"F-INV350", "F-CRN220", divided, withFactor, unitsMissing},
}

var lineSumRules = []rule.Group{{At: []string{"Line"}, Rules: sumRows()}}

func sumRows() []rule.Rule {
	var rows []rule.Rule
	for _, c := range sumCases {
		rows = append(rows, rule.Rule{ID: c.id, Crn: c.crn, Text: "Linjens beløb er ikke antal gange pris.", Bad: c.wrong})
	}
	return rows
}

// wrong computes the line's sum; 1.00 to either side is accepted, and so is a line
// that is free of charge or lacks one of the numbers.
func (c sumCase) wrong(line *ubl.Node) bool {
	if c.relation != unitsOf(line) || c.rate != exchangeOf(line) || free(line) {
		return false
	}
	if has := line.Get("Price", "OrderableUnitFactorRate") != nil; c.factor == withFactor && !has || c.factor == noFactor && has {
		return false
	}
	diff := rule.Value(line, "LineExtensionAmount") - c.expected(line)
	return math.Abs(diff) > 1
}

// expected is the line's sum; NaN if one of the numbers is missing.
func (c sumCase) expected(line *ubl.Node) float64 {
	total := rule.Value(line, "Price", "PriceAmount") * rule.Number(quantity(line).Raw())
	switch {
	case c.relation != unitsDiffer:
		total /= base(line)
	case c.factor != noFactor:
		total *= rule.Value(line, "Price", "OrderableUnitFactorRate")
	}
	switch rate := rule.Value(line.Parent, "PricingExchangeRate", "CalculationRate"); c.rate {
	case multiplied:
		total *= rate
	case divided:
		total /= rate
	}
	return total
}

// base is how many units the price is for. Invoices take 1 where it is not given.
func base(line *ubl.Node) float64 {
	if line.Name == "InvoiceLine" && line.Get("Price", "BaseQuantity") == nil {
		return 1
	}
	return rule.Value(line, "Price", "BaseQuantity")
}

func unitsOf(line *ubl.Node) relation {
	own, okOwn := quantity(line).Attr("unitCode")
	of, okOf := line.Get("Price", "BaseQuantity").Attr("unitCode")
	switch {
	case !okOwn || !okOf:
		return unitsMissing
	case own == of:
		return unitsEqual
	default:
		return unitsDiffer
	}
}

func exchangeOf(line *ubl.Node) exchange {
	rate := line.Parent.Get("PricingExchangeRate")
	op := rate.Get("MathematicOperatorCode")
	switch {
	case rate == nil:
		return noExchange
	case rate.Get("CalculationRate") == nil || op == nil:
		return unknownExchange
	case op.Text == "divide":
		return divided
	default:
		return multiplied
	}
}
