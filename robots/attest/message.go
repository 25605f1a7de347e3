package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"byskriver/robots/attest/judge"
	"byskriver/robots/internal/digitalpost"
	"byskriver/robots/internal/ident"
	"byskriver/robots/internal/pdftext"
	"byskriver/robots/internal/sbsys"
	"byskriver/runner"
	"byskriver/schedules"
)

// The decisions about an answer, besides Prøv igen and Behandlet manuelt.
const (
	actionApprove = "approve"
	actionReject  = "reject"
	actionHandOut = "handout"
)

func chooseApprove() runner.Choice {
	return runner.Choice{Action: actionApprove, Label: "Godkendt af lønkontoret", NeedsNote: true}
}

// choices are the decisions about an answer. Where the robot cannot tell whose it
// is, Værdi says.
func choices(known bool) []runner.Choice {
	approve := chooseApprove()
	approve.NeedsValue = !known
	reject := runner.Choice{Action: actionReject, Label: "Ikke godkendt", NeedsValue: !known, NeedsNote: true}
	out := runner.Choice{Action: actionHandOut, Label: "Udlevér svaret til lønkontoret", NeedsNote: true}
	all := []runner.Choice{approve, reject, out}
	if !known {
		all = append(all, runner.Retry(), runner.Manual())
	}
	return all
}

// letter is a message as it lies in the drawer, in its own words.
type letter struct {
	ID       string         `json:"id"` // the message's, or a digest of what is none
	Received schedules.Date `json:"received"`
	Raw      []byte         `json:"raw"`
}

// read fetches a message; ok is false where it has been deleted.
func (r *Robot) read(ctx context.Context, name string) (l letter, ok bool, err error) {
	err = r.drawer.Each(ctx, name, func(found string, data []byte) error {
		if found != name {
			return nil
		}
		ok = true
		return json.Unmarshal(data, &l)
	})
	if err != nil {
		return l, false, fmt.Errorf("fetch a message: %w", err)
	}
	return l, ok, nil
}

// workMessage judges an answer, files it where it is exactly clean, and gives it to
// people where it is anything else.
func (r *Robot) workMessage(ctx context.Context, c runner.Case, name string) error {
	rec := r.answered(name)
	c.Label(rec.Order.ID)
	if rec.Phase == phaseEnded && rec.Answer == name {
		return r.forget(ctx, name, "besvaret")
	}
	if d := c.Item().Decision; d != nil && d.Action != runner.ActionRetry && d.Action != runner.ActionAgree {
		return r.decidedAnswer(ctx, c, name, rec, *d)
	}
	l, ok, err := r.read(ctx, name)
	if err != nil {
		return err
	}
	if !ok {
		return runner.Refuse("ATTEST-SLETTET", "Svaret er slettet, da tiden for at gemme det er gået. Vælg, hvad lønkontoret har besluttet.", "", withManual(choices(rec.Name != ""))...)
	}
	m, err := digitalpost.Parse(l.Raw)
	if err != nil {
		return runner.Refuse("POST-ULÆSELIG", "Beskeden kan ikke læses som Digital Post. Se den i postkassen, eller bed afsenderen om at sende den igen.", "", choices(false)...)
	}
	return r.answer(ctx, c, name, l, m)
}

// withManual are the choices where the answer itself is gone: it cannot be handed out.
func withManual(all []runner.Choice) []runner.Choice {
	kept := []runner.Choice{runner.Manual()}
	for _, choice := range all {
		if choice.Action == actionApprove || choice.Action == actionReject {
			kept = append(kept, choice)
		}
	}
	return kept
}

