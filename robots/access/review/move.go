package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"byskriver/schedules"
)

// Moves makes small packages for those who have come to another unit since they were
// last seen. The leader of the new unit decides and sends in; the leader of the old one
// may answer too. Nothing is taken away before; what the list of standard rights or a
// role package of the new place gives is not asked about. before are the packages of
// the month so far: their numbers are not used again, and who was moved today stands
// in one already.
func Moves(in Input, before []Package) Output {
	r := newRun(in)
	type pair struct{ to, from string }
	piles := map[pair][]chosen{}
	former := map[string]Employee{}
	done := today(before, in.Today)
	for _, h := range r.paired.Holdings {
		e, old := h.Employee, r.memory[h.Employee.ID].Unit
		if old == "" || old == e.Unit || done[e.ID] || r.period(e.ID) == 0 {
			continue // seen for the first time, where he was, or nothing to ask about
		}
		to, ok := r.assign.Reviewer(e)
		if !ok {
			continue // a finding
		}
		from, _, _ := r.assign.Leader(Employee{ID: e.ID, CPR: e.CPR, Unit: old})
		former[from.ID] = from
		key := pair{to.ID + "\x1f" + to.Why, from.ID}
		piles[key] = append(piles[key], chosen{e.Unit, r.people[e.ID], to})
	}
	var keys []pair
	for key := range piles {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b pair) int { return cmp.Or(strings.Compare(a.to, b.to), strings.Compare(a.from, b.from)) })
	n := numbered(before, "F")
	for _, key := range keys {
		for _, part := range split(piles[key], in.Policy.Most) {
			n++
			p := Package{ID: fmt.Sprintf("%s-F%03d", r.month, n), Run: r.month.String(), Kind: Move, Reviewers: []Reviewer{part[0].reviewer},
				Opens: in.Today, Due: in.Today.AddDays(in.Policy.MoveDays), State: Open}
			for _, c := range part {
				p.People = append(p.People, c.person)
			}
			if f := former[key.from]; f.ID != "" && f.ID != p.Reviewers[0].ID {
				v := r.assign.As(f, WhyFormer)
				v.Sends = false
				p.Reviewers = append(p.Reviewers, v)
			}
			r.out.Packages = append(r.out.Packages, r.laid(p))
		}
	}
	return r.out
}

// today are the people of the packages that were made for a move on a day.
func today(before []Package, day schedules.Date) map[string]bool {
	people := map[string]bool{}
	for _, p := range before {
		for _, person := range p.People {
			if p.Kind == Move && p.Opens == day {
				people[person.ID] = true
			}
		}
	}
	return people
}

// numbered is the highest number that packages with a letter have.
func numbered(before []Package, letter string) (most int) {
	for _, p := range before {
		var n int
		if _, number, ok := strings.Cut(p.ID, "-"+letter); ok {
			if _, err := fmt.Sscanf(number, "%d", &n); err == nil {
				most = max(most, n)
			}
		}
	}
	return most
}
