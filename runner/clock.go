package runner

import (
	"context"
	"time"
)

// Clock is the time as everything in the house sees it. It is handed in, so that
// a test can live through a year in a second.
type Clock interface {
	// Now is the wall clock.
	Now() time.Time
	// Running counts on for ever, also while the process or the machine is
	// stopped; leases are measured by it.
	Running() time.Duration
	// Wait returns after d, or earlier with the context's error.
	Wait(ctx context.Context, d time.Duration) error
}
