package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"byskriver/runner"
)

// Beat writes a few bytes and reads them back: who can do that can use the store.
func (s *Store) Beat(ctx context.Context, machine string) error {
	at := micros(s.clock.Now())
	err := s.Write(ctx, func(t *Tx) error {
		return t.exec(`INSERT INTO heartbeats (machine, at) VALUES ($1, $2) ON CONFLICT (machine) DO UPDATE SET at = excluded.at`, machine, at)
	})
	if err != nil {
		return err
	}
	var read int64
	err = s.read.QueryRowContext(ctx, `SELECT at FROM heartbeats WHERE machine = $1`, machine).Scan(&read)
	if err == nil && read < at {
		err = fmt.Errorf("%d was written, and %d is read", at, read)
	}
	return err
}

// Tally is how many items stand in an open state with a code.
type Tally struct {
	Robot string
	Mode  runner.Mode
	State runner.State
	Code  string // of the last outcome
	Items int
}

// OpenItems counts the items that have not come to their end: what they cost to count does not
// grow with those that have.
func (s *Store) OpenItems(ctx context.Context) ([]Tally, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT robot, mode, state, code, COUNT(*) FROM items WHERE `+unsettled+` GROUP BY 1, 2, 3, 4
		UNION ALL SELECT robot, mode, state, code, COUNT(*) FROM items WHERE state = 'exception' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`)
	if err != nil {
		return nil, fmt.Errorf("count the open items: %w", err)
	}
	defer rows.Close()
	var all []Tally
	for rows.Next() {
		var o Tally
		if err := rows.Scan(&o.Robot, &o.Mode, &o.State, &o.Code, &o.Items); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// List is how many exceptions a robot has on people's lists, and when the oldest of them
// was found.
type List struct {
	Open   int
	Oldest time.Time // zero if there is none
}

// Lists are the lists of the robots that have any.
func (s *Store) Lists(ctx context.Context) (map[string]List, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT robot, COUNT(*), MIN(created_at) FROM items WHERE state = 'exception' AND mode = $1 GROUP BY robot`, runner.Live)
	if err != nil {
		return nil, fmt.Errorf("look at the lists: %w", err)
	}
	defer rows.Close()
	all := map[string]List{}
	for rows.Next() {
		var robot string
		var l List
		var oldest int64
		if err := rows.Scan(&robot, &l.Open, &oldest); err != nil {
			return nil, err
		}
		l.Oldest = fromMicros(oldest)
		all[robot] = l
	}
	return all, rows.Err()
}

// Sound reports whether a run came to its own end, and the robot did not stop itself.
func (r Run) Sound() bool { return !r.Ended.IsZero() && r.Result.Stopped == "" && !r.Result.Broken }

// mostRuns bounds how far back a sound run is looked for.
const mostRuns = 1000

// LastSound is the newest sound run of a robot in a mode, or ErrNotFound.
func (s *Store) LastSound(ctx context.Context, robot string, mode runner.Mode) (Run, error) {
	rows, err := s.read.QueryContext(ctx, runQuery+` WHERE robot = $1 AND mode = $2 AND ended_at IS NOT NULL ORDER BY started_at DESC LIMIT $3`, robot, mode, mostRuns)
	if err != nil {
		return Run{}, fmt.Errorf("look for the last sound run of %s: %w", robot, err)
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRun(rows)
		if err != nil || r.Sound() {
			return r, err
		}
	}
	return Run{}, errors.Join(rows.Err(), ErrNotFound)
}

// LastRunID is the number that runs begun from now on are above, for RunsAfter.
func (s *Store) LastRunID(ctx context.Context) (id int64, err error) {
	return s.highest(ctx, `SELECT MAX(id) FROM runs`)
}

// LastStopID is the same for StopsAfter.
func (s *Store) LastStopID(ctx context.Context) (id int64, err error) {
	return s.highest(ctx, `SELECT MAX(id) FROM stops`)
}

