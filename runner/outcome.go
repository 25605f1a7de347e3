package runner

import (
	"errors"
	"fmt"
	"time"
)

// Refusal is the outcome of an item that the rules give to a person.
type Refusal struct {
	Code     string   // short and stable, such as "EAN-MANGLER"
	Text     string   // one Danish sentence or two: why, and what to do next
	Proposal string   // what the robot would suggest, or ""
	Choices  []Choice // the decisions this exception allows
}

// Error makes a refusal returnable from Work.
func (r *Refusal) Error() string { return r.Code + ": " + r.Text }

// Refuse gives the item to a person. No choices named means Retry and Manual.
func Refuse(code, text, proposal string, choices ...Choice) error {
	if len(choices) == 0 {
		choices = []Choice{Retry(), Manual()}
	}
	return &Refusal{Code: code, Text: text, Proposal: proposal, Choices: choices}
}

// Postponed is the outcome of an item that waits by the robot's own wish.
type Postponed struct {
	Until time.Time
	Code  string // why, such as "BILAG-MANGLER"
	Text  string // one Danish sentence
}

// Error makes a postponement returnable from Work.
func (p *Postponed) Error() string { return p.Code + ": " + p.Text }

// Later has the item worked again at the given time. It is no failure.
func Later(until time.Time, code, text string) error {
	return &Postponed{Until: until, Code: code, Text: text}
}

// NotDone marks an error from a step's Do as one after which the system is certain
// to stand unchanged: it refused, or was never reached. nil stays nil.
func NotDone(err error) error {
	if err == nil {
		return nil
	}
	return &notDone{err}
}

type notDone struct{ error }

func (n *notDone) Unwrap() error { return n.error }

// IsNotDone reports whether err carries the mark of NotDone.
func IsNotDone(err error) bool {
	var n *notDone
	return errors.As(err, &n)
}

// TroubleKind tells what is wrong with a system as a whole.
type TroubleKind string

// The kinds of trouble. The first two stop the robot, the third is tried again.
const (
	ScreenChanged TroubleKind = "screen_changed" // a page is not the page that was expected
	SignInRefused TroubleKind = "sign_in_refused"
	Unavailable   TroubleKind = "unavailable" // slow, closed, cut off, or in error
)

// Trouble is an error that says something about a system, not about the item.
type Trouble struct {
	Kind   TroubleKind
	System string
	Text   string // one Danish sentence for the list: what is wrong and what to do
	Err    error
}

// Error names the system and what happened.
func (t *Trouble) Error() string {
	if t.Err != nil {
		return fmt.Sprintf("%s: %s: %s: %v", t.System, t.Kind, t.Text, t.Err)
	}
	return fmt.Sprintf("%s: %s: %s", t.System, t.Kind, t.Text)
}

// Unwrap gives the error that showed the trouble.
func (t *Trouble) Unwrap() error { return t.Err }

// ErrShadow is for where a shadow run would need a change's result. Work passes it on: done as far as can be.
var ErrShadow = errors.New("shadow run ends here: the next step needs a result that was not produced")

// Codes that the engine itself gives to exceptions.
const (
	CodeUncertain = "USIKKER-UDFØRELSE" // it is not known whether a change was made
	CodeGaveUp    = "GENTAGNE-FEJL"     // tried as often as configured, never with luck
	CodeSample    = "STIKPRØVE"         // drawn for a person to judge
	CodeTwin      = "ANDET-INDHOLD"     // the same key was found before with other content
	CodePanic     = "PROGRAMFEJL"       // the robot itself broke on this item
)
