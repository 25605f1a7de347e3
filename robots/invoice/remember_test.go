package invoice

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// another is one more invoice of the supplier, with its voucher in the inbox.
func (b *bench) another(t *testing.T, number string, change ...func(*reading.Invoice)) *memoryCase {
	t.Helper()
	inv := changed(func(i *reading.Invoice) {
		i.Number = number
		for _, c := range change {
			c(i)
		}
	})
	v := voucher()
	v.Number, v.Invoice, v.Amount = "19000"+number[len(number)-5:], number, inv.Payable
	b.desk.inbox = append(b.desk.inbox, v)
	return b.add(found(t, inv))
}

func paidOn(account string) func(*reading.Invoice) {
	return func(i *reading.Invoice) {
		i.Payments = []reading.Payment{{Code: "42", Registration: "9990", Account: account}}
	}
}

// outcome is the code that working an item ends with, "" where it is posted.
func (b *bench) outcome(t *testing.T, c *memoryCase) string {
	t.Helper()
	err := b.work(t, b.robot, c)
	var r *runner.Refusal
	switch {
	case errors.As(err, &r):
		return r.Code
	case err != nil:
		t.Fatal(err)
	}
	return ""
}

// Where a supplier is paid is remembered from one invoice to the next: what was
// posted is known, by the robot or by a person, and nothing else.
func TestPayeeIsRemembered(t *testing.T) {
	b := newBench(t, newDesk())
	if code := b.outcome(t, b.another(t, "F-10001")); code != "" {
		t.Fatalf("the first invoice of all: %s", code)
	}
	changedAccount := b.another(t, "F-10002", paidOn("55555555"))
	if code := b.outcome(t, changedAccount); code != "BETALING-NY" {
		t.Fatalf("another account: %s", code)
	}
	if code := b.outcome(t, b.another(t, "F-10003", paidOn("55555555"))); code != "BETALING-NY" {
		t.Errorf("an account that waits with a person is taken for known: %s", code)
	}
	if code := b.outcome(t, b.another(t, "F-10004", paidOn("0044122236"))); code != "" {
		t.Errorf("the known account, padded: %s", code)
	}
	changedAccount.decide(runner.ActionRetry, "", "Karen Holm")
	if code := b.outcome(t, changedAccount); code != "BETALING-NY" {
		t.Errorf("tried again: %s", code)
	}
	changedAccount.decide(ActionPost, "49000010 XG-5385000001 K1 netto", "Karen Holm")
	if code := b.outcome(t, changedAccount); code != "" {
		t.Fatalf("posted by a person: %s", code)
	}
	if code := b.outcome(t, b.another(t, "F-10005", paidOn("55555555"))); code != "" {
		t.Errorf("after a person has posted on it: %s", code)
	}
	if b.desk.count() != 4 {
		t.Errorf("%d postings", b.desk.count())
	}
}

// What is not posted teaches nothing: neither an invoice that the portal refuses,
// nor one that a person has dealt with elsewhere.
func TestPayeeOfWhatIsNotPosted(t *testing.T) {
	b := newBench(t, newDesk())
	if code := b.outcome(t, b.another(t, "F-10001")); code != "" {
		t.Fatal(code)
	}
	b.desk.refuses = "Perioden er lukket"
	c := b.another(t, "F-10002", func(i *reading.Invoice) { i.Payments = nil })
	if code := b.outcome(t, c); code != "PORTAL-AFVIST" {
		t.Fatal(code)
	}
	b.desk.refuses = ""
	manual := b.another(t, "F-10003", paidOn("55555555"))
	b.outcome(t, manual)
	manual.item.State = runner.Done // Behandlet manuelt
	if code := b.outcome(t, b.another(t, "F-10004", paidOn("55555555"))); code != "BETALING-NY" {
		t.Errorf("an account that nobody posted on is known: %s", code)
	}
}

func TestListOfCreditors(t *testing.T) {
	b := newBench(t, newDesk())
	b.robot.settings.Creditors = []Creditor{*creditor("konto 9990 0044122236")}
	if code := b.outcome(t, b.another(t, "F-10001")); code != "" {
		t.Errorf("listed, on its account: %s", code)
	}
	if code := b.outcome(t, b.another(t, "F-10002", paidOn("1"))); code != "BETALING-NY" {
		t.Errorf("listed, on another account: %s", code)
	}
	if code := b.outcome(t, b.another(t, "F-10003", func(i *reading.Invoice) { i.Payments = []reading.Payment{fik("71", "12345678")} })); code != "FIK-NY" {
		t.Errorf("listed, on FIK: %s", code)
	}
	b.robot.settings.Creditors[0].Active = false
	if code := b.outcome(t, b.another(t, "F-10004")); code != "LEVERANDØR-LUKKET" {
		t.Errorf("closed: %s", code)
	}
	b.robot.settings.Creditors[0].CVR = otherCVR
	if code := b.outcome(t, b.another(t, "F-10005")); code != "LEVERANDØR-UKENDT" {
		t.Errorf("not listed: %s", code)
	}
}

