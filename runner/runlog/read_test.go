package runlog

import (
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

func TestFilters(t *testing.T) {
	h := newHouse(t)
	h.fill(1200, 400)
	h.append(sample(1200), sample(1201), sample(1203))
	count := func(keep func(i int, e Entry) bool) int {
		n := 0
		for i := range 1204 {
			if i != 1202 && keep(i, sample(i)) {
				n++
			}
		}
		return n
	}
	for name, c := range map[string]struct {
		f    Filter
		want int
	}{
		"all":      {Filter{}, 1203},
		"item":     {Filter{Item: "invoice-2026-000300"}, count(func(_ int, e Entry) bool { return e.Item == "invoice-2026-000300" })},
		"run":      {Filter{Run: "invoice-20260302-60"}, count(func(_ int, e Entry) bool { return e.Run == "invoice-20260302-60" })},
		"code":     {Filter{Code: "person.lookup"}, count(func(_ int, e Entry) bool { return e.Code == "person.lookup" })},
		"prefix":   {Filter{Code: "item."}, count(func(_ int, e Entry) bool { return strings.HasPrefix(e.Code, "item.") })},
		"from":     {Filter{FromSeq: 1190}, 11 + 3},
		"limit":    {Filter{Limit: 7}, 7},
		"page":     {Filter{Limit: pageSize + 1}, pageSize + 1},
		"none":     {Filter{Item: "x"}, 0},
		"code+run": {Filter{Code: "run.note", Run: "invoice-20260302-0"}, count(func(i int, e Entry) bool { return i < 20 && e.Code == "run.note" })},
		"since":    {Filter{Since: begin.Add(1190 * time.Millisecond)}, 11 + 3},
		"until":    {Filter{Until: begin.Add(11 * time.Millisecond)}, 10},
	} {
		got := h.all(c.f)
		if len(got) != c.want || c.want == 0 && name != "none" {
			t.Errorf("%s: %d entries, want %d", name, len(got), c.want)
		}
		last := int64(0)
		for _, e := range got {
			if !e.Pending && e.Seq <= last || e.State != Readable {
				t.Errorf("%s: %+v after %d", name, e, last)
				break
			}
			last = e.Seq
		}
	}
	for range h.log.Entries(context.Background(), h.db, Filter{}) {
		break // a reader may stop at any entry
	}
}

func TestEntryReadsBackAsItWasWritten(t *testing.T) {
	h := newHouse(t)
	at := time.Date(2026, 10, 25, 2, 30, 0, 123456789, time.FixedZone("CET", 3600))
	h.append(Entry{
		At: at, Code: "item.done", Run: "r", Item: "i", Text: "Æblegrød <&> \"1\"\n2", Subject: testSubject,
		Fields: map[string]string{"tom": "", "beløb": "1.234,50"},
	})
	h.flush()
	e := h.all(Filter{})[0]
	if !e.At.Equal(at.Truncate(time.Microsecond)) || e.At.Location() != time.UTC {
		t.Errorf("time is %v", e.At)
	}
	if e.Code != "item.done" || e.Run != "r" || e.Item != "i" || e.Text != "Æblegrød <&> \"1\"\n2" || !e.LookUp || e.Seq != 1 || e.Pending {
		t.Errorf("%+v", e)
	}
	if len(e.Fields) != 2 || e.Fields["tom"] != "" || e.Fields["beløb"] != "1.234,50" {
		t.Errorf("%q", e.Fields)
	}
	h.append(Entry{Code: "a"})
	if e := h.all(Filter{Code: "a"})[0]; !e.At.Equal(begin.Truncate(time.Microsecond)) {
		t.Errorf("without a time it is %v", e.At)
	}
}

func TestLookUpsOfAPerson(t *testing.T) {
	h := newHouse(t)
	h.fill(50, 25)
	h.append(Entry{Code: "person.lookup", Subject: testSubject, Text: "Venter."}, Entry{Code: "person.lookup", Subject: "7012010002"})
	got := h.lookUps(testSubject)
	if len(got) != 8 {
		t.Fatalf("%d look-ups", len(got))
	}
	for i, e := range got {
		if e.Code != "person.lookup" || !e.LookUp || e.Pending != (i == 7) {
			t.Errorf("%+v", e)
		}
	}
	if got[0].Fields["purpose"] != "Kontrol af modtager" {
		t.Errorf("%+v", got[0])
	}
	for _, cpr := range []string{"", "860501-0001", "x"} {
		for _, err := range h.log.BySubject(context.Background(), h.db, cpr) {
			if err == nil {
				t.Errorf("%q was looked for", cpr)
			}
		}
	}
}

func TestDamagedEntriesDoNotEndTheReading(t *testing.T) {
	h := newHouse(t)
	h.fill(10, 10)
	h.exec(`UPDATE log_entries SET at = -1 WHERE seq = 3`)
	h.exec(`UPDATE log_entries SET detail = x'00' WHERE seq = 4`)
	h.exec(`UPDATE log_entries SET code = 'x' WHERE seq = 5`)
	var states []string
	for _, e := range h.all(Filter{Limit: 6}) {
		states = append(states, string(e.State))
	}
	if got := strings.Join(states, " "); got != "readable readable damaged damaged damaged readable" {
		t.Error(got)
	}
}

func TestProofs(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	sizes := map[int64]tlog.Hash{}
	for _, n := range []int{1, 2, 60, 200, 300} {
		h.fill(n, n)
		c, _, err := h.log.Newest(ctx, h.db)
		if err != nil {
			t.Fatal(err)
		}
		sizes[c.Size] = c.Root
	}
	for size, root := range sizes {
		for seq := int64(1); seq <= size; seq += 1 + size/17 {
			leaf, proof, err := Inclusion(ctx, h.db, seq, size)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(proof, size, root, seq-1, tlog.RecordHash(leaf)); err != nil {
				t.Errorf("entry %d of %d: %v", seq, size, err)
			}
			other := append([]byte(nil), leaf...)
			other[20] ^= 1
			if tlog.CheckRecord(proof, size, root, seq-1, tlog.RecordHash(other)) == nil {
				t.Errorf("entry %d of %d: another leaf is proved", seq, size)
			}
		}
		for older, oldRoot := range sizes {
			proof, err := Consistency(ctx, h.db, older, size)
			if older > size {
				if err == nil {
					t.Errorf("%d goes on from %d", size, older)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(proof, size, root, older, oldRoot); err != nil {
				t.Errorf("%d from %d: %v", size, older, err)
			}
		}
	}
	for _, c := range [][2]int64{{0, 5}, {6, 5}, {-1, 5}} {
		if _, _, err := Inclusion(ctx, h.db, c[0], c[1]); err == nil {
			t.Errorf("entry %d of %d was proved", c[0], c[1])
		}
	}
	h.exec(`DELETE FROM log_entries WHERE seq = 5`)
	if _, _, err := Inclusion(ctx, h.db, 5, 100); err == nil {
		t.Error("a missing entry was proved")
	}
}
