package cli

import (
	"testing"
)

// A batch that is laid back comes again under another number on the same day, and its
// orders are ordered: each once.
func TestAttestBatchBackOnTheSameDay(t *testing.T) {
	b := newBureau(t, "2026-03-02", 21, nil)
	b.place(1, nil)
	b.run()
	first := ""
	b.decide(func(l listed) (string, string) {
		first = l.Case
		return "back", ""
	})
	b.run()
	list := b.listed()
	if len(list) != 1 || list[0].Code != "BUNDT-KLAR" || list[0].Case == first {
		t.Fatalf("laid back on the day it was laid, and the list has %+v", list)
	}
	b.sendAll()
	b.run()
	if n := len(b.town.Police().Applicants()); n != 1 || b.codes() != "" {
		t.Errorf("%d are ordered for; the list has %q", n, b.codes())
	}
}
