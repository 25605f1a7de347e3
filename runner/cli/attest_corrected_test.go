package cli

import (
	"testing"

	"byskriver/fixtures/attests"
)

// An order that is corrected while its batch lies ready is not sent for, goes to a
// person, and comes back by itself when it is corrected again.
func TestAttestCorrectedBeforeSent(t *testing.T) {
	b := newBureau(t, "2026-03-02", 22, nil)
	o := b.place(1, nil)
	b.place(2, nil)
	again := b.place(3, nil)
	b.run()
	o.Order.Post, o.Order.Children, o.Order.Consent = "kontor", "none", false
	again.Order.Consent = false
	for _, p := range []attests.Placed{o, again} {
		b.town.Orders().Place(p.Order)
	}
	b.run()
	got := map[string]string{}
	for _, l := range b.listed() {
		got[l.Code] = l.Case
	}
	if len(got) != 3 || got["ORDRE-ÆNDRET"] != "B-1" || got["SAMTYKKE-TRUKKET"] != "B-3" || got["BUNDT-KLAR"] == "" {
		t.Fatalf("the list has %v", got)
	}
	b.sendAll()
	again.Order.Consent = true
	b.town.Orders().Place(again.Order)
	b.run()
	b.sendAll()
	b.run()
	if n := len(b.town.Police().Applicants()); n != 2 || b.codes() != "ORDRE-ÆNDRET" {
		t.Errorf("%d are ordered for; the list has %q", n, b.codes())
	}
}
