package invoice

import (
	"context"
	"errors"

	"byskriver/robots/internal/opus"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// InOPUS is the portal as OPUS has it.
func InOPUS(p *opus.Portal) Portal { return inOPUS{p} }

type inOPUS struct{ portal *opus.Portal }

func (o inOPUS) Find(ctx context.Context, q Query) ([]Voucher, error) {
	found, err := o.portal.Find(ctx, q.CVR, q.Invoice, q.Amount)
	var all []Voucher
	for _, v := range found {
		all = append(all, Voucher(v))
	}
	return all, err
}

// actions are the plans' actions as the portal's form has them.
var actions = map[plans.Action]opus.Action{plans.ActionCode: opus.Code, plans.ActionForward: opus.Forward, plans.ActionApprove: opus.Approve}

func (o inOPUS) Post(ctx context.Context, v Voucher, c Coding) error {
	err := o.portal.Post(ctx, opus.Voucher(v), opus.Coding{Account: c.Account, PSP: c.PSP, CostCentre: c.CostCentre, VATCode: c.VATCode,
		Amount: c.Amount, Text: c.Text, Action: actions[c.Action], NextAgent: c.NextAgent})
	var refused *opus.Refused
	if errors.As(err, &refused) {
		return runner.NotDone(&Rejected{Text: refused.Text})
	}
	return err
}

func (o inOPUS) Posted(ctx context.Context, voucher string) ([]Coding, error) {
	posted, err := o.portal.Posted(ctx, voucher)
	var all []Coding
	for _, p := range posted {
		all = append(all, coded(p))
	}
	return all, err
}

func (o inOPUS) PostedOn(ctx context.Context, cvr, invoice string) ([]PostedVoucher, error) {
	posted, err := o.portal.PostedOn(ctx, cvr, invoice)
	var all []PostedVoucher
	for _, p := range posted {
		all = append(all, PostedVoucher{Voucher: Voucher(p.Voucher), Coding: coded(p.Coding)})
	}
	return all, err
}

// coded is the portal's coding as ours.
func coded(p opus.Coding) Coding {
	c := Coding{Account: p.Account, PSP: p.PSP, CostCentre: p.CostCentre, VATCode: p.VATCode, Amount: p.Amount, Text: p.Text, NextAgent: p.NextAgent}
	for ours, theirs := range actions {
		if theirs == p.Action {
			c.Action = ours
		}
	}
	return c
}
