package review

import (
	"time"

	"byskriver/schedules"
)

// Stage is where a removal stands.
type Stage string

// The stages of a removal.
const (
	Proposed Stage = "proposed" // a leader wants it gone; IT has not looked at it
	Approved Stage = "approved" // IT has agreed; the robot takes it away
	Rejected Stage = "rejected" // IT has said no, and why
	Gone     Stage = "gone"     // taken away and read back
	Stuck    Stage = "stuck"    // on a person's list: it could not be taken away, or still stands
	Returned Stage = "returned" // was gone, and a later reading has it again
	ByHand   Stage = "by-hand"  // a person has taken it over and settled it outside of the robot
	Paused   Stage = "paused"   // IT has agreed; a package under way may say otherwise
	Over     Stage = "over"     // a newer decision than the one that it comes of counts
)

// Ended reports whether nothing more is to come.
func (s Stage) Ended() bool { return s == Rejected || s == Gone || s == ByHand || s == Over }

// Removal is one right that is to be taken from one person, on its way from a leader's
// word to the system.
type Removal struct {
	ID       string   `json:"id"` // the package's with the right's, such as 2026-03-007-r012; nothing personal
	Package  string   `json:"package"`
	Unit     string   `json:"unit"`   // the unit's name
	Person   string   `json:"person"` // Employee.ID
	CPR      string   `json:"cpr"`
	Name     string   `json:"name"` // the person's
	Held     Held     `json:"held"`
	Decision Decision `json:"decision"`        // the leader's
	Taken    string   `json:"taken,omitempty"` // the item by which the leader's answers were taken up, as the run log calls it

	Reviewers []string `json:"reviewers,omitempty"` // Employee.IDs of all who had the package
	SentBy    string   `json:"sent_by,omitempty"`   // Employee.ID of who sent it in

	Stage    Stage     `json:"stage"`
	Approval *Approval `json:"approval,omitempty"`
	Applied  time.Time `json:"applied,omitzero"` // read back as gone
	Settled  time.Time `json:"settled,omitzero"` // when the robot saw that a person had settled it
	Item     string    `json:"item,omitempty"`   // the item that took it away, as the run log calls it
	Note     string    `json:"note,omitempty"`   // why it is stuck, or what came of it
	Only     bool      `json:"only,omitempty"`   // as a page is handed it: Note says why it can only be turned down
}

// Approval is IT's word on a removal.
type Approval struct {
	Agreed bool      `json:"agreed"`
	Reason string    `json:"reason,omitempty"` // a refusal must have one
	By     string    `json:"by"`               // Employee.ID
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
}

// Finding is something that is not a leader's to judge, for IT.
type Finding struct {
	Code    string         `json:"code"` // such as KONTO-UDEN-PERSON
	System  string         `json:"system"`
	Account string         `json:"account,omitempty"`
	Person  string         `json:"person,omitempty"` // Employee.ID, where one is known
	Text    string         `json:"text"`             // one Danish sentence or two, without a CPR number: what, and what to do
	Rights  int            `json:"rights,omitempty"` // how many rights the account holds
	LastUse schedules.Date `json:"last_use,omitzero"`
}
