package workbook

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"

	"byskriver/runner"
)

// setKey is the formula for the decision set of a row: the left of its own
// Kontrol. A sort moves cells and leaves validations and formats where they are,
// so that a rule must look at the row it finds itself in, never at a fixed list.
func setKey(row int) string {
	return fmt.Sprintf("LEFT($%s%d,%d)", colControl.letter(), row, keyLength)
}

// listFormula is the drop-down of a row: of the labels on the list sheet, those
// beside the row's key.
func listFormula(row int) string {
	key := setKey(row)
	return fmt.Sprintf("OFFSET(%s,MATCH(%s,%s,0)-1,0,COUNTIF(%s,%s),1)", rangeLabels, key, rangeKeys, rangeKeys, key)
}

// dropDown is the validation for all rows to last, with one formula that is read
// relative to the first.
func dropDown(last int) *excelize.DataValidation {
	dv := excelize.NewDataValidation(true)
	dv.SetSqref(fmt.Sprintf("%[1]s2:%[1]s%[2]d", colChoice.letter(), last))
	dv.SetSqrefDropList(listFormula(2))
	dv.SetError(excelize.DataValidationErrorStyleStop, "Vælg fra listen",
		"Den afgørelse kan ikke bruges her. Klik på pilen i cellen, og vælg en fra listen. Vil du skrive noget til sagen, så brug Bemærkning.")
	return dv
}

// mark is a conditional format over some cells.
type mark struct {
	cells string
	rules []excelize.ConditionalFormatOptions
}

// marks show what is overdue, what has been decided, and what a decision lacks.
func (w *writer) marks(last int) []mark {
	over := func(c column, style int, formula string) mark {
		return mark{fmt.Sprintf("%[1]s2:%[1]s%[2]d", c.letter(), last), []excelize.ConditionalFormatOptions{
			{Type: "formula", Criteria: formula, Format: ptr(style)},
		}}
	}
	choice, due := "$"+colChoice.letter()+"2", "$"+colDue.letter()+"2"
	lacks := func(c column, required string) string {
		return fmt.Sprintf(`AND(%s<>"",TRIM($%s2)="",COUNTIFS(%s,%s,%s,%s,%s,"%s")>0)`,
			choice, c.letter(), rangeKeys, setKey(2), rangeLabels, choice, required, yes)
	}
	return []mark{
		over(colDue, w.styles.markDue, fmt.Sprintf(`AND(%s<>"",%s<TODAY())`, due, due)),
		over(colChoice, w.styles.markTaken, fmt.Sprintf(`%s<>""`, choice)),
		over(colValue, w.styles.markLacks, lacks(colValue, rangeValues)),
		over(colNote, w.styles.markLacks, lacks(colNote, rangeNotes)),
	}
}

// maxTarget is the longest address that Excel follows.
const maxTarget = 2079

// linkTarget is an address as Excel takes it, or ok false if the link is left
// out: nothing in it may be carried out, and no CPR number may stand in it.
func linkTarget(s string) (target string, ok bool) {
	if s == "" || runner.Mask(s) != s || clean(s) != s || strings.ContainsAny(s, "\t\n") {
		return "", false
	}
	if rest, share := strings.CutPrefix(s, `\\`); share {
		host, file, _ := strings.Cut(strings.ReplaceAll(rest, `\`, "/"), "/")
		s = (&url.URL{Scheme: "file", Host: host, Path: "/" + file}).String()
	} else if len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') {
		s = (&url.URL{Scheme: "file", Path: "/" + strings.ReplaceAll(s, `\`, "/")}).String()
	}
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		ok = u.Host != ""
	case "file":
		ok = u.Path != ""
	case "":
		ok = u.Host == "" && u.Path != "" && !path.IsAbs(u.Path) && !strings.HasPrefix(u.Path, "#")
	}
	u.RawQuery = escapeQuery(u.RawQuery)
	target = u.String()
	return target, ok && len(target) <= maxTarget
}

// escapeQuery escapes what may not stand in an address: the net/url package
// leaves a query as it is.
func escapeQuery(q string) string {
	var b strings.Builder
	for _, c := range []byte(q) {
		if c <= ' ' || c >= 0x7F || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escapeFooter doubles the sign that begins a code in a footer.
func escapeFooter(s string) string { return strings.ReplaceAll(s, "&", "&&") }

// trimmed is a draft without blanks around.
func trimmed(d Draft) Draft {
	return Draft{strings.TrimSpace(d.Choice), strings.TrimSpace(d.Value), strings.TrimSpace(d.Note)}
}

// labelOf is what a drop-down says for a draft's choice, be it given as label or
// as action; a choice that is no longer there stays as it was written.
func labelOf(choice string, choices []runner.Choice) string {
	for _, c := range choices {
		if choice == c.Action || choice != "" && folded(choice) == folded(c.Label) {
			return c.Label
		}
	}
	return choice
}
