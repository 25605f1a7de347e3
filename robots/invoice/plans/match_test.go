package plans

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// within is an invoice inside the plan of cleaning, and the input around it.
func within() Input {
	return Input{
		Invoice: Invoice{
			Number: "F-1001", Kind: KindInvoice, Supplier: "Skovbrynets Rengøring", CVR: cvrCleaning, EAN: eanSchool,
			Currency: "DKK", Payable: dkk("10000"), Net: dkk("8000"), VAT: dkk("2000"), IssueDate: "2026-06-15",
			Texts: []string{"Rengøring af skole, juni"},
		},
		Plans: []Plan{cleaning()}, Today: "2026-06-20", Settings: DefaultSettings(),
	}
}

// pay sets the payable amount, and a net and VAT that add up to it.
func pay(in *Input, payable string) {
	in.Invoice.Payable = dkk(payable)
	in.Invoice.VAT = dkk(payable).Div(dkk("5")).Round(2)
	in.Invoice.Net = in.Invoice.Payable.Sub(in.Invoice.VAT)
}

func history(dates ...Date) map[string][]Date { return map[string][]Date{"P-001": dates} }

// Each rule on both sides of each of its limits. code "" means that the plan
// takes the invoice.
func TestMatchRules(t *testing.T) {
	cases := []struct {
		name string
		bend func(in *Input)
		code string
		says string
	}{
		{"inside", func(in *Input) {}, "", ""},

		{"net with three decimals", func(in *Input) { in.Invoice.Net = dkk("8000.001") }, RefusedUnreadable, "netto"},
		{"net with a zero more", func(in *Input) { in.Invoice.Net = dkk("8000.000") }, "", ""},
		{"a giant amount", func(in *Input) { in.Invoice.Payable = decimal.New(1, 9999) }, RefusedUnreadable, "beløb til betaling"},
		{"no date", func(in *Input) { in.Invoice.IssueDate = "" }, RefusedUnreadable, "fakturadato"},
		{"no such date", func(in *Input) { in.Invoice.IssueDate = "2026-06-31" }, RefusedUnreadable, "fakturadato"},
		{"no today", func(in *Input) { in.Today = "" }, RefusedUnreadable, "dags dato"},

		{"credit note", func(in *Input) { in.Invoice.Kind = KindCreditNote }, RefusedCreditNote, "kreditnota"},
		{"another kind", func(in *Input) { in.Invoice.Kind = "reminder" }, RefusedCreditNote, "ukendt slags"},
		{"no kind", func(in *Input) { in.Invoice.Kind = "" }, RefusedCreditNote, "ukendt slags"},

		{"zero", func(in *Input) { pay(in, "0") }, RefusedSign, "0,00 kr."},
		{"negative", func(in *Input) { pay(in, "-10000") }, RefusedSign, "-10.000,00 kr."},
		{"negative net", func(in *Input) { in.Invoice.Net, in.Invoice.VAT = dkk("-1"), dkk("10001") }, RefusedSign, "-1,00 kr."},
		{"negative VAT", func(in *Input) { in.Invoice.Net, in.Invoice.VAT = dkk("10001"), dkk("-1") }, RefusedSign, "moms"},
		{"no VAT", func(in *Input) { in.Invoice.Net, in.Invoice.VAT = dkk("10000"), dkk("0") }, "", ""},

		{"euro", func(in *Input) { in.Invoice.Currency = "EUR" }, RefusedCurrency, "EUR"},
		{"no currency", func(in *Input) { in.Invoice.Currency = "" }, RefusedCurrency, "ukendt valuta"},

		{"rounded by 50 øre", func(in *Input) { in.Invoice.Net = dkk("8000.50") }, "", ""},
		{"51 øre apart", func(in *Input) { in.Invoice.Net = dkk("8000.51") }, RefusedSum, "10.000,51 kr."},
		{"51 øre the other way", func(in *Input) { in.Invoice.Net = dkk("7999.49") }, RefusedSum, "9.999,49 kr."},
		{"1 øre apart, none allowed", func(in *Input) { in.Invoice.Net = dkk("8000.01"); in.Settings.RoundingOre = 0 }, RefusedSum, "giver 10.000,01 kr. Kontrollér"},

		{"from today", func(in *Input) { in.Today = "2026-06-15" }, "", ""},
		{"from tomorrow", func(in *Input) { in.Today = "2026-06-14" }, RefusedFuture, "15-06-2026"},

		{"another's CVR on the list", func(in *Input) { in.Always = []Always{{ByCVR, cvrOther, "Tilsyn"}} }, "", ""},
		{"CVR on the list", func(in *Input) { in.Always = []Always{{ByCVR, cvrCleaning, "Tilsyn"}} }, RefusedAlways, "Tilsyn."},
		{"word on the list", func(in *Input) { in.Always = []Always{{ByWord, "SKOLE", "Skoler."}} }, RefusedAlways, "»SKOLE«"},
		{"part of a word", func(in *Input) { in.Always = []Always{{ByWord, "gøring", "x"}} }, RefusedAlways, "gøring"},
		{"letters of two parts", func(in *Input) {
			in.Invoice.Texts = []string{"Ha\u030andværker"}
			in.Always = []Always{{ByWord, "håndværker", "x"}}
		}, RefusedAlways, "håndværker"},
		{"word not there", func(in *Input) { in.Always = []Always{{ByWord, "håndværker", "x"}} }, "", ""},
		{"at the amount on the list", func(in *Input) { in.Always = []Always{{ByAmount, "10000", "x"}} }, "", ""},
		{"above it", func(in *Input) { in.Always = []Always{{ByAmount, "9999.99", "x"}} }, RefusedAlways, "9.999,99 kr."},
		{"unreadable row", func(in *Input) { in.Always = []Always{{ByAmount, "mange", "x"}} }, RefusedAlways, "ulæselig"},
		{"unknown row", func(in *Input) { in.Always = []Always{{"ean", "1", "x"}} }, RefusedAlways, "ulæselig"},

		{"no plan", func(in *Input) { in.Plans = nil }, RefusedNone, "CVR " + cvrCleaning},
		{"another's plan", func(in *Input) { in.Plans = []Plan{lifts()} }, RefusedNone, "ingen betalingsplan"},
		{"no CVR", func(in *Input) { in.Invoice.CVR = "" }, RefusedNone, "mangler"},

		{"another EAN", func(in *Input) { in.Invoice.EAN = eanLibrary }, RefusedEAN, eanLibrary},
		{"no EAN", func(in *Input) { in.Invoice.EAN = "" }, RefusedEAN, "ikke angivet"},
		{"any EAN", func(in *Input) { in.Invoice.EAN = eanLibrary; in.Plans[0].EAN = "" }, "", ""},

		{"on the first day", func(in *Input) { in.Invoice.IssueDate = "2026-01-01" }, "", ""},
		{"the day before", func(in *Input) { in.Invoice.IssueDate = "2025-12-31" }, RefusedNotBegun, "01-01-2026"},
		{"on the last day", func(in *Input) { in.Invoice.IssueDate, in.Today = "2026-12-31", "2027-01-05" }, "", ""},
		{"the day after", func(in *Input) { in.Invoice.IssueDate, in.Today = "2027-01-01", "2027-01-05" }, RefusedExpired, "31-12-2026"},

		{"the least amount", func(in *Input) { pay(in, "1000") }, "", ""},
		{"one øre less", func(in *Input) { pay(in, "999.99") }, RefusedUnder, "0,01 kr. for lidt"},
		{"the highest amount", func(in *Input) { pay(in, "12000.50") }, "", ""},
		{"one øre more", func(in *Input) { pay(in, "12000.51") }, RefusedOver, "0,01 kr. for meget"},

		{"second of two in the month", func(in *Input) { in.Plans[0].Interval = NoInterval; in.History = history("2026-06-01") }, "", ""},
		{"third of two in the month", func(in *Input) {
			in.Plans[0].Interval = NoInterval
			in.History = history("2026-06-01", "2026-06-30")
		}, RefusedPerMonth, "faktura nr. 3 i juni 2026"},
		{"two in the months beside", func(in *Input) {
			in.Plans[0].Interval = NoInterval
			in.History = history("2026-05-31", "2026-07-01", "2025-06-15")
		}, "", ""},
		{"twelfth of twelve in the year", func(in *Input) { in.Plans[0].Interval = NoInterval; in.History = history(year(11)...) }, "", ""},
		{"thirteenth of twelve", func(in *Input) { in.Plans[0].Interval = NoInterval; in.History = history(year(12)...) }, RefusedPerYear, "faktura nr. 13 i 2026"},
		{"no limit of count", func(in *Input) {
			in.Plans[0].Interval, in.Plans[0].PerMonth, in.Plans[0].PerYear = NoInterval, 0, 0
			in.History = history(append(year(12), "2026-06-15", "2026-06-15")...)
		}, "", ""},
		{"another plan's history", func(in *Input) { in.History = map[string][]Date{"P-002": {"2026-06-15", "2026-06-14"}} }, "", ""},

		{"a month less 20 days", func(in *Input) { in.History = history("2026-05-26") }, "", ""},
		{"19 days after", func(in *Input) { in.History = history("2026-05-27") }, RefusedInterval, "19 dage"},
		{"19 days before a later one", func(in *Input) { in.History = history("2026-07-04") }, RefusedInterval, "04-07-2026"},
		{"20 days before a later one", func(in *Input) { in.History = history("2026-07-05") }, "", ""},
		{"quarter, 75 days", interval(Quarterly, "2026-04-01"), "", ""},
		{"quarter, 74 days", interval(Quarterly, "2026-04-02"), RefusedInterval, "74 dage"},
		{"half year, 160 days", interval(HalfYearly, "2026-01-06"), "", ""},
		{"half year, 159 days", interval(HalfYearly, "2026-01-07"), RefusedInterval, "159 dage"},
		{"year, 330 days", interval(Yearly, "2025-07-20"), "", ""},
		{"year, 329 days", interval(Yearly, "2025-07-21"), RefusedInterval, "329 dage"},
		{"no interval, one day", func(in *Input) { interval(NoInterval, "2026-06-14")(in) }, "", ""},
		{"the municipality's own distance", func(in *Input) {
			in.Settings.LeastDays.Month = 30
			in.History = history("2026-05-17")
		}, RefusedInterval, "30 dage"},

		{"distance not set", func(in *Input) { in.Settings = Settings{RoundingOre: 50} }, RefusedUnusable, "interval"},
		{"history unreadable", func(in *Input) { in.History = history("i går") }, RefusedUnusable, "ulæselig dato"},
		{"unknown action", func(in *Input) { in.Plans[0].Action = "pay" }, RefusedUnusable, "mangler noget"},
		{"unknown basis", func(in *Input) { in.Plans[0].Basis = "" }, RefusedUnusable, "mangler noget"},
		{"unknown interval", func(in *Input) { in.Plans[0].Interval = "week" }, RefusedUnusable, "mangler noget"},
		{"no account", func(in *Input) { in.Plans[0].Account = "" }, RefusedUnusable, "mangler noget"},
		{"no VAT code", func(in *Input) { in.Plans[0].VATCode = "" }, RefusedUnusable, "mangler noget"},
		{"PSP and cost centre", func(in *Input) { in.Plans[0].CostCentre = "5500001234" }, RefusedUnusable, "mangler noget"},
		{"neither", func(in *Input) { in.Plans[0].PSP = "" }, RefusedUnusable, "mangler noget"},
		{"forward to nobody", func(in *Input) { in.Plans[0].NextAgent = "" }, RefusedUnusable, "mangler noget"},

		{"two that fit", func(in *Input) {
			p := cleaning()
			p.Number = "P-000"
			in.Plans = append(in.Plans, p)
		}, RefusedSeveral, "P-000 og P-001"},
		{"two of which one fits", func(in *Input) {
			p := cleaning()
			p.Number, p.From, p.To = "P-000", dkk("20000"), dkk("30000")
			in.Plans = append(in.Plans, p)
		}, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := within()
			c.bend(&in)
			v := Match(in)
			if c.code == "" {
				if v.Coding == nil || v.Refusal != nil {
					t.Fatalf("refused: %+v", v.Refusal)
				}
				return
			}
			if v.Refusal == nil || v.Coding != nil {
				t.Fatalf("taken: %+v", v.Coding)
			}
			if v.Refusal.Code != c.code || !strings.Contains(v.Refusal.Text, c.says) || v.Refusal.Reasons[0].Code != c.code {
				t.Errorf("got %+v, want %s saying %q", *v.Refusal, c.code, c.says)
			}
			if strings.ContainsAny(v.Refusal.Text, "{}") {
				t.Errorf("unfilled: %s", v.Refusal.Text)
			}
		})
	}
}

