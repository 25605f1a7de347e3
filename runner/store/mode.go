package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"byskriver/runner"
)

// SetMode is a mode that a person has set for a robot, or for one of its areas.
type SetMode struct {
	Robot, Area string // area "" means the whole robot
	Mode        runner.Mode
	By, Why     string
	At          time.Time
}

type queryer interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
}

func setModes(ctx context.Context, q queryer, where string, args ...any) ([]SetMode, error) {
	rows, err := q.QueryContext(ctx, `SELECT robot, area, mode, by_whom, why, at FROM modes `+where+` ORDER BY robot, area`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the modes that are set: %w", err)
	}
	defer rows.Close()
	var all []SetMode
	for rows.Next() {
		var m SetMode
		var at int64
		if err := rows.Scan(&m.Robot, &m.Area, &m.Mode, &m.By, &m.Why, &at); err != nil {
			return nil, err
		}
		m.At = fromMicros(at)
		all = append(all, m)
	}
	return all, rows.Err()
}

// Modes are the modes that people have set, of all robots.
func (s *Store) Modes(ctx context.Context) ([]SetMode, error) { return setModes(ctx, s.read, "") }

// Modes are the modes that people have set for a robot as a whole and for an area.
func (t *Tx) Modes(robot, area string) ([]SetMode, error) {
	return setModes(t.ctx, t, `WHERE robot = $1 AND area IN ('', $2)`, robot, area)
}

// SetMode notes a mode that a person sets.
func (t *Tx) SetMode(m SetMode) error {
	return t.exec(`INSERT INTO modes (robot, area, mode, by_whom, why, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (robot, area) DO UPDATE SET mode = excluded.mode, by_whom = excluded.by_whom, why = excluded.why, at = excluded.at`,
		m.Robot, m.Area, m.Mode, m.By, m.Why, micros(m.At))
}

// Codes of items that wait because of the mode of their area.
const (
	CodeStopped = "STANDSET" // the area is stopped
	CodeRamp    = "RAMPE"    // the ramp's step is full and not yet checked
	CodeShadow  = "SKYGGE"   // the area is in shadow now; the item was found while it was live
)

const held = `state = 'waiting' AND code IN ('STANDSET', 'RAMPE', 'SKYGGE')`

// HeldAreas are the areas of a robot in which items wait because of the mode.
func (s *Store) HeldAreas(ctx context.Context, robot string) (map[string]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT area, COUNT(*) FROM items WHERE robot = $1 AND `+held+` GROUP BY area`, robot)
	if err != nil {
		return nil, fmt.Errorf("read where items of %s are held: %w", robot, err)
	}
	defer rows.Close()
	all := map[string]int{}
	for rows.Next() {
		var area string
		var n int
		if err := rows.Scan(&area, &n); err != nil {
			return nil, err
		}
		all[area] = n
	}
	return all, rows.Err()
}

// Release has the oldest held items of an area worked, at most so many.
func (t *Tx) Release(robot, area string, now time.Time, most int) (int64, error) {
	res, err := t.ExecContext(t.ctx, `UPDATE items SET ready_at = $1 WHERE id IN (SELECT id FROM items WHERE robot = $2 AND area = $3 AND `+held+`
		AND ready_at > $1 ORDER BY id LIMIT $4)`, micros(now), robot, area, most)
	if err != nil {
		return 0, fmt.Errorf("release what is held of %s in %s: %w", robot, area, err)
	}
	return res.RowsAffected()
}

// HasArea reports whether a robot has had an item in an area.
func (s *Store) HasArea(ctx context.Context, robot, area string) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM items WHERE robot = $1 AND area = $2 LIMIT 1)`, robot, area).Scan(&n)
	return n > 0, err
}

// Step is a step of a ramp and how far it has come.
type RampStep struct {
	ID, Size       int
	Begun          time.Time
	In             int // items let in
	Right, Checked int // of those, judged by a person
}

// Full reports whether no more items are let in.
func (s RampStep) Full() bool { return s.In >= s.Size }

