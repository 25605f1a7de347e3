package oioubl

import (
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

var currencyRules = []rule.Group{
	{At: []string{rule.Everywhere}, Rules: []rule.Rule{
		{ID: "F-LIB403", Text: "Et beløb er angivet i en valuta, der ikke findes (currencyID).", Bad: unknownCurrency},
	}},
	{At: []string{"DocumentCurrencyCode", "TaxCurrencyCode", "PricingCurrencyCode", "PaymentCurrencyCode", "PaymentAlternativeCurrencyCode"}, Rules: []rule.Rule{
		{ID: "F-LIB296", Text: "Valutakodens liste (listID) skal være ISO 4217 Alpha.", Bad: rule.Other("@listID", "ISO 4217 Alpha")},
		{ID: "F-LIB297", Text: "Valutakoden skal have listAgencyID 6.", Bad: rule.Other("@listAgencyID", "6")},
		{ID: "F-LIB298", Text: "Valutaen findes ikke.", Bad: rule.Not(rule.In("", lists.Get("currencies")))},
	}},
	{At: []string{"DocumentCurrencyCode"}, Rules: []rule.Rule{
		{ID: "F-INV012", Crn: "F-CRN007", Text: "En linjes beløb er i en anden valuta end fakturaens.", Bad: foreign("Line", "LineExtensionAmount")},
		{ID: "F-INV013", Crn: "F-CRN008", Text: "Summen af linjerne er i en anden valuta end fakturaens.", Bad: foreign("LegalMonetaryTotal", "LineExtensionAmount")},
		{ID: "F-INV014", Crn: "F-CRN009", Text: "Beløbet til betaling er i en anden valuta end fakturaens.", Bad: foreign("LegalMonetaryTotal", "PayableAmount")},
	}},
	{At: []string{"TaxCurrencyCode"}, Rules: []rule.Rule{
		{ID: "F-INV016", Crn: "F-CRN011", Text: "Momsens valuta (TaxCurrencyCode) skal være DKK eller EUR.", Bad: rule.Not(rule.Eq("", "DKK", "EUR"))},
		{ID: "F-INV018", Crn: "F-CRN013", Text: "Når momsen er i en anden valuta, skal momsbeløbet også stå i fakturaens valuta (TransactionCurrencyTaxAmount).",
			Bad: lacking("TaxTotal", "TaxSubtotal", "TransactionCurrencyTaxAmount")},
		{ID: "F-INV339", Crn: rule.None, Text: "Et momsbeløb (TransactionCurrencyTaxAmount) er i en anden valuta end den, fakturaen angiver for moms.",
			Bad: foreign("TaxTotal", "TaxSubtotal", "TransactionCurrencyTaxAmount")},
	}},
	{At: []string{"PricingCurrencyCode"}, Rules: []rule.Rule{
		{ID: "F-INV019", Crn: "F-CRN014", Text: "En pris er i en anden valuta end den, fakturaen angiver for priser.", Bad: foreign("Line", "Price", "PriceAmount")},
		{ID: "F-INV020", Crn: "F-CRN015", Text: "Priserne er i en anden valuta, men kursen (PricingExchangeRate) mangler.", Bad: lacking("PricingExchangeRate")},
	}},
	{At: []string{"PaymentCurrencyCode"}, Rules: []rule.Rule{
		{ID: "F-INV021", Crn: "F-CRN016", Text: "Fakturaen skal betales i en anden valuta, men kursen (PaymentExchangeRate) mangler.", Bad: lacking("PaymentExchangeRate")},
	}},
	{At: []string{"PaymentAlternativeCurrencyCode"}, Rules: []rule.Rule{
		{ID: "F-INV022", Crn: "F-CRN017", Text: "Fakturaen kan betales i en anden valuta, men kursen (PaymentAlternativeExchangeRate) mangler.", Bad: lacking("PaymentAlternativeExchangeRate")},
	}},
}

// unknownCurrency looks at every amount with a currency.
func unknownCurrency(n *ubl.Node) bool {
	c, ok := n.Attr("currencyID")
	return ok && strings.HasSuffix(n.Name, "Amount") && !lists["currencies"].Has(c)
}

// foreign is true at a currency code if some amount at the path below the document
// has another.
func foreign(path ...string) rule.Test {
	return func(code *ubl.Node) bool {
		hit := false
		root := code.Parent
		p := append([]string(nil), path...)
		if p[0] == "Line" {
			p[0] = lineOf(root)
		}
		root.Each(func(n *ubl.Node) bool {
			c, ok := n.Attr("currencyID")
			hit = ok && c != code.Text
			return !hit
		}, p...)
		return hit
	}
}

// lacking is true at a currency code if the document lacks the path.
func lacking(path ...string) rule.Test {
	return func(code *ubl.Node) bool { return code.Parent.Find(path...) == nil }
}

// rateRules hold for the rates between currencies.
var rateRules = func() []rule.Group {
	rates := []string{"TaxExchangeRate", "PricingExchangeRate", "PaymentExchangeRate", "PaymentAlternativeExchangeRate"}
	return []rule.Group{{At: rates, Rules: joined([]rule.Rule{
		{ID: "F-LIB238", Text: "Valutakontrakten mangler et nummer.", Bad: rule.And(rule.Has("ForeignExchangeContract"), rule.Blank("ForeignExchangeContract/ID"))},
		filled("F-LIB083", "", "SourceCurrencyCode", "Valutaen, der regnes fra (SourceCurrencyCode),"),
		filled("F-LIB084", "", "TargetCurrencyCode", "Valutaen, der regnes til (TargetCurrencyCode),"),
		{ID: "F-LIB310", Text: "Kursens regneart (MathematicOperatorCode) skal være multiply eller divide.",
			Bad: rule.And(rule.Other("MathematicOperatorCode", "multiply"), rule.Other("MathematicOperatorCode", "divide"))},
		{ID: "F-LIB239", Text: "Brug enten ContractTypeCode eller ContractType for valutakontrakten, ikke begge.",
			Bad: rule.And(rule.Has("ForeignExchangeContract/ContractTypeCode"), rule.Has("ForeignExchangeContract/ContractType"))},
		{ID: "F-LIB240", Text: "Valutakontrakten må højst henvise til ét dokument.", Bad: rule.Count("ForeignExchangeContract/ContractDocumentReference", rule.Over(1))},
	}, rate("F-LIB085", "F-LIB086", "SourceCurrencyBaseRate"), rate("F-LIB087", "F-LIB088", "TargetCurrencyBaseRate"), rate("F-LIB089", "F-LIB090", "CalculationRate"))}}
}()

// rate are the two rules for a rate: above zero, and four decimals.
func rate(positive, decimals, name string) []rule.Rule {
	return []rule.Rule{
		{ID: positive, Text: "Kursen " + name + " skal være over nul.", Bad: rule.And(rule.Has(name), rule.Or(rule.Starts(name, "-"), rule.Zero(name)))},
		{ID: decimals, Text: "Kursen " + name + " skal have fire decimaler.", Bad: rule.And(rule.Has(name), rule.Decimals(name, rule.Unlike(4)))},
	}
}
