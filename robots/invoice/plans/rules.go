package plans

import (
	"fmt"
	"slices"
	"strings"

	"byskriver/runner"
	"github.com/shopspring/decimal"
)

// The codes of refusals. They are stable: logs and lists are kept by them.
const (
	RefusedUnreadable = "PLAN-ULÆSELIG"   // amounts or dates that cannot be calculated with
	RefusedCreditNote = "PLAN-KREDITNOTA" // a credit note, or any kind but an invoice
	RefusedSign       = "PLAN-NEGATIV"    // zero or negative
	RefusedCurrency   = "PLAN-VALUTA"     // not in DKK
	RefusedSum        = "PLAN-SUM"        // net plus VAT is not what is to be paid
	RefusedFuture     = "PLAN-FREMTID"    // issued after today
	RefusedAlways     = "PLAN-ALTID-KONTROL"
	RefusedUnusable   = "PLAN-UGYLDIG" // the plan lacks something
	RefusedEAN        = "PLAN-EAN"
	RefusedNotBegun   = "PLAN-IKKE-BEGYNDT"
	RefusedExpired    = "PLAN-UDLØBET"
	RefusedUnder      = "PLAN-BELØB-UNDER"
	RefusedOver       = "PLAN-BELØB-OVER"
	RefusedPerMonth   = "PLAN-ANTAL-MÅNED"
	RefusedPerYear    = "PLAN-ANTAL-ÅR"
	RefusedInterval   = "PLAN-INTERVAL"
	RefusedSeveral    = "PLAN-FLERE" // more than one plan fits
	RefusedNone       = "PLAN-INGEN" // the supplier has no plan
)

// currency is the only one that plans' amounts can be held against.
const currency = "DKK"

// rule is one row of the tables below. A rule that is broken names what the
// invoice has and what is allowed, and the sentence is made of them: {har},
// {grænse}, {plan}, and {mere} for what only some rules can say.
type rule struct {
	code   string
	broken func(in Input, p Plan) (figures, bool)
	why    string
	last   bool // where it is broken, the rows below cannot be asked
}

// figures are what a sentence is made of, in Danish.
type figures struct{ has, limit, more string }

// invoiceRules are about the invoice alone, in the order that gives the code.
var invoiceRules = []rule{
	{RefusedUnreadable, unreadable, "Fakturaens beløb eller datoer kan ikke regnes med ({har}).", true},
	{RefusedCreditNote, notInvoice, "Bilaget er {har}, og en plan tager kun fakturaer.", false},
	{RefusedSign, notPositive, "Beløbet er {har}, og en plan tager kun beløb over 0 kr.", false},
	{RefusedCurrency, otherCurrency, "Fakturaen er i {har}, og en plan tager kun {grænse}.", false},
	{RefusedSum, wrongSum, "Beløbene går ikke op: {har} til betaling, men netto og moms giver {grænse}.", false},
	{RefusedFuture, inFuture, "Fakturadatoen {har} ligger efter i dag ({grænse}).", false},
	{RefusedAlways, alwaysChecked, "{har} skal altid ses af et menneske: {grænse}", false},
}

// planRules hold the invoice against one plan, in the order that gives the code.
// Of two plans the one whose first broken rule stands lower is the nearer.
var planRules = []rule{
	{RefusedUnusable, planUnusable, "Plan {plan} kan ikke bruges: {mere}.", true},
	{RefusedEAN, otherEAN, "Fakturaens EAN-nummer er {har}, og plan {plan} gælder {grænse}.", false},
	{RefusedNotBegun, notBegun, "Fakturaen er fra {har}, og plan {plan} gælder først fra {grænse}.", false},
	{RefusedExpired, expired, "Fakturaen er fra {har}, og plan {plan} udløb {grænse}.", false},
	{RefusedUnder, tooSmall, "Fakturaen er på {har}, og plan {plan} tager mindst {grænse}: {mere} for lidt.", false},
	{RefusedOver, tooLarge, "Fakturaen er på {har}, og plan {plan} tager højst {grænse}: {mere} for meget.", false},
	{RefusedPerMonth, tooManyInMonth, "Det er faktura nr. {har} i {mere} på plan {plan}, som tager højst {grænse} om måneden.", false},
	{RefusedPerYear, tooManyInYear, "Det er faktura nr. {har} i {mere} på plan {plan}, som tager højst {grænse} om året.", false},
	{RefusedInterval, tooSoon, "Der er {har} til fakturaen fra {mere} på plan {plan}, og der skal være mindst {grænse}.", false},
}

// todos say what to do next. A code without a row has the last one.
var todos = []struct {
	code string
	next string
}{
	{RefusedUnreadable, "Se på fakturaen, og bogfør eller afvis den selv."},
	{RefusedCreditNote, "Find den faktura, den hører til, og bogfør den selv."},
	{RefusedSign, "Se på fakturaen, og bogfør eller afvis den selv."},
	{RefusedCurrency, "Omregn, og bogfør den selv."},
	{RefusedSum, "Kontrollér beløbene, og bogfør eller afvis den selv."},
	{RefusedFuture, "Kontrollér datoen, og bogfør eller afvis den selv."},
	{RefusedAlways, "Se fakturaen igennem, og bogfør den selv."},
	{RefusedEAN, "Skal planen gælde det EAN-nummer, så ret planen og vælg Prøv igen; ellers bogfør fakturaen selv."},
	{RefusedNotBegun, "Bogfør den selv, eller ret planens gyldighed og vælg Prøv igen."},
	{RefusedExpired, "Bogfør den selv, eller forlæng planen og vælg Prøv igen."},
	{RefusedPerMonth, "Undersøg, om fakturaen er sendt to gange, og bogfør eller afvis den selv."},
	{RefusedPerYear, "Undersøg, om fakturaen er sendt to gange, og bogfør eller afvis den selv."},
	{RefusedInterval, "Undersøg, om perioden allerede er betalt, og bogfør eller afvis den selv."},
	{RefusedSeveral, "Bogfør den selv, og ret planerne, så kun én passer."},
	{RefusedNone, "Bogfør den selv; kommer der flere som den, så overvej at oprette en plan."},
	{"", "Kontrollér fakturaen og bogfør den selv, eller ret planen og vælg Prøv igen."},
}

