package runlog

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"byskriver/runner/clock"
	"byskriver/runner/seal"
)

const (
	testOrigin  = "byskriver/nordborg"
	testSubject = "8605010001"
)

// begin is where every test's clock starts.
var begin = time.Date(2026, 3, 2, 5, 15, 0, 250_000_000, time.UTC)

// tester is what *testing.T, *testing.B and *rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// house is a log with all that stands around it.
type house struct {
	t        tester
	db       *sql.DB
	ring     *seal.Ring
	clock    *clock.Manual
	keys     *itemKeys
	signer   string
	verifier string
	lines    *bytes.Buffer
	log      *Log
}

// itemKeys stands for the store: the log keys of items.
type itemKeys struct {
	mu   sync.Mutex
	held map[string]Held
}

func (k *itemKeys) find(_ context.Context, _ Querier, items []string) ([]Held, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	held := make([]Held, len(items))
	for i, item := range items {
		held[i] = k.held[item]
	}
	return held, nil
}

// of is an item's key, made the first time.
func (k *itemKeys) of(item string) seal.Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	h, ok := k.held[item]
	if !ok {
		key, err := seal.NewKey()
		if err != nil {
			panic(err)
		}
		h = Held{Key: key, State: KeyThere}
		k.held[item] = h
	}
	return h.Key
}

func (k *itemKeys) destroy(item string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held[item] = Held{State: KeyDestroyed}
}

func openDB(t testing.TB, file, pragmas string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"+pragmas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func migrate(t tester, db *sql.DB) {
	t.Helper()
	steps, err := Migrations(SQLite)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		for _, statement := range s.Statements {
			if _, err := db.Exec(statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
}

// newHouse makes a log in a new database.
func newHouse(t testing.TB, change ...func(*Options)) *house {
	t.Helper()
	db := openDB(t, filepath.Join(t.TempDir(), "log.db"), "&_pragma=synchronous(OFF)")
	migrate(t, db)
	return houseOn(t, db, change...)
}

func houseOn(t tester, db *sql.DB, change ...func(*Options)) *house {
	t.Helper()
	ring, err := seal.ParseRing(seal.NewSecret("test"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, ring: ring, clock: clock.NewManual(begin), keys: &itemKeys{held: map[string]Held{}}, lines: &bytes.Buffer{}}
	if h.signer, h.verifier, err = NewKey(testOrigin); err != nil {
		t.Fatal(err)
	}
	h.log = h.open(change...)
	return h
}

// open makes a further Log on the same database, as another process would.
func (h *house) open(change ...func(*Options)) *Log {
	h.t.Helper()
	o := Options{Ring: h.ring, Origin: testOrigin, Signer: h.signer, Keys: h.keys.find, Clock: h.clock, Lines: h.lines}
	for _, c := range change {
		c(&o)
	}
	l, err := New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	return l
}

// inTx runs f in a transaction and commits it.
func (h *house) inTx(f func(tx *sql.Tx) error) error {
	tx, err := h.db.Begin()
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// append writes entries, each in the name of its own item.
func (h *house) append(entries ...Entry) {
	h.t.Helper()
	err := h.inTx(func(tx *sql.Tx) error {
		for _, e := range entries {
			if err := h.log.Append(context.Background(), tx, h.keys.of(e.Item), e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) flush() {
	h.t.Helper()
	if err := h.log.Flush(context.Background(), h.db); err != nil {
		h.t.Fatal(err)
	}
}

// fill writes and numbers n entries in batches, of items and of the house, some
// of them look-ups.
func (h *house) fill(n, batch int) {
	h.t.Helper()
	for i := 0; i < n; i++ {
		h.clock.Advance(time.Millisecond)
		h.append(sample(i))
		if (i+1)%batch == 0 || i == n-1 {
			h.flush()
		}
	}
}

// sample is the i'th entry that fill writes.
func sample(i int) Entry {
	e := Entry{
		Code: "item.done", Run: fmt.Sprintf("invoice-20260302-%d", i/20), Item: fmt.Sprintf("invoice-2026-%06d", i/4),
		Text: fmt.Sprintf("Faktura nr. %d er bogført.", i), Fields: map[string]string{"voucher": fmt.Sprint(5000 + i)},
	}
	switch i % 7 {
	case 2:
		e.Code, e.Subject, e.Fields = "person.lookup", testSubject, map[string]string{"purpose": "Kontrol af modtager"}
	case 5:
		e.Code, e.Item = "run.note", ""
	}
	return e
}

func (h *house) verify(opts ...VerifyOptions) Report {
	h.t.Helper()
	var o VerifyOptions
	if len(opts) > 0 {
		o = opts[0]
	}
	r, err := h.log.Verify(context.Background(), h.db, o)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *house) exec(statement string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Exec(statement, args...); err != nil {
		h.t.Fatalf("%s: %v", statement, err)
	}
}

// value reads one value.
func value[T any](h *house, query string, args ...any) T {
	h.t.Helper()
	var v T
	if err := h.db.QueryRow(query, args...).Scan(&v); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
	return v
}

// codes are the problems of a report in short, such as "entry-changed 7".
func codes(r Report) string {
	var all []string
	for _, p := range r.Problems {
		switch {
		case p.From > 0 && p.From < p.Seq:
			all = append(all, fmt.Sprintf("%s %d-%d", p.Code, p.From, p.Seq))
		case p.Seq > 0:
			all = append(all, fmt.Sprintf("%s %d", p.Code, p.Seq))
		default:
			all = append(all, string(p.Code))
		}
	}
	return strings.Join(all, ", ")
}

// all reads all entries of a filter.
func (h *house) all(f Filter) []Logged {
	h.t.Helper()
	var all []Logged
	for e, err := range h.log.Entries(context.Background(), h.db, f) {
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}
