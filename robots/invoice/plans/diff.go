package plans

import (
	"cmp"
	"slices"
)

// ChangeKind is what happened to a plan or a check.
type ChangeKind string

// The kinds of change. A plan with another number is another plan, and a check
// with another value another check.
const (
	PlanAdded    ChangeKind = "plan-added"
	PlanRemoved  ChangeKind = "plan-removed"
	PlanChanged  ChangeKind = "plan-changed"
	CheckAdded   ChangeKind = "check-added"
	CheckRemoved ChangeKind = "check-removed"
	CheckChanged ChangeKind = "check-changed"
)

// Risk is how closely the person who approves should look.
type Risk int

// The risks.
const (
	Low    Risk = 1 // takes less, or changes only words
	Middle Risk = 2 // codes otherwise, or takes somewhat more
	High   Risk = 3 // pays somebody new, pays more, or with less control
)

// Change is one difference between two sheets: a plan or a check.
type Change struct {
	Kind     ChangeKind    `json:"kind"`
	Plan     string        `json:"plan"`     // the plan's number; "" for a check
	Supplier string        `json:"supplier"` // as in the new sheet, or the old if it is gone; "" for a check
	Fields   []FieldChange `json:"fields"`   // in the order of the columns; all that are not empty where it is new or gone
	Risk     Risk          `json:"risk"`     // the highest there is in it
	Why      []string      `json:"why"`      // Danish: what makes the risk, beside the fields
}

// FieldChange is one cell's change. Old and New are Danish text as the sheet's
// own columns read it, so that the changes say all there is to say.
type FieldChange struct {
	Column string `json:"column"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Risk   Risk   `json:"risk"`
	Why    string `json:"why"` // Danish, or ""
}

// Diff gives what differs between two sheets, the riskiest first, then by kind
// and number. What the files say about themselves (Meta) does not count.
func Diff(old, new Sheet) []Change {
	var out []Change
	before, after := byNumber(old.Plans), byNumber(new.Plans)
	paid := map[string]bool{}
	for _, p := range old.Plans {
		paid[p.CVR] = true
	}
	for _, p := range new.Plans {
		if was, ok := before[p.Number]; !ok {
			out = append(out, addedPlan(p, paid))
		} else if c, ok := changedPlan(was, p, paid); ok {
			out = append(out, c)
		}
	}
	for _, p := range old.Plans {
		if _, ok := after[p.Number]; !ok {
			out = append(out, Change{Kind: PlanRemoved, Plan: p.Number, Supplier: p.Supplier, Risk: Low,
				Fields: fields(planColumns, p, Plan{}, false, true)})
		}
	}
	out = append(out, diffAlways(old.Always, new.Always)...)
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.Risk, a.Risk), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Plan, b.Plan))
	})
	return out
}

func byNumber(plans []Plan) map[string]Plan {
	out := make(map[string]Plan, len(plans))
	for _, p := range plans {
		out[p.Number] = p
	}
	return out
}

// fields lists the columns in which two rows differ. hasNew and hasOld tell
// whether there is a row on that side at all.
func fields[T any](columns []column[T], old, new T, hasNew, hasOld bool) []FieldChange {
	var out []FieldChange
	for _, c := range columns {
		f := FieldChange{Column: c.name, Risk: Low}
		if hasOld {
			f.Old = c.show(old)
		}
		if hasNew {
			f.New = c.show(new)
		}
		if f.Old != f.New {
			out = append(out, f)
		}
	}
	return out
}

func addedPlan(p Plan, paid map[string]bool) Change {
	c := Change{Kind: PlanAdded, Plan: p.Number, Supplier: p.Supplier, Risk: Middle,
		Fields: fields(planColumns, Plan{}, p, true, false)}
	for _, r := range newPlanRisks {
		if r.risky(p, paid) {
			c.Risk = High
			c.Why = append(c.Why, r.why)
		}
	}
	return c
}

func changedPlan(old, new Plan, paid map[string]bool) (Change, bool) {
	c := Change{Kind: PlanChanged, Plan: new.Number, Supplier: new.Supplier, Risk: Low,
		Fields: fields(planColumns, old, new, true, true)}
	for i := range c.Fields {
		f := &c.Fields[i]
		for _, r := range fieldRisks {
			if r.column == f.Column && r.risk > f.Risk && r.risky(old, new) {
				f.Risk, f.Why = r.risk, r.why
			}
		}
		c.Risk = max(c.Risk, f.Risk)
	}
	if old.CVR != new.CVR && !paid[new.CVR] {
		c.Why = append(c.Why, newPayee)
	}
	return c, len(c.Fields) > 0
}

// diffAlways compares the lists of what is always checked.
func diffAlways(old, new []Always) []Change {
	type key struct {
		criterion Criterion
		value     string
	}
	before, after := map[key]Always{}, map[key]Always{}
	for _, a := range old {
		before[key{a.Criterion, a.Value}] = a
	}
	var out []Change
	for _, a := range new {
		after[key{a.Criterion, a.Value}] = a
		was, ok := before[key{a.Criterion, a.Value}]
		switch {
		case !ok:
			out = append(out, Change{Kind: CheckAdded, Risk: Low, Fields: fields(alwaysColumns, Always{}, a, true, false)})
		case was != a:
			out = append(out, Change{Kind: CheckChanged, Risk: Low, Fields: changedCheck(was, a)})
		}
	}
	for _, a := range old {
		if _, ok := after[key{a.Criterion, a.Value}]; !ok {
			out = append(out, Change{Kind: CheckRemoved, Risk: High, Why: []string{"det ses ikke længere altid af et menneske"},
				Fields: fields(alwaysColumns, a, Always{}, false, true)})
		}
	}
	return out
}

// changedCheck lists all the columns of a check whose reason changed, since a
// check has no number to be called by.
func changedCheck(old, new Always) []FieldChange {
	var out []FieldChange
	for _, c := range alwaysColumns {
		out = append(out, FieldChange{Column: c.name, Old: c.show(old), New: c.show(new), Risk: Low})
	}
	return out
}
