package reading

import (
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading/ubl"
)

// extract takes from the tree what the rest of the house works with. It takes
// what is there and judges nothing: what cannot be read stays empty.
func extract(doc document) Invoice {
	root := doc.root
	inv := Invoice{
		Format:        doc.format,
		Customization: root.Get("CustomizationID").Value(),
		Profile:       root.Get("ProfileID").Value(),
		Kind:          doc.kind,
		TypeCode:      typeCode(root),
		Number:        root.Get("ID").Value(),
		UUID:          root.Get("UUID").Value(),
		IssueDate:     date(root.Get("IssueDate")),
		Currency:      root.Get("DocumentCurrencyCode").Value(),
		Copy:          truth(root.Get("CopyIndicator")),
		Accounting:    accounting(root),
		Period:        period(root.Get("InvoicePeriod")),
		Delivered:     date(root.Find("Delivery", "ActualDeliveryDate")),
		Supplier:      supplier(root.Get("AccountingSupplierParty", "Party")),
		Buyer:         buyer(doc),
		Notes:         texts(root, "Note"),
		Adjustments:   adjustments(root),
		Payments:      payments(doc),
		Credits:       credits(root),
		Documents:     documents(root),
		Attached:      attachments(root),
		Lines:         lines(doc),
	}
	totals(&inv, doc)
	inv.DueDate = dueDate(root, inv.Payments)
	inv.Citizens = citizens(root)
	return inv
}

// totals fills in the amounts. TaxExclusiveAmount is the tax total in OIOUBL 2
// and the net sum in Peppol.
func totals(inv *Invoice, doc document) {
	sum := doc.root.Get("LegalMonetaryTotal")
	inv.LinesSum = amount(sum.Get("LineExtensionAmount"))
	inv.Gross = amount(sum.Get("TaxInclusiveAmount"))
	inv.Allowances = amount(sum.Get("AllowanceTotalAmount"))
	inv.Charges = amount(sum.Get("ChargeTotalAmount"))
	inv.Rounding = amount(sum.Get("PayableRoundingAmount"))
	inv.Prepaid = amount(sum.Get("PrepaidAmount"))
	inv.Payable = amount(sum.Get("PayableAmount"))
	inv.Taxes = taxes(doc, inv.Currency)
	if doc.format == Peppol {
		inv.Net = amount(sum.Get("TaxExclusiveAmount"))
		inv.VAT = peppolVAT(doc.root, inv.Currency)
		return
	}
	inv.VAT, inv.Duties = oioublTaxes(inv.Taxes, amount(sum.Get("TaxExclusiveAmount")))
	inv.Net = inv.LinesSum.Add(inv.Charges).Sub(inv.Allowances).Add(inv.Duties)
}

// oioublTaxes divides the tax total into VAT (scheme 63; VAT in files converted from
// Peppol) and duties. Without VAT among the rows all of it counts as VAT.
func oioublTaxes(rows []Tax, total decimal.Decimal) (vat, duties decimal.Decimal) {
	found := false
	for _, t := range rows {
		if t.Scheme == "63" || t.Scheme == "VAT" {
			vat, found = vat.Add(t.Amount), true
		} else {
			duties = duties.Add(t.Amount)
		}
	}
	if !found {
		return total, decimal.Decimal{}
	}
	return vat, duties
}

// peppolVAT is the tax total in the document's currency: a second TaxTotal may
// give it in the currency of the VAT accounts.
func peppolVAT(root *ubl.Node, currency string) decimal.Decimal {
	var vat decimal.Decimal
	root.Each(func(n *ubl.Node) bool {
		if c := n.At("currencyID"); c != currency && c != "" {
			return true
		}
		vat = amount(n)
		return false
	}, "TaxTotal", "TaxAmount")
	return vat
}

// taxes are the rows of the tax totals, a row a category and rate.
func taxes(doc document, currency string) []Tax {
	var rows []Tax
	doc.root.Each(func(n *ubl.Node) bool {
		if c := n.Get("TaxAmount").At("currencyID"); c != "" && c != currency {
			return true
		}
		category := n.Get("TaxCategory")
		rows = append(rows, Tax{
			Category: category.Get("ID").Value(),
			Scheme:   category.Get("TaxScheme", "ID").Value(),
			Percent:  amount(category.Get("Percent")),
			Base:     amount(n.Get("TaxableAmount")),
			Amount:   amount(n.Get("TaxAmount")),
			Reason:   category.Get("TaxExemptionReason").Value(),
		})
		return true
	}, "TaxTotal", "TaxSubtotal")
	return rows
}

// adjustments are the allowances and charges right below n.
func adjustments(n *ubl.Node) []Adjustment {
	var out []Adjustment
	n.Each(func(k *ubl.Node) bool {
		out = append(out, Adjustment{
			Charge: truth(k.Get("ChargeIndicator")),
			Code:   k.Get("AllowanceChargeReasonCode").Value(),
			Reason: k.Get("AllowanceChargeReason").Value(),
			Amount: amount(k.Get("Amount")),
		})
		return true
	}, "AllowanceCharge")
	return out
}

// dueDate is the day of payment: Peppol invoices give it on the document, OIOUBL
// and Peppol credit notes with the payment means.
func dueDate(root *ubl.Node, pay []Payment) string {
	if d := date(root.Get("DueDate")); d != "" {
		return d
	}
	first := ""
	for _, p := range pay {
		if p.Due != "" && (first == "" || p.Due < first) {
			first = p.Due
		}
	}
	return first
}

func typeCode(root *ubl.Node) string {
	if n := root.Get("InvoiceTypeCode"); n != nil {
		return n.Value()
	}
	return root.Get("CreditNoteTypeCode").Value()
}

// accounting is the account string of a document or line, as text or as code.
func accounting(n *ubl.Node) string {
	if s := n.Get("AccountingCost").Value(); s != "" {
		return s
	}
	return n.Get("AccountingCostCode").Value()
}

func period(n *ubl.Node) Period {
	return Period{From: date(n.Get("StartDate")), To: date(n.Get("EndDate"))}
}

// texts are the values of every element at the path that has one.
func texts(n *ubl.Node, path ...string) []string {
	var out []string
	n.Each(func(k *ubl.Node) bool {
		if s := k.Value(); s != "" {
			out = append(out, s)
		}
		return true
	}, path...)
	return out
}

func joined(n *ubl.Node, path ...string) string { return strings.Join(texts(n, path...), "\n") }

// amount is the number in n, 0 if there is none that can be read.
func amount(n *ubl.Node) decimal.Decimal {
	d, _ := ubl.Decimal(n.Value())
	return d
}

// date is the date in n without a time zone, "" if there is none that exists.
func date(n *ubl.Node) string {
	d, ok := ubl.Date(n.Value())
	if !ok {
		return ""
	}
	return d
}

// truth is a boolean of XML schema.
func truth(n *ubl.Node) bool { v := n.Value(); return v == "true" || v == "1" }
