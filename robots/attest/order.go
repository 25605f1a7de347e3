package attest

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"byskriver/robots/attest/rules"
	"byskriver/robots/internal/orders"
	"byskriver/runner"
	"byskriver/schedules"
)

// The decisions about an order, besides Prøv igen and Behandlet manuelt.
const (
	actionReorder = "reorder"
	actionWait    = "wait"
)

func chooseReorder() runner.Choice {
	return runner.Choice{Action: actionReorder, Label: "Bestil igen"}
}

func chooseWait() runner.Choice {
	return runner.Choice{Action: actionWait, Label: "Vent fem arbejdsdage"}
}

// granted is how many working days more Vent fem arbejdsdage gives.
const granted = 5

// workOrder takes one certificate of an order as far as it can go today.
func (r *Robot) workOrder(ctx context.Context, c runner.Case, o rules.Order, typ string) error {
	c.Label(o.ID)
	name := recordName(o.ID, typ)
	rec, _ := r.register.get(name)
	if rec.Phase == "" || rec.Phase == phaseConsent || typ == typeUnclear {
		err := r.begin(ctx, c, r.register.freshOrder(o), typ)
		var refusal *runner.Refusal
		if rec, known := r.register.get(name); known && rec.Phase == phaseConsent && errors.As(err, &refusal) {
			return r.list(ctx, rec, err)
		}
		return err
	}
	if rec.Listed {
		var err error
		if rec, err = r.decided(ctx, c, rec); err != nil {
			return err
		}
	}
	if rec.Phase != phaseEnded {
		if err := r.grounds(rec, r.register.freshOrder(rec.Order)); err != nil {
			return r.list(ctx, rec, err)
		}
	}
	switch rec.Phase {
	case phaseWanted:
		return r.wanted(ctx, c, rec)
	case phaseSent:
		return r.sent(ctx, c, rec)
	case phaseTwin:
		return r.twin(ctx, c, rec)
	}
	return r.ended(ctx, c, rec)
}

// begin decides about an order that nothing has been done about.
func (r *Robot) begin(ctx context.Context, c runner.Case, o rules.Order, typ string) error {
	verdict, err := runner.Decide[rules.Verdict](ctx, c, orderRule, rules.OrderInput{Order: o, Policy: r.settings.Policy.Rules})
	if err != nil {
		return err
	}
	need, found := needOf(verdict, typ)
	switch {
	case verdict.Refusal != nil:
		return runner.Refuse(verdict.Refusal.Code, verdict.Refusal.Text, "")
	case typ == typeUnclear:
		return nil // it is clear by now, and its certificates are items of their own
	case typ == typeNothing && len(verdict.Needs) == 0:
		return r.status(ctx, c, o.ID, typ, "none", orders.Status{Status: "ikke påkrævet", Text: "Der skal ikke bruges nogen attest.", Ended: true})
	case !found:
		return changed()
	}
	if r.shadow {
		return runner.ErrShadow
	}
	if !o.Consent {
		return r.awaitConsent(ctx, c, o, need)
	}
	return r.want(ctx, c, o, need)
}

func needOf(v rules.Verdict, typ string) (rules.Need, bool) {
	for _, n := range v.Needs {
		if n.Type == typ {
			return n, true
		}
	}
	return rules.Need{}, false
}

// keep puts an order's record into a phase.
func (r *Robot) keep(ctx context.Context, c runner.Case, o rules.Order, need rules.Need, how func(rec *record, others map[string]record)) (record, error) {
	return r.register.change(ctx, recordName(o.ID, need.Type), func(rec *record, others map[string]record) bool {
		rec.Order, rec.Need, rec.Digest = o, need, digest(o)
		how(rec, others)
		return true
	})
}

// awaitConsent waits until the order says that the person agrees, and reminds the
// leader. After the days for a consent a person takes over.
func (r *Robot) awaitConsent(ctx context.Context, c runner.Case, o rules.Order, need rules.Need) error {
	if _, err := r.keep(ctx, c, o, need, func(rec *record, _ map[string]record) { rec.Phase, rec.Seen = phaseConsent, phaseConsent }); err != nil {
		return err
	}
	last := o.Ordered.AddDays(r.settings.Policy.Consent)
	if r.today().After(last) {
		return runner.Refuse("SAMTYKKE-MANGLER", "Bestillingen har ikke fået medarbejderens samtykke inden fristen den "+danish(last)+". Tal med lederen. Vælg Prøv igen, når samtykket står i bestillingen.", "")
	}
	next := last.AddDays(1)
	for i, days := range r.settings.Policy.Remind {
		on := o.Ordered.AddDays(days)
		if on.After(r.today()) {
			next = earlier(next, on)
			continue
		}
		text := fmt.Sprintf("Bestillingen venter på, at medarbejderen siger ja til, at attesten indhentes. Skriv det i bestillingen senest %s.", danish(last))
		if err := r.tell(ctx, c, o.ID, need.Type+"-samtykke-"+strconv.Itoa(i+1), text); err != nil {
			return err
		}
	}
	return runner.Later(r.morning(next), "AFVENTER-SAMTYKKE", "Bestillingen venter på medarbejderens samtykke. Robotten minder lederen om det.")
}

