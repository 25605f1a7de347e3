package peppol

import (
	"regexp"
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

const specification = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"

var process = regexp.MustCompile(`urn:fdc:peppol\.eu:2017:poacc:billing:([0-9]{2}):1\.0`)

var headerRules = []rule.Group{
	{At: []string{""}, Rules: []rule.Rule{
		filled("BR-01", "CustomizationID", "Angivelsen af, hvilken specifikation fakturaen følger (CustomizationID),"),
		filled("BR-02", "ID", "Fakturanummeret"),
		filled("BR-03", "IssueDate", "Fakturadatoen"),
		{ID: "BR-04", Text: "Fakturatypen mangler.", Bad: rule.And(rule.Not(rule.Other("InvoiceTypeCode", "")), rule.Not(rule.Other("CreditNoteTypeCode", "")))},
		filled("BR-05", "DocumentCurrencyCode", "Fakturaens valuta"),
		filled("BR-06", supplier+"/PartyLegalEntity/RegistrationName", "Leverandørens navn"),
		filled("BR-07", customer+"/PartyLegalEntity/RegistrationName", "Modtagerens navn"),
		present("BR-08", supplier+"/PostalAddress", "Leverandørens adresse"),
		present("BR-10", customer+"/PostalAddress", "Modtagerens adresse"),
		{ID: "BR-16", Text: "Fakturaen har ingen linjer.", Bad: func(n *ubl.Node) bool { none := true; lines(n, func(*ubl.Node) { none = false }); return none }},
		{ID: "BR-53", Text: "Når momsen også er i en anden valuta, skal momsbeløbet stå i den.", Bad: func(n *ubl.Node) bool {
			code := n.Get("TaxCurrencyCode")
			return code != nil && !rule.Eq("TaxTotal/TaxAmount@currencyID", code.Text)(n)
		}},
		{ID: "BR-CO-03", Text: "Brug enten momsdato (TaxPointDate) eller momsdatokode (DescriptionCode), ikke begge.", Bad: rule.And(rule.Has("TaxPointDate"), rule.Has("InvoicePeriod/DescriptionCode"))},
		present("BR-CO-18", "TaxTotal/TaxSubtotal", "Momsopgørelsen"),
		present("PEPPOL-EN16931-R001", "ProfileID", "Angivelsen af forretningsprocessen (ProfileID)"),
		{ID: "PEPPOL-EN16931-R007", Text: "Forretningsprocessen (ProfileID) er ikke en af Peppols.", Bad: func(n *ubl.Node) bool { return profile(n) == "" }},
		{ID: "PEPPOL-EN16931-R002", Text: "Fakturaen må højst have én note.", Bad: rule.And(rule.Count("Note", rule.Over(1)), rule.Not(german))},
		{ID: "PEPPOL-EN16931-R003", Text: "Fakturaen har hverken en reference fra køberen (BuyerReference) eller et ordrenummer.", Bad: rule.And(rule.Lacks("BuyerReference"), rule.Lacks("OrderReference/ID"))},
		{ID: "PEPPOL-EN16931-R004", Text: "Specifikationen (CustomizationID) er ikke Peppol BIS Billing 3.", Bad: func(n *ubl.Node) bool {
			id := n.Get("CustomizationID").Value()
			return !strings.HasPrefix(id, specification) || strings.Contains(id, "::")
		}},
		{ID: "PEPPOL-EN16931-R053", Text: "Fakturaen skal have netop én momsopgørelse med underdeling.", Bad: func(n *ubl.Node) bool { return taxTotals(n, true) != 1 }},
		{ID: "PEPPOL-EN16931-R054", Text: "Fakturaen skal have en momssum i den anden valuta, hvis den angiver en sådan, og ellers ingen.", Bad: func(n *ubl.Node) bool {
			want := n.Count("TaxCurrencyCode")
			return taxTotals(n, false) != want
		}},
		{ID: "PEPPOL-EN16931-R055", Text: "Momsen har forskelligt fortegn i de to valutaer.", Bad: signsDiffer},
		{ID: rule.None, Crn: "PEPPOL-EN16931-R080", Text: "Kreditnotaen må højst henvise til ét projekt.", Bad: func(n *ubl.Node) bool { return references(n, "50") > 1 }},
	}},
	{At: []string{"TaxCurrencyCode"}, Rules: []rule.Rule{
		{ID: "PEPPOL-EN16931-R005", Text: "Momsens valuta skal være en anden end fakturaens.", Bad: func(n *ubl.Node) bool { return n.Value() == n.Parent.Get("DocumentCurrencyCode").Value() }},
	}},
	{At: []string{"//AdditionalDocumentReference"}, Rules: []rule.Rule{
		filled("BR-52", "ID", "Bilagets nummer eller navn"),
		once("UBL-SR-33", "DocumentDescription", "Bilagets beskrivelse"),
		{ID: "UBL-SR-43", Text: "Kun en henvisning til det, der faktureres (type 130), eller til et projekt (type 50) må have dokumenttype eller schemeID.", Bad: rule.And(
			rule.Not(rule.Eq("DocumentTypeCode", "130", "50")), rule.Or(rule.Has("DocumentTypeCode"), rule.Has("ID@schemeID")))},
		{ID: "UBL-CR-666", Text: "En henvisning til det, der faktureres, må ikke have et bilag.", Bad: rule.And(rule.Eq("DocumentTypeCode", "130"), rule.Has("Attachment"))},
		{ID: "UBL-CR-673", Text: "En henvisning til det, der faktureres, må ikke have en beskrivelse.", Bad: rule.And(rule.Eq("DocumentTypeCode", "130"), rule.Has("DocumentDescription"))},
	}},
	{At: []string{"//BillingReference"}, Rules: []rule.Rule{
		present("BR-55", "InvoiceDocumentReference/ID", "Nummeret på den faktura, der henvises til,"),
		once("UBL-SR-06", "InvoiceDocumentReference", "Fakturaen, der henvises til,"),
		present("UBL-SR-07", "InvoiceDocumentReference/ID", "Nummeret på den faktura, der henvises til,"),
	}},
	{At: []string{"//Delivery"}, Rules: []rule.Rule{once("UBL-SR-25", "DeliveryParty/PartyName/Name", "Navnet på den, der leveres til,")}},
	{At: []string{"//Delivery/DeliveryLocation/Address"}, Rules: []rule.Rule{present("BR-57", "Country/IdentificationCode", "Leveringsadressens landekode")}},
}

// onceRules are what may be in a document once.
var onceRules = []rule.Group{
	{At: []string{""}, Rules: []rule.Rule{
		once("UBL-SR-01", "ContractDocumentReference/ID", "Kontrakten"),
		once("UBL-SR-02", "ReceiptDocumentReference/ID", "Modtagelsen"),
		once("UBL-SR-03", "DespatchDocumentReference/ID", "Følgesedlen"),
		{ID: "UBL-SR-04", Text: "Det, der faktureres, må kun være angivet én gang.", Bad: func(n *ubl.Node) bool { return references(n, "130") > 1 }},
		once("UBL-SR-05", "PaymentTerms/Note", "Betalingsbetingelserne"),
		once("UBL-SR-08", "InvoicePeriod", "Fakturaperioden"),
		once("UBL-SR-09", supplier+"/PartyLegalEntity/RegistrationName", "Leverandørens navn"),
		once("UBL-SR-10", supplier+"/PartyName/Name", "Leverandørens handelsnavn"),
		once("UBL-SR-11", supplier+"/PartyLegalEntity/CompanyID", "Leverandørens CVR-nummer"),
		{ID: "UBL-SR-12", Text: "Leverandørens momsnummer må kun være angivet én gang.", Bad: schemes(supplier, true)},
		{ID: "UBL-SR-13", Text: "Leverandørens skattenummer må kun være angivet én gang.", Bad: schemes(supplier, false)},
		once("UBL-SR-14", supplier+"/PartyLegalEntity/CompanyLegalForm", "Leverandørens selskabsform"),
		once("UBL-SR-15", customer+"/PartyLegalEntity/RegistrationName", "Modtagerens navn"),
		once("UBL-SR-16", customer+"/PartyIdentification/ID", "Modtagerens nummer"),
		once("UBL-SR-17", customer+"/PartyLegalEntity/CompanyID", "Modtagerens CVR-nummer"),
		{ID: "UBL-SR-18", Text: "Modtagerens momsnummer må kun være angivet én gang.", Bad: schemes(customer, true)},
		once("UBL-SR-24", "Delivery", "Leveringen"),
		once("UBL-SR-39", "ProjectReference/ID", "Projektet"),
		once("UBL-SR-40", customer+"/PartyName/Name", "Modtagerens handelsnavn"),
		{ID: "UBL-SR-44", Text: "Fakturaen har flere forskellige betalings-id'er.", Bad: different("PaymentID")},
		once("UBL-SR-45", "PaymentMeans/PaymentDueDate", "Forfaldsdatoen"),
		{ID: "UBL-SR-46", Text: "Betalingsmådens navn må kun være angivet én gang.", Bad: func(n *ubl.Node) bool {
			named := 0
			n.Each(func(k *ubl.Node) bool {
				if _, ok := k.Attr("name"); ok {
					named++
				}
				return true
			}, "PaymentMeans", "PaymentMeansCode")
			return named > 1
		}},
		{ID: "UBL-SR-47", Text: "Fakturaen har flere forskellige betalingsmåder.", Bad: different("PaymentMeansCode")},
		once("UBL-SR-49", "InvoicePeriod/DescriptionCode", "Momsdatokoden"),
	}},
	{At: []string{""}, Rules: []rule.Rule{
		{ID: "UBL-CR-652", Warn: true, Text: "Momsnumre bør ikke angive, hvad de er (schemeID).", Bad: anywhere("PartyTaxScheme", "CompanyID")},
		{ID: "UBL-CR-668", Warn: true, Text: "Sælgers varenumre bør ikke angive, hvad de er (schemeID).", Bad: anywhere("SellersItemIdentification", "ID")},
	}},
	{At: []string{"//PostalAddress", "//Address"}, Rules: []rule.Rule{once("UBL-SR-51", "AddressLine/Line", "Adressens ekstra linje")}},
}

// profile is the number of the business process, "" if the document names none of
// Peppol's.
func profile(root *ubl.Node) string {
	m := process.FindStringSubmatch(root.Get("ProfileID").Value())
	if m == nil {
		return ""
	}
	return m[1]
}

// german is true where both parties are in Germany.
func german(root *ubl.Node) bool {
	return strings.EqualFold(country(root, "AccountingSupplierParty"), "DE") && strings.EqualFold(country(root, "AccountingCustomerParty"), "DE")
}

// country is the country of a party's address.
func country(root *ubl.Node, party string) string {
	return root.Find(party, "Party", "PostalAddress", "Country", "IdentificationCode").Value()
}

// taxTotals counts the tax totals with or without subtotals.
func taxTotals(root *ubl.Node, divided bool) int {
	count := 0
	root.Each(func(k *ubl.Node) bool {
		if (k.Get("TaxSubtotal") != nil) == divided {
			count++
		}
		return true
	}, "TaxTotal")
	return count
}

// references counts the document references of a type.
func references(root *ubl.Node, kind string) int {
	count := 0
	is := rule.Eq("DocumentTypeCode", kind)
	root.Each(func(k *ubl.Node) bool {
		if is(k) {
			count++
		}
		return true
	}, "AdditionalDocumentReference")
	return count
}

// schemes is true where a party has more than one number of a tax: VAT, or others.
func schemes(party string, vat bool) rule.Test {
	path := append(strings.Split(party, "/"), "PartyTaxScheme")
	return func(root *ubl.Node) bool {
		count := 0
		root.Each(func(k *ubl.Node) bool {
			if scheme := k.Get("TaxScheme", "ID"); scheme != nil && isVAT(k) == vat {
				count += k.Count("CompanyID")
			}
			return true
		}, path...)
		return count > 1
	}
}

// isVAT is true for a tax category or scheme of a party that is about VAT.
func isVAT(n *ubl.Node) bool { return strings.EqualFold(n.Find("TaxScheme", "ID").Value(), "VAT") }

// different is true where elements of the name have different values.
func different(name string) rule.Test {
	return func(root *ubl.Node) bool {
		first, hit := (*ubl.Node)(nil), false
		root.Each(func(k *ubl.Node) bool {
			if first == nil {
				first = k
			}
			hit = k.Text != first.Text
			return !hit
		}, "PaymentMeans", name)
		return hit
	}
}

// anywhere is true where some element of the name, in one of the other name, says
// what its number is.
func anywhere(in, name string) rule.Test {
	return func(root *ubl.Node) bool {
		found := false
		root.Walk(func(n *ubl.Node) {
			if !found && n.Name == name && n.Parent != nil && n.Parent.Name == in {
				_, found = n.Attr("schemeID")
			}
		})
		return found
	}
}

// signsDiffer compares the VAT in both currencies.
func signsDiffer(root *ubl.Node) bool {
	foreign := root.Get("TaxCurrencyCode")
	if foreign == nil {
		return false
	}
	a, b := inCurrency(root, foreign.Value()), inCurrency(root, root.Get("DocumentCurrencyCode").Value())
	return !(a <= 0 && b <= 0) && !(a >= 0 && b >= 0)
}

// inCurrency is the tax total in a currency, NaN if there is none.
func inCurrency(root *ubl.Node, currency string) float64 {
	var found *ubl.Node
	root.Each(func(k *ubl.Node) bool {
		if c, ok := k.Attr("currencyID"); ok && c == currency {
			found = k
		}
		return found == nil
	}, "TaxTotal", "TaxAmount")
	return rule.Number(found.Raw())
}
