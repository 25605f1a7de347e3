package plans

import "slices"

// newPayee is said of a CVR number that no plan of the old sheet had.
const newPayee = "leverandøren er ny i planerne"

// newPlanRisks are what makes a new plan one to look at closely.
var newPlanRisks = []struct {
	why   string
	risky func(p Plan, paid map[string]bool) bool
}{
	{newPayee, func(p Plan, paid map[string]bool) bool { return !paid[p.CVR] }},
	{"fakturaer godkendes, uden at et menneske ser dem", func(p Plan, _ map[string]bool) bool { return p.Action == ActionApprove }},
	{"antallet af fakturaer er ikke begrænset", func(p Plan, _ map[string]bool) bool { return unlimited(p) }},
}

// unlimited reports whether nothing bounds how many invoices a plan takes.
func unlimited(p Plan) bool { return p.Interval == NoInterval && p.PerMonth == 0 && p.PerYear == 0 }

// fieldRisks are what makes a changed cell one to look at. Of several for a
// column the highest counts.
var fieldRisks = []struct {
	column string
	risk   Risk
	why    string
	risky  func(old, new Plan) bool
}{
	{colCVR, High, "en anden bliver betalt", always},
	{colAction, High, "fakturaer godkendes, uden at et menneske ser dem", func(_, new Plan) bool { return new.Action == ActionApprove }},
	{colAction, Middle, "der gøres noget andet", always},
	{colTo, High, "hævet", func(old, new Plan) bool { return new.To.GreaterThan(old.To) }},
	{colFrom, Middle, "sænket", func(old, new Plan) bool { return new.From.LessThan(old.From) }},
	{colPerMonth, High, "flere fakturaer", func(old, new Plan) bool { return looser(old.PerMonth, new.PerMonth) }},
	{colPerYear, High, "flere fakturaer", func(old, new Plan) bool { return looser(old.PerYear, new.PerYear) }},
	{colInterval, High, "fakturaer må komme tættere", func(old, new Plan) bool { return spacing(new.Interval) < spacing(old.Interval) }},
	{colEAN, High, "gælder nu alle EAN-numre", func(_, new Plan) bool { return new.EAN == "" }},
	{colEAN, Middle, "et andet EAN-nummer", always},
	{colValidTo, Middle, "forlænget", func(old, new Plan) bool { return new.ValidTo > old.ValidTo }},
	{colValidFrom, Middle, "gælder fra før", func(old, new Plan) bool { return new.ValidFrom < old.ValidFrom }},
	{colAccount, Middle, "konteres et andet sted", always},
	{colPSP, Middle, "konteres et andet sted", always},
	{colCostCentre, Middle, "konteres et andet sted", always},
	{colVATCode, Middle, "anden moms", always},
	{colBasis, Middle, "et andet beløb konteres", always},
	{colAgent, Middle, "sendes til en anden", always},
	{colSupplier, Middle, "leverandøren har et andet navn", always},
}

func always(_, _ Plan) bool { return true }

// looser reports whether a limit of count was raised or taken away (0).
func looser(old, new int) bool { return old != 0 && (new == 0 || new > old) }

// spacing is an interval's place in the order of how far apart invoices lie.
func spacing(i Interval) int {
	return slices.Index([]Interval{NoInterval, Monthly, Quarterly, HalfYearly, Yearly}, i)
}
