package review

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Codes of removals that are not made, though IT agreed.
const (
	CodeExplained = "RET-FORKLARET-NU"
	CodeForeign   = "KONTO-SKIFTET-PERSON"
)

// Current is what is known of a removal at the moment at which it is to be approved or made.
type Current struct {
	Removal   string    // Removal.ID
	Decided   time.Time // when the leader decided it
	Last      *Decision // what was said of the right last, whatever the package; nil where nothing is known
	Under     string    // a package of the person that is under way and may say otherwise
	Moved     bool      // the person is in another unit, and no package has been made of it yet
	Explained string    // what gives the person the right by now
	Foreign   bool      // the account is not plainly the person's any more
}

// Stand is what may be done about a removal now. All empty: it may be approved and made.
type Stand struct {
	Over *Decision // the newer decision that has ended it
	Wait string    // what it waits for, in Danish
	Code string    // why a person must look at it first
	Why  string    // the same in Danish
}

// Free reports whether the removal may be approved and made.
func (s Stand) Free() bool { return s == Stand{} }

// Said is what stands in the way, in Danish.
func (s Stand) Said() string {
	if s.Over != nil {
		return fmt.Sprintf("%s har siden svaret %s.", s.Over.Name, s.Over.Verdict.Danish())
	}
	return s.Wait + s.Why
}

// Stands holds a removal against what has come since it was decided: the newest decision
// counts, during a move nothing is taken away, and what is no longer a question of the
// leader's is a person's.
func Stands(c Current) Stand {
	switch {
	case c.Last != nil && c.Last.Verdict != Remove && !c.Last.At.Before(c.Decided):
		return Stand{Over: c.Last}
	case c.Under != "":
		return Stand{Wait: "Et nyere svar om personens rettigheder er på vej i pakke " + c.Under + ". Intet tages væk, før den er behandlet."}
	case c.Moved:
		return Stand{Wait: "Personen er flyttet til en anden enhed. Intet tages væk, før den nye leder har svaret."}
	case c.Foreign:
		return Stand{Code: CodeForeign, Why: "Kontoen passer ikke længere til den person, som lederen svarede om."}
	case c.Explained != "":
		return Stand{Code: CodeExplained, Why: "Personen har nu rettigheden for sit arbejde: " + c.Explained + "."}
	}
	return Stand{}
}

// Now is what staff, policy, a reading of its system (nil where there is none) and the
// memory of its person say of a removal. Under is not known from these.
func (x Removal) Now(staff Staff, policy Policy, reading *Reading, memory Memory) Current {
	g := x.Held.Grant
	c := Current{Removal: x.ID, Decided: x.Decision.At, Last: memory.Grants[g.Key()].Decision}
	if e, ok := staff.Employee(x.Person); ok {
		c.Moved = e.Active && memory.Unit != "" && memory.Unit != e.Unit
		c.Explained = policy.explains(e, g)
	}
	if reading == nil {
		return c
	}
	// An account that the reading does not have is looked for in the system itself.
	if a, ok := first(reading.Accounts, func(a Account) bool { return a.ID == g.Account }); ok {
		c.Foreign = !x.isOf(a, staff, policy)
	}
	return c
}

// isOf reports whether an account is still plainly the person's whom a leader was asked about.
func (x Removal) isOf(a Account, staff Staff, policy Policy) bool {
	if _, robot := policy.robot(a); robot {
		return false
	}
	if a.CPR != "" && x.CPR != "" {
		return a.CPR == x.CPR
	}
	his, others := false, 0
	for _, e := range staff.Employees {
		fits := a.CPR != "" && e.CPR == a.CPR || a.CPR == "" && SameLogin(a.Login, e.Login)
		mine := e.ID == x.Person || x.CPR != "" && e.CPR == x.CPR
		his = his || fits && mine
		others += yes(fits && !mine && e.Active)
	}
	return his && others == 0
}

// Same are the ids under which the directory has one person: the one asked for first, then
// those with the same CPR number, gone ones too.
func (s Staff) Same(id string) []string {
	ids := []string{id}
	e, ok := s.Employee(id)
	if !ok || e.CPR == "" {
		return ids
	}
	for _, o := range s.Employees {
		if o.CPR == e.CPR && o.ID != id {
			ids = append(ids, o.ID)
		}
	}
	slices.Sort(ids[1:])
	return ids
}

// Is reports whether two employees of the directory are one person: by id or by CPR number.
func (e Employee) Is(o Employee) bool {
	return e.ID != "" && e.ID == o.ID || e.CPR != "" && e.CPR == o.CPR
}

// Is reports whether an employee is the person of a package.
func (p Person) Is(e Employee) bool { return e.Is(Employee{ID: p.ID, CPR: p.CPR}) }

// Is reports whether a reviewer is whoever has an id.
func (r Reviewer) Is(employee string) bool {
	return employee != "" && (r.ID == employee || slices.Contains(r.Also, employee))
}

// Newer tells in Danish what has ended a removal, and when by the given form of a time.
func (d Decision) Newer(moment string) string {
	return strings.TrimSpace(fmt.Sprintf("Erstattet af et nyere svar: %s, %s %s", d.Verdict.Danish(), d.Name, moment))
}
