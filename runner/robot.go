// Package runner holds the words that every part of the house shares: what a robot is, what
// an item is, how a case ends. It does no input or output, reads no clock and imports the
// standard library alone. How the words are made to happen stands below: runner/engine takes
// items to their outcomes, runner/store keeps what must not be lost, runner/runlog proves
// what happened, runner/workbook carries exceptions to people and back.
package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Robot is one automated task of the back office.
type Robot interface {
	Name() string // the folder's name, such as "invoice"; part of every item's number, never changed
	// Collect finds the work there is and reports each piece through found, which
	// stores it before it returns, or answers how a piece found before stands. An
	// error ends the collecting; what was found before it stays.
	Collect(ctx context.Context, found Finder) error
	// Work takes one item to its outcome: nil means done, Refuse an exception for
	// a person, Later waiting; any other error is tried again with backoff.
	Work(ctx context.Context, c Case) error
}

// About says what a robot is, for lists and sheets; in Danish but for the name.
type About struct{ Name, Title, Does string }

// Finder stores one found piece of work and tells how its item stands.
type Finder func(Found) (Standing, error)

// Found is a piece of work as Collect sees it.
type Found struct {
	Key     string    // the business key, the same whatever road the work came by; may hold personal data; an HMAC and sealed
	Content []byte    // what the item carries, usually JSON, sealed; the same key with other content is a new item and a question
	Same    string    // stands for Content in that, where a new program may read the same thing otherwise; a digest
	Label   string    // the case's number in the source system (Sag)
	Source  string    // where it came from, such as a file's name (Bevis, without other evidence)
	Area    string    // the part of the municipality that it belongs to (Område)
	Due     time.Time // the last day for the work (Frist); zero if there is none
	Again   bool      // an item found before that waits, or is listed, is worked now: what it waited for has come
}

// Standing tells Collect how a found piece of work stands.
type Standing struct {
	Number string // the item's number
	State  State  // the item's state now
	New    bool   // stored just now
}

// Settled reports whether what the item came from may be put away: it has ended.
func (s Standing) Settled() bool { return s.State == Done }

// Tryer is a robot that can judge a file without touching any system.
type Tryer interface {
	// Try returns what the robot would decide: one JSON object, or Lines() []any of such. What cannot be judged is no error.
	Try(ctx context.Context, file string) (any, error)
}

// Ruler is a robot whose decisions can be replayed from their recorded inputs.
type Ruler interface{ Rules() []Rule }

// DecisionChecker is a robot that can say, while a workbook is read, whether a
// decision makes sense. The error's text is shown to staff.
type DecisionChecker interface {
	CheckDecision(item Item, d Decision) error
}

// Payer is a robot whose decisions pay. Above the municipality's limit it takes two people.
type Payer interface {
	Pays(item Item, d Decision) (ore int64, err error) // what the decision lets be paid, in øre; 0 if nothing
}

// Rule is a pure rule: the same input gives the same verdict, byte for byte.
type Rule struct {
	Name string
	run  func(input json.RawMessage) (json.RawMessage, error)
}

// NewRule names a pure function. I and V must survive a trip through JSON unchanged.
func NewRule[I, V any](name string, apply func(I) V) Rule {
	return Rule{Name: name, run: func(input json.RawMessage) (json.RawMessage, error) {
		var in I
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, fmt.Errorf("read the input of rule %s: %w", name, err)
		}
		return json.Marshal(apply(in))
	}}
}

// Replay applies the rule to a recorded input and returns the verdict as JSON.
func (r Rule) Replay(input json.RawMessage) (json.RawMessage, error) { return r.run(input) }

// Decide applies a rule to an input and has the case record both, for `byskriver
// explain` years later. The rule sees the input as recorded, not the value in memory.
func Decide[V any](ctx context.Context, c Case, rule Rule, input any) (V, error) {
	var verdict V
	in, err := json.Marshal(input)
	if err != nil {
		return verdict, fmt.Errorf("record the input of rule %s: %w", rule.Name, err)
	}
	out, err := rule.Replay(in)
	if err != nil {
		return verdict, err
	}
	if err := c.Decided(ctx, Decided{Rule: rule.Name, Input: in, Verdict: out}); err != nil {
		return verdict, fmt.Errorf("record the decision of rule %s: %w", rule.Name, err)
	}
	if err := json.Unmarshal(out, &verdict); err != nil {
		return verdict, fmt.Errorf("read the verdict of rule %s: %w", rule.Name, err)
	}
	return verdict, nil
}

// Decided is one recorded decision of a pure rule.
type Decided struct {
	Rule    string          `json:"rule"`
	Input   json.RawMessage `json:"input"`
	Verdict json.RawMessage `json:"verdict"`
}
