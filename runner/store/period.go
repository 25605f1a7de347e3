package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"byskriver/runner"
)

// Account is how the items stand that a robot found in a period: Found is the sum of the
// others.
type Account struct {
	Found, Robot, Person, Listed, Waiting, Failed int // Robot and Person: who settled them
}

// Add is the sum of two accounts.
func (a Account) Add(b Account) Account {
	return Account{a.Found + b.Found, a.Robot + b.Robot, a.Person + b.Person, a.Listed + b.Listed, a.Waiting + b.Waiting, a.Failed + b.Failed}
}

// Accounts are how a robot's live items stand that were found in a period, by area. An item
// that a person has decided about counts as that person's.
func (s *Store) Accounts(ctx context.Context, robot string, from, to time.Time) (map[string]Account, error) {
	first, err := s.firstSince(ctx, from)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT area, state, EXISTS (SELECT 1 FROM person_decisions d WHERE d.item_id = items.id), COUNT(*) FROM items
		WHERE id >= $1 AND robot = $2 AND mode = $3 AND created_at >= $4 AND created_at < $5 GROUP BY 1, 2, 3`, first, robot, runner.Live, micros(from), micros(to))
	if err != nil {
		return nil, fmt.Errorf("count the items of %s: %w", robot, err)
	}
	defer rows.Close()
	all := map[string]Account{}
	for rows.Next() {
		var area string
		var state runner.State
		var person bool
		var n int
		if err := rows.Scan(&area, &state, &person, &n); err != nil {
			return nil, err
		}
		all[area] = all[area].Add(accountOf(state, person, n))
	}
	return all, rows.Err()
}

func accountOf(state runner.State, person bool, n int) Account {
	a := Account{Found: n}
	switch {
	case state == runner.Done && person:
		a.Person = n
	case state == runner.Done:
		a.Robot = n
	case state == runner.Exception:
		a.Listed = n
	case state == runner.Failed:
		a.Failed = n
	default:
		a.Waiting = n
	}
	return a
}

// firstSince is about the first item that was found at a moment or later. Items are numbered
// in the order that they were found, so no index on the time is needed; a day's margin is
// for a clock that was put back.
func (s *Store) firstSince(ctx context.Context, at time.Time) (int64, error) {
	var high sql.NullInt64
	if err := s.read.QueryRowContext(ctx, `SELECT MAX(id) FROM items`).Scan(&high); err != nil {
		return 0, err
	}
	low, above := int64(1), high.Int64+1
	for low < above {
		mid := low + (above-low)/2
		var id, created int64
		err := s.read.QueryRowContext(ctx, `SELECT id, created_at FROM items WHERE id >= $1 ORDER BY id LIMIT 1`, mid).Scan(&id, &created)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, fmt.Errorf("look for the first item of a period: %w", err)
		}
		if err != nil || created >= micros(at.Add(-24*time.Hour)) {
			above = mid
		} else {
			low = id + 1
		}
	}
	return low, nil
}

// SettledIn are the live items of an area that were settled in a period, in the order they
// were found; robot "" means all robots.
func (s *Store) SettledIn(ctx context.Context, robot, area string, from, to time.Time) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for after := int64(0); ; {
			page, err := s.settledPage(ctx, robot, area, from, to, after)
			if err != nil {
				yield(Row{}, fmt.Errorf("read what was settled in %s: %w", area, err))
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				after = r.ID
			}
			if len(page) < settledPage {
				return
			}
		}
	}
}

const settledPage = 500

func (s *Store) settledPage(ctx context.Context, robot, area string, from, to time.Time, after int64) ([]Row, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+rowColumns+` FROM items WHERE id > $1 AND ($2 = '' OR robot = $2) AND area = $3 AND mode = $4 AND state = 'done'
		AND settled_at >= $5 AND settled_at < $6 ORDER BY id LIMIT $7`, after, robot, area, runner.Live, micros(from), micros(to), settledPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		page = append(page, r)
	}
	return page, rows.Err()
}

// Areas are the areas that live items belong to, in order.
func (s *Store) Areas(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT area FROM items WHERE mode = $1 AND area <> '' ORDER BY area`, runner.Live)
	if err != nil {
		return nil, fmt.Errorf("read the areas: %w", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}
