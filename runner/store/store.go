// Package store keeps what must not be lost: items, their steps and outcomes,
// people's decisions, evidence and papers. It is plain SQL through database/sql,
// with the same statements for every database. What an item carries is sealed
// with a key of the item's own; see package seal.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"byskriver/runner"
	"byskriver/runner/seal"
)

// ErrNotFound says that there is no such item, run or paper.
var ErrNotFound = errors.New("not found")

// Options say where the store is and what it needs.
type Options struct {
	Path  string // the SQLite file; made if it is missing
	Ring  *seal.Ring
	Clock runner.Clock
	// Tables are further tables' texts, such as the run log's, created once.
	Tables []string
}

// Store is an open database.
type Store struct {
	write  *sql.DB // one connection, shared with River, so that writers queue fairly
	read   *sql.DB
	ring   *seal.Ring
	house  seal.Key // for what belongs to no item
	clock  runner.Clock
	path   string
	writer *writer
}

// Open opens the store, and brings its tables up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	house, err := o.Ring.Derived("papers")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return nil, fmt.Errorf("make the store's folder: %w", err)
	}
	write, err := openSQLite(source(o.Path, "immediate"))
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", o.Path, err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write, o); err != nil {
		write.Close()
		return nil, fmt.Errorf("bring the store %s up to date: %w", o.Path, err)
	}
	read, err := openSQLite(source(o.Path, "deferred"))
	if err != nil {
		write.Close()
		return nil, fmt.Errorf("open the store %s for reading: %w", o.Path, err)
	}
	read.SetMaxOpenConns(4)
	s := &Store{write: write, read: read, ring: o.Ring, house: house, clock: o.Clock, path: o.Path}
	s.writer = startWriter(write)
	return s, nil
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
	s.writer.close()
	return errors.Join(s.read.Close(), s.write.Close())
}

// Driver is River's road to the same database.
func (s *Store) Driver() riverdriver.Driver[*sql.Tx] { return riversqlite.New(s.write) }

// Reader is for queries that change nothing.
func (s *Store) Reader() *sql.DB { return s.read }

// Ring is the ring that the store seals with.
func (s *Store) Ring() *seal.Ring { return s.ring }

// LockPath is the file whose lock says that a program works a robot.
func (s *Store) LockPath(robot string) string { return s.path + "." + robot + ".lock" }
