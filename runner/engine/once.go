package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

// Once makes one change in an existing system exactly once. The intent is
// committed before, the receipt after, and the change is read back in between.
// After a crash, or an answer that never came, it looks before it does anything:
//
//	no intent ── do ──> read back ── receipt
//	intent    ── find: present ──> receipt
//	                   absent, and settles_after has passed ──> do again
//	                   absent, but it may still come to light ──> later
//	                   cannot tell, or something else is there ──> a person
//	said      ── find: present ──> receipt; absent once settled ──> a person
//
// In a store that is a copy of an earlier moment, no intent means nothing: it looks first.
func (c *itemCase) Once(ctx context.Context, step runner.Step, find runner.Find, do runner.Do) (runner.Receipt, error) {
	o := &once{c: c, step: step, find: find, do: do}
	receipt, err := o.make(ctx)
	if err != nil && !errors.Is(err, errStopping) {
		err = fmt.Errorf("step %s of %s: %w", step.Name, c.row.Number, err)
	}
	return receipt, err
}

// Begun reports whether the step may have been made by an earlier attempt.
func (c *itemCase) Begun(ctx context.Context, step string, plan any) (bool, error) {
	o := &once{c: c, step: runner.Step{Name: step}}
	if err := o.load(ctx); err != nil {
		return false, fmt.Errorf("look for step %s of %s: %w", step, c.row.Number, err)
	}
	switch o.have.State {
	case store.Intent, store.Said, store.Receipt:
	default:
		return false, nil
	}
	plain, err := c.keys.Content.Open(o.have.Plan, o.context("plan"))
	if err != nil {
		return false, fmt.Errorf("open the plan of step %s of %s: %w", step, c.row.Number, err)
	}
	return true, json.Unmarshal(plain, plan)
}

type once struct {
	c    *itemCase
	step runner.Step
	find runner.Find
	do   runner.Do
	have store.Step
}

func (o *once) make(ctx context.Context) (runner.Receipt, error) {
	plan, err := json.Marshal(o.step.Plan)
	if err != nil {
		return runner.Receipt{}, fmt.Errorf("record the plan: %w", err)
	}
	if err := o.load(ctx); err != nil {
		return runner.Receipt{}, err
	}
	switch o.have.State {
	case store.Receipt:
		return o.known()
	case store.Intent, store.Said:
		return o.again(ctx, plan)
	}
	if o.c.item.Mode == runner.Shadow {
		return runner.ShadowReceipt(), o.put(ctx, store.Step{State: store.Shadowed, Plan: o.seal(plan)}, "step.shadow")
	}
	if !o.c.run.restored.IsZero() {
		return o.unknown(ctx, plan)
	}
	return o.first(ctx, plan)
}

const restoredText = "Lageret er en kopi, der er lagt tilbage. Hver ændring i et system slås først op dér, og nye numre begynder ved næste hele 100.000."

// unknown looks before it makes the first change in a store that is a copy: it may have
// been made after the copy was. What the store's last program did before it ended shows
// when settles_after has passed since this one began.
func (o *once) unknown(ctx context.Context, plan []byte) (runner.Receipt, error) {
	sight, err := o.find(ctx)
	if err != nil {
		return runner.Receipt{}, fmt.Errorf("look for a change that may have been made after the copy was: %w", err)
	}
	settled := o.c.run.restored.Add(o.settles())
	switch {
	case sight.Certainty == runner.Present:
		o.have = store.Step{Plan: o.seal(plan)}
		return o.receipt(ctx, sight)
	case sight.Certainty == runner.Absent && o.c.Now().Before(settled):
		return runner.Receipt{}, runner.Later(settled, "AFVENTER-SYSTEMET", "Lageret er lagt tilbage fra en kopi, og det kan endnu ikke ses, om ændringen var udført. Robotten ser efter igen.")
	case sight.Certainty == runner.Absent:
		return o.first(ctx, plan)
	}
	return runner.Receipt{}, o.unsure(ctx, sight)
}

