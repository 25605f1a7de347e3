// Package peppol holds the rules of Peppol BIS Billing 3 invoices and credit
// notes, release 3.0.21 of May 2026: the European standard EN 16931 (BR-…, and
// UBL-… for its UBL syntax), Peppol's own (PEPPOL-…) and the Danish ones (DK-R-…).
// Ids are the official ones; every sentence is our own.
//
// Left out are the remarks UBL-CR-… and UBL-DT-08 and on (fields that the standard
// does not use: they may be there and mean nothing), and other countries' rules.
package peppol

import (
	"context"

	"byskriver/robots/invoice/reading/codes"
	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

var lists = codes.EN16931()

var tables = [][]rule.Group{
	headerRules, onceRules, totalRules, taxRules, partyRules, numberRules, paymentRules, allowanceRules, lineRules, periodRules, codeRules,
	typeRules, exemptionRules, danishRules,
}

var (
	invoices    = rule.NewPlan(false, "InvoiceLine", tables...)
	creditNotes = rule.NewPlan(true, "CreditNoteLine", tables...)
)

// Check applies every rule to a document, which must be an Invoice or a
// CreditNote, and calls hit for each that is broken, until it returns false or ctx ends.
func Check(ctx context.Context, root *ubl.Node, hit func(rule.Hit) bool) {
	plan := invoices
	if root.Name == "CreditNote" {
		plan = creditNotes
	}
	more := true
	plan.Run(ctx, root, func(h rule.Hit) bool { more = hit(h); return more })
	if more {
		checkVAT(root, hit)
	}
}

// IDs are the ids of all rules.
func IDs() []string {
	ids := append(rule.IDs(tables...), "BR-B-01", "BR-B-02")
	for _, c := range categories {
		for _, r := range vatRules {
			if r.only == "" || r.only == c.code {
				ids = append(ids, c.id+r.number)
			}
		}
		for _, r := range placedRules {
			ids = append(ids, c.id+r.number)
		}
	}
	return ids
}

// The two parties' places.
const (
	supplier = "AccountingSupplierParty/Party"
	customer = "AccountingCustomerParty/Party"
)

// present is the rule that an element must be there.
func present(id, path, what string) rule.Rule {
	return rule.Rule{ID: id, Text: what + " mangler.", Bad: rule.Lacks(path)}
}

// filled is the rule that an element must be there and not be empty.
func filled(id, path, what string) rule.Rule {
	return rule.Rule{ID: id, Text: what + " mangler.", Bad: rule.Not(rule.Other(path, ""))}
}

// once is the rule that an element may be there once.
func once(id, path, what string) rule.Rule {
	return rule.Rule{ID: id, Text: what + " må kun være angivet én gang.", Bad: rule.Count(path, rule.Over(1))}
}

// twoDecimals is the rule that an amount has at most two decimals.
func twoDecimals(id, path, what string) rule.Rule {
	return rule.Rule{ID: id, Text: what + " må højst have to decimaler.", Bad: rule.Decimals(path, rule.Over(2))}
}

// root is the document's element.
func root(n *ubl.Node) *ubl.Node {
	for n.Parent != nil {
		n = n.Parent
	}
	return n
}

// lines calls yield for every line of the document.
func lines(doc *ubl.Node, yield func(*ubl.Node)) {
	for k := range doc.Kids {
		if k.Name == "InvoiceLine" || k.Name == "CreditNoteLine" {
			yield(k)
		}
	}
}
