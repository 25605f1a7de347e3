package fleksloen

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/runner"
)

// Tried is what `byskriver try fleksloen FILE --json` prints for a case. Amounts
// are strings with a decimal point; "" where nothing could be computed. Where a
// rule refuses, subsidy and total are what the formula gives, for those who look.
type Tried struct {
	ID      string      `json:"id"`
	Outcome string      `json:"outcome"` // done, waiting or exception
	Code    string      `json:"code"`    // of an exception or a wait
	Text    string      `json:"text"`    // its Danish sentence
	Subsidy string      `json:"subsidy"`
	Total   string      `json:"total"`
	Steps   []TriedStep `json:"steps"`
}

// TriedStep is one line of the calculation.
type TriedStep struct {
	Step   string `json:"step"`
	Amount string `json:"amount"`
	From   string `json:"from"`
}

// String is the answer as a line for people.
func (t Tried) String() string {
	switch t.Outcome {
	case string(runner.Done):
		return fmt.Sprintf("%s: tilskud %s, i alt %s", t.ID, t.Subsidy, t.Total)
	case string(runner.Waiting):
		return fmt.Sprintf("%s: venter, %s: %s", t.ID, t.Code, t.Text)
	}
	return fmt.Sprintf("%s: til et menneske, %s: %s", t.ID, t.Code, t.Text)
}

// Trials are the answers about all the cases of a file, a line each.
type Trials []Tried

// Lines are the answers one by one.
func (t Trials) Lines() []any {
	lines := make([]any, len(t))
	for i, one := range t {
		lines[i] = one
	}
	return lines
}

// Try says what the robot would decide about the cases of a file, by the file's own
// rates and the municipality's limits, and by nothing but what the file says: a
// case of good standing is taken for granted. A year without both rates refuses
// the whole file, and nothing is computed.
func (r *Robot) Try(_ context.Context, file string) (any, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the cases: %w", err)
	}
	in, err := parseTrial(file, data)
	if err != nil {
		return nil, err
	}
	out := Trials{}
	for _, c := range in.cases {
		if _, err := in.rates.For(c.Month.Year); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, c := range in.cases {
		out = append(out, r.try(in.rates, c))
	}
	return out, nil
}

func (r *Robot) try(rates subsidy.Rates, c trialCase) Tried {
	rate, _ := rates.For(c.Month.Year) // looked at before
	c.fill(rate, r.settings)
	in := Input{CaseInput: c.input(r.settings), Answer: c.Answer, Table: r.settings.Table, Rate: rate, Rates: rates, Rounding: r.settings.Rounding,
		Waited: r.waited(r.clock.Now(), c.Month)}
	t := Tried{ID: runner.Mask(c.ID), Steps: []TriedStep{}}
	v := Decide(in)
	switch {
	case v.Refusal != nil:
		t.Outcome, t.Code, t.Text = string(runner.Exception), v.Refusal.Code, runner.Mask(v.Refusal.Text)
	case v.Wait != "":
		t.Outcome, t.Code, t.Text = string(runner.Waiting), codeMissing, runner.Mask(v.Wait)
	default:
		t.Outcome = string(runner.Done)
	}
	if v.Computed == nil {
		return t
	}
	t.Subsidy, t.Total = v.Computed.Subsidy.StringFixed(2), v.Computed.Total.StringFixed(2)
	for _, s := range v.Computed.Steps {
		t.Steps = append(t.Steps, TriedStep{Step: s.Text, Amount: pointed(s.Amount), From: s.From})
	}
	return t
}

// pointed is an amount with a decimal point: two decimals, or more where the step
// has more.
func pointed(d decimal.Decimal) string {
	if d.Equal(d.Truncate(2)) {
		return d.StringFixed(2)
	}
	return strings.TrimRight(d.String(), "0")
}
