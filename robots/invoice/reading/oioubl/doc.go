// Package oioubl holds the rules of OIOUBL 2 invoices and credit notes as tables:
// the schematron of Digitaliseringsstyrelsen, version 1.17. Ids are the official
// ones; every sentence is our own.
//
// F-INV and F-CRN rules belong to one kind of document, F-LIB rules to every place
// where a class is used. What XML schema checks is not repeated here.
package oioubl

import (
	"context"

	"byskriver/robots/invoice/reading/codes"
	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

var lists = codes.OIOUBL()

var tables = [][]rule.Group{
	headerRules, currencyRules, periodRules, referenceRules, partyRules, addressRules,
	deliveryRules, paymentRules, termsRules, allowanceRules, rateRules, taxRules, categoryRules, schemeRules,
	totalRules, amountRules, lineRules, lineSumRules, itemRules,
}

var (
	invoices    = rule.NewPlan(false, "InvoiceLine", tables...)
	creditNotes = rule.NewPlan(true, "CreditNoteLine", tables...)
)

// Check applies every rule to a document, which must be an Invoice or a
// CreditNote, and calls hit for each that is broken, until it returns false or ctx ends.
func Check(ctx context.Context, root *ubl.Node, hit func(rule.Hit) bool) {
	if root.Name == "CreditNote" {
		creditNotes.Run(ctx, root, hit)
		return
	}
	invoices.Run(ctx, root, hit)
}

// IDs are the ids of all rules.
func IDs() []string { return rule.IDs(tables...) }

// excluded is the rule that an element must not be there.
func excluded(id, crn, path, name string) rule.Rule {
	return rule.Rule{ID: id, Crn: crn, Text: "Feltet " + name + " må ikke bruges her i fakturaen.", Bad: rule.Has(path)}
}

// atMostOne is the rule that an element may be there once.
func atMostOne(id, crn, name string) rule.Rule {
	return rule.Rule{ID: id, Crn: crn, Text: "Feltet " + name + " må højst være der én gang.", Bad: rule.Count(name, rule.Over(1))}
}

// eitherOr is the rule that two elements must not be there both.
func eitherOr(id, crn, a, b string) rule.Rule {
	return rule.Rule{ID: id, Crn: crn, Text: "Brug enten feltet " + a + " eller feltet " + b + ", ikke begge.", Bad: rule.And(rule.Has(a), rule.Has(b))}
}

// filled is the rule that an element must be there with content.
func filled(id, crn, path, what string) rule.Rule {
	return rule.Rule{ID: id, Crn: crn, Text: what + " mangler.", Bad: rule.Blank(path)}
}

// joined puts rules of several lists together.
func joined(lists ...[]rule.Rule) []rule.Rule {
	var all []rule.Rule
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// below gives the places that lie below each of the given ones.
func below(places []string, path string) []string {
	var out []string
	for _, p := range places {
		out = append(out, p+"/"+path)
	}
	return out
}
