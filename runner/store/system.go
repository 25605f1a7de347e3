package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Systems reads the state of every system that there is one of, by name.
func (s *Store) Systems(ctx context.Context) (map[string][]byte, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT name, state FROM systems`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string][]byte{}
	for rows.Next() {
		var name string
		var state []byte
		if err := rows.Scan(&name, &state); err != nil {
			return nil, err
		}
		all[name] = state
	}
	return all, rows.Err()
}

// ChangeSystem reads a system's state, nil if there is none, and writes what change makes of
// it; nil leaves it as it was. now is the time that all programs share.
func (s *Store) ChangeSystem(ctx context.Context, system string, change func(state []byte, now time.Time) ([]byte, error)) error {
	return s.Write(ctx, func(t *Tx) error { return t.ChangeSystem(system, change) })
}

// ChangeSystem is the same within a write.
func (t *Tx) ChangeSystem(system string, change func(state []byte, now time.Time) ([]byte, error)) error {
	if err := t.Alone("system/" + system); err != nil {
		return err
	}
	now, err := t.Now()
	if err != nil {
		return err
	}
	var have []byte
	err = t.QueryRowContext(t.ctx, `SELECT state FROM systems WHERE name = $1`, system).Scan(&have)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the state of %s: %w", system, err)
	}
	next, err := change(have, now)
	if err != nil || next == nil {
		return err
	}
	return t.exec(`INSERT INTO systems (name, state) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET state = excluded.state`, system, string(next))
}

// atDoor are the codes of items that wait at a system's door; runner/limits gives them.
const atDoor = `code IN ('SYSTEM-LUKKET', 'SYSTEM-VEDLIGEHOLD', 'SYSTEM-I-FEJL', 'SYSTEM-OPTAGET', 'ADGANGSKODE-AFVIST', 'ADGANGSKODE-PRØVES')`

// WaitAt notes that an item waits until a system lets robots in again.
func (t *Tx) WaitAt(item int64, system string) error {
	return t.exec(`INSERT INTO door_waits (item_id, system) VALUES ($1, $2) ON CONFLICT (item_id) DO UPDATE SET system = excluded.system`, item, system)
}

// Waited are the systems that a robot's items wait at, and how many at each.
func (s *Store) Waited(ctx context.Context, robot string) (map[string]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT w.system, COUNT(*) FROM door_waits w JOIN items i ON i.id = w.item_id
		WHERE i.state = 'waiting' AND i.`+atDoor+` AND ($1 = '' OR i.robot = $1) GROUP BY w.system`, robot)
	if err != nil {
		return nil, fmt.Errorf("read what waits at systems: %w", err)
	}
	defer rows.Close()
	all := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		all[name] = n
	}
	return all, rows.Err()
}

// LetWaiting has a robot's items worked that wait at a system. One that begins to wait
// meanwhile keeps its place among them, and is let in by the next.
func (t *Tx) LetWaiting(robot, system string, now time.Time) error {
	err := t.exec(`UPDATE items SET ready_at = $1 WHERE robot = $2 AND state = 'waiting' AND `+atDoor+` AND ready_at > $1
		AND id IN (SELECT item_id FROM door_waits WHERE system = $3)`, micros(now), robot, system)
	if err != nil {
		return fmt.Errorf("let in what waits at %s: %w", system, err)
	}
	return t.exec(`DELETE FROM door_waits WHERE system = $1 AND item_id IN (SELECT id FROM items WHERE robot = $2 AND NOT (state = 'waiting' AND ready_at > $3))`,
		system, robot, micros(now))
}
