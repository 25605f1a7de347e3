package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"byskriver/schedules"
)

// Input is all that a run is made of.
type Input struct {
	Today    schedules.Date
	Staff    Staff
	Readings []Reading
	Policy   Policy
	Memory   map[string]Memory // by Employee.ID
	Wheel    Wheel
}

// Output is a frozen run.
type Output struct {
	Packages []Package // without tokens
	Findings []Finding
	Wheel    Wheel
	Held     int // rights of people, explained and standard ones too
	Open     int // of these, rights that the packages lay before leaders
	Explain  int // of these, rights that a role package or the list of standard rights explains
}

// Freeze makes a month's run: who holds what is laid before the nearest leader where
// its turn has come, by the wheel or because its pace would be broken; what is
// nobody's to judge becomes a finding.
func Freeze(in Input) Output {
	r := newRun(in)
	r.wheel()
	r.choose()
	r.pack()
	r.out.Findings = append(r.out.Findings, Crowded(r.month, r.out.Packages)...)
	return r.out
}

type run struct {
	in     Input
	month  Month
	assign *Assigner
	freeze *freezer
	paired Paired
	people map[string]Person // frozen, all that they hold
	slot   map[string]int    // by Employee.ID
	piles  map[pile][]chosen
	memory map[string]Memory // of everybody who holds something; others are forgotten
	out    Output
}

// Remember is what the robot knows of everybody once packages were laid: what they hold
// now, where they are, and what of it was laid before a leader when. To do it again
// changes nothing.
func Remember(in Input, laid []Package) map[string]Memory {
	memory := map[string]Memory{}
	for _, h := range Pair(in.Staff, in.Readings, in.Policy).Holdings {
		m := in.Memory[h.Employee.ID].See(h, in.Today)
		m.Unit = h.Employee.Unit
		memory[h.Employee.ID] = m
	}
	for _, p := range laid {
		for _, person := range p.People {
			if m, ok := memory[person.ID]; ok {
				memory[person.ID] = m.Lay(person.Held, p.Opens)
			}
		}
	}
	return memory
}

// pile is what goes to one reviewer for one reason.
type pile struct{ reviewer, why string }

// chosen is a person whose turn it is, with what is laid before the leader.
type chosen struct {
	unit     string
	person   Person
	reviewer Reviewer
}

func newRun(in Input) *run {
	r := &run{in: in, month: MonthOf(in.Today), assign: NewAssigner(in.Staff, in.Policy, in.Today), people: map[string]Person{}, slot: map[string]int{}, piles: map[pile][]chosen{}}
	r.paired = Pair(in.Staff, in.Readings, in.Policy)
	r.out.Findings, r.memory = slices.Clone(r.paired.Findings), map[string]Memory{}
	for _, h := range r.paired.Holdings {
		r.memory[h.Employee.ID] = in.Memory[h.Employee.ID].See(h, in.Today)
		r.out.Held += len(h.Grants)
	}
	r.freeze = newFreezer(in.Today, in.Staff, in.Policy, r.paired, r.memory)
	for _, h := range r.paired.Holdings {
		r.people[h.Employee.ID] = r.freeze.person(h)
		for _, x := range r.people[h.Employee.ID].Held {
			r.out.Explain += yes(!x.Open())
		}
		if _, ok := r.assign.Reviewer(h.Employee); !ok && r.period(h.Employee.ID) > 0 {
			r.out.Findings = append(r.out.Findings, nobody(h.Employee))
		}
	}
	return r
}

// wheel puts each leader's people into groups, and gives each group its months.
func (r *run) wheel() {
	groups := r.groups()
	r.out.Wheel = r.in.Wheel.Turn(groups)
	for _, g := range groups {
		for _, id := range g.People {
			r.slot[id] = r.out.Wheel.Slots[g.Key]
		}
	}
}

// groups are each leader's people who have something to be looked at, split by unit.
// Who stands in for a leader makes no difference to the wheel.
func (r *run) groups() []Group {
	of := map[string]map[string][]Holding{} // leader, unit
	for _, h := range r.paired.Holdings {
		leader, _, _ := r.assign.Leader(h.Employee)
		if r.period(h.Employee.ID) == 0 {
			continue
		}
		if of[leader.ID] == nil {
			of[leader.ID] = map[string][]Holding{}
		}
		of[leader.ID][h.Employee.Unit] = append(of[leader.ID][h.Employee.Unit], h)
	}
	var groups []Group
	for leader, units := range of {
		var parts []Group
		for unit, people := range units {
			n := 0
			for part := range slices.Chunk(people, even(len(people), r.in.Policy.Most)) {
				n++
				g := Group{Key: fmt.Sprintf("%s/%s/%d", leader, unit, n), Leader: leader}
				for _, h := range part {
					g.People = append(g.People, h.Employee.ID)
				}
				parts = append(parts, g)
			}
		}
		groups = append(groups, r.joined(parts)...)
	}
	return groups
}

