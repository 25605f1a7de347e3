package workbook

import (
	"fmt"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"byskriver/runner"
)

// maxSheetName is the longest name of a sheet, in UTF-16 code units.
const maxSheetName = 31

// sheetNames gives every sheet a name that Excel takes and that no other sheet
// has, whatever the case.
type sheetNames map[string]bool

// take is the name for a sheet that should be called title; of a robot's second
// and further sheets, n is 2, 3 and so on.
func (taken sheetNames) take(title string, n int) string {
	base := sheetName(title)
	for ; ; n++ {
		name := base
		if n > 1 {
			tail := fmt.Sprintf(" (%d)", n)
			name = strings.TrimRight(firstUnits(base, maxSheetName-len(tail)), " '") + tail
		}
		if !taken[folded(name)] {
			taken[folded(name)] = true
			return name
		}
		if n < 1 {
			n = 1
		}
	}
}

// sheetName takes away what Excel forbids in a sheet's name: \ / ? * : [ ], an
// apostrophe first or last, and the name History, which it keeps for itself.
func sheetName(title string) string {
	s := clean(runner.Mask(title))
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`\/?*:[]`, r) || r < ' ' {
			return '-'
		}
		return r
	}, s)
	s = strings.Trim(firstUnits(strings.Trim(s, " '"), maxSheetName), " '")
	switch {
	case s == "":
		return "Robot"
	case strings.EqualFold(s, "History"):
		return s + "-"
	}
	return s
}

// firstUnits cuts s to n UTF-16 code units.
func firstUnits(s string, n int) string {
	for i, r := range s {
		if n -= runeUnits(r); n < 0 {
			return s[:i]
		}
	}
	return s
}

// quoted is a sheet's name as formulas and links write it.
func quoted(sheet string) string { return "'" + strings.ReplaceAll(sheet, "'", "''") + "'" }

// folded is a text as it is compared with another that a person wrote: without
// regard to case, blanks and the ways to encode a letter.
func folded(s string) string {
	return cases.Fold().String(norm.NFC.String(strings.Join(strings.Fields(s), " ")))
}
