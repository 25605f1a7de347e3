package invoice

import (
	"slices"
	"strings"
	"testing"

	"byskriver/robots/invoice/reading"
)

// controlCase is an input on one side of one control.
type controlCase struct {
	name   string
	change func(*Input)
	says   string // what the figure brings into the text; "" if the control lets it pass
}

func taxed(category, scheme, percent, base, amount string) func(*Input) {
	return func(in *Input) {
		in.Invoice.Taxes = []reading.Tax{{Category: category, Scheme: scheme, Percent: kr(percent), Base: kr(base), Amount: kr(amount)}}
	}
}

func paidTo(payees ...reading.Payee) func(*Input) {
	return func(in *Input) {
		in.Invoice.Payments = nil
		for _, p := range payees {
			in.Invoice.Payments = append(in.Invoice.Payments, reading.Payment{Code: "42", Payee: p})
		}
	}
}

func seenBefore(same ...Same) func(*Input) { return func(in *Input) { in.Same = same } }

// controlCases are both sides of each control, by its code.
var controlCases = map[string][]controlCase{
	"EAN-MANGLER": {
		{"none", func(in *Input) { in.Invoice.Buyer.EAN, in.Unit = "", nil }, "intet EAN-nummer"},
		{"one", func(*Input) {}, ""},
	},
	"EAN-UKENDT": {
		{"nobody's", func(in *Input) { in.Invoice.Buyer.EAN, in.Unit = nobodys, nil }, nobodys},
		{"ours", func(*Input) {}, ""},
	},
	"EAN-LUKKET": {
		{"closed", func(in *Input) { in.Unit = &Unit{EAN: closedUnit, Name: "Turistkontoret"} }, "Turistkontoret"},
		{"open", func(*Input) {}, ""},
	},
	"REFERENCE-MANGLER": {
		{"neither", func(in *Input) { in.Invoice.Buyer.Reference, in.Invoice.Buyer.Order = "", "" }, "hverken personreference eller ordrenummer"},
		{"blanks", func(in *Input) { in.Invoice.Buyer.Reference, in.Invoice.Buyer.Order = " \t", "\n " }, "hverken"},
		{"a person alone", func(in *Input) { in.Invoice.Buyer.Order = "" }, ""},
		{"an order alone", func(in *Input) { in.Invoice.Buyer.Reference = "" }, ""},
	},
	"CVR-MANGLER": {
		{"none", func(in *Input) { in.Invoice.Supplier.CVR = "" }, "ikke oplyst noget dansk CVR-nummer"},
		{"one", func(*Input) {}, ""},
	},
	"CVR-FORKERT": {
		{"check digit", func(in *Input) { in.Invoice.Supplier.CVR = "94122237" }, "94122237"},
		{"zero in front", func(in *Input) { in.Invoice.Supplier.CVR = "00000000" }, "00000000"},
		{"right", func(*Input) {}, ""},
	},
	"MOMS-OMVENDT": {
		{"OIOUBL", taxed("ReverseCharge", "63", "0", "1000", "0"), "omvendt betalingspligt"},
		{"Peppol", taxed("AE", "VAT", "0", "1000", "0"), "omvendt betalingspligt"},
		{"one rate of two", func(in *Input) {
			in.Invoice.Taxes = append(in.Invoice.Taxes, reading.Tax{Category: "AE", Scheme: "VAT"})
		}, "omvendt betalingspligt"},
		{"no VAT for another reason", taxed("ZeroRated", "63", "0", "1000", "0"), ""},
	},
	"MOMS-FORKERT": {
		{"too much", taxed("StandardRated", "63", "25", "1000", "251.01"), "25 % af 1000,00 kr. er 250,00 kr., men der står 251,01 kr."},
		{"too little", taxed("S", "VAT", "25", "1000.5", "200"), "25 % af 1000,50 kr. er 250,13 kr., men der står 200,00 kr."},
		{"of a rate of zero", taxed("Z", "VAT", "0", "1000", "250"), "0 % af 1000,00 kr."},
		{"a krone off", taxed("S", "VAT", "25", "1000", "251"), ""},
		{"a krone off below", taxed("S", "VAT", "25", "1000", "249"), ""},
		{"half a rate", taxed("S", "VAT", "12.5", "1000", "125"), ""},
		{"a duty", taxed("StandardRated", "3624", "0", "0", "75"), ""},
		{"none stated", func(in *Input) { in.Invoice.Taxes = nil }, ""},
	},
	"FAKTURA-DOBBELT": {
		{"earlier", seenBefore(Same{Item: "invoice-2026-000001", Earlier: true}), "invoice-2026-000001"},
		{"later but settled", seenBefore(Same{Item: "invoice-2026-000009", Settled: true}), "invoice-2026-000009"},
		{"two of three", seenBefore(Same{Item: "a", Earlier: true}, Same{Item: "b"}, Same{Item: "c", Settled: true}), "a, c."},
		{"later and waiting", seenBefore(Same{Item: "invoice-2026-000009"}), ""},
		{"never", seenBefore(), ""},
	},
	"FACTORING": {
		{"another firm", paidTo(reading.Payee{Name: "Lilleby Factor A/S", CVR: otherCVR}), "Lilleby Factor A/S " + otherCVR},
		{"another name", paidTo(reading.Payee{Name: "Lilleby Factor A/S"}), "(Lilleby Factor A/S)"},
		{"a number alone", paidTo(reading.Payee{ID: "FACTOR-77"}), "(FACTOR-77)"},
		{"the second of two", paidTo(reading.Payee{}, reading.Payee{CVR: otherCVR}), "(" + otherCVR + ")"},
		{"type code 393", func(in *Input) { in.Invoice.TypeCode = "393" }, "factoringselskab"},
		{"the supplier itself", paidTo(reading.Payee{Name: "Mølbygaard", CVR: supplierCVR}), ""},
		{"nobody named", paidTo(reading.Payee{}), ""},
		{"no payment", paidTo(), ""},
	},
	"KOPI": {
		{"copy", func(in *Input) { in.Invoice.Copy = true }, "kopi"},
		{"original", func(*Input) {}, ""},
	},
	"BORGER": {
		{"stated", func(in *Input) { in.Invoice.Citizens = []reading.Citizen{{CPR: testPerson, Stated: true}} }, "personnummer"},
		{"guessed", func(in *Input) { in.Invoice.Citizens = []reading.Citizen{{CPR: testPerson}} }, "personnummer"},
		{"nobody", func(*Input) {}, ""},
	},
}

