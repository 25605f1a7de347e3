package store_test

import (
	"encoding/json"
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

func testSteps(d *desk) {
	row := d.claim(d.add("k", "x"))
	_, err := d.Step(d.Context(), row.ID, "post")
	d.wantErr("no step", err, store.ErrNotFound)
	intent := store.Step{Name: "post", System: "opus", State: store.Intent, Attempted: morning, Plan: []byte("plan"),
		Readings: map[string]time.Duration{"a": 90 * time.Minute, "b": time.Microsecond}}
	put := func(worker string, s store.Step) error {
		return d.Write(d.Context(), func(t *store.Tx) error { return t.PutStep(row, worker, s) })
	}
	d.wantErr("a worker without the item", put("w2", intent), store.ErrNotFound)
	_, err = d.Step(d.Context(), row.ID, "post")
	d.wantErr("nothing is written", err, store.ErrNotFound)
	d.must(put("w1", intent))
	got, err := d.Step(d.Context(), row.ID, "post")
	d.must(err)
	d.want("intent", got, intent)
	receipt := intent
	receipt.State, receipt.Receipt = store.Receipt, []byte("kvittering")
	d.must(put("w1", receipt))
	d.must(put("w1", store.Step{Name: "forward", System: "opus", State: store.Said, Attempted: morning.Add(time.Minute), Plan: []byte("p")}))
	all, err := d.Steps(d.Context(), row)
	d.must(err)
	d.want("steps", len(all), 2)
	d.want("the receipt took the intent's place", all[0], receipt)
	d.write(func(t *store.Tx) error { return t.Resign("w1") })
	d.wantErr("after the claim was taken", put("w1", intent), store.ErrNotFound)
}

func (d *desk) reserve(row store.Row, m runner.Mark, from, to time.Time) (others []string) {
	d.Helper()
	d.write(func(t *store.Tx) error {
		marks, err := t.Reserve(row, m, d.MarkMAC(row.Robot, m), from, to)
		for _, o := range marks {
			others = append(others, o.Item[len(o.Item)-1:]+" "+o.On.Format("2/1")+" "+string(o.State))
			if o.Key != m.Key || o.Kind != m.Kind {
				d.Errorf("mark %+v beside %s", o, row.Number)
			}
		}
		return err
	})
	return others
}

func testMarks(d *desk) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 23, 30, 0, 0, time.FixedZone("CET", 3600)) }
	one, two, three := d.add("1", ""), d.add("2", ""), d.add("3", "")
	mark := func(key string, on int) runner.Mark { return runner.Mark{Kind: "plan", Key: key, On: day(on)} }
	d.want("alone", d.reserve(one, mark("8605010001", 1), day(1), day(31)), []string(nil))
	d.want("three sees one", d.reserve(three, mark("8605010001", 31), day(1), day(31)), []string{"1 1/3 ready"})
	d.want("two sees both, oldest first", d.reserve(two, mark("8605010001", 15), day(1), day(31)), []string{"1 1/3 ready", "3 31/3 ready"})
	d.want("both ends count", d.reserve(two, mark("8605010001", 15), day(2), day(31)), []string{"3 31/3 ready"})
	d.want("and no more", d.reserve(two, mark("8605010001", 15), day(2), day(30)), []string(nil))
	d.want("another key", d.reserve(two, mark("7105020002", 15), day(1), day(31)), []string(nil))
	d.want("noted anew", d.reserve(one, mark("8605010001", 9), day(1), day(31)), []string{"3 31/3 ready", "2 15/3 ready"})
	d.want("by its new day", d.reserve(three, mark("8605010001", 31), day(8), day(10)), []string{"1 9/3 ready"})
	shadow, _ := d.addAs("invoice", runner.Shadow, "4", "", morning)
	d.want("a shadow item sees no live mark", d.reserve(shadow, mark("8605010001", 1), day(1), day(31)), []string(nil))
}

// testMarksInOrder: of two items the one whose mark was left first is the earlier,
// whichever was found first; a mark noted anew keeps its place, one that was taken
// back loses it.
func testMarksInOrder(d *desk) {
	one, two := d.add("1", ""), d.add("2", "")
	m := runner.Mark{Kind: "invoice", Key: "k", On: morning}
	beside := func(row store.Row) (earlier bool) {
		d.write(func(t *store.Tx) error {
			marks, err := t.Reserve(row, m, d.MarkMAC(row.Robot, m), morning, morning)
			for _, o := range marks {
				earlier = o.Earlier
			}
			return err
		})
		return earlier
	}
	d.want("nobody before the second", beside(two), false)
	d.want("the second was before the first", beside(one), true)
	d.want("and not the other way", beside(two), false)
	d.exception(two)
	d.want("taken back", beside(one), false)
	d.want("now the first is before the second", beside(two), true)
}

func testMarksOfExceptions(d *desk) {
	one, two, three := d.add("1", ""), d.add("2", ""), d.add("3", "")
	d.reserve(one, runner.Mark{Kind: "invoice", Key: "k", On: morning, Sticky: true}, morning, morning)
	d.reserve(two, runner.Mark{Kind: "invoice", Key: "k", On: morning}, morning, morning)
	d.exception(one)
	d.exception(two)
	d.want("only the sticky one stays", d.reserve(three, runner.Mark{Kind: "invoice", Key: "k", On: morning}, morning, morning), []string{"1 2/3 exception"})
}