// answer judges a message and does what follows.
func (r *Robot) answer(ctx context.Context, c runner.Case, name string, l letter, m digitalpost.Message) error {
	var begun filing
	if ok, err := c.Begun(ctx, stepNote, &begun); err != nil {
		return err
	} else if !ok {
		if _, err := c.Begun(ctx, stepDocument, &begun); err != nil {
			return err
		}
	}
	pdf, facts, rec, err := r.facts(ctx, name, m)
	if err != nil {
		return err
	}
	if begun.Record != "" {
		// What was judged clean before a stop is filed to its end.
		rec, _ = r.register.get(begun.Record)
		return r.fileAnswer(ctx, c, name, rec, begun, pdf)
	}
	c.Label(rec.Order.ID)
	verdict, err := runner.Decide[judge.Verdict](ctx, c, judgeRule, facts)
	if err != nil {
		return err
	}
	switch verdict.Outcome {
	case judge.Clean:
		return r.clean(ctx, c, name, l, m, rec, pdf)
	case judge.Refused:
		if r.shadow {
			return runner.ErrShadow
		}
		if err := r.register.finish(ctx, rec.Name, endRefused, r.today()); err != nil {
			return err
		}
		return r.forget(ctx, name, "besvaret")
	}
	given := choices(rec.Name != "")
	if verdict.Code == "ATTEST-NAVN" {
		given = append(given, runner.Retry()) // once the leader has corrected the name
	}
	return runner.Refuse(verdict.Code, answerTexts()[verdict.Code], "", given...)
}

// answerTexts are what staff read about answers that are for people. None tells what
// an answer says.
func answerTexts() map[string]string {
	return map[string]string{
		"POST-BILAG":          "Beskeden har ikke præcis én fil, som er en PDF, så robotten ved ikke, hvad der er attesten, eller hvad der ellers står. Lønkontoret skal se den.",
		"POST-AFSENDER":       "Beskeden kommer ikke fra en afsender, der står i attester.yaml. Lønkontoret skal se, hvem den er fra.",
		"ATTEST-KODEORD":      "Svaret er låst med et kodeord. Lønkontoret skal se det.",
		"ATTEST-ULÆSELIG":     "Svaret kan ikke åbnes som PDF. Lønkontoret skal se det.",
		"ATTEST-SCANNET":      "Svaret er et billede uden tekst (scannet). Lønkontoret skal se det.",
		"ATTEST-TOM":          "Svaret har ingen tekst. Lønkontoret skal se det.",
		"ATTEST-TO-SVAR":      "Der er kommet mere end ét svar på samme bestilling. Lønkontoret skal se dem.",
		"ATTEST-UDEN-ORDRE":   "Svaret passer ikke til nogen bestilling, der venter. Lønkontoret skal finde ud af, hvem det hører til.",
		"ATTEST-FLERE-ORDRER": "Svaret passer til flere bestillinger. Lønkontoret skal finde ud af, hvilken det hører til.",
		"ATTEST-NAVN":         "Navnet på svaret er ikke det samme som i bestillingen. Lønkontoret skal se svaret. Er det bestillingens navn, der er forkert, så bed lederen om at rette det, og vælg Prøv igen.",
		"ATTEST-LØN":          "Robotten vurderer ikke svaret. Lønkontoret skal se det.",
	}
}

// facts are what the verdict depends on. Where the answer belongs to one order that
// waits, the order is noted as having it: of two answers the later one sees that. Two
// that are there at the same time both see it.
func (r *Robot) facts(ctx context.Context, name string, m digitalpost.Message) (pdf []byte, f judge.Facts, rec record, err error) {
	pdf, f, reading, err := r.page(ctx, m)
	if err != nil || pdf == nil {
		return nil, f, rec, err
	}
	rec, err = r.match(ctx, name, reading, &f)
	return pdf, f, rec, err
}

// page reads a message's one PDF, and what can be told of the message without asking
// whom it is about. pdf is nil where there is none that can be read.
func (r *Robot) page(ctx context.Context, m digitalpost.Message) (pdf []byte, f judge.Facts, reading judge.Reading, err error) {
	files := m.PDFs()
	f = judge.Facts{Documents: len(files), Others: len(m.Files) - len(files), SaysRefused: strings.HasPrefix(m.Subject, "Afslag"),
		SenderFits: slices.Contains(r.settings.Policy.Senders, m.Sender)}
	if len(files) != 1 || f.Others > 0 || !f.SenderFits {
		return nil, f, reading, nil
	}
	reading, err = r.readPDF(ctx, files[0].Data)
	switch {
	case errors.Is(err, pdftext.ErrLocked):
		f.Locked = true
		return nil, f, reading, nil
	case errors.Is(err, pdftext.ErrBroken):
		f.Broken = true
		return nil, f, reading, nil
	case err != nil:
		return nil, f, reading, err
	}
	f.Reading, f.Why = reading.Outcome, reading.Why
	subject := r.settings.Policy.Subjects[reading.Type]
	f.SubjectFits = subject != "" && strings.HasPrefix(m.Subject, subject)
	return files[0].Data, f, reading, nil
}

