package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"byskriver/robots/invoice/plans"
	"byskriver/runner"
	"byskriver/schedules"
)

// Outside writes a new workbook of why invoices fell outside their plans, from what
// was recorded when they were decided. Of an item that was decided more than once
// the last time counts. The answer is one Danish line.
func (r *Robot) Outside(file string, each func(func(item runner.Item, at time.Time, d runner.Decided) error) error) (string, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return "", err
	}
	at := map[string]int{}
	var fell []plans.Fell
	err = each(func(item runner.Item, when time.Time, d runner.Decided) error {
		if d.Rule != ruleDecide {
			return nil
		}
		var in Input
		var v Verdict
		if err := errors.Join(json.Unmarshal(d.Input, &in), json.Unmarshal(d.Verdict, &v)); err != nil {
			return err
		}
		one := plans.Fell{Item: item.Number, On: plans.DateOf(when.In(zone)), Area: item.Area, Invoice: in.Plans.Invoice, Plans: in.Plans.Plans}
		if v.Refusal != nil {
			one.Reasons = v.Refusal.Reasons
		}
		if i, ok := at[item.Number]; ok {
			fell[i] = one
			return nil
		}
		at[item.Number] = len(fell)
		fell = append(fell, one)
		return nil
	})
	if err != nil {
		return "", err
	}
	outside := fell[:0]
	for _, f := range fell {
		if len(f.Reasons) > 0 {
			outside = append(outside, f)
		}
	}
	return plans.WriteOutside(file, outside)
}

// Ending are the approved plans that run out within so many days, a Danish line each.
func (r *Robot) Ending(ctx context.Context, days int) (lines []string, err error) {
	soon, err := r.ending(ctx, r.clock.Now(), days)
	for _, p := range soon {
		lines = append(lines, p.Text)
	}
	return lines, err
}

func (r *Robot) ending(ctx context.Context, now time.Time, days int) ([]plans.Expiring, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return nil, err
	}
	sheet, _, err := r.planKeeper().Approved(ctx)
	return plans.RunningOut(sheet.Plans, plans.DateOf(now.In(zone)), days), err
}

// Move has plans coded elsewhere: it writes a new version of the plan sheet, which
// takes effect when another person than by has approved it. The answer is Danish.
func (r *Robot) Move(plan, unit, account, place, toAccount, toPlace, by string) (string, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return "", err
	}
	said, err := plans.Apply(r.settings.Plans, plans.Move{Plan: plan, EAN: unit, Account: account, Place: place,
		ToAccount: toAccount, ToPlace: toPlace, By: by, At: r.clock.Now().In(zone)})
	if err != nil {
		return "", fmt.Errorf("flyt planer: %w", err)
	}
	return said + "Ændringen gælder, når en anden end " + by + " har godkendt den.", nil
}

// Propose writes a new workbook of plans that the postings suggest.
func (r *Robot) Propose(ctx context.Context, file string, months int) (string, error) {
	if r.settings.Postings == nil {
		return "", errors.New("robots.invoice.patterns.history is missing: without the postings no plans can be proposed")
	}
	posted, err := r.settings.Postings()
	if err != nil {
		return "", fmt.Errorf("read the postings: %w", err)
	}
	sheet, _, err := r.planKeeper().Approved(ctx)
	if err != nil {
		return "", err
	}
	from := plans.DateOf(r.clock.Now().AddDate(0, -months, 0))
	return plans.WriteProposals(file, plans.Propose(posted, sheet, from))
}

// expiringContent is what an item about a plan that runs out carries.
type expiringContent struct {
	Plan plans.Expiring `json:"plan"`
}

// collectEnding reports each approved plan that runs out soon, once.
func (r *Robot) collectEnding(ctx context.Context, found runner.Finder) error {
	soon, err := r.ending(ctx, r.clock.Now(), r.settings.PlansEnding)
	if err != nil {
		return err
	}
	for _, p := range soon {
		p.Days, p.Text = 0, "" // they change from day to day
		b, err := json.Marshal(Content{Expiring: &expiringContent{p}})
		if err != nil {
			return fmt.Errorf("encode a plan that runs out: %w", err)
		}
		key := "ending/" + p.Plan + "/" + string(p.ValidTo)
		if _, err := found(runner.Found{Key: key, Content: b, Same: key, Label: "Plan " + p.Plan, Source: r.settings.Plans, Area: p.Area}); err != nil {
			return err
		}
	}
	return nil
}

// workEnding gives a plan that runs out to a person, as long as it does.
func (r *Robot) workEnding(ctx context.Context, c runner.Case, in expiringContent) error {
	soon, err := r.ending(ctx, c.Now(), r.settings.PlansEnding)
	if err != nil {
		return err
	}
	for _, p := range soon {
		if p.Plan == in.Plan.Plan && p.ValidTo == in.Plan.ValidTo {
			return runner.Refuse("PLAN-UDLØBER", p.Text, "")
		}
	}
	return nil // it was prolonged, replaced or taken away, or has run out
}
