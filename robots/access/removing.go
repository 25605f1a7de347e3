package access

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/kspcics"
	"byskriver/runner"
)

// stepRemove is the one change that a removal makes.
const stepRemove = "fjern"

// atWork counts, by system, the removals under way.
type atWork struct {
	mu sync.Mutex
	n  map[string]int
}

// plan is what a removal is about to take away.
type plan struct {
	Removal string       `json:"removal"`
	Grant   review.Grant `json:"grant"`
}

// workRemoval takes one right away that a leader wants gone and IT has approved.
func (r *Robot) workRemoval(ctx context.Context, c runner.Case, id string) error {
	c.Label(id)
	x, ok, err := get[review.Removal](ctx, r.books, inRemovals+id)
	if err != nil || !ok || x.Stage.Ended() {
		return err
	}
	a, ok, err := get[review.Approval](ctx, r.books, inApprovals+id)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("removal %s has no approval", id)
	}
	if left, err := r.left(ctx, c, x); err != nil || left {
		return err
	}
	agreed, err := r.consented(ctx, c, &x, a)
	if err != nil || !agreed {
		return err
	}
	if err := c.LookUp(ctx, runner.LookUp{Subject: x.CPR, System: x.Held.Grant.System, Purpose: "Fjernelse af en rettighed, som lederen har besluttet og it godkendt"}); err != nil {
		return err
	}
	system := x.Held.Grant.System
	r.at.enter(system)
	defer r.signOff(ctx, system)
	err = r.remove(ctx, c, x)
	var refusal *runner.Refusal
	if errors.As(err, &refusal) && c.Item().Mode != runner.Shadow {
		x.Stage, x.Note, x.Item = review.Stuck, refusal.Text, c.Item().Number
		return errors.Join(err, r.books.put(ctx, inRemovals+id, x))
	}
	if err != nil {
		return err
	}
	x.Stage, x.Applied, x.Item = review.Gone, c.Now(), c.Item().Number
	return r.books.put(ctx, inRemovals+id, x)
}

// consented records IT's word and holds it against the rule of three people, and the
// removal against what has come since; the page has asked the same rules before it took
// the word. A removal that was begun goes on: it may be made already.
func (r *Robot) consented(ctx context.Context, c runner.Case, x *review.Removal, a review.Approval) (bool, error) {
	f, err := r.books.facts(ctx, r.settings.Policy.Review, *x)
	if err != nil {
		return false, err
	}
	in := f.consent(*x, a)
	in.Removal.Approval = nil
	verdict, err := runner.Decide[review.Consented](ctx, c, consentRule, in)
	if err != nil {
		return false, err
	}
	if verdict.Why != "" {
		return false, runner.Refuse("GODKENDELSE-GÆLDER-IKKE", fmt.Sprintf("Godkendelsen af fjernelse %s gælder ikke: %s Intet er fjernet.", x.ID, verdict.Why), "", runner.Retry(), runner.Manual())
	}
	x.Approval = &a
	begun, err := c.Begun(ctx, stepRemove, &plan{})
	if err != nil {
		return false, err
	}
	if a.Agreed && !begun {
		if free, err := r.standing(ctx, c, x, f); err != nil || !free {
			return false, err
		}
	}
	x.Stage = review.Approved
	if !a.Agreed {
		x.Stage, x.Item = review.Rejected, c.Item().Number
	}
	if c.Item().Mode == runner.Shadow {
		return a.Agreed, nil
	}
	return a.Agreed, r.books.put(ctx, inRemovals+x.ID, *x)
}

// remove makes the change, once, and reads it back.
func (r *Robot) remove(ctx context.Context, c runner.Case, x review.Removal) error {
	g := x.Held.Grant
	remover, ok := r.systems.Removers[g.System]
	if !ok {
		return runner.Refuse("FJERNES-I-HÅNDEN", fmt.Sprintf("Robotten kan ikke fjerne rettigheder i %s. Fjern »%s« (%s) fra %s, konto %s, og vælg Behandlet manuelt.", g.System, x.Held.Name, g.Right, x.Name, g.Account), "", runner.Manual())
	}
	leave, err := c.Enter(ctx, g.System)
	if err != nil {
		return err
	}
	defer leave()
	var before plan
	begun, err := c.Begun(ctx, stepRemove, &before)
	if err != nil {
		return err
	}
	if !begun {
		gone, err := r.goneAlready(ctx, c, remover, x)
		if err != nil || gone {
			return err
		}
		if err := c.Sample(ctx, fmt.Sprintf("Fjern »%s« i %s fra %s", x.Held.Name, g.System, x.Name), runner.Agree(), runner.Manual()); err != nil {
			return err
		}
	}
	return r.once(ctx, c, remover, x)
}

