package oioubl

import (
	"math"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading/rule"
	"byskriver/robots/invoice/reading/ubl"
)

var taxTotals = []string{"TaxTotal", "Line/TaxTotal"}

func notTwo(path string) rule.Test { return rule.Decimals(path, rule.Unlike(2)) }

var foreignTax = rule.And(rule.Has("TransactionCurrencyTaxAmount"), rule.Not(rule.Eq("TaxCategory/ID", "StandardRated")))

var taxRules = []rule.Group{
	{At: taxTotals, Rules: []rule.Rule{
		{ID: "F-LIB314", Text: "Den samme afgift står i to opgørelser.", Bad: sameTaxLater},
		{ID: "F-LIB250", Text: "Afgiftsbeløbet skal have to decimaler.", Bad: notTwo("TaxAmount")},
		{ID: "F-LIB251", Text: "Afrundingen må ikke være nul.", Bad: rule.Zero("RoundingAmount")},
		{ID: "F-LIB252", Text: "Afrundingen skal have to decimaler.", Bad: rule.And(rule.Has("RoundingAmount"), notTwo("RoundingAmount"))},
		{ID: "F-LIB253", Text: "Kun en proformafaktura må sige, at den ikke dokumenterer moms.", Bad: func(n *ubl.Node) bool {
			kind := root(n).Get("InvoiceTypeCode")
			return rule.Eq("TaxEvidenceIndicator", "false")(n) && kind != nil && kind.Text != "325"
		}},
		{ID: "F-LIB373", Text: "Momsbeløb i en anden valuta bruges kun ved almindelig moms.", Bad: foreignTax},
		{ID: "F-LIB385", Text: "Afgiftsbeløbet er ikke summen af beløbene under det.", Bad: taxSumWrong},
	}},
	{At: below(taxTotals, "TaxSubtotal"), Rules: []rule.Rule{
		excluded("F-LIB254", "", "Percent", "Percent"),
		excluded("F-LIB255", "", "BaseUnitMeasure", "BaseUnitMeasure"),
		excluded("F-LIB256", "", "PerUnitAmount", "PerUnitAmount"),
		excluded("F-LIB257", "", "TierRange", "TierRange"),
		excluded("F-LIB258", "", "TierRatePercent", "TierRatePercent"),
		filled("F-LIB259", "", "TaxableAmount", "Beløbet, som momsen er beregnet af (TaxableAmount),"),
		{ID: "F-LIB315", Text: "Den samme momskategori står to gange i opgørelsen.", Bad: sameCategoryLater},
		{ID: "F-LIB316", Text: "Forskellige afgifter står i den samme opgørelse.", Bad: otherSchemeLater},
		{ID: "F-LIB261", Text: "Beløbet, som momsen er beregnet af, skal have to decimaler.", Bad: notTwo("TaxableAmount")},
		{ID: "F-LIB263", Text: "Momsbeløbet skal have to decimaler.", Bad: notTwo("TaxAmount")},
		{ID: "F-LIB264", Text: "Beregningens rækkefølge skal være over nul.", Bad: rule.And(rule.Has("CalculationSequenceNumeric"), rule.Or(rule.Starts("CalculationSequenceNumeric", "-"), rule.Zero("CalculationSequenceNumeric")))},
		{ID: "F-LIB266", Text: "Momsbeløbet i den anden valuta har et andet fortegn end momsen.", Bad: signsDiffer},
		{ID: "F-LIB267", Text: "Momsbeløbet i den anden valuta skal have to decimaler.", Bad: rule.And(rule.Has("TransactionCurrencyTaxAmount"), notTwo("TransactionCurrencyTaxAmount"))},
		{ID: "F-LIB381", Text: "Der er almindelig moms på beløbet, men momsen er nul.", Bad: noTaxCharged},
		{ID: "F-LIB373", Text: "Momsbeløb i en anden valuta bruges kun ved almindelig moms.", Bad: foreignTax},
		{ID: "F-LIB333", Text: "Momsprocenten mangler.", Bad: rule.And(rule.Eq("TaxCategory/TaxScheme/ID", "VAT"), rule.Lacks("TaxCategory/Percent"))},
		{ID: "F-LIB334", Text: "Momsprocenten må højst have to decimaler.", Bad: rule.And(rule.Eq("TaxCategory/TaxScheme/ID", "VAT"),
			rule.Or(rule.Eq("TaxCategory/Percent", ""), rule.Decimals("TaxCategory/Percent", rule.Over(2))))},
	}},
	{At: []string{"", "Line"}, Rules: []rule.Rule{
		{ID: "F-LIB306", Text: "Netop én opgørelse (TaxTotal) skal være moms.", Bad: notOneVAT},
	}},
	{At: []string{""}, Rules: []rule.Rule{
		{ID: "F-LIB402", Text: "Beløbet, som momsen er beregnet af, svarer ikke til linjerne med rabatter og gebyrer.", Bad: basesOff},
	}},
	{At: []string{"Line/TaxTotal/TaxSubtotal/TaxCategory"}, Rules: []rule.Rule{
		{ID: "F-LIB400", Text: "Linjen er uden moms (ZeroRated), men har en momsprocent eller et momsbeløb.", Bad: zeroRatedWithTax},
		{ID: "F-LIB401", Text: "Linjens moms er ikke regnet rigtigt ud.", Bad: lineTaxWrong},
	}},
}

