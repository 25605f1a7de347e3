package invoice

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// numbered are n invoices that differ in number, with their vouchers in the inbox.
func numbered(t testing.TB, b *bench, n int) (cases []*memoryCase) {
	t.Helper()
	for i := range n {
		inv := clean()
		inv.Number = fmt.Sprintf("F-%d", 100+i)
		v := voucher()
		v.Number, v.Invoice = fmt.Sprintf("19000000%02d", i), inv.Number
		b.desk.inbox = append(b.desk.inbox, v)
		cases = append(cases, b.add(found(t, inv)))
	}
	return cases
}

// Of two invoices that are worked at the same moment, a plan for one a month takes
// one: both have been found to fit before either is counted.
func TestPlanCountsInvoicesWorkedAtOnce(t *testing.T) {
	plan := paper()
	plan.PerMonth = 1
	for range 20 {
		b := newBench(t, newDesk(), plan)
		cases := numbered(t, b, 2)
		var both sync.WaitGroup
		both.Add(len(cases))
		b.desk.finding = func() { both.Done(); both.Wait() }
		errs := make([]error, len(cases))
		var all sync.WaitGroup
		for i, c := range cases {
			all.Add(1)
			go func() { defer all.Done(); errs[i] = b.work(t, b.robot, c) }()
		}
		all.Wait()
		done, over := 0, 0
		for _, err := range errs {
			var r *runner.Refusal
			switch {
			case err == nil:
				done++
			case errors.As(err, &r) && r.Code == plans.RefusedPerMonth:
				over++
			}
		}
		if done != 1 || over != 1 || b.desk.count() != 1 {
			t.Fatalf("%v: %d postings", errs, b.desk.count())
		}
	}
}

// What a plan counts is what it took: an exception frees its place, a month begins
// anew, and another plan's invoices do not count.
func TestPlanCounts(t *testing.T) {
	plan := paper()
	plan.PerMonth = 2
	b := newBench(t, newDesk(), plan)
	cases := numbered(t, b, 4)
	b.desk.refuses = "Perioden er lukket"
	if r := refused(t, b.work(t, b.robot, cases[0])); r.Code != "PORTAL-AFVIST" {
		t.Fatal(r)
	}
	b.desk.refuses = ""
	for i, want := range []string{"", "", plans.RefusedPerMonth} {
		err := b.work(t, b.robot, cases[i+1])
		var r *runner.Refusal
		if errors.As(err, &r) != (want != "") || r != nil && r.Code != want || r == nil && err != nil {
			t.Errorf("invoice %d: %v, want %q", i+1, err, want)
		}
	}
	next := changed(func(i *reading.Invoice) { i.Number, i.IssueDate = "F-900", "2026-10-31" })
	b.desk.inbox = append(b.desk.inbox, Voucher{Number: "1900000090", CVR: supplierCVR, Invoice: "F-900", Amount: next.Payable})
	if err := b.work(t, b.robot, b.add(found(t, next))); err != nil {
		t.Errorf("an invoice of another month: %v", err)
	}
}

// A plan does not count the same invoice twice when it is tried again.
func TestPlanDoesNotCountItself(t *testing.T) {
	plan := paper()
	plan.PerMonth, plan.Interval = 1, plans.Monthly
	b := newBench(t, newDesk(voucher()), plan)
	c := b.add(found(t, clean()))
	b.desk.fails, b.desk.before = errCut, true
	if err := b.work(t, b.robot, c); !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	b.desk.fails = nil
	c.steps = map[string]*memoryStep{} // as if the intent had been withdrawn
	if err := b.work(t, b.robot, c); err != nil || b.desk.count() != 1 {
		t.Errorf("%v, %d postings", err, b.desk.count())
	}
}

// The same number from the same supplier, however it is written, is held back from
// the second on, and while the first one waits.
func TestSameInvoiceNumber(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	first := b.add(found(t, clean()))
	again := b.add(found(t, changed(func(i *reading.Invoice) { i.Number = "f 100" })))
	other := b.add(found(t, changed(func(i *reading.Invoice) { i.Number, i.Kind = "F100", reading.CreditNoteKind })))
	if err := b.work(t, b.robot, first); err != nil {
		t.Fatal(err)
	}
	if r := refused(t, b.work(t, b.robot, again)); r.Code != "FAKTURA-SKRIVEMÅDE" || !strings.Contains(r.Text, first.item.Number) {
		t.Errorf("got %+v", r)
	}
	var later *runner.Postponed
	if err := b.work(t, b.robot, other); !errors.As(err, &later) || later.Code != "BILAG-MANGLER" {
		t.Errorf("a credit note with that number: %v", err)
	}
}

// Until somebody has approved a first plan sheet, no invoice is told to have no
// plan: it waits, a minute at a time, and a person hears of it after the patience.
func TestNoPlansYet(t *testing.T) {
	b := newBench(t, newDesk(voucher()))
	b.papers = nil
	c := b.add(found(t, clean()))
	var later *runner.Postponed
	if err := b.work(t, b.robot, c); !errors.As(err, &later) || later.Code != "PLANER-MANGLER" || !later.Until.Equal(noon.Add(time.Minute)) {
		t.Fatalf("got %v", err)
	}
	if d := c.decided[0]; string(d.Verdict) != `{"wait_plans":true}` || !strings.Contains(string(d.Input), `"no_plans":true`) {
		t.Errorf("recorded %s of %s", d.Verdict, d.Input)
	}
	b.clock.Advance(48*time.Hour + time.Second)
	r := refused(t, b.work(t, b.robot, c))
	if r.Code != "PLANER-MANGLER" || len(r.Choices) != 4 {
		t.Errorf("after the patience: %+v", r)
	}
	b.house.approve(t, plans.Sheet{Plans: []plans.Plan{paper()}})
	if err := b.work(t, b.robot, c); err != nil || b.desk.count() != 1 {
		t.Errorf("when they are approved: %v", err)
	}
}

// A sheet that has been approved and has no plan for the supplier is another thing.
func TestApprovedSheetWithoutThePlan(t *testing.T) {
	other := paper()
	other.CVR = otherCVR
	b := newBench(t, newDesk(voucher()), other)
	if r := refused(t, b.work(t, b.robot, b.add(found(t, clean())))); r.Code != plans.RefusedNone {
		t.Errorf("got %+v", r)
	}
}

// Today is Denmark's day, also where the machine's clock is in another zone.
func TestTodayIsDenmarks(t *testing.T) {
	for at, want := range map[time.Time]plans.Date{
		time.Date(2026, 11, 21, 22, 59, 0, 0, time.UTC):                 "2026-11-21",
		time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC):                  "2026-11-22",
		time.Date(2026, 7, 1, 22, 0, 0, 0, time.UTC):                    "2026-07-02",
		time.Date(2026, 7, 1, 18, 0, 0, 0, time.FixedZone("", -5*3600)): "2026-07-02",
	} {
		if in, err := matchInput(at, plans.DefaultSettings(), clean()); err != nil || in.Today != want {
			t.Errorf("%v is %s, %v, want %s", at, in.Today, err, want)
		}
	}
}
