package plans

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// planRowChecks are the rules about several cells of one plan.
var planRowChecks = []rowCheck[Plan]{
	{code: ProblemAccount, needs: []string{colCostCentre, colPSP}, broken: func(p Plan) string {
		switch {
		case p.PSP != "" && p.CostCentre != "":
			return "Planen har både PSP-element og omkostningssted. Slet det ene."
		case p.PSP == "" && p.CostCentre == "":
			return "Planen har hverken PSP-element eller omkostningssted. Udfyld det ene."
		}
		return ""
	}},
	{code: ProblemAmounts, needs: []string{colTo, colFrom}, broken: func(p Plan) string {
		if p.From.GreaterThan(p.To) {
			return fmt.Sprintf("Beløb fra (%s) er større end beløb til (%s). Ret det ene.", amount(p.From), amount(p.To))
		}
		return ""
	}},
	{code: ProblemDates, needs: []string{colValidTo, colValidFrom}, broken: func(p Plan) string {
		if p.ValidFrom > p.ValidTo {
			return fmt.Sprintf("Gyldig fra (%s) er efter gyldig til (%s). Ret den ene.", p.ValidFrom.Danish(), p.ValidTo.Danish())
		}
		return ""
	}},
	{code: ProblemAgent, needs: []string{colAction, colAgent}, broken: func(p Plan) string {
		if p.Action == ActionForward && p.NextAgent == "" {
			return "Handlingen er Kontér og videresend, men næste agent mangler. Skriv, hvem fakturaen skal sendes til."
		}
		return ""
	}},
	{code: ProblemAgentUnused, needs: []string{colAction, colAgent}, notice: true, broken: func(p Plan) string {
		if p.Action != ActionForward && p.NextAgent != "" {
			return "Næste agent bruges ikke, når handlingen er " + wordOf(actions, string(p.Action)) + "."
		}
		return ""
	}},
}

// alwaysColumns are the columns of AlwaysSheet. The value's form depends on the
// criterion, which stands to its left in the table and so is read before it.
var alwaysColumns = []column[Always]{
	{name: colCriterion, help: "CVR, Ord i tekst eller Beløb over.", width: 14, choices: criteria,
		show: func(a Always) string { return wordOf(criteria, string(a.Criterion)) },
		read: func(c cell, a *Always) *fault {
			s, bad := c.asChoice(criteria)
			a.Criterion = Criterion(s)
			return bad
		}},
	{name: colValue, help: "CVR-nummeret, ordet eller beløbet med moms i kroner.", width: 30, kind: kindCode,
		show: showAlwaysValue, read: readAlwaysValue},
	{name: colReason, help: "Hvorfor et menneske skal se på fakturaen. Vises for den, der får den.", width: 60,
		show: func(a Always) string { return a.Reason },
		read: func(c cell, a *Always) (bad *fault) {
			if a.Reason, bad = c.asText(); bad == nil {
				_, bad = longest(300)(a.Reason)
			}
			if bad == nil {
				_, bad = noCPR(a.Reason)
			}
			return bad
		}},
}

// shortestWord is the fewest letters of a word that is looked for inside texts.
const shortestWord = 3

func readAlwaysValue(c cell, a *Always) *fault {
	if a.Criterion == ByAmount {
		d, bad := c.asAmount()
		a.Value = d.String()
		return bad
	}
	s, bad := c.asText()
	if bad != nil {
		return bad
	}
	a.Value = s
	switch {
	case a.Criterion == ByCVR:
		_, bad = isCVR(s)
	case utf8.RuneCountInString(s) < shortestWord:
		bad = &fault{ProblemForm, quoted(s) + " er for kort til at søge efter. Skriv mindst tre bogstaver."}
	default:
		_, bad = noCPR(s)
	}
	if bad == nil {
		_, bad = longest(100)(s)
	}
	return bad
}

func showAlwaysValue(a Always) string {
	if a.Criterion != ByAmount {
		return a.Value
	}
	d, err := decimal.NewFromString(a.Value)
	if err != nil {
		return a.Value
	}
	return amount(d)
}

