package bypattern

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/patterns"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
	"byskriver/schedules"
)

// Name is the way's name in records.
const Name = "pattern"

// Way codes by pattern.
type Way struct {
	settings Settings
	drawer   Drawer // nil in a try
	clock    runner.Clock
	rule     runner.Rule

	mu     sync.Mutex
	known  *patterns.Model
	digest string
	days   map[patterns.Day]map[string]note // of the drawer, as far as they were read in this run
}

// New builds the way. A shelf without a drawer is that of a try: then only the
// opinion is told, and nothing learnt.
func New(s Settings, shelf runner.Shelf, clock runner.Clock) *Way {
	drawer, _ := shelf.(Drawer)
	return &Way{settings: s, drawer: drawer, clock: clock, days: map[patterns.Day]map[string]note{},
		rule: runner.NewRule("invoice.pattern", patterns.Judge)}
}

// Name is the way's name.
func (w *Way) Name() string { return Name }

// Rules are the rules that decisions can be replayed with.
func (w *Way) Rules() []runner.Rule { return []runner.Rule{w.rule} }

// Files are the files that decisions depend on.
func (w *Way) Files() map[string]string {
	files := map[string]string{"chart": w.settings.Chart}
	if w.settings.Suppliers != "" {
		files["pattern_suppliers"] = w.settings.Suppliers
	}
	return files
}

// Code says how the invoice would be coded by pattern.
func (w *Way) Code(ctx context.Context, c runner.Case, q coding.Question) (coding.Answer, error) {
	in, asked, err := w.input(q)
	if err != nil {
		return coding.Answer{}, err
	}
	// A shadow run's invoices wait for nobody, and are no part of a live day's groups.
	if v := patterns.Judge(in); v.Say == patterns.Code && !in.Coded && w.drawer != nil && c.Item().Mode != runner.Shadow {
		if in.Group, err = w.check(ctx, c, asked); err != nil {
			return coding.Answer{}, err
		}
	}
	verdict, err := runner.Decide[patterns.Verdict](ctx, c, w.rule, in)
	if err != nil {
		return coding.Answer{}, err
	}
	if verdict.Say == patterns.Wait {
		return coding.Answer{}, runner.Later(c.Now().Add(retryAnswers), verdict.Code, verdict.Text)
	}
	return w.answer(q, verdict)
}

// asked is what the model was asked, and said.
type asked struct {
	model    *patterns.Model
	day      patterns.Day
	decision patterns.Decision
}

// check is how the day's group stands. Before it is looked at, the day's like
// invoices are gathered: an error then has the item come again.
func (w *Way) check(ctx context.Context, c runner.Case, a asked) (patterns.Group, error) {
	own, wait, err := w.gathered(ctx, c, a)
	if err != nil {
		return patterns.Group{}, err
	}
	if wait > 0 {
		return patterns.Group{}, runner.Later(c.Now().Add(wait), "MØNSTER-SAMLES", "Dagens fakturaer samles, så en person kan se de første af dem, der er ens.")
	}
	g, err := w.group(ctx, a.model, own, c.Now())
	if err != nil {
		return g, err
	}
	own.Asked = own.Asked || g.Mine
	own.Coded = !g.Mine && g.Free()
	return g, w.lay(ctx, own)
}

// retryAnswers is how long to wait before looking for answers to the check again.
const retryAnswers = 15 * time.Minute

// input is what the rule decides from, without the group.
func (w *Way) input(q coding.Question) (in patterns.Input, a asked, err error) {
	in = patterns.Input{Facts: w.facts(q.Invoice), Settings: w.settings.Learn, LimitOre: w.settings.LimitOre, Coded: q.Coded,
		Invoice: q.Invoice.Kind == reading.InvoiceKind && q.Invoice.Currency == "DKK"}
	if w.settings.Units != nil {
		in.Where = w.settings.Units(q.Invoice.Buyer.EAN)
	}
	a.model, in.Model, err = w.model()
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, patterns.ErrForm) {
		return in, a, nil // nothing has been learnt yet
	}
	if err != nil {
		return in, a, err
	}
	if a.day, err = dayOf(q.Today); err != nil {
		return in, a, err
	}
	a.decision = a.model.Decide(&in.Facts, a.day)
	in.Opinion, in.Settings = a.decision.Opinion(), a.model.Settings
	in.Open, in.Approved, err = w.listed(a.decision.Label, in.Facts.Supplier)
	return in, a, err
}

// listed looks the coding and the supplier up in the municipality's lists as they
// are now.
func (w *Way) listed(label, cvr string) (open, approved bool, err error) {
	accounts, err := readChart(w.settings.Chart)
	if err != nil {
		return false, false, err
	}
	if w.settings.Suppliers == "" {
		return accounts.open(label), true, nil
	}
	suppliers, err := readSuppliers(w.settings.Suppliers)
	return accounts.open(label), suppliers[cvr], err
}

