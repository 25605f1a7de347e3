package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite" // the database driver
)

// maxStatements bounds what a connection keeps: the queries of the store, the run
// log and River are some eighty; one beyond the bound is prepared each time.
const maxStatements = 512

// openSQLite opens a database whose connections keep each statement prepared.
// Without it every statement of River's, which prepares none, is parsed anew.
func openSQLite(source string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(source)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{c}), nil
}

type connector struct{ driver.Connector }

// sqliteConn is all that database/sql may ask of a connection of this driver.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// Connect opens a connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's connection is a %T, which cannot keep statements", opened), opened.Close())
	}
	return &conn{sqliteConn: full, kept: map[string]*statement{}}, nil
}

// conn is a connection that keeps statements. database/sql lets one goroutine at
// a time use it.
type conn struct {
	sqliteConn
	kept map[string]*statement
}

// statement is one prepared; busy while somebody reads its rows, since a second
// run would begin it anew under the first reader's hands.
type statement struct {
	stmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	busy bool
}

// idle is the query's statement, or nil where it must be run unprepared.
func (c *conn) idle(ctx context.Context, query string) (*statement, error) {
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if len(c.kept) >= maxStatements {
		return nil, nil
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{}
	var ok bool
	if s.stmt, ok = prepared.(interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}); !ok {
		return nil, prepared.Close()
	}
	c.kept[query] = s
	return s, nil
}

// ExecContext runs a statement, prepared where it can be.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.idle(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.stmt.ExecContext(ctx, args)
}

// QueryContext runs a query, prepared where it can be.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.idle(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &keptRows{Rows: rows, of: s}, nil
}

// Close closes the statements and the connection.
func (c *conn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.stmt.Close())
	}
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

type keptRows struct {
	driver.Rows
	of *statement
}

// Close gives the statement back.
func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	return err
}
