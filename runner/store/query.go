package store

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"byskriver/runner"
)

// NextDue is when the robot's next open item becomes due, and how many open
// items there are.
func (s *Store) NextDue(ctx context.Context, robot string, mode runner.Mode) (next time.Time, open int, err error) {
	var at sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT MIN(ready_at), COUNT(*) FROM items WHERE robot = $1 AND mode = $2 AND `+unsettled, robot, mode).Scan(&at, &open)
	return fromMicros(at.Int64), open, err
}

// Listed are the exceptions on people's lists, oldest first; robot "" means all.
func (s *Store) Listed(ctx context.Context, robot string, mode runner.Mode) ([]Row, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+rowColumns+` FROM items WHERE state = 'exception' AND mode = $1 AND ($2 = '' OR robot = $2) ORDER BY robot, id`, mode, robot)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// FoundSince are the items of a robot and mode that were found at or after a time,
// oldest first, however they stand.
func (s *Store) FoundSince(ctx context.Context, robot string, mode runner.Mode, from time.Time) ([]Row, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+rowColumns+` FROM items WHERE robot = $1 AND mode = $2 AND created_at >= $3 ORDER BY id`, robot, mode, micros(from))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// Counts are how many items of a robot and mode stand in each state.
func (s *Store) Counts(ctx context.Context, robot string, mode runner.Mode) (map[runner.State]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT state, COUNT(*) FROM items WHERE robot = $1 AND mode = $2 GROUP BY state`, robot, mode)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[runner.State]int{}
	for rows.Next() {
		var st runner.State
		var n int
		if err := rows.Scan(&st, &n); err != nil {
			return nil, err
		}
		all[st] = n
	}
	return all, rows.Err()
}

// Steps are the changes that an item has made or tried, for people to look at.
func (s *Store) Steps(ctx context.Context, r Row) ([]Step, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+stepColumns+` FROM steps WHERE item_id = $1 ORDER BY attempted_at`, r.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Step
	for rows.Next() {
		var p Step
		if err := p.scan(rows.Scan); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// All are all items, in the order they were found.
func (s *Store) All(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for after := int64(0); ; {
			page, err := s.pageOfAll(ctx, after)
			if err != nil {
				yield(Row{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				after = r.ID
			}
			if len(page) == 0 {
				return
			}
		}
	}
}

func (s *Store) pageOfAll(ctx context.Context, after int64) ([]Row, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+rowColumns+` FROM items WHERE id > $1 ORDER BY id LIMIT 500`, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
