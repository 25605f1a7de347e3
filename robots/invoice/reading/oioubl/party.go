package oioubl

import (
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// parties are the places where a party may stand.
var parties = []string{
	"AccountingSupplierParty/Party", "AccountingCustomerParty/Party", "PayeeParty", "BuyerCustomerParty/Party", "SellerSupplierParty/Party",
	"Delivery/DeliveryParty", "Signature/SignatoryParty",
}

var partyRules = []rule.Group{
	{At: []string{"AccountingSupplierParty"}, Rules: []rule.Rule{
		excluded("F-INV029", "F-CRN026", "DataSendingCapability", "DataSendingCapability"),
		{ID: "F-INV030", Crn: "F-CRN027", Text: "Oplysningerne om leverandøren mangler.", Bad: rule.Count("Party", rule.Unlike(1))},
	}},
	{At: []string{"AccountingCustomerParty"}, Rules: []rule.Rule{
		{ID: "F-INV043", Crn: "F-CRN039", Text: "Oplysningerne om modtageren mangler.", Bad: rule.Count("Party", rule.Unlike(1))},
	}},
	{At: []string{"AccountingSupplierParty/Party"}, Rules: []rule.Rule{
		filled("F-INV031", "F-CRN028", "EndpointID", "Leverandørens elektroniske adresse (EndpointID)"),
		{ID: "F-INV034", Crn: "F-CRN031", Text: "Leverandøren skal være registreret som netop én juridisk enhed (PartyLegalEntity).", Bad: rule.Count("PartyLegalEntity", rule.Unlike(1))},
	}},
	{At: []string{"AccountingCustomerParty/Party"}, Rules: []rule.Rule{
		filled("F-INV044", "F-CRN040", "EndpointID", "Modtagerens elektroniske adresse (EndpointID, normalt EAN-nummeret)"),
		{ID: "F-INV046", Crn: "F-CRN042", Text: "Modtagerens kontaktperson (Contact) skal være angivet netop én gang.", Bad: rule.Count("Contact", rule.Unlike(1))},
		atMostOne("F-INV045", "F-CRN164", "PartyLegalEntity"),
	}},
	{At: []string{"PayeeParty"}, Rules: []rule.Rule{atMostOne("F-INV319", "F-CRN166", "PartyLegalEntity")}},
	{At: []string{"Signature/SignatoryParty"}, Rules: []rule.Rule{atMostOne("F-INV297", "F-CRN163", "PartyLegalEntity")}},
	{At: parties, Rules: []rule.Rule{
		excluded("F-LIB166", "", "MarkCareIndicator", "MarkCareIndicator"),
		excluded("F-LIB167", "", "MarkAttentionIndicator", "MarkAttentionIndicator"),
		excluded("F-LIB168", "", "AgentParty", "AgentParty"),
		{ID: "F-LIB022", Text: "Parten har hverken navn eller nummer.", Bad: rule.And(
			rule.Or(rule.Lacks("PartyIdentification"), rule.Eq("PartyIdentification/ID", "")),
			rule.Or(rule.Lacks("PartyName"), rule.Eq("PartyName/Name", "")))},
		{ID: "F-LIB179", Text: "Den elektroniske adresse er af en slags, der ikke kendes (EndpointID schemeID).",
			Bad: rule.And(rule.Has("EndpointID"), rule.Not(rule.In("EndpointID@schemeID", lists.Get("endpoints"))))},
		{ID: "F-LIB180", Text: "Den elektroniske adresse skal være et CVR-nummer skrevet som DK og otte cifre.", Bad: notDanish("EndpointID", "DK:CVR", exact)},
		{ID: "F-LIB181", Text: "Den elektroniske adresse skal være et EAN-nummer (GLN) på 13 tegn.", Bad: wrongLength("EndpointID", "GLN", 13)},
		{ID: "F-LIB216", Text: "Den elektroniske adresse skal være et EAN-nummer på 13 tegn.", Bad: wrongLength("EndpointID", "EAN", 13)},
	}},
	{At: below(parties, "PartyIdentification"), Rules: []rule.Rule{
		{ID: "F-LIB183", Text: "Partens nummer er af en slags, der ikke kendes (schemeID).", Bad: rule.Not(rule.In("ID@schemeID", lists.Get("parties")))},
		{ID: "F-LIB184", Text: "Partens nummer skal være et CVR-nummer skrevet som DK og otte cifre.", Bad: notDanish("ID", "DK:CVR", exact)},
		{ID: "F-LIB217", Text: "Partens nummer skal være et CPR-nummer på ti cifre uden bindestreg.", Bad: wrongLength("ID", "DK:CPR", 10)},
		{ID: "F-LIB185", Text: "Partens nummer skal være et EAN-nummer (GLN) på 13 tegn.", Bad: wrongLength("ID", "GLN", 13)},
		{ID: "F-LIB218", Text: "Partens nummer skal være et EAN-nummer på 13 tegn.", Bad: wrongLength("ID", "EAN", 13)},
		{ID: "F-LIB287", Text: "Partens nummer skal være et P-nummer på ti tegn.", Bad: wrongLength("ID", "DK:P", 10)},
	}},
	{At: below(parties, "PartyName"), Rules: []rule.Rule{
		{ID: "W-LIB219", Warn: true, Text: "Parten har flere navne, men det fremgår ikke, hvilke sprog de er på.", Bad: func(n *ubl.Node) bool {
			_, lang := n.Get("Name").Attr("languageID")
			return !lang && n.Parent.Count("PartyName") > 1
		}},
	}},
	{At: append(below(parties, "PartyTaxScheme"), "TaxRepresentativeParty/PartyTaxScheme"), Rules: []rule.Rule{
		excluded("F-LIB192", "", "TaxLevelCode", "TaxLevelCode"),
		filled("F-LIB193", "", "CompanyID", "Partens momsnummer (SE-nummer)"),
		{ID: "F-LIB195", Text: "Partens momsnummer er af en slags, der ikke kendes (schemeID skal være DK:SE eller ZZZ).", Bad: rule.Not(rule.Eq("CompanyID@schemeID", "DK:SE", "ZZZ"))},
		{ID: "F-LIB196", Text: "Partens momsnummer skal være et SE-nummer skrevet som DK og otte cifre.", Bad: notDanish("CompanyID", "DK:SE", trimmed)},
	}},
	{At: below(parties, "PartyLegalEntity"), Rules: []rule.Rule{
		excluded("F-LIB186", "", "CorporateRegistrationScheme", "CorporateRegistrationScheme"),
		filled("F-LIB187", "", "CompanyID", "Partens CVR-nummer"),
		{ID: "F-LIB189", Text: "Partens registreringsnummer er af en slags, der ikke kendes (schemeID skal være DK:CVR, DK:CPR eller ZZZ).", Bad: rule.Not(rule.Eq("CompanyID@schemeID", "DK:CVR", "DK:CPR", "ZZZ"))},
		{ID: "F-LIB190", Text: "Partens CVR-nummer skal være skrevet som DK og otte cifre.", Bad: notDanish("CompanyID", "DK:CVR", trimmed)},
		{ID: "F-LIB191", Text: "Partens CPR-nummer skal være på ti cifre uden bindestreg.", Bad: wrongLength("CompanyID", "DK:CPR", 10)},
	}},
	{At: append(below(parties, "Contact"), "AccountingSupplierParty/DespatchContact", "AccountingSupplierParty/AccountingContact", "AccountingSupplierParty/SellerContact",
		"AccountingCustomerParty/DeliveryContact", "AccountingCustomerParty/AccountingContact", "AccountingCustomerParty/BuyerContact",
		"SellerSupplierParty/DespatchContact", "SellerSupplierParty/AccountingContact", "SellerSupplierParty/SellerContact",
		"BuyerCustomerParty/DeliveryContact", "BuyerCustomerParty/AccountingContact", "BuyerCustomerParty/BuyerContact"), Rules: []rule.Rule{
		{ID: "F-LIB235", Text: "Kontaktpersonen er uden oplysninger.", Bad: rule.And(rule.Empty("ID"), rule.Empty("Name"), rule.Empty("Telephone"),
			rule.Empty("Telefax"), rule.Empty("ElectronicMail"), rule.Empty("Note"), rule.Lacks("OtherCommunication"))},
		{ID: "F-LIB236", Text: "Brug enten ChannelCode eller Channel for kontaktpersonen, ikke begge.", Bad: rule.And(rule.Has("OtherCommunication/ChannelCode"), rule.Has("OtherCommunication/Channel"))},
		{ID: "F-LIB237", Text: "En af kontaktpersonens adresser (OtherCommunication) er tom.", Bad: rule.Eq("OtherCommunication/Value", "")},
	}},
	{At: []string{"TaxRepresentativeParty"}, Rules: onlyInvoices(
		excluded("F-LIB355", "", "WebsiteURI", "WebsiteURI"), excluded("F-LIB356", "", "LogoReferenceID", "LogoReferenceID"), excluded("F-LIB357", "", "EndpointID", "EndpointID"),
		excluded("F-LIB358", "", "PartyIdentification", "PartyIdentification"), excluded("F-LIB359", "", "Language", "Language"),
		excluded("F-LIB360", "", "PhysicalLocation", "PhysicalLocation"), excluded("F-LIB361", "", "PartyLegalEntity", "PartyLegalEntity"),
		excluded("F-LIB362", "", "Contact", "Contact"), excluded("F-LIB363", "", "Person", "Person"),
		filled("F-LIB353", "", "PartyName/Name", "Navnet på leverandørens momsrepræsentant"),
		filled("F-LIB354", "", "PostalAddress/AddressFormatCode", "Adressen på leverandørens momsrepræsentant"),
		rule.Rule{ID: "F-LIB371", Text: "Momsnummeret på leverandørens momsrepræsentant mangler.", Bad: rule.Lacks("PartyTaxScheme")},
		rule.Rule{ID: "F-LIB372", Text: "Det fremgår ikke, hvilken afgift momsrepræsentantens nummer gælder (TaxScheme).", Bad: rule.And(rule.Has("PartyTaxScheme"), rule.Lacks("PartyTaxScheme/TaxScheme"))},
	)},
	{At: below(parties, "Person"), Rules: []rule.Rule{
		{ID: "F-LIB024", Text: "Personen har hverken fornavn eller efternavn.", Bad: rule.And(rule.Empty("FamilyName"), rule.Empty("FirstName"))},
	}},
	{At: below(parties, "PhysicalLocation"), Rules: []rule.Rule{
		{ID: "F-LIB221", Text: "Partens sted har hverken nummer eller adresse.", Bad: rule.And(rule.Empty("ID"), rule.Lacks("Address"))},
	}},
}

// onlyInvoices takes rules out of credit notes.
func onlyInvoices(rules ...rule.Rule) []rule.Rule {
	for i := range rules {
		rules[i].Crn = rule.None
	}
	return rules
}

func exact(s string) string   { return s }
func trimmed(s string) string { return strings.Join(strings.Fields(s), " ") }

// notDanish is true where a number of the scheme is not written "DK" and eight
// more characters. What stands in those eight the rules do not ask.
func notDanish(path, scheme string, shape func(string) string) rule.Test {
	is := rule.Eq(path+"@schemeID", scheme)
	return func(n *ubl.Node) bool {
		if !is(n) {
			return false
		}
		v := n.Get(path).Raw()
		return len([]rune(shape(v))) != 10 || !strings.HasPrefix(v, "DK")
	}
}

// wrongLength is true where a number of the scheme has not so many characters.
func wrongLength(path, scheme string, length int) rule.Test {
	return rule.And(rule.Eq(path+"@schemeID", scheme), rule.Length(path, rule.Unlike(length)))
}

// backwards is true where the second of two dates or times comes before the first.
// Both are compared as numbers without their marks, as the rule does.
func backwards(from, to, mark string) rule.Test {
	return func(n *ubl.Node) bool {
		a, b := n.Get(from), n.Get(to)
		if a == nil || b == nil {
			return false
		}
		start, end := rule.Number(strings.ReplaceAll(a.Text, mark, "")), rule.Number(strings.ReplaceAll(b.Text, mark, ""))
		return !(end >= start)
	}
}
