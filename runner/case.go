package runner

import (
	"context"
	"encoding/json"
	"time"
)

// Case is what Work is given: the item, and the engine's services for it.
type Case interface {
	// Item is the item as it stood when it was claimed.
	Item() Item
	// Now is the time by the engine's clock.
	Now() time.Time
	// Once makes one change in an existing system exactly once, or returns an
	// error; see Step. A change that was made by an earlier attempt is not made
	// again: its receipt is returned.
	Once(ctx context.Context, step Step, find Find, do Do) (Receipt, error)
	// Begun reports whether an earlier attempt set out to make the change of that
	// name and may have made it, and gives the plan it had. Work then goes straight
	// to Once with that plan: what it would look for first may be gone by now.
	Begun(ctx context.Context, step string, plan any) (bool, error)
	// Enter waits for a place in a system that bounds how many may work in it at
	// once, and returns the function that leaves it.
	Enter(ctx context.Context, system string) (leave func(), err error)
	// Decided records a decision of a pure rule. Use Decide.
	Decided(ctx context.Context, d Decided) error
	// LookUp logs that a person's data is about to be looked up, before it is.
	LookUp(ctx context.Context, l LookUp) error
	// Reserve notes a mark for this item and returns the other items' marks of the
	// same kind and key in the period (days, both included), oldest first, in one
	// transaction, so that of two items worked at once the later one sees the
	// earlier.
	Reserve(ctx context.Context, m Mark, from, to time.Time) ([]Mark, error)
	// Label says what the case is called in the source system, once that is known;
	// it goes with the item's outcome.
	Label(label string)
	// Keep stores evidence about the item, sealed, and returns its name.
	Keep(ctx context.Context, e Evidence) (string, error)
}

// Step names one change in an existing system.
type Step struct {
	Name   string // unique within the item and stable for ever, such as "post"
	System string // the system's name in the configuration, such as "opus"
	// Plan says what is about to be changed, as JSON without personal data beyond
	// what the item itself carries. Stored sealed with the intent.
	Plan any
}

// Certainty is what a look in the system can tell about a change.
type Certainty int

// What Find can answer. The zero value is the careful one.
const (
	CannotTell Certainty = iota // the system does not say
	Absent                      // the change is not there, as far as the system shows now
	Present                     // the change is there
	Different                   // something is there that is not what was meant
)

// Sight is the answer of Find.
type Sight struct {
	Certainty Certainty
	Receipt   any    // what is there (Present), encoded as JSON
	Text      string // for CannotTell and Different: a Danish sentence for the person who must look
}

// Find asks the system, by business key, whether the change is there. It must
// not change anything.
type Find func(ctx context.Context) (Sight, error)

// Do makes the change. Any error that is not marked with NotDone means that it
// is not known whether the change was made.
type Do func(ctx context.Context) error

// Receipt is what the system shows of a change that was made.
type Receipt struct {
	shadow bool
	data   json.RawMessage
}

// NewReceipt wraps what the system showed. Engines call it; robots do not.
func NewReceipt(data json.RawMessage) Receipt { return Receipt{data: data} }

// ShadowReceipt stands for a change that a shadow run did not make.
func ShadowReceipt() Receipt { return Receipt{shadow: true} }

// Read decodes the receipt into v. In a shadow run it returns ErrShadow, which
// Work passes on.
func (r Receipt) Read(v any) error {
	if r.shadow {
		return ErrShadow
	}
	return json.Unmarshal(r.data, v)
}

// JSON is the receipt as it is stored; nil in a shadow run.
func (r Receipt) JSON() json.RawMessage { return r.data }

// LookUp is one look-up of a person's data, logged before it is made.
type LookUp struct {
	Subject string // the person's CPR number, ten digits
	System  string
	Purpose string // the legal or work purpose, in Danish
}

// Mark is a note that an item leaves for later items of its robot, such as "this
// plan paid an invoice on this date".
type Mark struct {
	Kind   string    // such as "plan"
	Key    string    // such as the plan's number; may hold personal data, stored as an HMAC
	On     time.Time // the day it counts for
	Sticky bool      // stays when the item ends as an exception; otherwise it is taken back then

	// Set by the store in what Reserve returns.
	Item    string // the number of the item that left it
	State   State  // how that item stands
	Earlier bool   // that item was found before this one
}

// Evidence is something to be shown to a person later.
type Evidence struct {
	Name string // a file name with its ending, such as "skaermbillede.png"
	Data []byte // CPR numbers masked already
}

// Shelf keeps a robot's own papers between runs, such as the approved version of
// a plan sheet. Papers are sealed at rest.
type Shelf interface {
	// Paper returns the newest paper of that name, or ok false.
	Paper(ctx context.Context, name string) (p Paper, ok bool, err error)
	// Put lays a paper on top. Earlier ones stay beneath for explain.
	Put(ctx context.Context, p Paper) error
}

// Paper is one version of something a robot keeps.
type Paper struct {
	Name string
	Data []byte
	By   []string // who made it and who approved it
	At   time.Time
}
