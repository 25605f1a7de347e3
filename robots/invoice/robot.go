// Package invoice is the robot that codes invoices: it reads them from a drop
// folder, finds each one's voucher in the portal, holds it against the controls
// and the municipality's payment plans, and posts what falls inside exactly one
// plan. Everything else goes to a person, with the reason. README.md has the
// steps and the exceptions in the words of those who work with them.
package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/opus"
	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// Name is the robot's name.
const Name = "invoice"

// System is the name of the portal in the configuration.
const System = "opus"

// Portal is what the robot does in the ERP system's portal.
type Portal interface {
	// Find lists the vouchers in the inbox for a supplier's invoice.
	Find(ctx context.Context, q Query) ([]Voucher, error)
	// Post codes a voucher. An error marked with runner.NotDone left it as it was;
	// an error that is a *Rejected is the portal's own refusal.
	Post(ctx context.Context, v Voucher, c Coding) error
	// Posted lists what is posted on a voucher.
	Posted(ctx context.Context, voucher string) ([]Coding, error)
	// PostedOn lists what is posted on a supplier's invoice, whoever posted it.
	PostedOn(ctx context.Context, cvr, invoice string) ([]PostedVoucher, error)
}

// Query names an invoice as the portal's search form does.
type Query struct {
	CVR     string
	Invoice string
	Amount  decimal.Decimal // payable, DKK; negative for a credit note
}

// Voucher is one row of the portal's inbox.
type Voucher struct {
	Number  string          `json:"number"` // ten digits
	CVR     string          `json:"cvr"`
	Invoice string          `json:"invoice"`
	Amount  decimal.Decimal `json:"amount"`
	EAN     string          `json:"ean"`
}

// Coding is what is entered in the portal's form.
type Coding = coding.Coding

// Rejected is the portal's own refusal of a coding, in its own words.
type Rejected struct{ Text string }

// Error is what the portal said.
func (r *Rejected) Error() string { return "the portal refuses the coding: " + r.Text }

// Settings are the municipality's own choices for the robot.
type Settings struct {
	Drop      string        // the folder that invoices arrive in
	Done      string        // the folder that settled ones are put in
	Plans     string        // the payment plan sheet
	Quiet     time.Duration // a file is left alone until it has not changed for so long
	Patience  time.Duration // how long to wait for an invoice's voucher to come
	Units     []Unit
	UnitsFile string // where Units were read from
	// Creditors is the municipality's list of suppliers; nil where it keeps none. Then
	// a supplier is not asked for, and the first account it is paid on is learnt.
	Creditors     []Creditor
	CreditorsFile string // where Creditors were read from, or ""
	Limits        Limits
	Answers       *Answers // how invoices are sent back; nil where they are not
	Reading       reading.Limits
	Match         plans.Settings
	// PlansEnding is how many days before it runs out a plan is put on the list.
	PlansEnding int
	// Postings reads what was posted before, for proposing plans; nil where the
	// municipality delivers no postings.
	Postings func() ([]plans.Posted, error)
}

// Robot is the invoice robot.
type Robot struct {
	settings Settings
	portal   Portal
	shelf    runner.Shelf
	clock    runner.Clock
	coders   []coding.Coder
	seen     *folder
}

// New builds the robot. coders are the ways to code an invoice beside the payment
// plans, in the order in which they count: grant, pattern.
func New(s Settings, portal Portal, shelf runner.Shelf, clock runner.Clock, coders ...coding.Coder) *Robot {
	return &Robot{settings: s, portal: portal, shelf: shelf, clock: clock, coders: coders, seen: newFolder(s, clock)}
}

// Name is the robot's name.
func (r *Robot) Name() string { return Name }

// Files are the files that the robot's decisions depend on, by what they are.
func (r *Robot) Files() map[string]string {
	files := map[string]string{"plans": r.settings.Plans, "units": r.settings.UnitsFile}
	if r.settings.CreditorsFile != "" {
		files["creditors"] = r.settings.CreditorsFile
	}
	for _, coder := range r.coders {
		if f, ok := coder.(interface{ Files() map[string]string }); ok {
			maps.Copy(files, f.Files())
		}
	}
	return files
}

// ruleDecide is the name of the rule that holds an invoice against everything.
const ruleDecide = "invoice.decide"

// Rules are the rules that decisions can be replayed with.
func (r *Robot) Rules() []runner.Rule {
	rules := []runner.Rule{runner.NewRule(ruleDecide, Decide), runner.NewRule("invoice.by_person", decideByPerson)}
	for _, coder := range r.coders {
		if ruler, ok := coder.(runner.Ruler); ok {
			rules = append(rules, ruler.Rules()...)
		}
	}
	return rules
}

// Work takes one item straight down: read, find the voucher, decide, post once.
func (r *Robot) Work(ctx context.Context, c runner.Case) error {
	var content Content
	if err := json.Unmarshal(c.Item().Content, &content); err != nil {
		return fmt.Errorf("read what item %s carries: %w", c.Item().Number, err)
	}
	if mine, err := r.workKept(ctx, c); mine || err != nil {
		return err
	}
	switch {
	case content.Plans != nil:
		return r.planKeeper().Work(ctx, c, *content.Plans)
	case content.Expiring != nil:
		return r.workEnding(ctx, c, *content.Expiring)
	case content.Invoice == nil:
		return content.refusal()
	}
	return opus.Keep(ctx, c, r.workInvoice(ctx, c, content))
}

