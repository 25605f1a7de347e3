package grants

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// CodeInput is what the coding is made from: the one grant as its own page shows
// it, and the support sheet.
type CodeInput struct {
	Grant   Grant           `json:"grant"`
	Paid    []Paid          `json:"paid"` // the marks on it, any order
	Period  Period          `json:"period"`
	Net     decimal.Decimal `json:"net"`
	Payable decimal.Decimal `json:"payable"`
	Others  int             `json:"others"`         // how many grants were excluded
	Rows    []Row           `json:"rows"`           // of the approved support sheet
	Held    []string        `json:"held,omitempty"` // other items that take it for a day of the period, paid or to be paid
}

// CodeVerdict is a coding or a refusal.
type CodeVerdict struct {
	Coding  *coding.Coding `json:"coding,omitempty"`
	Why     string         `json:"why,omitempty"` // Danish: why it is coded so
	Refusal *Refusal       `json:"refusal,omitempty"`
}

// CodeGrant codes an invoice by its grant and the support sheet. It is pure.
func CodeGrant(in CodeInput) CodeVerdict {
	refuse := func(code, text string) CodeVerdict {
		return CodeVerdict{Refusal: &Refusal{Code: code, Text: runner.Mask(text)}}
	}
	g := in.Grant
	_, known := g.timesIn(in.Period)
	switch {
	case !g.Fixed:
		return refuse(codeNotFixed, fmt.Sprintf("Kun bevilling %s kan passe, men den har intet fast beløb, som fakturaen kan holdes op imod.%s", g.title(), byHand))
	case g.Status != statusActive && g.Status != statusEnded:
		return refuse(codeUnclear, fmt.Sprintf("Kun bevilling %s kan passe, men robotten kender ikke dens status »%s«.%s", g.title(), g.Status, byHand))
	case !known:
		return refuse(codeUnclear, fmt.Sprintf("Kun bevilling %s kan passe, men robotten kender ikke dens afregning »%s«.%s", g.title(), g.Interval, byHand))
	case g.CVR == "":
		return refuse(codeUnclear, fmt.Sprintf("Kun bevilling %s kan passe, men den nævner ingen leverandør.%s", g.title(), byHand))
	}
	for _, p := range in.Paid {
		if (Period{p.From, p.To}).meets(in.Period) {
			return refuse(codePaid, fmt.Sprintf("Bevilling %s er allerede markeret betalt for %s (faktura %s, bilag %s). Undersøg, om fakturaen er sendt to gange, før den konteres.",
				g.Number, Period{p.From, p.To}.Danish(), or(p.Invoice), or(p.Voucher)))
		}
	}
	if len(in.Held) > 0 {
		return refuse(codePaid, fmt.Sprintf("Bevilling %s er allerede brugt til en anden faktura for den samme tid: %s. Undersøg, om fakturaen er sendt to gange, før den konteres.",
			g.Number, strings.Join(in.Held, ", ")))
	}
	row := rowFor(in.Rows, g)
	if row == nil {
		return refuse(codeNoRow, fmt.Sprintf("Støttearket har ingen række for bevilling %s: paragraf »%s«, art »%s«, ejerforhold »%s«, målgruppe »%s«. Tilføj rækken og vælg Prøv igen, når arket er godkendt, eller kontér fakturaen selv.",
			g.Number, g.Section, g.Kind, g.Ownership, g.Target))
	}
	return CodeVerdict{Coding: codingBy(in, *row), Why: why(in)}
}

func why(in CodeInput) string {
	text := fmt.Sprintf("Borgerens eneste bevilling, %s, passer på leverandør, periode og beløb.", in.Grant.title())
	if in.Others > 0 {
		text = fmt.Sprintf("Kun bevilling %s passer på leverandør, periode og beløb; %d andre er udelukket.", in.Grant.title(), in.Others)
	}
	return runner.Mask(text)
}

func codingBy(in CodeInput, row Row) *coding.Coding {
	c := &coding.Coding{Account: row.Account, PSP: row.PSP, CostCentre: row.CostCentre, VATCode: row.VATCode, Amount: in.Net,
		Text: remark(in.Grant.Measure, in.Period), Action: plans.Action(row.Action), NextAgent: row.NextAgent}
	if plans.Basis(row.Basis) == plans.Gross {
		c.Amount = in.Payable
	}
	return c
}

// remark is the posting's text: measure and period. The period is never cut, the
// measure is where there is no room. CPR numbers are masked before.
func remark(measure string, p Period) string {
	words := strings.Join(strings.Fields(runner.Mask(measure)), " ")
	room := plans.MaxText - len(p.short()) - 1
	if r := []rune(words); len(r) > room {
		words = strings.TrimSpace(string(r[:room]))
	}
	return strings.TrimSpace(words + " " + p.short())
}

func or(s string) string {
	if s == "" {
		return "ukendt"
	}
	return s
}
