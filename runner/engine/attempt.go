package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"byskriver/runner"
	"byskriver/runner/limits"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// attempt takes an item through Work once and settles what came of it. It
// returns only errors of the house itself.
func (r *run) attempt(ctx context.Context, id, job int64) error {
	if err := r.take(id); err != nil {
		return r.giveBack(id, job)
	}
	defer r.put()
	var row store.Row
	var hold *parked
	err := r.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if row, err = t.Claim(id, job, r.worker); err != nil {
			return err
		}
		hold, err = r.gate(t, row)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim item %d: %w", id, err)
	}
	item, keys, err := r.Store.Load(ctx, row)
	if err != nil {
		return fmt.Errorf("load an item: %w", err)
	}
	c := &itemCase{run: r, row: row, item: item, keys: keys}
	if hold != nil && keys.Content.Valid() {
		return r.park(c, *hold)
	}
	err = r.judge(ctx, c)
	// An attempt that was cut off with its claim fails in words of its own.
	cut := errors.Is(err, errStopping) || errors.Is(err, errClaimLost) || err != nil && r.lease.gone()
	if c.held == nil && !cut {
		return r.settle(c, err)
	}
	doorErr := c.fared(context.WithoutCancel(ctx), false)
	if c.held != nil {
		return errors.Join(doorErr, r.park(c, *c.held))
	}
	return errors.Join(doorErr, r.release(row))
}

// giveBack leaves an item for a later run: it is open and has no job.
func (r *run) giveBack(id, job int64) error {
	return r.Store.Write(context.Background(), func(t *store.Tx) error {
		if err := t.DropJob(id, job); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return nil
	})
}

