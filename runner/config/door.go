package config

import (
	"fmt"
	"time"

	"byskriver/schedules"
)

// Door is when and how often robots may enter a system, over all machines.
type Door struct {
	PerSecond   float64          `yaml:"per_second"`  // items that enter it a second; 0 is without limit
	Open        []string         `yaml:"open"`        // opening hours, such as mon-fri 06:00-22:00; always if empty
	ClosedDays  []string         `yaml:"closed"`      // dates on which it is closed
	Maintenance []Maintenance    `yaml:"maintenance"` // announced
	Breaker     *BreakerConfig   `yaml:"breaker"`     // none if missing
	Hours       *schedules.Hours `yaml:"-"`           // Open and ClosedDays, read
}

// Maintenance is announced: the system is closed from one moment to another, in Danish time.
type Maintenance struct {
	From string `yaml:"from"` // 2026-12-01 20:00
	To   string `yaml:"to"`
	Why  string `yaml:"why"`

	Begins time.Time `yaml:"-"`
	Ends   time.Time `yaml:"-"`
}

// BreakerConfig is when a system in trouble is left alone.
type BreakerConfig struct {
	Off     bool          `yaml:"off"`     // it never is
	Trips   int           `yaml:"trips"`   // troubles in a row, over all machines; default 3
	Rest    time.Duration `yaml:"rest"`    // how long; default 30s, and twice as long after each try in vain
	Longest time.Duration `yaml:"longest"` // default 10m
}

// door checks a system's limits and reads what is in them.
func (r *reader) door(at string, d *Door) {
	r.want(d.PerSecond >= 0, at+".per_second", "%s.per_second cannot be negative", at)
	hours, err := schedules.ParseHours(d.Open, d.ClosedDays)
	r.want(err == nil, at+".open", "%s.open: %v", at, err)
	d.Hours = hours
	for i := range d.Maintenance {
		m := &d.Maintenance[i]
		where := fmt.Sprintf("%s.maintenance.%d", at, i)
		m.Begins, err = danish(m.From)
		r.want(err == nil, where, "%s.from: %v", where, err)
		m.Ends, err = danish(m.To)
		r.want(err == nil, where, "%s.to: %v", where, err)
		r.want(err != nil || m.Ends.After(m.Begins), where, "%s ends before it begins", where)
	}
	b := BreakerConfig{Off: d.Breaker == nil, Trips: 3, Rest: 30 * time.Second, Longest: 10 * time.Minute}
	if given := d.Breaker; given != nil {
		r.want(given.Trips >= 0 && given.Rest >= 0 && given.Longest >= 0, at+".breaker", "%s.breaker: trips, rest and longest cannot be negative; off: true has none", at)
		b.Off = given.Off
		set(&b.Trips, given.Trips)
		set(&b.Rest, given.Rest)
		set(&b.Longest, given.Longest)
	}
	b.Longest = max(b.Longest, b.Rest)
	d.Breaker = &b
}

func set[T comparable](field *T, given T) {
	var zero T
	if given != zero {
		*field = given
	}
}

// danish reads a date, or a date and a time, in Danish time.
func danish(s string) (time.Time, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return time.Time{}, err
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no moment; write 2026-12-24 or 2026-12-24 20:00", s)
}