func november(i *reading.Invoice) {
	i.Period = reading.Period{From: "2026-11-01", To: "2026-11-30"}
}

// The same amount for the same period is asked about once, and Fortsæt lets the
// robot code the invoice as any other.
func TestAlikeIsAskedAbout(t *testing.T) {
	b := newBench(t, newDesk())
	if code := b.outcome(t, b.another(t, "F-10001", november)); code != "" {
		t.Fatal(code)
	}
	c := b.another(t, "G-77702", november)
	r := refused(t, b.work(t, b.robot, c))
	if r.Code != "FAKTURA-LIGNER" || !strings.Contains(r.Text, "invoice-2026-000001") || r.Choices[0].Label != "Fortsæt" {
		t.Fatalf("got %+v", r)
	}
	c.decide(r.Choices[0].Action, "", "Karen Holm")
	if code := b.outcome(t, c); code != "" || b.desk.count() != 2 {
		t.Errorf("after Fortsæt: %s", code)
	}
	if d := c.decided[len(c.decided)-1]; d.Rule != "invoice.decide" || !strings.Contains(string(d.Input), `"answered":"FAKTURA-LIGNER"`) || !strings.Contains(string(d.Verdict), "LK-107") {
		t.Errorf("recorded %s %s", d.Rule, d.Verdict)
	}
}

// On both sides of what is alike: month after month, another amount, too long ago,
// nothing said of a period, and the number of days off.
func TestNotAlike(t *testing.T) {
	for name, c := range map[string]struct {
		first, second func(*reading.Invoice)
		days          int
		code          string
	}{
		"the month after": {november, func(i *reading.Invoice) { i.Period = reading.Period{From: "2026-12-01", To: "2026-12-31"} }, 31, ""},
		"another amount": {november, func(i *reading.Invoice) {
			november(i)
			i.Payable, i.Net, i.VAT, i.Taxes = kr("2500"), kr("2000"), kr("500"), nil
		}, 31, ""},
		"no period":            {func(*reading.Invoice) {}, func(*reading.Invoice) {}, 31, ""},
		"31 days apart":        {november, func(i *reading.Invoice) { november(i); i.IssueDate = "2026-10-02" }, 31, "FAKTURA-LIGNER"},
		"32 days apart":        {november, func(i *reading.Invoice) { november(i); i.IssueDate = "2026-10-01" }, 31, ""},
		"asked about none":     {november, november, 0, ""},
		"the period of a line": {november, func(i *reading.Invoice) { i.Lines[0].Period = reading.Period{From: "2026-11-01", To: "2026-11-30"} }, 31, "FAKTURA-LIGNER"},
	} {
		b := newBench(t, newDesk())
		b.robot.settings.Limits.DuplicateDays = c.days
		if code := b.outcome(t, b.another(t, "F-10001", c.first)); code != "" {
			t.Fatalf("%s: %s", name, code)
		}
		if code := b.outcome(t, b.another(t, "K-55552", c.second)); code != c.code {
			t.Errorf("%s: %q, want %q", name, code, c.code)
		}
	}
}

// The same citizen and amount, and no period given.
func TestAlikeByCitizen(t *testing.T) {
	named := func(i *reading.Invoice) { i.Citizens = []reading.Citizen{{CPR: testPerson, Stated: true}} }
	b := newBench(t, newDesk())
	if code := b.outcome(t, b.another(t, "F-10001", named)); code != "BORGER" {
		t.Fatal(code)
	}
	if code := b.outcome(t, b.another(t, "K-55552", named)); code != "FAKTURA-LIGNER" {
		t.Errorf("the same citizen: %s", code)
	}
	if code := b.outcome(t, b.another(t, "M-99993", func(i *reading.Invoice) { i.Citizens = []reading.Citizen{{CPR: "7105020002"}} })); code != "BORGER" {
		t.Errorf("another citizen: %s", code)
	}
}

