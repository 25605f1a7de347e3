package invoice

import (
	"fmt"
	"strings"
	"testing"

	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
)

func fatal(n int) (all []reading.Finding) {
	for i := range n {
		all = append(all, reading.Finding{Code: fmt.Sprintf("F-INV%03d", i), Text: fmt.Sprintf("Fejl nr. %d.", i), Fatal: true})
	}
	return all
}

func TestDecide(t *testing.T) {
	plan := func(change func(*plans.Plan)) func(*Input) {
		return func(in *Input) { change(&in.Plans.Plans[0]) }
	}
	for _, c := range []struct {
		name   string
		change func(*Input)
		code   string   // of the refusal; "" is none
		says   []string // what stands in its text
		check  func(*testing.T, Verdict)
	}{
		{"coding, net", func(*Input) {}, "", nil, func(t *testing.T, v Verdict) {
			want := Coding{Account: "40110010", PSP: "XG-6451000010", VATCode: "K1", Amount: kr("1000"), Text: "Kontorartikler F-100", Action: plans.ActionCode}
			if v.Coding == nil || !v.Coding.Same(want) || v.Plan != "LK-107" || v.Wait || v.WaitPlans {
				t.Errorf("got %+v", v)
			}
		}},
		{"coding, gross, forwarded, cost centre", plan(func(p *plans.Plan) {
			p.Basis, p.PSP, p.CostCentre, p.Action, p.NextAgent = plans.Gross, "", "5645100010", plans.ActionForward, "LBY00101"
		}), "", nil, func(t *testing.T, v Verdict) {
			want := Coding{Account: "40110010", CostCentre: "5645100010", VATCode: "K1", Amount: kr("1250"), Text: "Kontorartikler F-100", Action: plans.ActionForward, NextAgent: "LBY00101"}
			if v.Coding == nil || !v.Coding.Same(want) {
				t.Errorf("got %+v", v.Coding)
			}
		}},
		{"remarks do not stop it", func(in *Input) { in.Findings = []reading.Finding{{Code: "W-1", Text: "En bemærkning."}} }, "", nil, func(t *testing.T, v Verdict) {
			if v.Coding == nil {
				t.Errorf("got %+v", v)
			}
		}},
		{"form", func(in *Input) { in.Findings = fatal(1) }, "F-INV000", []string{"Fejl nr. 0.", "Bed leverandøren om en rettet faktura"}, mayNotPost},
		{"form, the first fatal one gives the code", func(in *Input) {
			in.Findings = append([]reading.Finding{{Code: "W-1", Text: "En bemærkning."}}, fatal(2)...)
		}, "F-INV000", []string{"Fejl nr. 0. Fejl nr. 1."}, func(t *testing.T, v Verdict) {
			if strings.Contains(v.Refusal.Text, "bemærkning") {
				t.Errorf("a remark is told as a fault: %s", v.Refusal.Text)
			}
		}},
		{"form, four faults", func(in *Input) { in.Findings = fatal(4) }, "F-INV000", []string{"Fejl nr. 3."}, func(t *testing.T, v Verdict) {
			if strings.Contains(v.Refusal.Text, "flere fejl") {
				t.Errorf("there are no more: %s", v.Refusal.Text)
			}
		}},
		{"form, five faults", func(in *Input) { in.Findings = fatal(5) }, "F-INV000", []string{"Der er flere fejl i filen."}, mayNotPost},
		{"form before control", func(in *Input) { in.Findings, in.Invoice.Copy = fatal(1), true }, "F-INV000", nil, mayNotPost},
		{"control before plan and voucher", func(in *Input) { in.Invoice.Copy, in.Plans.Plans, in.Vouchers = true, nil, nil }, "KOPI", nil, mayNotPost},
		{"control, two vouchers", func(in *Input) { in.Invoice.Copy, in.Vouchers = true, []Voucher{voucher(), voucher()} }, "KOPI", nil, mayNotPost},
		{"plan refuses", plan(func(p *plans.Plan) { p.To = kr("1249.99") }), plans.RefusedOver, []string{"1.250,00 kr.", "1.249,99 kr.", "0,01 kr. for meget"}, func(t *testing.T, v Verdict) {
			if v.Refusal.Proposal != "40110010 XG-6451000010 K1 (som plan LK-107)" || !v.Refusal.MayPost || len(v.Refusal.Reasons) != 1 {
				t.Errorf("got %+v", v.Refusal)
			}
		}},
		{"plan refuses, cost centre proposed", plan(func(p *plans.Plan) { p.From, p.PSP, p.CostCentre = kr("2000"), "", "5645100010" }), plans.RefusedUnder, nil, func(t *testing.T, v Verdict) {
			if v.Refusal.Proposal != "40110010 5645100010 K1 (som plan LK-107)" {
				t.Errorf("proposal %q", v.Refusal.Proposal)
			}
		}},
		{"plan refuses, no voucher", func(in *Input) { in.Plans.Plans[0].To, in.Vouchers = kr("1"), nil }, plans.RefusedOver, nil, mayNotPost},
		{"no plan", func(in *Input) { in.Plans.Plans = nil }, plans.RefusedNone, []string{"Der er ingen betalingsplan"}, func(t *testing.T, v Verdict) {
			if v.Refusal.Proposal != "" || !v.Refusal.MayPost {
				t.Errorf("got %+v", v.Refusal)
			}
		}},
		{"no plan sheet yet", func(in *Input) { in.Plans.Plans, in.NoPlans = nil, true }, "", nil, func(t *testing.T, v Verdict) {
			if !v.WaitPlans || v.Wait || v.Coding != nil {
				t.Errorf("got %+v", v)
			}
		}},
		{"no plan sheet yet, waited", func(in *Input) { in.Plans.Plans, in.NoPlans, in.Waited = nil, true, true }, "PLANER-MANGLER", []string{"endnu ikke godkendt"}, func(t *testing.T, v Verdict) {
			if !v.Refusal.MayPost {
				t.Errorf("got %+v", v.Refusal)
			}
		}},
		{"no plan sheet yet, but never for a plan", func(in *Input) {
			in.Plans.Plans, in.NoPlans, in.Plans.Invoice.Kind = nil, true, "creditnote"
		}, plans.RefusedCreditNote, nil, nil},
		{"voucher missing", func(in *Input) { in.Vouchers = nil }, "", nil, func(t *testing.T, v Verdict) {
			if !v.Wait || v.WaitPlans || v.Coding != nil || v.Plan != "" {
				t.Errorf("got %+v", v)
			}
		}},
		{"voucher missing, waited", func(in *Input) { in.Vouchers, in.Waited = nil, true }, "BILAG-MANGLER", []string{"faktura F-100 fra Mølbygaard"}, mayNotPost},
		{"several vouchers", func(in *Input) {
			second := voucher()
			second.Number = "1900000008"
			in.Vouchers = append(in.Vouchers, second)
		}, "BILAG-FLERE", []string{"2 bilag", "1900000007, 1900000008"}, mayNotPost},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := inputOf(t, clean())
			c.change(&in)
			v := Decide(in)
			if code := codeOf(v); code != c.code {
				t.Fatalf("got %q, want %q", code, c.code)
			}
			for _, s := range c.says {
				if !strings.Contains(v.Refusal.Text, s) {
					t.Errorf("%q is not in %q", s, v.Refusal.Text)
				}
			}
			if c.check != nil {
				c.check(t, v)
			}
		})
	}
}