func TestEachControl(t *testing.T) {
	if len(controlCases) != len(controls) {
		t.Errorf("%d controls have cases, there are %d", len(controlCases), len(controls))
	}
	for _, c := range controls {
		broken, passed := 0, 0
		for _, k := range controlCases[c.code] {
			t.Run(c.code+"/"+k.name, func(t *testing.T) {
				in := inputOf(t, clean())
				k.change(&in)
				v := Decide(in)
				if k.says == "" {
					passed++
					if v.Coding == nil {
						t.Errorf("got %+v, want a coding", v.Refusal)
					}
					return
				}
				broken++
				if v.Refusal == nil || v.Refusal.Code != c.code || !strings.Contains(v.Refusal.Text, k.says) || !v.Refusal.MayPost || v.Coding != nil || v.Wait {
					t.Errorf("got %+v %+v, want %s with %q", v, v.Refusal, c.code, k.says)
				}
				if v.Refusal != nil && (strings.ContainsAny(v.Refusal.Text, "{}") || strings.Contains(v.Refusal.Text, "..") || strings.Contains(v.Refusal.Text, testPerson)) {
					t.Errorf("the text is %q", v.Refusal.Text)
				}
			})
		}
		if broken == 0 || passed == 0 {
			t.Errorf("%s: %d cases broken, %d passed; both sides are wanted", c.code, broken, passed)
		}
	}
}

// The first control that is broken decides: with all of them broken the codes come
// in the order of the table, each as the one before it is mended.
func TestControlsComeInTheirOrder(t *testing.T) {
	want := []string{"EAN-MANGLER", "EAN-UKENDT", "EAN-LUKKET", "REFERENCE-MANGLER", "CVR-MANGLER", "CVR-FORKERT", "MOMS-OMVENDT",
		"MOMS-FORKERT", "FAKTURA-DOBBELT", "FACTORING", "KOPI", "BORGER", "PLAN-KREDITNOTA"}
	in := inputOf(t, clean())
	in.Invoice.Buyer.EAN, in.Unit, in.Invoice.Buyer.Reference, in.Invoice.Buyer.Order = "", nil, "", ""
	in.Invoice.Supplier.CVR, in.Invoice.Copy = "", true
	in.Invoice.Taxes = []reading.Tax{{Category: "AE", Scheme: "VAT", Percent: kr("25"), Base: kr("1000"), Amount: kr("1")}}
	in.Invoice.TypeCode, in.Invoice.Citizens = "393", []reading.Citizen{{CPR: testPerson}}
	in.Same = []Same{{Item: "a", Earlier: true}}
	in.Plans.Invoice.Kind = "creditnote"
	mend := []func(){
		func() { in.Invoice.Buyer.EAN = closedUnit },
		func() { in.Unit = &Unit{EAN: closedUnit, Name: "Turistkontoret"} },
		func() { in.Unit = townHallUnit() },
		func() { in.Invoice.Buyer.Order = "LK-1" },
		func() { in.Invoice.Supplier.CVR = "94122237" },
		func() { in.Invoice.Supplier.CVR = supplierCVR },
		func() { in.Invoice.Taxes[0].Category = "S" },
		func() { in.Invoice.Taxes = nil },
		func() { in.Same = nil },
		func() { in.Invoice.TypeCode = "380" },
		func() { in.Invoice.Copy = false },
		func() { in.Invoice.Citizens = nil },
	}
	var got []string
	for i := 0; ; i++ {
		v := Decide(in)
		if v.Refusal == nil {
			t.Fatalf("after %v: %+v", got, v)
		}
		got = append(got, v.Refusal.Code)
		if i == len(mend) {
			break
		}
		mend[i]()
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestSameNumber(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"F-5540/1", "F5540-1"}, {"f 5540.1", "F55401"}, {"000123", "123"}, {"  44 ", "44"}, {"Ø-12", "ø12"},
		{"0F-1", "F1"}, {"2026_118", "2026118"},
	} {
		if sameNumber(c.a) != sameNumber(c.b) {
			t.Errorf("%q is %q, %q is %q", c.a, sameNumber(c.a), c.b, sameNumber(c.b))
		}
	}
	for _, c := range []struct{ a, b string }{{"F1", "F10"}, {"1230", "123"}, {"F1", "G1"}, {"A1", "Å1"}, {"1", "11"}} {
		if sameNumber(c.a) == sameNumber(c.b) {
			t.Errorf("%q and %q are both %q", c.a, c.b, sameNumber(c.a))
		}
	}
}
