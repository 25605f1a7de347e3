package runner

import (
	"context"
	"encoding/json"
	"time"
)

// Case is what Work is given: the item, and the engine's services for it.
type Case interface {
	Item() Item     // as it stood when it was claimed
	Now() time.Time // by the engine's clock
	// Once makes one change in an existing system exactly once, or returns an error.
	// What an earlier attempt has changed is not changed again: its receipt returns.
	Once(ctx context.Context, step Step, find Find, do Do) (Receipt, error)
	// Begun reports whether an earlier attempt may have made the change of that name, and gives
	// its plan. Work then goes straight to Once: what it would look for first may be gone.
	Begun(ctx context.Context, step string, plan any) (bool, error)
	// Enter waits for a place in a system that takes few at once; leave gives it back.
	Enter(ctx context.Context, system string) (leave func(), err error)
	Decided(ctx context.Context, d Decided) error // records a decision of a pure rule; use Decide
	LookUp(ctx context.Context, l LookUp) error   // logs a look-up of a person's data, before it is made
	// Sample is asked when the rules allow the item, before its first change. nil means go
	// on. Otherwise it is the refusal (CodeSample), for Work to pass on, of an item drawn for
	// a person to judge: the proposal is what the robot would do, Agree one of the choices.
	Sample(ctx context.Context, proposal string, choices ...Choice) error
	// Reserve notes a mark and returns other items' marks of its kind and key in the period
	// (days, both included), oldest first; of two worked at once the later sees the earlier.
	Reserve(ctx context.Context, m Mark, from, to time.Time) ([]Mark, error)
	Label(label string)                                   // what the source system calls the case; goes with the outcome
	Keep(ctx context.Context, e Evidence) (string, error) // stores evidence, sealed, and returns its name
}

// Step names one change in an existing system.
type Step struct {
	Name   string // unique within the item and stable for ever, such as "post"
	System string // the system's name in the configuration, such as "opus"
	Plan   any    // what is about to be changed, as JSON with no more of a person than the item has; stored sealed
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

// Find asks the system, by business key, whether the change is there. It changes nothing.
type Find func(ctx context.Context) (Sight, error)

// Do makes the change. After an error not marked with NotDone it may have been made.
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

// Read decodes the receipt into v; in a shadow run it returns ErrShadow, for Work to pass on.
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

// Mark is a note for later items of the robot, such as "this plan paid an invoice that day".
type Mark struct {
	Kind   string    // such as "plan"
	Key    string    // such as the plan's number; may hold personal data, stored as an HMAC
	On     time.Time // the day it counts for
	Sticky bool      // stays when the item ends as an exception; otherwise it is taken back then

	Item    string // what Reserve returns has these too: the number of the item that left it
	State   State  // how that item stands
	Earlier bool   // it was left before this item's own
}

// Evidence is something to be shown to a person later.
type Evidence struct {
	Name string // a file name with its ending, such as "skaermbillede.png"
	Data []byte // CPR numbers masked already
}

// Shelf keeps a robot's own papers between runs, such as an approved plan sheet, sealed.
type Shelf interface {
	Paper(ctx context.Context, name string) (p Paper, ok bool, err error) // the newest of that name, or ok false
	Put(ctx context.Context, p Paper) error                               // on top; earlier ones stay beneath for explain
}

// Paper is one version of something a robot keeps.
type Paper struct {
	Name string
	Data []byte
	By   []string // who made it and who approved it
	At   time.Time
}
