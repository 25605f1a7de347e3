package engine_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"byskriver/fixtures/postgres"
	"byskriver/runner/clock"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

var server = postgres.Server{Prepare: prepare, Durable: os.Getenv(durably) != ""}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// prepare makes the tables once; every test's database is a copy.
func prepare(d postgres.Database) error {
	ring, err := seal.ParseRing(seal.NewSecret("test"))
	if err != nil {
		return err
	}
	tables, err := logTables(true)
	if err != nil {
		return err
	}
	s, err := store.Open(context.Background(), store.Options{Postgres: &store.Postgres{Host: d.Socket, Port: d.Port, Database: d.Name, User: postgres.User},
		Ring: ring, Clock: clock.System{}, Tables: tables})
	if err != nil {
		return err
	}
	return s.Close()
}

// The environment says that every house of this process stands on PostgreSQL, and that
// commits are synced there too.
const (
	database = "BYSKRIVER_TEST_DATABASE"
	durably  = "BYSKRIVER_TEST_DURABLE"
)

func onPostgres() bool { return os.Getenv(database) == "postgres" }

// TestEverythingOnPostgres runs every test of this package once more, on PostgreSQL.
func TestEverythingOnPostgres(t *testing.T) {
	if onPostgres() {
		return // this is that run
	}
	if m := postgres.Missing(); m != "" {
		t.Skip(m)
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), database+"=postgres")
	out, err := cmd.CombinedOutput()
	passed := regexp.MustCompile(`(?m)^--- PASS`).FindAll(out, -1)
	if err != nil || len(passed) < 20 {
		t.Fatalf("%v, %d tests passed on PostgreSQL\n%s", err, len(passed), out)
	}
}
