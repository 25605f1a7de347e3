package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// way is a coder that answers as it is told, and keeps what it was asked and told.
type way struct {
	name   string
	answer coding.Answer
	err    error
	asked  []coding.Question
	told   []coding.Posted
	fails  error // what Follow returns
}

func (w *way) Name() string { return w.name }

func (w *way) Code(_ context.Context, _ runner.Case, q coding.Question) (coding.Answer, error) {
	w.asked = append(w.asked, q)
	return w.answer, w.err
}

func (w *way) Follow(_ context.Context, _ runner.Case, p coding.Posted) error {
	w.told = append(w.told, p)
	return w.fails
}

// coderOf answers with the account of the supplier's plan, at another place if one
// is named.
func coderOf(name, psp string) *way {
	c := Coding{Account: "40110010", PSP: psp, VATCode: "K1", Amount: kr("1000"), Text: "Fra " + name, Action: plans.ActionCode}
	return &way{name: name, answer: coding.Answer{Say: coding.Codes, Coding: &c, By: name + " 7", Why: "Det er den eneste.", Proof: json.RawMessage(`"7"`)}}
}

func passing(name string) *way {
	return &way{name: name, answer: coding.Answer{Say: coding.Passes, Code: "X-INGEN", Why: "Der er intet hos " + name + "."}}
}

// noPlan is the bench of a robot whose supplier has no plan, with these coders.
func noPlan(t *testing.T, d *desk, coders ...coding.Coder) *bench {
	b := newBench(t, d, []Plan{}...)
	b.house.approve(t, plans.Sheet{})
	b.robot.coders = coders
	return b
}

// Plan is short for the tests.
type Plan = plans.Plan

func TestGrantCodesWhatNoPlanTakes(t *testing.T) {
	grant, pattern := coderOf("grant", "XG-6451000010"), passing("pattern")
	b := noPlan(t, newDesk(voucher()), grant, pattern)
	c := b.add(found(t, clean()))
	if err := b.work(t, b.robot, c); err != nil {
		t.Fatal(err)
	}
	if got := b.desk.posted["1900000007"]; len(got) != 1 || got[0].Text != "Fra grant" {
		t.Errorf("posted %+v", got)
	}
	want := coding.Question{Voucher: "1900000007", Area: "Økonomi", Today: "2026-11-21"}
	if q := grant.asked[0]; len(grant.asked) != 1 || q.Voucher != want.Voucher || q.Area != want.Area || q.Today != want.Today || q.Invoice.Number != "F-100" {
		t.Errorf("asked %+v", grant.asked)
	}
	if len(grant.told) != 1 || string(grant.told[0].Proof) != `"7"` || grant.told[0].Way != "grant" || grant.told[0].By != "grant 7" {
		t.Errorf("the winner is told %+v", grant.told)
	}
	if len(pattern.told) != 1 || pattern.told[0].Proof != nil || pattern.told[0].Way != "grant" || pattern.told[0].Coding.Text != "Fra grant" {
		t.Errorf("the other is told %+v", pattern.told)
	}
	if len(c.decided) != 1 || !strings.Contains(string(c.decided[0].Verdict), `"way":"grant"`) || !strings.Contains(string(c.decided[0].Input), `"others":["grant","pattern"]`) {
		t.Errorf("recorded %+v", c.decided)
	}
	if d := c.decided[0]; string(mustReplay(t, b.robot, d)) != string(d.Verdict) {
		t.Error("it does not replay")
	}
}

