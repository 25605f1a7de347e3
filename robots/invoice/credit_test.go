package invoice

import (
	"strings"
	"testing"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
)

// crediting is a credit note of all of invoice F-77, with its voucher in the inbox,
// and the invoice posted.
func crediting(t *testing.T, change ...func(*reading.Invoice)) (*bench, *memoryCase) {
	t.Helper()
	b := newBench(t, newDesk(), []Plan{}...)
	b.house.approve(t, plans.Sheet{})
	b.desk.dealt(Voucher{Number: "1900000077", CVR: supplierCVR, Invoice: "F-77", Amount: kr("1250")},
		Coding{Account: "40110010", PSP: "XG-6451000010", VATCode: "K1", Amount: kr("1000"), Text: "Kontorartikler", Action: plans.ActionApprove})
	return b, b.credits(t, "KN-00001", change...)
}

// credits is one more credit note of F-77.
func (b *bench) credits(t *testing.T, number string, change ...func(*reading.Invoice)) *memoryCase {
	t.Helper()
	inv := changed(func(i *reading.Invoice) {
		i.Number, i.Kind, i.TypeCode, i.Payments = number, reading.CreditNoteKind, "381", nil
		i.Credits = []reading.Reference{{Role: "invoice", ID: "F-77"}}
		for _, f := range change {
			f(i)
		}
	})
	b.desk.inbox = append(b.desk.inbox, Voucher{Number: "19000" + number[len(number)-5:], CVR: supplierCVR, Invoice: number, Amount: inv.Payable.Neg()})
	return b.add(found(t, inv))
}

// A credit note of a whole invoice is posted where the invoice is, with a minus,
// and only coded, though the invoice was approved.
func TestCreditNoteOfAWholeInvoice(t *testing.T) {
	b, c := crediting(t)
	if err := b.work(t, b.robot, c); err != nil {
		t.Fatal(err)
	}
	want := Coding{Account: "40110010", PSP: "XG-6451000010", VATCode: "K1", Amount: kr("-1000"), Text: "Kreditnota KN-00001 til faktura F-77", Action: plans.ActionCode}
	if got := b.desk.posted["1900000001"]; len(got) != 1 || !got[0].Same(want) {
		t.Errorf("posted %+v", got)
	}
	d := c.decided[len(c.decided)-1]
	if s := string(d.Verdict); !strings.Contains(s, `"way":"credit"`) || !strings.Contains(s, "bilag 1900000077") || string(mustReplay(t, b.robot, d)) != s {
		t.Errorf("recorded %s", s)
	}
}

func TestCreditNotePostedGross(t *testing.T) {
	b, c := crediting(t)
	b.desk.posted["1900000077"][0].Amount = kr("1250")
	if err := b.work(t, b.robot, c); err != nil || !b.desk.posted["1900000001"][0].Amount.Equal(kr("-1250")) {
		t.Errorf("%v, %+v", err, b.desk.posted)
	}
}

// Every doubt sends a credit note to a person.
func TestCreditNotesThatAreUnclear(t *testing.T) {
	less := func(amount string) func(*reading.Invoice) {
		return func(i *reading.Invoice) { i.Payable, i.Net, i.VAT, i.Taxes = kr(amount), kr(amount), kr("0"), nil }
	}
	refers := func(ids ...string) func(*reading.Invoice) {
		return func(i *reading.Invoice) {
			i.Credits = nil
			for _, id := range ids {
				i.Credits = append(i.Credits, reading.Reference{Role: "invoice", ID: id})
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*reading.Invoice)
		desk   func(*desk)
		code   string
		says   string
	}{
		{"no reference", refers(), nil, "KREDIT-REFERENCE", "ikke én bestemt"},
		{"two references", refers("F-77", "F-78"), nil, "KREDIT-REFERENCE", ""},
		{"the same reference twice", refers("F-77", "F-77"), nil, "", ""},
		{"not posted", refers("F-78"), nil, "KREDIT-UKENDT", "Faktura F-78"},
		{"posted in two places", nil, func(d *desk) {
			d.posted["1900000077"] = append(d.posted["1900000077"], d.posted["1900000077"][0])
		}, "KREDIT-FLERE", ""},
		{"an øre more", less("1250.01"), nil, "KREDIT-OVER", "1250,01 kr., og faktura F-77 var kun på 1250,00 kr."},
		{"an øre less", less("1249.99"), nil, "KREDIT-DELVIS", "1249,99"},
		{"posted with another amount", nil, func(d *desk) { d.posted["1900000077"][0].Amount = kr("999") }, "KREDIT-KONTERING", ""},
		{"passed on without a coding", nil, func(d *desk) { d.posted["1900000077"][0] = Coding{} }, "KREDIT-KONTERING", ""},
		{"another supplier's invoice", nil, func(d *desk) {
			v := d.earlier["1900000077"]
			v.CVR = otherCVR
			d.earlier["1900000077"] = v
		}, "KREDIT-UKENDT", ""},
		{"in a foreign currency", func(i *reading.Invoice) { i.Currency = "EUR" }, nil, plans.RefusedCurrency, ""},
		{"about a citizen", func(i *reading.Invoice) { i.Citizens = []reading.Citizen{{CPR: testPerson}} }, nil, coding.CodeCitizen, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.change == nil {
				c.change = func(*reading.Invoice) {}
			}
			b, item := crediting(t, c.change)
			if c.desk != nil {
				c.desk(b.desk)
			}
			before := b.desk.posts
			if c.code == "" {
				if code := b.outcome(t, item); code != "" {
					t.Errorf("got %s", code)
				}
				return
			}
			r := refused(t, b.work(t, b.robot, item))
			if r.Code != c.code || !strings.Contains(r.Text, c.says) || strings.ContainsAny(r.Text, "{}") || b.desk.posts != before {
				t.Errorf("got %+v, want %s", r, c.code)
			}
		})
	}
}

// The second credit note of an invoice is a person's, also while the first waits.
func TestCreditedBefore(t *testing.T) {
	b, first := crediting(t)
	if code := b.outcome(t, first); code != "" {
		t.Fatal(code)
	}
	second := b.credits(t, "KN-99992")
	if r := refused(t, b.work(t, b.robot, second)); r.Code != "KREDIT-FØR" || !strings.Contains(r.Text, first.item.Number) {
		t.Errorf("got %+v", r)
	}
}

// What is always looked at by a person is so as a credit note too.
func TestCreditNoteThatIsAlwaysLookedAt(t *testing.T) {
	b, c := crediting(t)
	b.house.approve(t, plans.Sheet{Always: []plans.Always{{Criterion: plans.ByCVR, Value: supplierCVR, Reason: "Skal ses."}}})
	if r := refused(t, b.work(t, b.robot, c)); r.Code != plans.RefusedAlways || b.desk.posts != 0 {
		t.Errorf("got %+v", r)
	}
}
