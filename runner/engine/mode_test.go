package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/engine"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

func (h *house) set(area string, m runner.Mode) {
	h.t.Helper()
	if err := h.engine(0).SetMode(h.t.Context(), store.SetMode{Robot: "poster", Area: area, Mode: m, By: "Grethe", Why: "vi ser tiden an", At: h.clock.Now()}); err != nil {
		h.t.Fatal(err)
	}
}

// inAreas is a poster with items in two areas: "a/1" is in a.
func inAreas(e *erp, keys ...string) *robot {
	r := poster(e)
	r.collect = func(_ context.Context, found runner.Finder) error {
		for _, k := range keys {
			area, _, _ := strings.Cut(k, "/")
			if _, err := found(runner.Found{Key: k, Content: []byte(k), Area: area}); err != nil {
				return err
			}
		}
		return nil
	}
	return r
}

func TestTheLowestModeCounts(t *testing.T) {
	config := func(m runner.Mode, own bool) engine.Ceiling {
		return func(string) (runner.Mode, bool) { return m, own }
	}
	whole := func(m runner.Mode) store.SetMode { return store.SetMode{Mode: m} }
	part := func(area string, m runner.Mode) store.SetMode { return store.SetMode{Area: area, Mode: m} }
	for _, c := range []struct {
		ceiling engine.Ceiling
		set     []store.SetMode
		want    runner.Mode
		scope   string
	}{
		{nil, nil, runner.Live, ""},
		{config(runner.Shadow, false), []store.SetMode{whole(runner.Live)}, runner.Shadow, ""},
		{config(runner.Live, false), []store.SetMode{whole(runner.Stopped), part("a", runner.Live)}, runner.Stopped, ""},
		{config(runner.Live, false), []store.SetMode{whole(runner.Live), part("a", runner.Stopped)}, runner.Stopped, "a"},
		{config(runner.Live, false), []store.SetMode{part("b", runner.Stopped)}, runner.Live, ""},
		{config(runner.Live, false), []store.SetMode{part("a", runner.Ramp)}, runner.Ramp, "a"},
		{config(runner.Live, false), []store.SetMode{whole(runner.Ramp), part("a", runner.Live)}, runner.Ramp, ""},
		{config(runner.Ramp, true), []store.SetMode{whole(runner.Live)}, runner.Ramp, "a"},
		{config(runner.Ramp, false), nil, runner.Ramp, ""},
	} {
		if s := engine.Stand(c.ceiling, "a", c.set); s.Mode != c.want || s.Mode == runner.Ramp && s.Scope != c.scope {
			t.Errorf("%v: %s in scope %q, want %s in %q", c.set, s.Mode, s.Scope, c.want, c.scope)
		}
	}
}

// A stopped area's items wait, those of another go on; started again they are done.
func TestStoppedAreaWaits(t *testing.T) {
	h, e := newHouse(t), newERP()
	h.set("a", runner.Stopped)
	r := inAreas(e, "a/1", "a/2", "b/1")
	run := h.run(r, engine.RunOptions{})
	if run.Result.Done != 1 || run.Result.Waiting != 2 || run.Result.Exceptions != 0 || e.taken["b/1"] != 1 {
		t.Fatalf("%+v, posted %v", run.Result, e.taken)
	}
	row, err := h.store.ItemByKey(t.Context(), "poster", runner.Live, "a/1")
	if err != nil || row.Code != store.CodeStopped || !strings.Contains(h.outcome(row.Number).Words.Text, "standset af Grethe: vi ser tiden an") {
		t.Errorf("%+v, %v", row, err)
	}
	h.run(r, engine.RunOptions{})
	if all, _ := h.store.Outcomes(t.Context(), row, store.Keys{}); len(all) != 1 {
		t.Errorf("a run while it is stopped left %d outcomes", len(all))
	}
	h.set("a", runner.Live)
	if run := h.run(r, engine.RunOptions{}); run.Result.Done != 2 || e.taken["a/1"] != 1 || e.taken["a/2"] != 1 {
		t.Errorf("%+v, posted %v", run.Result, e.taken)
	}
	var said []string
	for l, err := range h.log.Entries(t.Context(), h.store.Reader(), runlog.Filter{Code: "mode.set"}) {
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, fmt.Sprint(l.Fields["area"], " ", l.Fields["from"], " ", l.Fields["mode"], " ", l.Fields["by"], " ", l.Text))
	}
	if want := []string{"a live stopped Grethe vi ser tiden an", "a stopped live Grethe vi ser tiden an"}; !slices.Equal(said, want) {
		t.Errorf("log %q", said)
	}
}

