package invoice

import (
	"errors"
	"slices"
	"strings"

	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// Content is what an item of this robot carries, as JSON: an invoice, a file that
// could not be read as one, or a changed plan sheet.
type Content struct {
	Invoice  *reading.Invoice  `json:"invoice,omitempty"`
	Findings []reading.Finding `json:"findings,omitempty"`
	Plans    *PlanChange       `json:"plans,omitempty"`
	Expiring *expiringContent  `json:"expiring,omitempty"`
}

// maxReasons bounds how many findings one reason spells out.
const maxReasons = 4

// refusal is the outcome of a file that is no readable invoice. Nothing would
// come of trying it again: a file that has been mended is another piece of work.
func (c Content) refusal() error {
	if !reading.Fatal(c.Findings) {
		return errors.New("the item carries neither an invoice nor a reason why not")
	}
	r := formRefusal(c.Findings)
	return runner.Refuse(r.Code, r.Text, "", runner.Manual())
}

// formRefusal gives the fatal findings to a person: the first one's code, and
// what is wrong.
func formRefusal(findings []reading.Finding) *Refusal {
	var texts []string
	r := &Refusal{}
	more := 0
	for _, f := range findings {
		switch {
		case !f.Fatal:
			continue
		case r.Code == "":
			r.Code = f.Code
		}
		if len(texts) == maxReasons {
			more++
			continue
		}
		texts = append(texts, f.Text)
	}
	r.Text = strings.Join(texts, " ")
	if more > 0 {
		r.Text += " Der er flere fejl i filen."
	}
	switch {
	case strings.HasPrefix(r.Code, "FIL-"): // the file, not the supplier, is to blame
		r.Text += " Vælg derefter Behandlet manuelt."
	case !strings.Contains(r.Text, "Bed leverandøren"):
		r.Text += " Bed leverandøren om en rettet faktura, eller behandl den manuelt."
	}
	return r
}

// refuse gives an invoice to a person, who may also send it back, where the robot is
// set up for it, or delete it.
// answered are the questions about it that a person has answered before.
func (r *Robot) refuse(why *Refusal, answered string) error {
	choices := why.choices(answered)
	if r.settings.Answers != nil {
		choices = append(choices, rejection())
	}
	return runner.Refuse(why.Code, why.Text, why.Proposal, append(choices, deletion())...)
}

// choices are what a person may decide. Only an invoice whose voucher is known
// can be posted. Fortsæt answers the question beside those answered before, so that
// none of them is asked again for it.
func (r *Refusal) choices(answered string) []runner.Choice {
	all := []runner.Choice{runner.Retry(), runner.Manual()}
	if r.Asks {
		all = append([]runner.Choice{{Action: actionGoOn + withAnswer(answered, r.Code), Label: "Fortsæt"}}, all...)
	}
	if r.MayPost {
		all = append(all, chooseAccount())
	}
	return all
}

// actionGoOn stands before the codes of the questions that are answered, as
// withAnswer writes them: the robot goes on with the invoice, and asks everything
// else as before.
const actionGoOn = "go-on:"

// withAnswer adds a question's code to those that are answered, with commas between.
func withAnswer(answered, code string) string {
	if answered == "" {
		return code
	}
	return answered + "," + code
}

// isAnswered reports whether a question is among those that are answered.
func isAnswered(answered, code string) bool {
	return answered == answeredAll || slices.Contains(strings.Split(answered, ","), code)
}

// answeredAll stands for every question: a person has agreed to what the robot would
// do with the invoice.
const answeredAll = "*"

// ActionPost is the decision to post with the account in Værdi.
const ActionPost = "post"

func chooseAccount() runner.Choice {
	return runner.Choice{Action: ActionPost, Label: "Bogfør", NeedsValue: true}
}
