package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Planned is a planned run of a schedule that was started.
type Planned struct {
	Key             string // unique for ever: robot, schedule, local date and slot
	Robot, Schedule string
	At              time.Time // when it was planned for
	Started         time.Time
}

// StartPlanned notes that a planned run starts now. It returns false where a run
// of that key was started before: then it must not be started again.
func (t *Tx) StartPlanned(p Planned) (bool, error) {
	res, err := t.ExecContext(t.ctx, `INSERT INTO planned_runs (key, robot, schedule, planned_at, started_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING`,
		p.Key, p.Robot, p.Schedule, micros(p.At), micros(p.Started))
	if err != nil {
		return false, fmt.Errorf("note the planned run %s: %w", p.Key, err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// EndPlanned notes that a planned run has ended, and the number of the run that
// came of it; "" if none did.
func (t *Tx) EndPlanned(key string, at time.Time, run string) error {
	if err := t.change(`UPDATE planned_runs SET ended_at = $1, run = $2 WHERE key = $3 AND ended_at IS NULL`, micros(at), run, key); err != nil {
		return fmt.Errorf("note the end of the planned run %s: %w", key, err)
	}
	return nil
}

// OpenPlanned lists the planned runs that were started and have not ended, oldest
// first: those of a program that was killed, if no other works on this store.
func (t *Tx) OpenPlanned() ([]Planned, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT key, robot, schedule, planned_at, started_at FROM planned_runs WHERE ended_at IS NULL ORDER BY started_at, key`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Planned
	for rows.Next() {
		var p Planned
		var at, started int64
		if err := rows.Scan(&p.Key, &p.Robot, &p.Schedule, &at, &started); err != nil {
			return nil, err
		}
		p.At, p.Started = fromMicros(at), fromMicros(started)
		all = append(all, p)
	}
	return all, rows.Err()
}

// SetMark notes up to when the planned runs of a schedule are accounted for.
func (t *Tx) SetMark(robot, schedule string, settled time.Time) error {
	return t.exec(`INSERT INTO schedule_marks (robot, schedule, settled_at) VALUES ($1, $2, $3)
		ON CONFLICT (robot, schedule) DO UPDATE SET settled_at = excluded.settled_at`, robot, schedule, micros(settled))
}

// Mark is up to when the planned runs of a schedule are accounted for; the zero
// time where the schedule is new.
func (s *Store) Mark(ctx context.Context, robot, schedule string) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, `SELECT settled_at FROM schedule_marks WHERE robot = $1 AND schedule = $2`, robot, schedule).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read how far %s/%s is accounted for: %w", robot, schedule, err)
	}
	return fromMicros(at), nil
}
