package peppol

import (
	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

const (
	notRegistered = "Parternes momsnumre passer ikke med momskategorien"
	notAlone      = "Momskategorien må ikke bruges sammen med andre"
)

// vatRules are the rules about a document.
var vatRules = []vatRule{
	{number: "-01", text: "Momskategorien på linjer, rabatter og gebyrer passer ikke med momsopgørelsen", bad: notSummed},
	{number: "-02", text: notRegistered, bad: func(d *vatDocument, c category) bool { return of(c.code, d.lines) > 0 && !d.registered(c.seller) }},
	{number: "-03", text: notRegistered, bad: func(d *vatDocument, c category) bool {
		return of(c.code, d.allowances) > 0 && !d.registered(c.seller)
	}},
	{number: "-04", text: notRegistered, bad: func(d *vatDocument, c category) bool {
		return of(c.code, d.charges) > 0 && !d.registered(c.seller)
	}},
	{number: "-11", only: "K", text: "Fakturaen mangler leveringsdato eller periode", bad: func(d *vatDocument, c category) bool {
		date := d.root.Find("Delivery", "ActualDeliveryDate").Raw()
		period := false
		d.root.Each(func(n *ubl.Node) bool { period = !n.Leaf(); return !period }, "InvoicePeriod")
		return of(c.code, d.totals) > 0 && len(date) <= 1 && !period
	}},
	{number: "-12", only: "K", text: "Fakturaen mangler det land, der er leveret til", bad: func(d *vatDocument, c category) bool {
		return of(c.code, d.totals) > 0 && len(d.root.Find("Delivery", "DeliveryLocation", "Address", "Country", "IdentificationCode").Raw()) <= 1
	}},
	{number: "-11", only: "O", text: notAlone, bad: func(d *vatDocument, c category) bool { return of(c.code, d.totals) > 0 && others(c.code, d.totals) > 0 }},
	{number: "-12", only: "O", text: notAlone, bad: func(d *vatDocument, c category) bool { return of(c.code, d.totals) > 0 && others(c.code, d.lines) > 0 }},
	{number: "-13", only: "O", text: notAlone, bad: func(d *vatDocument, c category) bool {
		return of(c.code, d.totals) > 0 && others(c.code, d.allowances) > 0
	}},
	{number: "-14", only: "O", text: notAlone, bad: func(d *vatDocument, c category) bool {
		return of(c.code, d.totals) > 0 && others(c.code, d.charges) > 0
	}},
}

// coded counts the categories of the code, whatever tax they are said to be.
func coded(code string, all []*ubl.Node) int {
	count := 0
	for _, n := range all {
		if n.Get("ID").Value() == code {
			count++
		}
	}
	return count
}

// notSummed is true where a category is on lines, allowances or charges and not in
// the total, or the other way round; but for those with several rates it must be in
// the total once.
func notSummed(d *vatDocument, c category) bool {
	count := of
	if c.rate == above {
		count = coded
	}
	parts := count(c.code, d.lines) + count(c.code, d.allowances) + count(c.code, d.charges)
	totals := count(c.code, d.totals)
	if c.rate == above || c.rate == from0 {
		return (parts > 0) != (totals > 0)
	}
	return parts+totals > 0 && totals != 1
}

// placedRules are the rules about one place.
var placedRules = []placedRule{
	{number: "-05", text: "Linjens momsprocent passer ikke til momskategorien", at: func(d *vatDocument) []*ubl.Node { return d.lines }, bad: wrongRate},
	{number: "-06", text: "Rabattens momsprocent passer ikke til momskategorien", at: func(d *vatDocument) []*ubl.Node { return d.allowances }, bad: wrongRate},
	{number: "-07", text: "Gebyrets momsprocent passer ikke til momskategorien", at: func(d *vatDocument) []*ubl.Node { return d.charges }, bad: wrongRate},
	{number: "-08", text: "Beløbet, som momsen er beregnet af, passer ikke med linjer, rabatter og gebyrer i momskategorien", at: subtotals, bad: baseOff},
	{number: "-09", text: "Momsen passer ikke med beløb, procent og momskategori", at: subtotals, bad: taxOff},
	{number: "-10", text: "Momskategorien skal have en begrundelse for, at der ikke er moms, eller må ikke have nogen", at: subtotals, bad: func(_ *vatDocument, c category, n *ubl.Node) bool {
		return c.reason == (n.Get("TaxExemptionReason") == nil && n.Get("TaxExemptionReasonCode") == nil)
	}},
}

func subtotals(d *vatDocument) []*ubl.Node { return d.totals }

func wrongRate(_ *vatDocument, c category, n *ubl.Node) bool {
	if c.rate == none {
		return n.Get("Percent") != nil
	}
	percent := rule.Value(n, "Percent")
	switch c.rate {
	case above:
		return !(percent > 0)
	case from0:
		return !(percent >= 0)
	default:
		return percent != 0
	}
}

// baseOff compares a subtotal's taxable amount: exactly where the rate is zero, to
// less than 1 for each rate elsewhere.
func baseOff(d *vatDocument, c category, n *ubl.Node) bool {
	base, ok := rule.Exact(n.Parent, "TaxableAmount")
	if c.rate == atZero || c.rate == none {
		want, _ := d.base(c, nil)
		return !ok || !base.Equal(want)
	}
	rate, given := rule.Exact(n, "Percent")
	if !given {
		return false
	}
	want, any := d.base(c, &rate)
	return !ok || !any && c.rate == above || !base.Sub(want).Abs().LessThan(one)
}

// taxOff compares a subtotal's tax with its base and rate.
func taxOff(_ *vatDocument, c category, n *ubl.Node) bool {
	tax, ok := rule.Exact(n.Parent, "TaxAmount")
	if c.rate == atZero || c.rate == none {
		return !ok || !tax.IsZero()
	}
	base, okBase := rule.Exact(n.Parent, "TaxableAmount")
	percent, okPercent := rule.Exact(n, "Percent")
	return !ok || !okBase || !okPercent || !near(tax, base, percent)
}