// facts are what the invoice says, as the postings have it.
func (w *Way) facts(inv reading.Invoice) patterns.Facts {
	f := patterns.Facts{Supplier: inv.Supplier.CVR, Name: inv.Supplier.Name, Origin: inv.Buyer.EAN, Number: inv.Number, Order: inv.Buyer.Order,
		Reference: inv.Buyer.Reference, Accounting: inv.Accounting, Contract: contractOf(inv), Ore: w.amount(inv).Shift(2).Round(0).IntPart()}
	for _, l := range inv.Lines {
		f.Texts = append(f.Texts, l.Name)
	}
	return f
}

func contractOf(inv reading.Invoice) string {
	for _, d := range inv.Documents {
		if d.Role == "contract" {
			return d.ID
		}
	}
	return ""
}

// amount is the invoice's amount that is coded.
func (w *Way) amount(inv reading.Invoice) decimal.Decimal {
	if w.settings.Basis == plans.Gross {
		return inv.Payable
	}
	return inv.Net
}

// gathered is the item's own note, and how long the day's like invoices are still
// gathered before it is looked at.
func (w *Way) gathered(ctx context.Context, c runner.Case, a asked) (own note, wait time.Duration, err error) {
	own, ok, err := w.own(ctx, c)
	if err != nil {
		return own, 0, err
	}
	if pair := a.decision.Pair(); !ok || own.Pair != pair {
		own.At, own.Pair, own.Order, own.Asked = c.Now(), pair, a.decision.Ask, false
		if err := w.lay(ctx, own); err != nil {
			return own, 0, err
		}
	}
	return own, w.settings.Gather - c.Now().Sub(own.At), nil
}

// own is the note of the case's item; ok is false where it is a new one.
func (w *Way) own(ctx context.Context, c runner.Case) (n note, ok bool, err error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return n, false, err
	}
	day := dayIn(c.Item().Created.In(zone))
	notes, err := w.onDay(ctx, day)
	if err != nil {
		return n, false, err
	}
	if n, ok = notes[c.Item().Number]; !ok {
		n = note{Item: c.Item().Number, Day: day, At: c.Now()}
	}
	return n, ok, nil
}

// answer is the verdict as the robot takes it.
func (w *Way) answer(q coding.Question, v patterns.Verdict) (coding.Answer, error) {
	a := coding.Answer{Say: coding.Passes, By: "mønster", Why: v.Text, Code: v.Code, Proposal: v.Label}
	switch v.Say {
	case patterns.Stop:
		a.Say = coding.Stops
	case patterns.Code:
		coded, err := parseLabel(v.Label)
		if err != nil {
			return a, fmt.Errorf("read what was learnt, %q: %w", v.Label, err)
		}
		coded.Amount, coded.Action, coded.NextAgent = w.amount(q.Invoice), w.settings.Action, w.settings.NextAgent
		coded.Text = postingText(q.Invoice.Number)
		a.Say, a.Coding, a.Proposal = coding.Codes, &coded, ""
	}
	return a, nil
}

// postingText fits into the portal's field.
func postingText(number string) string {
	r := []rune(runner.Mask("Faktura " + number + ", efter mønster"))
	return string(r[:min(len(r), plans.MaxText)])
}

// Follow notes how an invoice was coded in the end. The next night learns from it,
// and where it is not what was proposed, all that was learnt of the supplier is
// forgotten.
func (w *Way) Follow(ctx context.Context, c runner.Case, p coding.Posted) error {
	if w.drawer == nil || c.Item().Mode == runner.Shadow {
		return nil
	}
	own, _, err := w.own(ctx, c) // without a note nothing was proposed, and nothing is corrected
	if err != nil {
		return err
	}
	day, err := dayOf(p.Today)
	if err != nil {
		return err
	}
	basis := plans.Net
	if !p.Coding.Amount.Abs().Equal(p.Invoice.Net) && p.Coding.Amount.Abs().Equal(p.Invoice.Payable) {
		basis = plans.Gross
	}
	if p.Invoice.Net.Equal(p.Invoice.Payable) {
		basis = w.settings.Basis
	}
	own.Posted = &patterns.Posting{Facts: w.facts(p.Invoice), Label: labelOf(p.Coding, basis), Arrived: own.Day, Known: day}
	return w.lay(ctx, own)
}

// Advice says for each code of this way what a person does about it.
func (w *Way) Advice() map[string]string {
	self := "Kontér fakturaen selv."
	return map[string]string{
		"MØNSTER-KONTROL":   "Kontér den med Bogfør. Passer forslaget, så brug det; robotten tager resten, når de første er ens.",
		"MØNSTER-HOLDT":     self + " Robotten lærer af det.",
		"MØNSTER-UBESVARET": self,
	}
}
