package reading

import (
	"byskriver/robots/internal/ident"
	"byskriver/robots/invoice/reading/ubl"
)

// credits are the earlier invoices that the document refers to.
func credits(root *ubl.Node) []Reference {
	var out []Reference
	for _, kind := range []struct{ name, role string }{
		{"InvoiceDocumentReference", "invoice"}, {"CreditNoteDocumentReference", "creditnote"},
	} {
		root.Each(func(n *ubl.Node) bool {
			out = append(out, document1(n, kind.role))
			return true
		}, "BillingReference", kind.name)
	}
	return out
}

// referred are the elements that name other documents, and their roles.
var referred = []struct{ name, role string }{
	{"ContractDocumentReference", "contract"},
	{"OriginatorDocumentReference", "originator"},
	{"DespatchDocumentReference", "despatch"},
	{"ReceiptDocumentReference", "receipt"},
	{"ProjectReference", "project"},
	{"AdditionalDocumentReference", "additional"},
}

func documents(root *ubl.Node) []Reference {
	var out []Reference
	for _, kind := range referred {
		root.Each(func(n *ubl.Node) bool {
			out = append(out, document1(n, kind.role))
			return true
		}, kind.name)
	}
	return out
}

func document1(n *ubl.Node, role string) Reference {
	ref := Reference{
		Role:   role,
		ID:     n.Get("ID").Value(),
		Scheme: n.Get("ID").At("schemeID"),
		Type:   n.Get("DocumentTypeCode").Value(),
		Date:   date(n.Get("IssueDate")),
		Text:   joined(n, "DocumentDescription"),
		URI:    n.Get("Attachment", "ExternalReference", "URI").Value(),
	}
	if ref.Type == "" {
		ref.Type = n.Get("DocumentType").Value()
	}
	return ref
}

func attachments(root *ubl.Node) []Attachment {
	var out []Attachment
	for _, kind := range referred {
		root.Each(func(n *ubl.Node) bool {
			n.Each(func(b *ubl.Node) bool {
				out = append(out, Attachment{
					Name: b.At("filename"), MIME: b.At("mimeCode"), Encoded: b.Left,
					Document: n.Get("ID").Value(),
				})
				return true
			}, "Attachment", "EmbeddedDocumentBinaryObject")
			return true
		}, kind.name)
	}
	return out
}

// mostCitizens are kept; a file with more is none that a person can go through.
const mostCitizens = 1000

// citizens finds the CPR numbers that the file names: stated by a scheme
// (OIOUBL DK:CPR, ISO 6523 0237), or looking like one in a text or in the name of
// an attached file.
func citizens(root *ubl.Node) []Citizen {
	var out []Citizen
	seen := map[Citizen]bool{}
	add := func(n *ubl.Node, cpr ident.CPR, stated bool, attr string) {
		if len(out) == mostCitizens {
			return
		}
		c := Citizen{CPR: string(cpr), Stated: stated, Where: n.Path() + attr}
		if !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	root.Walk(func(n *ubl.Node) {
		for _, m := range ident.FindCPR(n.At("filename")) {
			add(n, m.Number, false, "/@filename")
		}
		if len(n.Text) < 10 || bearsNumber(n.Name) {
			return
		}
		if cpr, ok := ident.ParseCPR(n.Value()); ok && statesCPR(n) {
			add(n, cpr, true, "")
			return
		}
		for _, m := range ident.FindCPR(n.Text) {
			add(n, m.Number, false, "")
		}
	})
	return out
}

// statesCPR reports whether the file calls the value a CPR number: by its scheme,
// or in Peppol by a document reference of type 130 with the scheme ARR.
func statesCPR(n *ubl.Node) bool {
	switch n.At("schemeID") {
	case "DK:CPR", "0237":
		return true
	case "ARR":
		return n.Parent.Name == "AdditionalDocumentReference" && n.Parent.Get("DocumentTypeCode").Value() == "130"
	}
	return false
}

// bearsNumber reports whether an element holds a number that is never a CPR
// number, though it may look like one.
func bearsNumber(name string) bool {
	switch name {
	case "IssueDate", "UUID", "TaxAmount", "TaxableAmount", "LineExtensionAmount", "PriceAmount", "PayableAmount",
		"Amount", "BaseAmount", "InvoicedQuantity", "CreditedQuantity", "BaseQuantity", "ItemClassificationCode":
		return true
	}
	return false
}
