package cli

import (
	"context"
	"fmt"
	"time"
)

// A day's samples can be checked by everybody from this Danish time on the day after,
// whether or not a robot runs then.
const discloseMinute = 5

// discloseDaily writes the keys of samples whose day is over to the log: when serve
// starts, and each night, until turn ends.
func (s *server) discloseDaily(ctx, turn context.Context, h *house) {
	for {
		if err := h.bare().Disclose(ctx); err != nil && ctx.Err() == nil {
			s.complain(fmt.Errorf("disclose the keys of samples: %w; it is tried again tomorrow and at each run", err))
		}
		now := s.clock.Now()
		if s.clock.Wait(turn, nextNight(now, h.zone, 0, discloseMinute).Sub(now)) != nil {
			return
		}
	}
}

// nextNight is the next time after a moment at which a Danish clock shows an hour and a
// minute.
func nextNight(now time.Time, zone *time.Location, hour, minute int) time.Time {
	y, m, d := now.In(zone).Date()
	at := time.Date(y, m, d, hour, minute, 0, 0, zone)
	if !at.After(now) {
		at = time.Date(y, m, d+1, hour, minute, 0, 0, zone)
	}
	return at
}
