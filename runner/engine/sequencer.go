package engine

import (
	"context"
	"fmt"
	"time"

	"byskriver/runner/store"
)

// sequencer numbers the run log's entries while a run goes on, so that the
// signed checkpoint is never more than about a second behind.
type sequencer struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

func startSequencer(r *run) *sequencer {
	ctx, cancel := context.WithCancel(context.Background())
	s := &sequencer{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for r.Clock.Wait(ctx, time.Second) == nil {
			if err := r.sequencePending(ctx); err != nil && ctx.Err() == nil {
				r.fail(err)
				return
			}
		}
	}()
	return s
}

// sequencePending looks without a lock whether there is anything to number.
func (r *run) sequencePending(ctx context.Context) error {
	pending, err := r.Log.Pending(ctx, r.Store.Reader())
	if err != nil || !pending {
		return err
	}
	return Sequence(ctx, r.Engine)
}

func (s *sequencer) stop() {
	s.cancel()
	<-s.ended
}

// Sequence numbers what is pending in the run log, signs a checkpoint over it and
// publishes both.
func Sequence(ctx context.Context, e *Engine) error {
	for more := true; more; {
		err := e.Store.Write(ctx, func(t *store.Tx) error {
			b, err := e.Log.Sequence(t.Context(), t)
			if err != nil {
				return err
			}
			if more = b.More; more {
				return nil
			}
			_, err = e.Log.Checkpoint(t.Context(), t)
			return err
		})
		if err != nil {
			return fmt.Errorf("number the run log's entries: %w", err)
		}
	}
	if err := e.Store.Outside(ctx, func(db store.DB) error { return e.Log.Publish(ctx, db) }); err != nil {
		return fmt.Errorf("publish the run log: %w", err)
	}
	return nil
}
