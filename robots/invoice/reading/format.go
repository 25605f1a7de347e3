package reading

import (
	"strings"

	"byskriver/robots/invoice/reading/ubl"
	"byskriver/runner"
)

// document is a tree that is known to be an invoice or credit note.
type document struct {
	root   *ubl.Node
	format Format
	kind   Kind
	line   string // the name of its line elements
	amount string // the name of a line's quantity
}

// roots are the documents that are read.
var roots = map[string]document{
	"Invoice":    {kind: InvoiceKind, line: "InvoiceLine", amount: "InvoicedQuantity"},
	"CreditNote": {kind: CreditNoteKind, line: "CreditNoteLine", amount: "CreditedQuantity"},
}

// others are what else comes into a folder for invoices, and what to call it.
var others = map[string]string{
	"Reminder":                 "en rykker",
	"Order":                    "en ordre",
	"OrderResponse":            "et ordresvar",
	"OrderResponseSimple":      "et ordresvar",
	"OrderChange":              "en ordreændring",
	"OrderCancellation":        "en annullering af en ordre",
	"Statement":                "et kontoudtog",
	"UtilityStatement":         "en forsyningsspecifikation",
	"ApplicationResponse":      "et svar på et andet dokument",
	"Catalogue":                "et katalog",
	"DespatchAdvice":           "en følgeseddel",
	"SelfBilledInvoice":        "en selvfaktura",
	"DebitNote":                "en debitnota",
	"StandardBusinessDocument": "en forsendelseskuvert (SBDH), som fakturaen først skal tages ud af",
	"CrossIndustryInvoice":     "en faktura i formatet CII, som ikke læses her",
	"html":                     "en webside",
	"HTML":                     "en webside",
	"Envelope":                 "en SOAP-meddelelse",
}

// recognise tells kind and format, or refuses with the reason.
func recognise(root *ubl.Node) (document, *Finding) {
	doc, ok := roots[root.Name]
	if !ok || root.Space != ubl.Root {
		f := formal("FORM-DOKUMENT", "", described(root))
		return document{}, &f
	}
	doc.root = root
	doc.format = formatOf(root)
	if doc.format == "" {
		f := formal("FORM-FORMAT", "/"+root.Name+"/CustomizationID", called(root))
		return document{}, &f
	}
	return doc, nil
}

// The values that name a format.
const (
	peppolBilling = "urn:fdc:peppol.eu:2017:poacc:billing:"
)

// formatOf tells the format by CustomizationID, and by ProfileID where that is
// missing or does not fit: a file that follows one format but for a wrong
// CustomizationID is judged by that format's rules, which say so.
func formatOf(root *ubl.Node) Format {
	custom, profile := root.Get("CustomizationID").Value(), root.Get("ProfileID").Value()
	switch {
	case strings.Contains(custom, "oioubl.dk") || strings.HasPrefix(custom, "OIOUBL-3"):
		return ""
	case strings.HasPrefix(profile, peppolBilling):
		return Peppol
	case oioublProfile(root, profile):
		return OIOUBL
	case strings.HasPrefix(custom, "OIOUBL-2"):
		return OIOUBL
	case strings.HasSuffix(custom, "urn:fdc:peppol.eu:2017:poacc:billing:3.0"):
		return Peppol
	}
	return ""
}

// oioublProfile reports whether a ProfileID is one of OIOUBL 2 or its forerunner
// NES.
func oioublProfile(root *ubl.Node, profile string) bool {
	return strings.HasPrefix(root.Get("ProfileID").At("schemeID"), "urn:oioubl:id:profileid-") ||
		strings.HasPrefix(profile, "urn:www.nesubl.eu:profiles:") || strings.HasPrefix(profile, "Procurement-")
}

// called is how the file names its own format.
func called(root *ubl.Node) string {
	if c := root.Get("CustomizationID").Value(); c != "" {
		return "»" + clip(c) + "«"
	}
	return "CustomizationID mangler"
}

// described is what a root element is, in words if there are some.
func described(root *ubl.Node) string {
	name := plain(root.Name)
	if words, ok := others[name]; ok {
		return words
	}
	return "et andet slags dokument (»" + clip(name) + "«)"
}

// plain is an element's name without its namespace.
func plain(name string) string { return name[strings.LastIndexByte(name, '}')+1:] }

// clip keeps a value short and free of CPR numbers, for use in a sentence.
func clip(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return runner.Mask(strings.Join(strings.Fields(s), " "))
}
