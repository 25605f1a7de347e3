package screen

import (
	"context"
	"errors"
	"fmt"

	"byskriver/runner"
	"byskriver/selectors/browser"
)

// Witness is the page as it was when something went wrong, for people to look at.
type Witness struct {
	Err  error
	PNG  []byte
	HTML []byte
}

// Error is the error that the page was kept for.
func (w *Witness) Error() string { return w.Err.Error() }

// Unwrap gives that error.
func (w *Witness) Unwrap() error { return w.Err }

// witness keeps a picture of the page where an error is about its screen. A
// picture that cannot be had takes nothing from the error.
func witness(ctx context.Context, page *browser.Page, err error) error {
	var t *runner.Trouble
	if !errors.As(err, &t) || t.Kind != runner.ScreenChanged && t.Kind != runner.Unavailable {
		return err
	}
	png, html, shotErr := page.Snapshot(context.WithoutCancel(ctx))
	if shotErr != nil {
		return fmt.Errorf("%w (no picture of it: %v)", err, shotErr)
	}
	return &Witness{Err: err, PNG: png, HTML: html}
}

// Keep stores the pictures that an error carries as evidence of the case, and
// returns the error.
func Keep(ctx context.Context, c runner.Case, err error) error {
	var w *Witness
	if !errors.As(err, &w) {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	for name, data := range map[string][]byte{"skaermbillede.png": w.PNG, "side.html": w.HTML} {
		if len(data) == 0 {
			continue
		}
		if _, keepErr := c.Keep(ctx, runner.Evidence{Name: name, Data: data}); keepErr != nil {
			err = errors.Join(err, fmt.Errorf("keep the picture of the page: %w", keepErr))
		}
	}
	return err
}