// release gives a claimed item back as if it had not been tried. Where the claim
// is lost, somebody else has the item and nothing is to be done.
func (r *run) release(row store.Row) error {
	err := r.Store.Write(context.Background(), func(t *store.Tx) error { return t.Unclaim(row, r.worker) })
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// judge runs Work, or answers itself where the item must not reach the robot.
func (r *run) judge(ctx context.Context, c *itemCase) (err error) {
	switch {
	case !c.keys.Content.Valid():
		return runner.Refuse("SLETTET", "Sagens indhold er slettet efter slettepolitikken. Den kan kun behandles manuelt.", "", runner.Manual())
	case c.item.Twin != "" && c.item.Decision == nil:
		return runner.Refuse(runner.CodeTwin, fmt.Sprintf("Sagen er modtaget før som %s, men med andet indhold. Afgør, hvilken der gælder. Vælg Prøv igen, hvis denne skal behandles.", c.item.Twin), "")
	case c.row.Attempt > r.Limits.Attempts:
		return r.gaveUp(c.row, errors.New("the attempt before this one never came to its end"))
	}
	ctx, cancel := context.WithTimeout(ctx, r.Limits.ItemTime)
	defer cancel()
	defer r.cutWhenLost(cancel)()
	defer func() {
		if p := recover(); p != nil {
			c.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
			err = runner.Refuse(runner.CodePanic, "Robotten gik i stå på denne sag. Behandl den manuelt, og giv driften besked om sagens nummer.", "")
		}
	}()
	err = r.robot.Work(ctx, c)
	if c.uncertain != nil {
		return c.uncertain
	}
	return err
}

// settle turns what Work returned into the item's outcome: the one switch.
func (r *run) settle(c *itemCase, err error) error {
	var refusal *runner.Refusal
	var later *runner.Postponed
	var closed *limits.Closed
	o := store.Outcome{At: r.Clock.Now(), Run: r.row.Number}
	switch {
	case err == nil, errors.Is(err, runner.ErrShadow) && c.item.Mode == runner.Shadow:
		o.State = runner.Done
	case errors.As(err, &refusal):
		o.State, o.Code = runner.Exception, refusal.Code
		o.Words = store.Words{Text: refusal.Text, Proposal: refusal.Proposal, Choices: refusal.Choices}
	case errors.As(err, &closed):
		if err := c.fared(context.Background(), false); err != nil {
			return err
		}
		return r.metDoor(c, closed, o, "")
	case errors.As(err, &later):
		o.State, o.Code, o.ReadyAt = runner.Waiting, later.Code, later.Until
		o.Words = store.Words{Text: later.Text}
	default:
		return r.failed(c, err, o)
	}
	r.smooth()
	if err := c.fared(context.Background(), true); err != nil {
		return err
	}
	return r.record(c, o, "")
}

// failed has the item tried again later, or gives it to a person where it has
// been tried often enough.
func (r *run) failed(c *itemCase, err error, o store.Outcome) error {
	closed, doorErr := r.doorOf(c, err)
	if doorErr != nil {
		return doorErr
	}
	var t *runner.Trouble
	// What a system that is left alone has to do with is counted there, not by the run.
	if closed == nil || errors.As(err, &t) && t.Kind != runner.Unavailable {
		err = r.trouble(err, &c.row)
	}
	if closed != nil {
		return r.metDoor(c, closed, o, errText(err))
	}
	if c.row.Attempt >= r.Limits.Attempts && !r.stopping() {
		var refusal *runner.Refusal
		errors.As(r.gaveUp(c.row, err), &refusal)
		o.State, o.Code = runner.Exception, refusal.Code
		o.Words = store.Words{Text: refusal.Text, Choices: refusal.Choices}
		return r.record(c, o, errText(err))
	}
	o.State, o.Code = runner.Failed, "error"
	if errors.As(err, &t) {
		o.Code = string(t.Kind)
	}
	o.ReadyAt = o.At.Add(r.backoff(c.row.Attempt))
	return r.record(c, o, errText(err))
}

func (r *run) gaveUp(row store.Row, err error) error {
	text := fmt.Sprintf("Robotten har forsøgt %d gange uden held. ", row.Attempt)
	var t *runner.Trouble
	if errors.As(err, &t) {
		text += t.Text + " "
	}
	return runner.Refuse(runner.CodeGaveUp, text+"Se efter i systemet, om sagen er behandlet, før du vælger Prøv igen.", "")
}

func (r *run) stopping() bool { return r.taking.Err() != nil }

// backoff is how long to wait after the nth failure: four times as long each
// time, with a quarter more or less so that failures do not come in step.
func (r *run) backoff(n int) time.Duration {
	d := r.Limits.FirstRetry
	for i := 1; i < n && d < r.Limits.LastRetry; i++ {
		d *= 4
	}
	d = min(d, r.Limits.LastRetry)
	r.random.Lock()
	defer r.random.Unlock()
	return d*3/4 + time.Duration(r.Random.Int64N(int64(d)/2+1))
}

// record commits the outcome and its run-log entry together.
func (r *run) record(c *itemCase, o store.Outcome, detail string) error {
	var words []byte
	var err error
	c.mu.Lock()
	o.Words.Label = c.label
	c.mu.Unlock()
	if o.Words.Text != "" || o.Words.Label != "" {
		if words, err = c.keys.SealWords(o.Words); err != nil {
			return fmt.Errorf("seal the outcome of %s: %w", c.row.Number, err)
		}
	}
	e := c.entry("item." + string(o.State))
	e.At, e.Text, e.Fields = o.At, o.Words.Text, c.outcomeFields(o, detail)
	entry, err := r.Log.Seal(c.keys.Log, e)
	if err != nil {
		return fmt.Errorf("log the outcome of %s: %w", c.row.Number, err)
	}
	err = r.Store.Write(context.Background(), func(t *store.Tx) error {
		if err := t.Settle(c.row, r.worker, o, words); err != nil {
			return err
		}
		if c.waitsAt != "" {
			if err := t.WaitAt(c.row.ID, c.waitsAt); err != nil {
				return err
			}
		}
		return r.Log.Write(t.Context(), t, entry...)
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil // the claim was taken over; the other worker settles it
	}
	if err != nil {
		return fmt.Errorf("settle %s: %w", c.row.Number, err)
	}
	r.note(c.row.ID, c.row.Mode, o.State)
	return nil
}

// outcomeFields are what the log says of an outcome besides its text.
func (c *itemCase) outcomeFields(o store.Outcome, detail string) map[string]string {
	f := map[string]string{}
	add := func(k, v string) {
		if v != "" {
			f[k] = v
		}
	}
	add("code", o.Code)
	add("error", detail)
	add("decisions", c.decidedDigest())
	add("panic", c.panicked)
	if d := c.item.Decision; d != nil {
		add("decided_by", d.By)
	}
	if c.item.Mode == runner.Shadow {
		add("mode", string(runner.Shadow))
	}
	return f
}

func (c *itemCase) entry(code string) runlog.Entry {
	return runlog.Entry{At: c.run.Clock.Now(), Code: code, Run: c.run.row.Number, Item: c.row.Number}
}
