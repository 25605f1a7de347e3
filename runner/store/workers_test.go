package store_test

import (
	"context"
	"time"

	"byskriver/runner"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

func testDeadWorkers(d *desk) {
	row, other := d.claim(d.add("k", "x")), d.add("l", "x")
	attest, _ := d.addAs("attest", runner.Live, "k", "x", morning)
	attest = d.claim(attest)
	d.write(func(t *store.Tx) error { return t.Register("w1", "invoice", "rpa1", 30*time.Second) })
	d.write(func(t *store.Tx) error { return t.Renew("w1", time.Minute) })
	var held int64
	d.write(func(t *store.Tx) (err error) { held, err = t.Recover("invoice"); return err })
	d.want("held by the dead", held, int64(1))
	back := d.row(row.Number)
	d.want("free again, the attempt counted", []any{back.Worker, back.Job, back.Attempt}, []any{"", 0, 1})
	d.want("another robot's claim stands", d.row(attest.Number).Worker, "w1")
	d.want("an item that nobody held", d.row(other.Number).Attempt, 0)
	d.wantErr("the dead cannot renew", d.Write(d.Context(), func(t *store.Tx) error { return t.Renew("w1", time.Minute) }), store.ErrNotFound)
	d.wantErr("nor settle", d.Write(d.Context(), func(t *store.Tx) error {
		return t.Settle(row, "w1", store.Outcome{State: runner.Done, At: morning}, nil)
	}), store.ErrNotFound)
}

// The queue's own table is written to here as the queue would write.
func testJobs(d *desk) {
	kept, gone, done := d.add("1", "x"), d.add("2", "x"), d.add("3", "x")
	var running int64
	d.write(func(t *store.Tx) error {
		err := t.QueryRowContext(t.Context(), `INSERT INTO river_job (args, kind, max_attempts, queue, state) VALUES ('{}', 'item', 1, 'invoice', 'running') RETURNING id`).Scan(&running)
		if err != nil {
			return err
		}
		if err := t.SetJob(kept.ID, running); err != nil {
			return err
		}
		if err := t.SetJob(done.ID, 999); err != nil {
			return err
		}
		return t.SetJob(gone.ID, 999)
	})
	d.write(func(t *store.Tx) error { return t.ResetJobs("invoice", "invoice") })
	d.want("a job that was running", d.row(kept.Number).Job, running)
	d.want("a job that is gone", d.row(gone.Number).Job, 0)
	var state string
	d.must(d.Reader().QueryRowContext(d.Context(), `SELECT state FROM river_job WHERE id = $1`, running).Scan(&state))
	if d.Shared() { // others may run it: see TestJobsOfTheDead
		d.want("is left to who runs it", state, "running")
		return
	}
	d.want("is available again", state, "available")
}

func testDue(d *desk) {
	due, waiting, failed, done := d.add("1", "x"), d.add("2", "x"), d.add("3", "x"), d.add("4", "x")
	noon := morning.Add(5 * time.Hour)
	d.settle(d.claim(waiting), store.Outcome{State: runner.Waiting, At: morning, ReadyAt: noon})
	d.settle(d.claim(failed), store.Outcome{State: runner.Failed, At: morning, ReadyAt: noon.Add(time.Hour)})
	d.settle(d.claim(done), store.Outcome{State: runner.Done, At: morning})
	at := func(now time.Time) (ids []int64, n int) {
		d.write(func(t *store.Tx) (err error) {
			if ids, err = t.DueWithoutJob("invoice", runner.Live, now, 10); err == nil {
				n, err = t.Due("invoice", runner.Live, now)
			}
			return err
		})
		return ids, n
	}
	ids, n := at(morning)
	d.want("in the morning", []any{ids, n}, []any{[]int64{due.ID}, 1})
	ids, n = at(noon)
	d.want("at noon, at the minute", []any{ids, n}, []any{[]int64{due.ID, waiting.ID}, 2})
	d.write(func(t *store.Tx) error { return t.SetJob(due.ID, 7) })
	ids, n = at(noon)
	d.want("one has a job", []any{ids, n}, []any{[]int64{waiting.ID}, 2})
	next, open, err := d.NextDue(d.Context(), "invoice", runner.Live)
	d.must(err)
	d.want("next and open", []any{next, open}, []any{morning, 3})
	d.write(func(t *store.Tx) error { return t.Uncount([]int64{failed.ID, waiting.ID, due.ID}, noon) })
	row := d.row(failed.Number)
	d.want("an attempt taken back", []any{row.Attempt, row.ReadyAt}, []any{0, noon})
	d.want("not of those that did not fail", d.row(due.Number).Attempt, 0)
}

// destroy does what deletion by policy does: the item's keys are gone.
func (d *desk) destroy(row store.Row) {
	d.Helper()
	d.write(func(t *store.Tx) error {
		_, err := t.ExecContext(t.Context(), `UPDATE item_bodies SET content_key = NULL, log_key = NULL WHERE item_id = $1`, row.ID)
		return err
	})
}

func testDestroyedKeys(d *desk) {
	row := d.exception(d.add("8605010001", "faktura"))
	sealed := d.keys(row).SealEvidence(runner.Evidence{Name: "a.png", Data: []byte("billede")})
	d.write(func(t *store.Tx) error { return t.Keep(row, "a.png", morning, sealed) })
	d.destroy(row)
	item, keys, err := d.Load(d.Context(), row)
	d.must(err)
	d.want("no keys", keys.Content.Valid() || keys.Log.Valid(), false)
	d.want("nothing is carried", item.Key+string(item.Content)+item.Label+item.Source, "")
	d.want("it still stands", item.Number+" "+string(item.State), row.Number+" exception")
	outcomes, err := d.Outcomes(d.Context(), row, keys)
	d.must(err)
	d.want("outcomes without words", len(outcomes) == 1 && outcomes[0].Words.Text == "" && outcomes[0].Code == "EAN-MANGLER", true)
	exhibits, err := d.Exhibits(d.Context(), row, keys)
	d.must(err)
	d.want("evidence without data", len(exhibits) == 1 && exhibits[0].Data == nil, true)
	logs, err := d.LogKeys(d.Context(), d.Reader(), []string{row.Number, "invoice-2026-000099", row.Number})
	d.must(err)
	for i, known := range []bool{true, false, true} {
		d.want("log key", []any{logs[i].Key.Valid(), logs[i].Known}, []any{false, known})
	}
	again, isNew := d.addAs("invoice", runner.Live, "8605010001", "faktura", morning)
	d.want("found again it is still the same item", []any{isNew, again.Number}, []any{false, row.Number})

	// The keys of two items cannot be exchanged.
	a, b := d.add("a", "x"), d.add("b", "y")
	d.write(func(t *store.Tx) error {
		_, err := t.ExecContext(t.Context(), `UPDATE item_bodies SET content_key = (SELECT content_key FROM item_bodies WHERE item_id = $1) WHERE item_id = $2`, a.ID, b.ID)
		return err
	})
	_, err = d.Keys(context.Background(), b)
	d.wantErr("another item's key", err, seal.ErrOpen)
}
