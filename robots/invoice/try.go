package invoice

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// Tried is what `byskriver try invoice FILE --json` prints for a file. Amounts
// are strings with a decimal point and at least two decimals, "0.00" where none
// could be read, with the document's own sign. CPR numbers are masked.
type Tried struct {
	File      string `json:"file"`
	Format    string `json:"format"`
	Kind      string `json:"kind"`
	Number    string `json:"number"`
	IssueDate string `json:"issueDate"`
	Currency  string `json:"currency"`
	Payable   string `json:"payable"`
	Net       string `json:"net"`
	VAT       string `json:"vat"`
	Supplier  struct {
		CVR  string `json:"cvr"`
		Name string `json:"name"`
	} `json:"supplier"`
	Buyer struct {
		EAN       string `json:"ean"`
		Reference string `json:"reference"`
		Order     string `json:"order"`
	} `json:"buyer"`
	Findings []TriedFinding `json:"findings"`
	Outcome  TriedOutcome   `json:"outcome"`
}

// TriedFinding is one thing wrong with the file.
type TriedFinding struct {
	Code  string `json:"code"`
	Text  string `json:"text"`
	Fatal bool   `json:"fatal"`
}

// TriedOutcome is what the robot would do: done or exception.
type TriedOutcome struct {
	State   string `json:"state"`
	Code    string `json:"code"`
	Text    string `json:"text"`
	Account string `json:"account"` // artskonto, PSP-element or omkostningssted, momskode
	By      string `json:"by"`      // the plan, or ""
}

// String is the answer as a line for people.
func (t Tried) String() string {
	o := t.Outcome
	if o.State == string(runner.Done) {
		return fmt.Sprintf("%s: faktura %s fra %s konteres på %s (plan %s)", t.File, t.Number, t.Supplier.Name, o.Account, o.By)
	}
	return fmt.Sprintf("%s: til et menneske, %s: %s", t.File, o.Code, o.Text)
}

// Try says what the robot would decide about a file, as far as it can without
// looking at the portal, at what has been coded before, or at approvals: by the
// plan sheet as it is, and as if the file's voucher lay in the inbox.
func (r *Robot) Try(ctx context.Context, file string) (any, error) {
	inv, findings, err := reading.ReadFile(ctx, file, r.settings.Reading)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		inv = reading.Invoice{}
		findings = []reading.Finding{{Code: "FIL-ULÆSELIG", Text: "Filen kan ikke åbnes eller læses.", Fatal: true}}
	}
	t := tried(file, inv, findings)
	in := Input{Invoice: inv, Findings: findings, Unit: r.unit(inv.Buyer.EAN), Vouchers: []Voucher{{}},
		Known: r.listed(inv), Limits: &r.settings.Limits}
	in.Plans, err = r.tryPlans(ctx, inv)
	if err != nil {
		return nil, err
	}
	t.Outcome = outcomeOf(Decide(in))
	return t, nil
}

func tried(file string, inv reading.Invoice, findings []reading.Finding) Tried {
	t := Tried{File: file, Format: string(inv.Format), Kind: string(inv.Kind), Number: runner.Mask(inv.Number), IssueDate: inv.IssueDate,
		Currency: inv.Currency, Payable: pointed(inv.Payable), Net: pointed(inv.Net), VAT: pointed(inv.VAT), Findings: []TriedFinding{}}
	t.Supplier.CVR, t.Supplier.Name = inv.Supplier.CVR, runner.Mask(inv.Supplier.Name)
	t.Buyer.EAN, t.Buyer.Reference, t.Buyer.Order = inv.Buyer.EAN, runner.Mask(inv.Buyer.Reference), runner.Mask(inv.Buyer.Order)
	for _, f := range findings {
		t.Findings = append(t.Findings, TriedFinding{Code: f.Code, Text: runner.Mask(f.Text), Fatal: f.Fatal})
	}
	return t
}

// pointed is an amount with a decimal point: two decimals, or more where the
// amount has more.
func pointed(d decimal.Decimal) string {
	if d.Equal(d.Truncate(2)) {
		return d.StringFixed(2)
	}
	return d.String()
}

func outcomeOf(v Verdict) TriedOutcome {
	if v.Refusal != nil {
		return TriedOutcome{State: string(runner.Exception), Code: v.Refusal.Code, Text: runner.Mask(v.Refusal.Text)}
	}
	return TriedOutcome{State: string(runner.Done), Account: v.Coding.Value(), By: v.Plan}
}
