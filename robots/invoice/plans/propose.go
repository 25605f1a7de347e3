package plans

import (
	"cmp"
	"fmt"
	"slices"

	"byskriver/robots/internal/ident"
	"github.com/shopspring/decimal"
)

// Posted is an invoice as it was posted, for proposing plans.
type Posted struct {
	Supplier, CVR, EAN string
	On                 Date
	Account            Account // empty where it was coded in several places
	Amount             decimal.Decimal
	Basis              Basis // whether Amount is net or gross
}

// Proposed is a plan that the postings suggest, and what speaks for it.
type Proposed struct {
	Plan     Plan
	Invoices int // it would have taken
	Wrong    int // of the supplier's invoices to the unit that it would have coded otherwise than was done
	Last     Date
}

// leastInvoices is how many invoices a proposed plan would have taken at least.
const leastInvoices = 6

// mostWrong is the largest share of wrong codings that is still proposed.
const mostWrong = 0.05

// Propose suggests plans from the postings of a year: for each supplier and unit
// without a plan the coding used most, if it would have been wrong for at most one
// in twenty. The ones that would have taken the most invoices come first, less those
// that they would have coded wrongly. Nothing of it counts before it is filled in,
// put into the plan sheet and approved.
func Propose(posted []Posted, have Sheet, from Date) (all []Proposed) {
	groups := map[[2]string][]Posted{}
	for _, p := range posted {
		if p.On >= from && ident.ValidCVR(p.CVR) && p.Amount.IsPositive() && !planned(have, p) {
			key := [2]string{p.CVR, p.EAN}
			groups[key] = append(groups[key], p)
		}
	}
	for _, group := range groups {
		if p, ok := proposeFor(group); ok {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b Proposed) int {
		return cmp.Or(cmp.Compare(b.Invoices-10*b.Wrong, a.Invoices-10*a.Wrong), cmp.Compare(a.Plan.CVR, b.Plan.CVR), cmp.Compare(a.Plan.EAN, b.Plan.EAN))
	})
	for i := range all {
		all[i].Plan.Number = fmt.Sprintf("FORSLAG-%d", i+1)
	}
	return all
}

// planned reports whether the supplier has a plan for the unit already.
func planned(have Sheet, p Posted) bool {
	return slices.ContainsFunc(have.For(p.CVR), func(q Plan) bool { return q.EAN == "" || q.EAN == p.EAN })
}

// proposeFor suggests a plan for one supplier's invoices to one unit.
func proposeFor(group []Posted) (out Proposed, ok bool) {
	slices.SortStableFunc(group, func(a, b Posted) int { return cmp.Compare(a.On, b.On) })
	uses := map[Account]int{}
	var most Account
	for _, p := range group {
		uses[p.Account]++
		if n := uses[p.Account]; n > uses[most] || n == uses[most] && p.Account.Account < most.Account {
			most = p.Account
		}
	}
	if most == (Account{}) || uses[most] < leastInvoices {
		return out, false
	}
	first := slices.IndexFunc(group, func(p Posted) bool { return p.Account == most })
	low, high := group[first].Amount, group[first].Amount
	var days []Date
	for _, p := range group {
		if p.Account == most {
			low, high, days = decimal.Min(low, p.Amount), decimal.Max(high, p.Amount), append(days, p.On)
		}
	}
	out = Proposed{Invoices: len(days), Last: days[len(days)-1]}
	for _, p := range group {
		if p.Account != most && p.Amount.GreaterThanOrEqual(low) && p.Amount.LessThanOrEqual(high) {
			out.Wrong++
		}
	}
	last := group[len(group)-1]
	out.Plan = Plan{Supplier: last.Supplier, CVR: last.CVR, EAN: last.EAN, Account: most.Account, PSP: most.PSP, CostCentre: most.CostCentre, VATCode: most.VATCode,
		Basis: last.Basis, Interval: rhythm(days), PerMonth: perMonth(days), Action: ActionCode}
	if last.Basis == Gross { // what is to be paid; of a net amount nobody can tell
		out.Plan.From, out.Plan.To = low, high
	}
	return out, float64(out.Wrong) <= mostWrong*float64(out.Invoices)
}

// rhythm is the interval that all but one in ten of the invoices keep.
func rhythm(days []Date) Interval {
	least := DefaultSettings().LeastDays
	for _, x := range []struct {
		interval Interval
		least    int
		most     int
	}{{Yearly, least.Year, 400}, {HalfYearly, least.HalfYear, 215}, {Quarterly, least.Quarter, 110}, {Monthly, least.Month, 45}} {
		off := 0
		for i := 1; i < len(days); i++ {
			if n := daysBetween(days[i-1], days[i]); n < x.least || n > x.most {
				off++
			}
		}
		if off*10 <= len(days)-1 {
			return x.interval
		}
	}
	return NoInterval
}

// perMonth is the most invoices that came in one month.
func perMonth(days []Date) (most int) {
	counts := map[string]int{}
	for _, d := range days {
		counts[d.month()]++
		most = max(most, counts[d.month()])
	}
	return most
}

// proposedColumns are those of the plan sheet, so that a row can be copied over,
// and what speaks for each.
func proposedColumns() []column[Proposed] {
	var all []column[Proposed]
	for _, c := range planColumns {
		show := c.show
		if c.name == colFrom || c.name == colTo {
			show = func(p Plan) string {
				if p.To.IsZero() {
					return "" // to be filled in
				}
				return c.show(p)
			}
		}
		all = append(all, column[Proposed]{name: c.name, width: c.width, kind: c.kind, choices: c.choices, show: func(p Proposed) string { return show(p.Plan) }})
	}
	return append(all,
		reported("Fakturaer", 10, kindCount, func(p Proposed) string { return whole(p.Invoices) }),
		reported("Ville være forkert", 10, kindCount, func(p Proposed) string { return whole(p.Wrong) }),
		reported("Senest", 12, kindDate, func(p Proposed) string { return p.Last.Danish() }))
}

// WriteProposals writes a new workbook of the plans that the postings suggest.
func WriteProposals(path string, all []Proposed) (string, error) {
	if err := writeReport(path, tabOf("Forslag", proposedColumns(), all)); err != nil {
		return "", err
	}
	n := 0
	for _, p := range all {
		n += p.Invoices
	}
	return fmt.Sprintf("%s, som ville have taget %s. Udfyld det, der mangler, og kopiér de rækker, I vil have, til planarket; de gælder, når en anden har godkendt dem.",
		count(len(all), "forslag", "forslag"), count(n, "faktura", "fakturaer")), nil
}
