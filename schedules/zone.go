package schedules

import (
	"fmt"
	"time"
	_ "time/tzdata" // a machine without a zone database must not stop the robots
)

// Copenhagen is the zone that all schedules are reckoned in. It never depends on
// the zone of the process.
func Copenhagen() (*time.Location, error) {
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		return nil, fmt.Errorf("load the time zone of all schedules: %w", err)
	}
	return zone, nil
}

// instant is the first moment at which clocks in the zone show date d at the
// given minute of the day (0 to 1440) or later. A time that comes twice is taken
// the first time; one that is skipped gives the moment of the jump.
func instant(zone *time.Location, d Date, minute int) time.Time {
	asUTC := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC)
	before, after := offset(zone, asUTC.Add(-24*time.Hour)), offset(zone, asUTC.Add(24*time.Hour))
	t := asUTC.Add(-before)
	if before == after || offset(zone, t) == before {
		return t
	}
	if u := asUTC.Add(-after); offset(zone, u) == after {
		return u
	}
	jump, _ := t.In(zone).ZoneBounds()
	return jump.UTC()
}

// offset is how far clocks in the zone are ahead of UTC at t.
func offset(zone *time.Location, t time.Time) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
