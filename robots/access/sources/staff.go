package sources

import (
	"context"
	"slices"
	"strings"
	"time"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/directory"
	"byskriver/schedules"
)

// Staff reads everybody from the directory, and makes units of what it says: a unit's
// leader is the one whom most of its people have as nearest leader, and the unit above it
// is the leader's nearest leader's own.
type Staff struct {
	From *directory.Directory
	Now  func() time.Time
	Zone *time.Location // by which an account's end is a day
}

// Read reads all of it.
func (s *Staff) Read(ctx context.Context) (review.Staff, error) {
	now := s.Now().In(s.Zone)
	people, err := s.From.People(ctx)
	if err != nil {
		return review.Staff{}, err
	}
	places := map[string]string{}
	for _, p := range people {
		places[directory.PlaceKey(p.Place)] = p.ID
	}
	staff := review.Staff{Read: schedules.DateOf(now)}
	for _, p := range people {
		staff.Employees = append(staff.Employees, s.employee(p, places, now))
	}
	staff.Units = units(staff.Employees, people)
	return staff, nil
}

func (s *Staff) employee(p directory.Person, places map[string]string, now time.Time) review.Employee {
	e := review.Employee{ID: p.ID, CPR: digits(p.CPR), Name: p.Name, Title: p.Title, Mail: p.Mail, Login: p.Login, Unit: unitID(p), Active: p.Enabled}
	if p.Manager != "" {
		e.Leader = places[directory.PlaceKey(p.Manager)]
	}
	if e.Leader == e.ID {
		e.Leader = "" // nobody leads himself; the unit's leader, or the one above, does
	}
	if !p.Expires.IsZero() {
		e.Left = schedules.DateOf(p.Expires.In(s.Zone))
		e.Active = e.Active && p.Expires.After(now)
	}
	return e
}

// digits is a CPR number without its hyphen; what is none is left out, and so pairs with
// nothing.
func digits(cpr string) string {
	cpr = strings.NewReplacer("-", "", " ", "").Replace(cpr)
	if len(cpr) != 10 || strings.Trim(cpr, "0123456789") != "" {
		return ""
	}
	return cpr
}

// unitID is the unit's code, or its name where the directory has no codes.
func unitID(p directory.Person) string {
	if p.UnitCode != "" {
		return p.UnitCode
	}
	return p.Unit
}

// units are those in which somebody is, sorted by id.
func units(employees []review.Employee, people []directory.Person) []review.Unit {
	at := map[string]review.Employee{}
	for _, e := range employees {
		at[e.ID] = e
	}
	names := map[string]string{}
	votes := map[string]map[string]int{}
	for i, e := range employees {
		if e.Unit == "" {
			continue
		}
		names[e.Unit] = people[i].Unit
		if votes[e.Unit] == nil {
			votes[e.Unit] = map[string]int{}
		}
		if e.Active && at[e.Leader].Active {
			votes[e.Unit][e.Leader]++
		}
	}
	var all []review.Unit
	for id, name := range names {
		u := review.Unit{ID: id, Name: name, Leader: leader(votes[id], id, at)}
		above := at[at[u.Leader].Leader]
		if above.Unit != id {
			u.Parent = above.Unit
		}
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b review.Unit) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// leader is whom most name; of equals the one who is in the unit himself, then the first
// by id, so that two readings of the same directory agree. Where the only people of a
// unit are its leader, he names somebody outside: a unit of one is led by that one's
// leader.
func leader(votes map[string]int, unit string, at map[string]review.Employee) string {
	best := ""
	better := func(a, b string) bool {
		inA, inB := at[a].Unit == unit, at[b].Unit == unit
		switch {
		case votes[a] != votes[b]:
			return votes[a] > votes[b]
		case inA != inB:
			return inA
		}
		return a < b
	}
	for id := range votes {
		if best == "" || better(id, best) {
			best = id
		}
	}
	return best
}