func (o *once) load(ctx context.Context) error {
	var err error
	o.have, err = o.c.run.Store.Step(ctx, o.c.row.ID, o.step.Name)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// known returns the receipt of a change that was made before.
func (o *once) known() (runner.Receipt, error) {
	plain, err := o.c.keys.Content.Open(o.have.Receipt, o.context("receipt"))
	if err != nil {
		return runner.Receipt{}, fmt.Errorf("open the receipt: %w", err)
	}
	return runner.NewReceipt(plain), nil
}

// again looks for the change that an earlier attempt may have made.
func (o *once) again(ctx context.Context, plan []byte) (runner.Receipt, error) {
	sight, err := o.find(ctx)
	if err != nil {
		return runner.Receipt{}, fmt.Errorf("look for a change that may have been made: %w", err)
	}
	if err := o.notes(ctx); err != nil {
		return runner.Receipt{}, err
	}
	settled := o.settled()
	switch {
	case sight.Certainty == runner.Present:
		return o.receipt(ctx, sight)
	case sight.Certainty == runner.Absent && o.c.Now().Before(settled):
		return runner.Receipt{}, runner.Later(settled, "AFVENTER-SYSTEMET", "Det kan endnu ikke ses, om ændringen er udført. Robotten ser efter igen.")
	case sight.Certainty == runner.Absent && o.have.State == store.Intent:
		return o.first(ctx, plan)
	case sight.Certainty == runner.Absent:
		sight.Text = "Systemet meldte, at ændringen var udført, men den kan ikke ses."
	}
	return runner.Receipt{}, o.unsure(ctx, sight)
}

// settled is when what the last attempt did shows, if it did anything: never before
// settles_after has passed by the clock that nobody can set, whatever the wall clock was
// set to since. A change is many requests, and any of them may be the one that counts: it
// counts from when the attempt ended in this run, or from when a later one first saw it,
// which begins when whoever made it is dead. What the last program did to a store that is
// a copy shows when the copy has been at work for as long.
func (o *once) settled() time.Time {
	r := o.c.run
	from, known := r.began(o.c.row.ID, o.step.Name)
	if !known {
		from = r.Clock.Running()
	}
	at := o.c.Now().Add(from + o.settles() - r.Clock.Running())
	if copied := r.restored.Add(o.settles()); !r.restored.IsZero() && copied.After(at) {
		return copied
	}
	return at
}

// notes keeps with the step from when an attempt counts, so that a later run need not
// begin to wait anew: from its end, or from when a run on this boot first saw it that had
// not made it.
func (o *once) notes(ctx context.Context) error {
	r := o.c.run
	from, known := r.began(o.c.row.ID, o.step.Name)
	kept, ok := o.have.Readings[r.boot()]
	if !ok {
		if kept = r.Clock.Running(); known {
			kept = from
		}
		s := o.counting(o.have, kept)
		err := r.Store.Write(ctx, func(t *store.Tx) error { return t.PutStep(o.c.row, r.worker, s) })
		if errors.Is(err, store.ErrNotFound) {
			return errClaimLost
		}
		if err != nil {
			return err
		}
		o.have = s
	}
	if !known {
		r.counts(o.c.row.ID, o.step.Name, kept)
	}
	return nil
}

// counting is a step whose attempt counts from a moment on this boot.
func (o *once) counting(s store.Step, from time.Duration) store.Step {
	s.Readings = maps.Clone(s.Readings)
	if s.Readings == nil {
		s.Readings = map[string]time.Duration{}
	}
	s.Readings[o.c.run.boot()] = from
	return s
}

func (o *once) settles() time.Duration { return o.c.run.Systems[o.step.System].SettlesAfter }

// first commits the intent, makes the change and reads it back.
func (o *once) first(ctx context.Context, plan []byte) (runner.Receipt, error) {
	if err := o.c.run.mayAct(o.step.System); err != nil {
		return runner.Receipt{}, err
	}
	if err := o.c.admit(ctx); err != nil {
		return runner.Receipt{}, err
	}
	if err := o.put(ctx, store.Step{State: store.Intent, Plan: o.seal(plan)}, "step.intent"); err != nil {
		return runner.Receipt{}, err
	}
	// The intent's commit may have taken long: the claim is looked at again, so
	// close to the change as can be.
	if err := o.c.run.mayAct(o.step.System); err != nil {
		return runner.Receipt{}, err
	}
	if err := o.attempt(ctx); err != nil {
		if !runner.IsNotDone(err) {
			return runner.Receipt{}, fmt.Errorf("it is not known whether the change was made: %w", err)
		}
		if putErr := o.put(context.WithoutCancel(ctx), o.moved(store.Withdrawn), "step.withdrawn"); putErr != nil {
			return runner.Receipt{}, errors.Join(err, putErr)
		}
		return runner.Receipt{}, err
	}
	return o.readBack(ctx)
}

// attempt makes the change. However it ends, time counts from then.
func (o *once) attempt(ctx context.Context) error {
	defer func() { o.c.run.counts(o.c.row.ID, o.step.Name, o.c.run.Clock.Running()) }()
	return o.do(ctx)
}

// readBack looks for a change that the system has just said it made.
func (o *once) readBack(ctx context.Context) (runner.Receipt, error) {
	sight, err := o.find(ctx)
	if err != nil {
		return runner.Receipt{}, fmt.Errorf("read the change back: %w", err)
	}
	switch sight.Certainty {
	case runner.Present:
		return o.receipt(ctx, sight)
	case runner.Absent:
		said := o.moved(store.Said)
		if from, ok := o.c.run.began(o.c.row.ID, o.step.Name); ok {
			said = o.counting(said, from)
		}
		if err := o.put(ctx, said, "step.said"); err != nil {
			return runner.Receipt{}, err
		}
		return runner.Receipt{}, runner.Later(o.settled(), "AFVENTER-SYSTEMET", "Systemet har taget imod ændringen, men viser den ikke endnu. Robotten ser efter igen.")
	}
	return runner.Receipt{}, o.unsure(ctx, sight)
}

func (o *once) receipt(ctx context.Context, sight runner.Sight) (runner.Receipt, error) {
	plain, err := json.Marshal(sight.Receipt)
	if err != nil {
		return runner.Receipt{}, fmt.Errorf("record the receipt: %w", err)
	}
	s := o.moved(store.Receipt)
	s.Receipt = o.c.keys.Content.Seal(plain, o.context("receipt"))
	if err := o.put(context.WithoutCancel(ctx), s, "step.receipt"); err != nil {
		return runner.Receipt{}, err
	}
	return runner.NewReceipt(plain), nil
}

// unsure gives the item to a person, whatever the robot makes of the error.
func (o *once) unsure(ctx context.Context, sight runner.Sight) error {
	text := sight.Text
	if text == "" {
		text = "Systemet viser ikke, om ændringen er udført."
	}
	refusal := runner.Refuse(runner.CodeUncertain, text+" Se efter i systemet, før du vælger Behandlet manuelt eller Prøv igen.", "")
	o.c.uncertain = refusal
	e := o.c.entry("step.uncertain")
	e.Text, e.Fields = text, map[string]string{"step": o.step.Name, "system": o.step.System}
	return errors.Join(refusal, o.c.append(context.WithoutCancel(ctx), e))
}

// moved is the step as it stands, in another state.
func (o *once) moved(state store.StepState) store.Step {
	s := o.have
	s.State = state
	return s
}

// put commits the step together with its run-log entry. A new intent is stamped
// with the time, and nobody has seen it yet.
func (o *once) put(ctx context.Context, s store.Step, code string) error {
	s.Name, s.System = o.step.Name, o.step.System
	if s.Attempted.IsZero() {
		s.Attempted = o.c.Now()
	}
	e := o.c.entry(code)
	e.Fields = map[string]string{"step": s.Name, "system": s.System}
	entry, err := o.c.run.Log.Seal(o.c.keys.Log, e)
	if err != nil {
		return err
	}
	err = o.c.run.Store.Write(ctx, func(t *store.Tx) error {
		if s.State == store.Intent {
			if err := t.Holds(o.c.run.worker); err != nil {
				return err
			}
		}
		if err := t.PutStep(o.c.row, o.c.run.worker, s); err != nil {
			return err
		}
		return o.c.run.Log.Write(t.Context(), t, entry...)
	})
	if errors.Is(err, store.ErrNotFound) {
		return errClaimLost
	}
	if err == nil {
		o.have = s
	}
	return err
}

func (o *once) seal(plan []byte) []byte { return o.c.keys.Content.Seal(plan, o.context("plan")) }

func (o *once) context(what string) string { return what + "/" + o.step.Name }

// change is one change of an item.
type change struct {
	item int64
	step string
}

// counts notes, by Clock.Running, from when settles_after counts for a change.
func (r *run) counts(item int64, step string, from time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun[change{item, step}] = from
}

func (r *run) began(item int64, step string) (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.begun[change{item, step}]
	return at, ok
}

// boot is what this run's readings compare with: those of this start of the machine, or
// where the kernel does not name it, of this run alone.
func (r *run) boot() string {
	if b := r.Clock.Boot(); b != "" {
		return b
	}
	return r.worker
}
