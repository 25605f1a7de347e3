package plans

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Invoice is what the rule looks at in an invoice.
type Invoice struct {
	Number    string          `json:"number"`
	Kind      string          `json:"kind"` // KindInvoice; anything else goes to a person
	Supplier  string          `json:"supplier"`
	CVR       string          `json:"cvr"` // the supplier's, eight digits
	EAN       string          `json:"ean"` // the buyer's, thirteen digits
	Currency  string          `json:"currency"`
	Payable   decimal.Decimal `json:"payable"` // incl. VAT
	Net       decimal.Decimal `json:"net"`
	VAT       decimal.Decimal `json:"vat"`
	IssueDate Date            `json:"issue_date"`
	// Texts are all that the invoice says in words: the lines' texts, the notes.
	Texts []string `json:"texts"`
}

// The kinds of document. Only an invoice can fall inside a plan.
const (
	KindInvoice    = "invoice"
	KindCreditNote = "creditnote"
)

// Input is all that Match decides by. It is recorded with the decision.
type Input struct {
	Invoice Invoice  `json:"invoice"`
	Plans   []Plan   `json:"plans"`  // those of the supplier (Sheet.For); others are passed over
	Always  []Always `json:"always"` // the whole list
	// History has, by plan number, the issue dates of the other invoices that the
	// plan has taken. This invoice must not be among them.
	History  map[string][]Date `json:"history"`
	Today    Date              `json:"today"`
	Settings Settings          `json:"settings"`
}

// Settings are the municipality's own limits for the rule.
type Settings struct {
	// LeastDays is how many days at least lie between two invoices' issue dates.
	LeastDays LeastDays `json:"least_days" yaml:"least_days"`
	// RoundingOre is by how many øre the payable amount may differ from net plus
	// VAT, since a payable amount may be rounded.
	RoundingOre int `json:"rounding_ore" yaml:"rounding_ore"`
}

// LeastDays is the least distance in days for each interval; each at least 1.
type LeastDays struct {
	Month    int `json:"month" yaml:"month"`
	Quarter  int `json:"quarter" yaml:"quarter"`
	HalfYear int `json:"halfyear" yaml:"halfyear"`
	Year     int `json:"year" yaml:"year"`
}

// DefaultSettings let an invoice come about a third of a month early, and 15 to
// 35 days early for the longer intervals. Suppliers' dates drift; a second
// invoice for the same period comes sooner than that. No source gives these
// figures, so they are settings.
func DefaultSettings() Settings {
	return Settings{LeastDays: LeastDays{Month: 20, Quarter: 75, HalfYear: 160, Year: 330}, RoundingOre: 50}
}

// of is the least distance for an interval; ok is false if there is none to be
// had, and the plan cannot be used.
func (l LeastDays) of(i Interval) (days int, ok bool) {
	switch i {
	case NoInterval:
		return 0, true
	case Monthly:
		days = l.Month
	case Quarterly:
		days = l.Quarter
	case HalfYearly:
		days = l.HalfYear
	case Yearly:
		days = l.Year
	}
	return days, days >= 1
}

// Verdict is either a coding or a refusal, never both and never neither.
type Verdict struct {
	Coding  *Coding  `json:"coding,omitempty"`
	Refusal *Refusal `json:"refusal,omitempty"`
}

// Account is where an amount is coded.
type Account struct {
	Account    string `json:"account"`     // artskonto
	PSP        string `json:"psp"`         // either this
	CostCentre string `json:"cost_centre"` // or this
	VATCode    string `json:"vat_code"`
}

// Coding is what the one plan says about the invoice.
type Coding struct {
	Plan string `json:"plan"`
	Account
	Basis     Basis           `json:"basis"`
	Amount    decimal.Decimal `json:"amount"` // DKK, net or gross as Basis says
	Text      string          `json:"text"`   // at most MaxText characters; CPR numbers masked
	Action    Action          `json:"action"`
	NextAgent string          `json:"next_agent"`
	Area      string          `json:"area"`
}

// Refusal is why no plan took the invoice.
type Refusal struct {
	Code     string `json:"code"`     // one of the Refused… codes
	Text     string `json:"text"`     // Danish: why, with the figures, and what to do next
	Proposal string `json:"proposal"` // Danish: how the nearest plan would code it, or ""
	// Nearest is the account of the plan that came nearest, or nil. It is for the
	// person who decides, never to be coded without one.
	Nearest *Nearest `json:"nearest,omitempty"`
	Reasons []Reason `json:"reasons"` // every rule that was broken, for the list of why invoices fall outside
}

// Nearest is the plan that an invoice came nearest to.
type Nearest struct {
	Plan string `json:"plan"`
	Account
}

// Reason is one broken rule.
type Reason struct {
	Code  string `json:"code"`
	Plan  string `json:"plan"`  // the plan's number; "" where the rule is about the invoice alone
	Has   string `json:"has"`   // what the invoice has, in Danish figures, or ""
	Limit string `json:"limit"` // what the rule allows, or ""
	Text  string `json:"text"`  // Danish: why
}

