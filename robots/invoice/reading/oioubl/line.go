package oioubl

import (
	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// deliveryParts may stand in the header or on the lines, not in both.
var deliveryParts = [...][2]string{
	{"F-INV330", "ActualDeliveryDate"}, {"F-INV331", "RequestedDeliveryPeriod"}, {"F-INV332", "DeliveryLocation"}, {"F-INV333", "DeliveryParty"},
}

var lineRules = []rule.Group{
	{At: []string{""}, Rules: []rule.Rule{
		{ID: "W-INV237", Crn: rule.None, Warn: true, Text: "To linjer har det samme nummer.", Bad: sameIDs},
	}},
	{At: []string{"Line"}, Rules: joined([]rule.Rule{
		excluded("F-INV135", rule.None, "PaymentTerms", "PaymentTerms"),
		excluded("F-INV136", rule.None, "DeliveryTerms", "DeliveryTerms"),
		{ID: "F-INV137", Crn: "F-CRN196", Text: "Linjens antal mangler.", Bad: func(n *ubl.Node) bool { return quantity(n).Value() == "" }},
		{ID: "F-INV138", Crn: "F-CRN081", Text: "Linjens moms (TaxTotal) mangler.", Bad: rule.Lacks("TaxTotal")},
		{ID: "F-INV139", Crn: rule.None, Text: "Linjen skal have netop én pris.", Bad: rule.Count("Price", rule.Unlike(1))},
		{ID: rule.None, Crn: "F-CRN083", Text: "Linjen mangler en pris.", Bad: rule.And(rule.Lacks("Price"), rule.Lacks("BillingReference"))},
		{ID: rule.None, Crn: "F-CRN082", Text: "Linjen siger ikke, hvad den er for (Item mangler).", Bad: rule.And(rule.Lacks("Item"), rule.Lacks("BillingReference"))},
		filled("F-INV140", "F-CRN084", "ID", "Linjens nummer"),
		eitherOr("F-LIB021", "", "AccountingCost", "AccountingCostCode"),
		{ID: "F-INV142", Crn: rule.None, Text: "Linjen henviser til en ordrelinje, men fakturaen ikke til nogen ordre.", Bad: func(n *ubl.Node) bool {
			return n.Get("OrderLineReference") != nil && n.Parent.Get("OrderReference") == nil
		}},
		{ID: "F-INV335", Crn: rule.None, Text: "En rabat eller et gebyr på linjen er negativt, men antal og pris er det ikke.", Bad: rule.And(positive,
			rule.Or(rule.Starts("Price/AllowanceCharge/Amount", "-"), rule.Starts("AllowanceCharge/Amount", "-")))},
		{ID: rule.None, Crn: "F-CRN203", Text: "En rabat eller et gebyr i prisen er negativt, men antal og pris er det ikke.", Bad: rule.And(positive, rule.Starts("Price/AllowanceCharge/Amount", "-"))},
	}, deliveredTwice())},
	{At: []string{"Line/InvoicedQuantity", "Line/CreditedQuantity"}, Rules: append([]rule.Rule{
		{ID: "F-INV147", Crn: "F-CRN088", Text: "Linjens antal må ikke være nul.", Bad: rule.Zero("")},
	}, unitRules...)},
	{At: []string{"Line/LineExtensionAmount"}, Rules: []rule.Rule{
		{ID: "F-INV149", Crn: "F-CRN089", Text: "Linjens beløb skal have mindst to decimaler.", Bad: rule.Decimals("", rule.Under(2))},
	}},
	{At: []string{"Line/OrderLineReference"}, Rules: []rule.Rule{
		filled("F-INV153", rule.None, "LineID", "Ordrelinjens nummer"),
	}},
	{At: []string{"Line/DespatchLineReference"}, Rules: []rule.Rule{
		filled("F-INV314", "F-CRN170", "LineID", "Følgeseddellinjens nummer"),
	}},
	{At: []string{"Line/ReceiptLineReference"}, Rules: []rule.Rule{
		filled("F-INV315", "F-CRN171", "LineID", "Modtagelseslinjens nummer"),
	}},
	{At: []string{"Line/Price"}, Rules: []rule.Rule{
		{ID: "F-INV196", Crn: rule.None, Text: "Prisens type er fra en liste, der ikke kendes (listID skal være UN/ECE 5387).", Bad: rule.And(rule.Has("PriceTypeCode"), rule.Not(rule.Eq("PriceTypeCode@listID", "UN/ECE 5387")))},
		{ID: "W-INV322", Crn: rule.None, Warn: true, Text: "Feltet ValidityPeriod i prisen bruges ikke i OIOUBL.", Bad: rule.Has("ValidityPeriod")},
	}},
	{At: []string{"Line/Price/BaseQuantity"}, Rules: append([]rule.Rule{notPositive}, unitRules...)},
	{At: []string{"Line/Price/OrderableUnitFactorRate"}, Rules: []rule.Rule{notPositive}},
}

var unitRules = []rule.Rule{
	{ID: "F-LIB007", Text: "Antallet mangler en enhed (unitCode).", Bad: rule.Lacks("@unitCode")},
	{ID: "W-LIB008", Warn: true, Text: "Antallets enhed (unitCode) er for kort.", Bad: rule.Length("@unitCode", rule.Under(2))},
	{ID: "F-LIB318", Text: "Antallets enhed (unitCode) findes ikke.", Bad: rule.Not(rule.In("@unitCode", lists.Get("units")))},
}

func deliveredTwice() []rule.Rule {
	var rows []rule.Rule
	for _, p := range deliveryParts {
		path := "Delivery/" + p[1]
		rows = append(rows, rule.Rule{ID: p[0], Crn: rule.None, Text: "Feltet " + p[1] + " om levering må ikke stå både på linjen og i fakturaens hoved.",
			Bad: rule.And(rule.Has(path), func(n *ubl.Node) bool { return rule.Has(path)(n.Parent) })})
	}
	return rows
}

// quantity is the line's quantity, or nil.
func quantity(line *ubl.Node) *ubl.Node {
	if line.Name == "CreditNoteLine" {
		return line.Get("CreditedQuantity")
	}
	return line.Get("InvoicedQuantity")
}

// positive is true where neither quantity nor price has a minus.
func positive(n *ubl.Node) bool {
	return !rule.Starts("", "-")(orEmpty(quantity(n))) && !rule.Starts("Price/PriceAmount", "-")(n)
}

func orEmpty(n *ubl.Node) *ubl.Node {
	if n == nil {
		return &ubl.Node{}
	}
	return n
}

// sameIDs is true where two lines have one number.
func sameIDs(doc *ubl.Node) bool {
	seen := map[string]bool{}
	return !doc.Each(func(n *ubl.Node) bool {
		twice := seen[n.Text]
		seen[n.Text] = true
		return !twice
	}, lineOf(doc), "ID")
}

// itemRules hold for what a line is for.
var itemRules = []rule.Group{
	{At: []string{"Line/Item"}, Rules: []rule.Rule{
		excluded("F-INV211", "F-CRN109", "OriginCountry", "OriginCountry"),
		filled("F-INV163", "F-CRN110", "Name", "Varens eller ydelsens navn"),
		atMostOne("F-INV307", "F-CRN177", "Keyword"),
		atMostOne("F-INV308", "F-CRN178", "BrandName"),
		atMostOne("F-INV309", "F-CRN179", "ModelName"),
		atMostOne("F-INV312", "F-CRN180", "ManufacturersItemIdentification"),
		atMostOne("F-INV313", "F-CRN181", "AdditionalItemIdentification"),
		atMostOne("F-INV321", "F-CRN182", "ItemSpecificationDocumentReference"),
	}},
	{At: []string{"Line/Item/BuyersItemIdentification"}, Rules: []rule.Rule{
		excluded("F-LIB175", "", "PhysicalAttribute", "PhysicalAttribute"),
		excluded("F-LIB176", "", "MeasurementDimension", "MeasurementDimension"),
		filled("F-LIB177", "", "ID", "Køberens varenummer"),
	}},
	{At: []string{"Line/Item/SellersItemIdentification"}, Rules: []rule.Rule{
		filled("F-INV167", "F-CRN115", "ID", "Sælgerens varenummer"),
	}},
}
