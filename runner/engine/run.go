package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// run is one run of one robot.
type run struct {
	*Engine
	robot  runner.Robot
	opts   RunOptions
	row    store.Run
	worker string // claims are made in this name
	queue  *queue
	lease  *lease

	stop   context.CancelCauseFunc // ends the taking up of items
	taking context.Context

	mu     sync.Mutex
	random sync.Mutex
	tally  map[int64]runner.State // items taken up, and how they stand
	// inShadow are items that a live run worked in shadow: nothing came of them.
	inShadow map[int64]bool
	taken    int
	streak   streak
	sampler  sampler
	looked   bool        // the robot's looking for work came to its end
	shadows  atomic.Bool // items were found in areas that are in shadow, though the run is live
	stopped  *store.Stop
	fatal    error
	restored time.Time                // when a copy of an earlier store was put to work; zero where it is none
	active   int                      // attempts under way
	begun    map[change]time.Duration // from when settles_after counts for a change, by Clock.Running

	outage time.Time // since when a system that items wait for is left alone
	doors  int       // doors seen to open
}

var (
	errQuota    = errors.New("the run's limit is reached")
	errStopping = errors.New("the run is stopping")
)

func newRun(e *Engine, robot runner.Robot, o RunOptions) *run {
	id := make([]byte, 8)
	rand.Read(id)
	return &run{Engine: e, robot: robot, opts: o, tally: map[int64]runner.State{}, inShadow: map[int64]bool{}, begun: map[change]time.Duration{},
		worker: robot.Name() + "-" + hex.EncodeToString(id)}
}

func (r *run) queueName(m runner.Mode) string {
	if m == runner.Shadow {
		return r.robot.Name() + "-shadow"
	}
	return r.robot.Name()
}

// begin takes over from dead workers, and stores and logs the run's start.
func (r *run) begin(ctx context.Context) error {
	now := r.Clock.Now()
	err := r.Store.Write(ctx, func(t *store.Tx) error {
		if err := r.takeOver(t); err != nil {
			return err
		}
		if err := t.ResetJobs(r.robot.Name(), r.queues()...); err != nil {
			return err
		}
		var err error
		var fresh bool
		if r.restored, fresh, err = t.Restored(now); err != nil {
			return err
		}
		r.row, err = t.StartRun(store.Run{Robot: r.robot.Name(), Mode: r.opts.Mode, Started: now, Facts: r.Facts, Worker: r.worker, Limit: r.opts.Limit})
		if err != nil {
			return err
		}
		if err := t.Register(r.worker, r.robot.Name(), r.Machine, r.Limits.Lease); err != nil {
			return err
		}
		if err := disclose(r.Engine, t); err != nil {
			return err
		}
		if fresh {
			if err := r.log(t, runlog.Entry{Code: "store.restored", Text: restoredText}); err != nil {
				return err
			}
		}
		return r.log(t, runlog.Entry{Code: "run.started", Fields: r.startFields()})
	})
	if err != nil {
		return fmt.Errorf("start a run of %s: %w", r.robot.Name(), err)
	}
	return nil
}

// log writes an entry of the run that belongs to no item.
func (r *run) log(t *store.Tx, e runlog.Entry) error {
	e.At, e.Run = r.Clock.Now(), r.row.Number
	return r.Log.Append(t.Context(), t, seal.Key{}, e)
}

func with(facts map[string]string, kv ...string) map[string]string {
	all := make(map[string]string, len(facts)+len(kv)/2)
	for k, v := range facts {
		all[k] = v
	}
	for i := 0; i+1 < len(kv); i += 2 {
		all[kv[i]] = kv[i+1]
	}
	return all
}

// work collects and works until nothing is ready.
func (r *run) work(ctx context.Context) error {
	r.taking, r.stop = context.WithCancelCause(ctx)
	defer r.stop(nil)
	var err error
	if r.lease, err = startLease(r); err != nil {
		return err
	}
	defer r.lease.stop()
	sequencer := startSequencer(r)
	defer sequencer.stop()
	if r.queue, err = startQueue(ctx, r); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	err = r.rounds()
	if stopErr := r.queue.stop(r.Limits.GraceOnStop); stopErr != nil {
		err = errors.Join(err, stopErr)
	}
	if unErr := r.uncount(context.WithoutCancel(ctx)); unErr != nil {
		err = errors.Join(err, unErr)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(err, r.fatal, r.interrupted(ctx))
}

// interrupted tells an operator's stop from the run's own end.
func (r *run) interrupted(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the run was stopped: %w", context.Cause(ctx))
	}
	return nil
}

// rounds collects and works, and collects again until that finds nothing new:
// what was settled meanwhile may be put away by then.
func (r *run) rounds() error {
	done := 0 // as it was known when the robot collected last; what a dead process left may be worked at any time
	for {
		if err := r.unhold(context.WithoutCancel(r.taking)); err != nil {
			return err
		}
		if err := r.letWaiting(context.WithoutCancel(r.taking)); err != nil {
			return err
		}
		fresh, err := r.collect()
		if err != nil || r.taking.Err() != nil {
			return err
		}
		if err := r.drain(); err != nil || r.taking.Err() != nil {
			return err
		}
		now := r.result().Done
		if fresh == 0 && now == done {
			return nil
		}
		done = now
	}
}

