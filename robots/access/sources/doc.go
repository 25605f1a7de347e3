// Package sources makes the access robot's readings of the municipality's systems, and
// takes rights away in them: KSP/CICS over its screens (and its SPML service where that
// is configured), OS2rollekatalog, files of systems that have nothing else, and the staff
// from the directory. What pairs with whom is review.Pair's: an account carries the CPR
// number, or the directory's login where its system has none.
//
// A right's and an account's id are the source's own forms, and stable:
//   - KSP/CICS: the right is »profil;ejer« (the LOS short name, as its service writes it),
//     the account the user.
//   - OS2rollekatalog: the right is the role's number, the account the user's id.
//   - a file: as the municipality's columns say.
//
// Reading and correcting are two accounts everywhere: a source never has what it takes
// to correct.
package sources

import (
	"strings"
	"time"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/kspcics"
	"byskriver/schedules"
)

// date is a day as review has it; none of a zero time.
func date(t time.Time) schedules.Date {
	if t.IsZero() {
		return schedules.Date{}
	}
	return schedules.DateOf(t)
}

// rightID is a KSP/CICS right's id.
func rightID(r kspcics.Right) string { return r.Name + ";" + r.Owner }

// rightOf is the right that an id means; ok is false where it is none.
func rightOf(id string) (r kspcics.Right, ok bool) {
	i := strings.LastIndex(id, ";")
	if i <= 0 {
		return kspcics.Right{}, false
	}
	return kspcics.Right{Name: id[:i], Owner: id[i+1:]}, true
}

// seen collects each right of a system once.
type seen struct {
	ids    map[string]bool
	rights []review.Right
}

// add takes a right in unless it is there, and reports whether it was new.
func (s *seen) add(r review.Right) bool {
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	if s.ids[r.ID] {
		return false
	}
	s.ids[r.ID] = true
	s.rights = append(s.rights, r)
	return true
}
