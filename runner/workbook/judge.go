package workbook

import (
	"crypto/subtle"
	"fmt"
	"strings"

	"byskriver/runner"
)

// maskMark is what runner.Mask leaves of a CPR number. A draft that was carried
// over can hold it where a person had written ten digits.
const maskMark = "******-****"

// judge sorts a file's rows into decisions, drafts and errors.
type judge struct {
	options ReadOptions
	lists   map[string][]runner.Choice
	result  Import
}

// ours is an entry that fits its code.
type ours struct {
	entry
	number   string
	revision int
	choices  []runner.Choice
}

// all judges every entry. First each by itself, whether it is ours and current;
// then those of one number together; then what was written in it.
func (j *judge) all(found *findings) error {
	j.result.Errors = found.errors
	var rows []ours
	for _, e := range found.entries {
		o, ok := j.authentic(e)
		if !ok {
			continue
		}
		ok, err := j.current(o)
		if err != nil {
			return err
		}
		if ok {
			rows = append(rows, o)
		}
	}
	for _, o := range j.single(rows) {
		j.content(o)
	}
	return nil
}

func (j *judge) refuse(e *entry, code, text string, args ...any) {
	j.result.Errors = append(j.result.Errors, RowError{
		Sheet: e.sheet, Row: e.row, Number: e.text(colNumber), Code: code, Text: fmt.Sprintf(text, args...),
	})
}

// authentic checks a row against its code.
func (j *judge) authentic(e entry) (ours, bool) {
	o, code, reason := authentic(j.options, j.lists, e)
	if code != "" {
		j.refuse(&e, code, "%s", reason)
	}
	return o, code == ""
}

func authentic(options ReadOptions, lists map[string][]runner.Choice, e entry) (o ours, code, text string) {
	number := e.text(colNumber)
	if number == "" {
		return o, "number-missing", "Rækken har intet Nr. Skriv afgørelsen i sagens egen række."
	}
	revision, ok := e.revision()
	key, sum, _ := strings.Cut(e.text(colControl), "-")
	choices := lists[key]
	if ok && sum != "" && choices == nil {
		return o, "list-missing", "Listen over afgørelser mangler i filen. Skriv afgørelsen i den fil, som listen kom i; rækker kan ikke flyttes til et andet regneark."
	}
	if !ok || subtle.ConstantTimeCompare([]byte(sum), []byte(codeOf(options.Ring, number, revision, e.text(colCode), setText(choices)))) != 1 {
		return o, "tampered", "Nr, Kode, Revision eller Kontrol er ændret i rækken. Skriv afgørelsen i en frisk fil, hvor de står, som de kom."
	}
	return ours{entry: e, number: number, revision: revision, choices: choices}, "", ""
}

// current asks the caller whether the row is still for the item as it stands.
func (j *judge) current(o ours) (bool, error) {
	if j.options.Standing == nil {
		return true, nil
	}
	revision, listed, err := j.options.Standing(o.number)
	switch {
	case err != nil:
		return false, fmt.Errorf("find the standing of %s: %w", o.number, err)
	case !listed:
		j.refuse(&o.entry, "not-listed", "Sagen er ikke længere på listen, og afgørelsen er ikke brugt. Slå sagen op, hvis noget skal laves om.")
	case revision != o.revision:
		j.refuse(&o.entry, "stale", "Sagen har ændret sig, siden filen blev lavet (filen har revision %d, sagen %d). Se den i den nyeste fil, og tag stilling igen.", o.revision, revision)
	default:
		return true, nil
	}
	return false, nil
}

// copies are the rows of one number.
type copies struct {
	first int // the first of them
	agree bool
	where []string
}

// single takes each number once. A row that was copied is taken if the copies
// agree; if not, none of them is, since nobody can know which was meant.
func (j *judge) single(rows []ours) []ours {
	var taken []ours
	byNumber := copiesOf(rows)
	for i, o := range rows {
		switch c := byNumber[o.number]; {
		case !c.agree:
			j.refuse(&o.entry, "twice", "Nr %s står flere gange med forskelligt indhold (%s). Lad kun den ene have en afgørelse.",
				o.number, strings.Join(c.where, ", "))
		case c.first == i:
			taken = append(taken, o)
		}
	}
	return taken
}