// codeOf is the code of a verdict's refusal, or "".
func codeOf(v Verdict) string {
	if v.Refusal == nil {
		return ""
	}
	return v.Refusal.Code
}

func mayNotPost(t *testing.T, v Verdict) {
	if v.Refusal.MayPost || v.Coding != nil {
		t.Errorf("a person may have it posted: %+v", v.Refusal)
	}
}

// What a person may decide follows from whether the voucher is known.
func TestChoices(t *testing.T) {
	for _, c := range []struct {
		may  bool
		want string
	}{{true, "retry manual post delete"}, {false, "retry manual delete"}} {
		r := refused(t, newBench(t, newDesk()).robot.refuse(&Refusal{Code: "X", Text: "Y.", Proposal: "Z", MayPost: c.may}, ""))
		if got := strings.Join(choicesOf(r), " "); got != c.want || r.Code != "X" || r.Proposal != "Z" {
			t.Errorf("got %s of %+v, want %s", got, r, c.want)
		}
	}
	if !chooseAccount().NeedsValue {
		t.Error("an account is chosen without a value")
	}
}

// A file that is no invoice is refused by what is wrong with it, and nothing is
// offered that would come to nothing.
func TestFilesThatAreNoInvoice(t *testing.T) {
	for _, c := range []struct{ code, text, want string }{
		{"FORM-TOM", "Filen er tom. Bed leverandøren om at sende fakturaen igen.", "Filen er tom. Bed leverandøren om at sende fakturaen igen."},
		{"FORM-AFBRUDT", "Filen slutter midt i fakturaen.", "Filen slutter midt i fakturaen. Bed leverandøren om en rettet faktura, eller behandl den manuelt."},
		{"FIL-ART", noFile.text, noFile.text + " Vælg derefter Behandlet manuelt."},
	} {
		r := refused(t, Content{Findings: []reading.Finding{{Code: c.code, Text: c.text, Fatal: true}}}.refusal())
		if r.Code != c.code || r.Text != c.want || strings.Join(choicesOf(r), " ") != "manual" {
			t.Errorf("got %+v, want %q", r, c.want)
		}
	}
	if err := (Content{}).refusal(); err == nil || strings.Contains(fmt.Sprintf("%T", err), "Refusal") {
		t.Errorf("an item that carries nothing gave %v", err)
	}
}
