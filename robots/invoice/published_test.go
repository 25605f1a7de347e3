package invoice

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading"
)

// published are the files of real example invoices, which are no part of the
// project. A folder of them is named by the environment.
func published(t testing.TB, folders ...string) (files []string) {
	t.Helper()
	dir := os.Getenv("BYSKRIVER_INVOICES")
	if dir == "" {
		t.Skip("BYSKRIVER_INVOICES names no folder of published invoices")
	}
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(dir, folder, "*.xml"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no invoices in %s: %v", folder, err)
		}
		files = append(files, found...)
	}
	return files
}

var originals = []string{"oioubl-2", "oioubl-2-gobl", "peppol-bis3"}

// tree is an element as encoding/xml gives it: a reading of the files that has
// nothing in common with the robot's.
type tree struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Kids    []tree     `xml:",any"`
}

// all are the elements at a path of local names such as Party/EndpointID.
func (t tree) all(path string) []tree {
	name, rest, deeper := strings.Cut(path, "/")
	var out []tree
	for _, k := range t.Kids {
		switch {
		case k.XMLName.Local != name:
		case deeper:
			out = append(out, k.all(rest)...)
		default:
			out = append(out, k)
		}
	}
	return out
}

// text is the first value at one of the paths that there is one at.
func (t tree) text(paths ...string) string {
	for _, path := range paths {
		for _, k := range t.all(path) {
			if s := strings.TrimSpace(k.Text); s != "" {
				return s
			}
		}
	}
	return ""
}

func (t tree) attr(name string) string {
	for _, a := range t.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// sum adds up the amounts at a path.
func (t tree) sum(path string, but func(tree) bool) decimal.Decimal {
	var sum decimal.Decimal
	for _, k := range t.all(path) {
		if but == nil || !but(k) {
			sum = sum.Add(k.amount())
		}
	}
	return sum
}

func (t tree) amount() decimal.Decimal {
	d, err := decimal.NewFromString(strings.TrimSpace(t.Text))
	if err != nil {
		return decimal.Decimal{}
	}
	return d
}

func (t tree) peppol() bool { return strings.Contains(t.text("CustomizationID"), "peppol") }

// numberIn is the first number in one of the schemes at one of the paths.
func (t tree) numberIn(schemes string, paths ...string) string {
	for _, path := range paths {
		for _, k := range t.all(path) {
			if slices.Contains(strings.Fields(schemes), k.attr("schemeID")) {
				return strings.TrimSpace(k.Text)
			}
		}
	}
	return ""
}

// ean is where a party receives its invoices, or else what it says it is.
func (t tree) ean() string { return t.numberIn("GLN 0088 EAN", "EndpointID", "PartyIdentification/ID") }

// cvr is a party's CVR number: where it says that it is one, or else the Danish VAT
// registration.
func (t tree) cvr() string {
	eight := func(s string) string {
		s = strings.TrimPrefix(strings.ReplaceAll(s, " ", ""), "DK")
		if len(s) != 8 || strings.Trim(s, "0123456789") != "" {
			return ""
		}
		return s
	}
	if s := eight(t.numberIn("DK:CVR 0184", "PartyLegalEntity/CompanyID", "PartyIdentification/ID", "EndpointID")); s != "" {
		return s
	}
	for _, k := range t.all("PartyTaxScheme/CompanyID") {
		if s := strings.TrimSpace(k.Text); k.attr("schemeID") == "DK:SE" || strings.HasPrefix(s, "DK") {
			return eight(s)
		}
	}
	return ""
}

func parse(t testing.TB, file string) (tree, []byte) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var root tree
	if err := xml.Unmarshal(data, &root); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return root, data
}

// stated are the values of an invoice as the tree has them, by name.
func stated(root tree) map[string]string {
	party := func(path string) tree {
		for _, p := range root.all(path) {
			return p
		}
		return tree{}
	}
	supplier, buyer := party("AccountingSupplierParty/Party"), party("AccountingCustomerParty/Party")
	currency := root.text("DocumentCurrencyCode")
	abroad := func(k tree) bool { return k.attr("currencyID") != "" && k.attr("currencyID") != currency }
	total := func(name string) string { return root.sum("LegalMonetaryTotal/"+name, nil).String() }
	due := []string{root.text("DueDate")}
	for _, k := range root.all("PaymentMeans/PaymentDueDate") {
		due = append(due, strings.TrimSpace(k.Text))
	}
	due = slices.DeleteFunc(due, func(s string) bool { return s == "" })
	first := ""
	if root.text("DueDate") != "" {
		first = root.text("DueDate")
	} else if len(due) > 0 {
		first = slices.Min(due)
	}
	reference := buyer.text("Contact/ID")
	if root.peppol() {
		reference = root.text("BuyerReference")
	}
	return map[string]string{
		"number": root.text("ID"), "issued": root.text("IssueDate"), "due": first, "currency": currency, "kind": strings.ToLower(root.XMLName.Local),
		"payable": total("PayableAmount"), "gross": total("TaxInclusiveAmount"), "lines": total("LineExtensionAmount"), "prepaid": total("PrepaidAmount"),
		"rounding": total("PayableRoundingAmount"), "tax": root.sum("TaxTotal/TaxAmount", abroad).String(),
		"supplier": supplier.text("PartyName/Name", "PartyLegalEntity/RegistrationName"), "supplier's CVR": supplier.cvr(),
		"buyer": buyer.text("PartyName/Name", "PartyLegalEntity/RegistrationName"), "buyer's EAN": buyer.ean(),
		"reference": reference, "order": root.text("OrderReference/ID"),
	}
}

