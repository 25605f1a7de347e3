// Package store keeps what must not be lost: items, their steps and outcomes,
// people's decisions, evidence and papers. It is plain SQL through database/sql,
// with the same statements for every database. What an item carries is sealed
// with a key of the item's own; see package seal.
//
// The database is SQLite, in a file that programs on one machine share, or
// PostgreSQL, which programs on several machines work on beside each other. What
// holds on both:
//
//   - A statement has one text, with parameters $1, $2, each used as one type. It has
//     no function, type or word that only one database knows; what cannot be said so
//     stands in dialect.
//   - A migration has one text, in migrations/ and named in migrationFiles. Its columns
//     are TEXT NOT NULL, INTEGER (64 bits; times in microseconds, yes or no as 1 or 0)
//     and BLOB; a row of its own number is "id INTEGER PRIMARY KEY", drawn by the
//     database. One that has landed never changes; a new one goes to the end.
//   - A yes or no is given as flag(yes), compared as "= 1", and read into a bool. A
//     comparison is no number: it is counted by COUNT(CASE WHEN … THEN 1 END).
//   - A Write is a transaction, and others may be under way beside it (read committed).
//     A change that says in its WHERE what must hold is safe by itself. Who reads, and
//     writes by what was read, first calls Tx.Alone, or ends the SELECT of the row that
//     decides with Tx.lockRow. One Alone a Write, so that nobody waits crosswise.
//   - After a statement has failed nothing more can be done in that Write: it returns
//     the error.
//   - Rows are read to their end and closed before the next statement begins.
//   - The time that leases are measured by is Tx.Now: the database's own clock where
//     several machines, whose clocks differ, share it.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"byskriver/runner"
	"byskriver/runner/seal"
)

// ErrNotFound says that there is no such item, run or paper.
var ErrNotFound = errors.New("not found")

// Options say where the store is and what it needs.
type Options struct {
	Path string // the SQLite file; made if it is missing
	// Postgres is the database, instead of Path.
	Postgres *Postgres
	Ring     *seal.Ring
	Clock    runner.Clock
	Moving   bool // it is opened to be moved
	// Tables are further tables' texts, such as the run log's, created once.
	Tables []string
}

// Store is an open database.
type Store struct {
	write   *sql.DB // on SQLite one connection, shared with River, so that writers queue fairly
	read    *sql.DB
	ring    *seal.Ring
	house   seal.Key // for what belongs to no item
	clock   runner.Clock
	path    string // "" where the database is no file
	dialect *dialect
	writer  *writer // nil where transactions stand beside each other
	closed  atomic.Bool

	mu      sync.Mutex
	writers map[string]*writer // by section, where they do
}

// Open opens the store, and brings its tables up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	house, err := o.Ring.Derived("papers")
	if err != nil {
		return nil, err
	}
	s := &Store{ring: o.Ring, house: house, clock: o.Clock, path: o.Path, writers: map[string]*writer{}}
	if o.Postgres != nil {
		s.path, s.dialect = "", postgresDialect()
		err = s.openPostgres(ctx, o)
	} else {
		s.dialect = sqliteDialect()
		err = s.openSQLite(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	if err := s.usable(ctx); err != nil && !(o.Moving && errors.Is(err, ErrMoved)) {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) openPostgres(ctx context.Context, o Options) (err error) {
	if s.write, err = openPostgres(*o.Postgres); err != nil {
		return err
	}
	s.read = s.write
	if err := s.migratePostgres(ctx, o); err != nil {
		return errors.Join(fmt.Errorf("bring the %s up to date: %w", o.Postgres.where(), err), s.write.Close())
	}
	return nil
}

func (s *Store) openSQLite(ctx context.Context, o Options) (err error) {
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return fmt.Errorf("make the store's folder: %w", err)
	}
	if s.write, err = openSQLite(source(o.Path, "immediate")); err != nil {
		return fmt.Errorf("open the store %s: %w", o.Path, err)
	}
	s.write.SetMaxOpenConns(1)
	if err := s.migrateSQLite(ctx, o); err != nil {
		return errors.Join(fmt.Errorf("bring the store %s up to date: %w", o.Path, err), s.write.Close())
	}
	if s.read, err = openSQLite(source(o.Path, "deferred")); err != nil {
		return errors.Join(fmt.Errorf("open the store %s for reading: %w", o.Path, err), s.write.Close())
	}
	s.read.SetMaxOpenConns(4)
	s.writer = startWriter(s, "", maxBatch)
	return nil
}

// source is the data source name. synchronous FULL syncs at every commit;
// secure_delete overwrites what is deleted, so that a destroyed key is not left
// in a free page.
func source(path, lock string) string {
	q := url.Values{"_txlock": {lock}}
	for _, p := range []string{"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)", "cache_size(-65536)"} {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// Close ends the writer, after what it has begun, and closes the database.
func (s *Store) Close() error {
	if s.closed.Store(true); s.writer == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, w := range s.writers {
			w.close()
		}
		return s.write.Close()
	}
	s.writer.close()
	return errors.Join(s.read.Close(), s.write.Close())
}

// Driver is River's road to the same database.
func (s *Store) Driver() riverdriver.Driver[*sql.Tx] {
	if s.dialect.shared {
		return riverdatabasesql.New(s.write)
	}
	return riversqlite.New(s.write)
}

// Shared reports whether programs on several machines may work on this store beside
// each other: then a claim is held by its lease, and no file is locked.
func (s *Store) Shared() bool { return s.dialect.shared }

// Reader is for queries that change nothing.
func (s *Store) Reader() *sql.DB { return s.read }

// Ring is the ring that the store seals with.
func (s *Store) Ring() *seal.Ring { return s.ring }

// LockPath is the file whose lock says that a program works a robot, where the store
// is not Shared.
func (s *Store) LockPath(robot string) string { return s.path + "." + robot + ".lock" }
