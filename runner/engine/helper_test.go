package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/fixtures/postgres"
	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/engine"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// house is an engine on a store of its own, with everything real but the robot
// and the system that it works in.
type house struct {
	t      testing.TB
	path   string
	on     *store.Postgres // nil: SQLite, at path
	ring   *seal.Ring
	signer string
	clock  runner.Clock
	store  *store.Store
	log    *runlog.Log
	lines  *written
	limits engine.Limits
	folder string
	name   string // of the machine

	secrets io.Reader // where sampling keys come from; crypto/rand if nil
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return newHouseOn(t, onPostgres())
}

func newHouseOn(t testing.TB, pg bool) *house {
	t.Helper()
	ring, err := seal.ParseRing(seal.NewSecret("test"))
	if err != nil {
		t.Fatal(err)
	}
	signer, _, err := runlog.NewKey("byskriver/test")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	h := &house{t: t, path: filepath.Join(dir, "byskriver.db"), ring: ring, signer: signer, clock: clock.System{}, folder: dir, lines: &written{},
		limits: engine.Limits{AtOnce: 4, Attempts: 4, FirstRetry: time.Millisecond, LastRetry: 4 * time.Millisecond, Patience: 15 * time.Second, Poll: 5 * time.Millisecond}}
	if pg {
		d := server.Database(t)
		h.on = &store.Postgres{Host: d.Socket, Port: d.Port, Database: d.Name, User: postgres.User}
	}
	h.open()
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// open opens the store; a second call stands for a program started anew.
func (h *house) open() {
	h.t.Helper()
	tables, err := logTables(h.on != nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if h.store, err = store.Open(h.t.Context(), store.Options{Path: h.path, Postgres: h.on, Ring: h.ring, Clock: h.clock, Tables: tables}); err != nil {
		h.t.Fatal(err)
	}
	h.log, err = runlog.New(runlog.Options{Ring: h.ring, Origin: "byskriver/test", Signer: h.signer, Clock: h.clock, Lines: h.lines, Folders: []string{h.folder},
		Keys: func(ctx context.Context, q runlog.Querier, items []string) ([]runlog.Held, error) {
			keys, err := h.store.LogKeys(ctx, q, items)
			if err != nil {
				return nil, err
			}
			held := make([]runlog.Held, len(items))
			for i, k := range keys {
				if k.Known && k.Key.Valid() {
					held[i] = runlog.Held{Key: k.Key, State: runlog.KeyThere}
				}
			}
			return held, nil
		}})
	if err != nil {
		h.t.Fatal(err)
	}
}

// logTables are the run log's tables for SQLite or PostgreSQL.
func logTables(pg bool) ([]string, error) {
	ms, err := runlog.Migrations(map[bool]runlog.Dialect{true: runlog.PostgreSQL, false: runlog.SQLite}[pg])
	var tables []string
	for _, m := range ms {
		tables = append(tables, strings.Join(m.Statements, ";\n"))
	}
	return tables, err
}

// reopen is open with the clock as it is now.
func (h *house) reopen() {
	h.t.Helper()
	if err := h.store.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

func (h *house) engine(settles time.Duration) *engine.Engine {
	return engine.New(engine.Options{Store: h.store, Log: h.log, Clock: h.clock, Random: random(),
		Systems: map[string]engine.System{"erp": {AtOnce: 8, SettlesAfter: settles}}, Limits: h.limits,
		Facts: map[string]string{"program": "test"}, Machine: h.name})
}

func (h *house) run(r runner.Robot, o engine.RunOptions) store.Run {
	h.t.Helper()
	if o.Mode == "" {
		o.Mode = runner.Live
	}
	run, err := h.engine(0).Run(h.t.Context(), r, o)
	if err != nil {
		h.t.Fatal(err)
	}
	return run
}

// codes are the run log's codes for an item, in order.
func (h *house) codes(item string) []string {
	h.t.Helper()
	var all []string
	for e, err := range h.log.Entries(h.t.Context(), h.store.Reader(), runlog.Filter{Item: item}) {
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, e.Code)
	}
	return all
}

func (h *house) item(number string) store.Row {
	h.t.Helper()
	row, err := h.store.ItemByNumber(h.t.Context(), number)
	if err != nil {
		h.t.Fatal(err)
	}
	return row
}

func (h *house) outcome(number string) store.Outcome {
	h.t.Helper()
	row := h.item(number)
	keys, err := h.store.Keys(h.t.Context(), row)
	if err != nil {
		h.t.Fatal(err)
	}
	all, err := h.store.Outcomes(h.t.Context(), row, keys)
	if err != nil {
		h.t.Fatal(err)
	}
	if len(all) == 0 {
		h.t.Fatalf("%s has no outcome", number)
	}
	return all[len(all)-1]
}

// decide records a person's decision, as an import does.
func (h *house) decide(number string, d runner.Decision) error {
	row := h.item(number)
	keys, err := h.store.Keys(h.t.Context(), row)
	if err != nil {
		return err
	}
	sealed, err := keys.SealDecision(d)
	if err != nil {
		return err
	}
	return h.store.Write(h.t.Context(), func(t *store.Tx) error { return t.Decide(row, row.Revision, d, sealed) })
}

// robot is a robot made of functions.
type robot struct {
	name    string
	collect func(context.Context, runner.Finder) error
	work    func(context.Context, runner.Case) error
}

func (r *robot) Name() string                                           { return r.name }
func (r *robot) Collect(ctx context.Context, found runner.Finder) error { return r.collect(ctx, found) }
func (r *robot) Work(ctx context.Context, c runner.Case) error          { return r.work(ctx, c) }

// finds is a collect that finds items with these keys.
func finds(keys ...string) func(context.Context, runner.Finder) error {
	return func(_ context.Context, found runner.Finder) error {
		for _, k := range keys {
			if _, err := found(runner.Found{Key: k, Content: []byte("content of " + k), Area: "Test"}); err != nil {
				return err
			}
		}
		return nil
	}
}

// erp is a system that takes postings, a second one without a word.
type erp struct {
	mu     sync.Mutex
	taken  map[string]int
	hidden map[string]int // how many looks pass before a posting shows
	cut    map[string]int // how many answers are cut off after the posting
	deny   map[string]bool
}

func newERP() *erp {
	return &erp{taken: map[string]int{}, hidden: map[string]int{}, cut: map[string]int{}, deny: map[string]bool{}}
}

func (e *erp) post(key string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.deny[key] {
		return runner.NotDone(errors.New("the account is closed"))
	}
	e.taken[key]++
	if e.cut[key] > 0 {
		e.cut[key]--
		return errors.New("connection reset")
	}
	return nil
}

func (e *erp) find(key string) (runner.Sight, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.hidden[key] > 0 {
		e.hidden[key]--
		return runner.Sight{Certainty: runner.Absent}, nil
	}
	switch e.taken[key] {
	case 0:
		return runner.Sight{Certainty: runner.Absent}, nil
	case 1:
		return runner.Sight{Certainty: runner.Present, Receipt: "receipt of " + key}, nil
	}
	return runner.Sight{Certainty: runner.Different, Text: "Der er to."}, nil
}

// poster is a robot that posts each item once.
func poster(e *erp, keys ...string) *robot {
	return &robot{name: "poster", collect: finds(keys...), work: func(ctx context.Context, c runner.Case) error { return e.once(ctx, c) }}
}

func (e *erp) once(ctx context.Context, c runner.Case) error {
	key := c.Item().Key
	receipt, err := c.Once(ctx, runner.Step{Name: "post", System: "erp", Plan: "post " + key},
		func(context.Context) (runner.Sight, error) { return e.find(key) },
		func(context.Context) error { return e.post(key) })
	if err != nil {
		return err
	}
	var got string
	if err := receipt.Read(&got); err != nil {
		return err
	}
	if got != "receipt of "+key {
		return fmt.Errorf("receipt %q", got)
	}
	return nil
}

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// written takes what several programs write, as one file does.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes one piece.
func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

// String is all that was written.
func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}
