package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// markCopy stands beside the migrations of a store that is a copy of an earlier moment.
// Its version is 0 until a run has begun on it, and from then on the second in which that
// was, rounded up: since 2020, so that it fits into PostgreSQL's INTEGER until 2088.
const (
	markCopy = "copy"
	year2020 = 1_577_836_800
)

// numberGap is between the numbers of a copy and those of what is found after it was put
// in place: what was found after the copy was made had numbers that nothing may get again.
const numberGap = 100_000

// markAsCopy marks a store's file, which nobody has open.
func markAsCopy(ctx context.Context, path string) (err error) {
	db, err := openSQLite("file:" + path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `DELETE FROM migrations WHERE part = $1`, markCopy); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO migrations (part, version) VALUES ($1, 0)`, markCopy)
	return err
}

// MarkAsCopy says that this store is a copy that was put in place by other means than
// Backup's file, which is marked already.
func (t *Tx) MarkAsCopy() error {
	if err := t.exec(`DELETE FROM migrations WHERE part = $1`, markCopy); err != nil {
		return err
	}
	return t.exec(`INSERT INTO migrations (part, version) VALUES ($1, 0)`, markCopy)
}

// Restored is when the first run began on a store that is a copy of an earlier moment, so
// that changes may have been made that it does not know; the zero time where it is none.
// fresh says that this is the first, which has skipped numbers then.
func (t *Tx) Restored(now time.Time) (at time.Time, fresh bool, err error) {
	var second int64
	err = t.QueryRowContext(t.ctx, `SELECT version FROM migrations WHERE part = $1`, markCopy).Scan(&second)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return at, false, nil
	case err != nil:
		return at, false, fmt.Errorf("look whether the store is a copy: %w", err)
	case second == 0:
		fresh, second = true, now.Unix()-year2020+1
		if err := t.exec(`UPDATE migrations SET version = $1 WHERE part = $2`, second, markCopy); err != nil {
			return at, false, err
		}
		if err := t.exec(`UPDATE counters SET last = (last / $1 + 1) * $1`, numberGap); err != nil {
			return at, false, err
		}
	}
	return time.Unix(second+year2020, 0).UTC(), fresh, nil
}

// keepCopyMark says of the new store, too, that it is a copy of an earlier moment.
func (m *Move) keepCopyMark(ctx context.Context) error {
	var second int64
	err := m.From.read.QueryRowContext(ctx, `SELECT version FROM migrations WHERE part = $1`, markCopy).Scan(&second)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look whether the store is a copy: %w", err)
	}
	return m.To.Write(ctx, func(t *Tx) error {
		if err := t.MarkAsCopy(); err != nil {
			return err
		}
		return t.exec(`UPDATE migrations SET version = $1 WHERE part = $2`, second, markCopy)
	})
}
