package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"byskriver/runner/store"
)

var errClaimLost = errors.New("the claim on the item is no longer ours")

// lease keeps this run's claims alive. What it knows of them is measured by the
// clock that runs on while the process is stopped: a run that was frozen past
// its lease sees that before its next change.
type lease struct {
	r       *run
	renewed atomic.Int64 // Clock.Running at the last renewal, in nanoseconds
	cancel  context.CancelFunc
	ended   chan struct{}
	lost    chan struct{} // closed when the claims are lost
}

func startLease(r *run) (*lease, error) {
	ctx, cancel := context.WithCancel(context.Background())
	l := &lease{r: r, cancel: cancel, ended: make(chan struct{}), lost: make(chan struct{})}
	if err := l.renew(ctx); err != nil {
		cancel()
		return nil, fmt.Errorf("take the lease: %w", err)
	}
	go l.loop(ctx)
	return l, nil
}

// loop renews the lease, again and again while it lasts: a database that does not
// answer for a moment is no reason to stop.
func (l *lease) loop(ctx context.Context) {
	defer close(l.ended)
	for l.r.Clock.Wait(ctx, l.r.Limits.Lease/3) == nil {
		err := l.renew(ctx)
		if err == nil {
			err = l.r.takeOverDead(ctx)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		if !l.r.Store.Shared() || l.over() || errors.Is(err, store.ErrNotFound) {
			l.r.fail(fmt.Errorf("renew the lease: %w", err)) // first, so that what is given back is not begun here again
			close(l.lost)
			return
		}
	}
}

// renew prolongs the lease. It counts from before the write, so that a slow
// commit shortens it.
func (l *lease) renew(ctx context.Context) error {
	if l.renewed.Load() != 0 && l.r.Store.Shared() && l.over() {
		return errClaimLost
	}
	running := l.r.Clock.Running()
	err := l.r.Store.Write(ctx, func(t *store.Tx) error { return t.Renew(l.r.worker, l.r.Limits.Lease) })
	if err == nil {
		l.renewed.Store(int64(running))
	}
	return err
}

// over reports whether the claims have run out, by the clock that runs on while the
// process is stopped.
func (l *lease) over() bool {
	return l.r.Clock.Running()-time.Duration(l.renewed.Load()) >= l.r.Limits.Lease
}

// gone reports whether the loop found the claims lost.
func (l *lease) gone() bool {
	select {
	case <-l.lost:
		return true
	default:
		return false
	}
}

func (l *lease) stop() {
	l.cancel()
	<-l.ended
}

// mayAct says whether a change may be begun now: the run goes on, and its claims
// outlast the request. A takeover waits for the lease and the longest request;
// what window remains is the time between this look and the request's arrival.
func (r *run) mayAct(system string) error {
	if r.taking.Err() != nil {
		return errStopping
	}
	if r.lease.over() {
		return errClaimLost
	}
	return nil
}
