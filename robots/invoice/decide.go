package invoice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"byskriver/robots/invoice/approval"
	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
	"byskriver/schedules"
)

// decide gathers what a decision needs, and makes it by the pure rules. The
// decision that counts is recorded with everything it was made from.
func (r *Robot) decide(ctx context.Context, c runner.Case, content Content, found []Voucher) (Verdict, error) {
	in, err := r.input(ctx, c, content, found)
	if err != nil {
		return Verdict{}, err
	}
	if d := c.Item().Decision; d != nil && d.Action == ActionPost {
		return runner.Decide[Verdict](ctx, c, r.rule("invoice.by_person"), PersonInput{Input: in, Value: d.Value, By: d.By})
	}
	first := Decide(in)
	if first.Ask {
		if in.Credits {
			in.Credit, err = r.credited(ctx, c, in.Invoice)
		} else {
			in.Answers, err = r.ask(ctx, c, in)
		}
		if err != nil {
			return Verdict{}, err
		}
		first = Decide(in)
	}
	if first.Plan != "" {
		if err := r.reserve(ctx, c, &in, first.Plan); err != nil {
			return Verdict{}, err
		}
		first = Decide(in)
	}
	if first.Coding != nil && !in.Credits {
		if in.Posted, err = r.postedBefore(ctx, in); err != nil {
			return Verdict{}, err
		}
	}
	return runner.Decide[Verdict](ctx, c, r.rule(ruleDecide), in)
}

// postedBefore asks the portal what is posted on the supplier's invoice number already,
// by whomever: what the robot did not code itself it has no mark of. A step of the
// item's own that has begun does not come here. That the voucher itself has been passed
// on, without a coding, is none. It is asked only about what would be coded.
func (r *Robot) postedBefore(ctx context.Context, in Input) ([]PostedVoucher, error) {
	posted, err := r.portal.PostedOn(ctx, in.Invoice.Supplier.CVR, in.Invoice.Number)
	if err != nil {
		return nil, fmt.Errorf("look whether the invoice is posted already: %w", err)
	}
	return slices.DeleteFunc(posted, func(p PostedVoucher) bool {
		return p.Voucher.Number == in.Vouchers[0].Number && p.Coding.Account == ""
	}), nil
}

// answered are the questions that a decision answers with Fortsæt, this one and those
// before it, as withAnswer writes them; or "".
func answered(d *runner.Decision) string {
	switch {
	case d == nil:
		return ""
	case d.Action == runner.ActionAgree:
		return answeredAll
	}
	codes, ok := strings.CutPrefix(d.Action, actionGoOn)
	if !ok {
		return ""
	}
	return codes
}

func (r *Robot) rule(name string) runner.Rule {
	for _, rule := range r.Rules() {
		if rule.Name == name {
			return rule
		}
	}
	return runner.Rule{Name: name}
}

// reserve counts the invoice against the one plan that would take it, and adds
// what others have been counted, so that of two invoices worked at once the plan
// takes no more than it may.
func (r *Robot) reserve(ctx context.Context, c runner.Case, in *Input, plan string) error {
	day, err := time.Parse(time.DateOnly, in.Invoice.IssueDate)
	if err != nil {
		return fmt.Errorf("read the issue date: %w", err)
	}
	others, err := c.Reserve(ctx, runner.Mark{Kind: "plan", Key: plan, On: day}, day.AddDate(-2, 0, 0), day.AddDate(2, 0, 0))
	if err != nil {
		return fmt.Errorf("count the invoice against plan %s: %w", plan, err)
	}
	dates := make([]plans.Date, 0, len(others))
	for _, o := range others {
		dates = append(dates, plans.DateOf(o.On))
	}
	in.Plans.History = map[string][]plans.Date{plan: dates}
	return nil
}

func (r *Robot) input(ctx context.Context, c runner.Case, content Content, found []Voucher) (Input, error) {
	inv := *content.Invoice
	in := Input{Invoice: inv, Findings: content.Findings, Vouchers: found,
		Unit: r.unit(inv.Buyer.EAN), Others: r.names(), Waited: c.Now().Sub(c.Item().Created) > r.settings.Patience}
	same, err := r.same(ctx, c, inv)
	if err != nil {
		return in, err
	}
	in.Same = same
	if in.Alike, err = r.alike(ctx, c, inv); err != nil {
		return in, err
	}
	if in.Known, err = r.known(ctx, c, inv); err != nil {
		return in, err
	}
	in.Limits = &r.settings.Limits
	in.Answered, in.Credits = answered(c.Item().Decision), inv.Kind == reading.CreditNoteKind
	in.Plans, in.NoPlans, err = r.planInput(ctx, c.Now(), inv)
	return in, err
}

func (r *Robot) unit(ean string) *Unit {
	for _, u := range r.settings.Units {
		if u.EAN == ean {
			return &u
		}
	}
	return nil
}

// planInput is the approved plan sheet as far as it concerns this supplier. none
// is true as long as no sheet has been approved.
func (r *Robot) planInput(ctx context.Context, now time.Time, inv reading.Invoice) (in plans.Input, none bool, err error) {
	if in, err = matchInput(now, r.settings.Match, inv); err != nil {
		return in, false, err
	}
	sheet, since, err := r.planKeeper().Approved(ctx)
	if err != nil {
		return in, false, err
	}
	in.Plans, in.Always = sheet.For(inv.Supplier.CVR), sheet.Always
	return in, since.IsZero(), nil
}

// matchInput is what the plans' rule looks at in an invoice. Today is the day in
// Denmark, wherever the machine's clock thinks it is.
func matchInput(now time.Time, settings plans.Settings, inv reading.Invoice) (plans.Input, error) {
	day, err := today(now)
	if err != nil {
		return plans.Input{}, err
	}
	return plans.Input{Today: day, Settings: settings, Invoice: plans.Invoice{
		Number: inv.Number, Kind: string(inv.Kind), Supplier: inv.Supplier.Name, CVR: inv.Supplier.CVR, EAN: inv.Buyer.EAN,
		Currency: inv.Currency, Payable: inv.Payable, Net: inv.Net, VAT: inv.VAT, IssueDate: plans.Date(inv.IssueDate), Texts: texts(inv)}}, nil
}

func today(now time.Time) (plans.Date, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return "", err
	}
	return plans.DateOf(now.In(zone)), nil
}

// question is what a coder is asked about.
func question(inv reading.Invoice, unit *Unit, voucher string, today plans.Date) coding.Question {
	q := coding.Question{Invoice: inv, Voucher: voucher, Today: string(today)}
	if unit != nil {
		q.Area = unit.Area
	}
	return q
}

// texts are all that the invoice says in words.
func texts(inv reading.Invoice) []string {
	all := append([]string{}, inv.Notes...)
	for _, l := range inv.Lines {
		all = append(all, l.Name, l.Text)
	}
	return all
}

// tryPlans is planInput by the sheet as it lies there, approved or not.
func (r *Robot) tryPlans(ctx context.Context, inv reading.Invoice) (plans.Input, error) {
	in, err := matchInput(r.clock.Now(), r.settings.Match, inv)
	if err != nil {
		return in, err
	}
	sheet, problems, err := plans.Read(r.settings.Plans, plans.DefaultFileLimits())
	if errors.Is(err, fs.ErrNotExist) {
		return in, nil
	}
	if err != nil {
		return in, err
	}
	if plans.Refused(problems) {
		return in, fmt.Errorf("the payment plan sheet cannot be used: %s", approval.ProblemText(problems))
	}
	in.Plans, in.Always = sheet.For(inv.Supplier.CVR), sheet.Always
	return in, nil
}
