package coding

import (
	"fmt"
	"strings"
)

// The codes of Order's own refusals.
const (
	CodeDisagree = "KONTERING-UENIG" // two ways would code the invoice otherwise than each other
	CodeCitizen  = "BORGER"          // a person is named, and no way coded by that person
)

// Outcome is one coding or one refusal.
type Outcome struct {
	Winner   *Answer // the answer to post by, or nil
	Refused  *Answer // the answer that a refusal is from; nil for Order's own
	Code     string  // of the refusal
	Text     string  // Danish: why, and what to do next
	Proposal string
}

// Order decides by the answers of all ways, given in the order plan, grant,
// pattern. It is pure.
//
//   - A way that stops sends the invoice to a person; the first one gives the reason.
//   - Where the invoice names a citizen, some way must have coded by that citizen.
//   - Two ways that code it otherwise than each other are a refusal.
//   - Otherwise the first way that codes it wins, one by the citizen before others.
//   - Where none does, the first reason counts, and the others' stand beside it.
func Order(citizen bool, answers []Answer) Outcome {
	codes := saying(Codes, answers)
	switch stops := saying(Stops, answers); {
	case len(stops) > 0:
		return refusal(stops[0], stops[0].Why, answers)
	case citizen && !byCitizen(codes):
		return Outcome{Code: CodeCitizen, Proposal: proposalOf(answers),
			Text: "Fakturaen nævner en borgers personnummer. Find borgerens bevilling, og kontér fakturaen selv."}
	case len(codes) > 0:
		return agreed(codes)
	case len(answers) == 0:
		return Outcome{}
	}
	first := answers[0]
	texts := []string{first.Why}
	for _, a := range answers[1:] {
		if a.Why != "" {
			texts = append(texts, a.Why)
		}
	}
	return refusal(first, strings.Join(texts, " "), answers)
}

// agreed is the first coding, if the others agree with it. One by the citizen goes
// before: it says more in the posting's text, and has more to do after it.
func agreed(codes []Answer) Outcome {
	first := codes[0]
	for _, other := range codes[1:] {
		if !first.Coding.Agrees(*other.Coding) {
			return Outcome{Code: CodeDisagree, Proposal: first.Coding.Value(), Text: fmt.Sprintf(
				"Robotten har to bud, som ikke er ens: %s siger %s (%s kr.), %s siger %s (%s kr.). Afgør, hvilket der er rigtigt, og kontér fakturaen selv.",
				first.By, first.Coding.Value(), danish(first), other.By, other.Coding.Value(), danish(other))}
		}
	}
	for _, a := range codes {
		if a.Citizen {
			return Outcome{Winner: &a}
		}
	}
	return Outcome{Winner: &first}
}

func danish(a Answer) string { return strings.ReplaceAll(a.Coding.Amount.StringFixed(2), ".", ",") }

func refusal(a Answer, text string, answers []Answer) Outcome {
	return Outcome{Refused: &a, Code: a.Code, Text: text, Proposal: proposalOf(answers)}
}

func saying(what Say, answers []Answer) (some []Answer) {
	for _, a := range answers {
		if a.Say == what {
			some = append(some, a)
		}
	}
	return some
}

func byCitizen(answers []Answer) bool {
	for _, a := range answers {
		if a.Citizen {
			return true
		}
	}
	return false
}

// proposalOf is the first proposal there is, for the person who decides.
func proposalOf(answers []Answer) string {
	for _, a := range answers {
		switch {
		case a.Proposal != "":
			return a.Proposal
		case a.Coding != nil:
			return fmt.Sprintf("%s (som %s)", a.Coding.Value(), a.By)
		}
	}
	return ""
}
