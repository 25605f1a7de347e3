package schedules

import (
	"fmt"
	"time"
)

// check looks five years ahead for what can never be, and says what to do: no run
// at all, a named date that is moved too far, a run after its latest day. What is
// found now is a mistake in the file; found later, it would be a run that is lost.
func (s *Schedule) check(now time.Time) []string {
	if _, ok := s.Next(now); !ok {
		return []string{"it would not run once in the next five years; look at cron, days, otherwise, latest and open together"}
	}
	for d, end := s.date(now), s.horizon(now); !d.After(end); d = d.AddDays(1) {
		if !s.names(d) {
			continue
		}
		if text := s.checkNamed(d); text != "" {
			return []string{text}
		}
	}
	return nil
}

// checkNamed looks at one named date; only its first mistake is told, as the
// others usually follow from it. Of its slots the first has the most days to
// choose from; a later one may find the target closed for the day, and is moved
// further, which matters only where there is a latest day.
func (s *Schedule) checkNamed(named Date) string {
	latest, slots := s.latestFor(named), s.when.slots
	if latest.IsZero() || s.otherwise == skip {
		slots = slots[:1]
	}
	for i, slot := range slots {
		d, ok := s.landing(named, slot)
		if !ok && i == 0 && s.otherwise != skip {
			return fmt.Sprintf("%s has no day within %d days that will do; look at days and open", named, maxMove)
		}
		if ok && !latest.IsZero() && d.After(latest) {
			return fmt.Sprintf("the run of %s would fall on %s, after the latest day %s; "+
				"set a later latest (latest-in for single months), or an earlier day", named, d, latest)
		}
	}
	return ""
}
