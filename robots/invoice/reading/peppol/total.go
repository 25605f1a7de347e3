package peppol

import (
	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

var (
	one     = decimal.NewFromInt(1)
	hundred = decimal.NewFromInt(100)
)

var totalRules = []rule.Group{
	{At: []string{"LegalMonetaryTotal"}, First: true, Rules: []rule.Rule{
		present("BR-12", "LineExtensionAmount", "Summen af linjerne"),
		present("BR-13", "TaxExclusiveAmount", "Fakturabeløbet uden moms"),
		present("BR-14", "TaxInclusiveAmount", "Fakturabeløbet med moms"),
		present("BR-15", "PayableAmount", "Beløbet til betaling"),
		{ID: "BR-CO-10", Text: "Summen af linjerne passer ikke med linjerne.", Bad: linesOff},
		{ID: "BR-CO-11", Text: "Summen af rabatter passer ikke med rabatterne.", Bad: partsOff("AllowanceTotalAmount", false)},
		{ID: "BR-CO-12", Text: "Summen af gebyrer passer ikke med gebyrerne.", Bad: partsOff("ChargeTotalAmount", true)},
		{ID: "BR-CO-13", Text: "Beløbet uden moms er ikke linjerne minus rabatter plus gebyrer.", Bad: netOff},
		{ID: "BR-CO-16", Text: "Beløbet til betaling er ikke beløbet med moms minus det betalte plus afrundingen.", Bad: payableOff},
		twoDecimals("BR-DEC-09", "LineExtensionAmount", "Summen af linjerne"),
		twoDecimals("BR-DEC-10", "AllowanceTotalAmount", "Summen af rabatter"),
		twoDecimals("BR-DEC-11", "ChargeTotalAmount", "Summen af gebyrer"),
		twoDecimals("BR-DEC-12", "TaxExclusiveAmount", "Beløbet uden moms"),
		twoDecimals("BR-DEC-14", "TaxInclusiveAmount", "Beløbet med moms"),
		twoDecimals("BR-DEC-16", "PrepaidAmount", "Det betalte beløb"),
		twoDecimals("BR-DEC-17", "PayableRoundingAmount", "Afrundingen"),
		twoDecimals("BR-DEC-18", "PayableAmount", "Beløbet til betaling"),
	}},
	{At: []string{""}, Rules: []rule.Rule{
		{ID: "BR-CO-15", Text: "Beløbet med moms er ikke beløbet uden moms plus momsen.", Bad: grossOff},
	}},
	{At: []string{"LegalMonetaryTotal/PayableAmount"}, Rules: []rule.Rule{
		{ID: "BR-CO-25", Crn: rule.None, Text: "Fakturaen har hverken en forfaldsdato eller betalingsbetingelser.", Bad: func(n *ubl.Node) bool {
			amount := rule.Number(n.Text)
			due := rule.Or(rule.Has("DueDate"), rule.Has("PaymentTerms/Note"))
			return !(amount <= 0) && !(amount > 0 && due(n.Parent.Parent))
		}},
	}},
}

// linesOff compares the sum of the lines with them.
func linesOff(n *ubl.Node) bool {
	var sum decimal.Decimal
	lines(root(n), func(line *ubl.Node) { sum = sum.Add(rule.Total(line, "LineExtensionAmount")) })
	total, ok := rule.Exact(n, "LineExtensionAmount")
	return !ok || !total.Equal(rule.Half(sum, 2))
}

// charge tells an allowance (false) from a charge (true).
func charge(n *ubl.Node) bool {
	v := n.Get("ChargeIndicator").Value()
	return v == "true" || v == "1"
}

// parts adds up the document's allowances or its charges, and counts them.
func parts(doc *ubl.Node, charges bool) (decimal.Decimal, int) {
	var sum decimal.Decimal
	count := 0
	doc.Each(func(k *ubl.Node) bool {
		if charge(k) == charges {
			sum = sum.Add(rule.Total(k, "Amount"))
			count++
		}
		return true
	}, "AllowanceCharge")
	return sum, count
}

// partsOff compares a total with its parts.
func partsOff(name string, charges bool) rule.Test {
	return func(n *ubl.Node) bool {
		sum, count := parts(n.Parent, charges)
		if n.Get(name) == nil {
			return count > 0
		}
		total, ok := rule.Exact(n, name)
		return !ok || !total.Equal(rule.Half(sum, 2))
	}
}

func netOff(n *ubl.Node) bool {
	net, okNet := rule.Exact(n, "TaxExclusiveAmount")
	sum, okSum := rule.Exact(n, "LineExtensionAmount")
	charges, allowances := n.Get("ChargeTotalAmount"), n.Get("AllowanceTotalAmount")
	if charges != nil || allowances != nil {
		sum = rule.Half(sum.Add(rule.Total(charges)).Sub(rule.Total(allowances)), 2)
	}
	return !okNet || !okSum || !net.Equal(sum)
}

// payableOff computes what is to be paid. What is zero counts as not given.
func payableOff(n *ubl.Node) bool {
	pay, okPay := rule.Exact(n, "PayableAmount")
	gross, okGross := rule.Exact(n, "TaxInclusiveAmount")
	prepaid, rounding := rule.Total(n, "PrepaidAmount"), rule.Total(n, "PayableRoundingAmount")
	if !rounding.IsZero() {
		pay = rule.Half(pay.Sub(rounding), 2)
	}
	if !prepaid.IsZero() {
		gross = rule.Half(gross.Sub(prepaid), 2)
	}
	return !okPay || !okGross || !pay.Equal(gross)
}

// grossOff adds the one VAT total in the document's currency to the net amount.
func grossOff(doc *ubl.Node) bool {
	currency := doc.Get("DocumentCurrencyCode")
	if currency == nil {
		return false
	}
	var tax *ubl.Node
	count := 0
	doc.Each(func(k *ubl.Node) bool {
		if c, ok := k.Attr("currencyID"); ok && c == currency.Text {
			tax = k
			count++
		}
		return true
	}, "TaxTotal", "TaxAmount")
	gross, okGross := rule.Exact(doc, "LegalMonetaryTotal", "TaxInclusiveAmount")
	net, okNet := rule.Exact(doc, "LegalMonetaryTotal", "TaxExclusiveAmount")
	amount, okTax := rule.Exact(tax)
	return count != 1 || !okGross || !okNet || !okTax || !gross.Equal(rule.Half(net.Add(amount), 2))
}

var taxRules = []rule.Group{
	{At: []string{"TaxTotal"}, Rules: []rule.Rule{
		{ID: "BR-CO-14", Crn: rule.None, Text: "Momsen er ikke summen af beløbene i momsopgørelsen.", Bad: func(n *ubl.Node) bool {
			total, ok := rule.Exact(n, "TaxAmount")
			return n.Get("TaxSubtotal") != nil && (!ok || !total.Equal(rule.Half(rule.Total(n, "TaxSubtotal", "TaxAmount"), 2)))
		}},
	}},
	{At: []string{"//TaxTotal/TaxSubtotal"}, Rules: []rule.Rule{
		present("BR-45", "TaxableAmount", "Beløbet, som momsen er beregnet af,"),
		present("BR-46", "TaxAmount", "Momsbeløbet"),
		{ID: "BR-47", Text: "Momskategorien mangler i momsopgørelsen.", Bad: func(n *ubl.Node) bool { return vatOf(n).Get("ID") == nil }},
		{ID: "BR-48", Text: "Momsprocenten mangler i momsopgørelsen.", Bad: func(n *ubl.Node) bool {
			c := vatOf(n)
			return c.Get("Percent") == nil && c.Get("ID").Value() != "O"
		}},
		{ID: "BR-CO-17", Text: "Momsen er ikke beløbet gange momsprocenten.", Bad: rateOff},
		twoDecimals("BR-DEC-19", "TaxableAmount", "Beløbet, som momsen er beregnet af,"),
		twoDecimals("BR-DEC-20", "TaxAmount", "Momsbeløbet"),
		once("UBL-SR-32", "TaxCategory/TaxExemptionReason", "Begrundelsen for, at der ikke er moms,"),
	}},
}

// vatOf is a subtotal's VAT category, or nil.
func vatOf(n *ubl.Node) *ubl.Node {
	var found *ubl.Node
	n.Each(func(k *ubl.Node) bool {
		if isVAT(k) {
			found = k
		}
		return found == nil
	}, "TaxCategory")
	return found
}

// rateOff computes a subtotal's VAT; less than 1 to either side is accepted.
func rateOff(n *ubl.Node) bool {
	tax, ok := rule.Exact(n, "TaxAmount")
	percent, okP := rule.Exact(vatOf(n), "Percent")
	if !ok {
		return true
	}
	if !okP || rule.Half(percent, 0).IsZero() {
		return !rule.Half(tax, 0).IsZero()
	}
	base, ok := rule.Exact(n, "TaxableAmount")
	return !ok || !near(tax, base, percent)
}

// near is true for a tax that is the base times the rate, without regard to the
// signs, to less than 1.
func near(tax, base, percent decimal.Decimal) bool {
	want := rule.Half(base.Abs().Mul(percent).Div(hundred), 2)
	return tax.Abs().Sub(want).Abs().LessThan(one)
}