// Match decides whether the invoice falls inside exactly one plan. It is pure:
// the same input gives the same verdict.
func Match(in Input) Verdict {
	reasons, unreadable := apply(invoiceRules, in, Plan{})
	if unreadable {
		return refused(in, reasons, nil)
	}
	fits, tried := weigh(in)
	nearest := closest(fits, tried)
	switch {
	case len(reasons) > 0:
		if len(fits) == 0 {
			reasons = append(reasons, all(tried)...)
		}
		return refused(in, reasons, nearest)
	case len(fits) == 1:
		return Verdict{Coding: coding(in.Invoice, fits[0])}
	case len(fits) > 1:
		return refused(in, []Reason{several(fits)}, nil)
	case len(tried) == 0:
		return refused(in, []Reason{nonePlan(in.Invoice)}, nil)
	}
	return refused(in, all(tried), nearest)
}

// closest is the plan to propose: the only one that fits, or the nearest where
// none does; nil where there is no telling.
func closest(fits []Plan, tried []attempt) *Plan {
	switch {
	case len(fits) == 1:
		return &fits[0]
	case len(fits) == 0 && len(tried) > 0:
		return &tried[0].plan
	}
	return nil
}

// attempt is a plan that the invoice fell outside of.
type attempt struct {
	plan    Plan
	reasons []Reason
}

// weigh holds the invoice against each of the supplier's plans. The plans that
// it fell outside of come nearest first.
func weigh(in Input) (fits []Plan, tried []attempt) {
	for _, p := range in.Plans {
		if p.CVR != in.Invoice.CVR {
			continue
		}
		reasons, _ := apply(planRules, in, p)
		if len(reasons) == 0 {
			fits = append(fits, p)
			continue
		}
		tried = append(tried, attempt{p, reasons})
	}
	slices.SortStableFunc(tried, func(a, b attempt) int { return nearer(in.Invoice, a, b) })
	return fits, tried
}

// nearer orders plans by how close the invoice came: fewest broken rules, then
// the rule broken last in the table, then the amount, then the number.
func nearer(inv Invoice, a, b attempt) int {
	return cmp.Or(
		cmp.Compare(len(a.reasons), len(b.reasons)),
		cmp.Compare(rank(b.reasons[0].Code), rank(a.reasons[0].Code)),
		gap(inv, a).Cmp(gap(inv, b)),
		cmp.Compare(a.plan.Number, b.plan.Number))
}

// gap is by how many kroner the invoice lies outside the plan's amounts. A plan
// that cannot be used has no amounts to speak of.
func gap(inv Invoice, a attempt) decimal.Decimal {
	if a.reasons[0].Code == RefusedUnusable {
		return maxAmount
	}
	return decimal.Max(a.plan.From.Sub(inv.Payable), inv.Payable.Sub(a.plan.To), decimal.Zero)
}

func all(tried []attempt) (reasons []Reason) {
	for _, a := range tried {
		reasons = append(reasons, a.reasons...)
	}
	return reasons
}

func coding(inv Invoice, p Plan) *Coding {
	c := &Coding{Plan: p.Number, Account: p.account(), Basis: p.Basis, Amount: inv.Net, Text: postingText(inv, p),
		Action: p.Action, NextAgent: p.NextAgent, Area: p.Area}
	if p.Basis == Gross {
		c.Amount = inv.Payable
	}
	if p.Action != ActionForward {
		c.NextAgent = ""
	}
	return c
}

func (p Plan) account() Account {
	return Account{Account: p.Account, PSP: p.PSP, CostCentre: p.CostCentre, VATCode: p.VATCode}
}

// refused builds the refusal from its reasons, of which the first gives the
// code. The text has all that was wrong with the invoice itself, or all that
// keeps it outside the nearest plan.
func refused(in Input, reasons []Reason, nearest *Plan) Verdict {
	first := reasons[0]
	var why []string
	for _, r := range reasons {
		if r.Plan == first.Plan {
			why = append(why, r.Text)
		}
	}
	text := strings.Join(append(why, next(first.Code)), " ")
	if n := plansIn(reasons); n > 1 && first.Plan != "" {
		text += fmt.Sprintf(" (Leverandørens %d planer er prøvet; plan %s er nærmest.)", n, first.Plan)
	}
	r := &Refusal{Code: first.Code, Text: text, Reasons: reasons}
	if nearest != nil && usable(*nearest) {
		r.Nearest = &Nearest{Plan: nearest.Number, Account: nearest.account()}
		r.Proposal = proposal(in.Invoice, *nearest)
	}
	return Verdict{Refusal: r}
}

// plansIn counts the plans that the reasons speak of.
func plansIn(reasons []Reason) int {
	seen := map[string]bool{}
	for _, r := range reasons {
		if r.Plan != "" {
			seen[r.Plan] = true
		}
	}
	return len(seen)
}

// proposal says how the nearest plan would code the invoice. An amount stands
// there only where it is in kroner.
func proposal(inv Invoice, p Plan) string {
	place := p.PSP
	if place == "" {
		place = "omkostningssted " + p.CostCentre
	}
	s := fmt.Sprintf("Som plan %s: artskonto %s, %s, momskode %s", p.Number, p.Account, place, p.VATCode)
	if inv.Currency != currency {
		return s
	}
	if p.Basis == Gross {
		return s + ", " + kr(inv.Payable) + " brutto"
	}
	return s + ", " + kr(inv.Net) + " netto"
}