func testPapers(d *desk) {
	shelf := d.Shelf("invoice")
	_, ok, err := shelf.Paper(d.Context(), "plans")
	d.must(err)
	d.want("nothing lies there", ok, false)
	for _, text := range []string{"første", "anden"} {
		d.must(shelf.Put(d.Context(), runner.Paper{Name: "plans", Data: []byte(text), By: []string{"Karen Holm"}, At: morning}))
	}
	p, ok, err := shelf.Paper(d.Context(), "plans")
	d.must(err)
	d.want("the newest", []any{ok, p.Name, string(p.Data), p.By, p.At}, []any{true, "plans", "anden", []string{"Karen Holm"}, morning})
	_, ok, err = d.Shelf("attest").Paper(d.Context(), "plans")
	d.must(err)
	d.want("another robot's shelf", ok, false)
}

func testEvidence(d *desk) {
	row := d.claim(d.add("k", "x"))
	sealed := d.keys(row).SealEvidence(runner.Evidence{Name: "skaermbillede.png", Data: []byte("billede")})
	d.write(func(t *store.Tx) error { return t.Keep(row, "skaermbillede.png", morning, sealed) })
	all, err := d.Exhibits(d.Context(), row, d.keys(row))
	d.must(err)
	d.want("evidence", all, []store.Exhibit{{Name: "skaermbillede.png", At: morning, Revision: 1, Data: []byte("billede")}})
	other := d.add("l", "x")
	if _, err := d.Exhibits(d.Context(), row, d.keys(other)); err == nil {
		d.Error("another item's key opens it")
	}
}

func testRulesDecisions(d *desk) {
	row := d.claim(d.add("k", "x"))
	want := runner.Decided{Rule: "invoice.decide", Input: json.RawMessage(`{"cvr": "12345678"}`), Verdict: json.RawMessage(`{"account":"4100"}`)}
	sealed, err := d.keys(row).SealDecided(want)
	d.must(err)
	d.write(func(t *store.Tx) error { return t.PutDecided(row, want.Rule, "r1", morning, sealed) })
	all, err := d.Decideds(d.Context(), row, d.keys(row))
	d.must(err)
	d.want("decided", len(all), 1)
	d.want("rule", []any{all[0].Rule, all[0].Run, all[0].Revision, all[0].At}, []any{"invoice.decide", "r1", 0, morning})
	d.want("verdict, byte for byte", string(all[0].Verdict), string(want.Verdict))
	none, err := d.Decideds(d.Context(), row, store.Keys{})
	d.must(err)
	d.want("without the key", len(none), 0)
}

func testRuns(d *desk) {
	start := func(mode runner.Mode) (run store.Run) {
		d.write(func(t *store.Tx) (err error) {
			run, err = t.StartRun(store.Run{Robot: "invoice", Mode: mode, Started: morning, Facts: map[string]string{"program": "v1"}})
			return err
		})
		return run
	}
	one, two := start(runner.Live), start(runner.Live)
	d.want("numbers", one.Number+" "+two.Number, "run-invoice-2026-000001 run-invoice-2026-000002")
	_, err := d.LastRun(d.Context(), "invoice", runner.Live)
	d.wantErr("none has ended", err, store.ErrNotFound)
	result := store.Result{Found: 4, Done: 1, Exceptions: 1, Waiting: 1, Failed: 1}
	d.write(func(t *store.Tx) error { return t.EndRun(one.Number, morning.Add(time.Minute), result) })
	last, err := d.LastRun(d.Context(), "invoice", runner.Live)
	d.must(err)
	d.want("the last run", []any{last.Number, last.Result, last.Ended, last.Facts["program"]}, []any{one.Number, result, morning.Add(time.Minute), "v1"})
	_, err = d.LastRun(d.Context(), "invoice", runner.Shadow)
	d.wantErr("of another mode", err, store.ErrNotFound)
	d.write(func(t *store.Tx) error {
		cut, err := t.CutOff("invoice")
		d.want("cut off", cut, []string{two.Number})
		return err
	})
	open, err := d.RunByNumber(d.Context(), two.Number)
	d.must(err)
	d.want("has not ended", open.Ended.IsZero(), true)
	d.wantErr("no such run", d.Write(d.Context(), func(t *store.Tx) error { return t.EndRun("x", morning, result) }), store.ErrNotFound)
}

func testStops(d *desk) {
	stop := store.Stop{Robot: "invoice", At: morning, Run: "r1", Kind: runner.ScreenChanged, System: "opus", Text: "Skærmen er ændret."}
	other := stop
	other.Robot = "attest"
	d.write(func(t *store.Tx) error { return t.PutStop(stop) })
	d.write(func(t *store.Tx) error { return t.PutStop(other) })
	d.write(func(t *store.Tx) error { return t.ClearStops("attest", morning) })
	all, err := d.Stops(d.Context())
	d.must(err)
	d.want("stops", all, []store.Stop{stop})
}
