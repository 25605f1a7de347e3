package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// collect has the robot find its work and stores each piece together with its
// job. It returns how many were new.
func (r *run) collect() (int64, error) {
	if r.opts.Help {
		return 0, nil
	}
	var fresh atomic.Int64
	leave, err := r.enterToCollect()
	if err != nil {
		return 0, r.collectTrouble(err)
	}
	defer leave()
	err = r.robot.Collect(r.taking, func(f runner.Found) (runner.Standing, error) {
		s, err := r.found(f)
		if err == nil && s.New {
			fresh.Add(1)
		}
		return s, err
	})
	r.looked = err == nil && r.taking.Err() == nil
	if err == nil || r.taking.Err() != nil {
		return fresh.Load(), r.collected(err == nil)
	}
	err = r.collectTrouble(err)
	if err == nil {
		return fresh.Load(), nil
	}
	return fresh.Load(), fmt.Errorf("robot %s could not find its work: %w", r.robot.Name(), err)
}

func (r *run) found(f runner.Found) (runner.Standing, error) {
	mode, err := r.modeOf(f.Area)
	if err != nil {
		return runner.Standing{}, err
	}
	n, err := r.Store.Prepare(r.robot.Name(), mode, f)
	if err != nil {
		return runner.Standing{}, err
	}
	var row store.Row
	var isNew bool
	err = r.Store.WriteAlone(r.taking, store.Items(r.robot.Name()), func(t *store.Tx) error {
		row, isNew, err = t.Add(n, r.Clock.Now())
		if err != nil {
			return err
		}
		if !isNew {
			return r.wake(t, f, &row)
		}
		if r.opts.Limit == 0 {
			if err := r.queue.insert(t, row.ID); err != nil {
				return err
			}
		}
		e := runlog.Entry{At: row.Created, Code: "item.found", Run: r.row.Number, Item: row.Number}
		if row.Twin != "" {
			e.Fields = map[string]string{"twin": row.Twin}
		}
		return r.Log.Append(t.Context(), t, n.Log, e)
	})
	if err != nil {
		return runner.Standing{}, fmt.Errorf("store a found item: %w", err)
	}
	if row.Mode == runner.Shadow && row.State == runner.Done {
		row.State = runner.Waiting // a shadow run has settled nothing, so nothing may be put away
	}
	return runner.Standing{Number: row.Number, State: row.State, New: isNew}, nil
}

// wake has an item that was found before worked now, where the robot asks for it.
func (r *run) wake(t *store.Tx, f runner.Found, row *store.Row) error {
	if !f.Again {
		return nil
	}
	woken, err := t.Wake(row.ID, r.Clock.Now())
	if woken {
		row.State = runner.Ready
	}
	return err
}

// trouble counts an error that says something about a system as a whole, and
// stops the run where it has come too often. It returns err unless the run is
// stopped by it. item is the item it came by, or nil.
func (r *run) trouble(err error, item *store.Row) error {
	var t *runner.Trouble
	if !errors.As(err, &t) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	most := map[runner.TroubleKind]int{runner.ScreenChanged: r.Limits.ScreenStop, runner.SignInRefused: 1, runner.Unavailable: r.Limits.OutageStop}[t.Kind]
	r.streak.add(t.Kind, item)
	if item != nil && r.streak.length() < max(1, most) || r.stopped != nil {
		return err
	}
	r.stopped = &store.Stop{Robot: r.robot.Name(), At: r.Clock.Now(), Run: r.row.Number, Kind: t.Kind, System: t.System, Text: t.Text}
	r.stop(fmt.Errorf("robot %s stopped itself: %w", r.robot.Name(), err))
	if item == nil {
		return nil
	}
	return err
}

// streak are the different items that met trouble of one kind, one after the
// other, with none that went well between.
type streak struct {
	kind  runner.TroubleKind
	items map[int64]bool
}

func (s *streak) add(kind runner.TroubleKind, item *store.Row) {
	if s.kind != kind || s.items == nil {
		s.kind, s.items = kind, map[int64]bool{}
	}
	if item != nil {
		s.items[item.ID] = true
	}
}

func (s *streak) length() int { return len(s.items) }

// smooth says that an item went through without trouble.
func (r *run) smooth() {
	r.mu.Lock()
	r.streak, r.outage = streak{}, time.Time{}
	r.mu.Unlock()
}

// uncount takes back the attempts of the items by which the robot saw that it
// had to stop: the next run begins with them as if they had not been tried.
func (r *run) uncount(ctx context.Context) error {
	r.mu.Lock()
	var ids []int64
	if r.stopped != nil {
		for id := range r.streak.items {
			ids = append(ids, id)
		}
	}
	r.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	return r.Store.Write(ctx, func(t *store.Tx) error { return t.Uncount(ids, r.Clock.Now()) })
}
