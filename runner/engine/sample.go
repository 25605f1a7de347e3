package engine

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/sampling"
	"byskriver/runner/seal"
	"byskriver/runner/store"
	"byskriver/schedules"
)

// sampler holds the key that this run draws by at present.
type sampler struct {
	mu  sync.Mutex
	day string
	key store.SamplingKey
}

// errPeriodOver says that a period's key was disclosed before an item was drawn by it.
var errPeriodOver = errors.New("the sampling period has ended")

// Sample draws whether a person is to judge this item, once for the item's whole life.
func (c *itemCase) Sample(ctx context.Context, proposal string, choices ...runner.Choice) error {
	if c.item.Mode == runner.Shadow {
		return nil
	}
	if d := c.item.Decision; d != nil && d.Action != runner.ActionRetry && d.Action != runner.ActionAgree {
		return nil // it is the person's own decision that is carried out
	}
	for {
		key, err := c.run.samplingKey(ctx)
		if err != nil {
			return fmt.Errorf("draw samples: %w", err)
		}
		drawn, text, err := c.draw(ctx, key, proposal)
		switch {
		case errors.Is(err, errPeriodOver):
			c.run.sampler.forget()
			continue
		case err != nil:
			return fmt.Errorf("draw whether %s is a sample: %w", c.row.Number, err)
		case drawn:
			return runner.Refuse(runner.CodeSample, text, proposal, sampleChoices(choices)...)
		}
		return nil
	}
}

const (
	sampleText   = "Stikprøve: Robotten kunne have klaret sagen selv og ville gøre som i Forslag. Bedøm sagen, og vælg »Enig, udfør forslaget«, hvis du er enig, ellers det rigtige."
	proposalText = "Stikprøve: Robottens forslag er et andet nu, end da der blev sagt ja til det. Bedøm det nye i Forslag."
)

func sampleChoices(own []runner.Choice) []runner.Choice {
	agrees := func(c runner.Choice) bool { return c.Action == runner.ActionAgree }
	switch {
	case len(own) == 0:
		return []runner.Choice{runner.Agree(), runner.Manual()}
	case !slices.ContainsFunc(own, agrees):
		return append([]runner.Choice{runner.Agree()}, own...)
	}
	return own
}

