package review

import (
	"strings"
	"time"

	"byskriver/schedules"
)

// Account is one user of a system, as the system has it.
type Account struct {
	System       string         `json:"system"`
	ID           string         `json:"id"`              // the system's name for the user
	CPR          string         `json:"cpr,omitempty"`   // ten digits; "" where the system has none
	Login        string         `json:"login,omitempty"` // the directory's login, for a system that has no CPR number
	Name         string         `json:"name,omitempty"`
	Unit         string         `json:"unit,omitempty"`         // in the system's own words
	Active       bool           `json:"active"`                 // may be signed in with
	LastUse      schedules.Date `json:"last_use,omitzero"`      // signed in last; none where the system does not say
	Transactions int            `json:"transactions,omitempty"` // KSP/CICS: how many transactions the user's rights add up to, where read
}

// Right is what one can be given in a system, as readable as the system says it.
// Its criticality is the municipality's word, not the system's.
type Right struct {
	System      string `json:"system"`
	ID          string `json:"id"`   // what makes it that one in the system, in a form of the source's own
	Name        string `json:"name"` // readable
	Description string `json:"description,omitempty"`
	Owner       string `json:"owner,omitempty"` // who answers for it in the municipality
}

// Grant is one right that one account holds.
type Grant struct {
	System  string         `json:"system"`
	Account string         `json:"account"`         // Account.ID
	Right   string         `json:"right"`           // Right.ID
	Scope   string         `json:"scope,omitempty"` // what it is cut down to (dataudsnit, unit); part of what makes the grant that one
	LastUse schedules.Date `json:"last_use,omitzero"`
	Via     string         `json:"via,omitempty"` // what gives it where it was not given by itself (a position, a role group): the robot cannot take it away
}

// Key tells one grant from every other.
func (g Grant) Key() string {
	return strings.Join([]string{g.System, g.Account, g.Right, g.Scope}, "\x1f")
}

// Reading is a whole system, read once. What it does not have is not there: a source
// that could not read everything returns an error and no reading.
type Reading struct {
	System   string    `json:"system"`
	At       time.Time `json:"at"` // when the reading began
	Accounts []Account `json:"accounts"`
	Rights   []Right   `json:"rights"`
	Grants   []Grant   `json:"grants"`
}
