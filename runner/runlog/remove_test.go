package runlog

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRemoveByItem(t *testing.T) {
	h := newHouse(t)
	h.fill(60, 20)
	h.append(Entry{Code: "item.done", Item: "invoice-2026-000001", Text: "Venter på nummer."})
	_, before, err := h.log.Newest(context.Background(), h.db)
	if err != nil {
		t.Fatal(err)
	}
	// Entries 5 to 8 are the item's, 6 of the house instead; and the pending one.
	if n := h.remove(Removal{Items: []string{"invoice-2026-000001", "invoice-2026-999999"}, Policy: "faktura 5 år", By: "arkivar"}); n != 4 {
		t.Errorf("%d entries lost their text", n)
	}
	h.flush()
	r := h.verify(VerifyOptions{Checkpoints: [][]byte{before}})
	if !r.OK() || r.Removed != 4 || r.Outside != 1 || r.Entries != 62 {
		t.Error(r.Text())
	}
	for _, e := range h.all(Filter{Item: "invoice-2026-000001"}) {
		if e.State != Gone || e.Text != "" || e.Fields != nil || e.Code == "" || e.At.IsZero() || e.Pending {
			t.Errorf("a removed entry reads %+v", e)
		}
	}
	record := h.all(Filter{Code: CodeRemoved})
	if len(record) != 1 || record[0].Fields[fieldEntries] != "5,7-8,61" || record[0].Fields[fieldBy] != "arkivar" || record[0].Fields[fieldWhat] != "items" {
		t.Errorf("on record is %+v", record)
	}
	if n := h.remove(Removal{Items: []string{"invoice-2026-000001"}, Policy: "p", By: "b"}); n != 0 {
		t.Errorf("%d entries lost their text twice", n)
	}
	if n := value[int](h, `SELECT count(*) FROM log_entries WHERE code = 'log.removed'`); n != 1 {
		t.Errorf("%d records", n)
	}
}

func TestRemoveBySubject(t *testing.T) {
	h := newHouse(t)
	other := "7012010002"
	h.append(
		Entry{Code: "person.lookup", Item: "access-2026-000001", Subject: testSubject, Text: "Første."},
		Entry{Code: "person.lookup", Item: "access-2026-000001", Subject: other, Text: "En anden."},
		Entry{Code: "person.lookup", Subject: testSubject, Text: "Uden sag."},
		Entry{Code: "item.done", Item: "access-2026-000001", Text: "Færdig."},
	)
	h.flush()
	if n := h.remove(Removal{Subject: testSubject, Policy: "opslag 2 år", By: "arkivar"}); n != 2 {
		t.Errorf("%d entries lost their text", n)
	}
	h.flush()
	if r := h.verify(); !r.OK() || r.Removed != 2 || r.LookUps != 3 {
		t.Error(r.Text())
	}
	if got := h.lookUps(testSubject); len(got) != 0 {
		t.Errorf("still found: %+v", got)
	}
	if got := h.lookUps(other); len(got) != 1 || got[0].Text != "En anden." {
		t.Errorf("the other's: %+v", got)
	}
	record := h.all(Filter{Code: CodeRemoved})[0]
	if record.Fields[fieldEntries] != "1,3" || strings.Contains(record.Text, testSubject) {
		t.Errorf("on record is %+v", record)
	}
	if n := value[int](h, `SELECT count(*) FROM log_entries WHERE subject_mac IS NOT NULL OR subject IS NOT NULL`); n != 1 {
		t.Errorf("%d subjects are left", n)
	}
}