func root(n *ubl.Node) *ubl.Node {
	for n.Parent != nil {
		n = n.Parent
	}
	return n
}

// later calls yield for the siblings after n, but not for more than a hundred: no
// invoice has so many taxes.
func later(n *ubl.Node, yield func(*ubl.Node) bool) {
	for k, i := n.Next(), 0; k != nil && i < 100; k, i = k.Next(), i+1 {
		if !yield(k) {
			return
		}
	}
}

// shares is true if some value at the path is the same below both.
func shares(a, b *ubl.Node, path ...string) bool {
	same := false
	a.Each(func(x *ubl.Node) bool {
		b.Each(func(y *ubl.Node) bool { same = x.Text == y.Text; return !same }, path...)
		return !same
	}, path...)
	return same
}

func sameTaxLater(n *ubl.Node) bool {
	hit := false
	later(n, func(k *ubl.Node) bool {
		hit = shares(n, k, "TaxSubtotal", "TaxCategory", "TaxScheme", "ID")
		return !hit
	})
	return hit
}

func notOneVAT(n *ubl.Node) bool {
	all, count := 0, 0
	n.Each(func(k *ubl.Node) bool {
		all++
		if isVAT(k) {
			count++
		}
		return true
	}, "TaxTotal")
	return all > 0 && count != 1
}

// isVAT is true for a tax total with VAT in it.
var isVAT = rule.Eq("TaxSubtotal/TaxCategory/TaxScheme/ID", "63", "VAT")

func sameCategoryLater(n *ubl.Node) bool {
	if !rule.Eq("TaxCategory/TaxScheme/ID", "63")(n) {
		return false
	}
	scheme, category := false, false
	later(n, func(k *ubl.Node) bool {
		scheme = scheme || shares(n, k, "TaxCategory", "TaxScheme", "ID")
		category = category || shares(n, k, "TaxCategory", "ID")
		return true
	})
	return scheme && category
}

func otherSchemeLater(n *ubl.Node) bool {
	own := n.Get("TaxCategory", "TaxScheme", "ID")
	hit := false
	later(n, func(k *ubl.Node) bool {
		other := k.Get("TaxCategory", "TaxScheme", "ID")
		hit = own != nil && other != nil && own.Text != other.Text
		return !hit
	})
	return hit
}

// number is an exact decimal, where the rule asks for one.
func number(n *ubl.Node) (decimal.Decimal, bool) { return ubl.Decimal(n.Value()) }

// taxSumWrong compares the total with the sum below it, rounded to two decimals.
func taxSumWrong(n *ubl.Node) bool {
	if n.Get("TaxSubtotal") == nil {
		return false
	}
	var sum decimal.Decimal
	n.Each(func(k *ubl.Node) bool {
		d, _ := number(k)
		sum = sum.Add(d)
		return true
	}, "TaxSubtotal", "TaxAmount")
	total, ok := number(n.Get("TaxAmount"))
	return !ok || !total.Equal(rule.Half(sum, 2))
}

