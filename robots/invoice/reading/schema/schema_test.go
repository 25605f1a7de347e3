package schema

import (
	"context"
	"os"
	"strings"
	"testing"

	"byskriver/robots/invoice/reading/ubl"
)

func parsed(t *testing.T, text string) *ubl.Node {
	t.Helper()
	n, err := ubl.Parse(strings.NewReader(text), ubl.Limits{Depth: 64, Elements: 100_000, Token: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func found(n *ubl.Node) string {
	var out []string
	Check(context.Background(), n, func(h Hit) bool { out = append(out, string(h.Kind)+" "+h.Name); return true })
	return strings.Join(out, ", ")
}

// Every kind of fault is found, alone, in an invoice that has none else.
func TestCheck(t *testing.T) {
	b, err := os.ReadFile("../testdata/peppol-invoice.xml")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(b)
	if got := found(parsed(t, whole)); got != "" {
		t.Fatal(got)
	}
	cases := []struct{ from, to, want string }{
		{"<cbc:ID>SR-88</cbc:ID>", "", "missing ID"},
		{"<cbc:ID>SR-88</cbc:ID>", "<cac:ID>SR-88</cac:ID>", "unknown ID"},
		{"<cbc:ID>SR-88</cbc:ID>", "<cbc:ID>SR-88</cbc:ID><cbc:ID>2</cbc:ID>", "order ID"},
		{"<cbc:ID>SR-88</cbc:ID>", "<cbc:Id>SR-88</cbc:Id>", "unknown Id, missing ID"},
		{"<cbc:ID>SR-88</cbc:ID>", "<cbc:ID>SR-<cbc:Name/>88</cbc:ID>", "unknown Name"},
		{"<cbc:ID>SR-88</cbc:ID>", `<cbc:ID listID="x">SR-88</cbc:ID>`, "attribute listID"},
		{"<cbc:ID>SR-88</cbc:ID>", `<cbc:ID x:y="x" xmlns:x="urn:x">SR-88</cbc:ID>`, ""},
		{"2026-02-27", "2026-02-29", "date IssueDate"},
		{"2026-02-27", " 2026-02-27+01:00\n", ""},
		{"2026-02-27", "", "date IssueDate"},
		{`currencyID="DKK">2500.00`, `currencyID="DKK">2.500,00`, "number LineExtensionAmount"},
		{`currencyID="DKK">2500.00`, `currencyID="DKK"> +02500. `, ""},
		{`currencyID="DKK">2500.00`, `currencyID="DKK">1e3`, "number LineExtensionAmount"},
		{` currencyID="DKK">2500.00`, `>2500.00`, "attribute currencyID"},
		{`mimeCode="application/pdf"`, ``, "attribute mimeCode"},
		{"<cac:TaxTotal>", "<cac:TaxTotal>moms", "text TaxTotal"},
		{"<cbc:IssueDate>", "<cbc:CopyIndicator>ja</cbc:CopyIndicator><cbc:IssueDate>", "boolean CopyIndicator"},
		{"<cbc:IssueDate>", "<cbc:CopyIndicator>1</cbc:CopyIndicator><cbc:IssueDate>", ""},
		{"<cbc:DueDate>", "<cbc:IssueTime>24:00:00.5Z</cbc:IssueTime><cbc:DueDate>", ""},
		{"<cbc:DueDate>", "<cbc:IssueTime>25:00:00</cbc:IssueTime><cbc:DueDate>", "date IssueTime"},
		{"<cbc:DueDate>", "<cbc:IssueTime>10:00:00.</cbc:IssueTime><cbc:DueDate>", "date IssueTime"},
		{"<cac:Party>", "<cac:Party><cac:Contact/>", "order EndpointID, order PartyName, order PostalAddress, order PartyTaxScheme, order PartyLegalEntity"},
		{"<cac:PaymentMeans>", "<cac:Delivery><cac:Shipment><x:y xmlns:x='urn:x'/></cac:Shipment></cac:Delivery><cac:PaymentMeans>", ""},
		{"<cbc:CustomizationID>", "<e:UBLExtensions xmlns:e='urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2'><z/></e:UBLExtensions><cbc:CustomizationID>", ""},
	}
	for _, c := range cases {
		text := strings.Replace(whole, c.from, c.to, 1)
		if text == whole {
			t.Fatalf("%q is not in the invoice", c.from)
		}
		if got := found(parsed(t, text)); got != c.want {
			t.Errorf("%q for %q: %q, want %q", c.to, c.from, got, c.want)
		}
	}
}

// A check stops when it is told to.
func TestCheckStops(t *testing.T) {
	n := parsed(t, `<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">`+strings.Repeat("<x/>", 1000)+`</Invoice>`)
	count := 0
	Check(context.Background(), n, func(Hit) bool { count++; return count < 5 })
	if count != 5 {
		t.Errorf("%d hits", count)
	}
}

// The table says of every element with children what it holds, but for the few that
// may hold anything; and it has no row that nothing leads to.
func TestTable(t *testing.T) {
	open := " ServiceProviderParty PowerOfAttorney LocationCoordinate ShareholderParty CorporateRegistrationScheme ResultOfVerification WorkPhaseReference Status Despatch" +
		" MinimumDeliveryUnit MaximumDeliveryUnit Shipment TradeFinancing Clause ForeignExchangeContract TransactionConditions HazardousItem ItemInstance Certificate Dimension" +
		" PhysicalAttribute MeasurementDimension ItemPropertyGroup RangeDimension ItemPropertyRange PriceList PricingReference "
	led := map[string]bool{"Invoice": true, "CreditNote": true}
	for _, c := range contents {
		for _, p := range c.particles {
			if !p.aggregate {
				continue
			}
			led[p.name] = true
			if contents[p.name] == nil && !strings.Contains(open, " "+p.name+" ") {
				t.Errorf("no row for %s", p.name)
			}
		}
	}
	for name := range contents {
		if !led[name] {
			t.Errorf("nothing leads to %s", name)
		}
	}
}

func TestBrokenTables(t *testing.T) {
	for _, text := range []string{"A", "A = B B?", "A = B\nA = C"} {
		if _, err := read(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
