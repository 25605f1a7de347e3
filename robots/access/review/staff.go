// Package review has the words of a review of authorisations, and its rules: who holds
// what, who is to look at it and when, what an answer must have, and what is not for
// a leader but for IT. It is pure: no input or output, no clock; the same input gives
// the same result. Every type survives a trip through JSON unchanged.
package review

import (
	"slices"
	"strings"

	"byskriver/schedules"
)

// Employee is one person of the staff, as the directory has him.
type Employee struct {
	ID     string         `json:"id"`              // the directory's own, stable and not personal; never a CPR number
	CPR    string         `json:"cpr,omitempty"`   // ten digits; "" where the directory has none
	Name   string         `json:"name"`            //
	Title  string         `json:"title,omitempty"` // the position, by which peers are alike
	Mail   string         `json:"mail,omitempty"`
	Login  string         `json:"login,omitempty"`  // how the identity provider names him; compared without regard to case
	Unit   string         `json:"unit"`             // Unit.ID
	Leader string         `json:"leader,omitempty"` // Employee.ID of the nearest leader, where the directory names one; "" is the unit's
	Active bool           `json:"active"`           // false: the directory has the person as gone, or switched off
	Left   schedules.Date `json:"left,omitzero"`    // the first day on which the person is gone, if known
}

// Unit is one part of the organisation.
type Unit struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Parent string `json:"parent,omitempty"` // Unit.ID; "" at the top
	Leader string `json:"leader,omitempty"` // Employee.ID; "" where there is none
}

// Staff is everybody, as the directory was read once.
type Staff struct {
	Read      schedules.Date `json:"read"`
	Employees []Employee     `json:"employees"`
	Units     []Unit         `json:"units"`
}

// Employee finds a person by id.
func (s Staff) Employee(id string) (Employee, bool) {
	return first(s.Employees, func(e Employee) bool { return id != "" && e.ID == id })
}

// ByLogin finds an active person by the name that the identity provider gives. A name
// that two have is nobody's.
func (s Staff) ByLogin(login string) (Employee, bool) {
	var found []Employee
	for _, e := range s.Employees {
		if e.Active && SameLogin(e.Login, login) {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		return Employee{}, false
	}
	return found[0], true
}

// SameLogin reports whether two names are one user's, and neither is missing.
func SameLogin(a, b string) bool { return b != "" && strings.EqualFold(a, b) }

// Unit finds a unit by id.
func (s Staff) Unit(id string) (Unit, bool) {
	return first(s.Units, func(u Unit) bool { return id != "" && u.ID == id })
}

func first[T any](list []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}
