package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/engine"
	"byskriver/runner/store"
)

// watch is a machine's clock: it runs as the real one, and is set, moved on and started
// anew with the machine.
type watch struct {
	clock.System
	mu         sync.Mutex
	wall, runs time.Duration
	boot       string
}

func (w *watch) set(wall, runs time.Duration, boot string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wall, w.runs, w.boot = w.wall+wall, w.runs+runs, boot
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.System.Now().Add(w.wall)
}

func (w *watch) Running() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.System.Running() + w.runs
}

func (w *watch) Boot() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.boot
}

// bureau is a house whose runs do not wait for what is due later, and a change whose
// answer was lost and whose effect does not show yet.
type bureau struct {
	*house
	watch *watch
	erp   *erp
}

// settles is far longer than these tests last.
const settles = time.Hour

func newBureau(t *testing.T) *bureau {
	b := freshBureau(t)
	b.once(1, runner.Waiting)
	return b
}

func freshBureau(t *testing.T) *bureau {
	b := &bureau{house: newHouse(t), watch: &watch{boot: "first"}, erp: newERP()}
	b.clock, b.limits.Patience, b.limits.Lease = b.watch, time.Nanosecond, time.Minute
	b.reopen()
	b.erp.cut["k"], b.erp.hidden["k"] = 1, 1000
	return b
}

// once lets a new process run, and wants so many postings and the item in a state.
func (b *bureau) once(posted int, state runner.State) {
	b.t.Helper()
	b.runs(poster(b.erp, "k"), posted, state)
}

func (b *bureau) runs(robot *robot, posted int, state runner.State) {
	b.t.Helper()
	b.reopen()
	if _, err := b.house.engine(settles).Run(b.t.Context(), robot, engine.RunOptions{Mode: runner.Live}); err != nil {
		b.t.Fatal(err)
	}
	row, err := b.store.ItemByKey(b.t.Context(), "poster", runner.Live, "k")
	if err != nil {
		b.t.Fatal(err)
	}
	if b.erp.taken["k"] != posted || row.State != state {
		b.t.Fatalf("posted %d times, the item is %s, wanted %d and %s: log %v", b.erp.taken["k"], row.State, posted, state, b.codes(row.Number))
	}
}

// lost makes the change one that was never taken.
func (b *bureau) lost() {
	b.erp.mu.Lock()
	defer b.erp.mu.Unlock()
	b.erp.taken["k"], b.erp.hidden["k"] = 0, 0
}

// The wall clock is set ahead between two processes on one boot: only the clock that
// nobody sets says when the change would show.
func TestClockSetAheadBetweenRuns(t *testing.T) {
	b := newBureau(t)
	b.watch.set(3*settles, 0, "first")
	b.once(1, runner.Waiting)
	b.watch.set(3*settles, settles/2, "first")
	b.once(1, runner.Waiting)
	b.lost()
	b.watch.set(3*settles, settles/2+b.limits.Lease, "first") // now it would show
	b.once(1, runner.Done)
}

// The machine was started anew, or it is another one: nobody knows how long ago the
// attempt was, so that the time counts from when it was first seen, over later runs too.
func TestAttemptOfAnotherBoot(t *testing.T) {
	b := newBureau(t)
	b.watch.set(3*settles, 5*settles, "second") // up for hours, and the wall clock says the same
	b.once(1, runner.Waiting)
	b.watch.set(3*settles, settles/2, "second")
	b.once(1, runner.Waiting)
	b.watch.set(3*settles, 0, "third") // a third one has to wait by itself
	b.once(1, runner.Waiting)
	b.lost()
	b.watch.set(3*settles, settles/2+b.limits.Lease, "second")
	b.once(1, runner.Done)
}

// Where the kernel does not name its boots, no later process may go by a reading.
func TestNamelessBoot(t *testing.T) {
	b := newBureau(t)
	for range 3 {
		b.watch.set(3*settles, 5*settles, "")
		b.once(1, runner.Waiting)
	}
}

// A change is many requests, and the last of them may be the one that counts: time counts
// from when the attempt ended, in the run that made it and in those that come after it.
func TestAttemptThatTookLong(t *testing.T) {
	b := freshBureau(t)
	slow := poster(b.erp, "k")
	slow.work = func(ctx context.Context, c runner.Case) error {
		_, err := c.Once(ctx, runner.Step{Name: "post", System: "erp"}, func(context.Context) (runner.Sight, error) { return b.erp.find("k") },
			func(context.Context) error {
				b.watch.set(2*settles, 2*settles, "first") // signed in, searched, filled in
				return b.erp.post("k")
			})
		return err
	}
	b.runs(slow, 1, runner.Waiting)
	b.once(1, runner.Waiting)
	b.watch.set(settles/2, settles/2, "first")
	b.once(1, runner.Waiting)
	b.lost()
	b.watch.set(settles, settles, "first")
	b.once(1, runner.Done)
}

// A store that is a copy holds a change that was begun, and may have been made since the
// copy was: nothing is made before that would show, however long ago it was begun.
func TestChangeBegunInACopy(t *testing.T) {
	b := newBureau(t)
	b.once(1, runner.Waiting)
	b.watch.set(5*settles, 5*settles, "first")
	if err := b.store.Write(t.Context(), func(tx *store.Tx) error { return tx.MarkAsCopy() }); err != nil {
		t.Fatal(err)
	}
	b.once(1, runner.Waiting)
	b.lost()
	b.watch.set(2*settles, 2*settles, "first")
	b.once(1, runner.Done)
}
