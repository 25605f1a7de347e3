package plans

import (
	"strings"

	"byskriver/robots/internal/ident"
	"github.com/shopspring/decimal"
)

// alwaysChecked finds the first row of the list that the invoice falls under. A
// row that cannot be read is one that it falls under.
func alwaysChecked(in Input, _ Plan) (figures, bool) {
	for _, a := range in.Always {
		if what, hit := a.hits(in.Invoice); hit {
			reason := clean(a.Reason)
			if !strings.HasSuffix(reason, ".") {
				reason += "."
			}
			return figures{has: what, limit: reason}, true
		}
	}
	return figures{}, false
}

// hits says, in Danish, what of the invoice a row of the list looks at, and
// whether the invoice falls under it.
func (a Always) hits(inv Invoice) (string, bool) {
	switch a.Criterion {
	case ByCVR:
		return "Leverandøren med CVR " + a.Value, inv.CVR == a.Value
	case ByWord:
		for _, t := range inv.Texts {
			// Inside words too: Danish makes håndværkerydelse of håndværker.
			if strings.Contains(fold(t), fold(a.Value)) {
				return "Fakturaer, der nævner " + quoted(a.Value) + ",", true
			}
		}
		return "", false
	case ByAmount:
		limit, err := decimal.NewFromString(a.Value)
		if err == nil && sane(limit) {
			return "Fakturaer over " + kr(limit) + ",", inv.Payable.GreaterThan(limit)
		}
	}
	return "Fakturaer efter en ulæselig regel i " + quoted(AlwaysSheet), true
}

// planUnusable looks again for what Parse requires, since a plan may have come
// another way than through a sheet.
func planUnusable(in Input, p Plan) (figures, bool) {
	_, least := in.Settings.LeastDays.of(p.Interval)
	switch {
	case !usable(p):
		return figures{more: "den mangler noget, eller noget i den modsiger sig selv"}, true
	case !least:
		return figures{more: "den mindste afstand for dens interval er ikke sat op"}, true
	}
	for _, d := range in.History[p.Number] {
		if !inYears(d) {
			return figures{more: "dens tidligere fakturaer har en ulæselig dato"}, true
		}
	}
	return figures{}, false
}

// usable reports whether a plan has all it needs to take an invoice.
func usable(p Plan) bool {
	return p.Number != "" && p.Account != "" && p.VATCode != "" &&
		(p.PSP == "") != (p.CostCentre == "") &&
		(p.PSP == "" || pspForm.MatchString(p.PSP)) && (p.CostCentre == "" || costCentreForm.MatchString(p.CostCentre)) &&
		known(bases, string(p.Basis)) && known(intervals, string(p.Interval)) && known(actions, string(p.Action)) &&
		(p.Action != ActionForward || p.NextAgent != "") &&
		sane(p.From) && sane(p.To) && !p.From.IsNegative() && p.From.LessThanOrEqual(p.To) &&
		inYears(p.ValidFrom) && inYears(p.ValidTo) && p.ValidFrom <= p.ValidTo &&
		p.PerMonth >= 0 && p.PerYear >= 0 && ident.ValidCVR(p.CVR) && (p.EAN == "" || ident.ValidGLN(p.EAN))
}

func otherEAN(in Input, p Plan) (figures, bool) {
	if p.EAN == "" || in.Invoice.EAN == p.EAN {
		return figures{}, false
	}
	has := short(clean(in.Invoice.EAN))
	if has == "" {
		has = "ikke angivet"
	}
	return figures{has: has, limit: p.EAN}, true
}

func notBegun(in Input, p Plan) (figures, bool) {
	if in.Invoice.IssueDate >= p.ValidFrom {
		return figures{}, false
	}
	return figures{has: in.Invoice.IssueDate.Danish(), limit: p.ValidFrom.Danish()}, true
}

func expired(in Input, p Plan) (figures, bool) {
	if in.Invoice.IssueDate <= p.ValidTo {
		return figures{}, false
	}
	return figures{has: in.Invoice.IssueDate.Danish(), limit: p.ValidTo.Danish()}, true
}

func tooSmall(in Input, p Plan) (figures, bool) {
	has := in.Invoice.Payable
	if has.GreaterThanOrEqual(p.From) {
		return figures{}, false
	}
	return figures{has: kr(has), limit: kr(p.From), more: kr(p.From.Sub(has))}, true
}

func tooLarge(in Input, p Plan) (figures, bool) {
	has := in.Invoice.Payable
	if has.LessThanOrEqual(p.To) {
		return figures{}, false
	}
	return figures{has: kr(has), limit: kr(p.To), more: kr(has.Sub(p.To))}, true
}

func tooManyInMonth(in Input, p Plan) (figures, bool) {
	on := in.Invoice.IssueDate
	n := 1
	for _, d := range in.History[p.Number] {
		if d.month() == on.month() {
			n++
		}
	}
	return figures{has: whole(n), limit: whole(p.PerMonth), more: on.monthName() + " " + on.year()}, p.PerMonth > 0 && n > p.PerMonth
}

func tooManyInYear(in Input, p Plan) (figures, bool) {
	on := in.Invoice.IssueDate
	n := 1
	for _, d := range in.History[p.Number] {
		if d.year() == on.year() {
			n++
		}
	}
	return figures{has: whole(n), limit: whole(p.PerYear), more: on.year()}, p.PerYear > 0 && n > p.PerYear
}

// tooSoon looks at the nearest invoice on either side, since invoices may arrive
// in another order than they were issued in.
func tooSoon(in Input, p Plan) (figures, bool) {
	least, _ := in.Settings.LeastDays.of(p.Interval)
	nearest, days := Date(""), -1
	for _, d := range in.History[p.Number] {
		n := daysBetween(d, in.Invoice.IssueDate)
		if n < 0 {
			n = -n
		}
		if days < 0 || n < days {
			nearest, days = d, n
		}
	}
	return figures{has: count(days, "dag", "dage"), limit: count(least, "dag", "dage"), more: nearest.Danish()},
		days >= 0 && days < least
}