// read are the same values as the robot reads them.
func read(inv reading.Invoice) map[string]string {
	return map[string]string{
		"number": inv.Number, "issued": inv.IssueDate, "due": inv.DueDate, "currency": inv.Currency, "kind": string(inv.Kind),
		"payable": inv.Payable.String(), "gross": inv.Gross.String(), "lines": inv.LinesSum.String(), "prepaid": inv.Prepaid.String(),
		"rounding": inv.Rounding.String(), "tax": inv.VAT.Add(inv.Duties).String(),
		"supplier": inv.Supplier.Name, "supplier's CVR": inv.Supplier.CVR, "buyer": inv.Buyer.Name, "buyer's EAN": inv.Buyer.EAN,
		"reference": inv.Buyer.Reference, "order": inv.Buyer.Order,
	}
}

// Every published invoice is collected from a folder with the right number, dates,
// amounts and parties.
func TestPublishedInvoicesAreRead(t *testing.T) {
	files := published(t, originals...)
	b := newFolderBench(t)
	roots := map[string]tree{}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file)) + "-" + filepath.Base(file)
		root, data := parse(t, file)
		roots[name] = root
		b.put(t, name, data, time.Hour)
	}
	got := b.collect(t)
	if len(got) != len(files) {
		t.Fatalf("%d of %d files were found", len(got), len(files))
	}
	for _, f := range got {
		inv := contentOf(t, f).Invoice
		if inv == nil {
			t.Errorf("%s: %s", f.Source, f.Content)
			continue
		}
		want, have := stated(roots[f.Source]), read(*inv)
		for name, v := range want {
			if have[name] != v {
				t.Errorf("%s: %s is %q, want %q", f.Source, name, have[name], v)
			}
		}
		sameMeaning(t, f.Source, roots[f.Source], *inv)
	}
}

// sameMeaning checks net and VAT, for which the formats use one element in two
// ways: TaxExclusiveAmount is the amount before tax in Peppol, and the tax in
// OIOUBL 2.
func sameMeaning(t *testing.T, name string, root tree, inv reading.Invoice) {
	t.Helper()
	exclusive := root.sum("LegalMonetaryTotal/TaxExclusiveAmount", nil)
	vat := func(k tree) bool { s := k.text("TaxCategory/TaxScheme/ID"); return s == "63" || s == "VAT" }
	var duties decimal.Decimal
	rows := root.all("TaxTotal/TaxSubtotal")
	for _, k := range rows {
		if !vat(k) && slices.ContainsFunc(rows, vat) {
			duties = duties.Add(k.sum("TaxAmount", nil))
		}
	}
	sum := func(n string) decimal.Decimal { return root.sum("LegalMonetaryTotal/"+n, nil) }
	if root.peppol() {
		if !inv.Net.Equal(exclusive) || !inv.Net.Equal(sum("LineExtensionAmount").Add(sum("ChargeTotalAmount")).Sub(sum("AllowanceTotalAmount"))) {
			t.Errorf("%s: net %s, TaxExclusiveAmount %s", name, inv.Net, exclusive)
		}
	} else {
		if have := inv.VAT.Add(inv.Duties); !have.Equal(exclusive) {
			t.Errorf("%s: VAT and duties %s, TaxExclusiveAmount %s", name, have, exclusive)
		}
		if want := sum("LineExtensionAmount").Add(sum("ChargeTotalAmount")).Sub(sum("AllowanceTotalAmount")).Add(duties); !inv.Net.Equal(want) {
			t.Errorf("%s: net %s, want %s", name, inv.Net, want)
		}
	}
	if strings.HasSuffix(name, "-used-invoice_real.xml") {
		return // its sums are wrong (rule F-INV133), and it is refused for it
	}
	if want := inv.Net.Add(inv.VAT).Add(inv.Rounding).Sub(inv.Prepaid); !inv.Payable.Equal(want) {
		t.Errorf("%s: %s payable, net and VAT give %s", name, inv.Payable, want)
	}
}
