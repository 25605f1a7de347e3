package store_test

import (
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

func testItems(d *desk) {
	row, isNew := d.addAs("invoice", runner.Live, "8605010001", "første", morning)
	d.want("new", isNew, true)
	d.want("number", row.Number, "invoice-2026-000001")
	again, isNew := d.addAs("invoice", runner.Live, "8605010001", "første", morning.Add(time.Hour))
	d.want("found again", isNew, false)
	d.want("the same item", again.ID, row.ID)

	twin := d.add("8605010001", "andet")
	d.want("the same key with other content", twin.Number, "invoice-2026-000002")
	d.want("its twin", twin.Twin, row.Number)
	third := d.add("8605010001", "tredje")
	d.want("twin of the newest", third.Twin, twin.Number)
	d.want("another key has no twin", d.add("7105020002", "første").Twin, "")
	other, _ := d.addAs("attest", runner.Live, "8605010001", "andet", morning)
	d.want("another robot's key", other.Twin+" "+other.Number, " attest-2026-000001")

	item := d.item(d.row(row.Number))
	d.want("item", item, runner.Item{Number: row.Number, Robot: "invoice", Mode: runner.Live, Key: "8605010001", Content: []byte("første"),
		Label: "Bilag 8605010001", Source: "8605010001.xml", Area: "Skoler", Due: morning.AddDate(0, 0, 14), Created: morning, State: runner.Ready})
	byKey, err := d.ItemByKey(d.Context(), "invoice", runner.Live, "8605010001")
	d.must(err)
	d.want("by key: the newest", byKey.Number, third.Number)
	_, err = d.ItemByKey(d.Context(), "invoice", runner.Live, "unknown")
	d.wantErr("unknown key", err, store.ErrNotFound)
	_, err = d.ItemByNumber(d.Context(), "invoice-2026-000099")
	d.wantErr("unknown number", err, store.ErrNotFound)
}

func testNumbers(d *desk) {
	last, _ := d.addAs("invoice", runner.Live, "a", "", time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC))
	first, _ := d.addAs("invoice", runner.Live, "b", "", time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC))
	d.want("over the new year", last.Number+" "+first.Number, "invoice-2026-000001 invoice-2027-000001")
}

func testModes(d *desk) {
	live := d.add("k", "x")
	shadow, isNew := d.addAs("invoice", runner.Shadow, "k", "x", morning)
	d.want("a shadow item is another", isNew && shadow.ID != live.ID && shadow.Twin == "", true)
	row, err := d.ItemByKey(d.Context(), "invoice", runner.Live, "k")
	d.must(err)
	d.want("by key and mode", row.ID, live.ID)
}

func testClaims(d *desk) {
	row := d.add("k", "x")
	claim := func(job int64, worker string) (r store.Row, err error) {
		err = d.Write(d.Context(), func(t *store.Tx) error { r, err = t.Claim(row.ID, job, worker); return err })
		return r, err
	}
	_, err := claim(7, "w1")
	d.wantErr("without its job", err, store.ErrNotFound)
	d.write(func(t *store.Tx) error { return t.SetJob(row.ID, 7) })
	_, err = claim(8, "w1")
	d.wantErr("by another job", err, store.ErrNotFound)
	got, err := claim(7, "w1")
	d.must(err)
	d.want("claimed", got.Worker+" "+d.row(row.Number).Worker, "w1 w1")
	d.want("attempt", got.Attempt, 1)
	_, err = claim(7, "w2")
	d.wantErr("claimed already", err, store.ErrNotFound)
	d.write(func(t *store.Tx) error { return t.Unclaim(got, "w1") })
	back := d.row(row.Number)
	d.want("given back untried", []any{back.Worker, back.Attempt, back.Job}, []any{"", 0, 0})
	d.wantErr("given back twice", d.Write(d.Context(), func(t *store.Tx) error { return t.Unclaim(got, "w1") }), store.ErrNotFound)

	d.claim(back)
	d.wantErr("a job dropped under a claim", d.Write(d.Context(), func(t *store.Tx) error { return t.DropJob(row.ID, 7) }), store.ErrNotFound)
	d.write(func(t *store.Tx) error {
		return t.Settle(d.row(row.Number), "w1", store.Outcome{State: runner.Done, At: morning}, nil)
	})
	d.write(func(t *store.Tx) error { return t.SetJob(row.ID, 7) })
	_, err = claim(7, "w1")
	d.wantErr("settled", err, store.ErrNotFound)
}

