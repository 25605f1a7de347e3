package cli

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/town"
)

// sent has each of the fates befall a person whose certificate has been sent for, and
// gives the orders by fate.
func (b *bureau) sent(fates []town.Fate) map[town.Fate]string {
	orders := map[town.Fate]string{}
	byCPR := map[string]town.Fate{}
	for i, f := range fates {
		o := b.place(i+1, nil).Order
		orders[f], byCPR[o.CPR] = o.ID, f
	}
	b.town.Police().Fates(func(_ int, a town.Applicant) town.Fate { return byCPR[a.CPR] })
	b.run()
	b.sendAll()
	b.run()
	return orders
}

// Every kind of answer comes to the end that it should, and nothing but a clean one
// is filed.
func TestAttestAnswers(t *testing.T) {
	b := newBureau(t, "2026-03-02", 2, nil)
	want := map[town.Fate]string{ // what is on the list in the end; "" is nothing
		town.FateClean: "", town.FateLate: "", town.FateTwice: "ATTEST-TO-SVAR", town.FateRefused: "SAMTYKKE-AFVIST", town.FateNever: "SVAR-UDEBLEVET",
		town.FateDecision: "ATTEST-LØN", town.FateQuoted: "ATTEST-LØN", town.FateNegated: "ATTEST-LØN", town.FateSplit: "ATTEST-LØN", town.FateHeading: "ATTEST-UDEN-ORDRE",
		town.FateDoubled: "ATTEST-LØN", town.FateScanned: "ATTEST-SCANNET", town.FateLocked: "ATTEST-KODEORD", town.FateEmpty: "ATTEST-TOM", town.FateOther: "ATTEST-UDEN-ORDRE",
		town.FateType: "ATTEST-UDEN-ORDRE", town.FateBroken: "ATTEST-ULÆSELIG", town.FateRefuted: "ATTEST-LØN",
	}
	// Where nobody can tell whose answer it is, the order goes on the list too.
	late := []town.Fate{town.FateNever, town.FateHeading, town.FateScanned, town.FateLocked, town.FateEmpty, town.FateOther, town.FateType, town.FateBroken}
	fates := slices.Sorted(maps.Keys(want))
	orders := b.sent(fates)
	for range 75 {
		b.later(1)
		b.deliver()
		b.run()
	}
	got := map[string]int{}
	for _, l := range b.listed() {
		got[l.Code]++
		for _, letter := range b.town.Police().Letters() {
			if strings.Contains(l.Reason+l.Proposal+l.Case+l.Source, letter.Mark) || strings.Contains(l.Reason, letter.Name) {
				t.Errorf("%s tells what an answer says: %s", l.Number, l.Reason)
			}
		}
	}
	wanted := map[string]int{"SVAR-UDEBLEVET": len(late) - 1}
	for _, code := range want {
		if code != "" {
			wanted[code]++
		}
	}
	if !maps.Equal(got, wanted) {
		t.Errorf("on the list %v\nwant        %v", got, wanted)
	}
	if m := b.town.Orders().Messages(orders[town.FateNever]); m["boerneattest-1-1"] == "" || m["boerneattest-1-2"] == "" || len(m) != 2 {
		t.Errorf("the leader of the one that never came was reminded %v", m)
	}
	clean := map[string]bool{}
	for _, f := range []town.Fate{town.FateClean, town.FateLate, town.FateTwice} {
		clean[orders[f]] = true
	}
	for fate, order := range orders {
		st := b.town.Orders().Status(order)["boerneattest"]
		if good := st.Status == "på plads"; good != clean[order] {
			t.Errorf("%s: the leader sees %+v", fate, st)
		}
	}
	if n := len(b.town.SBSYS().Filed()); n != len(clean) {
		t.Errorf("%d notes were filed, want %d", n, len(clean))
	}
	if left := b.drawer("post/"); len(left) > 0 {
		t.Errorf("%d answers are kept beyond the 30 days", len(left))
	}
}

