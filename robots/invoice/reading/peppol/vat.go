package peppol

import (
	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

// category is one of the VAT categories, which have the same ten rules each, with
// differences.
type category struct {
	code, id, name string
	rate           rate
	seller         seller
	reason         bool // a reason why there is no VAT must be given; else it must not
}

// rate is what the category's VAT rate must be.
type rate int

const (
	above  rate = iota // over 0
	atZero             // 0
	from0              // 0 or above
	none               // not given
)

// seller is who must be registered for VAT.
type seller int

const (
	anyNumber seller = iota // the supplier has a tax number of any kind, or a representative has a VAT number
	vatNumber               // the supplier or its representative has a VAT number
	bothAny                 // as anyNumber, and the customer a VAT number or a CVR number
	bothVAT                 // as vatNumber, and the customer a VAT number
	unlisted                // none of the three has a VAT number
)

var categories = [...]category{
	{code: "S", id: "BR-S", name: "almindelig moms", rate: above},
	{code: "Z", id: "BR-Z", name: "nulmoms", rate: atZero},
	{code: "E", id: "BR-E", name: "momsfritaget", rate: atZero, reason: true},
	{code: "AE", id: "BR-AE", name: "omvendt betalingspligt", rate: atZero, seller: bothAny, reason: true},
	{code: "K", id: "BR-IC", name: "salg til et andet EU-land", rate: atZero, seller: bothVAT, reason: true},
	{code: "G", id: "BR-G", name: "eksport ud af EU", rate: atZero, seller: vatNumber, reason: true},
	{code: "O", id: "BR-O", name: "uden for momsen", rate: none, seller: unlisted, reason: true},
	{code: "L", id: "BR-AF", name: "IGIC (De Kanariske Øer)", rate: from0},
	{code: "M", id: "BR-AG", name: "IPSI (Ceuta og Melilla)", rate: from0},
}

// vatDocument is what the rules about VAT look at, gathered once.
type vatDocument struct {
	root       *ubl.Node
	lines      []*ubl.Node // ClassifiedTaxCategory
	allowances []*ubl.Node // TaxCategory of an allowance, at any level
	charges    []*ubl.Node
	totals     []*ubl.Node // TaxCategory of the document's TaxSubtotal
	foreign    bool        // a country other than Italy is named
	bases      map[key]decimal.Decimal
}

func gather(root *ubl.Node) *vatDocument {
	d := &vatDocument{root: root, totals: root.All("TaxTotal", "TaxSubtotal", "TaxCategory")}
	root.Walk(func(n *ubl.Node) {
		switch {
		case n.Name == "ClassifiedTaxCategory":
			d.lines = append(d.lines, n)
		case n.Name == "TaxCategory" && n.Parent.Name == "AllowanceCharge" && charge(n.Parent):
			d.charges = append(d.charges, n)
		case n.Name == "TaxCategory" && n.Parent.Name == "AllowanceCharge":
			d.allowances = append(d.allowances, n)
		case n.Name == "IdentificationCode" && n.Text != "IT":
			d.foreign = true
		}
	})
	d.addUp()
	return d
}

// of counts the VAT categories of the code.
func of(code string, all []*ubl.Node) int {
	count := 0
	for _, n := range all {
		if is(n, code) {
			count++
		}
	}
	return count
}

// is is true for a VAT category of the code.
func is(n *ubl.Node, code string) bool { return n.Get("ID").Value() == code && isVAT(n) }

// others counts the VAT categories with another code.
func others(code string, all []*ubl.Node) int {
	count := 0
	for _, n := range all {
		if id := n.Get("ID"); id != nil && id.Value() != code && isVAT(n) {
			count++
		}
	}
	return count
}

// vatRule is a row about a category in a document.
type vatRule struct {
	number string // after the category's id: "-01"
	only   string // the codes of the categories that have the rule; "" for all
	text   string // with the category's name after it
	bad    func(d *vatDocument, c category) bool
}

// placedRule is a row about one tax category element, or its subtotal.
type placedRule struct {
	number string
	text   string
	at     func(d *vatDocument) []*ubl.Node
	bad    func(d *vatDocument, c category, n *ubl.Node) bool
}

// checkVAT applies the rules about VAT categories.
func checkVAT(root *ubl.Node, hit func(rule.Hit) bool) {
	d := gather(root)
	for _, c := range categories {
		for _, r := range vatRules {
			if (r.only == "" || r.only == c.code) && r.bad(d, c) && !hit(rule.Hit{ID: c.id + r.number, Text: r.text + " (" + c.name + ").", At: root}) {
				return
			}
		}
		for _, r := range placedRules {
			for _, n := range r.at(d) {
				if is(n, c.code) && r.bad(d, c, n) && !hit(rule.Hit{ID: c.id + r.number, Text: r.text + " (" + c.name + ").", At: n}) {
					return
				}
			}
		}
	}
	if of("B", d.lines)+of("B", d.allowances)+of("B", d.charges)+of("B", d.totals) > 0 {
		if d.foreign && !hit(rule.Hit{ID: "BR-B-01", Text: "Momskategorien B bruges kun mellem italienske parter.", At: root}) {
			return
		}
		if of("S", d.lines)+of("S", d.allowances)+of("S", d.charges)+of("S", d.totals) > 0 {
			hit(rule.Hit{ID: "BR-B-02", Text: "Momskategorien B må ikke bruges sammen med almindelig moms.", At: root})
		}
	}
}

// base is what a subtotal's taxable amount must be: lines less allowances with
// charges of the category, and of the rate unless it is nil; and whether there are
// any.
func (d *vatDocument) base(c category, rate *decimal.Decimal) (decimal.Decimal, bool) {
	k := key{code: c.code}
	if rate != nil {
		k.rate = rate.String()
	}
	sum, found := d.bases[k]
	return sum, found
}

// key is a category and a rate, "" for all rates together.
type key struct{ code, rate string }

// addUp makes the bases.
func (d *vatDocument) addUp() {
	d.bases = map[key]decimal.Decimal{}
	add := func(n *ubl.Node, amount decimal.Decimal) {
		k := key{code: n.Get("ID").Value()}
		d.bases[k] = d.bases[k].Add(amount)
		if rate, ok := rule.Exact(n, "Percent"); ok {
			k.rate = rate.String()
			d.bases[k] = d.bases[k].Add(amount)
		}
	}
	var last *ubl.Node
	for _, n := range d.lines {
		line := n.Parent
		for line.Parent != nil && line.Parent != d.root {
			line = line.Parent
		}
		if line != last { // a line with two categories breaks UBL-SR-48
			add(n, rule.Total(line, "LineExtensionAmount"))
			last = line
		}
	}
	for _, n := range d.charges {
		if n.Parent.Parent == d.root {
			add(n, rule.Total(n.Parent, "Amount"))
		}
	}
	for _, n := range d.allowances {
		if n.Parent.Parent == d.root {
			add(n, rule.Total(n.Parent, "Amount").Neg())
		}
	}
}

// registered is true where those who must be are registered for VAT.
func (d *vatDocument) registered(s seller) bool {
	seller, buyer := d.root.Get("AccountingSupplierParty", "Party"), d.root.Get("AccountingCustomerParty", "Party")
	agent := hasVATNumber(d.root.Get("TaxRepresentativeParty"))
	whatever := agent || seller.Count("PartyTaxScheme", "CompanyID") > 0
	vat := agent || hasVATNumber(seller)
	switch s {
	case vatNumber:
		return vat
	case bothAny:
		return whatever && (hasVATNumber(buyer) || buyer.Count("PartyLegalEntity", "CompanyID") > 0)
	case bothVAT:
		return vat && hasVATNumber(buyer)
	case unlisted:
		return !vat && !hasVATNumber(buyer)
	default:
		return whatever
	}
}
