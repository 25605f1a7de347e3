package plans

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing about a sheet that somebody should know.
type Problem struct {
	Code   string `json:"code"`   // short and stable, such as ARK-CVR
	Sheet  string `json:"sheet"`  // the sheet's name; "" where the whole file is meant
	Row    int    `json:"row"`    // as Excel counts, from 1; 0 where no row is meant
	Column string `json:"column"` // the heading, or ""
	Cell   string `json:"cell"`   // such as K14, or ""
	Text   string `json:"text"`   // Danish: what is wrong and what to do; CPR numbers masked
	Fatal  bool   `json:"fatal"`  // the sheet is refused
}

// String is the problem as staff read it, with its place before it.
func (p Problem) String() string {
	var place []string
	if p.Sheet != "" {
		place = append(place, "Fanen "+quoted(p.Sheet))
	}
	if p.Row > 0 {
		place = append(place, fmt.Sprintf("række %d", p.Row))
	}
	if p.Column != "" {
		place = append(place, "kolonnen "+quoted(p.Column))
	}
	if p.Cell != "" {
		place = append(place, "celle "+p.Cell)
	}
	if len(place) == 0 {
		return p.Text
	}
	return strings.Join(place, ", ") + ": " + p.Text
}

// Refused reports whether a sheet with these problems is refused.
func Refused(problems []Problem) bool {
	for _, p := range problems {
		if p.Fatal {
			return true
		}
	}
	return false
}

// The codes of problems. Those marked notice do not refuse the sheet.
const (
	ProblemFile        = "ARK-FIL"           // no xlsx workbook, or a damaged one
	ProblemEncrypted   = "ARK-ADGANGSKODE"   // protected with a password
	ProblemSize        = "ARK-STØRRELSE"     // larger than the limits allow
	ProblemSheet       = "ARK-FANE"          // a sheet is missing
	ProblemColumn      = "ARK-KOLONNE"       // a column is missing, unknown or there twice
	ProblemRows        = "ARK-RÆKKER"        // too many rows
	ProblemEmpty       = "ARK-TOM"           // no plan at all
	ProblemMerged      = "ARK-FLETTET"       // merged cells
	ProblemHidden      = "ARK-SKJULT"        // notice: hidden rows, columns or sheets
	ProblemFormula     = "ARK-FORMEL"        // a formula that failed or was never calculated
	ProblemMissing     = "ARK-MANGLER"       // an empty cell that must be filled in
	ProblemForm        = "ARK-FORM"          // a value that is not of the column's kind
	ProblemChoice      = "ARK-VALG"          // an unknown choice word
	ProblemLength      = "ARK-LÆNGDE"        // a text that is too long
	ProblemCVR         = "ARK-CVR"           // no CVR number by modulus 11
	ProblemEAN         = "ARK-EAN"           // no EAN number by its check digit
	ProblemAccount     = "ARK-KONTO"         // both or neither of PSP-element and Omkostningssted
	ProblemNegative    = "ARK-NEGATIV"       // an amount below zero
	ProblemAmounts     = "ARK-BELØB"         // from is above to
	ProblemDates       = "ARK-DATOER"        // valid from is after valid to
	ProblemAgent       = "ARK-AGENT"         // forward to nobody
	ProblemAgentUnused = "ARK-AGENT-UBRUGT"  // notice: an agent who is never forwarded to
	ProblemTwice       = "ARK-DOBBELT"       // a plan number or a check that stands twice
	ProblemOverlap     = "ARK-OVERLAP"       // two plans that could take the same invoice
	ProblemPlaceholder = "ARK-PLADSHOLDER"   // an unknown placeholder in a text
	ProblemPersonal    = "ARK-PERSONNUMMER"  // what looks like a CPR number
	ProblemMore        = "ARK-FLERE-PROBLEM" // more problems than are listed
)

// fault is a problem without its place.
type fault struct{ code, text string }

// found gathers problems up to a limit.
type found struct {
	list   []Problem
	limits FileLimits
	over   bool
}

// add keeps a problem, or notes that there were more.
func (f *found) add(p Problem) {
	if len(f.list) < f.limits.Problems {
		f.list = append(f.list, p)
		return
	}
	if p.Fatal && !f.over {
		f.over = true
		f.list = append(f.list, Problem{Code: ProblemMore, Fatal: true,
			Text: fmt.Sprintf("Der er flere problemer end de %d, der er vist. Ret dem først, og indlæs arket igen.", f.limits.Problems)})
	}
}

// sorted gives the problems in the order of the file: the file's own, then sheet
// by sheet, row by row.
func (f *found) sorted() []Problem {
	place := func(p Problem) int {
		if p.Code == ProblemMore {
			return 3
		}
		return slices.Index([]string{"", PlanSheet, AlwaysSheet}, p.Sheet)
	}
	slices.SortStableFunc(f.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Row, b.Row))
	})
	return f.list
}

// full reports whether more problems would not be listed.
func (f *found) full() bool { return f.over }