func mustReplay(t *testing.T, r *Robot, d runner.Decided) json.RawMessage {
	t.Helper()
	out, err := r.rule(d.Rule).Replay(d.Input)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPlanAndPatternDisagree(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	b.robot.coders = []coding.Coder{coderOf("pattern", "XG-6451000099")}
	r := refused(t, b.work(t, b.robot, b.add(found(t, clean()))))
	if r.Code != coding.CodeDisagree || !strings.Contains(r.Text, "plan LK-107 siger 40110010 XG-6451000010 K1 (1000,00 kr.), pattern 7 siger 40110010 XG-6451000099 K1") || b.desk.posts != 0 {
		t.Errorf("got %+v", r)
	}
	b = newBench(t, newDesk(voucher()))
	b.robot.coders = []coding.Coder{coderOf("pattern", "XG-6451000010")}
	c := b.add(found(t, clean()))
	if err := b.work(t, b.robot, c); err != nil || b.desk.posted["1900000007"][0].Text != "Kontorartikler F-100" {
		t.Errorf("where they agree: %v, %+v", err, b.desk.posted)
	}
	if s := string(c.decided[0].Verdict); !strings.Contains(s, `"plan":"LK-107"`) || len(b.marks) < 2 {
		t.Errorf("the plan does not count it: %s, %+v", s, b.marks)
	}
}

// Nobody is asked about an invoice that a control stops, that falls outside its
// plan, or whose voucher is not there.
func TestCodersAreAskedLast(t *testing.T) {
	over := paper()
	over.To = kr("1")
	for name, c := range map[string]struct {
		inv  reading.Invoice
		desk *desk
		plan []Plan
	}{
		"control": {changed(func(i *reading.Invoice) { i.Buyer.EAN = nobodys }), newDesk(voucher()), nil},
		"plan":    {clean(), newDesk(voucher()), []Plan{over}},
		"voucher": {clean(), newDesk(), nil},
	} {
		w := coderOf("grant", "XG-6451000010")
		b := newBench(t, c.desk, c.plan...)
		if c.plan == nil {
			b.house.approve(t, plans.Sheet{})
		}
		b.robot.coders = []coding.Coder{w}
		if err := b.work(t, b.robot, b.add(found(t, c.inv))); err == nil || len(w.asked) != 0 {
			t.Errorf("%s: %v, asked %d times", name, err, len(w.asked))
		}
	}
}

// An invoice that names a citizen is posted only where a way coded by the citizen.
func TestCitizenNeedsAGrant(t *testing.T) {
	named := changed(func(i *reading.Invoice) { i.Citizens = []reading.Citizen{{CPR: testPerson, Stated: true}} })
	b := noPlan(t, newDesk(voucher()), coderOf("pattern", "XG-6451000010"))
	if r := refused(t, b.work(t, b.robot, b.add(found(t, named)))); r.Code != coding.CodeCitizen || r.Proposal == "" || b.desk.posts != 0 {
		t.Errorf("got %+v", r)
	}
	grant := coderOf("grant", "XG-6451000010")
	grant.answer.Citizen = true
	b = noPlan(t, newDesk(voucher()), grant)
	if err := b.work(t, b.robot, b.add(found(t, named))); err != nil || b.desk.count() != 1 {
		t.Errorf("with a grant: %v", err)
	}
}

// What no way codes says what each way had to say, and offers Bogfør.
func TestNoWayCodes(t *testing.T) {
	b := noPlan(t, newDesk(voucher()), passing("grant"), passing("pattern"))
	r := refused(t, b.work(t, b.robot, b.add(found(t, clean()))))
	if r.Code != plans.RefusedNone || !strings.Contains(r.Text, "Der er intet hos grant. Der er intet hos pattern.") || !strings.Contains(strings.Join(choicesOf(r), " "), ActionPost) {
		t.Errorf("got %+v", r)
	}
}

// A coder that fails, or answers what does not fit, has the item tried again.
func TestCoderFails(t *testing.T) {
	down := &way{name: "grant", err: &runner.Trouble{Kind: runner.Unavailable, System: "sensum"}}
	odd := &way{name: "grant", answer: coding.Answer{Say: coding.Codes}}
	for _, w := range []*way{down, odd} {
		b := noPlan(t, newDesk(voucher()), w)
		c := b.add(found(t, clean()))
		var r *runner.Refusal
		if err := b.work(t, b.robot, c); err == nil || errors.As(err, &r) || c.item.State != runner.Failed || len(c.decided) != 0 {
			t.Errorf("got %v, %s", err, c.item.State)
		}
	}
}

// A stop between the posting and what a coder does about it: the posting stays one,
// and the coder is told again.
func TestFollowIsCalledAgain(t *testing.T) {
	w := coderOf("grant", "XG-6451000010")
	w.fails = errCut
	b := noPlan(t, newDesk(voucher()), w)
	c := b.add(found(t, clean()))
	if err := b.work(t, b.robot, c); !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	w.fails = nil
	if err := b.work(t, b.robot, c); err != nil || b.desk.count() != 1 || len(w.told) != 2 || string(w.told[1].Proof) != `"7"` || len(w.asked) != 1 {
		t.Errorf("%v, %d postings, told %d times, asked %d times", err, b.desk.count(), len(w.told), len(w.asked))
	}
}

// What a person decides is told too, and by whom.
func TestFollowHearsOfPeople(t *testing.T) {
	w := passing("pattern")
	b := noPlan(t, newDesk(voucher()), w)
	c := b.add(found(t, clean()))
	refused(t, b.work(t, b.robot, c))
	c.decide(ActionPost, "49000010 XG-5385000001 K1 netto", "Karen Holm")
	if err := b.work(t, b.robot, c); err != nil || len(w.told) != 1 || w.told[0].Way != coding.Person || w.told[0].By != "Karen Holm" || w.told[0].Coding.Account != "49000010" {
		t.Errorf("%v, told %+v", err, w.told)
	}
}
