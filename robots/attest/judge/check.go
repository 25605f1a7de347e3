package judge

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// placeholders are what can stand in braces within a line.
func placeholders() []string { return []string{"titel", "cpr", "navn", "dato", "nr"} }

// Check tells what is wrong with a type's forms: each must show the title, one
// number, one name and one sentence, and the clean sentence must stand nowhere else.
func Check(t Type) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if !settled(t.Title) {
		say("title is missing, or has blanks at its ends or two in a row")
	}
	if !settled(t.Clean) {
		say("clean is missing, or has blanks at its ends or two in a row")
	}
	if t.Refusal != "" && (!settled(t.Refusal) || t.Refusal == t.Clean) {
		say("refusal has blanks at its ends or two in a row, or is the clean sentence")
	}
	if len(t.Forms) == 0 {
		say("forms is missing: without a known page every answer goes to people")
	}
	for i, f := range t.Forms {
		for _, text := range t.checkForm(f) {
			say("form %d: %s", i+1, text)
		}
	}
	return wrong
}

// settled reports whether a text can be a line as linesOf gives it.
func settled(s string) bool { l := linesOf(s); return len(l) == 1 && l[0] == s }

func (t Type) checkForm(f Form) []string {
	var wrong []string
	count := map[string]int{}
	for n, line := range f {
		if !settled(line) {
			wrong = append(wrong, fmt.Sprintf("line %d is blank, or has blanks at its ends or two in a row", n+1))
		}
		if line == "{ren}" || line == "{afslag}" {
			count["sentence"]++
			continue
		}
		if strings.Contains(line, t.Clean) && t.Clean != "" {
			wrong = append(wrong, fmt.Sprintf("line %d has the clean sentence in it; write {ren} alone on the line", n+1))
		}
		literal, rest, any := strings.Cut(line, "{")
		name, after, closed := strings.Cut(rest, "}")
		switch {
		case strings.ContainsAny(literal, "}") || strings.ContainsAny(after, "{}"):
			wrong = append(wrong, fmt.Sprintf("line %d has more than one pair of braces", n+1))
		case any && (!closed || !slices.Contains(placeholders(), name)):
			wrong = append(wrong, fmt.Sprintf("line %d: {%s} is not known; known are {titel}, {cpr}, {navn}, {dato}, {nr}, and {ren} and {afslag} alone on their lines", n+1, name))
		case any:
			count[name]++
		}
	}
	for name, what := range map[string]string{"titel": "{titel}", "cpr": "{cpr}", "navn": "{navn}", "sentence": "{ren} or {afslag}"} {
		if count[name] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s must stand in it exactly once, and does so %d times", what, count[name]))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// isName reports whether a text is a name and nothing else.
func isName(s string) bool {
	if s == "" || len([]rune(s)) > 140 || len(strings.Fields(s)) > 12 {
		return false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !strings.ContainsRune(" -'.’", r) {
			return false
		}
	}
	return true
}

// months are the months as Danish texts write them.
func months() []string {
	return []string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}
}

// isDate reports whether a text is a date and nothing else: 2. marts 2026 or
// 02-03-2026.
func isDate(s string) bool {
	if parts := strings.Split(s, "-"); len(parts) == 3 {
		return digits(parts[0], 2, 2) && digits(parts[1], 2, 2) && digits(parts[2], 4, 4)
	}
	parts := strings.Split(s, " ")
	if len(parts) != 3 {
		return false
	}
	day, dot := strings.CutSuffix(parts[0], ".")
	return dot && digits(day, 1, 2) && slices.Contains(months(), parts[1]) && digits(parts[2], 4, 4)
}

func digits(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

// isReference reports whether a text is a case number and nothing else.
func isReference(s string) bool {
	const may = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/"
	return s != "" && len(s) <= 20 && strings.Trim(s, may) == "" && strings.ContainsAny(s, "0123456789")
}
