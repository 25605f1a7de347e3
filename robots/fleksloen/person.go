package fleksloen

import (
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/runner"
)

// actionApprove begins the decision to set what was computed. The amount stands in
// the decision itself, so that a person approves what he or she has seen and
// nothing else.
const actionApprove = "approve-"

func chooseApprove(amount decimal.Decimal) runner.Choice {
	return runner.Choice{Action: actionApprove + amount.StringFixed(2), Label: "Godkend"}
}

// approved is the amount that a decision approves; false where it is another
// decision.
func approved(action string) (decimal.Decimal, bool) {
	text, ok := strings.CutPrefix(action, actionApprove)
	if !ok {
		return decimal.Decimal{}, false
	}
	amount, err := subsidy.ParseAmount(text)
	return amount, err == nil
}

// err is the refusal as Work returns it.
func (r *Refusal) err(computed ...*subsidy.Result) error {
	choices := []runner.Choice{runner.Retry(), runner.Manual()}
	if r.May && len(computed) > 0 && computed[0] != nil {
		choices = append([]runner.Choice{chooseApprove(computed[0].Subsidy)}, choices...)
	}
	return runner.Refuse(r.Code, r.Text, r.Proposal, choices...)
}

// maxText is how many characters the text of a setting holds.
const maxText = 60

// settingText fits a text into the benefit system's field.
func settingText(s string) string {
	r := []rune(runner.Mask(s))
	return strings.TrimSpace(string(r[:min(len(r), maxText)]))
}
