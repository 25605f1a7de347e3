package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/engine"
	"byskriver/runner/store"
)

func TestAnItemGoesStraightDown(t *testing.T) {
	h, e := newHouse(t), newERP()
	run := h.run(poster(e, "a", "b"), engine.RunOptions{})
	if want := (store.Result{Found: 2, Done: 2}); run.Result != want {
		t.Errorf("result %+v, want %+v", run.Result, want)
	}
	if e.taken["a"] != 1 || e.taken["b"] != 1 {
		t.Errorf("posted %v", e.taken)
	}
	number := h.item("poster-" + time.Now().Format("2006") + "-000001").Number
	if got, want := h.codes(number), []string{"item.found", "step.intent", "step.receipt", "item.done"}; !slices.Equal(got, want) {
		t.Errorf("log %v, want %v", got, want)
	}
	again := h.run(poster(e, "a", "b"), engine.RunOptions{})
	if again.Result.Found != 0 || e.taken["a"] != 1 {
		t.Errorf("a second run took up %d items, posted %v", again.Result.Found, e.taken)
	}
	if !strings.Contains(h.lines.String(), `"code":"item.done"`) {
		t.Errorf("no JSON line of the outcome: %s", h.lines)
	}
}

// Each way that a posting can go wrong, and what must come of it.
func TestOnce(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*erp)
		settles time.Duration
		posted  int
		state   runner.State
		code    string
	}{
		{"the answer is cut after the posting", func(e *erp) { e.cut["k"] = 1 }, 0, 1, runner.Done, ""},
		{"the answer is cut and the posting shows later", func(e *erp) { e.cut["k"], e.hidden["k"] = 1, 1 }, 4 * time.Second, 1, runner.Done, ""},
		{"the posting shows only at the second look", func(e *erp) { e.hidden["k"] = 1 }, 50 * time.Millisecond, 1, runner.Done, ""},
		{"it is said to be posted and never shows", func(e *erp) { e.hidden["k"] = 1000 }, 50 * time.Millisecond, 1, runner.Exception, runner.CodeUncertain},
		{"somebody posted it too", func(e *erp) { e.taken["k"] = 1 }, 0, 2, runner.Exception, runner.CodeUncertain},
		{"the system refuses", func(e *erp) { e.deny["k"] = true }, 0, 0, runner.Exception, runner.CodeGaveUp},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, e := newHouse(t), newERP()
			c.prepare(e)
			if _, err := h.engine(c.settles).Run(t.Context(), poster(e, "k"), engine.RunOptions{Mode: runner.Live}); err != nil {
				t.Fatal(err)
			}
			row, err := h.store.ItemByKey(t.Context(), "poster", runner.Live, "k")
			if err != nil {
				t.Fatal(err)
			}
			if e.taken["k"] != c.posted || row.State != c.state || row.Code != c.code {
				t.Errorf("posted %d times, %s %q; want %d, %s %q: log %v", e.taken["k"], row.State, row.Code, c.posted, c.state, c.code, h.codes(row.Number))
			}
		})
	}
}

func TestRefusalGoesToAPersonAndComesBack(t *testing.T) {
	h := newHouse(t)
	var seen atomic.Pointer[runner.Decision]
	r := &robot{name: "asker", collect: finds("k"), work: func(_ context.Context, c runner.Case) error {
		if d := c.Item().Decision; d != nil {
			seen.Store(d)
			return nil
		}
		c.Label("bilag 17")
		return runner.Refuse("HVAD-NU", "Det skal et menneske se på.", "måske sådan", runner.Retry(), runner.Choice{Action: "post", Label: "Bogfør", NeedsValue: true})
	}}
	h.run(r, engine.RunOptions{})
	row, err := h.store.ItemByKey(t.Context(), "asker", runner.Live, "k")
	if err != nil {
		t.Fatal(err)
	}
	o := h.outcome(row.Number)
	if o.State != runner.Exception || o.Words.Text != "Det skal et menneske se på." || o.Words.Label != "bilag 17" || len(o.Words.Choices) != 2 {
		t.Fatalf("outcome %+v", o)
	}
	if h.run(r, engine.RunOptions{}).Result.Found != 0 {
		t.Error("an exception was worked again without a decision")
	}
	d := runner.Decision{Action: "post", Value: "4711", By: "Grethe", At: time.Now()}
	if err := h.decide(row.Number, d); err != nil {
		t.Fatal(err)
	}
	if err := h.decide(row.Number, d); !errors.Is(err, store.ErrStale) {
		t.Errorf("the same decision a second time: %v, want ErrStale", err)
	}
	h.run(r, engine.RunOptions{})
	if got := seen.Load(); got == nil || got.Value != "4711" || h.item(row.Number).State != runner.Done {
		t.Errorf("worked with %+v, now %s", got, h.item(row.Number).State)
	}
}