func testSettling(d *desk) {
	later := morning.Add(30 * time.Minute)
	for _, c := range []struct {
		state             runner.State
		revision, attempt int
		settled           time.Time
	}{
		{runner.Done, 1, 1, morning}, {runner.Exception, 1, 1, time.Time{}}, {runner.Waiting, 0, 0, time.Time{}}, {runner.Failed, 0, 1, time.Time{}},
	} {
		row := d.settle(d.claim(d.add(string(c.state), "x")), store.Outcome{State: c.state, Code: "KODE", At: morning, Run: "r1", ReadyAt: later,
			Words: store.Words{Text: "Tekst om 8605010001", Label: "5100004711"}})
		d.want(string(c.state), []any{row.State, row.Code, row.Revision, row.Attempt, row.Settled, row.ReadyAt, row.Worker, row.Job},
			[]any{c.state, "KODE", c.revision, c.attempt, c.settled, later, "", 0})
		all, err := d.Outcomes(d.Context(), row, d.keys(row))
		d.must(err)
		d.want("outcomes", all, []store.Outcome{{State: c.state, Code: "KODE", At: morning, Run: "r1", Revision: c.revision,
			Words: store.Words{Text: "Tekst om 8605010001", Label: "5100004711"}}})
	}
	listed, err := d.Listed(d.Context(), "", runner.Live)
	d.must(err)
	d.want("on the list", len(listed) == 1 && listed[0].State == runner.Exception, true)
	counts, err := d.Counts(d.Context(), "invoice", runner.Live)
	d.must(err)
	d.want("counts", counts, map[runner.State]int{runner.Done: 1, runner.Exception: 1, runner.Waiting: 1, runner.Failed: 1})
}

// A worker whose claim was taken over changes nothing.
func testLostClaims(d *desk) {
	row := d.claim(d.add("k", "x"))
	settle := func(r store.Row, worker string) error {
		return d.Write(d.Context(), func(t *store.Tx) error {
			return t.Settle(r, worker, store.Outcome{State: runner.Done, At: morning}, []byte("words"))
		})
	}
	d.wantErr("another worker", settle(row, "w2"), store.ErrNotFound)
	d.want("nothing is changed", d.row(row.Number).State, runner.Ready)
	all, err := d.Store.Outcomes(d.Context(), row, store.Keys{})
	d.must(err)
	d.want("no outcome is left", len(all), 0)
	stale := row
	stale.Revision = 5
	d.wantErr("another revision", settle(stale, "w1"), store.ErrNotFound)
	d.must(settle(row, "w1"))
	d.wantErr("settled twice", settle(row, "w1"), store.ErrNotFound)
}

func testDecisions(d *desk) {
	row := d.exception(d.add("k", "x"))
	dec := runner.Decision{Action: "post", Value: "4100 XG-5385000001 I25", Note: "Set.", By: "Karen Holm", At: morning.Add(time.Hour), Source: "undtagelser.xlsx"}
	d.must(d.decide(row, row.Revision, dec))
	row = d.row(row.Number)
	d.want("ready again", []any{row.State, row.Revision, row.Attempt, row.ReadyAt}, []any{runner.Ready, 1, 0, dec.At})
	d.want("the decision goes with the item", *d.item(row).Decision, dec)

	row = d.exception(row)
	d.want("a new exception stands under no decision", d.item(row).Decision == nil && row.Revision == 2, true)
	dec.Action = runner.ActionManual
	d.must(d.decide(row, row.Revision, dec))
	row = d.row(row.Number)
	d.want("by hand", []any{row.State, row.Revision, row.Settled}, []any{runner.Done, 3, dec.At})
}

func testStaleDecisions(d *desk) {
	row := d.exception(d.add("k", "x"))
	retry := runner.Decision{Action: runner.ActionRetry, By: "Karen Holm", At: morning}
	d.wantErr("an earlier revision", d.decide(row, row.Revision-1, retry), store.ErrStale)
	d.wantErr("a later revision", d.decide(row, row.Revision+1, retry), store.ErrStale)
	d.want("nothing is changed", d.row(row.Number).State, runner.Exception)
	d.must(d.decide(row, row.Revision, retry))
	d.wantErr("twice", d.decide(row, row.Revision, retry), store.ErrStale)
	row = d.exception(d.row(row.Number))
	d.wantErr("the revision before", d.decide(row, row.Revision-1, retry), store.ErrStale)
	done := d.settle(d.claim(d.add("l", "x")), store.Outcome{State: runner.Done, At: morning})
	d.wantErr("an item that is done", d.decide(done, done.Revision, retry), store.ErrStale)
}

func testWaitingKeepsDecision(d *desk) {
	for _, state := range []runner.State{runner.Waiting, runner.Failed} {
		row := d.exception(d.add(string(state), "x"))
		d.must(d.decide(row, row.Revision, runner.Decision{Action: "post", Value: string(state), By: "Karen Holm", At: morning}))
		row = d.settle(d.claim(d.row(row.Number)), store.Outcome{State: state, At: morning, ReadyAt: morning})
		item := d.item(row)
		d.want(string(state), item.Decision != nil && item.Decision.Value == string(state), true)
	}
}
