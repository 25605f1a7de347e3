package coding

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/plans"
)

func coded(way, psp string, change ...func(*Answer)) Answer {
	c := Coding{Account: "40110010", PSP: psp, VATCode: "K1", Amount: decimal.New(1000, 0), Text: "tekst fra " + way, Action: plans.ActionCode}
	a := Answer{Way: way, Say: Codes, Coding: &c, By: way + " nr. 1", Why: "Det er den eneste."}
	for _, f := range change {
		f(&a)
	}
	return a
}

func passed(way, code string) Answer {
	return Answer{Way: way, Say: Passes, Code: code, Why: "Intet hos " + way + "."}
}

func stopped(way, code string) Answer {
	return Answer{Way: way, Say: Stops, Code: code, Why: "Stop fra " + way + "."}
}

func TestOrder(t *testing.T) {
	const a, b = "XG-6451000010", "XG-6451000020"
	citizen := func(x *Answer) { x.Citizen = true }
	for _, c := range []struct {
		name     string
		citizen  bool
		answers  []Answer
		winner   string // its way
		code     string
		says     []string
		proposal string
	}{
		{"the plan alone", false, []Answer{coded("plan", a)}, "plan", "", nil, ""},
		{"plan before grant and pattern", false, []Answer{coded("plan", a), coded("grant", a), coded("pattern", a)}, "plan", "", nil, ""},
		{"grant where there is no plan", false, []Answer{passed("plan", "PLAN-INGEN"), coded("grant", a), coded("pattern", a)}, "grant", "", nil, ""},
		{"pattern where nothing else is", false, []Answer{passed("plan", "PLAN-INGEN"), passed("grant", "BEVILLING-INGEN"), coded("pattern", a)}, "pattern", "", nil, ""},
		{"plan and pattern disagree", false, []Answer{coded("plan", a), passed("grant", ""), coded("pattern", b)}, "", CodeDisagree,
			[]string{"plan nr. 1 siger 40110010 " + a + " K1 (1000,00 kr.)", "pattern nr. 1 siger 40110010 " + b + " K1 (1000,00 kr.)"}, "40110010 " + a + " K1"},
		{"grant and pattern disagree", false, []Answer{passed("plan", "PLAN-INGEN"), coded("grant", a), coded("pattern", b)}, "", CodeDisagree, []string{"grant nr. 1 siger"}, "40110010 " + a + " K1"},
		{"they disagree about the amount", false, []Answer{coded("plan", a), coded("grant", a, func(x *Answer) { x.Coding.Amount = decimal.New(1250, 0) })}, "", CodeDisagree, []string{"1250,00"}, "40110010 " + a + " K1"},
		{"the same amount with other decimals agrees", false, []Answer{coded("plan", a), coded("grant", a, func(x *Answer) { x.Coding.Amount = decimal.New(100000, -2) })}, "plan", "", nil, ""},
		{"text and action may differ", false, []Answer{coded("plan", a), coded("pattern", a, func(x *Answer) { x.Coding.Action = plans.ActionApprove })}, "plan", "", nil, ""},
		{"the plan stops, a pattern would code", false, []Answer{stopped("plan", "PLAN-BELØB-OVER"), coded("pattern", a)}, "", "PLAN-BELØB-OVER", []string{"Stop fra plan."}, "40110010 " + a + " K1 (som pattern nr. 1)"},
		{"a grant stops, a plan would code", false, []Answer{coded("plan", a), stopped("grant", "BEVILLING-FLERE")}, "", "BEVILLING-FLERE", []string{"Stop fra grant."}, "40110010 " + a + " K1 (som plan nr. 1)"},
		{"the first stop gives the reason", false, []Answer{stopped("plan", "A"), stopped("grant", "B")}, "", "A", []string{"Stop fra plan."}, ""},
		{"none codes: the first reason and the others' beside", false, []Answer{passed("plan", "PLAN-INGEN"), passed("grant", "B"), passed("pattern", "C")}, "", "PLAN-INGEN", []string{"Intet hos plan. Intet hos grant. Intet hos pattern."}, ""},
		{"a citizen, and a grant", true, []Answer{passed("plan", "PLAN-INGEN"), coded("grant", a, citizen)}, "grant", "", nil, ""},
		{"a citizen, a plan and a grant that agree", true, []Answer{coded("plan", a), coded("grant", a, citizen)}, "grant", "", nil, ""},
		{"a citizen, and a plan alone", true, []Answer{coded("plan", a), passed("grant", "BEVILLING-INGEN")}, "", CodeCitizen, []string{"personnummer"}, "40110010 " + a + " K1 (som plan nr. 1)"},
		{"a citizen, and a stop", true, []Answer{coded("plan", a), stopped("grant", "BEVILLING-FLERE")}, "", "BEVILLING-FLERE", nil, "40110010 " + a + " K1 (som plan nr. 1)"},
		{"a citizen's grant against a plan", true, []Answer{coded("plan", b), coded("grant", a, citizen)}, "", CodeDisagree, nil, "40110010 " + b + " K1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Order(c.citizen, c.answers)
			way := ""
			if got.Winner != nil {
				way = got.Winner.Way
			}
			if way != c.winner || got.Code != c.code || got.Proposal != c.proposal || (got.Winner == nil) == (got.Code == "") {
				t.Errorf("got %q, %q, proposal %q; want %q, %q, %q", way, got.Code, got.Proposal, c.winner, c.code, c.proposal)
			}
			for _, s := range c.says {
				if !strings.Contains(got.Text, s) {
					t.Errorf("%q is not in %q", s, got.Text)
				}
			}
		})
	}
}

func TestSame(t *testing.T) {
	base := *coded("plan", "XG-6451000010").Coding
	for name, change := range map[string]func(*Coding){
		"account": func(c *Coding) { c.Account = "1" }, "PSP": func(c *Coding) { c.PSP = "" }, "cost centre": func(c *Coding) { c.CostCentre = "1" },
		"VAT code": func(c *Coding) { c.VATCode = "K0" }, "amount": func(c *Coding) { c.Amount = decimal.New(1, 0) },
	} {
		other := base
		change(&other)
		if base.Agrees(other) || base.Same(other) {
			t.Errorf("%s makes no difference", name)
		}
	}
	for name, change := range map[string]func(*Coding){
		"text": func(c *Coding) { c.Text = "" }, "action": func(c *Coding) { c.Action = "" }, "agent": func(c *Coding) { c.NextAgent = "X" },
	} {
		other := base
		change(&other)
		if !base.Agrees(other) || base.Same(other) {
			t.Errorf("%s: agrees %v, same %v", name, base.Agrees(other), base.Same(other))
		}
	}
	if v := base.Value(); v != "40110010 XG-6451000010 K1" {
		t.Errorf("value %q", v)
	}
}
