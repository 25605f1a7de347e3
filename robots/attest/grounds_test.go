package attest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"byskriver/robots/attest/rules"
	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/schedules"
)

var founded = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

// keeping is a robot that keeps records and batches from an earlier run.
func keeping(t *testing.T, records []record, batches ...batch) (*Robot, kept) {
	t.Helper()
	drawer := kept{}
	r, err := New(Settings{Batches: t.TempDir(), Policy: Policy{SameOrder: 30, Rules: rules.Policy{
		Types: []rules.Type{{Code: "privat", Name: "Privat straffeattest", Kind: rules.Private, Basis: "§ 11", Days: 5}},
		Posts: []rules.Post{{Code: "kontor"}, {Code: "chef", Always: []string{"privat"}}},
	}}}, Systems{}, drawer, clock.NewManual(founded))
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range records {
		if err := r.register.lay(t.Context(), rec.Name, rec); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range batches {
		if err := r.register.putBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.register.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r, drawer
}

// chef is a record of a private certificate for a chef.
func chef(id string, change func(*record)) record {
	rec := record{Name: recordName(id, "privat"), Need: rules.Need{Type: "privat", Basis: "§ 11"}, Phase: phaseWanted, Seen: phaseWanted,
		Order: rules.Order{ID: id, CPR: "8605010001", Name: "Åse Lund", Post: "chef", Unit: "Rådhuset", Leader: "mholm", Children: rules.None, Consent: true,
			Start: schedules.DateOf(founded), Ordered: schedules.DateOf(founded)}}
	if change != nil {
		change(&rec)
	}
	return rec
}

func over(how end) func(*record) {
	return func(rec *record) { rec.Phase, rec.End, rec.Ended = phaseEnded, how, schedules.DateOf(founded) }
}

// A certificate serves another order only as far as what it ended with does.
func TestSameCertificate(t *testing.T) {
	for _, c := range []struct {
		name    string
		first   func(*record)
		second  func(*record)
		follows bool // a new order follows the first
		passes  bool // one that waits for the first ends as that did
	}{
		{"clean", over(endClean), nil, true, true},
		{"clean, another post on the same basis", over(endClean), func(r *record) { r.Order.Post = "kontor" }, true, true},
		{"clean, another basis", over(endClean), func(r *record) { r.Need.Basis = "§ 23" }, false, false},
		{"approved, the same order again", over(endApproved), nil, true, true},
		{"approved, another post", over(endApproved), func(r *record) { r.Order.Post = "kontor" }, false, false},
		{"approved, another unit", over(endApproved), func(r *record) { r.Order.Unit = "Skolen" }, false, false},
		{"approved, now with children", over(endApproved), func(r *record) { r.Order.Children = rules.Direct }, false, false},
		{"approved, another basis", over(endApproved), func(r *record) { r.Need.Basis = "§ 23" }, false, false},
		{"reused, another post", over(endReused), func(r *record) { r.Order.Post = "kontor" }, false, false},
		{"reused, another employment", over(endReused), func(r *record) { r.Order.Employed = schedules.DateOf(founded) }, false, false},
		{"settled by hand", over(endManual), nil, false, false},
		{"rejected", over(endRejected), nil, false, true},
		{"under way", nil, nil, true, false},
		{"under way on another basis", nil, func(r *record) { r.Need.Basis = "§ 23" }, false, false},
		{"under way without its consent", func(r *record) { r.Order.Consent = false }, nil, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, second := chef("B-1", c.first), chef("B-2", c.second)
			r, _ := keeping(t, []record{first})
			if got := r.sameAs(second, r.register.records) == first.Name; got != c.follows {
				t.Errorf("a new order follows the first: %v, want %v", got, c.follows)
			}
			if got := first.Phase == phaseEnded && passesOn(first, second); got != c.passes {
				t.Errorf("what the first ended with holds for the second: %v, want %v", got, c.passes)
			}
		})
	}
}

// One that waits for another post's certificate is not cleared by an approval.
func TestApprovalClearsNoOtherPost(t *testing.T) {
	first := chef("B-1", over(endApproved))
	second := chef("B-2", func(r *record) { r.Order.Post, r.Phase, r.Seen, r.Twin = "kontor", phaseTwin, phaseTwin, first.Name })
	r, _ := keeping(t, []record{first, second})
	data, err := json.Marshal(content{Order: &second.Order, Type: "privat"})
	if err != nil {
		t.Fatal(err)
	}
	var refusal *runner.Refusal
	if err := r.Work(t.Context(), left{item: runner.Item{Content: data}}); !errors.As(err, &refusal) || refusal.Code != "ORDRE-SAMME" {
		t.Fatalf("it came to %v", err)
	}
	if now, _ := r.register.get(second.Name); now.Phase == phaseEnded || !now.Listed {
		t.Errorf("kept as %+v", now)
	}
}

// What is corrected before it is sent is sent for nobody: not in a new batch, and not
// in one that lies ready.
func TestCorrectedBeforeItIsSent(t *testing.T) {
	for name, change := range map[string]func(*rules.Order){
		"another post":      func(o *rules.Order) { o.Post = "kontor" },
		"no consent":        func(o *rules.Order) { o.Consent = false },
		"not clear":         func(o *rules.Order) { o.Post = "ukendt" },
		"for somebody else": func(o *rules.Order) { o.CPR = "8605010002" },
	} {
		t.Run(name, func(t *testing.T) {
			one, two := chef("B-1", nil), chef("B-2", func(r *record) { r.Order.CPR = "8705010001" })
			b := batch{ID: "2026-03-02-01", Type: "privat", Basis: "§ 11", Laid: schedules.DateOf(founded)}
			for _, rec := range []record{one, two} {
				b.Lines = append(b.Lines, line{rec.Name, rec.Order.CPR, rec.Order.Name})
			}
			now := one.Order
			change(&now)
			r, _ := keeping(t, []record{one, two})
			r.register.setFresh(map[string]rules.Order{"B-1": now, "B-2": two.Order})
			if err := r.layReady(t.Context()); err != nil {
				t.Fatal(err)
			}
			if laid := r.register.ready(); len(laid) != 1 || len(laid[0].Lines) != 1 || laid[0].Lines[0].Record != two.Name {
				t.Errorf("laid ready: %+v", laid)
			}
			r, _ = keeping(t, []record{one, two}, b)
			r.register.setFresh(map[string]rules.Order{"B-1": now, "B-2": two.Order})
			data, err := json.Marshal(content{Batch: b.ID})
			if err != nil {
				t.Fatal(err)
			}
			var refusal *runner.Refusal
			if err := r.Work(t.Context(), left{item: runner.Item{Content: data}}); !errors.As(err, &refusal) || refusal.Code != "BUNDT-KLAR" {
				t.Fatalf("the batch came to %v", err)
			}
			if now, _ := r.register.batch(b.ID); len(now.Lines) != 1 || now.Lines[0].Record != two.Name {
				t.Errorf("the batch has %+v", now.Lines)
			}
		})
	}
}