// The brake takes hold between one item and the next, and lets go in the same run.
func TestStopInTheMiddleOfARun(t *testing.T) {
	h, e := newHouse(t), newERP()
	h.limits.AtOnce = 1
	r := inAreas(e, "a/1", "a/2", "a/3")
	var once sync.Once
	r.work = func(ctx context.Context, c runner.Case) error {
		once.Do(func() { h.set("a", runner.Stopped) })
		return e.once(ctx, c)
	}
	if run := h.run(r, engine.RunOptions{}); run.Result.Done != 1 || run.Result.Waiting != 2 || len(e.taken) != 1 {
		t.Fatalf("%+v, posted %v", run.Result, e.taken)
	}
	if run := h.run(r, engine.RunOptions{}); run.Result.Found != 0 {
		t.Errorf("%+v while it is stopped", run.Result)
	}
	// Started again by somebody else while a run is busy with another area's item.
	r.collect = inAreas(e, "a/1", "a/2", "a/3", "b/1").collect
	r.work = func(ctx context.Context, c runner.Case) error {
		if c.Item().Area == "b" {
			h.set("a", runner.Live)
		}
		return e.once(ctx, c)
	}
	if run := h.run(r, engine.RunOptions{}); run.Result.Done != 3 || len(e.taken) != 4 {
		t.Errorf("%+v, posted %v", run.Result, e.taken)
	}
}

// In shadow nothing is changed and nothing is settled; live, the same work is found anew.
func TestAreaInShadow(t *testing.T) {
	h, e := newHouse(t), newERP()
	r := inAreas(e, "a/1", "b/1")
	var standings []runner.Standing
	collect := r.collect
	r.collect = func(ctx context.Context, found runner.Finder) error {
		standings = nil
		return collect(ctx, func(f runner.Found) (runner.Standing, error) {
			s, err := found(f)
			standings = append(standings, s)
			return s, err
		})
	}
	h.set("a", runner.Shadow)
	run := h.run(r, engine.RunOptions{})
	if run.Result.Done != 1 || run.Result.Found != 1 || run.Result.Shadow != 1 || e.taken["a/1"] != 0 || e.taken["b/1"] != 1 {
		t.Fatalf("%+v, posted %v", run.Result, e.taken)
	}
	if standings[0].Settled() || !standings[1].Settled() {
		t.Errorf("%+v: what was done in shadow may not be put away", standings)
	}
	h.set("a", runner.Live)
	if run := h.run(r, engine.RunOptions{}); run.Result.Done != 1 || e.taken["a/1"] != 1 || e.taken["b/1"] != 1 {
		t.Errorf("%+v, posted %v", run.Result, e.taken)
	}
}

// Ten, then twenty, each step when a person has found all of the last one right.
func TestRamp(t *testing.T) {
	h, e := newHouse(t), newERP()
	h.set("Test", runner.Ramp)
	r := poster(e, numbered(45)...)
	step := func(done, waiting int) {
		t.Helper()
		h.run(r, engine.RunOptions{})
		counts, err := h.store.Counts(t.Context(), "poster", runner.Live)
		if err != nil || len(e.taken) != done || counts[runner.Done] != done || counts[runner.Waiting] != waiting {
			t.Fatalf("posted %d, %v, want %d done and %d waiting; %v", len(e.taken), counts, done, waiting, err)
		}
	}
	check := func(n int, right bool) {
		t.Helper()
		rows, err := h.store.ToCheck(t.Context(), "poster")
		if err != nil || len(rows) < n {
			t.Fatalf("%d to check, want %d; %v", len(rows), n, err)
		}
		for _, row := range rows[:n] {
			d := runner.Decision{By: "Grethe", At: h.clock.Now(), Source: "liste.xlsx"}
			if err := h.engine(0).Check(t.Context(), row, right, d); err != nil {
				t.Fatal(err)
			}
			if err := h.engine(0).Check(t.Context(), row, right, d); !errors.Is(err, store.ErrStale) {
				t.Errorf("checked a second time: %v", err)
			}
		}
	}
	step(10, 35)
	step(10, 35)
	check(9, true)
	step(10, 35)
	check(1, true)
	step(30, 15)
	check(19, true)
	step(30, 15)
	check(1, false) // one is wrong: the area is stopped
	step(30, 15)
	set, err := h.store.Modes(t.Context())
	if err != nil || set[0].Mode != runner.Stopped || !strings.Contains(set[0].Why, "Kontrollen fandt en fejl i poster-") {
		t.Errorf("%+v, %v", set, err)
	}
	h.set("Test", runner.Ramp) // a new ramp begins with ten
	step(40, 5)
}

// What a person has decided is carried out and needs no check; a refusal takes no place.
func TestRampCountsWhatTheRobotDoesItself(t *testing.T) {
	h, e := newHouse(t), newERP()
	h.set("", runner.Ramp)
	r := poster(e, numbered(12)...)
	r.work = func(ctx context.Context, c runner.Case) error {
		if c.Item().Decision == nil {
			return runner.Refuse("NEJ", "Nej.", "")
		}
		return e.once(ctx, c)
	}
	h.run(r, engine.RunOptions{})
	rows, err := h.store.Listed(t.Context(), "poster", runner.Live)
	if err != nil || len(rows) != 12 {
		t.Fatalf("%d listed, %v", len(rows), err)
	}
	for _, row := range rows {
		if err := h.decide(row.Number, runner.Decision{Action: "post", By: "Grethe", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if run := h.run(r, engine.RunOptions{}); run.Result.Done != 12 {
		t.Errorf("%+v", run.Result)
	}
	if rows, err := h.store.ToCheck(t.Context(), "poster"); err != nil || len(rows) != 0 {
		t.Errorf("%d to check, %v", len(rows), err)
	}
}