// The payroll office gets an answer handed out, for a day, and decides.
func TestAttestPayroll(t *testing.T) {
	b := newBureau(t, "2026-03-02", 3, nil)
	orders := b.sent([]town.Fate{town.FateDecision, town.FateScanned})
	for came := 0; came < 2; came += len(b.deliver()) {
		b.later(1)
	}
	b.run()
	b.decide(func(l listed) (string, string) { return "handout", "" })
	b.run()
	if got := b.codes(); got != "ATTEST-UDLEVERET ATTEST-UDLEVERET" {
		t.Fatalf("the list has %q", got)
	}
	files, _ := filepath.Glob(filepath.Join(b.dir, "udlevering", "*.pdf"))
	if len(files) != 2 {
		t.Fatalf("handed out: %v", files)
	}
	b.later(2)
	b.run()
	if files, _ := filepath.Glob(filepath.Join(b.dir, "udlevering", "*")); len(files) != 0 {
		t.Errorf("still handed out after two days: %v", files)
	}
	b.decide(func(l listed) (string, string) {
		if strings.Contains(l.Case, "B-") {
			return "reject", ""
		}
		return "approve", orders[town.FateScanned] + " boerneattest"
	})
	b.run()
	if got := b.codes(); got != "" {
		t.Errorf("the list has %q", got)
	}
	for fate, want := range map[town.Fate]string{town.FateDecision: "hos lønkontoret", town.FateScanned: "på plads"} {
		if st := b.town.Orders().Status(orders[fate])["boerneattest"]; st.Status != want || !st.Ended {
			t.Errorf("%s: the leader sees %+v", fate, st)
		}
	}
	if n := len(b.town.SBSYS().Filed()); n != 0 {
		t.Errorf("%d notes were filed", n)
	}
	if left := b.drawer("post/"); len(left) > 0 {
		t.Errorf("%d answers are kept after the decision", len(left))
	}
}

