package engine_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/engine"
	"byskriver/runner/store"
)

// An item whose job a dead process left behind is worked while the robot collects. The
// robot collects once more, so that what the item came from is put away by this run.
func TestCollectsAgainAfterWhatWasLeft(t *testing.T) {
	h := newHouse(t)
	later := true
	r := &robot{name: "left", collect: finds("a"), work: func(context.Context, runner.Case) error {
		if later {
			return runner.Later(time.Now().Add(time.Hour), "SENERE", "Senere.")
		}
		return nil
	}}
	h.run(r, engine.RunOptions{})
	later = false
	err := h.store.Write(t.Context(), func(tx *store.Tx) error {
		for _, q := range []string{`UPDATE river_job SET state = 'available', finalized_at = NULL, attempt = 0`,
			`UPDATE items SET state = 'ready', ready_at = 0, job_id = (SELECT MAX(id) FROM river_job)`} {
			if _, err := tx.ExecContext(t.Context(), q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	collected := 0
	r.collect = func(_ context.Context, found runner.Finder) error {
		collected++
		for {
			s, err := found(runner.Found{Key: "a", Content: []byte("content of a"), Area: "Test"})
			if err != nil || s.Settled() {
				return err
			}
		}
	}
	h.run(r, engine.RunOptions{})
	if collected != 2 {
		t.Errorf("collected %d times, want once more after the item had ended", collected)
	}
}

// setAhead is the machine's clock, which somebody sets ahead.
type setAhead struct {
	clock.System
	by atomic.Int64
}

func (s *setAhead) Now() time.Time { return s.System.Now().Add(time.Duration(s.by.Load())) }

// The answer to a change is lost, the wall clock is set ahead by hours, and the change
// does not show yet: it is not made a second time.
func TestClockSetAheadBeforeAChangeShows(t *testing.T) {
	h := newHouse(t)
	watch := &setAhead{}
	h.clock = watch
	h.reopen()
	e := newERP()
	e.cut["a"], e.hidden["a"] = 1, 1
	r := poster(e, "a")
	r.work = func(ctx context.Context, c runner.Case) error {
		err := e.once(ctx, c)
		watch.by.Store(int64(2 * time.Hour))
		return err
	}
	if _, err := h.engine(300*time.Millisecond).Run(t.Context(), r, engine.RunOptions{Mode: runner.Live}); err != nil {
		t.Fatal(err)
	}
	if e.taken["a"] != 1 {
		t.Errorf("posted %d times", e.taken["a"])
	}
}
