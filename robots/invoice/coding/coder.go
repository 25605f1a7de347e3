package coding

import (
	"context"
	"encoding/json"

	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// Coder is one way to code an invoice. It is asked about an invoice that has
// passed every control and whose one voucher is known, and about no other.
//
// A Coder that decides by rules of its own records them with runner.Decide and is
// a runner.Ruler, so that `byskriver explain` can replay them; the robot hands its
// rules on. One that has something to do after a posting is a Follower.
type Coder interface {
	// Name is the way's name: "grant", "pattern". Records have it for ever.
	Name() string
	// Code says what this way would do with the invoice. It changes nothing but marks
	// of the item's own, and may be asked again after a stop. An error means that it could not find out: the
	// item is tried again. Not being able to code is an Answer.
	Code(ctx context.Context, c runner.Case, q Question) (Answer, error)
}

// Follower is a Coder that has something to do once an invoice has been posted,
// whichever way or person coded it: mark the grant paid, learn the correction.
// After a stop it is called again, so each change it makes goes through c.Once. In a
// shadow run it is called too, with nothing posted.
type Follower interface {
	Follow(ctx context.Context, c runner.Case, p Posted) error
}

// Keeper is a Coder with items of its own beside the invoices, such as a changed
// sheet that a second person must approve.
type Keeper interface {
	// Collect finds those items.
	Collect(ctx context.Context, found runner.Finder) error
	// Work takes an item of its own to its outcome; mine is false for any other.
	Work(ctx context.Context, c runner.Case) (mine bool, err error)
}

// Question is what a Coder is asked about.
type Question struct {
	Invoice reading.Invoice
	Area    string // the area of the unit with the invoice's EAN number
	Voucher string // the voucher's number in the portal
	Today   string // the day in Denmark, YYYY-MM-DD
	Coded   bool   // a way before this one codes the invoice: this one's word is for comparison
}

// Say is how an answer counts.
type Say string

// What a way can say.
const (
	Codes  Say = "codes"  // Coding is what it would post
	Passes Say = "passes" // it has nothing to say of this invoice: another way may code it
	Stops  Say = "stops"  // the invoice is its business and must go to a person, whatever others say
)

// Answer is what one way says about an invoice. It is recorded with the decision,
// so its JSON names never change.
type Answer struct {
	Way    string  `json:"way"` // the Coder's name; the robot fills it in
	Say    Say     `json:"say"`
	Coding *Coding `json:"coding,omitempty"` // where it codes
	// By is what it codes by, in Danish, such as "plan LK-107" or "bevilling B-17".
	By string `json:"by,omitempty"`
	// Why is one Danish sentence: why it codes so, stops, or has nothing to say. It
	// holds no CPR number.
	Why string `json:"why,omitempty"`
	// Code is the exception's code where it stops, or where it passes and nobody
	// else codes the invoice, such as "BEVILLING-FLERE".
	Code string `json:"code,omitempty"`
	// Proposal is what a person may copy into Værdi where nothing is posted, or "".
	Proposal string `json:"proposal,omitempty"`
	// Citizen says that the coding is found by the person that the invoice names. An
	// invoice that names one is posted only where a way says so.
	Citizen bool `json:"citizen,omitempty"`
	// Proof is the way's own, handed back to its Follow: the grant's number, say. It
	// is stored sealed with the posting.
	Proof json.RawMessage `json:"proof,omitempty"`
}

// MarkReturned is the kind of the mark of an item that was sent back or deleted, by its
// own number: whatever it held is free. It is stored, and never changes.
const MarkReturned = "returned"

// Posted is an invoice that has been posted.
type Posted struct {
	Question
	Coding Coding
	Way    string          // which way coded it: "plan", "credit", a Coder's name, or Person
	By     string          // what it was coded by; for Person the person's name
	Proof  json.RawMessage // the Answer's, where Way is the Coder's own
}

// The ways that are no Coder of their own.
const (
	Plan   = "plan"   // a payment plan
	Credit = "credit" // a credit note by the invoice it takes back
	Person = "person" // a person's decision
)
