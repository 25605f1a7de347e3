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

// Outcome is how one attempt at an item ended.
type Outcome struct {
	State   runner.State
	Code    string
	At      time.Time
	Run     string
	ReadyAt time.Time // for Waiting and Failed
	Words   Words

	Revision int // set on reading
}

// Words are an outcome's text for people, sealed at rest.
type Words struct {
	Text     string          `json:"text,omitempty"`
	Proposal string          `json:"proposal,omitempty"`
	Choices  []runner.Choice `json:"choices,omitempty"`
	Label    string          `json:"label,omitempty"` // the case's number in the source system, as the robot found it
}

// SealWords seals an outcome's text, outside of any transaction.
func (k Keys) SealWords(w Words) ([]byte, error) {
	plain, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	return k.Content.Seal(plain, "outcome"), nil
}

// Settle ends an attempt. It returns ErrNotFound where the worker no longer has
// the item; then nothing is changed. Exception and Done are new revisions; an
// item that waits or failed keeps its revision, and so the decision that it is
// worked by.
func (t *Tx) Settle(r Row, worker string, o Outcome, words []byte) error {
	revision, attempt, settled := r.Revision, r.Attempt, time.Time{}
	switch o.State {
	case runner.Exception:
		revision++
	case runner.Done:
		revision, settled = revision+1, o.At
	case runner.Waiting:
		attempt = 0
	}
	err := t.change(`UPDATE items SET state = $1, code = $2, attempt = $3, revision = $4, ready_at = $5, settled_at = $6, worker = '', job_id = 0
		WHERE id = $7 AND worker = $8 AND revision = $9`,
		o.State, o.Code, attempt, revision, micros(o.ReadyAt), micros(settled), r.ID, worker, r.Revision)
	if err != nil {
		return fmt.Errorf("settle %s as %s: %w", r.Number, o.State, err)
	}
	if o.State == runner.Exception {
		if err := t.exec(`DELETE FROM marks WHERE item_id = $1 AND sticky = 0`, r.ID); err != nil {
			return err
		}
	}
	if words == nil {
		return nil
	}
	return t.exec(`INSERT INTO outcomes (item_id, revision, at, state, code, run, text_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		r.ID, revision, micros(o.At), o.State, o.Code, o.Run, words)
}

// Unclaim gives an item back untried: the attempt does not count.
func (t *Tx) Unclaim(r Row, worker string) error {
	return t.change(`UPDATE items SET worker = '', job_id = 0, attempt = attempt - 1 WHERE id = $1 AND worker = $2`, r.ID, worker)
}

// Outcomes are an item's recorded outcomes, oldest first. Their words are empty
// where the item's key is destroyed.
func (s *Store) Outcomes(ctx context.Context, r Row, k Keys) ([]Outcome, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT revision, at, state, code, run, text_sealed FROM outcomes WHERE item_id = $1 ORDER BY id`, r.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Outcome
	for rows.Next() {
		var o Outcome
		var at int64
		var sealed []byte
		if err := rows.Scan(&o.Revision, &at, &o.State, &o.Code, &o.Run, &sealed); err != nil {
			return nil, err
		}
		o.At = fromMicros(at)
		if err := openJSON(k, sealed, "outcome", &o.Words); err != nil {
			return nil, fmt.Errorf("open an outcome of %s: %w", r.Number, err)
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// openJSON opens and decodes what was sealed with the item's content key; with a
// destroyed key it leaves v as it is.
func openJSON(k Keys, sealed []byte, context string, v any) error {
	if !k.Content.Valid() {
		return nil
	}
	plain, err := k.Content.Open(sealed, context)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}

// ErrStale says that a decision was made about an earlier revision of the item,
// or about an item that is not on the list.
var ErrStale = errors.New("the item has moved on since the decision was made")

// Decide records a person's decision about an exception. With Manual the item is
// done; otherwise it is ready to be worked again with the decision. The words of
// ErrStale mean that nothing was changed.
func (t *Tx) Decide(r Row, revision int, d runner.Decision, sealed []byte) error {
	state, next, settled := runner.Ready, revision, time.Time{}
	if d.Action == runner.ActionManual {
		state, next, settled = runner.Done, revision+1, d.At
	}
	err := t.change(`UPDATE items SET state = $1, attempt = 0, revision = $2, ready_at = $3, settled_at = $4, job_id = 0
		WHERE id = $5 AND state = 'exception' AND revision = $6`, state, next, micros(d.At), micros(settled), r.ID, revision)
	if errors.Is(err, ErrNotFound) {
		return ErrStale
	}
	if err != nil {
		return fmt.Errorf("record the decision about %s: %w", r.Number, err)
	}
	return t.exec(`INSERT INTO person_decisions (item_id, revision, at, decision_sealed) VALUES ($1, $2, $3, $4)`,
		r.ID, revision, micros(d.At), sealed)
}

// SealDecision seals a person's decision, outside of any transaction.
func (k Keys) SealDecision(d runner.Decision) ([]byte, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return k.Content.Seal(plain, "decision"), nil
}

// decision is the person's decision that the item's revision stands under.
func (s *Store) decision(ctx context.Context, r Row, k Keys) (*runner.Decision, error) {
	var sealed []byte
	err := s.read.QueryRowContext(ctx, `SELECT decision_sealed FROM person_decisions WHERE item_id = $1 AND revision = $2`, r.ID, r.Revision).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d runner.Decision
	if err := openJSON(k, sealed, "decision", &d); err != nil {
		return nil, fmt.Errorf("open the decision about %s: %w", r.Number, err)
	}
	return &d, nil
}

// LastDecision is the newest decision of a person about an item, or nil.
func (s *Store) LastDecision(ctx context.Context, r Row, k Keys) (*runner.Decision, error) {
	var sealed []byte
	err := s.read.QueryRowContext(ctx, `SELECT decision_sealed FROM person_decisions WHERE item_id = $1 ORDER BY revision DESC LIMIT 1`, r.ID).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !k.Content.Valid() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d runner.Decision
	if err := openJSON(k, sealed, "decision", &d); err != nil {
		return nil, fmt.Errorf("open the decision about %s: %w", r.Number, err)
	}
	return &d, nil
}
