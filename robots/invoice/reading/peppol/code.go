package peppol

import (
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

var amounts = []string{
	"//Amount", "//BaseAmount", "//PriceAmount", "//TaxAmount", "//TaxableAmount", "//LineExtensionAmount", "//TaxExclusiveAmount", "//TaxInclusiveAmount",
	"//AllowanceTotalAmount", "//ChargeTotalAmount", "//PrepaidAmount", "//PayableRoundingAmount", "//PayableAmount",
}

// listed is the rule that a value must be on a list, the white space around it
// taken off.
func listed(id, place, list, text string) rule.Rule {
	return rule.Rule{ID: id, Text: text, Bad: rule.Not(rule.InTrimmed(place, lists.Get(list)))}
}

// ifGiven is listed where the attribute may be missing.
func ifGiven(id, place, list, text string) rule.Rule {
	r := listed(id, place, list, text)
	r.Bad = rule.And(rule.Has(place), r.Bad)
	return r
}

const (
	noCurrency = "Valutaen findes ikke."
	noType     = "Fakturatypen findes ikke."
	noReasonOf = "Koden for begrundelsen findes ikke."
	noFile     = "Bilaget er i et filformat, der ikke må bruges (mimeCode)."
	noRegister = "Registret, som nummeret er fra, findes ikke (schemeID)."
	noAddress  = "Den slags elektroniske adresser findes ikke (schemeID)."
	noCountry  = "Landekoden findes ikke."
	noVAT      = "Momskategorien findes ikke."
)

var codeRules = []rule.Group{
	{At: []string{"InvoiceTypeCode"}, Rules: []rule.Rule{listed("BR-CL-01", "", "invoice-types", noType)}},
	{At: []string{"CreditNoteTypeCode"}, Rules: []rule.Rule{listed("BR-CL-01", "", "credit-types", noType)}},
	{At: amounts, Rules: []rule.Rule{
		listed("BR-CL-03", "@currencyID", "currencies", noCurrency),
		{ID: "PEPPOL-EN16931-CL007", Text: noCurrency, Bad: rule.Not(rule.In("@currencyID", lists.Get("currencies")))},
		{ID: "PEPPOL-EN16931-R051", Text: "Beløbet er i en anden valuta end fakturaens.", Bad: otherCurrency},
	}},
	{At: []string{"//DocumentCurrencyCode"}, Rules: []rule.Rule{listed("BR-CL-04", "", "currencies", noCurrency)}},
	{At: []string{"//TaxCurrencyCode"}, Rules: []rule.Rule{listed("BR-CL-05", "", "currencies", noCurrency)}},
	{At: []string{"//InvoicePeriod/DescriptionCode"}, Rules: []rule.Rule{
		listed("BR-CL-06", "", "period-codes", "Momsdatokoden findes ikke."),
		listed("PEPPOL-EN16931-CL006", "", "period-codes", "Momsdatokoden findes ikke."),
	}},
	{At: []string{"//AdditionalDocumentReference/ID", "//DocumentReference/ID"}, Rules: []rule.Rule{
		{ID: "BR-CL-07", Text: "Koden for, hvad der faktureres, findes ikke (schemeID).", Bad: func(n *ubl.Node) bool {
			scheme, ok := n.Attr("schemeID")
			return ok && rule.Eq("DocumentTypeCode", "130")(n.Parent) && !lists.Get("objects").Has(strings.TrimSpace(scheme))
		}},
	}},
	{At: []string{"Note"}, Rules: []rule.Rule{
		{ID: "BR-CL-08", Crn: rule.None, Text: "Notens emnekode (mellem to #) findes ikke.", Bad: func(n *ubl.Node) bool {
			_, rest, _ := strings.Cut(n.Text, "#")
			code, _, ok := strings.Cut(rest, "#")
			return ok && len(code) > 2 && !lists.Get("note-subjects").Has(code)
		}},
	}},
	{At: []string{"//PartyIdentification/ID"}, Rules: []rule.Rule{
		{ID: "BR-CL-10", Text: noRegister, Bad: func(n *ubl.Node) bool {
			scheme, ok := n.Attr("schemeID")
			scheme = strings.TrimSpace(scheme)
			return ok && !lists.Get("registers").Has(scheme) && !(scheme == "SEPA" && (below(n, "AccountingSupplierParty") || below(n, "PayeeParty")))
		}},
	}},
	{At: []string{"//PartyLegalEntity/CompanyID"}, Rules: []rule.Rule{ifGiven("BR-CL-11", "@schemeID", "registers", noRegister)}},
	{At: []string{"//StandardItemIdentification/ID"}, Rules: []rule.Rule{ifGiven("BR-CL-21", "@schemeID", "registers", noRegister)}},
	{At: []string{"//CommodityClassification/ItemClassificationCode"}, Rules: []rule.Rule{ifGiven("BR-CL-13", "@listID", "classifications", "Listen, som varekoden er fra, findes ikke (listID).")}},
	{At: []string{"//Country/IdentificationCode"}, Rules: []rule.Rule{listed("BR-CL-14", "", "countries", noCountry)}},
	{At: []string{"//OriginCountry/IdentificationCode"}, Rules: []rule.Rule{listed("BR-CL-15", "", "countries", noCountry)}},
	{At: []string{"//PaymentMeans/PaymentMeansCode"}, Rules: []rule.Rule{listed("BR-CL-16", "", "means", "Betalingsmåden findes ikke.")}},
	{At: []string{"//TaxCategory/ID"}, Rules: []rule.Rule{listed("BR-CL-17", "", "categories", noVAT)}},
	{At: []string{"//ClassifiedTaxCategory/ID"}, Rules: []rule.Rule{listed("BR-CL-18", "", "categories", noVAT)}},
	{At: []string{"//AllowanceCharge/AllowanceChargeReasonCode"}, Rules: []rule.Rule{
		reason("BR-CL-19", "allowances", false), reason("PEPPOL-EN16931-CL002", "allowances", false),
		reason("BR-CL-20", "charges", true), reason("PEPPOL-EN16931-CL003", "charges", true),
	}},
	{At: []string{"//TaxExemptionReasonCode"}, Rules: []rule.Rule{
		{ID: "BR-CL-22", Text: noReasonOf, Bad: func(n *ubl.Node) bool { return !lists.Get("exemptions").Has(strings.ToUpper(n.Value())) }},
	}},
	{At: []string{"//InvoicedQuantity", "//CreditedQuantity", "//BaseQuantity"}, Rules: []rule.Rule{ifGiven("BR-CL-23", "@unitCode", "units", "Enheden findes ikke (unitCode).")}},
	{At: []string{"//EmbeddedDocumentBinaryObject"}, Rules: []rule.Rule{
		ifGiven("BR-CL-24", "@mimeCode", "files", noFile), ifGiven("PEPPOL-EN16931-CL001", "@mimeCode", "files", noFile),
		present("UBL-DT-06", "@mimeCode", "Bilagets filformat (mimeCode)"), present("UBL-DT-07", "@filename", "Bilagets filnavn (filename)"),
	}},
	{At: []string{"//EndpointID"}, Rules: []rule.Rule{
		ifGiven("BR-CL-25", "@schemeID", "addresses", noAddress), ifGiven("PEPPOL-EN16931-CL008", "@schemeID", "peppol-addresses", noAddress),
	}},
	{At: []string{rule.Everywhere}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-R008", Text: "Feltet er tomt. Et felt uden indhold skal udelades.", Bad: func(n *ubl.Node) bool { return n.Leaf() && n.Left == 0 && n.Value() == "" }},
		{ID: "UBL-DT-01", Text: "Beløbet må højst have to decimaler.", Bad: rule.And(isAmount, rule.Decimals("", rule.Over(2)))},
	}},
}

