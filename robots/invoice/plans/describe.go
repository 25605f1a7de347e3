package plans

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// describeMost is how many plans and checks Describe names.
const describeMost = 30

// Describe tells a second person, in Danish, what approving the changes would
// mean: the totals, then change by change, the riskiest first. Of a long list it
// names the first and says how many more there are; DescribeAll names them all.
func Describe(changes []Change) string { return describe(changes, describeMost) }

// DescribeAll is Describe with nothing left out.
func DescribeAll(changes []Change) string { return describe(changes, len(changes)) }

func describe(changes []Change, most int) string {
	if len(changes) == 0 {
		return "Der er ingen ændringer i betalingsplanerne.\n"
	}
	var b strings.Builder
	b.WriteString(totals(changes))
	for _, c := range changes[:min(most, len(changes))] {
		b.WriteString("\n")
		b.WriteString(describeOne(c))
	}
	if left := changes[min(most, len(changes)):]; len(left) > 0 {
		fmt.Fprintf(&b, "\n… og %s, heraf %s.\n", count(len(left), "ændring mere", "ændringer mere"), countHigh(left))
	}
	return b.String()
}

func countHigh(changes []Change) string {
	n := 0
	for _, c := range changes {
		if c.Risk == High {
			n++
		}
	}
	return fmt.Sprintf("%d, der skal ses nøje efter", n)
}

// totals are the counts of each kind, and by how much upper limits were raised.
func totals(changes []Change) string {
	n := map[ChangeKind]int{}
	cells, raised, by := 0, 0, decimal.Zero
	for _, c := range changes {
		n[c.Kind]++
		if c.Kind != PlanChanged {
			continue
		}
		cells += len(c.Fields)
		for _, f := range c.Fields {
			old, ok1 := danishAmount(f.Old)
			new, ok2 := danishAmount(f.New)
			if f.Column == colTo && ok1 && ok2 && new.GreaterThan(old) {
				raised++
				by = by.Add(new.Sub(old))
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Planer: %s, %s, %s (%s).\n", count(n[PlanAdded], "ny", "nye"), count(n[PlanRemoved], "slettet", "slettede"),
		count(n[PlanChanged], "ændret", "ændrede"), count(cells, "felt", "felter"))
	if checks := n[CheckAdded] + n[CheckRemoved] + n[CheckChanged]; checks > 0 {
		fmt.Fprintf(&b, "%s: %s, %s, %s.\n", AlwaysSheet, count(n[CheckAdded], "ny", "nye"),
			count(n[CheckRemoved], "slettet", "slettede"), count(n[CheckChanged], "ændret", "ændrede"))
	}
	if raised > 0 {
		fmt.Fprintf(&b, "Øvre grænse hævet på %s, med i alt %s\n", count(raised, "plan", "planer"), kr(by))
	}
	fmt.Fprintf(&b, "Heraf %s, mærket med !.\n", countHigh(changes))
	return b.String()
}

// kindWords are how a change is introduced.
var kindWords = map[ChangeKind]string{
	PlanAdded: "Ny plan", PlanRemoved: "Slettet plan", PlanChanged: "Ændret plan",
	CheckAdded: "Ny regel", CheckRemoved: "Slettet regel", CheckChanged: "Ændret regel",
}

// describeOne is a heading and a line for each cell.
func describeOne(c Change) string {
	var b strings.Builder
	b.WriteString(mark(c.Risk) + kindWords[c.Kind])
	if c.Plan != "" {
		fmt.Fprintf(&b, " %s, %s", c.Plan, c.Supplier)
	} else {
		fmt.Fprintf(&b, " i %s", quoted(AlwaysSheet))
	}
	if len(c.Why) > 0 {
		b.WriteString(": " + listing(c.Why))
	}
	b.WriteString("\n")
	for _, f := range c.Fields {
		b.WriteString("    " + mark(f.Risk) + f.Column + ": " + cellChange(c.Kind, f))
		if f.Why != "" {
			b.WriteString(" (" + f.Why + ")")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func mark(r Risk) string {
	if r == High {
		return "! "
	}
	return "  "
}

// cellChange is old -> new, or the one there is.
func cellChange(kind ChangeKind, f FieldChange) string {
	switch kind {
	case PlanAdded, CheckAdded:
		return f.New
	case PlanRemoved, CheckRemoved:
		return f.Old
	}
	if f.Old == f.New {
		return f.New
	}
	return orEmpty(f.Old) + " → " + orEmpty(f.New)
}

func orEmpty(s string) string {
	if s == "" {
		return "(tom)"
	}
	return s
}
