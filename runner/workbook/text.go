package workbook

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"byskriver/runner"
)

// Excel's limits for the text of one cell ("Excel specifications and limits",
// Microsoft). Lengths are in UTF-16 code units.
const (
	maxChars  = 32767
	maxBreaks = 253
)

// shortened ends a text that was too long for a cell.
const shortened = "… (forkortet)"

// cellText makes s fit to stand in a cell: CPR numbers masked, characters that
// XML forbids removed, cut to what a cell holds, and harmless as a formula.
// unguard brings it back, as far as it was not masked, cleaned or cut.
func cellText(s string) string {
	if digitsIn(s) >= 10 { // fewer make no CPR number, and most texts have fewer
		s = runner.Mask(s)
	}
	return guard(cut(clean(s)))
}

func digitsIn(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// clean removes what a cell cannot hold. _xHHHH_ is Excel's own way to write a
// character; excelize writes such a text safely, but not two that share a line,
// nor one that stands for half a character: a blank sets those apart.
func clean(s string) string {
	if plain(s) {
		return s
	}
	s = printable(s)
	if !strings.Contains(s, "_x") {
		return s
	}
	s = halfEscape.ReplaceAllString(s, "$1 _")
	for sharedEscape.MatchString(s) {
		s = sharedEscape.ReplaceAllString(s, "$1 $2")
	}
	return s
}

// printable removes the characters that XML forbids. Line ends become \n, as
// Excel has them.
func printable(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\t' || r == '\n' || r >= ' ' && r != 0xFFFE && r != 0xFFFF:
			return r
		}
		return -1
	}, s)
}

var (
	sharedEscape = regexp.MustCompile(`(_x[0-9A-Fa-f]{4}_)(x[0-9A-Fa-f]{4}_)`)
	halfEscape   = regexp.MustCompile(`(_x[Dd][89A-Fa-f][0-9A-Fa-f]{2})_`)
)

// plain reports whether s is printable ASCII without Excel's escape, which most
// texts are.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '_' && i+1 < len(s) && s[i+1] == 'x' {
			return false
		}
	}
	return true
}

// cut shortens s to what a cell holds, the mark of guard included, and says so at
// the end. Line ends beyond Excel's number become blanks.
func cut(s string) string {
	if len(s) <= maxBreaks {
		return s
	}
	if strings.Count(s, "\n") > maxBreaks {
		at, n := 0, 0
		for at = range s {
			if s[at] == '\n' {
				if n++; n > maxBreaks {
					break
				}
			}
		}
		s = s[:at] + strings.ReplaceAll(s[at:], "\n", " ")
	}
	room := maxChars - 1
	if units(s) <= room {
		return s
	}
	room -= units(shortened)
	for i, r := range s {
		if room -= runeUnits(r); room < 0 {
			return s[:i] + shortened
		}
	}
	return s
}

// units is the length of s in UTF-16 code units, the way Excel counts.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += runeUnits(r)
	}
	return n
}

func runeUnits(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// guard puts an apostrophe before a text that a spreadsheet could take for a
// formula: in the cell itself it is a string anyway, but not after somebody has
// edited it or carried it through a CSV file.
func guard(s string) string {
	if risky(s) {
		return "'" + s
	}
	return s
}

// unguard takes away the apostrophe that guard put there.
func unguard(s string) string {
	if strings.HasPrefix(s, "'") && risky(s[1:]) {
		return s[1:]
	}
	return s
}

// risky reports whether s, after any apostrophes, begins as a formula does (also
// behind blanks, and with the full-width signs that some versions take), or with
// a tab or line end. Since apostrophes are passed over, guard and unguard are
// each other's inverse.
func risky(s string) bool {
	s = strings.TrimLeft(s, "'")
	if s == "" {
		return false
	}
	if s[0] == '\t' || s[0] == '\r' || s[0] == '\n' {
		return true
	}
	s = strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("=+-@\uFF1D\uFF0B\uFF0D\uFF20", r)
}
