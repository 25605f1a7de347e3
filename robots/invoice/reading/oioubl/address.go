package oioubl

import "byskriver/robots/invoice/reading/rule"

const (
	danishFormats = "urn:oioubl:codelist:addressformatcode-1.1"
	uneceFormats  = "UN/ECE 3477"
)

// format is true for addresses of the format.
func format(f string) rule.Test { return rule.Eq("AddressFormatCode", f) }

var street = rule.Or(rule.Has("StreetName"), rule.Has("BuildingNumber"), rule.Has("CityName"), rule.Has("PostalZone"))

var addressRules = []rule.Group{{
	At: append(append(below(parties, "PostalAddress"), below(parties, "PhysicalLocation/Address")...),
		"Delivery/DeliveryLocation/Address", "Line/Delivery/DeliveryLocation/Address", "DeliveryTerms/DeliveryLocation/Address"),
	Rules: []rule.Rule{
		excluded("F-LIB210", "", "BlockName", "BlockName"),
		excluded("F-LIB211", "", "TimezoneOffset", "TimezoneOffset"),
		excluded("F-LIB212", "", "LocationCoordinate", "LocationCoordinate"),
		filled("F-LIB025", "", "AddressFormatCode", "Adressens format (AddressFormatCode)"),
		{ID: "F-LIB204", Text: "Adressetypens liste (listID) er forkert.", Bad: rule.And(rule.Has("AddressTypeCode"), rule.Not(rule.Eq("AddressTypeCode@listID", "urn:oioubl:codelist:addresstypecode-1.1")))},
		{ID: "F-LIB205", Text: "Adressetypen skal have listAgencyID 320.", Bad: rule.And(rule.Has("AddressTypeCode"), rule.Not(rule.Eq("AddressTypeCode@listAgencyID", "320")))},
		{ID: "F-LIB206", Text: "Adressetypen skal være Home eller Business.", Bad: rule.And(rule.Has("AddressTypeCode"), rule.Not(rule.Eq("AddressTypeCode", "Home", "Business")))},
		{ID: "F-LIB026", Text: "Adresseformatets liste (listID) er forkert.", Bad: rule.Not(rule.Eq("AddressFormatCode@listID", danishFormats, uneceFormats))},
		{ID: "F-LIB207", Text: "Adresseformatet skal have listAgencyID 320.", Bad: rule.And(rule.Eq("AddressFormatCode@listID", danishFormats), rule.Not(rule.Eq("AddressFormatCode@listAgencyID", "320")))},
		{ID: "F-LIB027", Text: "Adresseformatet findes ikke på listen.", Bad: rule.And(rule.Eq("AddressFormatCode@listID", danishFormats),
			rule.Not(rule.InTrimmed("AddressFormatCode", rule.Words("StructuredDK StructuredLax StructuredID StructuredRegion Unstructured"))))},
		{ID: "F-LIB208", Text: "Adresseformatet skal have listAgencyID 6.", Bad: rule.And(rule.Eq("AddressFormatCode@listID", uneceFormats), rule.Not(rule.Eq("AddressFormatCode@listAgencyID", "6")))},
		{ID: "F-LIB209", Text: "Adresseformatet findes ikke på listen.", Bad: rule.And(rule.Eq("AddressFormatCode@listID", uneceFormats),
			rule.Not(rule.Eq("AddressFormatCode", "1", "2", "3", "4", "5", "6", "7", "8", "9")))},
		{ID: "F-LIB213", Text: "Adressens landekode mangler.", Bad: rule.And(rule.Has("Country"), rule.Not(rule.Other("Country/IdentificationCode", "")))},
		{ID: "F-LIB031", Text: "En ustruktureret adresse må kun bestå af adresselinjer.", Bad: rule.And(format("Unstructured"), rule.Or(street, rule.Has("Country")))},
		{ID: "F-LIB032", Text: "En dansk struktureret adresse må ikke have adresselinjer.", Bad: rule.And(format("StructuredDK"), rule.Has("AddressLine"))},
		{ID: "F-LIB033", Text: "Adressens postnummer mangler.", Bad: rule.And(format("StructuredDK"), rule.Blank("PostalZone"))},
		{ID: "F-LIB034", Text: "Adressen mangler vejnavn eller postboks.", Bad: rule.And(format("StructuredDK"), rule.Blank("StreetName"), rule.Blank("Postbox"))},
		{ID: "F-LIB035", Text: "Adressen mangler husnummer eller postboks.", Bad: rule.And(format("StructuredDK"), rule.Blank("BuildingNumber"), rule.Blank("Postbox"))},
		{ID: "F-LIB036", Text: "En løst struktureret adresse må ikke have adresselinjer.", Bad: rule.And(format("StructuredLax"), rule.Has("AddressLine"))},
		{ID: "F-LIB037", Text: "Adressen siger, at den er et nummer i et adresseregister, men nummeret mangler.", Bad: rule.And(format("StructuredID"), rule.Empty("ID"))},
		{ID: "F-LIB038", Text: "En adresse, der er et nummer i et adresseregister, må ikke have andet.", Bad: rule.And(format("StructuredID"), rule.Or(street, rule.Has("Country")))},
		{ID: "F-LIB039", Text: "Adressen mangler region, distrikt eller land.", Bad: rule.And(format("StructuredRegion"), rule.Empty("Country/IdentificationCode"), rule.Empty("Region"), rule.Empty("District"))},
		{ID: "F-LIB040", Text: "En adresse, der kun nævner et område, må ikke have vej, nummer, by eller postnummer.", Bad: rule.And(format("StructuredRegion"), street)},
		{ID: "F-LIB028", Text: "Adressens nummer mangler, hvilket register det står i (schemeID).", Bad: rule.And(rule.Has("ID"), rule.Length("ID@schemeID", rule.Under(1)))},
		{ID: "F-LIB029", Text: "Adressens nummer mangler, hvilket register det står i (schemeID).", Bad: rule.And(rule.Has("ID"), rule.Lacks("ID@schemeID"))},
		{ID: "F-LIB301", Text: "Adressens landekode findes ikke.", Bad: rule.And(rule.Has("Country/IdentificationCode"), rule.Not(rule.In("Country/IdentificationCode", lists.Get("countries"))))},
	},
}}

