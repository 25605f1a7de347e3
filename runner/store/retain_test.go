package store_test

import (
	"errors"
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

// worked is an item with everything that an item can have, done.
func (d *desk) worked(key string) store.Row {
	d.Helper()
	row := d.claim(d.add(key, "faktura "+key))
	k := d.keys(row)
	decided, err := k.SealDecided(runner.Decided{Rule: "r", Input: []byte(`{}`), Verdict: []byte(`{}`)})
	d.must(err)
	d.write(func(t *store.Tx) error {
		return errors.Join(
			t.PutStep(row, "w1", store.Step{Name: "post", System: "opus", State: store.Receipt, Attempted: morning, Plan: k.Content.Seal([]byte("plan"), "plan"), Receipt: k.Content.Seal([]byte("bilag"), "receipt")}),
			t.PutDecided(row, "r", "run-1", morning, decided),
			t.Keep(row, "a.png", morning, k.SealEvidence(runner.Evidence{Name: "a.png", Data: []byte("billede")})))
	})
	return d.settle(row, store.Outcome{State: runner.Done, Code: "BOGFØRT", At: morning, Words: store.Words{Text: "Bogført."}})
}

func (d *desk) expired(p store.Part, before time.Time) (numbers []string) {
	d.Helper()
	for after := int64(0); ; {
		rows, err := d.Expired(d.Context(), "invoice", p, before, after, 1)
		d.must(err)
		if len(rows) == 0 {
			return numbers
		}
		numbers, after = append(numbers, rows[0].Number), rows[0].ID
	}
}

// delete deletes a part, which must still be there.
func (d *desk) delete(row store.Row, p store.Part, pieces int) {
	d.Helper()
	d.write(func(t *store.Tx) error {
		got, err := t.Delete(row, p)
		d.want("pieces of "+string(p), []any{got.Pieces, len(got.Digest)}, []any{pieces, 32})
		return err
	})
	err := d.Write(d.Context(), func(t *store.Tx) error { _, err := t.Delete(row, p); return err })
	d.want(string(p)+" cannot be deleted twice", errors.Is(err, store.ErrNotFound), true)
}

// What has ended is found by its time, and goes part by part; what is somebody's work
// does not go at all.
func testDeletion(d *desk) {
	first, second := d.worked("8605010001"), d.worked("7203020002")
	open := d.exception(d.add("a", "x"))
	later := morning.Add(time.Minute)
	d.want("nothing before its time", len(d.expired(store.Content, morning)), 0)
	for _, p := range []store.Part{store.Content, store.Evidence, store.LogText} {
		d.want("expired "+string(p), d.expired(p, later), []string{first.Number, second.Number})
	}
	n, oldest, err := d.Overdue(d.Context(), "invoice", later)
	d.must(err)
	d.want("work that is old", []any{n, oldest.Equal(morning)}, []any{1, true})
	err = d.Write(d.Context(), func(t *store.Tx) error { _, err := t.Delete(open, store.Content); return err })
	d.want("work is not deleted", errors.Is(err, store.ErrNotFound), true)

	d.delete(first, store.Evidence, 1)
	d.want("evidence is gone from one", d.expired(store.Evidence, later), []string{second.Number})
	d.parts(first, true, true, 0)
	d.delete(first, store.Content, 4) // what was found, outcome, decision, step
	d.parts(first, false, true, 0)
	d.delete(second, store.LogText, 1)
	d.parts(second, true, false, len("billede"))
	d.delete(second, store.Content, 5)
	d.parts(second, false, false, 0)
	d.want("nothing is left", len(d.expired(store.Content, later))+len(d.expired(store.Evidence, later)), 0)
	d.want("the log's key of one", d.expired(store.LogText, later), []string{first.Number})
	again, isNew := d.addAs("invoice", runner.Live, "8605010001", "faktura 8605010001", later)
	d.want("found again it is the same, done", []any{isNew, again.Number, again.State}, []any{false, first.Number, runner.Done})
	d.must(d.Scrub(d.Context()))
	d.papersExpire()
}

// parts looks at which of an item's parts are there, and how large its evidence is.
func (d *desk) parts(row store.Row, content, log bool, evidence int) {
	d.Helper()
	k := d.keys(row)
	d.want("keys of "+row.Number, []any{k.Content.Valid(), k.Log.Valid()}, []any{content, log})
	exhibits, err := d.Exhibits(d.Context(), row, k)
	d.must(err)
	d.want("evidence of "+row.Number, []any{len(exhibits), len(exhibits[0].Data)}, []any{1, evidence})
	item, _, err := d.Load(d.Context(), row)
	d.must(err)
	d.want("content of "+row.Number, len(item.Content) > 0, content)
	outcomes, err := d.Outcomes(d.Context(), row, k)
	d.must(err)
	d.want("words of "+row.Number, outcomes[0].Words.Text != "", content)
}

// papersExpire: a version goes when it has been replaced for long enough, the newest
// never.
func (d *desk) papersExpire() {
	d.Helper()
	put := func(name string, at time.Time) {
		d.must(d.Shelf("invoice").Put(d.Context(), runner.Paper{Name: name, Data: []byte(name), At: at}))
	}
	put("plans", morning)
	put("plans", morning.AddDate(0, 1, 0))
	put("sheet", morning)
	put("plans", morning.AddDate(0, 2, 0))
	old, err := d.OldPapers(d.Context(), "invoice", morning.AddDate(0, 1, 15))
	d.must(err)
	d.want("one was replaced by then", []any{len(old), old[0].At.Equal(morning), old[0].Replaced.Equal(morning.AddDate(0, 1, 0))}, []any{1, true, true})
	d.write(func(t *store.Tx) error {
		got, err := t.DeletePaper(old[0])
		d.want("a digest", len(got.Digest), 32)
		return err
	})
	all, err := d.OldPapers(d.Context(), "invoice", morning.AddDate(9, 0, 0))
	d.must(err)
	d.want("one more will be", len(all), 1)
	p, ok, err := d.Shelf("invoice").Paper(d.Context(), "plans")
	d.must(err)
	d.want("the newest stays", []any{ok, p.At.Equal(morning.AddDate(0, 2, 0))}, []any{true, true})
}