// reason is the rule for the code of why there is an allowance or a charge.
func reason(id, list string, charges bool) rule.Rule {
	set := lists.Get(list)
	return rule.Rule{ID: id, Text: noReasonOf, Bad: func(n *ubl.Node) bool { return charge(n.Parent) == charges && !set.Has(n.Value()) }}
}

// below is true for what stands somewhere in an element of the name.
func below(n *ubl.Node, name string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Name == name {
			return true
		}
	}
	return false
}

// isAmount is true for amounts but prices, which may have more decimals.
func isAmount(n *ubl.Node) bool {
	return strings.HasSuffix(n.Name, "Amount") && !strings.HasSuffix(n.Name, "PriceAmount") &&
		!(n.Parent != nil && n.Parent.Name == "AllowanceCharge" && n.Parent.Parent != nil && n.Parent.Parent.Name == "Price")
}

// otherCurrency compares with the document's. A tax total without subtotals may be
// in another.
func otherCurrency(n *ubl.Node) bool {
	if n.Name == "TaxAmount" && n.Parent.Name == "TaxTotal" && n.Parent.Get("TaxSubtotal") == nil {
		return false
	}
	currency, ok := n.Attr("currencyID")
	code := root(n).Get("DocumentCurrencyCode")
	return !ok || code == nil || currency != code.Text
}

var typeRules = []rule.Group{
	{At: []string{"InvoiceTypeCode"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-P0100", Text: "Fakturatypen passer ikke til forretningsprocessen.", Bad: wrongType("peppol-invoice-types")},
		{ID: "PEPPOL-EN16931-P0112", Text: "Fakturatyperne 326 og 384 må kun bruges mellem tyske parter.", Bad: func(n *ubl.Node) bool {
			return (n.Value() == "326" || n.Value() == "384") && !german(n.Parent)
		}},
	}},
	{At: []string{"CreditNoteTypeCode"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-P0101", Text: "Kreditnotatypen passer ikke til forretningsprocessen.", Bad: wrongType("peppol-credit-types")},
	}},
}

// wrongType is true for a type that is not on the list, in billing (processes 01
// and 02).
func wrongType(list string) rule.Test {
	set := lists.Get(list)
	return func(n *ubl.Node) bool {
		p := profile(n.Parent)
		return (p == "01" || p == "02") && !set.Has(n.Value())
	}
}

// exemptionRules tie reasons for no VAT to categories.
var exemptionRules = []rule.Group{{At: []string{"//TaxCategory"}, Rules: []rule.Rule{
	tied("PEPPOL-EN16931-P0104", "VATEX-EU-G", "G"), tied("PEPPOL-EN16931-P0105", "VATEX-EU-O", "O"), tied("PEPPOL-EN16931-P0106", "VATEX-EU-IC", "K"),
	tied("PEPPOL-EN16931-P0107", "VATEX-EU-AE", "AE"), tied("PEPPOL-EN16931-P0108", "VATEX-EU-D", "E"), tied("PEPPOL-EN16931-P0109", "VATEX-EU-F", "E"),
	tied("PEPPOL-EN16931-P0110", "VATEX-EU-I", "E"), tied("PEPPOL-EN16931-P0111", "VATEX-EU-J", "E"),
}}}

func tied(id, reason, category string) rule.Rule {
	return rule.Rule{ID: id, Text: "Begrundelsen " + reason + " hører til momskategorien " + category + ".", Bad: func(n *ubl.Node) bool {
		return strings.ToUpper(n.Get("TaxExemptionReasonCode").Raw()) == reason && n.Get("ID").Value() != category
	}}
}
