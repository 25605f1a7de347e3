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

// Run is one run of a robot.
type Run struct {
	Number  string
	Robot   string
	Mode    runner.Mode
	Started time.Time
	Ended   time.Time         // zero while it goes on, or where it was cut off
	Facts   map[string]string // program version, digests of configuration, plans and selectors
	Result  Result

	Worker string // who runs it, for StartRun
	Limit  int    // items at most, for StartRun; 0 means all
}

// Result is how a run ended. Found = Done + Exceptions + Waiting + Failed.
type Result struct {
	Found      int    `json:"found"`            // items that this run took up
	Done       int    `json:"done"`             // settled
	Exceptions int    `json:"exceptions"`       // on a person's list
	Waiting    int    `json:"waiting"`          // by the robot's own wish
	Failed     int    `json:"failed"`           // to be tried again
	Left       int    `json:"left"`             // due, and not taken up: a limit was reached or the robot stopped
	Stopped    string `json:"stopped"`          // why the robot stopped itself, in Danish, or ""
	Broken     bool   `json:"broken,omitempty"` // the run failed of itself, not an item of it
	Shadow     int    `json:"shadow,omitempty"` // worked in shadow by a live run, and in none of the counts above
}

// StartRun stores the start of a run and draws its number.
func (t *Tx) StartRun(r Run) (Run, error) {
	facts, err := json.Marshal(r.Facts)
	if err != nil {
		return r, err
	}
	if r.Number, err = t.number("run-"+r.Robot, r.Started); err != nil {
		return r, err
	}
	return r, t.exec(`INSERT INTO runs (number, robot, mode, started_at, facts, result, worker, run_limit) VALUES ($1, $2, $3, $4, $5, '{}', $6, $7)`,
		r.Number, r.Robot, r.Mode, micros(r.Started), string(facts), r.Worker, r.Limit)
}

// EndRun stores a run's end. ErrNotFound means that it was ended before: somebody else
// took it for dead.
func (t *Tx) EndRun(number string, at time.Time, result Result) error {
	b, err := json.Marshal(result)
	if err != nil {
		return err
	}
	return t.change(`UPDATE runs SET ended_at = $1, result = $2 WHERE number = $3 AND ended_at IS NULL`, micros(at), string(b), number)
}

// CutOff lists the runs of a robot that began and never ended, and whose worker is gone.
func (t *Tx) CutOff(robot string) ([]string, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT number FROM runs WHERE robot = $1 AND ended_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = runs.worker) ORDER BY id`, robot)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// LastRun is the newest ended run of a robot in a mode, or ErrNotFound.
func (s *Store) LastRun(ctx context.Context, robot string, mode runner.Mode) (Run, error) {
	return s.scanRun(s.read.QueryRowContext(ctx, runQuery+` WHERE robot = $1 AND mode = $2 AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1`, robot, mode))
}

// RunByNumber finds a run by its number.
func (s *Store) RunByNumber(ctx context.Context, number string) (Run, error) {
	return s.scanRun(s.read.QueryRowContext(ctx, runQuery+` WHERE number = $1`, number))
}

const runQuery = `SELECT number, robot, mode, started_at, COALESCE(ended_at, 0), facts, result FROM runs`

func (s *Store) scanRun(row *sql.Row) (Run, error) { return scanRun(row) }

func scanRun(row interface{ Scan(...any) error }) (Run, error) {
	var r Run
	var started, ended int64
	var facts, result string
	err := row.Scan(&r.Number, &r.Robot, &r.Mode, &started, &ended, &facts, &result)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	}
	if err != nil {
		return r, err
	}
	r.Started, r.Ended = fromMicros(started), fromMicros(ended)
	if err := json.Unmarshal([]byte(facts), &r.Facts); err != nil {
		return r, fmt.Errorf("read the facts of run %s: %w", r.Number, err)
	}
	return r, json.Unmarshal([]byte(result), &r.Result)
}

// Stop is a robot that stopped itself.
type Stop struct {
	Robot  string
	At     time.Time
	Run    string
	Kind   runner.TroubleKind
	System string
	Text   string // Danish: what is wrong and what to do
}

// PutStop records that a robot stopped itself.
func (t *Tx) PutStop(s Stop) error {
	return t.exec(`INSERT INTO stops (robot, at, run, kind, system, text) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.Robot, micros(s.At), s.Run, s.Kind, s.System, s.Text)
}

// ClearStops says that a robot works again.
func (t *Tx) ClearStops(robot string, at time.Time) error {
	return t.exec(`UPDATE stops SET cleared_at = $1 WHERE robot = $2 AND cleared_at IS NULL`, micros(at), robot)
}

// Stops are the robots that stopped themselves and do not work yet.
func (s *Store) Stops(ctx context.Context) ([]Stop, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT robot, at, run, kind, system, text FROM stops WHERE cleared_at IS NULL ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Stop
	for rows.Next() {
		var p Stop
		var at int64
		if err := rows.Scan(&p.Robot, &at, &p.Run, &p.Kind, &p.System, &p.Text); err != nil {
			return nil, err
		}
		p.At = fromMicros(at)
		all = append(all, p)
	}
	return all, rows.Err()
}
