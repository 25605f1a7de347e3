package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"byskriver/runner"
)

// unsettled is what an item is that is not settled. Whoever looks for items that are claimed,
// or have a job, says so too: settled ones are many, and there is an index without them.
const unsettled = `state IN ('ready', 'waiting', 'failed')`

// Register notes a worker of a robot, the machine that it is on, and for how long its
// claims hold.
func (t *Tx) Register(id, robot, machine string, lease time.Duration) error {
	now, err := t.Now()
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO workers (id, robot, machine, started_at, lease_until) VALUES ($1, $2, $3, $4, $5)`,
		id, robot, machine, micros(now), micros(now.Add(lease)))
}

// Renew prolongs a worker's claims. ErrNotFound means that they have run out, on a store
// that is Shared, or were taken over.
func (t *Tx) Renew(id string, lease time.Duration) error {
	now, err := t.Now()
	if err != nil {
		return err
	}
	since := int64(0)
	if t.store.dialect.shared {
		since = micros(now)
	}
	return t.change(`UPDATE workers SET lease_until = $1 WHERE id = $2 AND lease_until > $3`, micros(now.Add(lease)), id, since)
}

// Holds makes sure that a worker's claims hold, by the database's own view, and that
// nobody takes them over before this transaction ends. ErrNotFound means that they do
// not. Where one machine works alone, its lock says so already.
func (t *Tx) Holds(id string) error {
	if !t.store.dialect.shared {
		return nil
	}
	var one int
	err := t.QueryRowContext(t.ctx, `SELECT 1 FROM workers WHERE id = $1 AND lease_until > `+t.store.dialect.clock+t.store.dialect.holdKey, id).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// Resign takes a worker off the list and frees what it still holds.
func (t *Tx) Resign(id string) error {
	if err := t.exec(`UPDATE items SET worker = '', job_id = 0 WHERE worker = $1 AND `+unsettled, id); err != nil {
		return err
	}
	return t.exec(`DELETE FROM workers WHERE id = $1`, id)
}

// Recover is called by the program that alone may work a robot, before it begins:
// whatever dead workers of that robot held is free again, and jobs that no
// longer point at anything are dropped. It returns how many items were held.
func (t *Tx) Recover(robot string) (int64, error) {
	res, err := t.ExecContext(t.ctx, `UPDATE items SET worker = '', job_id = 0 WHERE robot = $1 AND `+unsettled+` AND worker <> ''`, robot)
	if err != nil {
		return 0, fmt.Errorf("free what dead workers of %s held: %w", robot, err)
	}
	if err := t.exec(`DELETE FROM workers WHERE robot = $1`, robot); err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// TakeOver frees, on a store that is Shared, what workers of a robot hold whose lease
// has run out, and drops the jobs that they were running. An item with a change begun
// is free only when the lease is over for longer than the longest request lasts: until
// then the change may still be under way. It returns how many items were freed.
func (t *Tx) TakeOver(robot string, longest time.Duration, queues ...string) (freed int64, err error) {
	now, err := t.Now()
	if err != nil {
		return 0, err
	}
	dead, err := t.expired(robot, now)
	if err != nil {
		return 0, fmt.Errorf("look for dead workers of %s: %w", robot, err)
	}
	for id, until := range dead {
		n, err := t.bury(id, !now.Before(until.Add(longest)), queues)
		if err != nil {
			return 0, fmt.Errorf("free what dead worker %s held: %w", id, err)
		}
		freed += n
	}
	return freed, nil
}

// expired are the workers whose lease has run out. Their rows are held, so that no
// change of theirs is begun in a transaction that ends later.
func (t *Tx) expired(robot string, now time.Time) (map[string]time.Time, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT id, lease_until FROM workers WHERE robot = $1 AND lease_until <= $2 ORDER BY id`+t.lockRow(), robot, micros(now))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	dead := map[string]time.Time{}
	for rows.Next() {
		var id string
		var until int64
		if err := rows.Scan(&id, &until); err != nil {
			return nil, err
		}
		dead[id] = fromMicros(until)
	}
	return dead, rows.Err()
}

// bury frees what a dead worker holds: all of it, or what it has begun no change of.
func (t *Tx) bury(id string, all bool, queues []string) (freed int64, err error) {
	for _, q := range queues {
		if err := t.exec(`UPDATE items SET job_id = 0 WHERE `+unsettled+` AND worker = '' AND job_id IN (SELECT id FROM river_job WHERE `+t.store.dialect.runningBy+`)`, q, id); err != nil {
			return 0, err
		}
		if err := t.exec(`DELETE FROM river_job WHERE `+t.store.dialect.runningBy, q, id); err != nil {
			return 0, err
		}
	}
	begun := ` AND NOT EXISTS (SELECT 1 FROM steps WHERE item_id = items.id AND state = 'intent')`
	if all {
		begun = ""
	}
	res, err := t.ExecContext(t.ctx, `UPDATE items SET worker = '', job_id = 0 WHERE worker = $1 AND `+unsettled+begun, id)
	if err != nil {
		return 0, err
	}
	if all {
		if err := t.exec(`DELETE FROM workers WHERE id = $1`, id); err != nil {
			return 0, err
		}
	}
	return res.RowsAffected()
}

// ResetJobs makes the queue agree with the items after a crash: jobs that were
// running are available again, unless the store is Shared and others run them, and an
// open item whose job is gone is without one, so that it gets a new one. The item's own
// state is the truth; a job only points at it.
func (t *Tx) ResetJobs(robot string, queues ...string) error {
	for _, q := range queues {
		if t.store.dialect.shared {
			break
		}
		if err := t.exec(`UPDATE river_job SET state = 'available' WHERE queue = $1 AND state = 'running'`, q); err != nil {
			return fmt.Errorf("take up the jobs of dead workers: %w", err)
		}
	}
	return t.exec(`UPDATE items SET job_id = 0 WHERE robot = $1 AND `+unsettled+` AND worker = '' AND job_id <> 0
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
	rows, err := t.QueryContext(t.ctx, `SELECT id FROM items WHERE robot = $1 AND mode = $2 AND ready_at <= $3 AND `+unsettled+` AND job_id = 0 AND worker = '' ORDER BY id LIMIT $4`,
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
	err := t.QueryRowContext(t.ctx, `SELECT COUNT(*) FROM items WHERE robot = $1 AND mode = $2 AND ready_at <= $3 AND `+unsettled,
		robot, mode, micros(now)).Scan(&n)
	return n, err
}