// year is one date in each of the first n months of 2026, 31 days or so apart.
func year(n int) []Date {
	all := []Date{"2026-01-02", "2026-02-02", "2026-03-02", "2026-04-02", "2026-05-02", "2026-07-02",
		"2026-08-02", "2026-09-02", "2026-10-02", "2026-11-02", "2026-12-02", "2026-12-30"}
	return slices.Clone(all[:n])
}

func interval(i Interval, earlier Date) func(*Input) {
	return func(in *Input) {
		in.Plans[0].Interval = i
		in.History = history(earlier)
	}
}

func TestMatchCodes(t *testing.T) {
	in := within()
	got := Match(in).Coding
	want := Coding{Plan: "P-001", Account: Account{Account: "45000000", PSP: "XG-5385000001", VATCode: "K25"},
		Basis: Net, Amount: dkk("8000"), Text: "Rengøring juni F-1001", Action: ActionForward, NextAgent: "SKOLE01", Area: "Skoler"}
	if got == nil || asJSON(t, got) != asJSON(t, want) {
		t.Errorf("got %s\nwant %s", asJSON(t, got), asJSON(t, want))
	}
	in.Plans[0].Basis, in.Plans[0].Action = Gross, ActionApprove
	if got := Match(in).Coding; !got.Amount.Equal(dkk("10000")) || got.NextAgent != "" || got.Action != ActionApprove {
		t.Errorf("gross, approved: %+v", got)
	}
}

