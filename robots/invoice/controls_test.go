package invoice

import (
	"slices"
	"strings"
	"testing"

	"byskriver/robots/invoice/plans"
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

// knowing is an input with what is known of the supplier.
func knowing(k Known, changes ...func(*Input)) func(*Input) {
	return func(in *Input) {
		in.Known = &k
		for _, change := range changes {
			change(in)
		}
	}
}

func creditor(payees ...string) *Creditor {
	return &Creditor{CVR: supplierCVR, Name: "Mølbygaard", Active: true, Payees: payees}
}

func paysTo(p ...reading.Payment) func(*Input) {
	return func(in *Input) { in.Invoice.Payments = append(in.Invoice.Payments, p...) }
}

func paysOnlyTo(p ...reading.Payment) func(*Input) {
	return func(in *Input) { in.Invoice.Payments = p }
}

func fik(form, creditor string) reading.Payment {
	return reading.Payment{Code: "93", SlipType: form, SlipID: "100000000000009", Creditor: creditor}
}

// within is an input with the municipality's limits.
func within(l Limits, changes ...func(*Input)) func(*Input) {
	return func(in *Input) {
		in.Limits = &l
		for _, change := range changes {
			change(in)
		}
	}
}

func saying(text string) func(*Input) {
	return func(in *Input) { in.Plans.Invoice.Texts = []string{text} }
}

// on is a day on which an invoice of another day is judged.
func on(today, issued string) func(*Input) {
	return func(in *Input) {
		in.Plans.Today, in.Plans.Invoice.IssueDate, in.Invoice.IssueDate = plans.Date(today), plans.Date(issued), issued
		in.Plans.Plans[0].ValidFrom = "2025-01-01"
	}
}

func likeThis(s Same, answered ...string) func(*Input) {
	return func(in *Input) {
		in.Alike = []Same{s}
		in.Answered = strings.Join(answered, "")
	}
}

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
	"LEVERANDØR-UKENDT": {
		{"not in the list", knowing(Known{Listed: true}), "Mølbygaard Kontorforsyning ApS er ikke blandt"},
		{"in the list", knowing(Known{Listed: true, Creditor: creditor()}), ""},
		{"no list", knowing(Known{}), ""},
	},
	"LEVERANDØR-LUKKET": {
		{"closed", knowing(Known{Listed: true, Creditor: &Creditor{CVR: supplierCVR, Name: "Mølbygaard"}}), "Mølbygaard er spærret"},
		{"open", knowing(Known{Listed: true, Creditor: creditor()}), ""},
	},
	"BELØB-LOFT": {
		{"an øre above", within(Limits{Amount: 1250}, func(in *Input) { in.Invoice.Payable = kr("1250.01") }), "1250,01 kr."},
		{"a credit of more", within(Limits{Amount: 1250}, func(in *Input) { in.Invoice.Payable = kr("-1250.01") }), "-1250,01 kr."},
		{"just so much", within(Limits{Amount: 1250}), ""},
		{"no limit", within(Limits{}, func(in *Input) { in.Invoice.Payable = kr("1250") }), ""},
	},
	"FAKTURA-NUMMER": {
		{"another amount", seenBefore(Same{Item: "invoice-2026-000001", Earlier: true, Form: formNumber}), "invoice-2026-000001"},
		{"later and waiting", seenBefore(Same{Item: "invoice-2026-000009", Form: formNumber}), ""},
	},
	"FAKTURA-SKRIVEMÅDE": {
		{"written otherwise", seenBefore(Same{Item: "invoice-2026-000001", Settled: true, Form: formWritten}), "invoice-2026-000001"},
		{"later and waiting", seenBefore(Same{Item: "invoice-2026-000009", Form: formWritten}), ""},
	},
	"BETALING-NY": {
		{"not the one in the list", knowing(Known{Listed: true, Creditor: creditor("konto 9990 0000000001")}), "(konto 9990 0044122236)"},
		{"not the one that was paid", knowing(Known{Before: true}), "(konto 9990 0044122236)"},
		{"one of two", knowing(Known{Before: true, Payees: []string{"konto 9990 0044122236"}}, paysTo(reading.Payment{Code: "31", IBAN: "SE4550000000058398257466"})), "(iban SE4550000000058398257466)"},
		{"somebody else's NemKonto", knowing(Known{Before: true}, paysOnlyTo(reading.Payment{Code: "97", NemKonto: otherCVR})), "(nemkonto " + otherCVR + ")"},
		{"another's number as the SE number", knowing(Known{Before: true}, func(in *Input) { in.Invoice.Supplier.SE = otherCVR }, paysOnlyTo(reading.Payment{Code: "97", NemKonto: "DK" + otherCVR})), "(nemkonto " + otherCVR + ")"},
		{"the SE number's, in the list", knowing(Known{Listed: true, Creditor: creditor("nemkonto " + otherCVR)}, paysOnlyTo(reading.Payment{Code: "97", NemKonto: "DK" + otherCVR})), ""},
		{"the SE number's, paid before", knowing(Known{Before: true, Payees: []string{"nemkonto " + otherCVR}}, paysOnlyTo(reading.Payment{Code: "97", NemKonto: otherCVR})), ""},
		{"a giro account", knowing(Known{Before: true}, paysOnlyTo(reading.Payment{Code: "50", SlipType: "01", Creditor: "0012345"})), "(giro 12345)"},
		{"in the list", knowing(Known{Listed: true, Creditor: creditor("konto 9990 0044122236")}), ""},
		{"as IBAN in the list", knowing(Known{Listed: true, Creditor: creditor("konto 9990 0044122236")}, paysOnlyTo(reading.Payment{Code: "31", IBAN: "DK84 9990 0044 1222 36"})), ""},
		{"paid before", knowing(Known{Before: true, Payees: []string{"konto 9990 0044122236"}}), ""},
		{"in the list no more, but paid", knowing(Known{Listed: true, Creditor: creditor("fik 12345678"), Before: true, Payees: []string{"konto 9990 0044122236"}}), ""},
		{"the first of all", knowing(Known{}), ""},
		{"its own NemKonto", knowing(Known{Before: true}, paysOnlyTo(reading.Payment{Code: "97", NemKonto: "DK" + supplierCVR})), ""},
		{"nowhere", knowing(Known{Before: true}, paysOnlyTo()), ""},
	},
	"FIK-NY": {
		{"another creditor", knowing(Known{Listed: true, Creditor: creditor("fik 12345678")}, paysOnlyTo(fik("71", "87654321"))), "FIK-kreditornummer 87654321"},
		{"from account to FIK", knowing(Known{Before: true, Payees: nil}, paysOnlyTo(fik("75", "87654321"))), "87654321"},
		{"the same creditor", knowing(Known{Listed: true, Creditor: creditor("fik 12345678")}, paysOnlyTo(fik("71", "12345678"))), ""},
		{"the same creditor on another form", knowing(Known{Before: true, Payees: []string{"fik 12345678"}}, paysOnlyTo(fik("73", "12345678"))), ""},
	},
	"RYKKER": {
		{"in a note", within(DefaultLimits(), saying("Rykkergebyr 100 kr.")), "»rykkergebyr«"},
		{"in a line", within(DefaultLimits(), saying("2. BETALINGSPÅMINDELSE, se vedlagt")), "»betalingspåmindelse«"},
		{"within a word", within(DefaultLimits(), saying("Fastrykkere til murbrud")), ""},
		{"no words given", within(Limits{}, saying("Rykker")), ""},
		{"nothing of the kind", within(DefaultLimits(), saying("Kopipapir")), ""},
	},
	"FAKTURA-LIGNER": {
		{"earlier", likeThis(Same{Item: "invoice-2026-000001", Earlier: true, Form: formAlike}), "invoice-2026-000001"},
		{"later and waiting", likeThis(Same{Item: "invoice-2026-000009", Form: formAlike}), ""},
		{"answered", likeThis(Same{Item: "invoice-2026-000001", Earlier: true, Form: formAlike}, "FAKTURA-LIGNER"), ""},
	},
	"FAKTURA-NÆSTEN": {
		{"earlier", likeThis(Same{Item: "invoice-2026-000001", Earlier: true, Form: formNear}), "invoice-2026-000001"},
		{"later and waiting", likeThis(Same{Item: "invoice-2026-000009", Form: formNear}), ""},
		{"another question answered", likeThis(Same{Item: "invoice-2026-000001", Earlier: true, Form: formNear}, "FAKTURA-LIGNER"), "invoice-2026-000001"},
	},
	"REGNSKABSÅR": {
		{"dated last year, period not given", within(Limits{}, on("2026-01-02", "2025-12-30")), "vedrører 2025"},
		{"dated last year, within the period", within(Limits{SupplementEnds: "01-31"}, on("2026-01-31", "2025-12-30")), "vedrører 2025"},
		{"delivered last year", within(Limits{SupplementEnds: "01-31"}, on("2026-01-15", "2026-01-10"), func(in *Input) { in.Invoice.Delivered = "2025-12-20" }), "vedrører 2025"},
		{"across New Year", within(Limits{SupplementEnds: "01-31"}, on("2026-01-15", "2026-01-10"), func(in *Input) {
			in.Invoice.Lines[0].Period = reading.Period{From: "2025-12-15", To: "2026-01-14"}
		}), "vedrører 2025-2026"},
		{"all for next year", within(Limits{SupplementEnds: noSupplement}, on("2026-11-21", "2026-11-20"), func(in *Input) {
			in.Invoice.Period = reading.Period{From: "2027-01-01", To: "2027-12-31"}
		}), "vedrører 2027"},
		{"the day after the period", within(Limits{SupplementEnds: "01-31"}, on("2026-02-01", "2025-12-30")), ""},
		{"no such period kept", within(Limits{SupplementEnds: noSupplement}, on("2026-01-02", "2025-12-30")), ""},
		{"dated last year for this", within(Limits{}, on("2026-01-02", "2025-12-30"), func(in *Input) { in.Invoice.Delivered = "2026-01-01" }), ""},
		{"this year", within(Limits{}), ""},
		{"the coming months too", within(Limits{}, func(in *Input) { in.Invoice.Period = reading.Period{From: "2026-12-01", To: "2027-11-30"} }), ""},
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
	want := []string{"EAN-MANGLER", "EAN-UKENDT", "EAN-LUKKET", "REFERENCE-MANGLER", "CVR-MANGLER", "CVR-FORKERT", "LEVERANDØR-UKENDT",
		"LEVERANDØR-LUKKET", "BELØB-LOFT", "MOMS-OMVENDT", "MOMS-FORKERT", "FAKTURA-DOBBELT", "FAKTURA-NUMMER", "FAKTURA-SKRIVEMÅDE",
		"FACTORING", "BETALING-NY", "FIK-NY", "KOPI", "RYKKER", "FAKTURA-LIGNER", "FAKTURA-NÆSTEN", "REGNSKABSÅR", "BORGER", "PLAN-KREDITNOTA"}
	in := inputOf(t, clean())
	in.Invoice.Buyer.EAN, in.Unit, in.Invoice.Buyer.Reference, in.Invoice.Buyer.Order = "", nil, "", ""
	in.Invoice.Supplier.CVR, in.Invoice.Copy = "", true
	in.Invoice.Taxes = []reading.Tax{{Category: "AE", Scheme: "VAT", Percent: kr("25"), Base: kr("1000"), Amount: kr("1")}}
	in.Invoice.TypeCode, in.Invoice.Citizens = "393", []reading.Citizen{{CPR: testPerson}}
	in.Same = []Same{{Item: "a", Earlier: true}, {Item: "b", Earlier: true, Form: formNumber}, {Item: "c", Earlier: true, Form: formWritten}}
	in.Alike = []Same{{Item: "d", Earlier: true, Form: formAlike}, {Item: "e", Earlier: true, Form: formNear}}
	in.Known, in.Limits = &Known{Listed: true}, &Limits{Amount: 1, ReminderWords: []string{"rykker"}}
	in.Plans.Invoice.Texts, in.Invoice.Delivered = []string{"Rykker"}, "2025-01-01"
	in.Invoice.Payments = append(in.Invoice.Payments, fik("71", "12345678"))
	in.Plans.Invoice.Kind = "creditnote"
	mend := []func(){
		func() { in.Invoice.Buyer.EAN = closedUnit },
		func() { in.Unit = &Unit{EAN: closedUnit, Name: "Turistkontoret"} },
		func() { in.Unit = townHallUnit() },
		func() { in.Invoice.Buyer.Order = "LK-1" },
		func() { in.Invoice.Supplier.CVR = "94122237" },
		func() { in.Invoice.Supplier.CVR = supplierCVR },
		func() { in.Known.Creditor = &Creditor{Name: "M", Payees: []string{"fik 1"}} },
		func() { in.Known.Creditor.Active = true },
		func() { in.Limits.Amount = 0 },
		func() { in.Invoice.Taxes[0].Category = "S" },
		func() { in.Invoice.Taxes = nil },
		func() { in.Same = in.Same[1:] },
		func() { in.Same = in.Same[1:] },
		func() { in.Same = nil },
		func() { in.Invoice.TypeCode = "380" },
		func() { in.Invoice.Payments = in.Invoice.Payments[1:] },
		func() { in.Known = nil },
		func() { in.Invoice.Copy = false },
		func() { in.Answered = "RYKKER" },
		func() { in.Alike, in.Plans.Invoice.Texts = in.Alike[1:], nil },
		func() { in.Alike = nil },
		func() { in.Limits = nil },
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