// checkNumbers finds plan numbers that stand twice, without regard to case.
func checkNumbers(rows []row[Plan], out *found) {
	first := map[string]row[Plan]{}
	for _, r := range rows {
		if !r.good(colPlan) {
			continue
		}
		key := fold(r.value.Number)
		if earlier, twice := first[key]; twice {
			out.add(planProblem(ProblemTwice, r, colPlan, fmt.Sprintf(
				"Plan %s står også i række %d. Giv den ene et andet nummer, eller slet den.", r.value.Number, earlier.number)))
			continue
		}
		first[key] = r
	}
}

func planProblem(code string, r row[Plan], at, text string) Problem {
	return Problem{Code: code, Sheet: PlanSheet, Row: r.number, Column: at, Cell: r.cells[at], Text: text, Fatal: true}
}

// overlapHeadings are the cells that decide which invoices a plan can take.
var overlapHeadings = []string{colCVR, colEAN, colFrom, colTo, colValidFrom, colValidTo}

// checkOverlaps finds pairs of plans that could both take one invoice. Such an
// invoice would always be refused, so that one of the two is meant otherwise.
func checkOverlaps(rows []row[Plan], out *found) {
	byCVR := map[string][]*row[Plan]{}
	for i := range rows {
		if r := &rows[i]; r.good(overlapHeadings...) {
			byCVR[r.value.CVR] = append(byCVR[r.value.CVR], r)
		}
	}
	for _, cvr := range slices.Sorted(maps.Keys(byCVR)) {
		supplierOverlaps(byCVR[cvr], out)
	}
}

// supplierOverlaps goes through one supplier's plans by their lowest amount, so
// that only those that share an amount are compared.
func supplierOverlaps(plans []*row[Plan], out *found) {
	slices.SortStableFunc(plans, func(a, b *row[Plan]) int { return a.value.From.Cmp(b.value.From) })
	for i, a := range plans {
		for _, b := range plans[i+1:] {
			if b.value.From.GreaterThan(a.value.To) || out.full() {
				break
			}
			if overlap(&a.value, &b.value) {
				first, second := a, b
				if first.number > second.number {
					first, second = b, a
				}
				out.add(planProblem(ProblemOverlap, *second, colPlan, overlapText(first, second)))
			}
		}
	}
}

// overlap reports whether an invoice could fall inside both plans. Both ends of
// amounts and dates are included.
func overlap(a, b *Plan) bool {
	return a.CVR == b.CVR && (a.EAN == b.EAN || a.EAN == "" || b.EAN == "") &&
		a.ValidFrom <= b.ValidTo && b.ValidFrom <= a.ValidTo &&
		a.From.LessThanOrEqual(b.To) && b.From.LessThanOrEqual(a.To)
}

func overlapText(a, b *row[Plan]) string {
	from, to := decimal.Max(a.value.From, b.value.From), decimal.Min(a.value.To, b.value.To)
	amounts := "på " + kr(from)
	if !from.Equal(to) {
		amounts = fmt.Sprintf("mellem %s og %s", amount(from), kr(to))
	}
	return fmt.Sprintf("Plan %s og plan %s (række %d) kan begge tage fakturaer fra CVR %s %s med dato fra %s til %s. "+
		"Ret beløb, EAN eller gyldighed, så kun den ene kan.",
		b.value.Number, a.value.Number, a.number, b.value.CVR, amounts,
		max(a.value.ValidFrom, b.value.ValidFrom).Danish(), min(a.value.ValidTo, b.value.ValidTo).Danish())
}

// checkTwice finds checks that stand twice.
func checkTwice(rows []row[Always], out *found) {
	first := map[Always]int{}
	for _, r := range rows {
		key := Always{Criterion: r.value.Criterion, Value: fold(r.value.Value)}
		if earlier, twice := first[key]; twice && r.good(colCriterion, colValue) {
			out.add(Problem{Code: ProblemTwice, Sheet: AlwaysSheet, Row: r.number, Column: colValue, Cell: r.cells[colValue], Fatal: true,
				Text: fmt.Sprintf("Det samme står i række %d. Slet den ene.", earlier)})
			continue
		}
		if r.good(colCriterion, colValue) {
			first[key] = r.number
		}
	}
}

// sort puts the sheet into the order that it is stored and compared in.
func (s *Sheet) sort() {
	slices.SortFunc(s.Plans, func(a, b Plan) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(s.Always, func(a, b Always) int {
		return cmp.Or(cmp.Compare(a.Criterion, b.Criterion), cmp.Compare(a.Value, b.Value))
	})
}
