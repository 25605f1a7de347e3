package plans

import (
	"strings"
	"unicode/utf8"

	"byskriver/runner"
)

// MaxText is how many characters the posting's text field takes.
const MaxText = 50

// placeholders are what a plan's text may name, with what stands there instead.
// The supplier's name is the plan's own, which was approved; the invoice's was not.
var placeholders = []struct {
	name string
	fill func(inv Invoice, p Plan) string
}{
	{"{fakturanr}", func(inv Invoice, _ Plan) string { return inv.Number }},
	{"{dato}", func(inv Invoice, _ Plan) string { return inv.IssueDate.Danish() }},
	{"{måned}", func(inv Invoice, _ Plan) string { return inv.IssueDate.monthName() }},
	{"{år}", func(inv Invoice, _ Plan) string { return inv.IssueDate.year() }},
	{"{leverandør}", func(_ Invoice, p Plan) string { return p.Supplier }},
	{"{plan}", func(_ Invoice, p Plan) string { return p.Number }},
	{"{ean}", func(inv Invoice, _ Plan) string { return inv.EAN }},
}

// postingText fills the placeholders of a plan's text and cuts it to MaxText
// characters. A CPR number (some suppliers use one as invoice number) is masked
// before anything is cut, so that no part of it is left. The invoice's issue
// date must be valid.
func postingText(inv Invoice, p Plan) string {
	var pairs []string
	for _, ph := range placeholders {
		pairs = append(pairs, ph.name, ph.fill(inv, p))
	}
	s := runner.Mask(clean(strings.NewReplacer(pairs...).Replace(p.Text)))
	if utf8.RuneCountInString(s) <= MaxText {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:MaxText]))
}

// placeholderFault says what is wrong with the placeholders of a text, or "".
func placeholderFault(s string) string {
	for _, ph := range placeholders {
		s = strings.ReplaceAll(s, ph.name, "")
	}
	if !strings.ContainsAny(s, "{}") {
		return ""
	}
	var names []string
	for _, ph := range placeholders {
		names = append(names, ph.name)
	}
	return "Teksten har en krøllet parentes, som ikke hører til en kendt pladsholder. Brug kun " + listing(names) + "."
}
