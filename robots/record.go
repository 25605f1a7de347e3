package robots

import (
	"context"

	"byskriver/runner/config"
	"byskriver/selectors/browser"
)

// Record opens a visible browser at an address. Whoever sits there presses what
// the robot shall find with Ctrl held down, and each gets the entry for the
// selectors file. It ends when the window is closed.
func (Fleet) Record(ctx context.Context, c *config.Config, url string, each func(entry string) error) error {
	b := browserConfig(c, config.System{})
	b.Headful = true
	return browser.Record(ctx, b, url, func(r browser.Recorded) (bool, error) { return true, each(r.YAML()) })
}
