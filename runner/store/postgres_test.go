package store_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"
	"time"

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

// The jobs that a dead worker was running are dropped, and the items that they pointed
// at are without one; those of the living are not touched.
func TestJobsOfTheDead(t *testing.T) {
	p, ring := at(server.Database(t)), newRing(t)
	d := newDesk(t, func(t *testing.T) func() *store.Store { return func() *store.Store { return openPostgres(t, p, ring) } })
	dead, alive := d.add("1", "x"), d.add("2", "x")
	jobs := map[string]int64{}
	for _, w := range []struct {
		id    string
		item  store.Row
		lease time.Duration
	}{{"dead", dead, 0}, {"alive", alive, time.Hour}} {
		d.write(func(t *store.Tx) error {
			var job int64
			err := t.QueryRowContext(t.Context(), `INSERT INTO river_job (args, kind, max_attempts, queue, state, attempted_by) VALUES ('{}', 'item', 1, 'invoice', 'running', ARRAY[$1]) RETURNING id`, w.id).Scan(&job)
			if err != nil {
				return err
			}
			jobs[w.id] = job
			if err := t.Register(w.id, "invoice", "rpa1", w.lease); err != nil {
				return err
			}
			return t.SetJob(w.item.ID, job)
		})
	}
	d.write(func(t *store.Tx) error { _, err := t.TakeOver("invoice", 0, "invoice"); return err })
	d.want("the dead one's item", d.row(dead.Number).Job, 0)
	d.want("the other", d.row(alive.Number).Job, jobs["alive"])
	var left int64
	d.must(d.Reader().QueryRowContext(d.Context(), `SELECT SUM(id) FROM river_job`).Scan(&left))
	d.want("jobs left", left, jobs["alive"])
	d.wantErr("the dead do not come back", d.Write(d.Context(), func(t *store.Tx) error { return t.Renew("dead", time.Hour) }), store.ErrNotFound)
}

// Over the network the server's certificate is held against what is trusted, and a wrong
// password is no way in.
func TestPostgresOverTLS(t *testing.T) {
	db, ring := server.Empty(t), newRing(t)
	pem, err := os.ReadFile(db.Authority)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	for _, c := range []struct {
		name, password string
		trust          *tls.Config
		want           string
	}{
		{"right", db.Password, &tls.Config{RootCAs: trusted, ServerName: "127.0.0.1"}, ""},
		{"wrong password", "gættet", &tls.Config{RootCAs: trusted, ServerName: "127.0.0.1"}, "password"},
		{"unknown server", db.Password, &tls.Config{ServerName: "127.0.0.1"}, "certificate"},
		{"another server", db.Password, &tls.Config{RootCAs: trusted, ServerName: "db.lilleby.example"}, "certificate"},
	} {
		s, err := store.Open(t.Context(), store.Options{Ring: ring, Clock: clock.NewManual(morning),
			Postgres: &store.Postgres{Host: "127.0.0.1", Port: db.Port, Database: db.Name, User: postgres.User, Password: c.password, TLS: c.trust}})
		if err == nil {
			err = s.Close()
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), c.password)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
