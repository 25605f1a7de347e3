package store

import (
	"fmt"
	"time"

	"byskriver/runner"
)

// Register notes a worker and how long its claims hold.
func (t *Tx) Register(id, robot string, now, until time.Time) error {
	return t.exec(`INSERT INTO workers (id, robot, started_at, lease_until) VALUES ($1, $2, $3, $4)`, id, robot, micros(now), micros(until))
}

// Renew prolongs a worker's claims. ErrNotFound means that they were taken over.
func (t *Tx) Renew(id string, until time.Time) error {
	return t.change(`UPDATE workers SET lease_until = $1 WHERE id = $2`, micros(until), id)
}

// Resign takes a worker off the list and frees what it still holds.
func (t *Tx) Resign(id string) error {
	if err := t.exec(`UPDATE items SET worker = '', job_id = 0 WHERE worker = $1`, id); err != nil {
		return err
	}
	return t.exec(`DELETE FROM workers WHERE id = $1`, id)
}

// Recover is called by the program that alone may work a robot, before it begins:
// whatever dead workers of that robot held is free again, and jobs that no
// longer point at anything are dropped. It returns how many items were held.
func (t *Tx) Recover(robot string) (int64, error) {
	res, err := t.ExecContext(t.ctx, `UPDATE items SET worker = '', job_id = 0 WHERE robot = $1 AND state IN ('ready', 'waiting', 'failed') AND worker <> ''`, robot)
	if err != nil {
		return 0, fmt.Errorf("free what dead workers of %s held: %w", robot, err)
	}
	if err := t.exec(`DELETE FROM workers WHERE robot = $1`, robot); err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// ResetJobs makes the queue agree with the items after a crash: jobs that were
// running are available again, and an open item whose job is gone is without
// one, so that it gets a new one. The item's own state is the truth; a job only
// points at it.
func (t *Tx) ResetJobs(robot string, queues ...string) error {
	for _, q := range queues {
		if err := t.exec(`UPDATE river_job SET state = 'available' WHERE queue = $1 AND state = 'running'`, q); err != nil {
			return fmt.Errorf("take up the jobs of dead workers: %w", err)
		}
	}
	return t.exec(`UPDATE items SET job_id = 0 WHERE robot = $1 AND state IN ('ready', 'waiting', 'failed') AND job_id <> 0
		AND NOT EXISTS (SELECT 1 FROM river_job j WHERE j.id = items.job_id AND j.state IN ('available', 'running'))`, robot)
}

// Uncount takes back the last attempt at open items: it said something about a
// system, not about them.
func (t *Tx) Uncount(ids []int64, ready time.Time) error {
	for _, id := range ids {
		if err := t.exec(`UPDATE items SET attempt = attempt - 1, ready_at = $1 WHERE id = $2 AND state = 'failed' AND attempt > 0`, micros(ready), id); err != nil {
			return err
		}
	}
	return nil
}

// DueWithoutJob lists open items that are due and have no job, oldest first.
func (t *Tx) DueWithoutJob(robot string, mode runner.Mode, now time.Time, most int) ([]int64, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT id FROM items WHERE robot = $1 AND mode = $2 AND ready_at <= $3 AND state IN ('ready', 'waiting', 'failed') AND job_id = 0 AND worker = '' ORDER BY id LIMIT $4`,
		robot, mode, micros(now), most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Due counts the open items of a robot that are due.
func (t *Tx) Due(robot string, mode runner.Mode, now time.Time) (int, error) {
	var n int
	err := t.QueryRowContext(t.ctx, `SELECT COUNT(*) FROM items WHERE robot = $1 AND mode = $2 AND ready_at <= $3 AND state IN ('ready', 'waiting', 'failed')`,
		robot, mode, micros(now)).Scan(&n)
	return n, err
}