const rampQuery = `SELECT s.id, s.size, s.begun_at, COUNT(i.item_id), COUNT(CASE WHEN i.judged = 'right' THEN 1 END), COUNT(CASE WHEN i.judged <> '' THEN 1 END)
	FROM ramp_steps s LEFT JOIN ramp_items i ON i.step_id = s.id
	WHERE s.id = (SELECT MAX(id) FROM ramp_steps WHERE robot = $1 AND scope = $2) GROUP BY s.id, s.size, s.begun_at`

func scanRamp(row scanner) (RampStep, error) {
	var s RampStep
	var at int64
	err := row.Scan(&s.ID, &s.Size, &at, &s.In, &s.Right, &s.Checked)
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrNotFound
	}
	s.Begun = fromMicros(at)
	return s, err
}

// Ramp is the present step of a scope ("" is the whole robot), or ErrNotFound. It stays
// as it is until the transaction ends.
func (t *Tx) Ramp(robot, scope string) (RampStep, error) {
	if err := t.Alone("ramp/" + robot); err != nil {
		return RampStep{}, err
	}
	return scanRamp(t.QueryRowContext(t.ctx, rampQuery, robot, scope))
}

// Ramp is the present step of a scope ("" is the whole robot), or ErrNotFound.
func (s *Store) Ramp(ctx context.Context, robot, scope string) (RampStep, error) {
	return scanRamp(s.read.QueryRowContext(ctx, rampQuery, robot, scope))
}

// BeginStep begins a step.
func (t *Tx) BeginStep(robot, scope string, size int, now time.Time) error {
	return t.exec(`INSERT INTO ramp_steps (robot, scope, size, begun_at) VALUES ($1, $2, $3, $4)`, robot, scope, size, micros(now))
}

// LetIn counts an item against a step.
func (t *Tx) LetIn(item int64, step int) error {
	return t.exec(`INSERT INTO ramp_items (item_id, step_id, judged, judged_at) VALUES ($1, $2, '', 0)`, item, step)
}

// WasLetIn reports whether an item counts against a step of a ramp.
func (t *Tx) WasLetIn(item int64) (bool, error) {
	var n int
	err := t.QueryRowContext(t.ctx, `SELECT COUNT(*) FROM ramp_items WHERE item_id = $1`, item).Scan(&n)
	return n > 0, err
}

// JudgeStep notes what a person said of an item that was let in and is done, and returns
// the scope of its step and whether that is the present one. ErrNotFound means that there
// was nothing to be said.
func (t *Tx) JudgeStep(item int64, right bool, at time.Time) (scope string, present bool, err error) {
	word := map[bool]string{true: "right", false: "wrong"}[right]
	err = t.change(`UPDATE ramp_items SET judged = $1, judged_at = $2 WHERE item_id = $3 AND judged = ''
		AND EXISTS (SELECT 1 FROM items WHERE id = $3 AND state = 'done')`, word, micros(at), item)
	if err != nil {
		return "", false, err
	}
	err = t.QueryRowContext(t.ctx, `SELECT s.scope, s.id = (SELECT MAX(id) FROM ramp_steps WHERE robot = s.robot AND scope = s.scope)
		FROM ramp_items i JOIN ramp_steps s ON s.id = i.step_id WHERE i.item_id = $1`, item).Scan(&scope, &present)
	return scope, present, err
}

// ToCheck are a robot's items ("" means all) that were let in by a ramp, are done, and
// nobody has looked at.
func (s *Store) ToCheck(ctx context.Context, robot string) ([]Row, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+rowColumns+` FROM items WHERE ($1 = '' OR robot = $1) AND state = 'done'
		AND id IN (SELECT item_id FROM ramp_items WHERE judged = '') ORDER BY id`, robot)
	if err != nil {
		return nil, fmt.Errorf("read what of %s is to be checked: %w", robot, err)
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

// MustCheck reports whether an item is one of ToCheck.
func (s *Store) MustCheck(ctx context.Context, item int64) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM ramp_items r JOIN items i ON i.id = r.item_id WHERE i.id = $1 AND r.judged = '' AND i.state = 'done'`, item).Scan(&n)
	return n > 0, err
}
