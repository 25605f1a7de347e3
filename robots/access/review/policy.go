package review

import (
	"slices"
	"strings"

	"byskriver/schedules"
)

// Policy is what the municipality itself decides: the file adgange.yaml.
type Policy struct {
	Pace        map[Criticality]int // months from one time that a right is laid before a leader to the next
	Most        int                 // people in a package
	Days        int                 // from a package's opening to its last day
	MoveDays    int                 // the same for a person who has come to another unit
	Remind      []int               // days before the last day on which the reviewer is reminded
	Patience    int                 // days after the last day, when the leader's leader has it, until a person is told
	Default     Criticality         // of a right that no rule names
	Rights      []RightRule         // the first that fits counts
	Roles       []Role
	Standard    []RightRef // what everybody may keep, in whatever unit
	Robots      []AccountRef
	Delegations []Delegation
	Fallback    []string // logins of those who review where there is no leader, the first who is not the person himself
	IT          []string // logins of those who approve removals
	Peers       Peers
	Stale       int // months without use after which a person is told so; 0 never
}

// RightRef names rights of a system: exactly, or with * at the end all that begin so.
type RightRef struct {
	System string `json:"system"`
	Right  string `json:"right"`
}

func (r RightRef) fits(g Grant) bool { return r.System == g.System && like(r.Right, g.Right) }

func like(pattern, s string) bool {
	begin, open := strings.CutSuffix(pattern, "*")
	return pattern == s || open && strings.HasPrefix(s, begin)
}

// RightRule is what the municipality says of rights.
type RightRule struct {
	RightRef
	Criticality Criticality
	Name        string // "" as the system says
	Description string
	Owner       string
}

// Role is a role package: what people of a position, in a unit, have for their work.
type Role struct {
	Name   string
	Titles []string // none is every position
	Units  []string // Unit.ID; none is every unit
	Rights []RightRef
}

func (r Role) fits(e Employee) bool {
	return (len(r.Titles) == 0 || slices.ContainsFunc(r.Titles, func(t string) bool { return strings.EqualFold(t, e.Title) })) &&
		(len(r.Units) == 0 || slices.Contains(r.Units, e.Unit))
}

// AccountRef names an account that a robot or a system signs in with.
type AccountRef struct {
	System, Account string
	Owner           string // who answers for it
}

// Delegation lets somebody review in a leader's place, from a day to a day, both included.
type Delegation struct {
	From, To     string // logins
	Begins, Ends schedules.Date
}

// Peers says when a right is unusual.
type Peers struct {
	Least int // people of the same position that it takes to compare
	Share int // per cent: held by fewer of them than this it is unusual
}

// rule is what the municipality says of a right, with the default.
func (p Policy) rule(g Grant) RightRule {
	r, ok := first(p.Rights, func(r RightRule) bool { return r.fits(g) })
	if !ok {
		r.Criticality = p.Default
	}
	return r
}

// Standing is what the list of standard rights is called where it explains a right.
const Standing = "standardrettighed"

// explains names what gives a person a right: the list of standard rights, or a role
// package; "" for nothing.
func (p Policy) explains(e Employee, g Grant) string {
	fits := func(r RightRef) bool { return r.fits(g) }
	if slices.ContainsFunc(p.Standard, fits) {
		return Standing
	}
	if role, ok := first(p.Roles, func(r Role) bool { return r.fits(e) && slices.ContainsFunc(r.Rights, fits) }); ok {
		return role.Name
	}
	return ""
}

func (p Policy) robot(a Account) (AccountRef, bool) {
	return first(p.Robots, func(r AccountRef) bool { return r.System == a.System && strings.EqualFold(r.Account, a.ID) })
}

// MayApprove reports whether a login is one of IT's.
func (p Policy) MayApprove(login string) bool {
	return login != "" && slices.ContainsFunc(p.IT, func(l string) bool { return strings.EqualFold(l, login) })
}
