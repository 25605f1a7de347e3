package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"byskriver/runner"
)

// FirstDecision is the decision about the item's present revision that waits for a second
// person's, or nil.
func (s *Store) FirstDecision(ctx context.Context, r Row, k Keys) (*runner.Decision, error) {
	var sealed []byte
	err := s.read.QueryRowContext(ctx, `SELECT decision_sealed FROM first_decisions WHERE item_id = $1 AND revision = $2`, r.ID, r.Revision).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the first decision about %s: %w", r.Number, err)
	}
	var d runner.Decision
	if err := openJSON(k, sealed, "decision", &d); err != nil {
		return nil, fmt.Errorf("open the first decision about %s: %w", r.Number, err)
	}
	return &d, nil
}

// DecideFirst keeps a decision that waits for a second person's, in the place of an earlier
// one. ErrStale means that the item has moved on and nothing was changed.
func (t *Tx) DecideFirst(r Row, revision int, d runner.Decision, sealed []byte) error {
	var one int
	err := t.QueryRowContext(t.ctx, `SELECT 1 FROM items WHERE id = $1 AND state = 'exception' AND revision = $2`+t.lockRow(), r.ID, revision).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrStale
	}
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO first_decisions (item_id, revision, at, decision_sealed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (item_id, revision) DO UPDATE SET at = excluded.at, decision_sealed = excluded.decision_sealed`, r.ID, revision, micros(d.At), sealed)
}
