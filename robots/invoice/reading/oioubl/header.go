package oioubl

import (
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// The profiles in which an invoice answers an order.
var ordered = rule.Eq("ProfileID", "Procurement-OrdSimR-BilSim-1.0", "Procurement-OrdAdv-BilSim-1.0",
	"urn:www.nesubl.eu:profiles:profile7:ver1.0", "urn:www.nesubl.eu:profiles:profile7:ver2.0")

var headerRules = []rule.Group{
	{At: []string{""}, Rules: []rule.Rule{
		{ID: "F-LIB001", Text: "UBL-versionen (UBLVersionID) skal være 2.0 eller 2.1.", Bad: rule.Not(rule.Eq("UBLVersionID", "2.0", "2.1"))},
		{ID: "F-LIB002", Text: "Fakturaen siger ikke rigtigt, hvilken OIOUBL-udgave den følger (CustomizationID skal være OIOUBL-2.01, OIOUBL-2.02 eller OIOUBL-2.1).",
			Bad: rule.Not(rule.Eq("CustomizationID", "OIOUBL-2.01", "OIOUBL-2.02", "OIOUBL-2.1"))},
		{ID: "W-LIB003", Warn: true, Text: "Profilens liste (ProfileID schemeID) er ikke en kendt OIOUBL-liste.",
			Bad: rule.Not(rule.Eq("ProfileID@schemeID", profileList(1), profileList(2), profileList(3), profileList(4), profileList(5), profileList(6)))},
		{ID: "W-LIB203", Warn: true, Text: "Profilen (ProfileID) skal have schemeAgencyID 320.", Bad: rule.Not(rule.Eq("ProfileID@schemeAgencyID", "320"))},
		profile("F-LIB004", 1), profile("F-LIB302", 2), profile("F-LIB308", 3), profile("F-LIB325", 4), profile("F-LIB327", 5), profile("F-LIB351", 6),
		{ID: "F-LIB328", Text: "Profilen i fakturaen hører til ordresvar, ikke til fakturaer.", Bad: rule.Eq("ProfileID", "Procurement-OrdRes-1.0")},
		{ID: "F-LIB352", Text: "Profilen i fakturaen hører til rykkere, ikke til fakturaer.", Bad: rule.Eq("ProfileID", "Procurement-BilSimReminderOnly-1.0")},
		{ID: "F-INV002", Crn: "F-CRN002", Text: "Fakturaens profil kræver en henvisning til ordren (OrderReference), og den mangler.",
			Bad: rule.And(ordered, rule.Lacks("OrderReference"))},
		filled("F-INV007", "F-CRN004", "DocumentCurrencyCode", "Fakturaens valuta (DocumentCurrencyCode)"),
		{ID: "F-INV008", Crn: "F-CRN005", Text: "Fakturaen mangler momsopgørelsen (TaxTotal).", Bad: rule.Lacks("TaxTotal")},
		filled("F-INV009", "F-CRN006", "ID", "Fakturanummeret"),
		eitherOr("F-LIB021", "", "AccountingCost", "AccountingCostCode"),
		atMostOne("F-INV004", "F-CRN159", "InvoicePeriod"),
		{ID: "F-LIB404", Text: "Momskategorierne på linjerne (med rabatter og gebyrer) og i momsopgørelsen er ikke de samme.", Bad: categoriesDiffer},
		{ID: "F-LIB313", Text: "Et udvidelsesfelt fra Digitaliseringsstyrelsen skal have et nummer mellem 1001 og 1999.", Bad: wrongExtension},
	}},
	{At: []string{"UUID", "OrderReference/UUID"}, Rules: []rule.Rule{
		{ID: "F-LIB006", Text: "Dokumentets entydige nummer (UUID) skal være på 36 tegn.", Bad: rule.Length("", rule.Unlike(36))},
	}},
	{At: []string{"InvoiceTypeCode"}, Rules: []rule.Rule{
		{ID: "W-INV010", Warn: true, Text: "Fakturatypens liste (listID) er ikke en kendt OIOUBL-liste.", Bad: rule.Not(rule.Eq("@listID", typeList1, typeList2))},
		{ID: "W-INV005", Warn: true, Text: "Fakturatypen skal have listAgencyID 320.", Bad: rule.Not(rule.Eq("@listAgencyID", "320"))},
		{ID: "F-INV011", Text: "Fakturatypen skal være 325, 380 eller 393.", Bad: rule.And(rule.Eq("@listID", typeList1), rule.Not(rule.Eq("", "325", "380", "393")))},
		{ID: "F-INV337", Text: "Fakturatypen skal være 325, 380, 390 eller 393.", Bad: rule.And(rule.Eq("@listID", typeList2), rule.Not(rule.Eq("", "325", "380", "390", "393")))},
	}},
	{At: []string{"TaxRepresentativeParty"}, Rules: []rule.Rule{
		{ID: "W-INV003", Crn: "F-CRN165", Warn: true, Text: "Feltet TaxRepresentativeParty bruges ikke i OIOUBL.", Bad: func(*ubl.Node) bool { return true }},
	}},
}

const (
	typeList1 = "urn:oioubl:codelist:invoicetypecode-1.1"
	typeList2 = "urn:oioubl:codelist:invoicetypecode-1.2"
)

func profileList(n int) string { return "urn:oioubl:id:profileid-1." + string(rune('0'+n)) }

// profile is the rule that a profile must be on the list that it names.
func profile(id string, n int) rule.Rule {
	set := lists.Get("profiles-" + string(rune('0'+n)))
	return rule.Rule{ID: id, Text: "Profilen (ProfileID) er ikke på den liste, som fakturaen henviser til.",
		Bad: rule.And(rule.Eq("ProfileID@schemeID", profileList(n)), rule.Not(rule.In("ProfileID", set)))}
}

// vatCategories are those that must be in the total if and only if a line, or an
// allowance or charge of the document, has them. The release notes of the rules
// (1.17, NHD-336) say it of every category; published invoices with duties break
// that and are clean, so duties and what OIOUBL does not know are left out: nothing
// is called fatal by this rule that a published file has without it.
var vatCategories = [...]string{"StandardRated", "ZeroRated", "ReverseCharge"}

func categoriesDiffer(root *ubl.Node) bool {
	for _, c := range vatCategories {
		inTotal := rule.Eq("TaxTotal/TaxSubtotal/TaxCategory/ID", c)(root)
		onLine := rule.Eq(lineOf(root)+"/TaxTotal/TaxSubtotal/TaxCategory/ID", c)(root)
		if inTotal != (onLine || rule.Eq("AllowanceCharge/TaxCategory/ID", c)(root)) {
			return true
		}
	}
	return false
}

// lineOf is the name of the document's lines.
func lineOf(root *ubl.Node) string {
	if root.Name == "CreditNote" {
		return "CreditNoteLine"
	}
	return "InvoiceLine"
}

// wrongExtension compares as text, as the rule does.
func wrongExtension(root *ubl.Node) bool {
	if !rule.Eq("UBLExtensions/UBLExtension/ExtensionAgencyID", "Digitaliseringsstyrelsen")(root) {
		return false
	}
	wrong := false
	root.Each(func(n *ubl.Node) bool {
		wrong = strings.Compare(n.Text, "1001") < 0 || strings.Compare(n.Text, "1999") > 0
		return !wrong
	}, "UBLExtensions", "UBLExtension", "ID")
	return wrong
}
