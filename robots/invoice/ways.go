package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// The order of the ways to code an invoice is plan, grant, pattern: the payment
// plans are asked by Decide itself, the others are the robot's coders, in the
// order that New is given them in. They are asked only about an invoice that has
// passed every control and whose one voucher is known, so that nobody's grants are
// looked up for an invoice that goes to a person anyway.

// ask puts the invoice before each coder.
func (r *Robot) ask(ctx context.Context, c runner.Case, in Input) ([]coding.Answer, error) {
	answers := make([]coding.Answer, 0, len(r.coders))
	q := question(in.Invoice, in.Unit, in.Vouchers[0].Number, in.Plans.Today)
	q.Coded = plans.Match(in.Plans).Coding != nil
	for _, coder := range r.coders {
		a, err := coder.Code(ctx, c, q)
		if err != nil {
			return nil, fmt.Errorf("ask %s about the coding: %w", coder.Name(), err)
		}
		a.Way = coder.Name()
		if (a.Coding == nil) == (a.Say == coding.Codes) {
			return nil, fmt.Errorf("ask %s about the coding: the answer %q does not fit its coding", a.Way, a.Say)
		}
		q.Coded = q.Coded || a.Say == coding.Codes
		answers = append(answers, a)
	}
	return answers, nil
}

func (r *Robot) names() (all []string) {
	for _, coder := range r.coders {
		all = append(all, coder.Name())
	}
	return all
}

// collectKept has the coders find their own items.
func (r *Robot) collectKept(ctx context.Context, found runner.Finder) error {
	var troubles []error
	for _, coder := range r.coders {
		if k, ok := coder.(coding.Keeper); ok {
			troubles = append(troubles, k.Collect(ctx, found))
		}
	}
	return errors.Join(troubles...)
}

// workKept gives an item to the coder whose own it is; mine is false if it is none's.
func (r *Robot) workKept(ctx context.Context, c runner.Case) (mine bool, err error) {
	for _, coder := range r.coders {
		if k, ok := coder.(coding.Keeper); ok {
			if mine, err := k.Work(ctx, c); mine || err != nil {
				return mine, err
			}
		}
	}
	return false, nil
}

// byWays decides by the plans and by what the other ways have answered.
func byWays(in Input) Verdict {
	mayPost := len(in.Vouchers) == 1
	match := plans.Match(in.Plans)
	if match.Refusal != nil && match.Refusal.Code == plans.RefusedNone && in.NoPlans {
		return missingPlans(in, mayPost)
	}
	if in.Credits {
		return byCredit(in, match)
	}
	plan := planAnswer(match)
	asked := in.Answers != nil || len(in.Others) == 0
	if !asked && plan.Say != coding.Stops {
		return voucherFirst(in)
	}
	out := coding.Order(len(in.Invoice.Citizens) > 0, append([]coding.Answer{plan}, in.Answers...))
	switch {
	case out.Winner == nil && out.Refused != nil && out.Refused.Way == coding.Plan:
		r := planRefusal(*match.Refusal, mayPost)
		if r.Proposal == "" {
			r.Proposal = out.Proposal
		}
		if out.Refused.Say == coding.Passes {
			r.Text = out.Text
		}
		return Verdict{Refusal: r}
	case out.Winner == nil:
		return Verdict{Refusal: &Refusal{Code: out.Code, Text: out.Text, Proposal: out.Proposal, MayPost: mayPost}}
	case len(in.Vouchers) > 1:
		return Verdict{Refusal: severalVouchers(in.Vouchers)}
	case len(in.Vouchers) == 0:
		return missingVoucher(in)
	case out.Winner.Way == coding.Plan:
		return Verdict{Coding: out.Winner.Coding, Plan: match.Coding.Plan}
	}
	w := out.Winner
	return Verdict{Coding: w.Coding, Way: w.Way, By: w.By, Why: w.Why, Proof: w.Proof}
}

// byCredit decides about a credit note, by the invoice that it takes back.
func byCredit(in Input, match plans.Verdict) Verdict {
	if in.Credit == nil || len(in.Vouchers) != 1 {
		return voucherFirst(in)
	}
	a := creditAnswer(in, match)
	out := coding.Order(len(in.Invoice.Citizens) > 0, []coding.Answer{a})
	if out.Winner == nil {
		return Verdict{Refusal: &Refusal{Code: out.Code, Text: out.Text, Proposal: out.Proposal, MayPost: true}}
	}
	return Verdict{Coding: a.Coding, Way: a.Way, By: a.By, Why: a.Why}
}

// voucherFirst has the other ways asked where the one voucher is there.
func voucherFirst(in Input) Verdict {
	switch len(in.Vouchers) {
	case 0:
		return missingVoucher(in)
	case 1:
		return Verdict{Ask: true}
	}
	return Verdict{Refusal: severalVouchers(in.Vouchers)}
}

// planAnswer is what the payment plans say, as one of the ways. That there is no
// plan for the supplier leaves the invoice to the others; a plan that the invoice
// fell outside of, or a rule that no plan goes before, does not.
func planAnswer(match plans.Verdict) coding.Answer {
	if c := match.Coding; c != nil {
		return coding.Answer{Way: coding.Plan, Say: coding.Codes, Coding: codingOf(*c), By: "plan " + c.Plan}
	}
	a := coding.Answer{Way: coding.Plan, Say: coding.Stops, Code: match.Refusal.Code, Why: match.Refusal.Text}
	if match.Refusal.Code == plans.RefusedNone {
		a.Say = coding.Passes
	}
	return a
}

// follow tells the coders what has been posted, and by what.
func (r *Robot) follow(ctx context.Context, c runner.Case, content Content, p posting) error {
	today, err := today(c.Now())
	if err != nil {
		return err
	}
	for _, coder := range r.coders {
		f, ok := coder.(coding.Follower)
		if !ok {
			continue
		}
		done := coding.Posted{Question: question(*content.Invoice, r.unit(content.Invoice.Buyer.EAN), p.Voucher.Number, today),
			Coding: p.Coding, Way: p.Way, By: p.By}
		if p.Way == coder.Name() {
			done.Proof = p.Proof
		}
		if err := f.Follow(ctx, c, done); err != nil {
			return fmt.Errorf("tell %s of the posting: %w", coder.Name(), err)
		}
	}
	return nil
}

// posting is what the change in the portal is to be, and which way it comes from.
type posting struct {
	Voucher Voucher         `json:"voucher"`
	Coding  Coding          `json:"coding"`
	Way     string          `json:"way,omitempty"`
	By      string          `json:"by,omitempty"`
	Proof   json.RawMessage `json:"proof,omitempty"`
}

// postingOf is the posting that a verdict asks for. by is the person who decided,
// or "".
func postingOf(v Verdict, found Voucher, by string) posting {
	p := posting{Voucher: found, Coding: *v.Coding, Way: v.Way, By: v.By, Proof: v.Proof}
	switch {
	case v.Plan != "":
		p.Way, p.By = coding.Plan, "plan "+v.Plan
	case v.Way == "":
		p.Way, p.By = coding.Person, by
	}
	return p
}
