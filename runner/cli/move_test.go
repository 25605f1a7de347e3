package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/fixtures/postgres"
)

// config writes another configuration of the same municipality, with its own store.
func (f *fleet) config(name, store string) {
	f.Helper()
	text := fmt.Sprintf(fleetConfig, 1, "x", "ca.pem", f.url)
	begin, end := strings.Index(text, "  postgres:"), strings.Index(text, "log: {")
	text = text[:begin] + store + "\n" + text[end:]
	if !strings.Contains(store, "postgres:") {
		begin, end := strings.Index(text, "machines:"), strings.Index(text, "robots: {poster: {")
		text = text[:begin] + text[end:]
	}
	f.file(name, text)
}

func at(db postgres.Database) string {
	return fmt.Sprintf("  postgres: {host: 127.0.0.1, port: %d, database: %s, user: byskriver, password: file:postgres, ca: %s}", db.Port, db.Name, db.Authority)
}

// exits runs a command with a configuration, and returns its output and status.
func (f *fleet) exits(config string, args ...string) (string, int) {
	f.Helper()
	p := f.start("rpa1", append([]string{"-c", filepath.Join(f.dir, config)}, args...)...)
	var out []string
	for line := range p.said {
		out = append(out, line)
	}
	_ = p.Wait()
	return strings.Join(out, "\n"), p.ProcessState.ExitCode()
}

func (f *fleet) succeeds(config string, args ...string) string {
	f.Helper()
	out, status := f.exits(config, args...)
	if status != 0 {
		f.Fatalf("%v: status %d\n%s", args, status, out)
	}
	return out
}

func (f *fleet) fails(status int, want, config string, args ...string) {
	f.Helper()
	if out, got := f.exits(config, args...); got != status || !strings.Contains(out, want) {
		f.Errorf("%v: status %d, want %d and %q\n%s", args, got, status, want, out)
	}
}

// A municipality moves from its file to PostgreSQL by one command: the log goes on
// there, proved by the checkpoint from before, and the old store is left alone.
func TestMoveByOneCommand(t *testing.T) {
	t.Parallel()
	s := newSystem(t, func(string, string) bool { return false })
	f := newFleet(t, database.Empty(t), s.URL)
	f.config("file.yaml", "  path: data/byskriver.db")
	f.config("other.yaml", at(database.Empty(t)))
	f.succeeds("file.yaml", "run", "poster")
	before, err := os.ReadFile(filepath.Join(f.dir, "log", "checkpoint"))
	f.want(err)
	f.file("before", string(before))
	out := f.succeeds("file.yaml", "store", "move", filepath.Join(f.dir, "other.yaml"))
	if !strings.Contains(out, fmt.Sprintf("moved: %d items", postings)) {
		t.Error(out)
	}
	f.fails(1, "was moved to another database", "file.yaml", "run", "poster")
	f.fails(1, "it was moved before", "file.yaml", "store", "move", filepath.Join(f.dir, "other.yaml"))
	f.succeeds("other.yaml", "log", "verify", "--checkpoint", filepath.Join(f.dir, "before"))
	f.succeeds("other.yaml", "run", "poster")
	f.succeeds("other.yaml", "log", "verify", "--checkpoint", filepath.Join(f.dir, "before"))
	s.once(t)
}

// On PostgreSQL byskriver backup says what to do instead, and that works: a dump with
// an older checkpoint is restored and proved, and one that is older than the checkpoint
// is found out.
func TestBackupOnPostgres(t *testing.T) {
	t.Parallel()
	s := newSystem(t, func(string, string) bool { return false })
	db := database.Empty(t)
	f := newFleet(t, db, s.URL)
	f.succeeds("byskriver.yaml", "run", "poster")
	f.fails(2, "pg_dump", "byskriver.yaml", "backup", filepath.Join(f.dir, "copy"))
	dump := filepath.Join(f.dir, "byskriver.dump")
	f.want(db.Program(t.Context(), "pg_dump", "-Fc", "-f", dump))
	restored := database.Empty(t)
	f.want(restored.Program(t.Context(), "pg_restore", "--no-owner", dump))
	f.config("restored.yaml", at(restored))
	f.succeeds("restored.yaml", "log", "verify")
	f.succeeds("byskriver.yaml", "run", "poster") // the checkpoint is newer than the dump now
	f.fails(3, "", "restored.yaml", "log", "verify")
	s.once(t)
}

// A database that PostgreSQL's own programs restored does not know that it is a copy, and
// the checkpoint that was made since lets nothing be done in it. Where that was put away
// and the command says what the store is, what was posted after the dump is looked for,
// and nothing is posted again.
func TestRestoredOnPostgres(t *testing.T) {
	t.Parallel()
	s := newSystem(t, func(string, string) bool { return false })
	db := database.Empty(t)
	f := newFleet(t, db, s.URL)
	dump := filepath.Join(f.dir, "byskriver.dump")
	f.want(db.Program(t.Context(), "pg_dump", "-Fc", "-f", dump))
	f.succeeds("byskriver.yaml", "run", "poster")
	again := database.Empty(t)
	f.want(again.Program(t.Context(), "pg_restore", "--no-owner", dump))
	f.config("restored.yaml", at(again))
	if out, status := f.exits("restored.yaml", "run", "poster"); status == 0 || !strings.Contains(out, "rolled back") {
		t.Errorf("a run on an older store: status %d\n%s", status, out)
	}
	f.want(os.Rename(filepath.Join(f.dir, "log", "checkpoint"), filepath.Join(f.dir, "kept")))
	f.succeeds("restored.yaml", "restored")
	f.succeeds("restored.yaml", "run", "poster")
	s.once(t)
	f.succeeds("restored.yaml", "log", "verify")
	f.fails(3, "", "restored.yaml", "log", "verify", "--checkpoint", filepath.Join(f.dir, "kept"))
}
