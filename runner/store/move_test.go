package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// mover opens stores of one municipality to move them.
type mover struct {
	*testing.T
	ring *seal.Ring
}

func (m mover) open(o store.Options) *store.Store {
	m.Helper()
	o.Ring, o.Clock, o.Moving = m.ring, clock.NewManual(morning), true
	o.Tables = logTable()
	s, err := store.Open(context.Background(), o)
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() {
		if err := s.Close(); err != nil {
			m.Error(err)
		}
	})
	return s
}

func (m mover) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// fill gives a store what a municipality has: more than one page of some of it.
func (m mover) fill(s *store.Store) {
	m.Helper()
	d := &desk{T: m.T, Store: s}
	for i := range 3 {
		row := d.exception(d.add(fmt.Sprint("e", i), "x"))
		sealed := d.keys(row).SealEvidence(runner.Evidence{Name: "a.png", Data: []byte("billede")})
		d.write(func(t *store.Tx) error { return t.Keep(row, "a.png", morning, sealed) })
		d.reserve(row, runner.Mark{Kind: "person", Key: "8605010001", On: morning, Sticky: true}, morning, morning)
	}
	d.must(d.Shelf("invoice").Put(d.Context(), runner.Paper{Name: "plans", At: morning, Data: []byte("plan")}))
	held := d.claim(d.add("held", "x"))
	d.write(func(t *store.Tx) error {
		for i := range 1203 {
			if _, err := t.ExecContext(t.Context(), `INSERT INTO log_entries (seq, at) VALUES ($1, $2)`, i+1, 7*i); err != nil {
				return err
			}
		}
		return t.PutStep(held, "w1", store.Step{Name: "post", System: "erp", State: store.Intent, Attempted: morning, Plan: []byte{}})
	})
}

// There and back again, cut off in the middle: every row arrives, nothing twice, and
// what is numbered goes on where it was.
func TestMove(t *testing.T) {
	m := mover{t, newRing(t)}
	from := m.open(store.Options{Path: filepath.Join(t.TempDir(), "a.db")})
	m.fill(from)
	there := m.open(store.Options{Postgres: at(server.Empty(t))})
	m.move(from, there, true)
	back := m.open(store.Options{Path: filepath.Join(t.TempDir(), "b.db")})
	m.move(there, back, false)
	for _, s := range []*store.Store{there, back} {
		d := &desk{T: t, Store: s}
		row := d.row("invoice-2026-000004")
		d.want("a claim does not move, what was begun does", []any{row.Worker, row.Job, row.Attempt}, []any{"", 0, 1})
		step, err := d.Step(t.Context(), row.ID, "post")
		d.must(err)
		d.want("step", []any{step.State, step.Attempted, len(step.Plan)}, []any{store.Intent, morning, 0})
		d.want("an item's content", string(d.item(d.row("invoice-2026-000001")).Content), "x")
	}
	d := &desk{T: t, Store: back}
	d.want("the next number", d.add("new", "x").Number, "invoice-2026-000005")
}

// move moves, cut off once after so many rows if wanted.
func (m mover) move(from, to *store.Store, cut bool) {
	m.Helper()
	ctx := m.Context()
	first := &store.Move{From: from, To: to}
	fresh, err := first.Begin(ctx)
	m.must(err)
	m.must(first.Leave(ctx))
	if !fresh {
		m.Error("it is the first time")
	}
	if cut {
		stopped, stop := context.WithCancel(ctx)
		first.Progress = func(table string, rows int64) {
			if table == "log_entries" && rows >= 500 {
				stop()
			}
		}
		if err := first.Copy(stopped); err == nil {
			m.Fatal("it was not cut off")
		}
	}
	again := &store.Move{From: from, To: to}
	if cut {
		fresh, err = again.Begin(ctx)
		m.must(err)
		if fresh {
			m.Error("it is the second time")
		}
	}
	m.must(again.Copy(ctx))
	m.must(again.Compare(ctx))
	if again.Rows < 1200 {
		m.Errorf("%d rows compared", again.Rows)
	}
	m.differs(again, `UPDATE log_entries SET at = at + 1 WHERE seq = 700`, `UPDATE log_entries SET at = at - 1 WHERE seq = 700`)
	m.differs(again, `INSERT INTO log_entries (seq, at) VALUES (5000, 1)`, `DELETE FROM log_entries WHERE seq = 5000`)
	m.must(again.Finish(ctx))
}

// differs makes sure that a change in the new store is seen, and undoes it.
func (m mover) differs(move *store.Move, change, undo string) {
	m.Helper()
	for _, statement := range []string{change, undo} {
		m.must(move.To.Write(m.Context(), func(t *store.Tx) error {
			_, err := t.ExecContext(t.Context(), statement)
			return err
		}))
		err := move.Compare(m.Context())
		if statement == change && (err == nil || !strings.Contains(err.Error(), "log_entries")) {
			m.Errorf("after %s: %v", change, err)
		}
		if statement == undo {
			m.must(err)
		}
	}
}