func earlier(a, b schedules.Date) schedules.Date {
	if b.Before(a) {
		return b
	}
	return a
}

// want decides whether the certificate must be got at all: not where another order
// has the same, and not where an earlier note can serve.
func (r *Robot) want(ctx context.Context, c runner.Case, o rules.Order, need rules.Need) error {
	note, err := r.reusable(ctx, c, o, need)
	if err != nil {
		return err
	}
	rec, err := r.keep(ctx, c, o, need, func(rec *record, others map[string]record) {
		if note != nil {
			rec.Phase, rec.End, rec.Ended = phaseEnded, endReused, r.today()
			return
		}
		rec.Phase = phaseWanted
		if twin := r.sameAs(*rec, others); twin != "" {
			rec.Phase, rec.Twin = phaseTwin, twin
		}
	})
	if err != nil {
		return err
	}
	switch rec.Phase {
	case phaseTwin:
		return r.twin(ctx, c, rec)
	case phaseEnded:
		return r.ended(ctx, c, rec)
	}
	return r.wanted(ctx, c, rec)
}

// sameAs is the other order's record for the same certificate of the same person on
// the same legal basis: one that is under way, or that ended a short time ago in a way
// that holds for this order too. "" if there is none. The register is locked.
func (r *Robot) sameAs(rec record, others map[string]record) string {
	best := ""
	for name, o := range others {
		if name == rec.Name || o.Order.CPR != rec.Order.CPR || o.Need.Type != rec.Need.Type || o.Need.Basis != rec.Need.Basis {
			continue
		}
		now, open := r.register.fresh[o.Order.ID]
		if !open {
			now = o.Order
		}
		recent := o.Phase == phaseEnded && o.End.good() && passesOn(o, rec) && !o.Ended.AddDays(r.settings.Policy.SameOrder).Before(r.today())
		underWay := (o.Phase == phaseWanted || o.Phase == phaseSent) && r.grounds(o, now) == nil
		if (underWay || recent) && (best == "" || name < best) {
			best = name
		}
	}
	return best
}

// wanted waits for the batch to be sent.
func (r *Robot) wanted(ctx context.Context, c runner.Case, rec record) error {
	err := r.status(ctx, c, rec.Order.ID, rec.Need.Type, "wanted-"+strconv.Itoa(rec.Times),
		orders.Status{Status: "bestilles", Text: r.typeName(rec.Need.Type) + " bestilles hos politiet."})
	if err != nil {
		return err
	}
	if err := r.seen(ctx, rec, false); err != nil {
		return err
	}
	// The batch's sending wakes it.
	return runner.Later(r.morning(r.today().AddDays(30)), "AFVENTER-BUNDT", "Attesten er med i det næste bundt til politiet.")
}

// sent waits for the answer, and reminds the leader.
func (r *Robot) sent(ctx context.Context, c runner.Case, rec record) error {
	t, _ := r.settings.Policy.Rules.Type(rec.Need.Type)
	d := rules.DeadlinesOf(rec.Sent, r.settings.Policy.Consent, t.Days, rec.Extra, r.settings.Policy.Remind)
	err := r.status(ctx, c, rec.Order.ID, rec.Need.Type, "sent-"+strconv.Itoa(rec.Times),
		orders.Status{Status: "sendt", Text: "Bestilt hos politiet den " + danish(rec.Sent) + ". Medarbejderen skal give samtykke i sin Digitale Post senest " + danish(d.Consent) + "."})
	if err != nil {
		return err
	}
	if rec.Answer == "" && r.today().After(d.Answer) {
		return r.list(ctx, rec, runner.Refuse("SVAR-UDEBLEVET", "Politiet har ikke svaret inden fristen den "+danish(d.Answer)+". Spørg medarbejderen, om der er givet samtykke, og vælg, om attesten skal bestilles igen.", "",
			chooseReorder(), chooseWait(), runner.Manual()))
	}
	next := d.Answer.AddDays(1)
	for i, on := range d.Reminders {
		if on.After(r.today()) {
			next = earlier(next, on)
			continue
		}
		if rec.Answer != "" {
			continue
		}
		text := fmt.Sprintf("Attesten er ikke kommet. Bed medarbejderen give samtykke i sin Digitale Post senest %s.", danish(d.Consent))
		if err := r.tell(ctx, c, rec.Order.ID, fmt.Sprintf("%s-%d-%d", rec.Need.Type, rec.Times, i+1), text); err != nil {
			return err
		}
	}
	if err := r.seen(ctx, rec, false); err != nil {
		return err
	}
	if !next.After(r.today()) {
		next = r.today().AddDays(7) // with the payroll office; its decision wakes it
	}
	return runner.Later(r.morning(next), "AFVENTER-SVAR", "Attesten er bestilt hos politiet. Robotten venter på samtykke og svar.")
}

