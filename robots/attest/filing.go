package attest

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"

	"byskriver/robots/attest/rules"
	"byskriver/robots/internal/digitalpost"
	"byskriver/robots/internal/sbsys"
	"byskriver/runner"
	"byskriver/schedules"
)

// filing is what is filed of a clean certificate. It holds no word of it.
type filing struct {
	Record   string `json:"record"`
	Message  string `json:"message"` // its id
	Case     int    `json:"case"`
	Part     int    `json:"part,omitempty"` // 0 is the case itself
	Number   string `json:"number"`         // the case's, for people
	Heading  string `json:"heading"`
	Text     string `json:"text"`               // of the note
	Document string `json:"document,omitempty"` // its name; "" files the note alone
}

// Steps of filing.
const (
	stepNote     = "note"
	stepDocument = "dokument"
)

// Lines of a note that are read again.
const (
	noteHeading = "Attest: "
	noteType    = "Type: "
	noteCode    = "Kode: "
	noteBasis   = "Hjemmel: "
	notePost    = "Stilling: "
	noteOrdered = "Bestilt: "
	noteDate    = "Dato: "
	noteOutcome = "Udfald: ren"
	noteMessage = "Besked: "
	noteGone    = "Selve attesten er slettet."
	noteStored  = "Selve attesten er journaliseret som: "
	lineBreak   = "<br/>"
)

// plan finds the person's one personnel case, and the sub-case, and says what is to
// be filed there. None or more than one is for people.
func (r *Robot) plan(ctx context.Context, c runner.Case, rec record, message string, answered schedules.Date) (filing, error) {
	cs, err := r.personnelCase(ctx, c, rec.Order.CPR, "Journalisering af attest på personalesagen")
	if err != nil {
		return filing{}, err
	}
	p := filing{Record: rec.Name, Message: message, Case: cs.ID, Number: cs.Number, Heading: noteHeading + r.typeName(rec.Need.Type)}
	if title := r.settings.Policy.Part; title != "" {
		parts, err := r.systems.Cases.Parts(ctx, cs.ID)
		if err != nil {
			return p, fmt.Errorf("read the sub-cases: %w", err)
		}
		for _, part := range parts {
			switch {
			case part.Title != title:
			case p.Part != 0:
				return p, caseRefusal("DELFORLØB-FLERE", "Personalesagen "+cs.Number+" har flere delforløb med navnet »"+title+"«. Få det ene omdøbt eller afsluttet, og vælg Prøv igen.")
			default:
				p.Part = part.ID
			}
		}
		if p.Part == 0 {
			return p, caseRefusal("DELFORLØB-MANGLER", "Personalesagen "+cs.Number+" har intet delforløb med navnet »"+title+"«. Opret det, og vælg Prøv igen.")
		}
	}
	if r.settings.Policy.Filing == StoreClean {
		until := r.today().AddDays(r.settings.Policy.Document)
		p.Document = fmt.Sprintf("%s, slettes %s (%s)", r.typeName(rec.Need.Type), danish(until), message)
	}
	p.Text = noteText(r.typeName(rec.Need.Type), rec, message, answered, p.Document)
	return p, nil
}

// noteText is what the note says: type, basis, dates, outcome and the message's id.
func noteText(name string, rec record, message string, answered schedules.Date, document string) string {
	lines := []string{noteType + name, noteCode + rec.Need.Type, noteBasis + rec.Need.Basis, notePost + rec.Order.Post, noteOrdered + rec.Sent.String(),
		noteDate + answered.String(), noteOutcome, noteMessage + message}
	if document == "" {
		lines = append(lines, noteGone)
	} else {
		lines = append(lines, noteStored+document)
	}
	for i, l := range lines {
		lines[i] = html.EscapeString(l)
	}
	return strings.Join(lines, lineBreak)
}

// personnelCase is the person's one active personnel case. The look-up is logged.
func (r *Robot) personnelCase(ctx context.Context, c runner.Case, cpr, purpose string) (sbsys.Case, error) {
	if err := c.LookUp(ctx, runner.LookUp{Subject: cpr, System: sbsys.Name, Purpose: purpose}); err != nil {
		return sbsys.Case{}, err
	}
	found, err := r.systems.Cases.Cases(ctx, cpr)
	if err != nil {
		return sbsys.Case{}, fmt.Errorf("look for the personnel case: %w", err)
	}
	switch len(found) {
	case 0:
		return sbsys.Case{}, caseRefusal("SAG-MANGLER", "Medarbejderen har ingen aktiv personalesag. Opret den, og vælg Prøv igen.")
	case 1:
		return found[0], nil
	}
	return sbsys.Case{}, caseRefusal("SAG-FLERE", "Medarbejderen har flere aktive personalesager. Få ryddet op, så der er én, og vælg Prøv igen.")
}

// caseRefusal leaves it to people to mend the case: until then nothing is filed, and
// the certificate is kept as long as any answer that people look at.
func caseRefusal(code, text string) error {
	return runner.Refuse(code, text, "", runner.Retry(), chooseApprove())
}

