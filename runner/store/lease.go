package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"byskriver/runner"
)

// TakeLease takes, or prolongs, what only one program at a time may have over all
// machines. It reports whether the holder has it now; another may have it still.
func (t *Tx) TakeLease(name, holder, machine string, lease time.Duration) (bool, error) {
	now, err := t.Now()
	if err != nil {
		return false, err
	}
	res, err := t.ExecContext(t.ctx, `INSERT INTO leases (name, holder, machine, lease_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, machine = excluded.machine, lease_until = excluded.lease_until
		WHERE leases.holder = excluded.holder OR leases.lease_until <= $5`, name, holder, machine, micros(now.Add(lease)), micros(now))
	if err != nil {
		return false, fmt.Errorf("take the lease %s: %w", name, err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// HoldsLease makes sure that the holder has a lease until this transaction ends, or
// returns ErrNotFound.
func (t *Tx) HoldsLease(name, holder string) error {
	now, err := t.Now()
	if err != nil {
		return err
	}
	var one int
	err = t.QueryRowContext(t.ctx, `SELECT 1 FROM leases WHERE name = $1 AND holder = $2 AND lease_until > $3`+t.lockRow(), name, holder, micros(now)).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("the lease %s is another's: %w", name, ErrNotFound)
	}
	return err
}

// DropLeases gives back all that a holder has.
func (t *Tx) DropLeases(holder string) error {
	return t.exec(`DELETE FROM leases WHERE holder = $1`, holder)
}

// TakePlanned gives a planned run that is to be run, of one of these robots, to a holder
// of a lease: the one that was planned first. Runs of holders whose lease is over are to
// be run again. ErrNotFound means that there is none. Planned.Machine is where it was
// begun before, if it was.
func (t *Tx) TakePlanned(robots []string, holder, machine string) (Planned, error) {
	if err := t.Alone("planned"); err != nil {
		return Planned{}, err
	}
	now, err := t.Now()
	if err != nil {
		return Planned{}, err
	}
	open, err := t.planned(`WHERE ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.holder = planned_runs.holder AND l.lease_until > $1)`, micros(now))
	if err != nil {
		return Planned{}, fmt.Errorf("look for planned runs: %w", err)
	}
	for _, p := range open {
		if slices.Contains(robots, p.Robot) {
			return p, t.change(`UPDATE planned_runs SET holder = $1, machine = $2 WHERE key = $3`, holder, machine, p.Key)
		}
	}
	return Planned{}, ErrNotFound
}

// PlannedOf are the planned runs of a robot that have not ended.
func (t *Tx) PlannedOf(robot string) ([]Planned, error) {
	return t.planned(`WHERE ended_at IS NULL AND robot = $1`, robot)
}

// DeadRun is a run whose worker's lease has run out, and that nobody has taken over.
type DeadRun struct {
	Number, Robot, Machine string
	Mode                   runner.Mode
	Limit                  int // it was to take up at most so many items; 0 means all
	Held                   int // items that its worker holds
}

// DeadRuns are the runs whose workers are dead and whose items may be taken over now.
// longest is the longest time that a request of theirs may last.
func (t *Tx) DeadRuns(longest time.Duration) ([]DeadRun, error) {
	now, err := t.Now()
	if err != nil {
		return nil, err
	}
	rows, err := t.QueryContext(t.ctx, `SELECT r.number, r.robot, r.mode, w.machine, r.run_limit, (SELECT COUNT(*) FROM items i WHERE i.worker = w.id AND `+unsettled+`)
		FROM workers w JOIN runs r ON r.worker = w.id WHERE w.lease_until <= $1 AND r.ended_at IS NULL ORDER BY r.id`, micros(now.Add(-longest)))
	if err != nil {
		return nil, fmt.Errorf("look for dead runs: %w", err)
	}
	defer rows.Close()
	var all []DeadRun
	for rows.Next() {
		var d DeadRun
		if err := rows.Scan(&d.Number, &d.Robot, &d.Mode, &d.Machine, &d.Limit, &d.Held); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// Machines are the machines, by name, on which programs work on this store just now.
func (t *Tx) Machines() ([]string, error) {
	now, err := t.Now()
	if err != nil {
		return nil, err
	}
	rows, err := t.QueryContext(t.ctx, `SELECT machine FROM workers WHERE lease_until > $1 UNION SELECT machine FROM leases WHERE lease_until > $1 ORDER BY 1`, micros(now))
	if err != nil {
		return nil, fmt.Errorf("look who works on the store: %w", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}