func (s *Store) highest(ctx context.Context, query string) (int64, error) {
	var id sql.NullInt64
	err := s.read.QueryRowContext(ctx, query).Scan(&id)
	return id.Int64, err
}

// RunsAfter are the runs above an ID, by their IDs.
func (s *Store) RunsAfter(ctx context.Context, after int64) (map[int64]Run, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, robot, mode, started_at, COALESCE(ended_at, 0), result FROM runs WHERE id > $1`, after)
	if err != nil {
		return nil, fmt.Errorf("read the newest runs: %w", err)
	}
	defer rows.Close()
	all := map[int64]Run{}
	for rows.Next() {
		var r Run
		var id, started, ended int64
		var result string
		if err := rows.Scan(&id, &r.Robot, &r.Mode, &started, &ended, &result); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(result), &r.Result); err != nil {
			return nil, fmt.Errorf("read a run's result: %w", err)
		}
		r.Started, r.Ended = fromMicros(started), fromMicros(ended)
		all[id] = r
	}
	return all, rows.Err()
}

// StopsAfter are the times that robots stopped themselves above an ID, and the highest ID.
func (s *Store) StopsAfter(ctx context.Context, after int64) ([]Stop, int64, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, robot, kind, system FROM stops WHERE id > $1 ORDER BY id`, after)
	if err != nil {
		return nil, after, fmt.Errorf("read the newest stops: %w", err)
	}
	defer rows.Close()
	var all []Stop
	for rows.Next() {
		var p Stop
		if err := rows.Scan(&after, &p.Robot, &p.Kind, &p.System); err != nil {
			return nil, after, err
		}
		all = append(all, p)
	}
	return all, after, rows.Err()
}

// Told is how many entries with a code the run log has of a robot's runs in a mode.
type Told struct {
	Code, Robot string // Robot is "" where the entry belongs to no run
	Mode        runner.Mode
	Entries     int
}

// ToldAfter counts the numbered entries of the run log above one number and up to another.
func (s *Store) ToldAfter(ctx context.Context, after, upTo int64) ([]Told, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT e.code, COALESCE(r.robot, ''), COALESCE(r.mode, ''), COUNT(*) FROM log_entries e LEFT JOIN runs r ON r.number = e.run
		WHERE e.seq > $1 AND e.seq <= $2 GROUP BY 1, 2, 3`, after, upTo)
	if err != nil {
		return nil, fmt.Errorf("count the newest entries of the log: %w", err)
	}
	defer rows.Close()
	var all []Told
	for rows.Next() {
		var n Told
		if err := rows.Scan(&n.Code, &n.Robot, &n.Mode, &n.Entries); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// Robots are the robots that have ever run.
func (s *Store) Robots(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT robot FROM runs ORDER BY robot`)
	if err != nil {
		return nil, fmt.Errorf("look which robots have run: %w", err)
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

// AlarmCounts are how many alarms of each code stand, and how many mails about alarms are
// unsent.
func (s *Store) AlarmCounts(ctx context.Context) (standing map[string]int, unsent int, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT code, COUNT(*) FROM alarms WHERE ended_at = 0 GROUP BY code`)
	if err != nil {
		return nil, 0, fmt.Errorf("count the alarms: %w", err)
	}
	defer rows.Close()
	standing = map[string]int{}
	for rows.Next() {
		var code string
		var n int
		if err := rows.Scan(&code, &n); err != nil {
			return nil, 0, err
		}
		standing[code] = n
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM alarm_mails WHERE tell <> ''`).Scan(&unsent)
	return standing, unsent, err
}

// OldestUnsent is how many mails about alarms are unsent, and since when the first is due.
func (s *Store) OldestUnsent(ctx context.Context) (since time.Time, unsent int, err error) {
	var at sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*), MIN(due_at) FROM alarm_mails WHERE tell <> ''`).Scan(&unsent, &at)
	return fromMicros(at.Int64), unsent, err
}