var hundred = decimal.NewFromInt(100)

func signsDiffer(n *ubl.Node) bool {
	t, total := rule.Value(n, "TransactionCurrencyTaxAmount"), rule.Value(n.Parent, "TaxAmount")
	return rule.Eq("TaxCategory/ID", "StandardRated")(n) && (t < 0 && total > 0 || t > 0 && total < 0)
}

func noTaxCharged(n *ubl.Node) bool {
	base, tax := rule.Value(n, "TaxableAmount"), rule.Value(n, "TaxAmount")
	calculated := base / 100 * rule.Value(n, "TaxCategory", "Percent")
	return rule.Eq("TaxCategory/ID", "StandardRated")(n) && base > 0 && tax == 0 && calculated >= 0.005
}

// basesOff looks at the document's VAT bases, but not at more than a hundred: no
// invoice has so many.
func basesOff(doc *ubl.Node) bool {
	hit, count := false, 0
	doc.Each(func(k *ubl.Node) bool {
		count++
		hit = baseOff(k)
		return !hit && count < 100
	}, "TaxTotal", "TaxSubtotal")
	return hit
}

// baseOff compares a VAT base with the bases on the lines, less allowances and
// with charges; 1.00 to either side is accepted, and so is a category that no line
// has.
func baseOff(n *ubl.Node) bool {
	if !rule.Eq("TaxCategory/ID", "StandardRated", "ZeroRated", "ReverseCharge")(n) {
		return false
	}
	doc := root(n)
	lines, sum := 0, 0.0
	doc.Each(func(k *ubl.Node) bool {
		if alike(k, n, "TaxableAmount") {
			lines++
			sum += rule.Sum(k, "TaxableAmount")
		}
		return true
	}, lineOf(doc), "TaxTotal", "TaxSubtotal")
	if lines == 0 {
		return false
	}
	for _, charge := range []bool{false, true} {
		part := 0.0
		doc.Each(func(k *ubl.Node) bool {
			if alike(k, n, "Amount") && isCharge(k) == charge {
				part += rule.Sum(k, "Amount")
			}
			return true
		}, "AllowanceCharge")
		if charge {
			sum += part
		} else {
			sum -= part
		}
	}
	return !(math.Abs(rule.Value(n, "TaxableAmount")-sum) <= 1)
}

// alike is true if k has the tax category, scheme and currency of the subtotal n.
func alike(k, n *ubl.Node, amount string) bool {
	a, okA := k.Get(amount).Attr("currencyID")
	b, okB := n.Get("TaxableAmount").Attr("currencyID")
	return okA && okB && a == b && shares(k, n, "TaxCategory", "ID") && shares(k, n, "TaxCategory", "TaxScheme", "ID")
}

func isCharge(k *ubl.Node) bool {
	v := k.Get("ChargeIndicator").Value()
	return v == "true" || v == "1"
}

func zeroRatedWithTax(n *ubl.Node) bool {
	if id := n.Get("ID"); id != nil && id.Text != "ZeroRated" {
		return false
	}
	percent := n.Get("Percent")
	return !(rule.Value(n.Parent, "TaxAmount") == 0 && (percent == nil || rule.Number(percent.Text) == 0))
}

// lineTaxWrong computes a line's VAT; 1.00 to either side is accepted.
func lineTaxWrong(n *ubl.Node) bool {
	if !rule.Eq("ID", "StandardRated")(n) {
		return false
	}
	percent, okP := number(n.Get("Percent"))
	tax, okT := number(n.Parent.Get("TaxAmount"))
	base, okB := number(n.Parent.Get("TaxableAmount"))
	if !okP || !okT {
		return true
	}
	if percent.IsZero() && tax.IsZero() {
		return false
	}
	return !okB || !percent.IsPositive() || tax.Sub(rule.Half(base.Mul(percent).Div(hundred), 2)).Abs().GreaterThan(decimal.NewFromInt(1))
}
