package runner_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"byskriver/runner"
)

// notebook is a case that takes down decisions. Its other methods are not called.
type notebook struct {
	runner.Case
	taken []runner.Decided
	err   error
}

func (n *notebook) Decided(_ context.Context, d runner.Decided) error {
	n.taken = append(n.taken, d)
	return n.err
}

type sum struct {
	A, B   int
	hidden int // does not survive JSON, so the rule must not see it
}

var add = runner.NewRule("add", func(s sum) int { return s.A + s.B + s.hidden })

func TestDecideJudgesWhatIsRecorded(t *testing.T) {
	n := &notebook{}
	got, err := runner.Decide[int](t.Context(), n, add, sum{A: 1, B: 2, hidden: 40})
	if err != nil || got != 3 {
		t.Fatalf("got %d, %v; want 3: the recorded input has no more", got, err)
	}
	d := n.taken[0]
	if d.Rule != "add" || string(d.Input) != `{"A":1,"B":2}` || string(d.Verdict) != "3" {
		t.Errorf("recorded %s %s %s", d.Rule, d.Input, d.Verdict)
	}
	again, err := add.Replay(d.Input)
	if err != nil || string(again) != string(d.Verdict) {
		t.Errorf("replayed %s, %v", again, err)
	}
}

func TestDecideFails(t *testing.T) {
	broken := errors.New("the store is full")
	if _, err := runner.Decide[int](t.Context(), &notebook{err: broken}, add, sum{}); !errors.Is(err, broken) {
		t.Errorf("a decision that was not recorded was given out: %v", err)
	}
	if _, err := runner.Decide[int](t.Context(), &notebook{}, add, "no sum"); err == nil {
		t.Error("an input of another shape was judged")
	}
	if _, err := runner.Decide[int](t.Context(), &notebook{}, add, func() {}); err == nil {
		t.Error("an input that cannot be recorded was judged")
	}
}

func TestReceipt(t *testing.T) {
	var v struct{ Voucher string }
	if err := runner.NewReceipt(json.RawMessage(`{"voucher":"5100004711"}`)).Read(&v); err != nil || v.Voucher != "5100004711" {
		t.Errorf("%+v, %v", v, err)
	}
	if err := runner.ShadowReceipt().Read(&v); !errors.Is(err, runner.ErrShadow) {
		t.Errorf("a shadow receipt was read: %v", err)
	}
}

func TestOutcomesAreErrorsOfTheirKind(t *testing.T) {
	var refusal *runner.Refusal
	err := fmt.Errorf("work: %w", runner.Refuse("EAN-MANGLER", "EAN mangler.", ""))
	if !errors.As(err, &refusal) || len(refusal.Choices) != 2 || refusal.Choices[0] != runner.Retry() || refusal.Choices[1] != runner.Manual() {
		t.Errorf("%+v", refusal)
	}
	errors.As(runner.Refuse("X", "Y", "", runner.Manual()), &refusal)
	if len(refusal.Choices) != 1 {
		t.Errorf("choices that were named: %+v", refusal.Choices)
	}
	var later *runner.Postponed
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	if !errors.As(runner.Later(at, "VENT", "Vent."), &later) || !later.Until.Equal(at) {
		t.Errorf("%+v", later)
	}
	cause := errors.New("refused")
	if err := fmt.Errorf("post: %w", runner.NotDone(cause)); !runner.IsNotDone(err) || !errors.Is(err, cause) {
		t.Errorf("the mark was lost: %v", err)
	}
	if runner.NotDone(nil) != nil || runner.IsNotDone(cause) || runner.IsNotDone(nil) {
		t.Error("a mark where there is none")
	}
	trouble := &runner.Trouble{Kind: runner.Unavailable, System: "opus", Text: "Lukket.", Err: cause}
	if !errors.Is(trouble, cause) || trouble.Error() != "opus: unavailable: Lukket.: refused" {
		t.Errorf("%v", trouble)
	}
}

func TestStanding(t *testing.T) {
	for _, s := range []runner.State{runner.Ready, runner.Waiting, runner.Failed, runner.Exception} {
		if (runner.Standing{State: s}).Settled() {
			t.Errorf("%s counts as settled", s)
		}
	}
	if !(runner.Standing{State: runner.Done}).Settled() {
		t.Error("done does not count as settled")
	}
}
