package plans

import (
	"cmp"
	"fmt"
	"slices"
)

// Expiring is a plan that runs out soon with nothing to take its place.
type Expiring struct {
	Plan     string `json:"plan"`
	Supplier string `json:"supplier"`
	CVR      string `json:"cvr"`
	Area     string `json:"area"`
	ValidTo  Date   `json:"valid_to"`
	Days     int    `json:"days"` // until the last day; 0 is today
	Text     string `json:"text"` // Danish: what will happen and what to do
}

// RunningOut gives the plans whose last day is today or within the given number
// of days, the first to run out first. A plan that another one takes over from
// is not among them. Plans without a valid last day are passed over: Match
// refuses them.
func RunningOut(plans []Plan, today Date, within int) []Expiring {
	var out []Expiring
	if !today.Valid() {
		return nil
	}
	until := today.addDays(within)
	for i := range plans {
		p := &plans[i]
		if !p.ValidTo.Valid() || p.ValidTo < today || p.ValidTo > until || takenOver(plans, p) {
			continue
		}
		days := daysBetween(today, p.ValidTo)
		out = append(out, Expiring{Plan: p.Number, Supplier: p.Supplier, CVR: p.CVR, Area: p.Area, ValidTo: p.ValidTo, Days: days,
			Text: fmt.Sprintf("Plan %s (%s) udløber %s, om %s. Forlæng den, eller opret en ny; ellers går senere fakturaer til manuel behandling.",
				p.Number, p.Supplier, p.ValidTo.Danish(), count(days, "dag", "dage"))})
	}
	slices.SortFunc(out, func(a, b Expiring) int {
		return cmp.Or(cmp.Compare(a.ValidTo, b.ValidTo), cmp.Compare(a.Plan, b.Plan))
	})
	return out
}

// takenOver reports whether another plan of the supplier takes the same EAN from
// the day after p, and at least some of its amounts.
func takenOver(plans []Plan, p *Plan) bool {
	for i := range plans {
		next := plans[i]
		if next.Number == p.Number || next.ValidTo <= p.ValidTo || next.ValidFrom > p.ValidTo.addDays(1) {
			continue
		}
		later := *p
		later.ValidTo = p.ValidTo.addDays(1)
		later.ValidFrom = later.ValidTo
		if overlap(&later, &next) && (next.EAN == "" || next.EAN == p.EAN) {
			return true
		}
	}
	return false
}
