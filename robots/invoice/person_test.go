package invoice

import (
	"strings"
	"testing"

	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

func TestParseValue(t *testing.T) {
	for _, c := range []struct {
		value  string
		coding string // account, place, VAT code
		basis  plans.Basis
		err    string
	}{
		{"49000010 XG-5385000001 K1 netto", "49000010 XG-5385000001 K1", plans.Net, ""},
		{"49000010 5645100010 K0 brutto", "49000010 5645100010 K0", plans.Gross, ""},
		{"  49000010,xa-0025000001;k1  NETTO ", "49000010 XA-0025000001 K1", plans.Net, ""},
		{"4000 XM-0022000001 K2 Brutto", "4000 XM-0022000001 K2", plans.Gross, ""},
		{"49000010\u00a0XG-5385000001\tK1\nnetto", "49000010 XG-5385000001 K1", plans.Net, ""},
		{"", "", "", "skriv fire ting i Værdi"},
		{"49000010", "", "", "skriv fire ting i Værdi"},
		{"49000010 XG-5385000001 K1", "", "", "netto eller brutto"},
		{"49000010 XG-5385000001 K1 netto tak", "", "", "skriv fire ting i Værdi"},
		{"49000010 XG-5385000001 K1 (som plan LK-107) netto", "", "", "skriv fire ting i Værdi"},
		{"490 XG-5385000001 K1 netto", "", "", "»490« er ikke en artskonto"},
		{"49000010101 XG-5385000001 K1 netto", "", "", "er ikke en artskonto"},
		{"4900001O XG-5385000001 K1 netto", "", "", "»4900001O« er ikke en artskonto"},
		{"49000010 XG5385000001 K1 netto", "", "", "»XG5385000001« er hverken et PSP-element"},
		{"49000010 XB-5385000001 K1 netto", "", "", "er hverken et PSP-element"},
		{"49000010 XG-538500000 K1 netto", "", "", "omkostningssted (10 cifre)"},
		{"49000010 564510001 K1 netto", "", "", "er hverken"},
		{"49000010 XG-5385000001 K1-25 netto", "", "", "»K1-25« er ikke en momskode"},
		{"49000010 XG-5385000001 MOMS1 netto", "", "", "»MOMS1« er ikke en momskode"},
		{"49000010 XG-5385000001 K1 inkl", "", "", "skriv netto eller brutto til sidst"},
	} {
		got, basis, err := parseValue(c.value)
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q gave %v, want %q", c.value, err, c.err)
			}
		case err != nil:
			t.Errorf("%q gave %v", c.value, err)
		case got.Value() != c.coding || basis != c.basis || got.Action != plans.ActionCode:
			t.Errorf("%q is %s %s, want %s %s", c.value, got.Value(), basis, c.coding, c.basis)
		}
	}
}

// What the robot proposes can be used as it stands, up to its explanation.
func TestProposalIsAValue(t *testing.T) {
	in := inputOf(t, clean())
	in.Plans.Plans[0].To = kr("1")
	account, _, _ := strings.Cut(Decide(in).Refusal.Proposal, " (")
	if got, _, err := parseValue(account + " netto"); err != nil || got.Value() != account {
		t.Errorf("%q gave %v, %v", account, got, err)
	}
}

func TestDecideByPerson(t *testing.T) {
	const value = "49000010 XG-5385000001 K1 netto"
	for _, c := range []struct {
		name, value string
		change      func(*Input)
		code, says  string
		may, wait   bool
		amount      string
	}{
		{name: "net", value: value, amount: "1000"},
		{name: "gross", value: "49000010 XG-5385000001 K1 brutto", amount: "1250"},
		{name: "credit note", value: value, change: func(in *Input) { in.Invoice.Kind = reading.CreditNoteKind }, amount: "-1000"},
		{name: "outside every plan and control", value: value, change: func(in *Input) {
			in.Plans.Plans, in.Invoice.Copy, in.Unit, in.NoPlans = nil, true, nil, true
		}, amount: "1000"},
		{name: "no value", code: "VÆRDI-FORKERT", says: "skriv fire ting", may: true},
		{name: "wrong value, two vouchers", value: "x", change: func(in *Input) { in.Vouchers = []Voucher{voucher(), voucher()} }, code: "VÆRDI-FORKERT"},
		{name: "broken form", value: value, change: func(in *Input) { in.Findings = fatal(1) }, code: "F-INV000"},
		{name: "several vouchers", value: value, change: func(in *Input) { in.Vouchers = []Voucher{voucher(), voucher()} }, code: "BILAG-FLERE"},
		{name: "voucher missing", value: value, change: func(in *Input) { in.Vouchers = nil }, wait: true},
		{name: "voucher missing, waited", value: value, change: func(in *Input) { in.Vouchers, in.Waited = nil, true }, code: "BILAG-MANGLER"},
		{name: "foreign currency", value: value, change: func(in *Input) { in.Invoice.Currency = "EUR" }, code: "VALUTA", says: "i EUR", may: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := inputOf(t, clean())
			if c.change != nil {
				c.change(&in)
			}
			v := decideByPerson(PersonInput{Input: in, Value: c.value, By: "Karen Holm"})
			if codeOf(v) != c.code || v.Wait != c.wait || (v.Coding != nil) != (c.amount != "") {
				t.Fatalf("got %+v %+v", v, v.Refusal)
			}
			if v.Refusal != nil && (!strings.Contains(v.Refusal.Text, c.says) || v.Refusal.MayPost != c.may) {
				t.Errorf("got %+v, want %q", v.Refusal, c.says)
			}
			if v.Coding != nil && (!v.Coding.Amount.Equal(kr(c.amount)) || v.Coding.Account != "49000010" || v.Coding.Action != plans.ActionCode ||
				v.Coding.Text != "Faktura F-100, konteret af Karen Holm" || v.Plan != "") {
				t.Errorf("got %+v", v.Coding)
			}
		})
	}
}

func TestPostingText(t *testing.T) {
	long := strings.Repeat("æ", 60)
	for in, want := range map[string]string{
		"kort":                          "kort",
		long:                            strings.Repeat("æ", plans.MaxText),
		"Faktura " + testPerson:         "Faktura ******-****",
		strings.Repeat("x", 49) + "  y": strings.Repeat("x", 49),
		strings.Repeat("x", 41) + " " + testPerson: strings.Repeat("x", 41) + " ******-*", // masked before it is cut
	} {
		if got := postingText(in); got != want {
			t.Errorf("%q gave %q, want %q", in, got, want)
		}
	}
}

func TestCheckDecision(t *testing.T) {
	r := newBench(t, newDesk()).robot
	for _, c := range []struct {
		d    runner.Decision
		fine bool
	}{
		{runner.Decision{Action: runner.ActionRetry}, true},
		{runner.Decision{Action: runner.ActionManual, Value: "vrøvl"}, true},
		{runner.Decision{Action: ActionApprove}, true},
		{runner.Decision{Action: ActionPost, Value: "49000010 XG-5385000001 K1 netto"}, true},
		{runner.Decision{Action: ActionPost}, false},
		{runner.Decision{Action: ActionPost, Value: "49000010 XG-5385000001 K1"}, false},
	} {
		if err := r.CheckDecision(runner.Item{}, c.d); (err == nil) != c.fine {
			t.Errorf("%+v gave %v", c.d, err)
		}
	}
}
