package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"byskriver/runner/config"
)

// The daily deletion runs at this Danish time, when few robots do, and once at the
// start of serve, since the machine may have been off at that time.
const (
	retainHour   = 3
	retainMinute = 30
)

// keeps reports whether any robot has a policy of deletion.
func keeps(c *config.Config) bool {
	for _, r := range c.Robots {
		if r.Keep.Given() {
			return true
		}
	}
	return false
}

// retainDaily deletes by policy, each day, until turn ends.
func (s *server) retainDaily(ctx, turn context.Context, h *house) {
	for {
		s.retainOnce(ctx, h)
		now := s.clock.Now()
		if s.clock.Wait(turn, nextRetention(now, h.zone).Sub(now)) != nil {
			return
		}
	}
}

// nextRetention is the next time of the daily deletion after a moment.
func nextRetention(now time.Time, zone *time.Location) time.Time {
	return nextNight(now, zone, retainHour, retainMinute)
}

// retainOnce deletes what may no longer be kept, and says in the run log when that
// could not be done.
func (s *server) retainOnce(ctx context.Context, h *house) {
	r := &retention{env: s.env, house: h, by: "byskriver serve", say: s.say}
	err := r.all(ctx)
	if err == nil || ctx.Err() != nil {
		return
	}
	s.complain(fmt.Errorf("delete by policy: %w", err))
	s.complain(s.tell(ctx, "retention.failed", "Sletning efter regel kunne ikke gennemføres og prøves igen i morgen: "+strings.TrimSpace(err.Error())))
}
