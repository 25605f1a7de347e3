package store_test

import (
	"context"
	"os"
	"testing"

	"byskriver/fixtures/postgres"
	"byskriver/runner/clock"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

var server postgres.Server

func TestMain(m *testing.M) {
	server.Prepare = func(d postgres.Database) error {
		ring, err := seal.ParseRing(seal.NewSecret("test"))
		if err != nil {
			return err
		}
		s, err := store.Open(context.Background(), store.Options{Postgres: at(d), Ring: ring, Clock: clock.NewManual(morning)})
		if err != nil {
			return err
		}
		return s.Close()
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		println(err.Error())
		code = 1
	}
	os.Exit(code)
}

// at is the way to a database through the server's socket.
func at(d postgres.Database) *store.Postgres {
	return &store.Postgres{Host: d.Socket, Port: d.Port, Database: d.Name, User: postgres.User, Connections: 8}
}

func openPostgres(t *testing.T, p *store.Postgres, ring *seal.Ring) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{Postgres: p, Ring: ring, Clock: clock.NewManual(morning)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPostgres(t *testing.T) {
	conformance(t, func(t *testing.T) func() *store.Store {
		p, ring := at(server.Database(t)), newRing(t)
		return func() *store.Store { return openPostgres(t, p, ring) }
	})
}
