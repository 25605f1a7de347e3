package invoice

import (
	"errors"
	"strings"
	"testing"

	"byskriver/robots/invoice/grants"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// held is a bench on which one invoice is posted by grant B-1 for October, and its
// mark waits since the case system is down.
func held(t *testing.T, all ...grants.Grant) (*bench, *office, *memoryCase) {
	t.Helper()
	b, o := newGrantsBench(t, append([]grants.Grant{aGrant("B-1")}, all...)...)
	b.robot.settings.Limits.DuplicateDays = 0 // nobody is asked about invoices alike
	c := b.item(t, o, social())
	o.fails, o.before = runner.NotDone(&runner.Trouble{Kind: runner.Unavailable, System: "sensum", Text: "Sensum svarer ikke."}), true
	var later *runner.Postponed
	if err := b.work(t, b.robot, c); !errors.As(err, &later) || b.desk.count() != 1 || len(o.paid) != 0 {
		t.Fatalf("the first: %v", err)
	}
	o.fails = nil
	return b, o, c
}

// next is another invoice about the citizen, with its voucher.
func (b *bench) next(t *testing.T, o *office, number string, change func(*reading.Invoice)) *memoryCase {
	t.Helper()
	inv := social()
	inv.Number = number
	change(&inv)
	b.desk.inbox = append(b.desk.inbox, Voucher{Number: "19000" + number[len(number)-5:], CVR: inv.Supplier.CVR, Invoice: number, Amount: inv.Payable})
	return b.item(t, o, inv)
}

func month(from, to string) func(*reading.Invoice) {
	return func(i *reading.Invoice) { i.Period = reading.Period{From: from, To: to} }
}

// Between a posting and its mark no other invoice is posted by the same grant for the
// same time, however the citizen stands in it.
func TestGrantIsHeldUntilItIsMarked(t *testing.T) {
	b, o, first := held(t)
	second := b.next(t, o, "K-55552", func(i *reading.Invoice) {
		i.Citizens = append(i.Citizens, reading.Citizen{CPR: i.Citizens[0].CPR, Where: "/Invoice/Note"})
	})
	r := refused(t, b.work(t, b.robot, second))
	if r.Code != "BEVILLING-BETALT" || !strings.Contains(r.Text, first.item.Number) || b.desk.count() != 1 {
		t.Fatalf("got %+v, %d postings", r, b.desk.count())
	}
	if d := second.decided[len(second.decided)-2]; d.Rule != "grant.code" || !strings.Contains(string(d.Input), `"held":["`+first.item.Number+`"]`) || strings.Contains(string(d.Input), testPerson) {
		t.Errorf("recorded %s %s", d.Rule, d.Input)
	}
	first.decide(runner.ActionRetry, "", "Karen Holm")
	if err := b.work(t, b.robot, first); err != nil || len(o.paid) != 1 || b.desk.count() != 1 {
		t.Errorf("the first, when the case system answers: %v, %d marks", err, len(o.paid))
	}
}

// Another time, another grant: nothing in the way.
func TestGrantIsHeldForItsTimeOnly(t *testing.T) {
	b, o, _ := held(t, with(aGrant("B-2"), func(g *grants.Grant) { g.Amount = kr("900") }))
	if code := b.outcome(t, b.next(t, o, "K-55552", month("2026-11-01", "2026-11-30"))); code != "" {
		t.Errorf("the month after: %s", code)
	}
	if code := b.outcome(t, b.next(t, o, "K-55553", month("2026-09-01", "2026-09-30"))); code != "" {
		t.Errorf("the month before: %s", code)
	}
	if code := b.outcome(t, b.next(t, o, "K-55554", func(i *reading.Invoice) {
		i.Payable, i.Net, i.VAT, i.Taxes = kr("900"), kr("900"), kr("0"), nil
	})); code != "" {
		t.Errorf("another grant: %s", code)
	}
	if code := b.outcome(t, b.next(t, o, "K-55555", func(i *reading.Invoice) {
		i.Period = reading.Period{From: "2026-10-01", To: "2026-11-30"}
		i.Payable, i.Net, i.VAT, i.Taxes = kr("2500"), kr("2500"), kr("0"), nil
	})); code != "BEVILLING-BETALT" {
		t.Errorf("a time with October in it: %q", code)
	}
}

// An invoice that was sampled holds its grant while a person looks, and one that was
// deleted holds nothing any more.
func TestGrantIsFreeAfterADeletion(t *testing.T) {
	b, o := newGrantsBench(t, aGrant("B-1"))
	b.robot.settings.Limits.DuplicateDays = 0
	b.sampled = true
	first := b.item(t, o, social())
	if code := b.outcome(t, first); code != runner.CodeSample {
		t.Fatal(code)
	}
	b.sampled = false
	second := b.next(t, o, "K-55552", func(*reading.Invoice) {})
	if code := b.outcome(t, second); code != "BEVILLING-BETALT" {
		t.Fatalf("while a person looks: %q", code)
	}
	first.item.Decision = &runner.Decision{Action: ActionDelete, Note: "Sendt ved en fejl.", By: "Karen Holm"}
	b.desk.inbox = b.desk.inbox[1:]
	if code := b.outcome(t, first); code != "" {
		t.Fatalf("deleted: %s", code)
	}
	second.decide(runner.ActionRetry, "", "Karen Holm")
	if code := b.outcome(t, second); code != "" || b.desk.count() != 1 || len(o.paid) != 1 {
		t.Errorf("afterwards: %q, %d postings", code, b.desk.count())
	}
}

// The one that came later does not keep the earlier one out as long as it is not
// settled, so that two do not hold each other back for ever.
func TestLaterHolderDoesNotStopTheEarlier(t *testing.T) {
	b, o := newGrantsBench(t, aGrant("B-1"))
	b.robot.settings.Limits.DuplicateDays = 0
	b.sampled = true
	first := b.item(t, o, social())
	if code := b.outcome(t, first); code != runner.CodeSample {
		t.Fatal(code)
	}
	b.sampled = false
	if code := b.outcome(t, b.next(t, o, "K-55552", func(*reading.Invoice) {})); code != "BEVILLING-BETALT" {
		t.Fatal(code)
	}
	first.decide(runner.ActionAgree, "", "Karen Holm")
	if code := b.outcome(t, first); code != "" || b.desk.count() != 1 {
		t.Errorf("the earlier one: %q", code)
	}
}

// A citizen counts once in what invoices are alike by, wherever and in whatever order
// the numbers stand.
func TestScopeHasEachCitizenOnce(t *testing.T) {
	of := func(all ...string) string {
		inv := reading.Invoice{}
		for _, cpr := range all {
			inv.Citizens = append(inv.Citizens, reading.Citizen{CPR: cpr})
		}
		return scopeOf(inv)
	}
	const other = "7105020002"
	if of(testPerson) != of(testPerson, testPerson) || of(testPerson, other) != of(other, testPerson, other, testPerson, other) || of(testPerson) == of(other) || of() != "" {
		t.Errorf("%q, %q, %q", of(testPerson, testPerson), of(testPerson, other), of(other, testPerson, other))
	}
}
