package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// StepState is how far a change in an existing system is known to have come.
type StepState string

// The states of a step.
const (
	Intent    StepState = "intent"    // about to be made; after a crash: perhaps made
	Said      StepState = "said"      // the system said that it was made, but did not yet show it
	Receipt   StepState = "receipt"   // made, and read back
	Withdrawn StepState = "withdrawn" // certain not to have been made
	Shadowed  StepState = "shadow"    // not made: a shadow run
)

// Step is one change in an existing system, as far as it is known.
type Step struct {
	Name      string
	System    string
	State     StepState
	Attempted time.Time
	Plan      []byte // sealed
	Receipt   []byte // sealed; nil before the receipt
	// Readings are what Clock.Running showed, by Clock.Boot, when the attempt had ended, or
	// when a run that had not made it first saw it.
	Readings map[string]time.Duration
}

// stepColumns are what scan reads.
const stepColumns = `name, system, state, attempted_at, plan_sealed, receipt_sealed, readings`

func (p *Step) scan(scan func(...any) error) error {
	var at int64
	var readings string
	if err := scan(&p.Name, &p.System, &p.State, &at, &p.Plan, &p.Receipt, &readings); err != nil {
		return err
	}
	p.Attempted = fromMicros(at)
	var all map[string]int64
	if err := json.Unmarshal([]byte(readings), &all); err != nil {
		return fmt.Errorf("read the clock's readings of step %s: %w", p.Name, err)
	}
	for boot, at := range all {
		p.reads(boot, time.Duration(at)*time.Microsecond)
	}
	return nil
}

func (p *Step) reads(boot string, at time.Duration) {
	if p.Readings == nil {
		p.Readings = map[string]time.Duration{}
	}
	p.Readings[boot] = at
}

// readings is what scan reads of them.
func (p *Step) readings() (string, error) {
	all := map[string]int64{}
	for boot, at := range p.Readings {
		all[boot] = at.Microseconds()
	}
	b, err := json.Marshal(all)
	return string(b), err
}

// Step reads a step of an item, or returns ErrNotFound.
func (s *Store) Step(ctx context.Context, item int64, name string) (Step, error) {
	p := Step{Name: name}
	err := p.scan(s.read.QueryRowContext(ctx, `SELECT `+stepColumns+` FROM steps WHERE item_id = $1 AND name = $2`, item, name).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNotFound
	}
	return p, err
}

// PutStep writes a step. The worker must still have the item, or ErrNotFound is
// returned and nothing written.
func (t *Tx) PutStep(r Row, worker string, s Step) error {
	var one int
	err := t.QueryRowContext(t.ctx, `SELECT 1 FROM items WHERE id = $1 AND worker = $2`+t.lockRow(), r.ID, worker).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	readings, err := s.readings()
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO steps (item_id, name, system, state, attempted_at, plan_sealed, receipt_sealed, readings) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (item_id, name) DO UPDATE SET system = excluded.system, state = excluded.state, attempted_at = excluded.attempted_at,
		plan_sealed = excluded.plan_sealed, receipt_sealed = excluded.receipt_sealed, readings = excluded.readings`,
		r.ID, s.Name, s.System, s.State, micros(s.Attempted), s.Plan, s.Receipt, readings)
	if err != nil {
		return fmt.Errorf("write step %s of %s: %w", s.Name, r.Number, err)
	}
	return nil
}