func (h *house) lookUps(cpr string) []Logged {
	h.t.Helper()
	var all []Logged
	for e, err := range h.log.BySubject(context.Background(), h.db, cpr) {
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestRemoveBefore(t *testing.T) {
	h := newHouse(t)
	h.append(
		Entry{At: begin.AddDate(-6, 0, 0), Code: "run.started", Text: "Version 1."},
		Entry{At: begin.AddDate(-6, 0, 0), Code: "item.done", Item: "i", Text: "Gammel."},
		Entry{At: begin.AddDate(-6, 0, 0), Code: "person.lookup", Subject: testSubject, Text: "Gammelt opslag."},
		Entry{At: begin, Code: "item.done", Item: "i", Text: "Ny."},
	)
	h.flush()
	h.remove(Removal{Items: []string{"x"}, Policy: "p", By: "b"})
	if n := h.remove(Removal{Before: begin.AddDate(-5, 0, 0), Policy: "5 år", By: "arkivar"}); n != 2 {
		t.Errorf("%d entries lost their text", n)
	}
	var states []string
	for _, e := range h.all(Filter{}) {
		states = append(states, string(e.State))
	}
	if got := strings.Join(states, " "); got != "readable removed removed readable readable" {
		t.Error(got)
	}
	record := h.all(Filter{Code: CodeRemoved})[0]
	if record.Fields[fieldBefore] != "2021-03-02T05:15:00.250000Z" || record.Fields[fieldEntries] != "2-3" {
		t.Errorf("on record is %+v", record.Fields)
	}
	h.remove(Removal{Before: begin.AddDate(5, 0, 0), Policy: "5 år", By: "arkivar"})
	h.flush()
	if r := h.verify(); !r.OK() || r.Removed != 3 {
		t.Error(r.Text())
	}
}

// TestDestroyedKeys destroys items' keys, with and without a record.
func TestDestroyedKeys(t *testing.T) {
	h := newHouse(t)
	h.fill(40, 20)
	h.keys.destroy("invoice-2026-000000")
	if got := codes(h.verify()); got != "key-gone 1, key-gone 2, key-gone 3, key-gone 4" {
		t.Errorf("without a record: %q", got)
	}
	if e := h.all(Filter{Item: "invoice-2026-000000"})[0]; e.State != Gone || e.Text != "" {
		t.Errorf("reads %+v", e)
	}
	h.remove(Removal{Items: []string{"invoice-2026-000000"}, Policy: "p", By: "b"})
	h.flush()
	if r := h.verify(); !r.OK() || r.Removed != 4 {
		t.Error(r.Text())
	}
	h.keys.mu.Lock()
	delete(h.keys.held, "invoice-2026-000001")
	h.keys.mu.Unlock()
	if got := codes(h.verify()); got != "key-gone 5, key-gone 7, key-gone 8" {
		t.Errorf("an item the store does not know: %q", got)
	}
	h.keys.of("invoice-2026-000001") // another key
	if got := codes(h.verify()); got != "sealed-changed 5, sealed-changed 7, sealed-changed 8" {
		t.Errorf("another key: %q", got)
	}
	if e := h.all(Filter{Item: "invoice-2026-000001"})[0]; e.State != Damaged {
		t.Errorf("reads %+v", e)
	}
}

// TestKeyDestroyedWithWhatWasSealedStillThere is a removal on record whose sealed
// part came back (from an older copy of a page), after its key was destroyed.
func TestKeyDestroyedWithWhatWasSealedStillThere(t *testing.T) {
	h := newHouse(t)
	h.fill(4, 4)
	sealed := value[[]byte](h, `SELECT detail FROM log_entries WHERE seq = 1`)
	h.keys.destroy("invoice-2026-000000")
	h.remove(Removal{Items: []string{"invoice-2026-000000"}, Policy: "p", By: "b"})
	h.flush()
	h.exec(`UPDATE log_entries SET detail = ? WHERE seq = 1`, sealed)
	if r := h.verify(); !r.OK() || r.Removed != 4 {
		t.Error(r.Text())
	}
}

// TestLargeRemoval has more spans than one record holds.
func TestLargeRemoval(t *testing.T) {
	h := newHouse(t)
	err := h.inTx(func(tx *sql.Tx) error {
		for i := range 2*spansPerRecord + 10 {
			item := []string{"a", "b"}[i%2]
			if err := h.log.Append(context.Background(), tx, h.keys.of(item), Entry{Code: "x", Item: item, Text: "t"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := h.remove(Removal{Items: []string{"a"}, Policy: "p", By: "b"}); n != spansPerRecord+5 {
		t.Errorf("%d entries lost their text", n)
	}
	h.flush()
	if r := h.verify(); !r.OK() || r.Removed != spansPerRecord+5 {
		t.Error(r.Text())
	}
	if n := len(h.all(Filter{Code: CodeRemoved})); n != 2 {
		t.Errorf("%d records", n)
	}
}

func TestRemovalsThatAreNone(t *testing.T) {
	h := newHouse(t)
	for _, r := range []Removal{
		{Policy: "p", By: "b"},
		{Items: []string{"a"}, Subject: testSubject, Policy: "p", By: "b"},
		{Items: []string{"a"}, By: "b"},
		{Items: []string{"a"}, Policy: "p"},
		{Items: []string{""}, Policy: "p", By: "b"},
		{Subject: "123", Policy: "p", By: "b"},
	} {
		if _, err := h.log.Remove(context.Background(), h.db, r); err == nil {
			t.Errorf("%+v was carried out", r)
		}
	}
}

func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seqs := rapid.SliceOfN(rapid.Int64Range(1, 50), 1, 40).Draw(t, "seqs")
		want := map[int64]bool{}
		for _, s := range seqs {
			want[s] = true
		}
		back, err := parseSpans(formatSpans(spansOf(seqs)))
		if err != nil {
			t.Fatal(err)
		}
		r := removals{}
		r.add(back, 51)
		r.settle()
		for s := int64(0); s <= 51; s++ {
			if r.has(s) != want[s] {
				t.Fatalf("%d: %v in %v", s, r.has(s), back)
			}
		}
	})
	for _, text := range []string{"", "a", "5-", "-5", "9-5", "5,5", "7,5", "0", "1,,2", "1-3,2"} {
		if s, err := parseSpans(text); err == nil {
			t.Errorf("%q reads as %v", text, s)
		}
	}
	r := removals{}
	r.add([]span{{1, 5}, {8, 20}}, 10)
	r.settle()
	if r.has(9) || !r.has(3) {
		t.Error("a record counts for what comes after it")
	}
}
