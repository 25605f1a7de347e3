package oioubl

import (
	"math"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// sums are what the totals of a document are compared with, as doubles added up in
// document order, the way the rules do.
type sums struct{ lines, tax, charges, allowances, prepaid, rounding, payable float64 }

func sumsOf(doc *ubl.Node) sums {
	total := doc.Get("LegalMonetaryTotal")
	return sums{
		lines:      rule.Value(total, "LineExtensionAmount"),
		tax:        rule.Sum(doc, "TaxTotal", "TaxSubtotal", "TaxAmount"),
		charges:    orZero(total, "ChargeTotalAmount"),
		allowances: orZero(total, "AllowanceTotalAmount"),
		prepaid:    orZero(total, "PrepaidAmount"),
		rounding:   orZero(total, "PayableRoundingAmount"),
		payable:    rule.Value(total, "PayableAmount"),
	}
}

// orZero is the number at the path; 0 if it is not there.
func orZero(n *ubl.Node, path ...string) float64 {
	if n.Get(path...) == nil {
		return 0
	}
	return rule.Value(n, path...)
}

var totalRules = []rule.Group{
	{At: []string{"LegalMonetaryTotal"}, First: true, Rules: []rule.Rule{
		filled("F-INV120", "F-CRN066", "LineExtensionAmount", "Summen af linjerne (LineExtensionAmount)"),
		{ID: "F-INV122", Crn: "F-CRN068", Text: "Fakturaen har rabatter, men ikke summen af dem.", Bad: unsummed("AllowanceCharge", "false", "AllowanceTotalAmount")},
		{ID: "F-INV123", Crn: "F-CRN069", Text: "Fakturaen har gebyrer, men ikke summen af dem.", Bad: unsummed("AllowanceCharge", "true", "ChargeTotalAmount")},
		{ID: "F-INV124", Crn: rule.None, Text: "Fakturaen har forudbetalinger, men ikke summen af dem.", Bad: func(n *ubl.Node) bool {
			return n.Parent.Count("PrepaidPayment", "PaidAmount") > 0 && n.Get("PrepaidAmount") == nil
		}},
		{ID: "F-INV125", Crn: "F-CRN071", Text: "Momsen er afrundet, men fakturaens afrunding mangler.", Bad: func(n *ubl.Node) bool {
			return n.Parent.Count("TaxTotal", "RoundingAmount") > 0 && n.Get("PayableRoundingAmount") == nil
		}},
		{ID: "F-INV126", Crn: "F-CRN072", Text: "Summen af linjerne passer ikke med linjerne.", Bad: func(n *ubl.Node) bool {
			diff := rule.Value(n, "LineExtensionAmount") - lineSum(n.Parent)
			return n.Get("LineExtensionAmount") != nil && !(math.Abs(diff) <= 0.0055)
		}},
		{ID: "F-INV127", Crn: "F-CRN073", Text: "Momsen i totalerne (TaxExclusiveAmount) passer ikke med momsopgørelsen.", Bad: func(n *ubl.Node) bool {
			return n.Get("TaxExclusiveAmount") != nil && !same(rule.Value(n, "TaxExclusiveAmount"), rule.Sum(n.Parent, "TaxTotal", "TaxSubtotal", "TaxAmount"))
		}},
		{ID: "F-INV128", Crn: "F-CRN074", Text: "Fakturabeløbet med moms (TaxInclusiveAmount) er ikke linjer, moms, gebyrer og rabatter lagt sammen.", Bad: func(n *ubl.Node) bool {
			s := sumsOf(n.Parent)
			return n.Get("TaxInclusiveAmount") != nil && !same(rule.Value(n, "TaxInclusiveAmount"), s.lines+s.tax+s.charges-s.allowances+s.rounding)
		}},
		{ID: "F-INV129", Crn: "F-CRN075", Text: "Summen af rabatter passer ikke med rabatterne.", Bad: chargesOff("AllowanceTotalAmount", "false")},
		{ID: "F-INV130", Crn: "F-CRN076", Text: "Summen af gebyrer passer ikke med gebyrerne.", Bad: chargesOff("ChargeTotalAmount", "true")},
		{ID: "F-INV131", Crn: rule.None, Text: "Summen af forudbetalinger passer ikke med forudbetalingerne.", Bad: func(n *ubl.Node) bool {
			return n.Get("PrepaidAmount") != nil && !same(rule.Value(n, "PrepaidAmount"), rule.Sum(n.Parent, "PrepaidPayment", "PaidAmount"))
		}},
		{ID: "F-INV132", Crn: "F-CRN078", Text: "Fakturaens afrunding passer ikke med momsens.", Bad: func(n *ubl.Node) bool {
			return n.Get("PayableRoundingAmount") != nil && n.Parent.Count("TaxTotal", "RoundingAmount") > 0 &&
				!same(rule.Value(n, "PayableRoundingAmount"), rule.Sum(n.Parent, "TaxTotal", "RoundingAmount"))
		}},
		{ID: "F-INV338", Crn: "F-CRN208", Text: "Fakturaens afrunding er større end 10.", Bad: func(n *ubl.Node) bool {
			return n.Get("PayableRoundingAmount") != nil && !(math.Abs(rule.Value(n, "PayableRoundingAmount")) <= 10)
		}},
		{ID: "F-INV133", Crn: "F-CRN079", Text: "Beløbet til betaling er ikke linjer, moms, gebyrer og afrunding lagt sammen minus rabatter og forudbetaling.", Bad: func(n *ubl.Node) bool {
			s := sumsOf(n.Parent)
			return !same(s.payable, s.lines+s.tax+s.charges-s.allowances-s.prepaid+s.rounding)
		}},
		{ID: "F-INV134", Crn: rule.None, Text: "Beløbet i betalingsbetingelserne passer ikke med beløbet til betaling.", Bad: func(n *ubl.Node) bool {
			pay := rule.Value(n, "PayableAmount")
			return n.Parent.Get("PaymentTerms") != nil && !same(pay, rule.Sum(n.Parent, "PaymentTerms", "Amount")) && !same(pay, rule.Value(n.Parent, "PaymentTerms", "Amount"))
		}},
	}},
}

// unsummed is true where there are parts of a kind and no total of them.
func unsummed(part, kind, total string) rule.Test {
	is := rule.Eq("ChargeIndicator", kind)
	return func(n *ubl.Node) bool {
		if n.Get(total) != nil {
			return false
		}
		found := false
		n.Parent.Each(func(k *ubl.Node) bool { found = is(k); return !found }, part)
		return found
	}
}

// chargesOff is true where a total is not the sum of its parts.
func chargesOff(total, kind string) rule.Test {
	is := rule.Eq("ChargeIndicator", kind)
	return func(n *ubl.Node) bool {
		if n.Get(total) == nil {
			return false
		}
		sum := 0.0
		n.Parent.Each(func(k *ubl.Node) bool {
			if is(k) {
				sum += rule.Sum(k, "Amount")
			}
			return true
		}, "AllowanceCharge")
		return !same(rule.Value(n, total), sum)
	}
}

// same compares amounts as the rules do: written with two decimals.
func same(a, b float64) bool { return rule.Cents(a) == rule.Cents(b) }

// lineSum adds up the lines; what an invoice gives free of charge is left out.
func lineSum(doc *ubl.Node) float64 {
	total := 0.0
	doc.Each(func(k *ubl.Node) bool {
		if doc.Name == "CreditNote" || !free(k) {
			total += rule.Sum(k, "LineExtensionAmount")
		}
		return true
	}, lineOf(doc))
	return total
}

// free is true for a line that is free of charge.
func free(line *ubl.Node) bool {
	k := line.Get("FreeOfChargeIndicator")
	return k != nil && k.Text != "false"
}

var totalAmounts = []string{"LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "AllowanceTotalAmount", "ChargeTotalAmount",
	"PrepaidAmount", "PayableRoundingAmount", "PayableAmount"}

var amountRules = []rule.Group{
	{At: below([]string{"LegalMonetaryTotal"}, "*"), Rules: []rule.Rule{
		{ID: "F-LIB014", Text: "Beløbet skal have to decimaler.", Bad: func(n *ubl.Node) bool {
			for _, name := range totalAmounts {
				if n.Name == name {
					return notTwo("")(n)
				}
			}
			return false
		}},
	}},
	{At: []string{"LegalMonetaryTotal/TaxInclusiveAmount"}, Rules: []rule.Rule{
		{ID: "F-LIB016", Crn: rule.None, Text: "Fakturabeløbet må ikke være negativt.", Bad: rule.Starts("", "-")},
		{ID: rule.None, Crn: "F-LIB375", Text: "Kreditnotaens beløb må ikke være negativt.", Bad: rule.And(rule.Starts("", "-"), rule.Not(converted))},
	}},
	{At: []string{"LegalMonetaryTotal/AllowanceTotalAmount", "LegalMonetaryTotal/ChargeTotalAmount"}, Rules: []rule.Rule{
		{ID: "F-LIB013", Crn: rule.None, Text: "Summen skal være større end nul.", Bad: rule.Or(rule.Starts("", "-"), rule.Zero(""))},
	}},
	{At: []string{"LegalMonetaryTotal/PrepaidAmount"}, Rules: []rule.Rule{
		{ID: "F-LIB013", Crn: rule.None, Text: "Forudbetalingen skal være større end nul.", Bad: rule.Or(rule.Starts("", "-"), rule.Zero(""))},
		{ID: rule.None, Crn: "F-LIB374", Text: "Forudbetalingen skal være større end nul.", Bad: rule.And(rule.Or(rule.Starts("", "-"), rule.Zero("")), rule.Not(converted))},
	}},
	{At: []string{"LegalMonetaryTotal/PayableRoundingAmount"}, Rules: []rule.Rule{
		{ID: "F-LIB303", Text: "Afrundingen må ikke være nul.", Bad: rule.Zero("")},
	}},
	{At: []string{"LegalMonetaryTotal/PayableAmount"}, Rules: []rule.Rule{
		{ID: "F-LIB016", Text: "Beløbet til betaling må ikke være negativt.", Bad: rule.Starts("", "-")},
	}},
}

// converted is true in a document that Erhvervsstyrelsen's converter made of a
// Peppol one.
func converted(n *ubl.Node) bool {
	found := false
	root(n).Each(func(k *ubl.Node) bool {
		found = k.At("listAgencyName") == "ERST" && k.Text == "PEPPOLBIS32OIOUBL"
		return !found
	}, "AdditionalDocumentReference", "DocumentTypeCode")
	return found
}
