package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the database driver

	"byskriver/runner/clock"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
)

const origin = "byskriver/lilleby"

// keys are the municipality's keys: an insider has them too.
type keys struct {
	ring           *seal.Ring
	signer, public string
}

func newKeys(t *testing.T) keys {
	t.Helper()
	ring, err := seal.ParseRing(seal.NewSecret("test"))
	if err != nil {
		t.Fatal(err)
	}
	signer, public, err := runlog.NewKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	return keys{ring, signer, public}
}

// register is a run log of the municipality, written by the program's own code.
type register struct {
	*testing.T
	db  *sql.DB
	log *runlog.Log
}

// newRegister makes a log with the municipality's keys in a database of its own: the
// true one, or what an insider with everything puts in its place.
func newRegister(t *testing.T, k keys) *register {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "log.db")+"?_txlock=immediate&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	steps, err := runlog.Migrations(runlog.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		for _, statement := range s.Statements {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	l, err := runlog.New(runlog.Options{Ring: k.ring, Origin: origin, Signer: k.signer, Clock: clock.NewManual(time.Date(2026, 3, 2, 5, 15, 0, 0, time.UTC))})
	if err != nil {
		t.Fatal(err)
	}
	return &register{t, db, l}
}

// write writes entries, numbers them and signs a checkpoint.
func (r *register) write(texts ...string) {
	r.Helper()
	r.tx(func(tx *sql.Tx) error {
		for _, text := range texts {
			if err := r.log.Append(r.Context(), tx, seal.Key{}, runlog.Entry{Code: "note.test", Text: text}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := r.log.Flush(r.Context(), r.db); err != nil {
		r.Fatal(err)
	}
	r.tx(func(tx *sql.Tx) error {
		_, err := r.log.Checkpoint(r.Context(), tx)
		return err
	})
}

func (r *register) tx(do func(*sql.Tx) error) {
	r.Helper()
	tx, err := r.db.BeginTx(r.Context(), nil)
	if err != nil {
		r.Fatal(err)
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		r.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		r.Fatal(err)
	}
}

// grown is a file with the proof of how the log has grown.
func (r *register) grown(since int64) string {
	r.Helper()
	data, err := r.log.GrowthProof(r.Context(), r.db, since)
	if err != nil {
		r.Fatal(err)
	}
	return r.file(data)
}

// entry is a file with the proof of an entry.
func (r *register) entry(number int64) string {
	r.Helper()
	data, err := r.log.EntryProof(r.Context(), r.db, number)
	if err != nil {
		r.Fatal(err)
	}
	return r.file(data)
}

func (r *register) file(data []byte) string {
	r.Helper()
	return file(r.T, data)
}

func file(t *testing.T, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// numbered are n texts, the same each time but for what changes.
func numbered(n int, changed ...int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("post %d", i+1)
	}
	for _, i := range changed {
		texts[i-1] += ", omskrevet"
	}
	return texts
}

// auditor is somebody with a witness.
type auditor struct {
	*testing.T
	dir string
}

func newAuditor(t *testing.T, k keys, name string) *auditor {
	t.Helper()
	a := &auditor{t, filepath.Join(t.TempDir(), "vidne")}
	a.want(0, "init", "--log", file(t, []byte(k.public+"\n")), "--name", name, a.dir)
	return a
}

// want runs the program and wants a status; it returns what was printed.
func (a *auditor) want(status int, args ...string) string {
	a.Helper()
	var out, errs bytes.Buffer
	if got := run(args, &out, &errs); got != status {
		a.Fatalf("%s: status %d, want %d: %s", strings.Join(args, " "), got, status, errs.String())
	}
	return out.String() + errs.String()
}
