// Package limits is the hand on the brake of each existing system: how many items may be in
// it at once and enter a second, when it is open, that it is left alone while it is in
// trouble, and that a wrong password is tried once. What is known of a system stands in the
// store, one row a system, so that it holds for all programs on all machines; the rules are
// pure functions of that row and the time. A system without limits costs a look at memory.
package limits

import (
	"fmt"
	"time"

	"byskriver/runner"
	"byskriver/schedules"
)

// Rules are what the municipality's configuration says of one system.
type Rules struct {
	AtOnce      int              // items in it at once, over all machines; 0 is without limit
	PerSecond   float64          // items that enter it a second, over all machines; 0 is without limit
	Hours       *schedules.Hours // when it is open; nil is always
	Maintenance []Closure        // announced in the configuration
	Trips       int              // troubles in a row that open the breaker; 0 is no breaker
	Rest        time.Duration    // how long it is left alone then; twice as long after each try in vain
	Longest     time.Duration    // the longest such rest
}

// Closure is a time in which a system is closed, announced by a person.
type Closure struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // exclusive
	By   string    `json:"by,omitempty"`
	Why  string    `json:"why,omitempty"`
}

// Codes of items that wait at a system's closed door.
const (
	CodeHours       = "SYSTEM-LUKKET"      // outside of opening hours
	CodeMaintenance = "SYSTEM-VEDLIGEHOLD" // announced maintenance
	CodeTrouble     = "SYSTEM-I-FEJL"      // the breaker is open
	CodeFull        = "SYSTEM-OPTAGET"     // others have all places, or all turns for a while
	CodePassword    = "ADGANGSKODE-AFVIST" // the password was refused
	CodeTurn        = "ADGANGSKODE-PRØVES" // somebody else tries the password just now
)

// Closed is a closed door. An item that meets it waits; it does not fail.
type Closed struct {
	System string
	runner.Postponed
}

// Error names the system and why.
func (c *Closed) Error() string {
	return fmt.Sprintf("%s is closed: %s", c.System, c.Postponed.Error())
}

// Unwrap has the engine take it for the waiting that it is.
func (c *Closed) Unwrap() error { return &c.Postponed }

// ByPlan reports whether the door is closed by opening hours or announced maintenance: no
// news for anybody.
func (c *Closed) ByPlan() bool { return c.Code == CodeHours || c.Code == CodeMaintenance }

// patience is how long items wait at a door that only a person opens, before they look again
// by themselves.
const patience = 30 * 24 * time.Hour

// Closed is why nobody may enter now, or nil. password is the digest of the password that the
// robots have now.
func (r Rules) Closed(system string, s State, now time.Time, password string) *Closed {
	say := func(until time.Time, code, text string, args ...any) *Closed {
		return &Closed{system, runner.Postponed{Until: until, Code: code, Text: fmt.Sprintf(text, args...)}}
	}
	if s.Password.refuses(password) {
		text := s.Password.Text
		if text == "" {
			text = fmt.Sprintf("%s afviser robottens adgangskode.", system)
		}
		return say(now.Add(patience), CodePassword, "%s Sagen venter på, at det bliver rettet.", text)
	}
	if c, ok := r.maintained(s, now); ok {
		why := c.Why
		if why != "" {
			why = " (" + why + ")"
		}
		return say(c.To, CodeMaintenance, "%s er lukket for vedligehold%s til %s. Sagen venter.", system, why, moment(c.To))
	}
	if at := r.Hours.Opens(now); at.After(now) {
		return say(at, CodeHours, "%s holder lukket til %s. Sagen venter.", system, moment(at))
	}
	if b := s.Breaker; b != nil && now.Before(b.Until) {
		return say(b.Until, CodeTrouble, "%s svarer ikke, som det skal, og lades i fred til %s. Sagen venter.", system, moment(b.Until))
	}
	return nil
}

// maintained is the announced closure that holds now and ends last.
func (r Rules) maintained(s State, now time.Time) (last Closure, ok bool) {
	for _, list := range [][]Closure{r.Maintenance, s.Closures} {
		for _, c := range list {
			if !now.Before(c.From) && now.Before(c.To) && c.To.After(last.To) {
				last, ok = c, true
			}
		}
	}
	return last, ok
}

// moment is a time as staff read it.
func moment(t time.Time) string {
	if zone, err := schedules.Copenhagen(); err == nil {
		t = t.In(zone)
	}
	return "kl. " + t.Format("15:04 02-01-2006")
}