// twin waits for the other order's end, and ends as that does.
func (r *Robot) twin(ctx context.Context, c runner.Case, rec record) error {
	first, ok := r.register.get(rec.Twin)
	switch {
	case ok && first.Phase == phaseEnded && !passesOn(first, rec):
		return r.list(ctx, rec, runner.Refuse("ORDRE-SAMME", "Samme attest var med i en anden bestilling, men det, den endte med, gælder ikke uden videre denne. Undersøg det, og vælg Bestil igen eller Behandlet manuelt.", "",
			chooseReorder(), runner.Manual()))
	case ok && first.Phase == phaseEnded:
		if err := r.register.finish(ctx, rec.Name, first.End, r.today()); err != nil {
			return err
		}
		rec.Phase, rec.End = phaseEnded, first.End
		return r.ended(ctx, c, rec)
	case !ok:
		return r.list(ctx, rec, runner.Refuse("ORDRE-SAMME", "Bestillingen var den samme som en anden, der ikke findes længere. Undersøg, om attesten er der, og vælg Bestil igen eller Behandlet manuelt.", "",
			chooseReorder(), runner.Manual()))
	}
	err := r.status(ctx, c, rec.Order.ID, rec.Need.Type, "twin", orders.Status{Status: "bestilt af en anden", Text: "Samme attest er allerede bestilt. Den gælder også denne bestilling."})
	if err != nil {
		return err
	}
	if err := r.seen(ctx, rec, false); err != nil {
		return err
	}
	return runner.Later(r.morning(r.today().AddDays(30)), "AFVENTER-SAMME", "Samme attest er allerede bestilt. Bestillingen følger den anden.")
}

// ended tells the leader how it ended. A refused consent is a person's to follow up.
func (r *Robot) ended(ctx context.Context, c runner.Case, rec record) error {
	text, ok := map[end]orders.Status{
		endClean:    {Status: "på plads", Text: "Attesten er på plads. Medarbejderen kan starte."},
		endReused:   {Status: "på plads", Text: "En tidligere attest gælder. Medarbejderen kan starte."},
		endApproved: {Status: "på plads", Text: "Lønkontoret har godkendt. Medarbejderen kan starte."},
		endRefused:  {Status: "intet samtykke", Text: "Politiet har ikke fået medarbejderens samtykke. Medarbejderen kan ikke starte uden attest."},
		endRejected: {Status: "hos lønkontoret", Text: "Kontakt lønkontoret, før medarbejderen starter."},
		endManual:   {Status: "behandlet manuelt", Text: "Bestillingen er behandlet af en medarbejder. Kontakt lønkontoret, hvis du er i tvivl."},
	}[rec.End]
	if !ok {
		return fmt.Errorf("the record of %s ended as %q, which is no end", rec.Order.ID, rec.End)
	}
	if rec.End == endRefused && rec.Twin == "" {
		return r.list(ctx, rec, runner.Refuse("SAMTYKKE-AFVIST", "Politiet skriver, at medarbejderen ikke har givet samtykke. Tal med lederen, og vælg, om attesten skal bestilles igen.", "",
			chooseReorder(), runner.Manual()))
	}
	text.Ended = true
	if err := r.status(ctx, c, rec.Order.ID, rec.Need.Type, "end", text); err != nil {
		return err
	}
	return r.seen(ctx, rec, false)
}

// decided carries out what a person has decided about a record that is on the list.
func (r *Robot) decided(ctx context.Context, c runner.Case, rec record) (record, error) {
	d := c.Item().Decision
	if d == nil {
		return rec, nil
	}
	return r.register.change(ctx, rec.Name, func(rec *record, _ map[string]record) bool {
		switch {
		case d.Action == actionReorder && (rec.Phase == phaseSent || rec.Phase == phaseTwin || rec.End == endRefused):
			rec.Phase, rec.End, rec.Ended, rec.Answer, rec.Extra, rec.Twin = phaseWanted, "", schedules.Date{}, "", 0, ""
			if o, ok := r.register.fresh[rec.Order.ID]; ok && o.CPR == rec.Order.CPR {
				rec.Order = o
			}
		case d.Action == actionWait && rec.Phase == phaseSent:
			// Counted from today, so that the deadline is not past already.
			t, _ := r.settings.Policy.Rules.Type(rec.Need.Type)
			for rec.Extra += granted; !rules.DeadlinesOf(rec.Sent, r.settings.Policy.Consent, t.Days, rec.Extra, nil).Answer.After(schedules.AddWorkingDays(r.today(), granted-1)); {
				rec.Extra++
			}
		default:
			return false
		}
		rec.Listed = false
		return true
	})
}

// list notes that the record's item is on a person's list, and passes the refusal on.
func (r *Robot) list(ctx context.Context, rec record, refusal error) error {
	if err := r.seen(ctx, rec, true); err != nil {
		return err
	}
	return refusal
}

// seen notes which phase the record's item knows of.
func (r *Robot) seen(ctx context.Context, rec record, listed bool) error {
	_, err := r.register.change(ctx, rec.Name, func(now *record, _ map[string]record) bool {
		same := now.Seen == rec.Phase && now.Listed == listed
		now.Seen, now.Listed = rec.Phase, listed
		return !same
	})
	return err
}