func next(code string) string {
	for _, t := range todos {
		if t.code == code || t.code == "" {
			return t.next
		}
	}
	return ""
}

// rank is a plan rule's place in the table.
func rank(code string) int {
	return slices.IndexFunc(planRules, func(r rule) bool { return r.code == code })
}

// apply asks the rules in turn. stopped is true if one that ends the asking was
// broken.
func apply(rules []rule, in Input, p Plan) (reasons []Reason, stopped bool) {
	for _, r := range rules {
		f, broken := r.broken(in, p)
		if !broken {
			continue
		}
		text := strings.NewReplacer("{har}", f.has, "{grænse}", f.limit, "{mere}", f.more,
			"{plan}", p.Number).Replace(r.why)
		text = strings.ReplaceAll(text, "kr..", "kr.") // an amount at the end of a sentence
		reasons = append(reasons, Reason{Code: r.code, Plan: p.Number,
			Has: runner.Mask(f.has), Limit: f.limit, Text: runner.Mask(text)})
		if r.last {
			return reasons, true
		}
	}
	return reasons, false
}

// several is the reason where more than one plan fits.
func several(fits []Plan) Reason {
	var numbers []string
	for _, p := range fits {
		numbers = append(numbers, p.Number)
	}
	slices.Sort(numbers)
	n := fmt.Sprintf("%d planer", len(fits))
	return Reason{Code: RefusedSeveral, Has: n, Limit: "1 plan",
		Text: fmt.Sprintf("Fakturaen passer på %s, nemlig %s; den må kun passe på én.", n, listing(numbers))}
}

// nonePlan is the reason where the supplier has no plan.
func nonePlan(inv Invoice) Reason {
	who := "leverandøren " + quoted(clean(inv.Supplier)) + " (CVR " + short(clean(inv.CVR)) + ")"
	if inv.CVR == "" {
		who = "leverandøren " + quoted(clean(inv.Supplier)) + ", hvis CVR-nummer mangler på fakturaen"
	}
	return Reason{Code: RefusedNone, Text: runner.Mask("Der er ingen betalingsplan for " + who + ".")}
}

func unreadable(in Input, _ Plan) (figures, bool) {
	inv := in.Invoice
	for _, a := range []struct {
		name  string
		value decimal.Decimal
	}{{"beløb til betaling", inv.Payable}, {"netto", inv.Net}, {"moms", inv.VAT}} {
		if !sane(a.value) || !wholeOre(a.value) {
			return figures{has: a.name}, true
		}
	}
	if !inYears(inv.IssueDate) {
		return figures{has: "fakturadato"}, true
	}
	return figures{has: "dags dato"}, !inYears(in.Today)
}

func notInvoice(in Input, _ Plan) (figures, bool) {
	has := "af en ukendt slags"
	if in.Invoice.Kind == KindCreditNote {
		has = "en kreditnota"
	}
	return figures{has: has}, in.Invoice.Kind != KindInvoice
}

func notPositive(in Input, _ Plan) (figures, bool) {
	inv := in.Invoice
	for _, a := range []decimal.Decimal{inv.Payable, inv.Net} {
		if !a.IsPositive() {
			return figures{has: kr(a)}, true
		}
	}
	return figures{has: kr(inv.VAT) + " i moms"}, inv.VAT.IsNegative()
}

func otherCurrency(in Input, _ Plan) (figures, bool) {
	has := short(clean(in.Invoice.Currency))
	if has == "" {
		has = "en ukendt valuta"
	}
	return figures{has: has, limit: currency}, in.Invoice.Currency != currency
}

func wrongSum(in Input, _ Plan) (figures, bool) {
	inv := in.Invoice
	sum := inv.Net.Add(inv.VAT)
	rounding := decimal.New(int64(max(in.Settings.RoundingOre, 0)), -2)
	if inv.Payable.Sub(sum).Abs().LessThanOrEqual(rounding) {
		return figures{}, false
	}
	return figures{has: kr(inv.Payable), limit: kr(sum)}, true
}

func inFuture(in Input, _ Plan) (figures, bool) {
	return figures{has: in.Invoice.IssueDate.Danish(), limit: in.Today.Danish()}, in.Invoice.IssueDate > in.Today
}

// Advice says for each code of a refusal what a person does about it, in Danish.
func Advice() map[string]string {
	all := map[string]string{}
	for _, rules := range [][]rule{invoiceRules, planRules} {
		for _, r := range rules {
			all[r.code] = next(r.code)
		}
	}
	all[RefusedSeveral], all[RefusedNone] = next(RefusedSeveral), next(RefusedNone)
	return all
}
