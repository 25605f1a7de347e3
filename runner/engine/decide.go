package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// Decide records a person's decision about an item on the list, and logs it in the same
// commit. store.ErrStale means that the item has moved on and nothing was changed.
func (e *Engine) Decide(ctx context.Context, row store.Row, revision int, d runner.Decision) error {
	keys, err := e.Store.Keys(ctx, row)
	if err != nil {
		return err
	}
	if !keys.Content.Valid() {
		return fmt.Errorf("%s er slettet efter slettepolitikken", row.Number)
	}
	sealed, err := keys.SealDecision(d)
	if err != nil {
		return err
	}
	entries := []runlog.Entry{decisionEntry(row, revision, d)}
	judged, err := e.judgement(ctx, row, keys, d)
	if err != nil {
		return err
	}
	if judged != store.Unjudged {
		entries = append(entries, runlog.Entry{At: d.At, Code: "sample.judged", Item: row.Number, Fields: map[string]string{"judgement": string(judged), "by": d.By}})
	}
	rows, err := e.Log.Seal(keys.Log, entries...)
	if err != nil {
		return err
	}
	return e.Store.Write(ctx, func(t *store.Tx) error {
		if err := t.Decide(row, revision, d, sealed); err != nil {
			return err
		}
		if judged != store.Unjudged {
			if err := t.Judge(row, judged, d.At); err != nil {
				return err
			}
		}
		return e.Log.Write(t.Context(), t, rows...)
	})
}

// decisionEntry is what the log says of a person's decision.
func decisionEntry(row store.Row, revision int, d runner.Decision) runlog.Entry {
	f := map[string]string{"action": d.Action, "by": d.By, "source": d.Source, "revision": fmt.Sprint(revision)}
	if d.Digest != "" {
		f["digest"] = d.Digest
	}
	if d.Value != "" {
		f["value"] = d.Value
	}
	return runlog.Entry{At: d.At, Code: "person.decided", Item: row.Number, Text: d.Note, Fields: f}
}

// judgement is what a decision says of the robot's proposal, where the item is a sample
// that nobody has judged yet. To have it tried again says nothing.
func (e *Engine) judgement(ctx context.Context, row store.Row, keys store.Keys, d runner.Decision) (store.Judgement, error) {
	if row.Code != runner.CodeSample {
		return store.Unjudged, nil
	}
	s, err := e.Store.Sample(ctx, row.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && (!s.Drawn || s.Judged != store.Unjudged) {
		return store.Unjudged, nil
	}
	if err != nil {
		return store.Unjudged, fmt.Errorf("look whether %s is a sample: %w", row.Number, err)
	}
	proposal, err := keys.OpenProposal(s.Proposal)
	switch {
	case err != nil:
		return store.Unjudged, err
	case d.Action == runner.ActionRetry:
		return store.Unjudged, nil
	case d.Action == runner.ActionAgree, d.Value != "" && sameWords(d.Value, proposal):
		return store.Agreed, nil
	case d.Action == runner.ActionManual:
		return store.Unknown, nil
	}
	return store.Other, nil
}

// sameWords compares two codings as people write them.
func sameWords(a, b string) bool {
	words := func(s string) string {
		return strings.Join(strings.Fields(strings.ToUpper(strings.NewReplacer(",", " ", ";", " ").Replace(s))), " ")
	}
	return words(a) == words(b)
}

// DecideFirst keeps and logs a decision that takes a second person. The item stays on the
// list. store.ErrStale means that it has moved on and nothing was changed.
func (e *Engine) DecideFirst(ctx context.Context, row store.Row, revision int, d runner.Decision) error {
	keys, err := e.Store.Keys(ctx, row)
	if err != nil {
		return err
	}
	sealed, err := keys.SealDecision(d)
	if err != nil {
		return err
	}
	entry := decisionEntry(row, revision, d)
	entry.Code = "person.decided_first"
	rows, err := e.Log.Seal(keys.Log, entry)
	if err != nil {
		return err
	}
	return e.Store.Write(ctx, func(t *store.Tx) error {
		if err := t.DecideFirst(row, revision, d, sealed); err != nil {
			return err
		}
		return e.Log.Write(t.Context(), t, rows...)
	})
}

// SameDecision reports whether two people have decided the same.
func SameDecision(a, b runner.Decision) bool {
	return a.Action == b.Action && sameWords(a.Value, b.Value)
}
