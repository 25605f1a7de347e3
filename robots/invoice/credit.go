package invoice

import (
	"context"
	"fmt"
	"strings"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// PostedVoucher is a posting on a voucher that has been dealt with.
type PostedVoucher struct {
	Voucher Voucher `json:"voucher"`
	Coding  Coding  `json:"coding"`
}

// Credited is what is known of the invoice that a credit note takes back.
type Credited struct {
	Invoice  string          `json:"invoice,omitempty"` // the one number that the credit note names; "" for none or several
	Named    int             `json:"named"`             // how many it names
	Postings []PostedVoucher `json:"postings,omitempty"`
	Others   []Same          `json:"others,omitempty"` // other credit notes for the same invoice
}

// credited finds the invoice that a credit note takes back: by its own reference, in
// the portal, and among the credit notes that were seen before.
func (r *Robot) credited(ctx context.Context, c runner.Case, inv reading.Invoice) (*Credited, error) {
	out := &Credited{}
	for _, ref := range inv.Credits {
		if ref.Role == "invoice" && ref.ID != "" && ref.ID != out.Invoice {
			out.Named++
			out.Invoice = ref.ID
		}
	}
	if out.Named != 1 {
		out.Invoice = ""
		return out, nil
	}
	others, err := leave(ctx, c, markCredit, inv.Supplier.CVR+"/"+sameNumber(out.Invoice))
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		out.Others = append(out.Others, Same{Item: o.Item, Earlier: o.Earlier, Settled: o.State == runner.Done})
	}
	if out.Postings, err = r.portal.PostedOn(ctx, inv.Supplier.CVR, out.Invoice); err != nil {
		return nil, fmt.Errorf("look for the invoice that is credited: %w", err)
	}
	return out, nil
}

// creditRules are asked in this order; the first that is broken sends the credit
// note to a person.
var creditRules = []struct {
	code   string
	broken func(in Input) bool
	text   string
}{
	{"KREDIT-REFERENCE", func(in Input) bool { return in.Credit.Named != 1 }, "Kreditnotaen nævner ikke én bestemt faktura. Find den faktura, den hører til, og kontér kreditnotaen selv."},
	{"KREDIT-FØR", func(in Input) bool { return itemsOf(in.Credit.Others, "") != "" }, "Der er set en kreditnota til den samme faktura før: {før}. Undersøg, om fakturaen bliver krediteret to gange."},
	{"KREDIT-UKENDT", func(in Input) bool { return len(in.Credit.Postings) == 0 }, "Faktura {faktura} fra leverandøren er ikke konteret i portalen. Undersøg, hvad der er blevet af den, før kreditnotaen konteres."},
	{"KREDIT-FLERE", func(in Input) bool { return len(in.Credit.Postings) > 1 }, "Faktura {faktura} er konteret på flere steder. Fordel kreditnotaen selv."},
	{"KREDIT-OVER", func(in Input) bool { return in.Invoice.Payable.GreaterThan(original(in).Voucher.Amount) }, "Kreditnotaen er på {kredit} kr., og faktura {faktura} var kun på {fakturabeløb} kr. Afklar beløbet med leverandøren."},
	{"KREDIT-DELVIS", func(in Input) bool { return in.Invoice.Payable.LessThan(original(in).Voucher.Amount) }, "Kreditnotaen er på {kredit} kr. og dækker kun en del af faktura {faktura} på {fakturabeløb} kr. Afgør, hvad der krediteres, og kontér den selv."},
	{"KREDIT-KONTERING", func(in Input) bool { _, ok := creditAmount(in); return !ok }, "Faktura {faktura} er ikke konteret med sit fulde beløb, så det er ikke klart, hvad der skal krediteres. Kontér kreditnotaen selv."},
}

func original(in Input) PostedVoucher { return in.Credit.Postings[0] }

// creditAmount is what a credit note of the whole invoice is posted with: net where
// the invoice was posted net, else gross, below zero.
func creditAmount(in Input) (Coding, bool) {
	c := original(in).Coding
	switch {
	case c.Account == "":
		return c, false // it was passed on without a coding
	case c.Amount.Equal(in.Invoice.Payable):
		c.Amount = in.Invoice.Payable.Neg()
	case c.Amount.Equal(in.Invoice.Net):
		c.Amount = in.Invoice.Net.Neg()
	default:
		return c, false
	}
	c.Text, c.Action, c.NextAgent = postingText("Kreditnota "+in.Invoice.Number+" til faktura "+in.Credit.Invoice), plans.ActionCode, ""
	return c, true
}

// creditAnswer is what becomes of a credit note: where all of one invoice is taken
// back, it is posted where the invoice was, with a minus. It is coded and no more,
// whatever was done with the invoice.
func creditAnswer(in Input, match plans.Verdict) coding.Answer {
	if stops := besideCredit(match); stops != nil {
		return coding.Answer{Way: coding.Credit, Say: coding.Stops, Code: stops.Code, Why: stops.Text}
	}
	for _, rule := range creditRules {
		if rule.broken(in) {
			return coding.Answer{Way: coding.Credit, Say: coding.Stops, Code: rule.code, Why: creditText(in, rule.text), Proposal: creditProposal(in)}
		}
	}
	c, _ := creditAmount(in)
	why := fmt.Sprintf("Kreditnotaen tager hele faktura %s tilbage, som er konteret på %s (bilag %s).", in.Credit.Invoice, c.Value(), original(in).Voucher.Number)
	return coding.Answer{Way: coding.Credit, Say: coding.Codes, Coding: &c, By: "faktura " + in.Credit.Invoice, Why: runner.Mask(why)}
}

// besideCredit is the first rule about the document itself, other than that it is a
// credit note, that sends it to a person: what is always looked at, for one.
func besideCredit(match plans.Verdict) *plans.Reason {
	if match.Refusal == nil {
		return nil
	}
	for i, r := range match.Refusal.Reasons {
		if r.Plan == "" && r.Code != plans.RefusedCreditNote && r.Code != plans.RefusedNone {
			return &match.Refusal.Reasons[i]
		}
	}
	return nil
}

// creditProposal is where the one posting of the invoice is, for a person.
func creditProposal(in Input) string {
	if len(in.Credit.Postings) != 1 || original(in).Coding.Account == "" {
		return ""
	}
	return original(in).Coding.Value() + " (som faktura " + in.Credit.Invoice + ")"
}

func creditText(in Input, text string) string {
	amount := ""
	if len(in.Credit.Postings) == 1 {
		amount = kroner(original(in).Voucher.Amount)
	}
	return runner.Mask(strings.NewReplacer("{faktura}", in.Credit.Invoice, "{før}", itemsOf(in.Credit.Others, ""), "{kredit}", kroner(in.Invoice.Payable),
		"{fakturabeløb}", amount).Replace(text))
}
