package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/engine"
	"byskriver/runner/runlog"
	"byskriver/runner/sampling"
	"byskriver/runner/store"
)

// sampler is a poster that asks first.
func sampler(e *erp, keys ...string) *robot {
	return &robot{name: "poster", collect: finds(keys...), work: func(ctx context.Context, c runner.Case) error {
		if err := c.Sample(ctx, "post "+c.Item().Key, runner.Choice{Action: "post", Label: "Bogfør", NeedsValue: true}); err != nil {
			return err
		}
		return e.once(ctx, c)
	}}
}

// numbered are so many keys.
func numbered(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("k%03d", i)
	}
	return keys
}

// sample runs a robot with a share of samples.
func (h *house) sample(r runner.Robot, share sampling.Share) store.Run {
	h.t.Helper()
	e := h.engine(0)
	e.Share = func(area string) sampling.Share {
		if area != "Test" {
			h.t.Errorf("asked for the share of area %q", area)
		}
		return share
	}
	e.Secrets = h.secrets
	run, err := e.Run(h.t.Context(), r, engine.RunOptions{Mode: runner.Live})
	if err != nil {
		h.t.Fatal(err)
	}
	return run
}

// audit is what an auditor finds in the log.
func (h *house) audit() sampling.Report {
	h.t.Helper()
	r, err := sampling.Audit(h.log.Entries(h.t.Context(), h.store.Reader(), runlog.Filter{}), h.clock.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func secret(b byte) *bytes.Reader {
	return bytes.NewReader(bytes.Repeat([]byte{b}, 3*sampling.KeySize))
}

func TestSamplesGoToPeople(t *testing.T) {
	h, e := newHouse(t), newERP()
	h.secrets = secret(5)
	run := h.sample(sampler(e, numbered(40)...), 250_000)
	drawn := run.Result.Exceptions
	if drawn == 0 || drawn == 40 || run.Result.Done != 40-drawn || len(e.taken) != 40-drawn {
		t.Fatalf("%+v, posted %d", run.Result, len(e.taken))
	}
	rows, err := h.store.Listed(t.Context(), "poster", runner.Live)
	if err != nil {
		t.Fatal(err)
	}
	row := rows[0]
	o := h.outcome(row.Number)
	if row.Code != runner.CodeSample || !strings.HasPrefix(o.Words.Proposal, "post k") || len(o.Words.Choices) != 2 || o.Words.Choices[0] != runner.Agree() {
		t.Errorf("%s: %+v", row.Code, o.Words)
	}
	if got := h.codes(row.Number); !slices.Equal(got, []string{"item.found", "sample.asked", "item.exception"}) {
		t.Errorf("log %v", got)
	}
	if r := h.audit(); !r.OK() || r.Asked != 40 || r.Drawn != drawn || r.Secret != 40 || r.Unasked != 0 {
		t.Errorf("audit %+v", r)
	}
}

// The commitment is in the log, signed, before the first draw; the key only when the day
// is over. Then every draw can be recomputed.
func TestKeyIsDisclosedWhenTheDayIsOver(t *testing.T) {
	h, e := newHouse(t), newERP()
	watch := clock.NewManual(time.Date(2026, 11, 20, 22, 0, 0, 0, time.UTC))
	h.clock, h.secrets = running{watch, time.Now()}, secret(5)
	h.reopen()
	h.sample(sampler(e, numbered(40)...), 250_000)
	key := fmt.Sprintf("%x", bytes.Repeat([]byte{5}, sampling.KeySize))
	if strings.Contains(h.lines.String(), key) {
		t.Fatal("the key is in the log on its own day")
	}
	var committed, asked int64
	for l, err := range h.log.Entries(t.Context(), h.store.Reader(), runlog.Filter{Code: "sample."}) {
		switch {
		case err != nil:
			t.Fatal(err)
		case l.Code == "sample.committed":
			committed = l.Seq
		case asked == 0:
			asked = l.Seq
		}
	}
	if committed == 0 || asked <= committed {
		t.Errorf("committed at %d, first asked at %d", committed, asked)
	}
	watch.Advance(61 * time.Minute) // past midnight in Denmark
	h.sample(sampler(e), 250_000)
	if !strings.Contains(h.lines.String(), key) {
		t.Error("the key is not in the log on the next day")
	}
	if r := h.audit(); !r.OK() || r.Checked != 40 || r.Secret != 0 {
		t.Errorf("audit %+v", r)
	}
}

// running is a manual clock that runs on by itself.
type running struct {
	*clock.Manual
	since time.Time
}

func (r running) Now() time.Time { return r.Manual.Now().Add(time.Since(r.since)) }

func (running) Wait(ctx context.Context, d time.Duration) error { return clock.System{}.Wait(ctx, d) }

// However often an item fails, is cut off or comes on another day, it is drawn once.
func TestNeverDrawnAgain(t *testing.T) {
	h, e := newHouse(t), newERP()
	watch := clock.NewManual(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	h.clock, h.secrets = running{watch, time.Now()}, secret(5)
	h.reopen()
	var mu sync.Mutex
	answers := map[string][]bool{}
	r := sampler(e, numbered(20)...)
	r.work = func(ctx context.Context, c runner.Case) error {
		err := c.Sample(ctx, "post")
		mu.Lock()
		answers[c.Item().Key] = append(answers[c.Item().Key], err != nil)
		mu.Unlock()
		return errors.New("the machine stops before the answer is kept")
	}
	h.limits.Attempts, h.limits.Patience = 2, 5*time.Second
	h.sample(r, 500_000)
	watch.Advance(48 * time.Hour)
	h.secrets = secret(9)
	rows, err := h.store.Listed(t.Context(), "poster", runner.Live)
	if err != nil || len(rows) != 20 {
		t.Fatalf("%d listed, %v", len(rows), err)
	}
	for _, row := range rows {
		if err := h.decide(row.Number, runner.Decision{Action: runner.ActionRetry, By: "Grethe", At: h.clock.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	h.sample(r, 500_000)
	drawn := 0
	for key, all := range answers {
		if len(all) != 4 || slices.Contains(all, !all[0]) {
			t.Errorf("%s was answered %v", key, all)
		}
		if all[0] {
			drawn++
		}
	}
	if drawn == 0 || drawn == 20 {
		t.Errorf("%d of 20 drawn", drawn)
	}
	if a := h.audit(); !a.OK() || a.Asked != 20 || a.Checked != 20 {
		t.Errorf("audit %+v", a)
	}
}

// What a person makes of a sample is counted, and what is agreed to is done as proposed.
func TestSamplesAreJudged(t *testing.T) {
	h, e := newHouse(t), newERP()
	h.secrets = secret(5)
	h.sample(sampler(e, "a", "b", "c", "d"), 1_000_000)
	decide := func(key, action, value string) {
		t.Helper()
		row, err := h.store.ItemByKey(t.Context(), "poster", runner.Live, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.engine(0).Decide(t.Context(), row, row.Revision, runner.Decision{Action: action, Value: value, By: "Grethe", At: h.clock.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	decide("a", runner.ActionAgree, "")
	decide("b", "post", " POST  b;")
	decide("c", "post", "something else")
	decide("d", runner.ActionManual, "")
	h.sample(sampler(e), 1_000_000)
	if len(e.taken) != 3 {
		t.Errorf("posted %v", e.taken)
	}
	counts, err := h.store.SampleCounts(t.Context(), "poster", time.Unix(0, 0), h.clock.Now().Add(time.Hour))
	if want := (store.SampleCount{Asked: 4, Drawn: 4, Agreed: 2, Other: 1, Unknown: 1}); err != nil || counts["Test"] != want {
		t.Errorf("%+v, %v", counts, err)
	}
	if a := h.audit(); !a.OK() || a.Judged != 4 || a.Agreed != 2 {
		t.Errorf("audit %+v", a)
	}
}

// A yes is a yes to what was proposed: another proposal is asked about anew, and a sample
// that is only tried again stays one.
func TestYesIsToOneProposal(t *testing.T) {
	h, e := newHouse(t), newERP()
	h.secrets = secret(5)
	proposal := "account 1"
	r := &robot{name: "poster", collect: finds("k"), work: func(ctx context.Context, c runner.Case) error {
		if err := c.Sample(ctx, proposal); err != nil {
			return err
		}
		return e.once(ctx, c)
	}}
	step := func(action string, posted int, text string) {
		t.Helper()
		row, err := h.store.ItemByKey(t.Context(), "poster", runner.Live, "k")
		if err != nil {
			t.Fatal(err)
		}
		if err := h.engine(0).Decide(t.Context(), row, row.Revision, runner.Decision{Action: action, By: "Grethe", At: h.clock.Now()}); err != nil {
			t.Fatal(err)
		}
		h.sample(r, 1_000_000)
		if e.taken["k"] != posted {
			t.Fatalf("after %s: posted %d times; log %v, %+v", action, e.taken["k"], h.codes(row.Number), h.outcome(row.Number))
		}
		if o := h.outcome(row.Number); posted == 0 && (o.Code != runner.CodeSample || o.Words.Proposal != proposal || !strings.Contains(o.Words.Text, text)) {
			t.Errorf("after %s: %+v", action, o)
		}
	}
	h.sample(r, 1_000_000)
	step(runner.ActionRetry, 0, "ville gøre som i Forslag")
	proposal = "account 2"
	step(runner.ActionAgree, 0, "et andet nu")
	step(runner.ActionAgree, 1, "")
}

func TestShadowDrawsNothing(t *testing.T) {
	h, e := newHouse(t), newERP()
	run := h.run(sampler(e, "a"), engine.RunOptions{Mode: runner.Shadow})
	if run.Result.Done != 1 || h.audit().Asked != 0 {
		t.Errorf("%+v, audit %+v", run.Result, h.audit())
	}
}
