package runner

import (
	"context"
	"time"
)

// Clock is the time as everything in the house sees it, so that a test can live
// through a year in a second.
type Clock interface {
	Now() time.Time                                  // the wall clock
	Running() time.Duration                          // counts on while the process or machine is stopped; nobody can set it
	Boot() string                                    // what Running counts from: only readings of one boot compare; "" where it is not known
	Wait(ctx context.Context, d time.Duration) error // returns after d, or earlier with the context's error
}