func TestManualSettlesWithoutTheRobot(t *testing.T) {
	h := newHouse(t)
	var worked atomic.Int32
	r := &robot{name: "asker", collect: finds("k"), work: func(context.Context, runner.Case) error {
		worked.Add(1)
		return runner.Refuse("NEJ", "Nej.", "")
	}}
	h.run(r, engine.RunOptions{})
	row, _ := h.store.ItemByKey(t.Context(), "asker", runner.Live, "k")
	if err := h.decide(row.Number, runner.Decision{Action: runner.ActionManual, By: "Grethe", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	h.run(r, engine.RunOptions{})
	if worked.Load() != 1 || h.item(row.Number).State != runner.Done {
		t.Errorf("worked %d times, now %s", worked.Load(), h.item(row.Number).State)
	}
}

func TestFailuresAreTriedAgainAndThenGivenUp(t *testing.T) {
	h := newHouse(t)
	var tries atomic.Int32
	r := &robot{name: "failer", collect: finds("k"), work: func(context.Context, runner.Case) error {
		tries.Add(1)
		return errors.New("something is wrong with 8605010001")
	}}
	run := h.run(r, engine.RunOptions{})
	row, _ := h.store.ItemByKey(t.Context(), "failer", runner.Live, "k")
	if tries.Load() != 4 || row.State != runner.Exception || row.Code != runner.CodeGaveUp || run.Result.Exceptions != 1 {
		t.Errorf("%d tries, %s %s, %+v", tries.Load(), row.State, row.Code, run.Result)
	}
	if strings.Contains(h.lines.String(), "8605010001") {
		t.Error("a CPR number stands in the run log's lines")
	}
}

func TestPanicGoesToAPerson(t *testing.T) {
	h := newHouse(t)
	r := &robot{name: "breaker", collect: finds("k"), work: func(context.Context, runner.Case) error { panic("broken") }}
	h.run(r, engine.RunOptions{})
	row, _ := h.store.ItemByKey(t.Context(), "breaker", runner.Live, "k")
	if o := h.outcome(row.Number); o.Code != runner.CodePanic || strings.Contains(o.Words.Text, "goroutine") {
		t.Errorf("outcome %+v", o)
	}
}

func TestShadowChangesNothing(t *testing.T) {
	h, e := newHouse(t), newERP()
	run := h.run(poster(e, "k"), engine.RunOptions{Mode: runner.Shadow})
	if len(e.taken) != 0 || run.Result.Done != 1 {
		t.Errorf("posted %v, %+v", e.taken, run.Result)
	}
	h.run(poster(e, "k"), engine.RunOptions{})
	if e.taken["k"] != 1 {
		t.Errorf("the live run after it posted %v", e.taken)
	}
}

func TestSameKeyOtherContentIsAQuestion(t *testing.T) {
	h, e := newHouse(t), newERP()
	content := "one"
	r := poster(e)
	r.collect = func(_ context.Context, found runner.Finder) error {
		_, err := found(runner.Found{Key: "k", Content: []byte(content)})
		return err
	}
	h.run(r, engine.RunOptions{})
	content = "two"
	run := h.run(r, engine.RunOptions{})
	row, _ := h.store.ItemByKey(t.Context(), "poster", runner.Live, "k")
	if run.Result.Exceptions != 1 || row.Code != runner.CodeTwin || row.Twin == "" || e.taken["k"] != 1 {
		t.Errorf("%+v, %s twin of %q, posted %v", run.Result, row.Code, row.Twin, e.taken)
	}
}

// A new program may read the same file otherwise; it is the same piece of work all
// the same.
func TestSameWorkReadOtherwise(t *testing.T) {
	h, e := newHouse(t), newERP()
	content := "as read by an old program"
	r := poster(e)
	r.collect = func(_ context.Context, found runner.Finder) error {
		_, err := found(runner.Found{Key: "k", Content: []byte(content), Same: "digest of the file"})
		return err
	}
	h.run(r, engine.RunOptions{})
	content = "as read by a new program"
	if run := h.run(r, engine.RunOptions{}); run.Result.Found != 0 || e.taken["k"] != 1 {
		t.Errorf("%+v, posted %v", run.Result, e.taken)
	}
}

func TestChangedScreenStopsTheRobot(t *testing.T) {
	h := newHouse(t)
	h.limits.AtOnce = 1
	var keys []string
	for i := range 40 {
		keys = append(keys, string(rune('A'+i)))
	}
	broken := true
	r := &robot{name: "looker", collect: finds(keys...), work: func(context.Context, runner.Case) error {
		if broken {
			return &runner.Trouble{Kind: runner.ScreenChanged, System: "erp", Text: "Skærmen er ændret."}
		}
		return nil
	}}
	run := h.run(r, engine.RunOptions{})
	if run.Result.Stopped == "" || run.Result.Exceptions != 0 || run.Result.Found != 3 || run.Result.Left < 3 {
		t.Errorf("result %+v", run.Result)
	}
	stops, err := h.store.Stops(t.Context())
	if err != nil || len(stops) != 1 || stops[0].Text != "Skærmen er ændret." {
		t.Errorf("stops %+v, %v", stops, err)
	}
	if a := h.item("looker-" + time.Now().Format("2006") + "-000001").Attempt; a != 0 {
		t.Errorf("the first item counts %d attempts, want 0", a)
	}
	broken = false
	run = h.run(r, engine.RunOptions{})
	stops, _ = h.store.Stops(t.Context())
	if run.Result.Done != 40 || len(stops) != 0 {
		t.Errorf("after mending: %+v, stops %v", run.Result, stops)
	}
}

func TestLimit(t *testing.T) {
	h, e := newHouse(t), newERP()
	run := h.run(poster(e, "a", "b", "c", "d", "e"), engine.RunOptions{Limit: 2})
	if run.Result.Found != 2 || run.Result.Left != 3 || len(e.taken) != 2 {
		t.Errorf("%+v, posted %v", run.Result, e.taken)
	}
	run = h.run(poster(e, "a", "b", "c", "d", "e"), engine.RunOptions{})
	if run.Result.Done != 3 || len(e.taken) != 5 {
		t.Errorf("%+v, posted %v", run.Result, e.taken)
	}
}

func TestTwoProgramsMayNotWorkOneRobot(t *testing.T) {
	if onPostgres() {
		return // there they share the items: TestMachinesShareItems
	}
	h, e := newHouse(t), newERP()
	r := poster(e, "k")
	inner := make(chan error, 1)
	r.work = func(ctx context.Context, c runner.Case) error {
		_, err := h.engine(0).Run(ctx, r, engine.RunOptions{Mode: runner.Live})
		inner <- err
		return nil
	}
	h.run(r, engine.RunOptions{})
	if err := <-inner; !errors.Is(err, engine.ErrBusy) {
		t.Errorf("the second program got %v, want ErrBusy", err)
	}
}

// A robot that stopped itself while it looked for work works again when it has looked and
// found none.
func TestAStopEndsWithoutWork(t *testing.T) {
	h := newHouse(t)
	var down atomic.Bool
	r := &robot{name: "asker", collect: func(context.Context, runner.Finder) error {
		if down.Load() {
			return &runner.Trouble{Kind: runner.Unavailable, System: "erp", Text: "Systemet er nede.", Err: errors.New("down")}
		}
		return nil
	}}
	for _, is := range []bool{true, false} {
		down.Store(is)
		h.run(r, engine.RunOptions{})
		if all, err := h.store.Stops(t.Context()); err != nil || len(all) == 1 != is {
			t.Errorf("down %v: %d stops, %v", is, len(all), err)
		}
	}
}