var deliveryRules = []rule.Group{
	{At: []string{"DeliveryTerms"}, Rules: []rule.Rule{
		excluded("F-INV101", rule.None, "AllowanceCharge", "AllowanceCharge"),
		{ID: "F-INV102", Crn: rule.None, Text: "Brug enten ID eller SpecialTerms for leveringsbetingelserne, ikke begge.", Bad: rule.And(rule.Has("ID"), rule.Has("SpecialTerms"))},
		{ID: "W-INV301", Crn: rule.None, Warn: true, Text: "Leveringsbetingelserne er ikke angivet som INCOTERMS.", Bad: rule.And(rule.Has("ID"), rule.Not(rule.Eq("ID", "Incoterms", "INCOTERMS")))},
		{ID: "F-INV103", Crn: rule.None, Text: "Brug enten LossRiskResponsibilityCode eller LossRisk, ikke begge.", Bad: rule.And(rule.Has("LossRiskResponsibilityCode"), rule.Has("LossRisk"))},
	}},
	{At: []string{"DeliveryTerms/DeliveryLocation"}, Rules: []rule.Rule{filled("F-INV302", rule.None, "ID", "Leveringsstedets nummer")}},
	{At: []string{"Delivery"}, Rules: append(delivered("F-INV082", "F-INV084", "F-INV085", "F-INV086", "F-INV087", "F-INV088", "F-INV238", "F-INV089", "F-INV090"),
		excluded("F-INV083", rule.None, "Quantity", "Quantity"))},
	{At: []string{"Line/Delivery"}, Rules: delivered("F-INV155", "F-INV156", "F-INV157", "F-INV158", "F-INV159", "F-INV160", "F-INV240", "F-INV161", "F-INV162")},
	{At: []string{"Delivery/DeliveryLocation"}, Rules: []rule.Rule{
		{ID: "F-INV239", Crn: rule.None, Text: "Leveringsstedet har hverken nummer eller adresse.", Bad: rule.And(rule.Lacks("ID"), rule.Lacks("Address"))},
	}},
	{At: []string{"Line/Delivery/DeliveryLocation"}, Rules: []rule.Rule{
		{ID: "F-INV241", Crn: rule.None, Text: "Leveringsstedet har hverken nummer eller adresse.", Bad: rule.And(rule.Lacks("ID"), rule.Lacks("Address"))},
	}},
}

// delivered forbids what a delivery may not have, one id for each.
func delivered(ids ...string) []rule.Rule {
	fields := [...]string{"ID", "MinimumQuantity", "MaximumQuantity", "ActualDeliveryTime", "LatestDeliveryDate", "LatestDeliveryTime", "DeliveryAddress",
		"PromisedDeliveryPeriod", "EstimatedDeliveryPeriod"}
	var rows []rule.Rule
	for i, id := range ids {
		rows = append(rows, excluded(id, rule.None, fields[i], fields[i]))
	}
	return rows
}