// drain gives jobs to due items and waits until none is open that becomes due
// within the run's patience.
func (r *run) drain() error {
	for r.taking.Err() == nil {
		if r.quotaReached() && r.idle() {
			return nil
		}
		if err := r.doorsOpened(context.WithoutCancel(r.taking)); err != nil {
			return err
		}
		if err := r.pump(); err != nil {
			return err
		}
		next, open, err := r.nextDue()
		if err != nil {
			if r.taking.Err() != nil {
				return nil
			}
			return fmt.Errorf("look for due items: %w", err)
		}
		// An outcome is committed before it is counted.
		if (open == 0 || next.Sub(r.Clock.Now()) > r.patience()) && r.idle() {
			return nil
		}
		if err := r.Clock.Wait(r.taking, r.Limits.Poll); err != nil {
			return nil
		}
	}
	return nil
}

// maxPump bounds how many jobs one pump gives out.
const maxPump = 1000

// pump gives a job to every open item that is due and has none.
func (r *run) pump() error {
	if r.quotaReached() {
		return nil
	}
	return r.Store.Write(r.taking, func(t *store.Tx) error {
		for _, mode := range r.modes() {
			ids, err := t.DueWithoutJob(r.robot.Name(), mode, r.Clock.Now(), maxPump)
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := r.queue.insert(t, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// end stores and logs the run's end, with the reconciled count.
func (r *run) end(failure error) error {
	ctx := context.Background()
	r.mu.Lock()
	stopped := r.stopped
	r.mu.Unlock()
	r.row.Ended, r.row.Result = r.Clock.Now(), r.result()
	r.row.Result.Broken = failure != nil
	if stopped != nil {
		r.row.Result.Stopped = stopped.Text
	}
	var lost error
	err := r.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if r.row.Result.Left, err = t.Due(r.robot.Name(), r.opts.Mode, r.Clock.Now()); err != nil {
			return err
		}
		if err := r.endStops(t, stopped); err != nil {
			return err
		}
		if err := t.Resign(r.worker); err != nil {
			return err
		}
		if err := t.EndRun(r.row.Number, r.row.Ended, r.row.Result); errors.Is(err, store.ErrNotFound) {
			lost = fmt.Errorf("run %s was taken for dead by another machine: %w", r.row.Number, errClaimLost)
			return nil // which has logged that
		} else if err != nil {
			return err
		}
		return r.log(t, runlog.Entry{Code: "run.ended", Text: errText(failure), Fields: resultFields(r.row.Result)})
	})
	if err != nil {
		return fmt.Errorf("end run %s: %w", r.row.Number, err)
	}
	return errors.Join(lost, Sequence(ctx, r.Engine))
}

// endStops records that the robot stopped itself, or that it works again.
func (r *run) endStops(t *store.Tx, stopped *store.Stop) error {
	if stopped == nil {
		// A run that found its work again, and left none, shows as much as one that did some.
		if res := r.row.Result; res.Done+res.Exceptions == 0 && (!r.looked || res.Waiting+res.Failed+res.Left > 0) {
			return nil
		}
		return t.ClearStops(r.robot.Name(), r.row.Ended)
	}
	if err := t.ClearStops(r.robot.Name(), r.row.Ended); err != nil {
		return err
	}
	if err := t.PutStop(*stopped); err != nil {
		return err
	}
	return r.log(t, runlog.Entry{Code: "robot.stopped", Text: stopped.Text,
		Fields: map[string]string{"kind": string(stopped.Kind), "system": stopped.System}})
}

func resultFields(s store.Result) map[string]string {
	f := map[string]string{"found": strconv.Itoa(s.Found), "done": strconv.Itoa(s.Done), "exceptions": strconv.Itoa(s.Exceptions),
		"waiting": strconv.Itoa(s.Waiting), "failed": strconv.Itoa(s.Failed), "left": strconv.Itoa(s.Left)}
	if s.Shadow > 0 {
		f["shadow"] = strconv.Itoa(s.Shadow)
	}
	return f
}

// result counts the items that were taken up by how they stand.
func (r *run) result() store.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := store.Result{Found: len(r.tally), Shadow: len(r.inShadow)}
	for _, state := range r.tally {
		switch state {
		case runner.Done:
			s.Done++
		case runner.Exception:
			s.Exceptions++
		case runner.Waiting:
			s.Waiting++
		default:
			s.Failed++
		}
	}
	return s
}

// note counts an item's standing, and tells whoever follows the run.
func (r *run) note(id int64, mode runner.Mode, state runner.State) {
	r.mu.Lock()
	r.tally[id] = state
	if mode != r.opts.Mode {
		delete(r.tally, id)
		r.inShadow[id] = true
	}
	r.mu.Unlock()
	if r.opts.Progress != nil {
		r.opts.Progress(r.result())
	}
}

// take counts an item against the run's limit. An item taken up before in this
// run does not count again.
func (r *run) take(id int64) error {
	if r.taking.Err() != nil {
		return errStopping
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, again := r.tally[id]; !again {
		if r.opts.Limit > 0 && r.taken >= r.opts.Limit {
			return errQuota
		}
		r.taken++
		r.tally[id] = runner.Failed
	}
	r.active++
	return nil
}

// put ends what take began.
func (r *run) put() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active--
}

func (r *run) idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.active == 0
}

func (r *run) quotaReached() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.opts.Limit > 0 && r.taken >= r.opts.Limit
}

// fail ends the run because of an error of the house itself, such as a store
// that cannot be written.
func (r *run) fail(err error) {
	r.mu.Lock()
	if r.fatal == nil {
		r.fatal = err
	}
	r.mu.Unlock()
	r.stop(err)
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	const most = 2000
	s := err.Error()
	if len(s) > most {
		s = s[:most] + " …"
	}
	return s
}