// While a store is moved nobody uses either, afterwards only the new one.
func TestMovedStoresAreLeftAlone(t *testing.T) {
	m := mover{t, newRing(t)}
	path, pg := filepath.Join(t.TempDir(), "a.db"), at(server.Empty(t))
	from, to := m.open(store.Options{Path: path}), m.open(store.Options{Postgres: pg})
	refused := func(when string, o store.Options, want bool) {
		t.Helper()
		o.Ring, o.Clock = m.ring, clock.NewManual(morning)
		o.Tables = logTable()
		s, err := store.Open(t.Context(), o)
		if err == nil {
			m.must(s.Close())
		}
		if errors.Is(err, store.ErrMoved) != want || err != nil && !want {
			t.Errorf("%s: %v", when, err)
		}
	}
	move := &store.Move{From: from, To: to}
	_, err := move.Begin(t.Context())
	m.must(err)
	m.must(move.Leave(t.Context()))
	refused("the old one, meanwhile", store.Options{Path: path}, true)
	refused("the new one, meanwhile", store.Options{Postgres: pg}, true)
	m.must(move.GiveUp(t.Context()))
	refused("the old one, given up", store.Options{Path: path}, false)
	m.must(move.Leave(t.Context()))
	m.must(move.Copy(t.Context()))
	m.must(move.Finish(t.Context()))
	refused("the old one, afterwards", store.Options{Path: path}, true)
	refused("the new one, afterwards", store.Options{Postgres: pg}, false)
	if _, err := move.Begin(t.Context()); !errors.Is(err, store.ErrMoved) {
		t.Errorf("moved a second time: %v", err)
	}
}

func testLeases(d *desk) {
	take := func(holder string, lease time.Duration) (mine bool) {
		d.write(func(t *store.Tx) (err error) {
			mine, err = t.TakeLease("scheduler", holder, holder, lease)
			return err
		})
		return mine
	}
	holds := func(holder string) error {
		return d.Write(d.Context(), func(t *store.Tx) error { return t.HoldsLease("scheduler", holder) })
	}
	d.want("the first", take("a", time.Hour), true)
	d.want("another", take("b", time.Hour), false)
	d.want("prolonged, and over at once", take("a", 0), true)
	d.wantErr("it is over", holds("a"), store.ErrNotFound)
	d.want("another, now", take("b", time.Hour), true)
	d.must(holds("b"))
	d.wantErr("the one before", holds("a"), store.ErrNotFound)
	d.want("the one before again", take("a", time.Hour), false)
	d.write(func(t *store.Tx) error { return t.DropLeases("b") })
	d.want("given back", take("a", time.Hour), true)
}

func testPlannedByMachine(d *desk) {
	start := func(key, robot string) {
		d.write(func(t *store.Tx) error {
			_, err := t.StartPlanned(store.Planned{Key: key, Robot: robot, Schedule: "morning", At: morning, Started: morning, Mode: runner.Live, Limit: 7})
			return err
		})
	}
	take := func(holder string, robots ...string) (p store.Planned, err error) {
		err = d.Write(d.Context(), func(t *store.Tx) (err error) { p, err = t.TakePlanned(robots, holder, "rpa-"+holder); return err })
		return p, err
	}
	live := func(holder string, lease time.Duration) {
		d.write(func(t *store.Tx) error { _, err := t.TakeLease("machine/"+holder, holder, holder, lease); return err })
	}
	live("a", time.Hour)
	live("b", time.Hour)
	start("attest/1", "attest")
	_, err := take("a", "invoice")
	d.wantErr("not assigned", err, store.ErrNotFound)
	p, err := take("a", "invoice", "attest")
	d.must(err)
	d.want("taken", []any{p.Key, p.Mode, p.Limit, p.Machine}, []any{"attest/1", runner.Live, 7, ""})
	_, err = take("b", "attest")
	d.wantErr("once only", err, store.ErrNotFound)
	live("a", 0)
	p, err = take("b", "attest")
	d.must(err)
	d.want("from the dead", p.Machine, "rpa-a")
	end := func(holder string) error {
		return d.Write(d.Context(), func(t *store.Tx) error { return t.EndPlanned("attest/1", holder, morning, "", store.EndedWell) })
	}
	d.wantErr("the dead one wakes", end("a"), store.ErrNotFound)
	d.must(end("b"))
}

// logTable stands for the tables of the run log.
func logTable() []string {
	return []string{`CREATE TABLE log_entries (seq BIGINT PRIMARY KEY, at BIGINT NOT NULL)`}
}