// match finds the order that an answer belongs to: the same number and exactly the
// same type.
func (r *Robot) match(ctx context.Context, name string, reading judge.Reading, f *judge.Facts) (record, error) {
	if reading.CPR == "" || reading.Type == "" {
		return record{}, nil
	}
	var found record
	for _, rec := range r.register.all() {
		if ident.CPR(rec.Order.CPR) != reading.CPR || rec.Need.Type != reading.Type {
			continue
		}
		switch {
		case rec.Phase == phaseSent:
			f.Orders++
			found = rec
		case rec.Phase == phaseEnded && rec.Answer != "":
			f.Answered++
		}
	}
	if f.Orders != 1 {
		return record{}, nil
	}
	f.Names = judge.Names(reading.Name, found.Order.Name)
	f.Numbers, f.Types = reading.CPR == ident.CPR(found.Order.CPR), reading.Type == found.Need.Type
	rivals, err := r.rivals(ctx, name, reading)
	if f.OtherAtTime = rivals; err != nil || r.shadow {
		return found, err
	}
	taken, err := r.register.change(ctx, found.Name, func(rec *record, _ map[string]record) bool {
		if rec.Answer == "" && rec.Phase == phaseSent {
			rec.Answer = name
			return true
		}
		return false
	})
	if taken.Answer != name {
		f.OtherAtTime = true
		return record{}, err
	}
	return taken, err
}

// answered is the record that a message was noted for; the zero record if none.
func (r *Robot) answered(name string) record {
	for _, rec := range r.register.all() {
		if rec.Answer == name {
			return rec
		}
	}
	return record{}
}

// clean files a clean certificate.
func (r *Robot) clean(ctx context.Context, c runner.Case, name string, l letter, m digitalpost.Message, rec record, pdf []byte) error {
	leave, err := c.Enter(ctx, sbsys.Name)
	if err != nil {
		return err
	}
	defer leave()
	on := l.Received
	if !m.Created.IsZero() {
		on = r.dateOf(m.Created)
	}
	p, err := r.plan(ctx, c, rec, m.ID, on)
	if err != nil {
		return err
	}
	// Of a sample a person sees the certificate itself, and may find that it is not clean.
	if err := c.Sample(ctx, "Journalisér som ren attest på personalesagen "+p.Number, append([]runner.Choice{runner.Agree()}, choices(true)...)...); err != nil {
		return err
	}
	if err := r.file(ctx, c, p, pdf); err != nil {
		return err
	}
	return r.filed(ctx, name, p)
}

// fileAnswer files to its end what an earlier attempt has begun.
func (r *Robot) fileAnswer(ctx context.Context, c runner.Case, name string, rec record, p filing, pdf []byte) error {
	leave, err := c.Enter(ctx, sbsys.Name)
	if err != nil {
		return err
	}
	defer leave()
	c.Label(rec.Order.ID)
	if err := r.file(ctx, c, p, pdf); err != nil {
		return err
	}
	return r.filed(ctx, name, p)
}

// filed ends the order and deletes the answer.
func (r *Robot) filed(ctx context.Context, name string, p filing) error {
	if err := r.register.finish(ctx, p.Record, endClean, r.today()); err != nil {
		return err
	}
	return r.forget(ctx, name, "journaliseret")
}

// forget deletes a message. In a shadow run it stays.
func (r *Robot) forget(ctx context.Context, name, rule string) error {
	if r.shadow {
		return runner.ErrShadow
	}
	r.mailbox.forget(name)
	return r.drawer.Clear(ctx, name, rule)
}