// draw asks about the item, or finds what was drawn before. text says why a person is
// asked.
func (c *itemCase) draw(ctx context.Context, key store.SamplingKey, proposal string) (drawn bool, text string, err error) {
	share := sampling.Share(0)
	if c.run.Share != nil {
		share = c.run.Share(c.row.Area)
	}
	item := c.row.ItemMAC()
	fresh := store.Sample{Period: key.Period, Share: int(share), Asked: c.Now(), Proposal: c.keys.SealProposal(proposal),
		Drawn: sampling.Draw(key.Key, c.row.Robot, item, share)}
	e := c.entry("sample.asked")
	e.Fields = map[string]string{"robot": c.row.Robot, "period": key.Period, "key": item, "share": strconv.Itoa(fresh.Share), "drawn": strconv.FormatBool(fresh.Drawn)}
	entry, err := c.run.Log.Seal(c.keys.Log, e)
	if err != nil {
		return false, "", err
	}
	err = c.run.Store.Write(ctx, func(t *store.Tx) error {
		have, err := t.Sample(c.row.ID)
		if err == nil {
			drawn, text, err = c.again(t, have, proposal, fresh.Proposal)
			return err
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if open, err := t.SamplingKeyOpen(key.Robot, key.Period); err != nil {
			return err
		} else if !open {
			return errPeriodOver
		}
		drawn, text = fresh.Drawn, sampleText
		if err := t.PutSample(c.row, fresh); err != nil {
			return err
		}
		return c.run.Log.Write(t.Context(), t, entry...)
	})
	return drawn, text, err
}

// again is for an item that was asked about before: one that was drawn goes on only with
// what a person has agreed to.
func (c *itemCase) again(t *store.Tx, have store.Sample, proposal string, sealed []byte) (drawn bool, text string, err error) {
	if !have.Drawn {
		return false, "", nil
	}
	was, err := c.keys.OpenProposal(have.Proposal)
	if err != nil {
		return false, "", err
	}
	if was == proposal {
		return have.Judged != store.Agreed, sampleText, nil
	}
	text = sampleText
	if have.Judged == store.Agreed {
		text = proposalText
	}
	return true, text, t.Propose(c.row, sealed)
}

// samplingKey is the key of the day. A new one is committed to in the log, and that is
// signed, before anything is drawn by it.
func (r *run) samplingKey(ctx context.Context) (store.SamplingKey, error) {
	day, err := dayOf(r.Clock.Now())
	if err != nil {
		return store.SamplingKey{}, err
	}
	r.sampler.mu.Lock()
	defer r.sampler.mu.Unlock()
	if r.sampler.day == day {
		return r.sampler.key, nil
	}
	key, fresh, err := r.keyOfDay(ctx, day)
	if err != nil {
		return key, err
	}
	if fresh {
		if err := Sequence(ctx, r.Engine); err != nil {
			return key, err
		}
	}
	r.sampler.day, r.sampler.key = day, key
	return key, nil
}

// keyOfDay is the day's key, drawn now where there is none yet.
func (r *run) keyOfDay(ctx context.Context, day string) (key store.SamplingKey, fresh bool, err error) {
	err = r.Store.Write(ctx, func(t *store.Tx) error {
		var used int
		if key, used, err = r.Store.SamplingKey(t, r.robot.Name(), day); err != nil || key.Key != nil {
			return err
		}
		secret, err := sampling.NewKey(r.Secrets)
		if err != nil {
			return err
		}
		fresh = true
		key = store.SamplingKey{Robot: r.robot.Name(), Period: day, Key: secret, Commitment: sampling.Commitment(secret)}
		if used > 0 { // the clock was put back to a day that was over
			key.Period += "." + strconv.Itoa(used+1)
		}
		if err := r.Store.PutSamplingKey(t, key, r.Clock.Now()); err != nil {
			return err
		}
		return r.log(t, runlog.Entry{Code: "sample.committed", Fields: map[string]string{"robot": key.Robot, "period": key.Period, "commitment": key.Commitment}})
	})
	return key, fresh, err
}

func (s *sampler) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day = ""
}

// Disclose writes the keys of sampling periods that have ended to the log, those of all
// robots, and signs a checkpoint over them. Where none is due it writes nothing.
func (e *Engine) Disclose(ctx context.Context) error {
	if err := e.Store.Write(ctx, func(t *store.Tx) error { return disclose(e, t) }); err != nil {
		return fmt.Errorf("disclose sampling keys: %w", err)
	}
	pending, err := e.Log.Pending(ctx, e.Store.Reader())
	if err != nil || !pending {
		return err
	}
	return Sequence(ctx, e)
}

// disclose writes the keys of periods that have ended to the log, those of all robots.
func disclose(e *Engine, t *store.Tx) error {
	now := e.Clock.Now()
	day, err := dayOf(now)
	if err != nil {
		return err
	}
	keys, err := e.Store.Disclose(t, day, now)
	if err != nil {
		return err
	}
	for _, k := range keys {
		entry := runlog.Entry{At: now, Code: "sample.disclosed", Fields: map[string]string{"robot": k.Robot, "period": k.Period, "key": hex.EncodeToString(k.Key)}}
		if err := e.Log.Append(t.Context(), t, seal.Key{}, entry); err != nil {
			return err
		}
	}
	return nil
}

// dayOf is the date in Denmark, such as 2026-11-22.
func dayOf(t time.Time) (string, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return "", err
	}
	return t.In(zone).Format(time.DateOnly), nil
}