// The sentence is for a caseworker: all that keeps the invoice outside the
// nearest plan, with figures, then what to do.
func TestMatchSaysWhy(t *testing.T) {
	in := within()
	pay(&in, "12600.50")
	in.History = history("2026-06-01")
	far := cleaning()
	far.Number, far.EAN, far.To = "P-000", eanLibrary, dkk("1500")
	in.Plans = append(in.Plans, far)
	got := Match(in).Refusal
	want := "Fakturaen er på 12.600,50 kr., og plan P-001 tager højst 12.000,50 kr.: 600,00 kr. for meget. " +
		"Der er 14 dage til fakturaen fra 01-06-2026 på plan P-001, og der skal være mindst 20 dage. " +
		"Kontrollér fakturaen og bogfør den selv, eller ret planen og vælg Prøv igen. " +
		"(Leverandørens 2 planer er prøvet; plan P-001 er nærmest.)"
	if got == nil || got.Text != want {
		t.Fatalf("got  %+v\nwant %s", got, want)
	}
	if want := "Som plan P-001: artskonto 45000000, XG-5385000001, momskode K25, 10.080,40 kr. netto"; got.Proposal != want {
		t.Errorf("got %q, want %q", got.Proposal, want)
	}
	var codes []string
	for _, r := range got.Reasons {
		codes = append(codes, r.Plan+" "+r.Code)
	}
	if want := "P-001 PLAN-BELØB-OVER, P-001 PLAN-INTERVAL, P-000 PLAN-EAN, P-000 PLAN-BELØB-OVER"; strings.Join(codes, ", ") != want {
		t.Errorf("got %v, want %s", codes, want)
	}
	if r := got.Reasons[0]; r.Has != "12.600,50 kr." || r.Limit != "12.000,50 kr." {
		t.Errorf("figures: %+v", r)
	}
}

