package oioubl

import (
	"strings"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// categoryPlaces are the places where a tax category may stand.
var categoryPlaces = []string{
	"AllowanceCharge/TaxCategory", "TaxTotal/TaxSubtotal/TaxCategory", "Line/TaxTotal/TaxSubtotal/TaxCategory", "Line/AllowanceCharge/TaxCategory",
	"Line/Item/ClassifiedTaxCategory", "Line/Price/AllowanceCharge/TaxCategory",
}

// schemePlaces are the places where a tax scheme may stand.
var schemePlaces = append(below(append([]string{"TaxRepresentativeParty"}, parties...), "PartyTaxScheme/TaxScheme"), below(categoryPlaces, "TaxScheme")...)

const vatScheme = "63"

var (
	schemeLists = [...]string{"urn:oioubl:id:taxschemeid-1.1", "urn:oioubl:id:taxschemeid-1.2", "urn:oioubl:id:taxschemeid-1.4", "urn:oioubl:id:taxschemeid-1.5"}
	typeLists   = [...]string{"urn:oioubl:codelist:taxtypecode-1.1", "urn:oioubl:codelist:taxtypecode-1.2"}
)

var schemeRules = []rule.Group{
	{At: schemePlaces, Rules: joined(noRegion, []rule.Rule{
		filled("F-LIB065", "", "ID", "Afgiftens kode (TaxScheme ID)"),
		filled("F-LIB066", "", "Name", "Afgiftens navn (TaxScheme Name)"),
		{ID: "F-LIB067", Text: "Moms (63) må ikke også have en afgiftskode.", Bad: rule.And(rule.Eq("ID", vatScheme), rule.Has("TaxTypeCode"))},
		{ID: "F-LIB070", Text: "Afgiftens kode er fra en liste, der ikke kendes.", Bad: rule.Not(rule.Eq("ID@schemeID", schemeLists[:]...))},
		{ID: "F-LIB071", Text: "Afgiftens type er fra en liste, der ikke kendes.", Bad: rule.And(rule.Has("TaxTypeCode"), rule.Not(rule.Eq("TaxTypeCode@listID", typeLists[:]...)))},
		{ID: "F-LIB197", Text: "En anden afgift end moms skal have typen StandardRated, ZeroRated eller ReverseCharge.", Bad: rule.And(
			rule.Not(rule.Eq("ID", vatScheme, "VAT")), rule.Not(rule.Eq("TaxTypeCode", "StandardRated", "ZeroRated", "ReverseCharge")))},
		{ID: "F-LIB198", Text: "Afgiften med koden 63 skal hedde Moms.", Bad: rule.And(rule.Eq("ID", vatScheme), rule.Other("Name", "Moms"))},
		{ID: "F-LIB199", Text: "Afgiften hedder Moms, men har en anden kode end 63.", Bad: rule.And(rule.Other("ID", vatScheme), rule.Eq("Name", "Moms"))},
		{ID: "F-LIB337", Text: "Landekoden for afgiften findes ikke.", Bad: rule.And(rule.Has(region+"Country/IdentificationCode"), rule.Not(rule.In(region+"Country/IdentificationCode", lists.Get("countries"))))},
		{ID: "F-LIB233", Text: "Området for afgiften skal være angivet som StructuredRegion.", Bad: rule.Other(region+"AddressFormatCode", "StructuredRegion")},
	})},
}

const region = "JurisdictionRegionAddress/"

// noRegion forbids what a tax's region may not be given by.
var noRegion = regionRows("F-LIB041 ID,F-LIB042 AddressTypeCode,F-LIB043 Postbox,F-LIB044 Floor,F-LIB045 Room,F-LIB046 StreetName," +
	"F-LIB047 AdditionalStreetName,F-LIB048 BlockName,F-LIB049 BuildingName,F-LIB050 BuildingNumber,F-LIB051 InhouseMail,F-LIB052 Department," +
	"F-LIB053 MarkAttention,F-LIB054 MarkCare,F-LIB055 PlotIdentification,F-LIB056 CitySubdivisionName,F-LIB057 CityName,F-LIB058 PostalZone," +
	"F-LIB059 CountrySubentity,F-LIB060 CountrySubentityCode,F-LIB063 TimezoneOffset,F-LIB234 AddressLine,F-LIB064 LocationCoordinate")

func regionRows(table string) []rule.Rule {
	var rows []rule.Rule
	for _, row := range strings.Split(table, ",") {
		id, field, _ := strings.Cut(row, " ")
		rows = append(rows, excluded(id, "", region+field, field))
	}
	return rows
}

const categoryList = "urn:oioubl:id:taxcategoryid-1."

var categoryRules = []rule.Group{
	{At: categoryPlaces, Rules: []rule.Rule{
		excluded("F-LIB072", "", "TierRange", "TierRange"),
		excluded("F-LIB073", "", "TierRatePercent", "TierRatePercent"),
		filled("F-LIB074", "", "ID", "Momskategorien"),
		{ID: "F-LIB075", Text: "Momskategorien er fra en liste, der ikke kendes.", Bad: rule.Not(rule.Eq("ID@schemeID", categoryList+"1", categoryList+"2", categoryList+"3", categoryList+"4"))},
		{ID: "W-LIB229", Warn: true, Text: "Momskategorien skal have schemeAgencyID 320.", Bad: rule.Not(rule.Eq("ID@schemeAgencyID", "320"))},
		{ID: "F-LIB309", Text: "Momskategorien er ikke på den liste, som fakturaen henviser til.", Bad: func(n *ubl.Node) bool {
			for _, v := range [...]string{"1", "2", "3", "4"} {
				if rule.Eq("ID@schemeID", categoryList+v)(n) {
					return !lists.Get("categories-" + v).Has(n.Get("ID").Raw())
				}
			}
			return false
		}},
		{ID: "W-LIB230", Warn: true, Text: "Momskategoriens navn bruges ikke i fakturaens profil.", Bad: func(n *ubl.Node) bool {
			return rule.Other("Name", "")(n) && !strings.Contains(root(n).Get("ProfileID").Raw(), "nesubl.eu")
		}},
		eitherOr("F-LIB231", "", "PerUnitAmount", "Percent"),
		{ID: "F-LIB232", Text: "En afgift pr. enhed skal have en enhed (BaseUnitMeasure).", Bad: rule.And(rule.Has("PerUnitAmount"), rule.Lacks("BaseUnitMeasure"))},
		{ID: "F-LIB382", Text: "Almindelig moms skal have en momsprocent over nul.", Bad: rule.And(rule.Eq("ID", "StandardRated"), rule.Or(rule.Empty("Percent"), rule.Zero("Percent")))},
	}},
}

var allowanceRules = []rule.Group{
	{At: []string{"AllowanceCharge", "Line/AllowanceCharge"}, Rules: []rule.Rule{
		excluded("F-LIB224", "", "TaxTotal", "TaxTotal"),
		excluded("F-LIB225", "", "PaymentMeans", "PaymentMeans"),
		{ID: "F-LIB226", Text: "En rabat eller et gebyr skal have netop én momskategori.", Bad: rule.Count("TaxCategory", rule.Unlike(1))},
		{ID: "F-LIB248", Text: "En rabat eller et gebyr i procent mangler det beløb, som procenten er af (BaseAmount).", Bad: rule.And(rule.Has("MultiplierFactorNumeric"), rule.Empty("BaseAmount"))},
		{ID: "F-LIB227", Text: "En rabats eller et gebyrs procent må ikke være negativ.", Bad: rule.Starts("MultiplierFactorNumeric", "-")},
		{ID: "F-LIB228", Text: "En rabats eller et gebyrs beløb er ikke regnet rigtigt ud.", Bad: func(n *ubl.Node) bool {
			product := rule.Value(n, "BaseAmount") * rule.Value(n, "MultiplierFactorNumeric")
			amount := rule.Value(n, "Amount")
			return product < amount-1 || product > amount+1
		}},
		eitherOr("F-LIB021", "", "AccountingCost", "AccountingCostCode"),
		{ID: "F-LIB020", Text: "En rabats eller et gebyrs rækkefølge må ikke være negativ.", Bad: rule.Starts("SequenceNumeric", "-")},
	}},
	{At: []string{"AllowanceCharge/Amount", "AllowanceCharge/BaseAmount"}, Rules: []rule.Rule{notPositive}},
	{At: []string{"Line/AllowanceCharge/Amount", "Line/AllowanceCharge/BaseAmount"}, Rules: []rule.Rule{
		{ID: "F-LIB317", Text: "En rabats eller et gebyrs beløb må ikke være nul.", Bad: rule.Zero("")},
	}},
}

var notPositive = rule.Rule{ID: "F-LIB019", Text: "Tallet skal være større end nul.", Bad: rule.Or(rule.Starts("", "-"), rule.Zero(""))}