// A number that is one sign off, for the same period.
func TestNearNumber(t *testing.T) {
	more := func(i *reading.Invoice) {
		november(i)
		i.Payable, i.Net, i.VAT, i.Taxes = kr("2500"), kr("2000"), kr("500"), nil
	}
	for second, code := range map[string]string{"F-10008": "FAKTURA-NÆSTEN", "F-100011": "FAKTURA-NÆSTEN", "F-10010": "FAKTURA-NÆSTEN", "F-10022": "", "F-23001": ""} {
		b := newBench(t, newDesk())
		if code := b.outcome(t, b.another(t, "F-10001", november)); code != "" {
			t.Fatal(code)
		}
		if got := b.outcome(t, b.another(t, second, more)); got != code {
			t.Errorf("%s: %q, want %q", second, got, code)
		}
	}
}

func TestFormsOfTheSameNumber(t *testing.T) {
	more := func(i *reading.Invoice) { i.Payable, i.Net, i.VAT, i.Taxes = kr("2500"), kr("2000"), kr("500"), nil }
	for _, c := range []struct {
		number string
		change func(*reading.Invoice)
		code   string
	}{
		{"F-10001", func(i *reading.Invoice) { i.UUID = "another" }, "FAKTURA-DOBBELT"},
		{"F-10001", more, "FAKTURA-NUMMER"},
		{"f10001", func(*reading.Invoice) {}, "FAKTURA-SKRIVEMÅDE"},
		{"F-20001", func(*reading.Invoice) {}, ""},
	} {
		b := newBench(t, newDesk())
		if code := b.outcome(t, b.another(t, "F-10001")); code != "" {
			t.Fatal(code)
		}
		if code := b.outcome(t, b.another(t, c.number, c.change)); code != c.code {
			t.Errorf("%s: %q, want %q", c.number, code, c.code)
		}
	}
}

func TestParseCreditors(t *testing.T) {
	const head = "CVR;Navn;Aktiv;Betales til\n"
	all, err := ParseCreditors("k.csv", []byte("\ufeff"+head+"94122236;Mølbygaard;Ja;konto 9990 44122236\n94122236;Mølbygaard;ja;FIK 12345678\n"+
		"94122236;Mølbygaard;ja;iban DK84 9990 0044 1222 36\n94131480;\"Factor; A/S\";nej;nemkonto DK 94131480\n"))
	if err != nil || len(all) != 2 || all[1].Name != "Factor; A/S" || all[1].Active || !slices.Equal(all[0].Payees, []string{"konto 9990 0044122236", "fik 12345678"}) || !slices.Equal(all[1].Payees, []string{"nemkonto 94131480"}) {
		t.Fatalf("%+v, %v", all, err)
	}
	_, err = ParseCreditors("k.csv", []byte(head+"94122237;M;ja;\n94122236;;ja;\n94122236;M;måske;\n94122236;M;ja;bank 1\n94122236;M;ja;nemkonto 9413148\n94131480;F;ja;\n94131480;F;nej;\nfor;få\n"))
	for _, want := range []string{"k.csv:2: \"94122237\" is no CVR", "k.csv:3: CVR number 94122236 has no name", "k.csv:4: Aktiv is \"måske\"", "k.csv:5: the column Betales til", "k.csv:6: the column Betales til", "k.csv:8: CVR number 94131480 is both", "line 9"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	for _, data := range []string{"", "CVR,Navn\n", head} {
		if _, err := ParseCreditors("k.csv", []byte(data)); err == nil {
			t.Errorf("%q was taken", data)
		}
	}
}

func TestLimits(t *testing.T) {
	if err := DefaultLimits().Check(); err != nil {
		t.Error(err)
	}
	err := Limits{Amount: -1, DuplicateDays: 400, SupplementEnds: "31-01", ReminderWords: []string{"Rykker", "to ord", "ryk"}}.Check()
	for _, want := range []string{"amount", "duplicate_days", "supplement_ends", `"Rykker"`, `"to ord"`, `"ryk"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	for _, ends := range []string{"01-31", "02-29", "none", ""} {
		if err := (Limits{SupplementEnds: ends}).Check(); err != nil {
			t.Errorf("%q: %v", ends, err)
		}
	}
}

// TestLaterFoundFirstWorked: of the same invoice sent twice, the one found later is
// on its way to the portal when the one found earlier is taken up. Neither has an
// end yet; one of them must see the other.
func TestLaterFoundFirstWorked(t *testing.T) {
	b := newBench(t, newDesk())
	first, second := b.another(t, "F-10001"), b.another(t, "f10001")
	b.crashAt = "intent"
	if err := b.work(t, b.robot, second); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	b.crashAt = ""
	if code := b.outcome(t, first); code != "FAKTURA-SKRIVEMÅDE" {
		t.Errorf("the one found first: %q", code)
	}
	if code := b.outcome(t, second); code != "" || b.desk.count() != 1 {
		t.Errorf("the one worked first: %q, %d postings", code, b.desk.count())
	}
}