func copiesOf(rows []ours) map[string]*copies {
	byNumber := map[string]*copies{}
	for i, o := range rows {
		c := byNumber[o.number]
		if c == nil {
			c = &copies{first: i, agree: true}
			byNumber[o.number] = c
		}
		c.agree = c.agree && rows[c.first].says() == o.says()
		if len(c.where) < 5 {
			c.where = append(c.where, fmt.Sprintf("række %d på %s", o.row, o.sheet))
		}
	}
	return byNumber
}

// said is what a row says, as far as two rows can differ in it.
type said struct {
	revision            int
	choice, value, note string
}

func (o *ours) says() said {
	return said{o.revision, folded(o.text(colChoice)), o.text(colValue), o.text(colNote)}
}

// content judges what was written in a row that is ours.
func (j *judge) content(o ours) {
	e := &o.entry
	for _, c := range []column{colChoice, colValue, colNote} {
		if code, text := unreadable(c, e.cells[c]); code != "" {
			j.refuse(e, code, "%s", text)
			return
		}
	}
	d := Draft{e.text(colChoice), e.text(colValue), e.text(colNote)}
	if d.Choice == "" {
		j.result.Drafts = append(j.result.Drafts, Saved{o.number, o.revision, d})
		return
	}
	c, ok := j.choice(o, d.Choice)
	switch {
	case !ok:
	case c.NeedsValue && d.Value == "":
		j.refuse(e, "value-missing", "%s kræver, at Værdi er udfyldt.", c.Label)
	case c.NeedsNote && d.Note == "":
		j.refuse(e, "note-missing", "%s kræver, at Bemærkning er udfyldt.", c.Label)
	default:
		j.result.Decisions = append(j.result.Decisions, Decision{
			Number: o.number, Revision: o.revision, Action: c.Action, Value: d.Value, Note: d.Note, Sheet: e.sheet, Row: e.row,
		})
	}
}

// choice finds the choice that a label stands for, among those of the row.
func (j *judge) choice(o ours, label string) (runner.Choice, bool) {
	var labels []string
	for _, c := range o.choices {
		if folded(c.Label) == folded(label) {
			return c, true
		}
		labels = append(labels, c.Label)
	}
	code, what := "choice-unknown", "kendes ikke"
	for _, list := range j.lists {
		for _, c := range list {
			if folded(c.Label) == folded(label) {
				code, what = "choice-not-allowed", "kan ikke bruges på denne sag"
			}
		}
	}
	j.refuse(&o.entry, code, "Afgørelsen »%s« %s. Vælg en af disse: %s.", firstUnits(label, 80), what, strings.Join(labels, ", "))
	return runner.Choice{}, false
}

// unreadable tells what cannot be taken from a cell: in Værdi whatever Excel has
// made something else of, anywhere a formula without a value or an error.
func unreadable(c column, v value) (code, text string) {
	name := headings[c]
	switch v.kind {
	case fault, uncomputed:
		return "cell-unreadable", name + " er en formel uden et brugbart resultat. Skriv teksten selv i cellen."
	case date:
		if c == colValue {
			return "value-date", "Excel har gjort Værdi til en dato (" + v.text + "). Formatér cellen som Tekst, og skriv værdien igen."
		}
	case percent, truth:
		if c == colValue {
			return "value-unreadable", "Excel har gjort Værdi til noget andet (" + v.text + "). Formatér cellen som Tekst, og skriv værdien igen."
		}
	case rounded:
		if c == colValue {
			return "value-rounded", "Tallet i Værdi har flere cifre, end Excel kan huske. Formatér cellen som Tekst, og skriv det igen."
		}
	}
	if c == colValue && strings.Contains(v.text, maskMark) {
		return "value-masked", "Værdi er dækket til, fordi den ligner et CPR-nummer. Skriv den igen."
	}
	return "", ""
}
