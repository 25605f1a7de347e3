package grants

import (
	"context"
	"fmt"
	"slices"
	"time"

	"byskriver/robots/internal/ident"
	"byskriver/robots/invoice/coding"
	"byskriver/runner"
)

// The marks with which an invoice holds its grant for its period, from before it is
// posted: the case system shows a payment only once it has been marked there. Two
// periods have a day in common if each begins before the other ends, so each of the
// two days is a mark. The kinds are stored, and never change.
const (
	holdFrom = "grant-from" // citizen and grant, on the period's first day
	holdTo   = "grant-to"   // ... on its last
)

// lastDay is after the end of every period.
func lastDay() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// hold notes that the invoice takes the grant for the period, and returns the items
// that held it before, or that hold it and are settled. One that was sent back or
// deleted holds nothing.
func hold(ctx context.Context, c runner.Case, who ident.CPR, grant string, p Period) ([]string, error) {
	from, errFrom := time.Parse(time.DateOnly, p.From)
	to, errTo := time.Parse(time.DateOnly, p.To)
	if errFrom != nil || errTo != nil {
		return nil, fmt.Errorf("hold grant %s: %s is no period", grant, p.Danish())
	}
	first := runner.Mark{Kind: holdFrom, Key: string(who) + "/" + grant, On: from, Sticky: true}
	last := runner.Mark{Kind: holdTo, Key: first.Key, On: to, Sticky: true}
	// The last day is noted before the first, and looked at after it: of two items
	// worked at once, whichever notes its first day later sees both of the other's.
	var begun, ending []runner.Mark
	for _, step := range []struct {
		mark     runner.Mark
		from, to time.Time
		seen     *[]runner.Mark
	}{{last, from, lastDay(), &ending}, {first, time.Time{}, to, &begun}, {last, from, lastDay(), &ending}} {
		others, err := c.Reserve(ctx, step.mark, step.from, step.to)
		if err != nil {
			return nil, fmt.Errorf("hold grant %s: %w", grant, err)
		}
		*step.seen = others
	}
	var holders []string
	for _, b := range begun {
		if !b.Earlier && b.State != runner.Done || !slices.ContainsFunc(ending, func(e runner.Mark) bool { return e.Item == b.Item }) {
			continue
		}
		back, err := returned(ctx, c, b.Item)
		if err != nil {
			return nil, err
		}
		if !back {
			holders = append(holders, b.Item)
		}
	}
	return holders, nil
}

// returned reports whether an item was sent back or deleted.
func returned(ctx context.Context, c runner.Case, item string) (bool, error) {
	never := time.Unix(0, 0).UTC()
	others, err := c.Reserve(ctx, runner.Mark{Kind: coding.MarkReturned, Key: item, On: never}, never.AddDate(0, 0, 1), lastDay())
	if err != nil {
		return false, fmt.Errorf("see whether %s was sent back: %w", item, err)
	}
	return slices.ContainsFunc(others, func(m runner.Mark) bool { return m.Item == item }), nil
}
