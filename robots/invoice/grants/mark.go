package grants

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/ident"
	"byskriver/robots/internal/screen"
	"byskriver/robots/invoice/coding"
	"byskriver/runner"
)

// mark is what is to be marked on a grant once the invoice has been posted. It is
// the answer's proof, stored with the posting; it does not say whose grant it is.
type mark struct {
	Grant  Grant           `json:"grant"`
	Period Period          `json:"period"`
	Amount decimal.Decimal `json:"amount"`
	Since  time.Time       `json:"since"` // when it was decided
}

// marking is the step that marks the grant.
type marking struct {
	mark
	Invoice string `json:"invoice"`
	Voucher string `json:"voucher"`
}

// stepMark is the change that this way makes in the case system.
const stepMark = "mark"

// How long to wait before the grant is tried again: as long as it has gone on, at
// least and at most so long. What is soon over is soon marked.
const (
	soonest = 5 * time.Second
	latest  = 15 * time.Minute
)

// Follow marks the grant as paid once the invoice has been posted by it. The
// posting stands whatever becomes of the mark: where the case system does not
// answer, the item waits, and where it refuses, a person is told.
func (w *Way) Follow(ctx context.Context, c runner.Case, p coding.Posted) error {
	if p.Way != Name {
		return nil
	}
	m := marking{Invoice: p.Invoice.Number, Voucher: p.Voucher}
	if err := json.Unmarshal(p.Proof, &m.mark); err != nil {
		return fmt.Errorf("read what is to be marked after voucher %s: %w", p.Voucher, err)
	}
	who, refusal := citizenOf(p.Invoice)
	if refusal != nil {
		return fmt.Errorf("mark grant %s: the invoice names no single citizen", m.Grant.Number)
	}
	leave, err := c.Enter(ctx, System)
	if err != nil {
		return err
	}
	defer leave()
	return w.outcome(c, m, screen.Keep(ctx, c, w.once(ctx, c, who.cpr, m)))
}

// once marks the grant exactly once.
func (w *Way) once(ctx context.Context, c runner.Case, who ident.CPR, m marking) error {
	find := func(ctx context.Context) (runner.Sight, error) { return w.look(ctx, c, who, m) }
	do := func(ctx context.Context) error { return w.do(ctx, c, who, m) }
	_, err := c.Once(ctx, runner.Step{Name: stepMark, System: System, Plan: m}, find, do)
	return err
}

// do marks the grant, unless somebody else has marked the period.
func (w *Way) do(ctx context.Context, c runner.Case, who ident.CPR, m marking) error {
	if err := w.lookUp(ctx, c, who); err != nil {
		return runner.NotDone(err)
	}
	_, paid, err := w.cases.Grant(ctx, who, m.Grant.Number)
	if err != nil {
		return runner.NotDone(fmt.Errorf("read grant %s: %w", m.Grant.Number, err))
	}
	for _, p := range paid {
		if (Period{p.From, p.To}).meets(m.Period) {
			return runner.NotDone(&Rejected{Text: fmt.Sprintf("Perioden er markeret betalt imens (faktura %s, bilag %s)", or(p.Invoice), or(p.Voucher))})
		}
	}
	if err := w.lookUp(ctx, c, who); err != nil { // marking opens the citizen's pages once more
		return runner.NotDone(err)
	}
	return w.cases.MarkPaid(ctx, who, m.Grant, Paid{From: m.Period.From, To: m.Period.To, Amount: m.Amount, Invoice: m.Invoice, Voucher: m.Voucher})
}

// look asks the case system whether the grant is marked with this voucher.
func (w *Way) look(ctx context.Context, c runner.Case, who ident.CPR, m marking) (runner.Sight, error) {
	if err := w.lookUp(ctx, c, who); err != nil {
		return runner.Sight{}, err
	}
	_, paid, err := w.cases.Grant(ctx, who, m.Grant.Number)
	if err != nil {
		return runner.Sight{}, fmt.Errorf("look for the mark on grant %s: %w", m.Grant.Number, err)
	}
	var mine []Paid
	for _, p := range paid {
		if p.Voucher == m.Voucher {
			mine = append(mine, p)
		}
	}
	switch {
	case len(mine) == 0:
		return runner.Sight{Certainty: runner.Absent}, nil
	case len(mine) > 1:
		return runner.Sight{Certainty: runner.Different, Text: fmt.Sprintf("Bevilling %s er markeret betalt %d gange med bilag %s, som er konteret.", m.Grant.Number, len(mine), m.Voucher)}, nil
	case !m.is(mine[0]):
		return runner.Sight{Certainty: runner.Different, Text: fmt.Sprintf("Bevilling %s er markeret betalt med bilag %s, som er konteret, men for %s på %s.",
			m.Grant.Number, m.Voucher, Period{mine[0].From, mine[0].To}.Danish(), kr(mine[0].Amount))}, nil
	}
	return runner.Sight{Certainty: runner.Present, Receipt: map[string]any{"grant": m.Grant.Number, "paid": mine[0]}}, nil
}

func (m marking) is(p Paid) bool {
	return Period{p.From, p.To} == m.Period && p.Amount.Equal(m.Amount) && p.Invoice == m.Invoice
}

// outcome makes of an error what a person may need to know: that the posting
// stands.
func (w *Way) outcome(c runner.Case, m marking, err error) error {
	stands := fmt.Sprintf("Fakturaen er konteret i OPUS (bilag %s), og konteringen står ved magt; ", m.Voucher)
	gone := c.Now().Sub(m.Since)
	var rejected *Rejected
	var trouble *runner.Trouble
	switch {
	case errors.As(err, &rejected):
		return runner.Refuse(codeNotMarked, stands+fmt.Sprintf("men fagsystemet afviste at markere bevilling %s betalt: »%s«. Markér den selv, og vælg Behandlet manuelt.",
			m.Grant.Number, runner.Mask(rejected.Text)), "")
	case !errors.As(err, &trouble):
		return err
	case trouble.Kind != runner.Unavailable:
		told := *trouble
		told.Text, told.Err = stands+"men bevilling "+m.Grant.Number+" er ikke set markeret betalt. "+trouble.Text, err
		return &told
	case gone > w.settings.Patience:
		return runner.Refuse(codeNotMarked, stands+fmt.Sprintf("men bevilling %s kunne ikke markeres betalt, da fagsystemet ikke har svaret længe nok. Se efter, om den er markeret, markér den ellers selv, og vælg Behandlet manuelt.",
			m.Grant.Number), "")
	}
	return runner.Later(c.Now().Add(min(max(gone, soonest), latest)), codeWaitMark, stands+fmt.Sprintf("bevilling %s er endnu ikke markeret betalt, da fagsystemet ikke svarer. Robotten prøver igen.", m.Grant.Number))
}
