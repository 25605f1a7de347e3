package fleksloen

import "strings"

// Advice says for each code of this robot what a person does about it, for the
// workbook's overview. It is the end of the reason's own text, so that the two
// cannot say different things.
func (r *Robot) Advice() map[string]string {
	all := findingTexts()
	for _, c := range caseRules() {
		all[c.code] = c.text
	}
	for _, c := range criteria() {
		all[c.code] = c.text
	}
	for code, text := range all {
		if _, next, ok := strings.Cut(text, "{x}"); ok {
			text = next
		}
		if _, next, ok := strings.Cut(text, ". "); ok {
			text = next
		}
		all[code] = text
	}
	for code, text := range map[string]string{
		codeMissing:  "Partshør borgeren med lønsedlen.",
		codeApproval: "Se beregningen, og vælg Godkend.",
		codeRegulate: "Afgør, om der skal reguleres, og vælg derefter Godkend.",
		codeOther:    "Se den nye beregning, og godkend igen.",
	} {
		all[code] = text
	}
	return all
}