// file files the note, and by policy the certificate, each exactly once.
func (r *Robot) file(ctx context.Context, c runner.Case, p filing, pdf []byte) error {
	c.Label(p.Number)
	if p.Document != "" {
		find := func(ctx context.Context) (runner.Sight, error) { return r.findDocument(ctx, p) }
		do := func(ctx context.Context) error {
			return r.systems.Cases.AddDocument(ctx, sbsys.NewDocument{Case: p.Case, Part: p.Part, Name: p.Document, File: p.Message + ".pdf", Data: pdf})
		}
		if _, err := c.Once(ctx, runner.Step{Name: stepDocument, System: sbsys.Name, Plan: p}, find, do); err != nil && !errors.Is(err, runner.ErrShadow) {
			return err
		}
	}
	find := func(ctx context.Context) (runner.Sight, error) { return r.findNote(ctx, p) }
	do := func(ctx context.Context) error {
		return r.systems.Cases.AddNote(ctx, sbsys.NewNote{Case: p.Case, Part: p.Part, Heading: p.Heading, Text: p.Text, At: r.clock.Now()})
	}
	receipt, err := c.Once(ctx, runner.Step{Name: stepNote, System: sbsys.Name, Plan: p}, find, do)
	if err != nil {
		return err
	}
	var id int
	return receipt.Read(&id)
}

// findNote looks for the note of this message on the case.
func (r *Robot) findNote(ctx context.Context, p filing) (runner.Sight, error) {
	notes, err := r.systems.Cases.Notes(ctx, p.Case)
	if err != nil {
		return runner.Sight{}, fmt.Errorf("look for the note: %w", err)
	}
	var ids []int
	for _, n := range notes {
		if strings.Contains(n.Text, noteMessage+p.Message) {
			ids = append(ids, n.ID)
		}
	}
	return sight(ids, "Personalesagen "+p.Number+" har flere notater om samme attest."), nil
}

// findDocument looks for the certificate of this message on the case.
func (r *Robot) findDocument(ctx context.Context, p filing) (runner.Sight, error) {
	documents, err := r.systems.Cases.Documents(ctx, p.Case)
	if err != nil {
		return runner.Sight{}, fmt.Errorf("look for the document: %w", err)
	}
	var ids []int
	for _, d := range documents {
		if strings.Contains(d.Name, "("+p.Message+")") {
			ids = append(ids, d.ID)
		}
	}
	return sight(ids, "Personalesagen "+p.Number+" har samme attest flere gange."), nil
}

func sight(ids []int, many string) runner.Sight {
	switch len(ids) {
	case 0:
		return runner.Sight{Certainty: runner.Absent}
	case 1:
		return runner.Sight{Certainty: runner.Present, Receipt: ids[0]}
	}
	return runner.Sight{Certainty: runner.Different, Text: many}
}

// reusable reads the notes on the personnel case, where the order is an internal
// move and the local rule may let an earlier note serve. Whoever has no case, or
// several, gets a new certificate.
func (r *Robot) reusable(ctx context.Context, c runner.Case, o rules.Order, need rules.Need) (*rules.Note, error) {
	policy := r.settings.Policy.Rules.Reuse
	in := rules.ReuseInput{Need: need, Post: o.Post, Employed: o.Employed, Rule: policy, Today: r.today()}
	if o.Employed.IsZero() || len(policy.Types) == 0 {
		return nil, nil
	}
	leave, err := c.Enter(ctx, sbsys.Name)
	if err != nil {
		return nil, err
	}
	defer leave()
	cs, err := r.personnelCase(ctx, c, o.CPR, "Genbrug af tidligere attest ved intern flytning")
	var refusal *runner.Refusal
	if errors.As(err, &refusal) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	notes, err := r.systems.Cases.Notes(ctx, cs.ID)
	if err != nil {
		return nil, fmt.Errorf("read the notes on the personnel case: %w", err)
	}
	for _, n := range notes {
		if note, ok := r.readNote(n); ok {
			in.Notes = append(in.Notes, note)
		}
	}
	verdict, err := runner.Decide[rules.ReuseVerdict](ctx, c, reuseRule, in)
	return verdict.Note, err
}

// readNote reads a note that says that a clean certificate was there: exactly the
// lines that noteText writes, in their order. Any other is none, also one that
// somebody has added a line or a word to.
func (r *Robot) readNote(n sbsys.Note) (rules.Note, bool) {
	var lines []string
	for _, l := range strings.Split(n.Text, lineBreak) {
		lines = append(lines, html.UnescapeString(l))
	}
	begins := []string{noteType, noteCode, noteBasis, notePost, noteOrdered, noteDate, noteOutcome, noteMessage, ""}
	if len(lines) != len(begins) {
		return rules.Note{}, false
	}
	for i, begin := range begins {
		rest, ok := strings.CutPrefix(lines[i], begin)
		if !ok {
			return rules.Note{}, false
		}
		lines[i] = rest
	}
	_, orderedErr := schedules.ParseDate(lines[4])
	on, err := schedules.ParseDate(lines[5])
	message, last := lines[7], lines[8]
	stored := strings.HasPrefix(last, noteStored) && strings.HasSuffix(last, "("+message+")")
	whole := n.Heading == noteHeading+lines[0] && lines[6] == "" && orderedErr == nil && err == nil && digitalpost.IsID(message) && (last == noteGone || stored)
	note := rules.Note{Type: lines[1], Post: lines[3], On: on}
	return note, whole && r.settings.Policy.Rules.Based(lines[2]) && note.Type != "" && !note.On.IsZero()
}
