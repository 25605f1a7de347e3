package peppol

import (
	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// slack is by how much a line or an allowance may be off.
var slack = decimal.New(2, -2)

var lineRules = []rule.Group{
	{At: []string{"//Line"}, Rules: []rule.Rule{
		filled("BR-21", "ID", "Linjens nummer"),
		{ID: "BR-22", Text: "Linjens antal mangler.", Bad: func(n *ubl.Node) bool { return quantity(n) == nil }},
		{ID: "BR-23", Text: "Linjens antal mangler en enhed.", Bad: func(n *ubl.Node) bool { _, ok := quantity(n).Attr("unitCode"); return !ok }},
		present("BR-24", "LineExtensionAmount", "Linjens beløb"),
		filled("BR-25", "Item/Name", "Varens eller ydelsens navn"),
		present("BR-26", "Price/PriceAmount", "Linjens pris"),
		{ID: "BR-27", Text: "Linjens pris må ikke mangle eller være negativ.", Bad: func(n *ubl.Node) bool { return !(rule.Value(n, "Price", "PriceAmount") >= 0) }},
		{ID: "BR-28", Text: "Linjens pris før rabat må ikke være negativ.", Bad: func(n *ubl.Node) bool {
			any, ok := false, false
			n.Each(func(k *ubl.Node) bool { any = true; ok = rule.Number(k.Text) >= 0; return !ok }, "Price", "AllowanceCharge", "BaseAmount")
			return any && !ok
		}},
		{ID: "BR-CO-04", Text: "Linjen mangler en momskategori.", Bad: func(n *ubl.Node) bool {
			found := false
			n.Each(func(k *ubl.Node) bool { found = isVAT(k) && k.Get("ID") != nil; return !found }, "Item", "ClassifiedTaxCategory")
			return !found
		}},
		twoDecimals("BR-DEC-23", "LineExtensionAmount", "Linjens beløb"),
		once("UBL-SR-34", "Note", "Linjens note"),
		once("UBL-SR-35", "OrderLineReference/LineID", "Ordrelinjen"),
		once("UBL-SR-36", "InvoicePeriod", "Linjens periode"),
		once("UBL-SR-37", "Price/AllowanceCharge/Amount", "Prisens rabat"),
		{ID: "UBL-SR-48", Text: "Linjen skal have netop én momskategori.", Bad: rule.Count("Item/ClassifiedTaxCategory", rule.Unlike(1))},
		once("UBL-SR-50", "Item/Description", "Varens eller ydelsens beskrivelse"),
		once("UBL-SR-52", "DocumentReference", "Linjens henvisning til det, der faktureres,"),
		{ID: "PEPPOL-EN16931-R120", Text: "Linjens beløb er ikke antal gange pris med linjens rabatter og gebyrer.", Bad: lineOff},
		{ID: "PEPPOL-EN16931-R121", Text: "Det antal, som prisen er for, skal være over nul.", Bad: func(n *ubl.Node) bool {
			base, ok := rule.Exact(n, "Price", "BaseQuantity")
			return n.Get("Price", "BaseQuantity") != nil && !(ok && base.IsPositive())
		}},
		once("PEPPOL-EN16931-R100", "DocumentReference", "Linjens henvisning til det, der faktureres,"),
		{ID: "PEPPOL-EN16931-R101", Text: "Linjen må kun henvise til det, der faktureres (type 130).", Bad: rule.And(rule.Has("DocumentReference"), rule.Not(rule.Eq("DocumentReference/DocumentTypeCode", "130")))},
	}},
	{At: []string{"//Price/AllowanceCharge"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-R044", Text: "Prisen må ikke have et gebyr, kun en rabat.", Bad: func(n *ubl.Node) bool { return n.Get("ChargeIndicator").Value() != "false" }},
		{ID: "PEPPOL-EN16931-R046", Text: "Prisen er ikke prisen før rabat minus rabatten.", Bad: func(n *ubl.Node) bool {
			price, okPrice := rule.Exact(n.Parent, "PriceAmount")
			gross, okGross := rule.Exact(n, "BaseAmount")
			off, okOff := rule.Exact(n, "Amount")
			return n.Get("BaseAmount") != nil && !(okPrice && okGross && okOff && price.Equal(gross.Sub(off)))
		}},
	}},
	{At: []string{"//Price/BaseQuantity"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-R130", Text: "Prisen er for en anden enhed end linjens.", Bad: func(n *ubl.Node) bool {
			own, ok := n.Attr("unitCode")
			q := quantity(n.Parent.Parent)
			unit, has := q.Attr("unitCode")
			return ok && q != nil && !(has && own == unit)
		}},
	}},
	{At: []string{"//AdditionalItemProperty"}, Rules: []rule.Rule{
		{ID: "BR-54", Text: "En egenskab ved varen mangler navn eller værdi.", Bad: rule.Or(rule.Lacks("Name"), rule.Lacks("Value"))},
	}},
	{At: []string{"//Line/Item/StandardItemIdentification/ID"}, Rules: []rule.Rule{present("BR-64", "@schemeID", "Angivelsen af, hvad varenummeret er (schemeID),")}},
	{At: []string{"//Line/Item/CommodityClassification/ItemClassificationCode"}, Rules: []rule.Rule{present("BR-65", "@listID", "Angivelsen af, hvilken liste varekoden er fra (listID),")}},
}

