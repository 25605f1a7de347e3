package review

import (
	"time"

	"byskriver/schedules"
)

// Criticality says how much harm a right can do, and so how often it is looked at.
type Criticality string

// The three classes, and how often each is reviewed unless the municipality says
// otherwise: every 3, 6 and 12 months.
const (
	Critical Criticality = "critical" // Kritisk
	Elevated Criticality = "elevated" // Forhøjet
	Ordinary Criticality = "ordinary" // Almindelig
)

// Danish is what staff read.
func (c Criticality) Danish() string {
	switch c {
	case Critical:
		return "Kritisk"
	case Elevated:
		return "Forhøjet"
	}
	return "Almindelig"
}

// Verdict is what somebody says of a right that a person holds.
type Verdict string

// The verdicts, and what staff press.
const (
	Keep   Verdict = "keep"   // Behold
	Remove Verdict = "remove" // Fjern
	Change Verdict = "change" // Ret: something about it is wrong; the reason says what
)

// Danish is what staff read.
func (v Verdict) Danish() string {
	switch v {
	case Keep:
		return "Behold"
	case Remove:
		return "Fjern"
	case Change:
		return "Ret"
	}
	return ""
}

// Decision is one verdict with whose it is.
type Decision struct {
	Verdict Verdict   `json:"verdict"`
	Reason  string    `json:"reason,omitempty"`
	By      string    `json:"by"`             // Employee.ID
	Name    string    `json:"name,omitempty"` // as he was called then
	At      time.Time `json:"at"`
}

// Held is one right that a person holds, frozen: what it was called and how it stood
// when the run was opened.
type Held struct {
	ID          string         `json:"id"` // within its package, such as r012; answers go by it
	Grant       Grant          `json:"grant"`
	Name        string         `json:"name"` // the right's
	Description string         `json:"description,omitempty"`
	Owner       string         `json:"owner,omitempty"`
	Criticality Criticality    `json:"criticality"`
	Since       schedules.Date `json:"since,omitzero"`      // when the robot saw it first
	Last        schedules.Date `json:"last,omitzero"`       // when it was laid before a leader last
	New         bool           `json:"new,omitempty"`       // came since it, or the person, was laid before a leader last
	Unusual     string         `json:"unusual,omitempty"`   // "" or why it stands out against peers, as a Danish hint
	Unused      string         `json:"unused,omitempty"`    // "" or that it has long not been used, as a Danish hint
	Explained   string         `json:"explained,omitempty"` // the role package, or the list of standard rights, that gives it; "" must be looked at
	Previous    *Decision      `json:"previous,omitempty"`
}

// Open reports whether somebody must decide on it; what is explained is shown only.
func (h Held) Open() bool { return h.Explained == "" }

// NeedsReason reports whether keeping it takes a reason.
func (h Held) NeedsReason() bool { return h.Criticality == Critical }

// InBulk reports whether it may be kept together with others by one press.
func (h Held) InBulk() bool { return h.Open() && h.Criticality != Critical && h.Unusual == "" }

// Person is one person of a package, with what he holds: new first, then the critical,
// then by system and name; what is explained last.
type Person struct {
	ID    string `json:"id"` // Employee.ID
	CPR   string `json:"cpr"`
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	Unit  string `json:"unit"` // the unit's name
	Held  []Held `json:"held"`
}

// Kind says why a package is laid before a leader.
type Kind string

// The kinds.
const (
	Regular Kind = "regular" // by the year wheel
	Move    Kind = "move"    // a person has come to another unit
)

// State is where a package stands.
type State string

// The states of a package.
const (
	Open State = "open" // to be answered
	Sent State = "sent" // answered and sent in, and not yet taken up
	Done State = "done" // taken up: what is to be removed is with IT
	Shut State = "shut" // ended without answers, by a person's decision or because everything in it is gone
)

// Reviewer is somebody who may open and answer a package.
type Reviewer struct {
	ID    string   `json:"id"` // Employee.ID
	Login string   `json:"login"`
	Name  string   `json:"name"`
	Mail  string   `json:"mail"`
	Why   string   `json:"why,omitempty"`  // "" nearest leader; otherwise why he has it, in Danish: stedfortræder, ...
	Also  []string `json:"also,omitempty"` // other Employee.IDs of the same person
	Sends bool     `json:"sends"`          // may send it in; the leader whom a person comes from answers only
}

// Package is what one reviewer looks at, frozen when its run was opened.
type Package struct {
	ID        string         `json:"id"`    // such as 2026-03-007; nothing personal
	Token     string         `json:"token"` // in the mail's link; finds the package, opens nothing
	Run       string         `json:"run"`   // such as 2026-03
	Kind      Kind           `json:"kind"`
	Unit      string         `json:"unit"` // the units' names
	Reviewers []Reviewer     `json:"reviewers"`
	People    []Person       `json:"people"`
	Opens     schedules.Date `json:"opens"`
	Due       schedules.Date `json:"due"`
	State     State          `json:"state"`
	Ended     schedules.Date `json:"ended,omitzero"`
}

// Held finds one right of the package and whose it is.
func (p Package) Held(id string) (Held, Person, bool) {
	for _, person := range p.People {
		if h, ok := first(person.Held, func(h Held) bool { return h.ID == id }); ok {
			return h, person, true
		}
	}
	return Held{}, Person{}, false
}

// Reviewer finds the reviewer that an employee is.
func (p Package) Reviewer(employee string) (Reviewer, bool) {
	return first(p.Reviewers, func(r Reviewer) bool { return employee != "" && r.ID == employee })
}

// Answers are what the reviewers have said of a package so far. They are kept apart
// from it: a package is the robot's to write, its answers are the pages'.
type Answers struct {
	Package   string              `json:"package"`
	Decisions map[string]Decision `json:"decisions"`         // by Held.ID
	Sent      time.Time           `json:"sent,omitzero"`     // when it was sent in
	SentBy    string              `json:"sent_by,omitempty"` // Employee.ID
}