// joined puts small groups of one leader together while they fit into one package.
func (r *run) joined(parts []Group) []Group {
	slices.SortFunc(parts, func(a, b Group) int { return strings.Compare(a.Key, b.Key) })
	var groups []Group
	for _, g := range parts {
		i := slices.IndexFunc(groups, func(o Group) bool { return len(o.People)+len(g.People) <= r.in.Policy.Most })
		if i < 0 {
			groups = append(groups, g)
			continue
		}
		groups[i].People = append(groups[i].People, g.People...)
	}
	for i, g := range groups {
		for _, id := range g.People {
			if p := r.period(id); groups[i].Period == 0 || p < groups[i].Period {
				groups[i].Period = p
			}
		}
	}
	return groups
}

// even is the size of parts of n things, at most most each and as alike as can be.
func even(n, most int) int {
	parts := (n + most - 1) / most
	return max(1, (n+parts-1)/max(parts, 1))
}

// period is the pace of the most critical that a person holds; 0 for nothing that
// needs a look.
func (r *run) period(id string) int {
	least := 0
	for _, h := range r.people[id].Held {
		if p := r.in.Policy.Pace[h.Criticality]; h.Open() && (least == 0 || p < least) {
			least = p
		}
	}
	return least
}

// choose finds whose turn it is, with what, and before whom it is laid.
func (r *run) choose() {
	for _, h := range r.paired.Holdings {
		p, due := r.due(h.Employee)
		if !due {
			continue
		}
		reviewer, ok := r.assign.Reviewer(h.Employee)
		if !ok {
			continue // a finding
		}
		key := pile{reviewer.ID, reviewer.Why}
		r.piles[key] = append(r.piles[key], chosen{h.Employee.Unit, p, reviewer})
	}
}

func nobody(e Employee) Finding {
	return Finding{Code: CodeNobody, Person: e.ID, Text: "Ingen kan gennemgå rettighederne for " + e.Name + ": kataloget har ingen leder over personen, og adgange.yaml ingen anden, der kan. Ret kataloget, eller skriv en til under fallback."}
}

// due keeps of a person what is to be looked at now, and what is explained, for show.
func (r *run) due(e Employee) (Person, bool) {
	p := r.people[e.ID]
	all := p.Held
	p.Held = nil
	some := false
	for _, h := range all {
		if !h.Open() {
			p.Held = append(p.Held, h)
			continue
		}
		if r.hasTurn(h, r.slot[e.ID]) {
			p.Held, some = append(p.Held, h), true
		}
	}
	return p, some
}

// hasTurn reports whether a right is laid before the leader this month: the wheel says
// so, or it would otherwise be later than its pace.
func (r *run) hasTurn(h Held, slot int) bool {
	period := r.in.Policy.Pace[h.Criticality]
	last := h.Last
	if last.IsZero() {
		last = h.Since
	}
	if !h.Last.IsZero() && MonthOf(h.Last) == r.month {
		return false // laid already this month, when the person moved
	}
	return turn(slot, period, r.month) || r.month-MonthOf(last) >= Month(period)
}

// pack makes packages of the piles, in a fixed order.
func (r *run) pack() {
	var keys []pile
	for key := range r.piles {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b pile) int {
		return cmp.Or(strings.Compare(a.reviewer, b.reviewer), strings.Compare(a.why, b.why))
	})
	for _, key := range keys {
		for _, part := range split(r.piles[key], r.in.Policy.Most) {
			p := Package{ID: fmt.Sprintf("%s-%03d", r.month, len(r.out.Packages)+1), Run: r.month.String(), Kind: Regular, Reviewers: []Reviewer{part[0].reviewer},
				Opens: r.in.Today, Due: r.in.Today.AddDays(r.in.Policy.Days), State: Open}
			for _, c := range part {
				p.People = append(p.People, c.person)
			}
			r.out.Packages = append(r.out.Packages, r.laid(p))
		}
	}
}

// laid numbers a package's rights and names its units.
func (r *run) laid(p Package) Package {
	n := 0
	var units []string
	for i := range p.People {
		if !slices.Contains(units, p.People[i].Unit) {
			units = append(units, p.People[i].Unit)
		}
		p.People[i].Held = slices.Clone(p.People[i].Held)
		for j := range p.People[i].Held {
			n++
			p.People[i].Held[j].ID = fmt.Sprintf("r%03d", n)
			r.out.Open += yes(p.People[i].Held[j].Open())
		}
	}
	p.Unit = strings.Join(units, ", ")
	return p
}

// split cuts a reviewer's people into packages: units stay together where they fit, a
// larger one is cut evenly.
func split(people []chosen, most int) [][]chosen {
	slices.SortFunc(people, func(a, b chosen) int {
		return cmp.Or(strings.Compare(a.unit, b.unit), strings.Compare(a.person.Name, b.person.Name), strings.Compare(a.person.ID, b.person.ID))
	})
	units := map[string][]chosen{}
	var names []string
	for _, c := range people {
		if units[c.unit] == nil {
			names = append(names, c.unit)
		}
		units[c.unit] = append(units[c.unit], c)
	}
	var parts [][]chosen
	for _, name := range names {
		for part := range slices.Chunk(units[name], even(len(units[name]), most)) {
			i := slices.IndexFunc(parts, func(p []chosen) bool { return len(p)+len(part) <= most })
			if i < 0 {
				parts = append(parts, slices.Clone(part))
				continue
			}
			parts[i] = append(parts[i], part...)
		}
	}
	return parts
}
