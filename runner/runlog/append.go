package runlog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"byskriver/runner/seal"
)

// rowsPerInsert is how many rows one INSERT carries at most. More are no gain:
// SQLite looks for a parameter among all of a statement's, by name.
const rowsPerInsert = 16

// Append seals entries of one item and writes them, in their order, unnumbered,
// in the caller's transaction. If the transaction is rolled back they were never
// there and leave no gap.
func (l *Log) Append(ctx context.Context, tx DB, key seal.Key, entries ...Entry) error {
	rows, err := l.Seal(key, entries...)
	if err != nil {
		return err
	}
	return l.Write(ctx, tx, rows...)
}

// Write writes sealed entries, of any number of items, in the caller's
// transaction. After a rollback the same Sealed may be written again.
func (l *Log) Write(ctx context.Context, tx DB, rows ...Sealed) error {
	values := make([]any, len(rows))
	for i, r := range rows {
		values[i] = r.body
	}
	if err := insert(ctx, tx, "INSERT INTO log_pending (body) VALUES ", 1, values); err != nil {
		return fmt.Errorf("write %d log entries: %w", len(rows), err)
	}
	return nil
}

// insert writes rows of so many columns, several at a time. A statement that is
// needed more than twice is prepared: to SQLite, reading a long one costs more
// than carrying it out.
func insert(ctx context.Context, tx DB, into string, columns int, values []any) (err error) {
	most := rowsPerInsert * columns
	if len(values) > 2*most {
		full, e := tx.PrepareContext(ctx, into+tuples(rowsPerInsert, columns))
		if e != nil {
			return e
		}
		defer func() { err = errors.Join(err, full.Close()) }()
		for ; len(values) >= most; values = values[most:] {
			if _, err := full.ExecContext(ctx, values[:most]...); err != nil {
				return err
			}
		}
	}
	for ; len(values) > 0; values = values[min(most, len(values)):] {
		now := values[:min(most, len(values))]
		if _, err := tx.ExecContext(ctx, into+tuples(len(now)/columns, columns), now...); err != nil {
			return err
		}
	}
	return nil
}

// tuples is "($1,$2),($3,$4)" for two rows of two columns.
func tuples(rows, columns int) string {
	var b strings.Builder
	b.Grow(rows * columns * 5)
	n := 0
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range columns {
			if c > 0 {
				b.WriteByte(',')
			}
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteByte(')')
	}
	return b.String()
}
