package runlog

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// head is where the log stands.
type head struct {
	size        int64
	root        tlog.Hash
	checkpoints int64 // how many are stored
}

// lockHead reads the head and holds it, and with it the right to number, until
// the transaction ends. It writes as its first act, so that on SQLite too the
// lock is taken before anything is read.
func (l *Log) lockHead(ctx context.Context, tx DB) (head, error) {
	const lock = `UPDATE log_head SET size = size WHERE one = 1 RETURNING size, root, checkpoints, mac`
	h, found, err := l.scanHead(ctx, tx, lock)
	if err != nil {
		return head{}, fmt.Errorf("lock the log: %w", err)
	}
	if found {
		return h, nil
	}
	if err := l.createHead(ctx, tx); err != nil {
		return head{}, err
	}
	h, found, err = l.scanHead(ctx, tx, lock)
	if err == nil && !found {
		err = ErrChanged
	}
	if err != nil {
		return head{}, fmt.Errorf("lock the log, whose head was not there: %w", err)
	}
	return h, nil
}

// readHead reads the head without holding it. A log in which nothing was ever
// numbered has none.
func (l *Log) readHead(ctx context.Context, q Querier) (h head, found bool, err error) {
	return l.scanHead(ctx, q, `SELECT size, root, checkpoints, mac FROM log_head WHERE one = 1`)
}

// scanHead reads the one row that a query for the head gives.
func (l *Log) scanHead(ctx context.Context, q Querier, query string) (h head, found bool, err error) {
	var root, mac []byte
	found, err = queryOne(ctx, q, query, nil, &h.size, &root, &h.checkpoints, &mac)
	if err != nil || !found {
		return head{}, false, err
	}
	if len(root) != tlog.HashSize {
		return head{}, true, fmt.Errorf("the log's head: %w", ErrChanged)
	}
	copy(h.root[:], root)
	if h.size < 0 || h.checkpoints < 0 || !hmac.Equal(mac, l.headMAC(h)) {
		return h, true, fmt.Errorf("the log's head: %w", ErrChanged)
	}
	return h, true, nil
}

// createHead writes the first head into tables that hold nothing yet. Tables that
// hold something had one: another process has just written it, or it is gone; who
// looks again will see.
func (l *Log) createHead(ctx context.Context, tx DB) error {
	var used bool
	const any = `SELECT EXISTS (SELECT 1 FROM log_entries) OR EXISTS (SELECT 1 FROM log_tiles)
		OR EXISTS (SELECT 1 FROM log_checkpoints) OR EXISTS (SELECT 1 FROM log_lines)`
	if _, err := queryOne(ctx, tx, any, nil, &used); err != nil {
		return fmt.Errorf("look for an earlier log: %w", err)
	}
	if used {
		return nil
	}
	h := head{root: emptyRoot()}
	_, err := tx.ExecContext(ctx, `INSERT INTO log_head (one, size, root, checkpoints, mac)
		VALUES (1, $1, $2, $3, $4) ON CONFLICT DO NOTHING`, h.size, h.root[:], h.checkpoints, l.headMAC(h))
	if err != nil {
		return fmt.Errorf("begin the log: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO log_lines (one, written, mac)
		VALUES (1, 0, $1) ON CONFLICT DO NOTHING`, l.linesMAC(0))
	if err != nil {
		return fmt.Errorf("begin the log's lines: %w", err)
	}
	return nil
}

// writeHead moves the head on.
func (l *Log) writeHead(ctx context.Context, tx DB, h head) error {
	_, err := tx.ExecContext(ctx, `UPDATE log_head SET size = $1, root = $2, checkpoints = $3, mac = $4 WHERE one = 1`,
		h.size, h.root[:], h.checkpoints, l.headMAC(h))
	if err != nil {
		return fmt.Errorf("move the log's head to %d: %w", h.size, err)
	}
	return nil
}

func (l *Log) headMAC(h head) []byte {
	return l.ring.MAC("log head", integer(h.size), h.root[:], integer(h.checkpoints))
}

func (l *Log) linesMAC(written int64) []byte { return l.ring.MAC("log lines", integer(written)) }

// queryOne reads the first row of a query, if there is one.
func queryOne(ctx context.Context, q Querier, query string, args []any, dest ...any) (found bool, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	defer closing(rows, &err)
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(dest...); err != nil {
		return false, err
	}
	// The statement is run to its end: an UPDATE ... RETURNING is not done before.
	for rows.Next() {
	}
	return true, rows.Err()
}

// closing closes rows and reports a failure to, unless there is an earlier one.
func closing(rows *sql.Rows, err *error) {
	if e := rows.Close(); e != nil && *err == nil {
		*err = e
	}
}
