package peppol

import (
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

var partyRules = []rule.Group{
	{At: []string{"//AccountingSupplierParty"}, Rules: []rule.Rule{
		{ID: "BR-CO-26", Text: "Leverandøren har hverken momsnummer, CVR-nummer eller et andet nummer.", Bad: func(n *ubl.Node) bool {
			vat := false
			n.Each(func(k *ubl.Node) bool { vat = isVAT(k) && k.Get("CompanyID") != nil; return !vat }, "Party", "PartyTaxScheme")
			return !vat && rule.Lacks("Party/PartyIdentification/ID")(n) && rule.Lacks("Party/PartyLegalEntity/CompanyID")(n)
		}},
	}},
	{At: []string{"//" + supplier}, Rules: []rule.Rule{
		present("PEPPOL-EN16931-R020", "EndpointID", "Leverandørens elektroniske adresse"),
		{ID: "UBL-SR-42", Text: "Leverandøren må højst have to skatteregistreringer.", Bad: rule.Count("PartyTaxScheme", rule.Over(2))},
	}},
	{At: []string{"//" + customer}, Rules: []rule.Rule{present("PEPPOL-EN16931-R010", "EndpointID", "Modtagerens elektroniske adresse")}},
	{At: []string{"//" + supplier + "/EndpointID"}, Rules: []rule.Rule{present("BR-62", "@schemeID", "Angivelsen af, hvad leverandørens elektroniske adresse er (schemeID),")}},
	{At: []string{"//" + customer + "/EndpointID"}, Rules: []rule.Rule{present("BR-63", "@schemeID", "Angivelsen af, hvad modtagerens elektroniske adresse er (schemeID),")}},
	{At: []string{"//" + supplier + "/PostalAddress"}, Rules: []rule.Rule{filled("BR-09", "Country/IdentificationCode", "Landekoden i leverandørens adresse")}},
	{At: []string{"//" + customer + "/PostalAddress"}, Rules: []rule.Rule{filled("BR-11", "Country/IdentificationCode", "Landekoden i modtagerens adresse")}},
	{At: []string{"//PayeeParty"}, Rules: []rule.Rule{
		{ID: "BR-17", Text: "Betalingsmodtageren skal have et navn og være en anden end leverandøren.", Bad: func(n *ubl.Node) bool {
			seller := n.Parent.Get("AccountingSupplierParty", "Party")
			return rule.Lacks("PartyName/Name")(n) || shares(n, seller, "PartyName", "Name") || shares(n, seller, "PartyIdentification", "ID") ||
				shares(n, seller, "PartyLegalEntity", "RegistrationName")
		}},
		{ID: "UBL-SR-19", Text: "Betalingsmodtagerens navn skal være et andet end leverandørens og angivet én gang.", Bad: payee("PartyName/Name")},
		{ID: "UBL-SR-20", Text: "Betalingsmodtagerens nummer må kun være angivet én gang.", Bad: payee("PartyIdentification/ID")},
		{ID: "UBL-SR-21", Text: "Betalingsmodtagerens CVR-nummer må kun være angivet én gang.", Bad: payee("PartyLegalEntity/CompanyID")},
	}},
	{At: []string{"//TaxRepresentativeParty"}, Rules: []rule.Rule{
		filled("BR-18", "PartyName/Name", "Navnet på leverandørens momsrepræsentant"),
		present("BR-19", "PostalAddress", "Adressen på leverandørens momsrepræsentant"),
		{ID: "BR-56", Text: "Momsnummeret på leverandørens momsrepræsentant mangler.", Bad: func(n *ubl.Node) bool { return !hasVATNumber(n) }},
	}},
	{At: []string{"//TaxRepresentativeParty/PostalAddress"}, Rules: []rule.Rule{filled("BR-20", "Country/IdentificationCode", "Landekoden i adressen på leverandørens momsrepræsentant")}},
	{At: []string{"//PartyTaxScheme"}, Rules: []rule.Rule{
		{ID: "BR-CO-09", Text: "Momsnummeret skal begynde med landekoden (DK for Danmark).", Bad: func(n *ubl.Node) bool {
			number := []rune(n.Get("CompanyID").Raw())
			return isVAT(n) && len(number) > 0 && !lists.Get("vat-prefixes").Has(string(number[:min(2, len(number))]))
		}},
		{ID: "UBL-SR-53", Text: "Skatteregistreringen mangler et nummer, eller hvad nummeret er for.", Bad: rule.Or(rule.Lacks("CompanyID"), rule.Lacks("TaxScheme/ID"))},
	}},
}

// shares is true if some value at the path is the same below both.
func shares(a, b *ubl.Node, path ...string) bool {
	same := false
	a.Each(func(x *ubl.Node) bool {
		b.Each(func(y *ubl.Node) bool { same = x.Text == y.Text; return !same }, path...)
		return !same
	}, path...)
	return same
}

// payee is true where a payee has more than one at the path, or no name of its own.
func payee(path string) rule.Test {
	name, seller := rule.Has("PartyName/Name"), []string{"PartyLegalEntity", "RegistrationName"}
	many := rule.Count(path, rule.Over(1))
	return func(n *ubl.Node) bool {
		legal := n.Parent.Get("AccountingSupplierParty", "Party").Get(seller...)
		return many(n) || !name(n) || legal == nil || !rule.Other("PartyName/Name", legal.Text)(n)
	}
}

// hasVATNumber is true for a party with a VAT number.
func hasVATNumber(party *ubl.Node) bool {
	found := false
	party.Each(func(k *ubl.Node) bool { found = isVAT(k) && k.Get("CompanyID") != nil; return !found }, "PartyTaxScheme")
	return found
}

// numberRules check numbers of parties by the register that they are from.
var numberRules = []rule.Group{{
	At: []string{"//EndpointID", "//PartyIdentification/ID", "//CompanyID"},
	Rules: []rule.Rule{
		register("PEPPOL-COMMON-R040", "0088", "EAN-nummeret (GLN) er forkert: kontrolcifferet passer ikke.", gs1),
		register("PEPPOL-COMMON-R041", "0192", "Det norske organisationsnummer er forkert.", norwegian),
		register("PEPPOL-COMMON-R042", "0184", "CVR-nummeret skal være otte cifre, eventuelt med DK foran.", func(s string) bool {
			return digits(s, 8) || danish(s)
		}),
		register("PEPPOL-COMMON-R052", "0096", "P-nummeret skal være ti cifre.", func(s string) bool { return digits(s, 10) }),
		register("PEPPOL-COMMON-R053", "0198", "SE-nummeret skal være DK og otte cifre.", danish),
		register("PEPPOL-COMMON-R043", "0208", "Det belgiske virksomhedsnummer er forkert.", belgian),
		register("PEPPOL-COMMON-R049", "0007", "Det svenske organisationsnummer er forkert.", swedish),
		register("PEPPOL-COMMON-R050", "0151", "Det australske virksomhedsnummer er forkert.", australian),
	},
}}

// register is the rule that a number of the register has the right form. Danish
// numbers are taken as they stand, others without the white space around them.
func register(id, scheme, text string, valid func(string) bool) rule.Rule {
	of := rule.Eq("@schemeID", scheme)
	return rule.Rule{ID: id, Text: text, Bad: func(n *ubl.Node) bool {
		if !of(n) {
			return false
		}
		if strings.Contains("0184 0096 0198", scheme) {
			return !valid(n.Text)
		}
		return !valid(n.Value())
	}}
}