func (r *Robot) workInvoice(ctx context.Context, c runner.Case, content Content) error {
	leave, err := c.Enter(ctx, System)
	if err != nil {
		return err
	}
	defer leave()
	var begun posting
	if ok, err := c.Begun(ctx, stepPost, &begun); err != nil {
		return err
	} else if ok {
		c.Label(begun.Voucher.Number)
		return r.post(ctx, c, content, begun)
	}
	if done, err := r.returned(ctx, c, content); done {
		return err
	}
	vouchers, err := r.vouchers(ctx, c, content)
	if err != nil {
		return err
	}
	verdict, err := r.decide(ctx, c, content, vouchers)
	if err != nil {
		return err
	}
	switch {
	case verdict.Refusal != nil && r.rejects(verdict.Refusal, *content.Invoice):
		return r.reject(ctx, c, content, sentBack{Code: verdict.Refusal.Code, Reason: automatic[verdict.Refusal.Code]})
	case verdict.Refusal != nil:
		return r.refuse(verdict.Refusal, answered(c.Item().Decision))
	case verdict.Wait:
		return runner.Later(c.Now().Add(retryVoucher), "BILAG-MANGLER", "Fakturaens bilag er ikke i portalens indbakke endnu. Robotten ser efter igen.")
	case verdict.WaitPlans:
		return runner.Later(c.Now().Add(retryPlans), codeNoPlans, "Kommunens betalingsplaner er endnu ikke godkendt. Robotten prøver igen, når de er.")
	}
	by := ""
	if d := c.Item().Decision; d != nil {
		by = d.By
	}
	proposal := verdict.Coding.Value() + " " + basisOf(*verdict.Coding, *content.Invoice)
	if err := c.Sample(ctx, proposal, runner.Agree(), chooseAccount(), runner.Manual()); err != nil {
		return err
	}
	if err := r.learn(ctx, c, *content.Invoice); err != nil {
		return err
	}
	return r.post(ctx, c, content, postingOf(verdict, vouchers[0], by))
}

// stepPost is the one change that this robot makes.
const stepPost = "post"

// How long to wait before looking for a voucher again, and for the first approval
// of the plans.
const (
	retryVoucher = 30 * time.Minute
	retryPlans   = time.Minute
)

// vouchers looks for the invoice in the portal's inbox. One whose form is broken
// is not looked for: what it says cannot be trusted.
func (r *Robot) vouchers(ctx context.Context, c runner.Case, content Content) ([]Voucher, error) {
	inv := content.Invoice
	if reading.Fatal(content.Findings) || inv.Number == "" || inv.Supplier.CVR == "" {
		c.Label(inv.Number)
		return nil, nil
	}
	amount := inv.Payable
	if inv.Kind == reading.CreditNoteKind {
		amount = amount.Neg()
	}
	found, err := r.portal.Find(ctx, Query{CVR: inv.Supplier.CVR, Invoice: inv.Number, Amount: amount})
	if err != nil {
		return nil, fmt.Errorf("look for the voucher: %w", err)
	}
	label := inv.Number
	if len(found) == 1 {
		label = found[0].Number
	}
	c.Label(label)
	return found, nil
}

// post codes the voucher exactly once, and tells the coders of it.
func (r *Robot) post(ctx context.Context, c runner.Case, content Content, p posting) error {
	find := func(ctx context.Context) (runner.Sight, error) { return r.look(ctx, p.Voucher.Number, p.Coding) }
	do := func(ctx context.Context) error { return r.portal.Post(ctx, p.Voucher, p.Coding) }
	_, err := c.Once(ctx, runner.Step{Name: stepPost, System: System, Plan: p}, find, do)
	var rejected *Rejected
	if errors.As(err, &rejected) {
		return r.refuse(&Refusal{Code: "PORTAL-AFVIST", Text: fmt.Sprintf("Portalen afviste konteringen: »%s«. Ret planen eller kontér bilaget selv.", rejected.Text),
			Proposal: p.Coding.Value(), MayPost: true}, "")
	}
	if err != nil {
		return err
	}
	return r.follow(ctx, c, content, p)
}

// look asks the portal what is posted on the voucher, and compares it with what
// was meant.
func (r *Robot) look(ctx context.Context, voucher string, meant Coding) (runner.Sight, error) {
	posted, err := r.portal.Posted(ctx, voucher)
	if err != nil {
		return runner.Sight{}, fmt.Errorf("look for the posting of voucher %s: %w", voucher, err)
	}
	switch {
	case len(posted) == 0:
		return runner.Sight{Certainty: runner.Absent}, nil
	case len(posted) > 1:
		return runner.Sight{Certainty: runner.Different, Text: fmt.Sprintf("Bilag %s er konteret %d gange i portalen.", voucher, len(posted))}, nil
	case !posted[0].Same(meant):
		return runner.Sight{Certainty: runner.Different, Text: fmt.Sprintf("Bilag %s er konteret anderledes end robotten mente: %s.", voucher, posted[0].Value())}, nil
	}
	return runner.Sight{Certainty: runner.Present, Receipt: map[string]any{"voucher": voucher, "coding": posted[0]}}, nil
}