// quantity is the line's quantity, or nil.
func quantity(line *ubl.Node) *ubl.Node {
	if q := line.Get("InvoicedQuantity"); q != nil {
		return q
	}
	return line.Get("CreditedQuantity")
}

// lineOff computes the line's amount. A missing amount or price counts as 0, a
// missing quantity as 1.
func lineOff(line *ubl.Node) bool {
	want := rule.Total(line, "Price", "PriceAmount")
	if base, ok := rule.Exact(line, "Price", "BaseQuantity"); ok && !base.IsZero() && !base.Equal(one) {
		want = want.DivRound(base, 20)
	}
	if q, ok := rule.Exact(quantity(line)); ok {
		want = want.Mul(q)
	}
	want = want.Add(rule.Half(onLine(line, "true"), 2)).Sub(rule.Half(onLine(line, "false"), 2))
	return rule.Total(line, "LineExtensionAmount").Sub(want).Abs().GreaterThan(slack)
}

// onLine adds up the line's allowances ("false") or charges ("true").
func onLine(line *ubl.Node, indicator string) decimal.Decimal {
	var sum decimal.Decimal
	line.Each(func(k *ubl.Node) bool {
		if k.Get("ChargeIndicator").Value() == indicator {
			sum = sum.Add(rule.Total(k, "Amount"))
		}
		return true
	}, "AllowanceCharge")
	return sum
}

var periodRules = []rule.Group{
	{At: []string{"//InvoicePeriod"}, Rules: []rule.Rule{
		{ID: "BR-30", Text: "Linjens periode slutter, før den begynder.", Bad: rule.And(onLineOnly, backwards)},
		{ID: "BR-CO-20", Text: "Linjens periode har hverken start eller slut.", Bad: rule.And(onLineOnly, rule.Lacks("StartDate"), rule.Lacks("EndDate"))},
		{ID: "BR-29", Text: "Fakturaperioden slutter, før den begynder.", Bad: rule.And(rule.Not(onLineOnly), backwards)},
		{ID: "BR-CO-19", Text: "Fakturaperioden har hverken start eller slut.", Bad: rule.And(rule.Not(onLineOnly), rule.Lacks("StartDate"), rule.Lacks("EndDate"), rule.Lacks("DescriptionCode"))},
	}},
	{At: []string{"Line/InvoicePeriod/StartDate"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-R110", Text: "Linjens periode begynder før fakturaens.", Bad: func(n *ubl.Node) bool {
			from := root(n).Find("InvoicePeriod", "StartDate")
			return from != nil && n.Value() < from.Value()
		}},
	}},
	{At: []string{"Line/InvoicePeriod/EndDate"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-R111", Text: "Linjens periode slutter efter fakturaens.", Bad: func(n *ubl.Node) bool {
			to := root(n).Find("InvoicePeriod", "EndDate")
			return to != nil && n.Value() > to.Value()
		}},
	}},
	{At: []string{"//IssueDate", "//DueDate", "//TaxPointDate", "//StartDate", "//EndDate", "//ActualDeliveryDate"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-F001", Text: "Datoen findes ikke eller er ikke skrevet som åååå-mm-dd.", Bad: func(n *ubl.Node) bool {
			_, ok := ubl.Date(n.Text)
			return !ok || len(n.Text) != 10
		}},
	}},
}

// onLineOnly is true for what stands in a line.
func onLineOnly(n *ubl.Node) bool {
	return n.Parent != nil && (n.Parent.Name == "InvoiceLine" || n.Parent.Name == "CreditNoteLine")
}

// backwards is true for a period that ends before it begins. Dates that are none
// are PEPPOL-EN16931-F001.
func backwards(n *ubl.Node) bool {
	from, okFrom := ubl.Date(n.Get("StartDate").Value())
	to, okTo := ubl.Date(n.Get("EndDate").Value())
	return okFrom && okTo && to < from
}
