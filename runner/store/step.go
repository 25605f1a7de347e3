package store

import (
	"context"
	"database/sql"
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
}

// Step reads a step of an item, or returns ErrNotFound.
func (s *Store) Step(ctx context.Context, item int64, name string) (Step, error) {
	p := Step{Name: name}
	var at int64
	err := s.read.QueryRowContext(ctx, `SELECT system, state, attempted_at, plan_sealed, receipt_sealed FROM steps WHERE item_id = $1 AND name = $2`, item, name).
		Scan(&p.System, &p.State, &at, &p.Plan, &p.Receipt)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNotFound
	}
	p.Attempted = fromMicros(at)
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
	err = t.exec(`INSERT INTO steps (item_id, name, system, state, attempted_at, plan_sealed, receipt_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (item_id, name) DO UPDATE SET system = excluded.system, state = excluded.state, attempted_at = excluded.attempted_at,
		plan_sealed = excluded.plan_sealed, receipt_sealed = excluded.receipt_sealed`,
		r.ID, s.Name, s.System, s.State, micros(s.Attempted), s.Plan, s.Receipt)
	if err != nil {
		return fmt.Errorf("write step %s of %s: %w", s.Name, r.Number, err)
	}
	return nil
}
