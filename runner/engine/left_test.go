package engine_test

import (
	"context"
	"testing"
	"time"

	"byskriver/runner"
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
