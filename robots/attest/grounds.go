package attest

import (
	"context"

	"byskriver/robots/attest/rules"
	"byskriver/runner"
)

// grounds makes sure that an order, as it stands now, still is for the person that it
// was for. Of one that is not sent yet, that it still needs the certificate and has the
// consent: nothing else may be asked of the police.
func (r *Robot) grounds(rec record, now rules.Order) error {
	if now.CPR != rec.Order.CPR {
		return runner.Refuse("ORDRE-ANDEN-PERSON", "Bestillingen er ændret til en anden person, efter at attesten er ved at blive indhentet. Tal med lederen, og bed om en ny bestilling til den anden person.", "",
			runner.Manual())
	}
	if rec.Phase != phaseWanted {
		return nil
	}
	if _, needed := needOf(rules.NeedsOf(rules.OrderInput{Order: now, Policy: r.settings.Policy.Rules}), rec.Need.Type); !needed {
		return changed()
	}
	if !now.Consent {
		return runner.Refuse("SAMTYKKE-TRUKKET", "Bestillingen har ikke længere medarbejderens samtykke, så attesten bliver ikke bestilt. Tal med lederen. Robotten går selv videre, hvis samtykket igen står i bestillingen. Vælg Behandlet manuelt, hvis attesten ikke skal bruges.", "",
			runner.Manual())
	}
	return nil
}

// changed is an order that no longer needs the certificate that it was for.
func changed() error {
	return runner.Refuse("ORDRE-ÆNDRET", "Bestillingen er ændret, så den ikke længere kræver denne attest. Vælg Behandlet manuelt, hvis det er rigtigt.", "")
}

// unfounded reports whether a line of a batch that lies ready is not what its order
// asks for now.
func (r *Robot) unfounded(b batch, l line) bool {
	rec, ok := r.register.get(l.Record)
	return !ok || rec.Phase != phaseWanted || rec.Need.Type != b.Type || rec.Need.Basis != b.Basis || rec.Order.Name != l.Name || rec.Order.CPR != l.CPR ||
		r.grounds(rec, r.register.freshOrder(rec.Order)) != nil
}

// trim takes the lines out of a batch that are not what their orders ask for now. What
// still is to be ordered for them comes with the next one.
func (r *Robot) trim(ctx context.Context, b batch) (batch, error) {
	var kept []line
	for _, l := range b.Lines {
		if !r.unfounded(b, l) {
			kept = append(kept, l)
		}
	}
	if len(kept) == len(b.Lines) {
		return b, nil
	}
	b.Lines = kept
	if len(kept) == 0 {
		return b, r.batchGone(ctx, b, "ingen bestillinger tilbage")
	}
	return b, r.register.putBatch(ctx, b)
}

// passesOn reports whether the way in which one order's certificate ended holds for
// another order of the same person and type too. A clean one does on the same legal
// basis. An approval, and an earlier note, were judged for one job: they hold for the
// same order once more, and for nothing else. What a person has settled outside of the
// robot is known for that order alone.
func passesOn(first, rec record) bool {
	switch first.End {
	case endClean:
		return first.Need.Basis == rec.Need.Basis
	case endApproved, endReused:
		return first.Need.Basis == rec.Need.Basis && sameJob(first.Order, rec.Order)
	}
	return first.End == endRefused || first.End == endRejected
}

// sameJob reports whether two orders are for the same work.
func sameJob(a, b rules.Order) bool {
	return a.Post == b.Post && a.Unit == b.Unit && a.Children == b.Children && a.Relative == b.Relative && a.Employed == b.Employed
}
