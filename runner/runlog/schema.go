package runlog

import (
	"embed"
	"fmt"
	"strings"
)

// Dialect is the kind of database that a schema is for. The statements of this
// package itself are the same on both.
type Dialect string

// The databases that the log can stand in.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// Migration is one step of the schema. Steps are applied once each, in order,
// every statement by itself.
type Migration struct {
	Version    int
	Statements []string
}

//go:embed schema/*.sql
var schemas embed.FS

// schemaVersions is how many migrations there are for each dialect.
const schemaVersions = 1

// Migrations are the steps that make the log's tables, all of whose names begin
// with log_. A step that has been published is never changed.
func Migrations(d Dialect) ([]Migration, error) {
	if d != SQLite && d != PostgreSQL {
		return nil, fmt.Errorf("no schema for database %q: the log knows %q and %q", d, SQLite, PostgreSQL)
	}
	var all []Migration
	for v := 1; v <= schemaVersions; v++ {
		text, err := schemas.ReadFile(fmt.Sprintf("schema/%s.%d.sql", d, v))
		if err != nil {
			return nil, fmt.Errorf("read schema version %d for %s: %w", v, d, err)
		}
		all = append(all, Migration{Version: v, Statements: statements(string(text))})
	}
	return all, nil
}

// statements takes a script apart at the blank lines between its statements.
func statements(script string) []string {
	var all []string
	for _, s := range strings.Split(script, "\n\n") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}
