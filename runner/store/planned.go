package store

import (
	"context"
	"fmt"
	"time"

	"byskriver/runner"
)

// Planned is a planned run of a schedule that was started.
type Planned struct {
	Key             string // unique for ever: robot, schedule, local date and slot
	Robot, Schedule string
	At              time.Time // when it was planned for
	Started         time.Time
	Mode            runner.Mode
	Limit           int    // items at most; 0 means all
	Holder          string // who runs it, where machines share the store
	Machine         string // where that is, or was
}

// StartPlanned notes that a planned run starts now. It returns false where a run
// of that key was started before: then it must not be started again.
func (t *Tx) StartPlanned(p Planned) (bool, error) {
	res, err := t.ExecContext(t.ctx, `INSERT INTO planned_runs (key, robot, schedule, planned_at, started_at, mode, run_limit) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING`,
		p.Key, p.Robot, p.Schedule, micros(p.At), micros(p.Started), p.Mode, p.Limit)
	if err != nil {
		return false, fmt.Errorf("note the planned run %s: %w", p.Key, err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// EndedWell is the ending of a planned run that did what it should; all others are the
// run log's codes for what happened instead.
const EndedWell = "schedule.ended"

// EndPlanned notes that a planned run has ended, and the number of the run that
// came of it; "" if none did. ending says how, such as EndedWell. holder is who runs it:
// ErrNotFound means that another does by now.
func (t *Tx) EndPlanned(key, holder string, at time.Time, run, ending string) error {
	if err := t.change(`UPDATE planned_runs SET ended_at = $1, run = $2, ending = $3 WHERE key = $4 AND holder = $5 AND ended_at IS NULL`, micros(at), run, ending, key, holder); err != nil {
		return fmt.Errorf("note the end of the planned run %s: %w", key, err)
	}
	return nil
}

// OpenPlanned lists the planned runs that were started and have not ended, oldest
// first: those of a program that was killed, if no other works on this store.
func (t *Tx) OpenPlanned() ([]Planned, error) {
	return t.planned(`WHERE ended_at IS NULL`)
}

func (t *Tx) planned(where string, args ...any) ([]Planned, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT key, robot, schedule, planned_at, started_at, mode, run_limit, holder, machine FROM planned_runs `+where+` ORDER BY started_at, key`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Planned
	for rows.Next() {
		var p Planned
		var at, started int64
		if err := rows.Scan(&p.Key, &p.Robot, &p.Schedule, &at, &started, &p.Mode, &p.Limit, &p.Holder, &p.Machine); err != nil {
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

// DropMark forgets a schedule that is no more: put back later, it is new.
func (t *Tx) DropMark(robot, schedule string) error {
	return t.exec(`DELETE FROM schedule_marks WHERE robot = $1 AND schedule = $2`, robot, schedule)
}

// Mark is up to when the planned runs of a schedule are accounted for.
type Mark struct {
	Robot, Schedule string
	Settled         time.Time
}

// Marks are the marks of all schedules that have been served.
func (s *Store) Marks(ctx context.Context) ([]Mark, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT robot, schedule, settled_at FROM schedule_marks ORDER BY robot, schedule`)
	if err != nil {
		return nil, fmt.Errorf("read how far the schedules are accounted for: %w", err)
	}
	defer rows.Close()
	var all []Mark
	for rows.Next() {
		var m Mark
		var at int64
		if err := rows.Scan(&m.Robot, &m.Schedule, &at); err != nil {
			return nil, err
		}
		m.Settled = fromMicros(at)
		all = append(all, m)
	}
	return all, rows.Err()
}
