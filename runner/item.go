package runner

import "time"

// State is where an item stands.
type State string

// The states of an item. It moves between the first four any number of times.
const (
	Ready     State = "ready"     // to be worked now
	Waiting   State = "waiting"   // to be worked later, by the robot's own wish
	Failed    State = "failed"    // tried and failed, to be tried again later
	Exception State = "exception" // on a person's list
	Done      State = "done"      // settled: the item's end
)

// Mode is how far a robot may go.
type Mode string

// The modes of a run are the first two; a robot's area has one of all four.
const (
	Live    Mode = "live"    // changes systems
	Shadow  Mode = "shadow"  // records what it would have changed
	Ramp    Mode = "ramp"    // as live, but a step of items at a time, each step checked by a person
	Stopped Mode = "stopped" // nothing is worked; items wait
)

// Item is one piece of work on its way to an outcome.
type Item struct {
	Number   string // what people and logs call it, such as invoice-2026-000123
	Robot    string
	Mode     Mode
	Key      string // the business key; may hold personal data
	Content  []byte // what Collect found
	Label    string // the case's number in the source system
	Source   string // where it came from
	Area     string
	Due      time.Time // zero if none
	Created  time.Time
	State    State
	Attempt  int    // how many times Work has been tried since the last decision, this one included
	Revision int    // counts the item's outcomes; a decision is for one revision
	Twin     string // the number of an earlier item with the same key and other content, or ""
	Decision *Decision
}

// Decision is what a person decided about an exception.
type Decision struct {
	Action         string    // the code of the choice taken, such as "post"
	Value          string    // what the choice needed, such as an account
	Note           string    // the person's remark
	By             string    // who decided
	At             time.Time // when it was read in
	Source, Digest string    // the file it was read from, and its SHA-256
}

// The choices that the runner itself understands; others go to Work as Item.Decision.
const (
	ActionRetry  = "retry"  // Prøv igen: the item is worked again
	ActionManual = "manual" // Behandlet manuelt: the item is done, by a person
	ActionAgree  = "agree"  // Enig: the robot may do a sampled item as it proposed
)

// Choice is one decision that a person may take about an exception.
type Choice struct {
	Action     string // code, such as "post"
	Label      string // what the drop-down says, such as "Bogfør"
	NeedsValue bool   // Værdi must be filled in
	NeedsNote  bool   // Bemærkning must be filled in
}

// Retry is the choice to have the robot try again.
func Retry() Choice { return Choice{Action: ActionRetry, Label: "Prøv igen"} }

// Agree is the choice to have a sampled item done as the robot proposed.
func Agree() Choice { return Choice{Action: ActionAgree, Label: "Enig, udfør forslaget"} }

// Manual is the choice to say that a person has done the work.
func Manual() Choice { return Choice{Action: ActionManual, Label: "Behandlet manuelt"} }