// Of several plans the nearest is proposed: fewest rules broken, then the later
// rule, then the amount.
func TestMatchProposesTheNearest(t *testing.T) {
	plan := func(number string, bend func(p *Plan)) Plan {
		p := cleaning()
		p.Number = number
		bend(&p)
		return p
	}
	far := plan("P-A", func(p *Plan) { p.EAN, p.To = eanLibrary, dkk("2000") })
	otherEAN := plan("P-B", func(p *Plan) { p.EAN = eanLibrary })
	small := plan("P-C", func(p *Plan) { p.To = dkk("2000") })
	nearly := plan("P-D", func(p *Plan) { p.To = dkk("9999") })
	late := plan("P-E", func(p *Plan) { p.ValidFrom, p.To = "2026-07-01", dkk("2000") })
	for _, c := range []struct {
		plans []Plan
		want  string
	}{
		{[]Plan{late, otherEAN}, "P-B"},
		{[]Plan{far, otherEAN}, "P-B"}, {[]Plan{otherEAN, small}, "P-C"}, {[]Plan{small, nearly}, "P-D"}, {[]Plan{nearly, small, far}, "P-D"},
	} {
		in := within()
		in.Plans = c.plans
		if got := Match(in).Refusal; got == nil || got.Nearest == nil || got.Nearest.Plan != c.want {
			t.Errorf("want %s, got %+v", c.want, got)
		}
	}
	in := within()
	in.Invoice.Kind = KindCreditNote
	if got := Match(in).Refusal; got.Nearest == nil || got.Nearest.Account.Account != "45000000" {
		t.Errorf("a credit note inside a plan has no proposal: %+v", got)
	}
	in = within()
	in.Plans[0].Account = ""
	if got := Match(in).Refusal; got.Nearest != nil || got.Proposal != "" {
		t.Errorf("an unusable plan is proposed: %+v", got)
	}
}

// Every code has a row that says what to do, or shares the general one on
// purpose; and no text of the table is left without its code.
func TestEveryTodoHasItsCode(t *testing.T) {
	codes := []string{RefusedSeveral, RefusedNone, ""}
	for _, r := range slices.Concat(invoiceRules, planRules) {
		codes = append(codes, r.code)
	}
	for _, td := range todos {
		if !slices.Contains(codes, td.code) {
			t.Errorf("no rule gives %s", td.code)
		}
	}
	if len(todos) == 0 || todos[len(todos)-1].code != "" {
		t.Error("the general row is not the last")
	}
}
