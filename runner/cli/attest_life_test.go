package cli

import (
	"strings"
	"testing"
)

// One order through its whole life: ordered, laid ready, sent, answered, filed.
func TestAttestLife(t *testing.T) {
	b := newBureau(t, "2026-03-02", 1, nil)
	o := b.place(1, nil)
	if err := (&checkCmd{Live: true}).Run(b.env()); err != nil || !strings.Contains(b.out.String(), "set: adgang givet") ||
		!strings.Contains(b.out.String(), "set: 1 åbne bestillinger") {
		t.Errorf("check --live: %v\n%s", err, &b.out)
	}
	t.Log(b.run())
	if got := b.codes(); got != "BUNDT-KLAR" {
		t.Fatalf("the list has %q", got)
	}
	b.sendAll()
	t.Log(b.run())
	if st := b.town.Orders().Status(o.Order.ID)["boerneattest"]; st.Status != "sendt" {
		t.Errorf("the leader sees %+v", st)
	}
	for range 20 {
		b.later(1)
		if len(b.deliver()) > 0 {
			break
		}
	}
	t.Log(b.run())
	filed := b.town.SBSYS().Filed()
	if len(filed) != 1 || filed[0].Upload || !strings.Contains(filed[0].Text, "Udfald: ren") || filed[0].Part == 0 {
		t.Fatalf("filed %+v; listed %q", filed, b.codes())
	}
	if st := b.town.Orders().Status(o.Order.ID)["boerneattest"]; st.Status != "på plads" || !st.Ended {
		t.Errorf("the leader sees %+v", st)
	}
	if got := b.counts(); got["done"] != 3 || len(got) != 1 {
		t.Errorf("items stand as %v", got)
	}
	if left := b.drawer("post/"); len(left) > 0 {
		t.Errorf("%d messages are kept", len(left))
	}
}
