package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// opener makes an empty database of one kind and returns what opens it. Opened a
// second time, after Close, it is a program started anew on the same database.
type opener func(t *testing.T) (open func() *store.Store)

// conformance is what every database must do. A new kind of database gets a test
// that calls this with its opener, and nothing else.
func conformance(t *testing.T, o opener) {
	for name, test := range map[string]func(*desk){
		"items": testItems, "numbers": testNumbers, "modes": testModes, "claims": testClaims, "settling": testSettling, "lost claims": testLostClaims,
		"waiting keeps the decision": testWaitingKeepsDecision, "decisions": testDecisions, "stale decisions": testStaleDecisions,
		"steps": testSteps, "marks": testMarks, "marks in order": testMarksInOrder, "marks of exceptions": testMarksOfExceptions, "papers": testPapers, "evidence": testEvidence,
		"rules' decisions": testRulesDecisions, "runs": testRuns, "stops": testStops, "dead workers": testDeadWorkers, "jobs": testJobs, "leases": testLeases, "planned runs by machine": testPlannedByMachine, "systems": testSystems, "waiting at a system": testDoorWaits,
		"alarms": testAlarms, "lists": testLists, "endings": testEndings,
		"what is due": testDue, "destroyed keys": testDestroyedKeys, "deletion by policy": testDeletion, "a drawer": testDrawer, "woken items": testWake, "one failing write": testOneFailingWrite, "a write that breaks": testBreakingWrite,
		"a wrong statement": testWrongStatement, "alone, together": testAloneTogether, "many writers": testManyWriters, "durability": testDurability, "closed": testClosed,
	} {
		t.Run(name, func(t *testing.T) { test(newDesk(t, o)) })
	}
}

var morning = time.Date(2026, 3, 2, 6, 30, 0, 0, time.UTC)

// desk is a store with somebody who works at it.
type desk struct {
	*testing.T
	*store.Store
	open func() *store.Store
}

func newDesk(t *testing.T, o opener) *desk {
	d := &desk{T: t, open: o(t)}
	d.Store = d.open()
	t.Cleanup(func() { d.must(d.Store.Close()) })
	return d
}

// anew closes the store and opens it as a new program would.
func (d *desk) anew() {
	d.Helper()
	d.must(d.Store.Close())
	d.Store = d.open()
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) write(do func(*store.Tx) error) {
	d.Helper()
	d.must(d.Write(d.Context(), do))
}

// add stores a found piece of work of robot invoice.
func (d *desk) add(key, content string) store.Row {
	d.Helper()
	row, _ := d.addAs("invoice", runner.Live, key, content, morning)
	return row
}

func (d *desk) addAs(robot string, mode runner.Mode, key, content string, at time.Time) (row store.Row, isNew bool) {
	d.Helper()
	n, err := d.Prepare(robot, mode, runner.Found{Key: key, Content: []byte(content), Label: "Bilag " + key, Source: key + ".xml", Area: "Skoler", Due: at.AddDate(0, 0, 14)})
	d.must(err)
	d.write(func(t *store.Tx) (err error) {
		row, isNew, err = t.Add(n, at)
		return err
	})
	return row, isNew
}

// claim gives the item a job and claims it for worker w1.
func (d *desk) claim(row store.Row) store.Row {
	d.Helper()
	d.write(func(t *store.Tx) (err error) {
		if err = t.SetJob(row.ID, 7); err == nil {
			row, err = t.Claim(row.ID, 7, "w1")
		}
		return err
	})
	return row
}

// settle ends the item's attempt and returns how it then stands.
func (d *desk) settle(row store.Row, o store.Outcome) store.Row {
	d.Helper()
	words, err := d.keys(row).SealWords(o.Words)
	d.must(err)
	d.write(func(t *store.Tx) error { return t.Settle(row, "w1", o, words) })
	return d.row(row.Number)
}

func (d *desk) exception(row store.Row) store.Row {
	d.Helper()
	return d.settle(d.claim(row), store.Outcome{State: runner.Exception, Code: "EAN-MANGLER", At: morning, Run: "run-invoice-2026-000001",
		Words: store.Words{Text: "EAN mangler.", Proposal: "4100", Choices: []runner.Choice{runner.Manual()}, Label: "5100004711"}})
}

func (d *desk) row(number string) store.Row {
	d.Helper()
	row, err := d.ItemByNumber(d.Context(), number)
	d.must(err)
	return row
}

func (d *desk) keys(row store.Row) store.Keys {
	d.Helper()
	k, err := d.Keys(d.Context(), row)
	d.must(err)
	return k
}

func (d *desk) item(row store.Row) runner.Item {
	d.Helper()
	item, _, err := d.Load(d.Context(), row)
	d.must(err)
	return item
}

func (d *desk) decide(row store.Row, revision int, dec runner.Decision) error {
	d.Helper()
	sealed, err := d.keys(row).SealDecision(dec)
	d.must(err)
	return d.Write(d.Context(), func(t *store.Tx) error { return t.Decide(row, revision, dec, sealed) })
}

// want compares what is printed of two values.
func (d *desk) want(what string, got, want any) {
	d.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		d.Errorf("%s: %s, want %s", what, g, w)
	}
}

func (d *desk) wantErr(what string, got, want error) {
	d.Helper()
	if !errors.Is(got, want) {
		d.Errorf("%s: error %v, want %v", what, got, want)
	}
}

func newRing(t *testing.T) *seal.Ring {
	t.Helper()
	r, err := seal.ParseRing(seal.NewSecret("test"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func openSQLite(t *testing.T, path string, ring *seal.Ring) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{Path: path, Ring: ring, Clock: clock.NewManual(morning)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
