package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/engine"
	"byskriver/runner/store"
)

// machine is another machine on the same database: its own store, log and clock.
func (h *house) machine(name string, watch runner.Clock) *house {
	h.t.Helper()
	m := *h
	m.clock, m.folder, m.name = watch, h.t.TempDir(), name
	m.open()
	h.t.Cleanup(func() {
		if err := m.store.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return &m
}

func keys(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("key %d", i)
	}
	return all
}

// Machines that work one robot at the same time share its items: each is posted once,
// and what the two runs say they have done adds up.
func TestMachinesShareItems(t *testing.T) {
	t.Parallel()
	h, e := newHouseOn(t, true), newERP()
	const n = 60
	var all sync.WaitGroup
	runs := make([]store.Run, 2)
	both := newBarrier(2)
	for i, name := range []string{"rpa1", "rpa2"} {
		m := h.machine(name, clock.System{})
		r := poster(e, keys(n)...)
		work := r.work
		r.work = func(ctx context.Context, c runner.Case) error {
			both.wait() // nobody goes on before both have an item
			return work(ctx, c)
		}
		all.Go(func() { runs[i] = m.run(r, engine.RunOptions{}) })
	}
	all.Wait()
	if a, b := runs[0].Result, runs[1].Result; a.Done+b.Done != n || a.Done == 0 || b.Done == 0 || a.Found != a.Done || b.Found != b.Done {
		t.Errorf("done %+v and %+v, together %d wanted", a, b, n)
	}
	for _, k := range keys(n) {
		if e.taken[k] != 1 {
			t.Errorf("%s was posted %d times", k, e.taken[k])
		}
	}
}

// barrier opens when so many have come, and stays open.
type barrier struct {
	mu   sync.Mutex
	left int
	open chan struct{}
}

func newBarrier(n int) *barrier { return &barrier{left: n, open: make(chan struct{})} }

func (b *barrier) wait() {
	b.mu.Lock()
	if b.left--; b.left == 0 {
		close(b.open)
	}
	b.mu.Unlock()
	<-b.open
}

// frozen is a machine that stands still in the middle of its first item, before the
// change or after it: its clock does not move, so that it renews nothing.
type frozen struct {
	clock                *clock.Manual
	still, woken, worked chan struct{}
	stood, did           sync.Once
	ended                chan error
}

// freeze returns when the machine stands still.
func (h *house) freeze(e *erp, after bool) *frozen {
	f := &frozen{clock: clock.NewManual(time.Now()), still: make(chan struct{}), woken: make(chan struct{}), worked: make(chan struct{}), ended: make(chan error, 1)}
	m := h.machine("rpa1", f.clock)
	m.limits.AtOnce, m.limits.Lease = 1, time.Hour
	r := poster(e, "k")
	work := r.work
	r.work = func(ctx context.Context, c runner.Case) error {
		defer f.did.Do(func() { close(f.worked) })
		if !after {
			f.stand()
			return work(ctx, c)
		}
		_, err := c.Once(ctx, runner.Step{Name: "post", System: "erp"}, func(context.Context) (runner.Sight, error) { return e.find("k") },
			func(context.Context) error { err := e.post("k"); f.stand(); return err })
		return err
	}
	go func() {
		_, err := m.engine(0).Run(h.t.Context(), r, engine.RunOptions{Mode: runner.Live})
		f.ended <- err
	}()
	select {
	case <-f.still:
	case err := <-f.ended:
		h.t.Fatalf("the run ended before its first item: %v", err)
	}
	return f
}

func (f *frozen) stand() {
	f.stood.Do(func() { close(f.still) })
	<-f.woken
}

// wake lets the machine go on, and its clock after that, until it sees that its claims
// are lost and ends its run.
func (f *frozen) wake() error {
	close(f.woken)
	<-f.worked
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-f.ended:
			return err
		case <-tick.C:
			f.clock.Advance(time.Hour)
		}
	}
}

// expired lets the frozen machine's lease run out in the database, as if time had passed.
func (h *house) expired() {
	h.t.Helper()
	err := h.store.Write(h.t.Context(), func(t *store.Tx) error {
		_, err := t.ExecContext(t.Context(), `UPDATE workers SET lease_until = $1 WHERE machine = 'rpa1'`, time.Now().Add(-time.Millisecond).UnixMicro())
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// A machine whose lease has run out by the database's clock makes no change, though by
// its own no time has passed, and though nobody has taken its items over yet.
func TestTheDatabasesViewOfTheClaimCounts(t *testing.T) {
	t.Parallel()
	h, e := newHouseOn(t, true), newERP()
	f := h.freeze(e, false)
	h.expired()
	if err := f.wake(); err == nil {
		t.Error("the run did not say that its claims were lost")
	}
	if e.taken["k"] != 0 {
		t.Error("it was posted after the lease had run out")
	}
	if run := h.machine("rpa2", clock.System{}).run(poster(e, "k"), engine.RunOptions{}); run.Result.Done != 1 || e.taken["k"] != 1 {
		t.Errorf("afterwards %+v, posted %d times", run.Result, e.taken["k"])
	}
}

// What a machine was in the middle of when it froze is taken over and found; what it says
// when it wakes changes nothing.
func TestAFrozenMachineIsTakenOver(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		h, e := newHouseOn(t, true), newERP()
		f := h.freeze(e, after)
		h.expired()
		other := h.machine("rpa2", clock.System{})
		run := other.run(poster(e, "k"), engine.RunOptions{})
		if run.Result.Done != 1 || e.taken["k"] != 1 {
			t.Errorf("after %v: the other machine %+v, posted %d times", after, run.Result, e.taken["k"])
		}
		if err := f.wake(); err == nil {
			t.Error("the run did not say that its claims were lost")
		}
		if e.taken["k"] != 1 {
			t.Errorf("after %v: posted %d times in all", after, e.taken["k"])
		}
		codes := strings.Join(h.codes("poster-2026-000001"), " ")
		if h.item("poster-2026-000001").State != runner.Done || strings.Count(codes, "item.done") != 1 {
			t.Errorf("after %v: %s", after, codes)
		}
	}
}

// What may still be under way is left alone until the longest request is over; what was
// not begun is not.
func TestABegunChangeIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		h, e := newHouseOn(t, true), newERP()
		f := h.freeze(e, after)
		h.expired()
		var freed int64
		err := h.store.Write(t.Context(), func(tx *store.Tx) (err error) {
			freed, err = tx.TakeOver("poster", time.Hour, "poster")
			return err
		})
		if want := map[bool]int64{false: 1, true: 0}[after]; err != nil || freed != want {
			t.Errorf("begun %v: freed %d, want %d (%v)", after, freed, want, err)
		}
		if err := f.wake(); err == nil && !after {
			t.Error("the run did not say that its claims were lost")
		}
	}
}