// Orders that are unclear, the same, waiting for a consent, or need nothing.
func TestAttestOrders(t *testing.T) {
	b := newBureau(t, "2026-03-02", 4, nil)
	no := false
	unclear := b.place(1, func(p *attests.Placed) { p.Order.Post = "astronaut" })
	b.place(2, nil)
	twin := b.place(2, func(p *attests.Placed) { p.Order.ID, p.Order.Leader, p.Cases = "B-2b", "en anden", 0 })
	waits := b.place(3, func(p *attests.Placed) { p.Order.Consent = false })
	never := b.place(4, func(p *attests.Placed) { p.Order.Consent = false })
	nothing := b.place(5, func(p *attests.Placed) { p.Order.Lasting, p.Order.Days = &no, 2 })
	moved := b.place(6, func(p *attests.Placed) { p.Order.Employed, p.Earlier = "2025-01-01", true })
	two := b.place(7, func(p *attests.Placed) { p.Order.Post = "sosu" })
	b.run()
	if got := b.codes(); got != "ORDRE-STILLING BUNDT-KLAR BUNDT-KLAR" {
		t.Fatalf("the list has %q", got)
	}
	if st := b.town.Orders().Status(nothing.Order.ID)["ingen"]; !st.Ended {
		t.Errorf("nothing is needed, and the leader sees %+v", st)
	}
	if st := b.town.Orders().Status(moved.Order.ID)["boerneattest"]; st.Status != "på plads" {
		t.Errorf("an earlier note serves, and the leader sees %+v", st)
	}
	first, second := b.town.Orders().Status("B-2")["boerneattest"], b.town.Orders().Status(twin.Order.ID)["boerneattest"]
	if got := first.Status + ", " + second.Status; got != "bestilles, bestilt af en anden" && got != "bestilt af en anden, bestilles" {
		t.Errorf("the leaders of one person see %s", got)
	}
	b.sendAll()
	if n := len(b.town.Police().Applicants()); n != 3 {
		t.Errorf("%d are ordered for, want one børneattest and two of the one who needs both", n)
	}
	unclear.Order.Post = "paedagog"
	waits.Order.Consent = true
	b.later(8)
	b.town.Orders().Place(unclear.Order)
	b.town.Orders().Place(waits.Order)
	b.run()
	if got := b.codes(); got != "BUNDT-KLAR" {
		t.Errorf("once the order is mended and the consent is there, the list has %q", got)
	}
	if m := b.town.Orders().Messages(never.Order.ID); m["boerneattest-samtykke-1"] == "" {
		t.Errorf("the leader was not reminded of the consent: %v", m)
	}
	b.sendAll()
	for range 12 {
		b.later(1)
		b.deliver()
		b.run()
	}
	if got := b.codes(); got != "SAMTYKKE-MANGLER" {
		t.Errorf("after twenty days the list has %q", got)
	}
	b.decide(func(listed) (string, string) { return "manual", "" })
	for range 12 {
		b.later(1)
		b.deliver()
		b.run()
	}
	for _, id := range []string{unclear.Order.ID, twin.Order.ID, waits.Order.ID, "B-2"} {
		if st := b.town.Orders().Status(id)["boerneattest"]; st.Status != "på plads" {
			t.Errorf("%s: the leader sees %+v", id, st)
		}
	}
	for _, typ := range []string{"boerneattest", "offentlig"} {
		if st := b.town.Orders().Status(two.Order.ID)[typ]; st.Status != "på plads" {
			t.Errorf("%s of the one who needs both: the leader sees %+v", typ, st)
		}
	}
	if st := b.town.Orders().Status(never.Order.ID)["boerneattest"]; st.Status != "behandlet manuelt" || !st.Ended {
		t.Errorf("settled by hand, and the leader sees %+v", st)
	}
	if got := b.counts(); len(got) != 1 {
		t.Errorf("items stand as %v", got)
	}
}

// A batch that nobody sends is told of on the next working day, and one that is laid
// back is laid ready anew. A batch's files go when it is sent.
func TestAttestBatches(t *testing.T) {
	b := newBureau(t, "2026-03-06", 5, nil) // a Friday
	for n := range 53 {
		b.place(n+1, nil)
	}
	b.run()
	if got := b.codes(); got != "BUNDT-KLAR BUNDT-KLAR" {
		t.Fatalf("the list has %q", got)
	}
	b.day("2026-03-08")
	b.run()
	if got := b.codes(); got != "BUNDT-KLAR BUNDT-KLAR" {
		t.Errorf("on Sunday the list has %q", got)
	}
	b.day("2026-03-09")
	b.run()
	if got := b.codes(); got != "BUNDT-IKKE-SENDT BUNDT-IKKE-SENDT" {
		t.Errorf("on Monday the list has %q", got)
	}
	first := true
	b.decide(func(l listed) (string, string) {
		if first {
			first = false
			b.send(l.Case)
			return "sent", ""
		}
		return "back", ""
	})
	b.run()
	if got := b.codes(); got != "BUNDT-KLAR" {
		t.Errorf("one is sent and one laid back: the list has %q", got)
	}
	folders, _ := filepath.Glob(filepath.Join(b.dir, "bundter", "*"))
	if len(folders) != 1 {
		t.Errorf("the folder has %v", folders)
	}
	b.sendAll()
	b.run()
	if sizes := b.town.Police().Sizes(); len(sizes) != 2 || sizes[0]+sizes[1] != 53 || max(sizes[0], sizes[1]) != 50 {
		t.Errorf("orders of %v", sizes)
	}
	if folders, _ := filepath.Glob(filepath.Join(b.dir, "bundter", "*")); len(folders) != 0 {
		t.Errorf("all is sent, and the folder has %v", folders)
	}
}
