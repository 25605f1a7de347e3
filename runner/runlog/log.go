package runlog

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/seal"
)

// ErrChanged says that the log's tables are not as byskriver left them, so that
// nothing may be built on them: somebody has changed rows, or an older copy of
// the database has been put in place. Verify tells what it is.
var ErrChanged = errors.New("the run log has been changed or rolled back; run `byskriver log verify`")

// Querier reads: an *sql.DB, *sql.Conn or *sql.Tx.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// DB reads and writes: the caller's transaction, such as an *sql.Tx, or, where
// each statement may stand alone, an *sql.DB.
type DB interface {
	Querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// KeyState tells whether an item's log key is there.
type KeyState int

// The zero value is the careful one.
const (
	KeyUnknown   KeyState = iota // the store knows no such item
	KeyThere                     // Held.Key is it
	KeyDestroyed                 // the key has been destroyed
)

// Held is what the store holds of an item's log key.
type Held struct {
	Key   seal.Key
	State KeyState
}

// Keys finds the log keys of items: one answer an item, in the same order. It
// reads through q, never through a connection of its own: the caller may hold the
// only one there is, and reads one moment of the database through it.
type Keys func(ctx context.Context, q Querier, items []string) ([]Held, error)

// Options are what a Log is made of.
type Options struct {
	Ring   *seal.Ring // required
	Origin string     // whose log it is, such as "byskriver/nordborg"; required
	// Signer is the signing key as NewKey makes it. Without it nothing can be
	// signed; all else works.
	Signer string
	// Verifiers are verifier keys as NewKey makes them: earlier ones, and the
	// present one where there is no Signer.
	Verifiers []string
	Keys      Keys         // required where items have entries
	Clock     runner.Clock // the system's clock if nil
	Random    io.Reader    // where salts come from; crypto/rand if nil
	// Lines takes the entries as JSON lines; none are written if nil. If it has a
	// Sync method, that is called before lines count as written.
	Lines io.Writer
	// Folders each get a copy of the newest checkpoint, in a file named checkpoint.
	// At least one should lie outside the machine.
	Folders []string
	// Batch is how many entries are numbered in one transaction by Flush, and at
	// most by one Sequence; 4096 if zero.
	Batch int
}

// Log writes, numbers, proves and reads what happened. Its methods may be called
// by many goroutines, and by many processes on one database.
type Log struct {
	ring      *seal.Ring
	house     seal.Key // seals entries without an item
	origin    string
	signer    note.Signer // nil if none
	verifiers note.Verifiers
	keys      Keys
	clock     runner.Clock
	random    io.Reader
	lines     *lineWriter // nil if none
	folders   []string
	batch     int

	mu     sync.Mutex
	anchor *Checkpoint // the newest checkpoint known from outside the database; nil before the folders were read
}

// New makes a Log. It reads and writes nothing.
func New(o Options) (*Log, error) {
	if o.Ring == nil {
		return nil, errors.New("the run log needs the key ring")
	}
	if err := checkOrigin(o.Origin); err != nil {
		return nil, err
	}
	house, err := o.Ring.Derived("log")
	if err != nil {
		return nil, fmt.Errorf("derive the log's own key: %w", err)
	}
	l := &Log{
		ring: o.Ring, house: house, origin: o.Origin, keys: o.Keys,
		clock: o.Clock, random: o.Random, folders: o.Folders, batch: o.Batch,
	}
	if l.keys == nil {
		l.keys = noKeys
	}
	if l.clock == nil {
		l.clock = clock.System{}
	}
	if l.random == nil {
		l.random = rand.Reader
	}
	if l.batch <= 0 {
		l.batch = 4096
	}
	if o.Lines != nil {
		l.lines = newLineWriter(o.Lines)
	}
	if l.signer, l.verifiers, err = readKeys(o.Origin, o.Signer, o.Verifiers); err != nil {
		return nil, err
	}
	return l, nil
}

// noKeys stands where the caller has no store: no item is known.
func noKeys(_ context.Context, _ Querier, items []string) ([]Held, error) {
	return make([]Held, len(items)), nil
}

// keysOf finds the keys of items and checks that the answer is complete. The
// empty item is the house itself.
func (l *Log) keysOf(ctx context.Context, q Querier, items []string) (map[string]Held, error) {
	found := map[string]Held{"": {Key: l.house, State: KeyThere}}
	if len(items) == 0 {
		return found, nil
	}
	held, err := l.keys(ctx, q, items)
	if err != nil {
		return nil, fmt.Errorf("find the log keys of %d items: %w", len(items), err)
	}
	if len(held) != len(items) {
		return nil, fmt.Errorf("find the log keys of %d items: %d answers", len(items), len(held))
	}
	for i, item := range items {
		found[item] = held[i]
	}
	return found, nil
}
