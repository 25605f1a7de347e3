package review

import (
	"slices"
	"strings"

	"byskriver/schedules"
)

// Why somebody other than the nearest leader has a package.
const (
	WhyClimbed   = "lederens leder"
	WhyDelegated = "stedfortræder"
	WhyFallback  = "ingen leder fundet"
	WhyFormer    = "tidligere leder"
	WhyLate      = "fristen er overskredet"
)

// mostSteps is how far up a chain of leaders is followed: a directory can have rings.
const mostSteps = 20

// Assigner finds who is to look at whose rights on a day.
type Assigner struct {
	policy    Policy
	today     schedules.Date
	employees map[string]Employee
	units     map[string]Unit
	logins    map[string]Employee
	numbers   map[string][]string // Employee.IDs by CPR number
}

// NewAssigner prepares the staff for many questions.
func NewAssigner(staff Staff, policy Policy, today schedules.Date) *Assigner {
	a := &Assigner{policy: policy, today: today, employees: map[string]Employee{}, units: map[string]Unit{}, logins: map[string]Employee{}, numbers: map[string][]string{}}
	for _, e := range staff.Employees {
		a.employees[e.ID] = e
		if e.CPR != "" {
			a.numbers[e.CPR] = append(a.numbers[e.CPR], e.ID)
		}
		if e.Active && e.Login != "" {
			name := strings.ToLower(e.Login)
			if _, twice := a.logins[name]; twice {
				e = Employee{} // nobody's
			}
			a.logins[name] = e
		}
	}
	for _, u := range staff.Units {
		a.units[u.ID] = u
	}
	return a
}

// Leader is the nearest leader of a person who is somebody else and at work; climbed
// if it is not the nearest that the directory names. ok is false where there is none.
func (a *Assigner) Leader(e Employee) (leader Employee, climbed, ok bool) {
	for i, id := range a.chain(e) {
		if l, known := a.employees[id]; known && l.Active && !l.Is(e) {
			return l, i > 0, true
		}
	}
	return Employee{}, false, false
}

// chain are the leaders above a person, nearest first: the one that the directory
// names, then the unit's and those of the units above it.
func (a *Assigner) chain(e Employee) []string {
	var ids []string
	if e.Leader != "" {
		ids = append(ids, e.Leader)
	}
	unit := e.Unit
	for range mostSteps {
		u, ok := a.units[unit]
		if !ok {
			break
		}
		if u.Leader != "" && (len(ids) == 0 || ids[len(ids)-1] != u.Leader) {
			ids = append(ids, u.Leader)
		}
		unit = u.Parent
	}
	return ids
}

// Above is the leader of a leader, who is none of the people that a package is about.
func (a *Assigner) Above(leader string, about []Person) (Employee, bool) {
	e, ok := a.employees[leader]
	for range mostSteps {
		if !ok {
			break
		}
		next, _, found := a.Leader(e)
		if !found {
			break
		}
		if !slices.ContainsFunc(about, func(p Person) bool { return p.Is(next) }) && !next.Is(a.employees[leader]) {
			return next, true
		}
		e = next
	}
	return a.fallback(func(e Employee) bool {
		return e.ID == leader || e.Is(a.employees[leader]) || slices.ContainsFunc(about, func(p Person) bool { return p.Is(e) })
	})
}

// Reviewer is who looks at a person's rights on the day: the leader, whom the leader
// has put in his place, or the fallback. Never the person himself.
func (a *Assigner) Reviewer(e Employee) (Reviewer, bool) {
	leader, climbed, ok := a.Leader(e)
	if !ok {
		f, ok := a.fallback(e.Is)
		return a.As(f, WhyFallback), ok
	}
	why := ""
	if climbed {
		why = WhyClimbed
	}
	if d, ok := a.delegate(leader); ok && !d.Is(e) {
		return a.As(d, WhyDelegated), true
	}
	return a.As(leader, why), true
}

// As is an employee as the reviewer of a package, who may send it in.
func (a *Assigner) As(e Employee, why string) Reviewer {
	var also []string
	for _, id := range a.numbers[e.CPR] {
		if id != e.ID {
			also = append(also, id)
		}
	}
	return Reviewer{Also: also, ID: e.ID, Login: e.Login, Name: e.Name, Mail: e.Mail, Why: why, Sends: true}
}

// delegate is whom a leader has put in his place on the day.
func (a *Assigner) delegate(leader Employee) (Employee, bool) {
	for _, d := range a.policy.Delegations {
		if strings.EqualFold(d.From, leader.Login) && !a.today.Before(d.Begins) && !a.today.After(d.Ends) {
			if e, ok := a.logins[strings.ToLower(d.To)]; ok && e.ID != "" {
				return e, true
			}
		}
	}
	return Employee{}, false
}

func (a *Assigner) fallback(not func(Employee) bool) (Employee, bool) {
	for _, login := range a.policy.Fallback {
		if e, ok := a.logins[strings.ToLower(login)]; ok && e.ID != "" && !not(e) {
			return e, true
		}
	}
	return Employee{}, false
}