// goneAlready reports whether somebody else has taken the right away.
func (r *Robot) goneAlready(ctx context.Context, c runner.Case, remover Remover, x review.Removal) (bool, error) {
	sight, err := remover.Find(ctx, x.Held.Grant)
	if err != nil {
		return false, keepScreen(ctx, c, fmt.Errorf("look for the right before it is removed: %w", err))
	}
	switch sight.Certainty {
	case runner.Present:
		return true, nil
	case runner.Absent:
		return false, nil
	}
	return false, runner.Refuse("RET-IKKE-FUNDET", fmt.Sprintf("»%s« kan ikke findes som den var hos %s: %s Intet er fjernet.", x.Held.Name, x.Name, sight.Text), "", runner.Retry(), runner.Manual())
}

func (r *Robot) once(ctx context.Context, c runner.Case, remover Remover, x review.Removal) error {
	g := x.Held.Grant
	var lost *kspcics.Lost
	do := func(ctx context.Context) error {
		err := remover.Remove(ctx, g)
		if errors.As(err, &lost) {
			return err
		}
		if errors.Is(err, kspcics.ErrStands) {
			return nil // the system took it: Once reads it back, and never does it again
		}
		return err
	}
	find := func(ctx context.Context) (runner.Sight, error) { return remover.Find(ctx, g) }
	_, err := c.Once(ctx, runner.Step{Name: stepRemove, System: g.System, Plan: plan{x.ID, g}}, find, do)
	var refused *kspcics.Refused
	switch {
	case err == nil:
		return nil
	case lost != nil:
		return runner.Refuse("ANDRE-RETTER-VÆK", fmt.Sprintf("Efter fjernelsen af »%s« mangler %s %d andre rettigheder i %s. Sammenlign med beviset, og giv dem tilbage. Vælg derefter Prøv igen.", x.Held.Name, x.Name, len(lost.Rights), g.System), "", runner.Retry(), runner.Manual())
	case errors.As(err, &refused):
		return runner.Refuse("FJERNELSE-AFVIST", fmt.Sprintf("%s vil ikke fjerne »%s« fra %s: %s", g.System, x.Held.Name, x.Name, refused.Text), "", runner.Retry(), runner.Manual())
	}
	return keepScreen(ctx, c, err)
}

// keepScreen keeps the screen that an error carries.
func keepScreen(ctx context.Context, c runner.Case, err error) error {
	return kspcics.Keep(ctx, c, err)
}

func (a *atWork) enter(system string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n[system]++
}

// signOff ends the correcting user's session when nobody is in the system any more,
// and nothing approved waits to be removed in it.
func (r *Robot) signOff(ctx context.Context, system string) {
	r.at.mu.Lock()
	defer r.at.mu.Unlock()
	r.at.n[system]--
	remover, ok := r.systems.Removers[system]
	if !ok || r.at.n[system] > 0 {
		return
	}
	if waits, err := r.waits(ctx, system); err != nil || !waits {
		remover.Close()
	}
}

// waits reports whether an approved removal waits in a system.
func (r *Robot) waits(ctx context.Context, system string) (bool, error) {
	approvals, err := all[review.Approval](ctx, r.books, inApprovals)
	if err != nil {
		return false, err
	}
	removals, err := all[review.Removal](ctx, r.books, inRemovals)
	if err != nil {
		return false, err
	}
	for id, a := range approvals {
		x := removals[id]
		if a.Agreed && x.Held.Grant.System == system && (x.Stage == review.Proposed || x.Stage == review.Approved) {
			return true, nil
		}
	}
	return false, nil
}
