package access

import (
	"context"
	"fmt"

	"byskriver/robots/access/review"
	"byskriver/runner"
)

// facts are what removals are held against: what was read and said last.
type facts struct {
	staff    review.Staff
	policy   review.Policy
	memory   map[string]review.Memory   // by Employee.ID
	readings map[string]*review.Reading // by system
	under    []underWay
}

// underWay is a package that may still say otherwise of its people's rights.
type underWay struct {
	id     string
	people map[string]bool // Employee.IDs of people who have moved: all their rights wait
	said   map[string]bool // Grant.Keys of which what was sent in says other than Fjern
}

// facts gathers what some removals are held against.
func (b *books) facts(ctx context.Context, policy review.Policy, removals ...review.Removal) (facts, error) {
	f := facts{policy: policy, memory: map[string]review.Memory{}, readings: map[string]*review.Reading{}}
	if len(removals) == 0 {
		return f, nil
	}
	var err error
	if f.staff, _, err = get[review.Staff](ctx, b, inStaff); err != nil {
		return f, err
	}
	parts := map[string]bool{}
	for _, x := range removals {
		if part := memoryPart(x.Person); !parts[part] {
			parts[part] = true
			people, _, err := get[map[string]review.Memory](ctx, b, part)
			if err != nil {
				return f, err
			}
			for id, m := range people {
				f.memory[id] = m
			}
		}
		system := x.Held.Grant.System
		if _, read := f.readings[system]; read {
			continue
		}
		reading, ok, err := get[review.Reading](ctx, b, inReadings+system)
		if err != nil {
			return f, err
		}
		if f.readings[system] = nil; ok {
			f.readings[system] = &reading
		}
	}
	f.under, err = b.underWay(ctx)
	return f, err
}

// underWay are the packages of moves that nobody has sent in, and those that were sent in
// and not taken yet.
func (b *books) underWay(ctx context.Context) (list []underWay, err error) {
	heads, err := all[head](ctx, b, inHeads)
	if err != nil {
		return nil, err
	}
	answers, err := all[review.Answers](ctx, b, inAnswers)
	if err != nil {
		return nil, err
	}
	for id, h := range heads {
		if h.State != review.Open || h.Kind != review.Move && answers[id].Sent.IsZero() {
			continue
		}
		p, _, err := b.pack(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, newUnderWay(p.Package, answers[id]))
	}
	return list, nil
}

func newUnderWay(p review.Package, a review.Answers) underWay {
	u := underWay{id: p.ID, people: map[string]bool{}, said: map[string]bool{}}
	for _, person := range p.People {
		u.people[person.ID] = p.Kind == review.Move
		for _, held := range person.Held {
			if d, ok := a.Decisions[held.ID]; ok && !a.Sent.IsZero() && d.Verdict != review.Remove {
				u.said[held.Grant.Key()] = true
			}
		}
	}
	return u
}

// of is what is known of one removal.
func (f facts) of(x review.Removal) review.Current {
	c := x.Now(f.staff, f.policy, f.readings[x.Held.Grant.System], f.memory[x.Person])
	for _, u := range f.under {
		if u.id != x.Package && (u.people[x.Person] || u.said[x.Held.Grant.Key()]) {
			c.Under = u.id
		}
	}
	return c
}

// consent is somebody's word on a removal, with under which ids the directory has him.
func (f facts) consent(x review.Removal, a review.Approval) review.Consent {
	by, _ := f.staff.Employee(a.By)
	in := review.Consent{Removal: x, Approval: a, Login: by.Login, IT: f.policy.IT, Same: f.staff.Same(a.By)[1:]}
	if by.CPR != "" && by.CPR == x.CPR {
		in.Same = append(in.Same, x.Person)
	}
	return in
}

// actionLeave is a person's word that a right is to stand after all.
const actionLeave = "leave"

// leave is the choice of it.
func leave() runner.Choice {
	return runner.Choice{Action: actionLeave, Label: "Lad den stå", NeedsNote: true}
}

// left reports whether a person has said that the right is to stand, and notes it.
func (r *Robot) left(ctx context.Context, c runner.Case, x review.Removal) (bool, error) {
	d := c.Item().Decision
	if d == nil || d.Action != actionLeave {
		return false, nil
	}
	x.Stage, x.Note, x.Item = review.Rejected, d.Note, c.Item().Number
	if c.Item().Mode == runner.Shadow {
		return true, nil
	}
	return true, r.books.put(ctx, inRemovals+x.ID, x)
}

// standing holds an approved removal against what has come since the leader decided it.
// With false it is over; an error says what it waits for, or why a person must look.
func (r *Robot) standing(ctx context.Context, c runner.Case, x *review.Removal, f facts) (bool, error) {
	s, err := runner.Decide[review.Stand](ctx, c, standRule, f.of(*x))
	if err != nil || s.Free() {
		return err == nil, err
	}
	var outcome error
	switch {
	case s.Over != nil:
		x.Stage, x.Note = review.Over, r.newer(*s.Over)
	case s.Wait != "":
		x.Stage = review.Paused
		outcome = runner.Later(r.morning(r.today().AddDays(1)), "AFVENTER-LEDER", s.Wait)
	default:
		x.Stage = review.Stuck
		outcome = runner.Refuse(s.Code, fmt.Sprintf("Fjernelse %s er godkendt, men %s: %s Intet er fjernet. Skal rettigheden blive, så vælg Lad den stå; skal den væk, så fjern den i systemet og vælg Behandlet manuelt.", x.ID, x.Name, s.Why), "", leave(), runner.Retry(), runner.Manual())
		x.Note = s.Why
	}
	if x.Item = c.Item().Number; c.Item().Mode == runner.Shadow {
		return false, outcome
	}
	if err := r.books.put(ctx, inRemovals+x.ID, *x); err != nil {
		return false, err
	}
	return false, outcome
}

func (r *Robot) newer(d review.Decision) string {
	return d.Newer(d.At.In(r.zone).Format("02-01-2006 15.04"))
}

// supersede ends the removals that a newer decision has ended before IT said its word.
func (r *Robot) supersede(ctx context.Context, x review.Removal, f facts) (bool, error) {
	s := review.Stands(f.of(x))
	if s.Over == nil {
		return false, nil
	}
	x.Stage, x.Note = review.Over, r.newer(*s.Over)
	return true, r.books.put(ctx, inRemovals+x.ID, x)
}

// proposed reports whether a removal waits for IT's word.
func proposed(x review.Removal) bool {
	return x.Stage == review.Proposed && x.Decision.Verdict == review.Remove
}

// undecided are the removals that a newer answer can still end.
func undecided(list map[string]review.Removal) (some []review.Removal) {
	for _, x := range list {
		if proposed(x) || x.Stage == review.Paused {
			some = append(some, x)
		}
	}
	return some
}
