package cli

import (
	"strings"

	"byskriver/runner/config"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// storeOptions says where the configured store is, and what tables the log has there.
// The database's password is read here, and goes nowhere but into the connection.
func storeOptions(c config.Store) (store.Options, error) {
	o := store.Options{Path: c.Path}
	dialect := runlog.SQLite
	if p := c.Postgres; p != nil {
		dialect = runlog.PostgreSQL
		trust, err := p.TLS()
		if err != nil {
			return o, usage("%w", err)
		}
		o.Postgres = &store.Postgres{Host: p.Host, Port: p.Port, Database: p.Database, User: p.User, TLS: trust}
		if p.Password.Given() {
			if o.Postgres.Password, err = p.Password.Reveal(); err != nil {
				return o, usage("%w", err)
			}
		}
	}
	steps, err := runlog.Migrations(dialect)
	if err != nil {
		return o, err
	}
	for _, m := range steps {
		o.Tables = append(o.Tables, strings.Join(m.Statements, ";\n"))
	}
	return o, nil
}

// mayWork refuses a robot that the configuration has assigned to other machines.
func (h *house) mayWork(robot string) error {
	if h.conf.Assigned(h.machine, robot) {
		return nil
	}
	return usage("%s: robot %s is not assigned to this machine, which is called %s (machines); use --machine if it is another", h.conf.File, robot, h.machine)
}
