package terminal

import (
	"fmt"
	"time"
)

// Slow is a command that was not answered in time. The terminal is ended: what the
// command did is not known.
type Slow struct {
	What  string
	Limit time.Duration
}

// Error says what took too long.
func (e *Slow) Error() string {
	return fmt.Sprintf("%s: no answer from the host within %s", e.What, e.Limit)
}

// Gone is a host that cannot be reached, or has hung up.
type Gone struct{ What string }

// Error says when it went.
func (e *Gone) Error() string { return e.What + ": the host is not connected" }

// Ended is an s3270 that is no longer there.
type Ended struct{ What, Said string }

// Error says when it ended, and what s3270 last said on standard error.
func (e *Ended) Error() string {
	return fmt.Sprintf("%s: s3270 has ended; it last said: %s", e.What, e.Said)
}

// Refused is a command that s3270, or the screen, does not take.
type Refused struct{ What, Said string }

// Error says which, and what was said.
func (e *Refused) Error() string { return e.What + ": " + e.Said }
