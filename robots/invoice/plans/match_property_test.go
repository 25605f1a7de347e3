package plans

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"byskriver/runner"
	"pgregory.net/rapid"
)

// anyInput draws invoices near the limits of drawn plans, so that about as many
// fall inside as outside, and bends some plans out of shape.
var anyInput = rapid.Custom(func(t *rapid.T) Input {
	in := Input{Today: anyDate(t, "today"), Settings: DefaultSettings(), History: map[string][]Date{}}
	for range rapid.SampledFrom([]int{1, 1, 2, 3, 0}).Draw(t, "plans") {
		p := anyPlan(rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "number")).Draw(t, "plan")
		p.CVR = rapid.SampledFrom([]string{cvrCleaning, cvrCleaning, cvrCleaning, cvrLifts}).Draw(t, "plan's cvr")
		switch rapid.IntRange(0, 29).Draw(t, "bend") {
		case 9:
			p.Action = "pay"
		case 19:
			p.Account = ""
		case 29:
			p.ValidTo = "2026-02-30"
		}
		in.Plans = append(in.Plans, p)
		for range rapid.IntRange(0, 3).Draw(t, "earlier") {
			in.History[p.Number] = append(in.History[p.Number], anyDate(t, "earlier date"))
		}
	}
	in.Invoice = Invoice{Number: anyText(30).Draw(t, "invoice"), Kind: KindInvoice, CVR: cvrCleaning, EAN: eanSchool, Currency: "DKK",
		Net: anyAmount(t, "net"), VAT: anyAmount(t, "vat"), IssueDate: anyDate(t, "issued"), Texts: []string{anyText(40).Draw(t, "line")}}
	if len(in.Plans) > 0 && rapid.IntRange(0, 3).Draw(t, "near") > 0 {
		p := in.Plans[0]
		in.Invoice.Net, in.Invoice.IssueDate = p.To, p.ValidFrom
		in.Invoice.VAT = dkk("0")
		in.Today = "2030-01-01"
	}
	in.Invoice.Payable = in.Invoice.Net.Add(in.Invoice.VAT)
	switch rapid.IntRange(0, 14).Draw(t, "spoil") {
	case 4:
		in.Invoice.Kind = KindCreditNote
	case 9:
		in.Invoice.Currency = "EUR"
	case 14:
		in.Always = []Always{{ByAmount, anyAmount(t, "over").String(), "x"}}
	}
	return in
})

// Whatever comes in: one answer, the same after a trip through JSON, and never a
// coding outside the limits. The limits are stated here a second time, in
// another way than the rules state them.
func TestMatchNeverCodesOutsideTheLimits(t *testing.T) {
	rule := runner.NewRule("plan", Match)
	taken, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput.Draw(t, "input")
		v := Match(in)
		replayed, err := rule.Replay(json.RawMessage(mustJSON(t, in)))
		if err != nil || string(replayed) != mustJSON(t, v) {
			t.Fatalf("replayed %s (%v)\nwant %s", replayed, err, mustJSON(t, v))
		}
		if v.Coding == nil {
			refused++
			checkRefusal(t, v)
			return
		}
		taken++
		if v.Refusal != nil {
			t.Fatal("both a coding and a refusal")
		}
		var with []Plan
		for _, p := range in.Plans {
			if p.Number == v.Coding.Plan && takes(in, p) {
				with = append(with, p)
			}
		}
		if len(with) != 1 {
			t.Fatalf("%d plans allow %s", len(with), mustJSON(t, v))
		}
		p := with[0]
		want := in.Invoice.Net
		if p.Basis == Gross {
			want = in.Invoice.Payable
		}
		if !v.Coding.Amount.Equal(want) || v.Coding.Account != p.account() || v.Coding.Action != p.Action || utf8.RuneCountInString(v.Coding.Text) > MaxText {
			t.Errorf("plan %+v gave %+v", p, v.Coding)
		}
	})
	t.Logf("%d taken, %d refused", taken, refused)
	if taken == 0 || refused == 0 {
		t.Errorf("%d taken and %d refused: this tests nothing", taken, refused)
	}
}

func checkRefusal(t *rapid.T, v Verdict) {
	r := v.Refusal
	if r == nil || !strings.HasPrefix(r.Code, "PLAN-") || r.Text == "" || len(r.Reasons) == 0 || r.Reasons[0].Code != r.Code {
		t.Fatalf("no proper refusal: %s", mustJSON(t, v))
	}
}

// takes states a plan's limits in the plainest way.
func takes(in Input, p Plan) bool {
	inv := in.Invoice
	payable, from, to := inv.Payable.Shift(2).IntPart(), p.From.Shift(2).IntPart(), p.To.Shift(2).IntPart()
	least := map[Interval]int{Monthly: 20, Quarterly: 75, HalfYearly: 160, Yearly: 330, NoInterval: 0}[p.Interval]
	month, year := 0, 0
	for _, d := range in.History[p.Number] {
		if d[:4] == inv.IssueDate[:4] {
			year++
			if d[5:7] == inv.IssueDate[5:7] {
				month++
			}
		}
		a, _ := d.time()
		b, _ := inv.IssueDate.time()
		if hours := b.Sub(a).Abs().Hours(); hours < float64(least)*24 {
			return false
		}
	}
	_, starts := p.ValidFrom.time()
	_, ends := p.ValidTo.time()
	return starts && ends && inv.Kind == KindInvoice && inv.Currency == "DKK" && payable > 0 && inv.IssueDate <= in.Today &&
		len(in.Always) <= 1 && (len(in.Always) == 0 || !inv.Payable.GreaterThan(dkk(in.Always[0].Value))) &&
		p.CVR == inv.CVR && slices.Contains([]string{"", inv.EAN}, p.EAN) && p.ValidFrom <= inv.IssueDate && inv.IssueDate <= p.ValidTo &&
		from <= payable && payable <= to && (p.PerMonth == 0 || month < p.PerMonth) && (p.PerYear == 0 || year < p.PerYear) &&
		p.Account != "" && slices.Contains([]Action{ActionCode, ActionForward, ActionApprove}, p.Action)
}
