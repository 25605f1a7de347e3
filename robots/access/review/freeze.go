package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"byskriver/schedules"
)

// Memory is what the robot knows of one person from before.
type Memory struct {
	Employee string          `json:"employee"`
	Unit     string          `json:"unit"`          // Unit.ID, where the person was when last seen
	Laid     schedules.Date  `json:"laid,omitzero"` // when anything of his was laid before a leader last
	Reviewed schedules.Date  `json:"reviewed,omitzero"`
	Grants   map[string]Seen `json:"grants"` // by Grant.Key
}

// Seen is what the robot knows of one right of a person.
type Seen struct {
	Since    schedules.Date `json:"since"`
	Laid     schedules.Date `json:"laid,omitzero"`
	Decision *Decision      `json:"decision,omitempty"`
}

// See notes what a person holds now: what is new is known from today, what is gone is
// forgotten with what was decided of it.
func (m Memory) See(h Holding, today schedules.Date) Memory {
	next := Memory{Employee: h.Employee.ID, Unit: m.Unit, Laid: m.Laid, Reviewed: m.Reviewed, Grants: map[string]Seen{}}
	for _, g := range h.Grants {
		seen, ok := m.Grants[g.Key()]
		if !ok {
			seen.Since = today
		}
		next.Grants[g.Key()] = seen
	}
	return next
}

// Lay notes that rights were laid before a leader.
func (m Memory) Lay(held []Held, today schedules.Date) Memory {
	next := m
	next.Grants = map[string]Seen{}
	if m.Laid.Before(today) {
		next.Laid = today
	}
	for key, seen := range m.Grants {
		next.Grants[key] = seen
	}
	for _, h := range held {
		if seen, ok := next.Grants[h.Grant.Key()]; ok && h.Open() && seen.Laid.Before(today) {
			seen.Laid = today
			next.Grants[h.Grant.Key()] = seen
		}
	}
	return next
}

// Decide notes what was said of a right. What was said later counts, whichever package
// was taken last.
func (m Memory) Decide(h Held, d Decision, today schedules.Date) Memory {
	next := m
	next.Grants = map[string]Seen{}
	if m.Reviewed.Before(today) {
		next.Reviewed = today
	}
	for key, seen := range m.Grants {
		next.Grants[key] = seen
	}
	if seen, ok := next.Grants[h.Grant.Key()]; ok && (seen.Decision == nil || !d.At.Before(seen.Decision.At)) {
		seen.Decision = &d
		next.Grants[h.Grant.Key()] = seen
	}
	return next
}

// freezer makes of what people hold what is shown of it.
type freezer struct {
	policy Policy
	today  schedules.Date
	paired Paired
	memory map[string]Memory // by Employee.ID
	units  map[string]Unit
	titles map[string]int            // people by position
	hold   map[string]map[string]int // people by right, then position
}

func newFreezer(today schedules.Date, staff Staff, policy Policy, paired Paired, memory map[string]Memory) *freezer {
	f := &freezer{today: today, policy: policy, paired: paired, memory: memory, units: map[string]Unit{}, titles: map[string]int{}, hold: map[string]map[string]int{}}
	for _, u := range staff.Units {
		f.units[u.ID] = u
	}
	for _, e := range staff.Employees {
		if e.Active {
			f.titles[strings.ToLower(e.Title)]++
		}
	}
	for _, h := range paired.Holdings {
		title, once := strings.ToLower(h.Employee.Title), map[string]bool{}
		for _, g := range h.Grants {
			right := g.System + "\x1f" + g.Right
			if once[right] {
				continue
			}
			once[right] = true
			if f.hold[right] == nil {
				f.hold[right] = map[string]int{}
			}
			f.hold[right][title]++
		}
	}
	return f
}

// person is what one person holds, in the order in which it is shown, without ids.
func (f *freezer) person(h Holding) Person {
	p := Person{ID: h.Employee.ID, CPR: h.Employee.CPR, Name: h.Employee.Name, Title: h.Employee.Title, Unit: cmp.Or(f.units[h.Employee.Unit].Name, h.Employee.Unit)}
	for _, g := range h.Grants {
		p.Held = append(p.Held, f.held(h.Employee, g))
	}
	slices.SortFunc(p.Held, func(a, b Held) int {
		return cmp.Or(yes(b.Open())-yes(a.Open()), yes(b.New)-yes(a.New), weight(b.Criticality)-weight(a.Criticality),
			strings.Compare(a.Grant.System, b.Grant.System), strings.Compare(a.Name, b.Name), strings.Compare(a.Grant.Key(), b.Grant.Key()))
	})
	return p
}

func (f *freezer) held(e Employee, g Grant) Held {
	rule, right, memory := f.policy.rule(g), f.paired.Rights[RightRef{g.System, g.Right}], f.memory[e.ID]
	seen := memory.Grants[g.Key()]
	h := Held{Grant: g, Name: cmp.Or(rule.Name, right.Name, g.Right), Description: cmp.Or(rule.Description, right.Description), Owner: cmp.Or(rule.Owner, right.Owner),
		Criticality: rule.Criticality, Since: seen.Since, Last: seen.Laid, Explained: f.policy.explains(e, g), Previous: seen.Decision}
	h.New = !memory.Laid.IsZero() && seen.Laid.IsZero()
	if h.Explained == "" {
		h.Unusual, h.Unused = f.unusual(e, g), f.unused(g)
	}
	return h
}

// unusual says how a right stands out against those of the same position.
func (f *freezer) unusual(e Employee, g Grant) string {
	title := strings.ToLower(e.Title)
	all := f.titles[title]
	if e.Title == "" || all < f.policy.Peers.Least {
		return ""
	}
	have := f.hold[g.System+"\x1f"+g.Right][title]
	if have*100 >= all*f.policy.Peers.Share {
		return ""
	}
	return fmt.Sprintf("%d af %d med stillingen %s har den", have, all, e.Title)
}

// unused says that a right, or the account that it is on, has long not been used. Where the
// system does not say when it was, nothing is said.
func (f *freezer) unused(g Grant) string {
	months := f.policy.Stale
	if months == 0 || g.LastUse.IsZero() || MonthOf(g.LastUse)+Month(months) >= MonthOf(f.today) {
		return ""
	}
	return fmt.Sprintf("Ikke brugt i over %d måneder", months)
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

func weight(c Criticality) int { return yes(c == Elevated) + 2*yes(c == Critical) }
