package reading

import (
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading/ubl"
)

func lines(doc document) []Line {
	out := make([]Line, 0, doc.root.Count(doc.line))
	doc.root.Each(func(n *ubl.Node) bool {
		out = append(out, line(doc, n))
		return true
	}, doc.line)
	return out
}

func line(doc document, n *ubl.Node) Line {
	quantity := n.Get(doc.amount)
	item := n.Get("Item")
	category, percent := lineTax(n)
	l := Line{
		ID:          n.Get("ID").Value(),
		Name:        item.Get("Name").Value(),
		Quantity:    amount(quantity),
		Unit:        quantity.At("unitCode"),
		Price:       amount(n.Get("Price", "PriceAmount")),
		PerUnits:    amount(n.Get("Price", "BaseQuantity")),
		Net:         amount(n.Get("LineExtensionAmount")),
		Category:    category,
		Percent:     percent,
		Accounting:  accounting(n),
		Order:       n.Find("OrderLineReference", "OrderReference", "ID").Value(),
		OrderLine:   n.Find("OrderLineReference", "LineID").Value(),
		ItemID:      item.Find("SellersItemIdentification", "ID").Value(),
		Period:      period(n.Get("InvoicePeriod")),
		Adjustments: adjustments(n),
	}
	if l.PerUnits.IsZero() {
		l.PerUnits = decimal.NewFromInt(1)
	}
	l.Text = strings.Join(append(texts(item, "Description"), texts(n, "Note")...), "\n")
	item.Each(func(k *ubl.Node) bool {
		l.Classes = append(l.Classes, Identifier{Scheme: k.At("listID"), ID: k.Value()})
		return true
	}, "CommodityClassification", "ItemClassificationCode")
	return l
}

// lineTax is the VAT of a line: OIOUBL states it in the line's tax total (where
// excise duties stand too), Peppol on the item.
func lineTax(n *ubl.Node) (string, decimal.Decimal) {
	category := n.Get("Item", "ClassifiedTaxCategory")
	n.Each(func(k *ubl.Node) bool {
		if k.Get("TaxScheme", "ID").Value() != "63" {
			return true
		}
		category = k
		return false
	}, "TaxTotal", "TaxSubtotal", "TaxCategory")
	return category.Get("ID").Value(), amount(category.Get("Percent"))
}
