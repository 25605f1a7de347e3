package cli

import (
	"context"
	"errors"

	"byskriver/runner/store"
)

// did is what was done to an item, as far as it was said when the robot asked whether it was
// a sample; a person's own decision goes before that.
func (h *house) did(ctx context.Context, row store.Row, keys store.Keys) (string, error) {
	d, err := h.store.LastDecision(ctx, row, keys)
	if err != nil {
		return "", err
	}
	if d != nil && d.Value != "" {
		return d.Value, nil
	}
	s, err := h.store.Sample(ctx, row.ID)
	if errors.Is(err, store.ErrNotFound) || !keys.Content.Valid() {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return keys.OpenProposal(s.Proposal)
}
