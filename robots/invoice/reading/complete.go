package reading

// needed are the parts without which no invoice is handed on, whatever the
// format's own rules say.
var needed = []struct {
	words   string
	missing func(Invoice) bool
}{
	{"fakturanummer", func(i Invoice) bool { return i.Number == "" }},
	{"fakturadato", func(i Invoice) bool { return i.IssueDate == "" }},
	{"valuta", func(i Invoice) bool { return i.Currency == "" }},
	{"leverandørens navn eller nummer", func(i Invoice) bool {
		return i.Supplier.Name == "" && i.Supplier.CVR == "" && i.Supplier.Endpoint.ID == ""
	}},
	{"modtagerens navn eller nummer", func(i Invoice) bool {
		return i.Buyer.Name == "" && i.Buyer.CVR == "" && i.Buyer.Endpoint.ID == ""
	}},
	{"fakturalinjer", func(i Invoice) bool { return len(i.Lines) == 0 }},
}

// complete adds a fatal finding for each part that is missing and that no fatal
// finding has spoken of yet.
func complete(inv Invoice, findings []Finding) []Finding {
	if Fatal(findings) {
		return findings
	}
	for _, n := range needed {
		if n.missing(inv) {
			findings = append(findings, formal("FORM-MANGLER", "", n.words))
		}
	}
	return findings
}
