package cli

import (
	"fmt"
	"time"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/schedules"
)

type scheduleCmd struct {
	Next nextCmd `cmd:"" help:"What will run, a line a run."`
}

type nextCmd struct {
	Number int    `short:"n" default:"10" help:"How many runs." placeholder:"N"`
	From   string `help:"From this moment, Danish time: 2026-12-24 or 2026-12-24T06:00; now if missing." placeholder:"TIME"`
}

// Run prints the next runs of all robots.
func (c *nextCmd) Run(e *env) error {
	if c.Number < 1 {
		return usage("-n takes a whole number above 0")
	}
	conf, err := e.config()
	if err != nil {
		return err
	}
	if conf.Schedules == "" {
		return noSchedules(conf)
	}
	zone, err := schedules.Copenhagen()
	if err != nil {
		return err
	}
	from, err := moment(c.From, e.clock().Now(), zone)
	if err != nil {
		return err
	}
	tables, err := schedules.Load(conf.Schedules, e.clock().Now())
	if err != nil {
		return &failure{exitUsage, err}
	}
	// A run that begins at the very moment is one of those that come.
	for _, r := range schedules.Upcoming(from.Add(-time.Nanosecond), c.Number, tables...) {
		if _, err := fmt.Fprintln(e.Stdout, planned(r)); err != nil {
			return err
		}
	}
	return nil
}

func noSchedules(conf *config.Config) error {
	return &failure{exitUsage, &config.Problem{File: conf.File, Text: "schedules is missing: the folder with a file a robot that says when it runs"}}
}

// moment reads a moment as operators write it, in Danish time.
func moment(s string, now time.Time, zone *time.Location) (time.Time, error) {
	if s == "" {
		return now, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02 15:04", "02-01-2006", "02-01-2006 15:04"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	return now, usage("--from %q is no moment; write 2026-12-24 or 2026-12-24T06:00", s)
}

// planned is a run as staff read it: when, what, how, and what is special.
func planned(r schedules.Run) string {
	days := [...]string{"søn", "man", "tir", "ons", "tor", "fre", "lør"}
	s := fmt.Sprintf("%s %s  %s  %s  %s", days[r.Local.Weekday()], r.Local.Format("02-01-2006 15:04"), r.Robot, r.Schedule, modeWord(r.Mode))
	if r.Limit > 0 {
		s += fmt.Sprintf(", højst %d", r.Limit)
	}
	if r.Named != r.Date {
		s += fmt.Sprintf(" (flyttet fra %02d-%02d-%04d)", r.Named.Day, int(r.Named.Month), r.Named.Year)
	}
	if clock := r.Local.Format("15:04"); clock != r.Slot {
		s += fmt.Sprintf(" (planlagt kl. %s)", r.Slot)
	}
	return s
}

func modeWord(mode string) string {
	if mode == string(runner.Shadow) {
		return "skyggekørsel"
	}
	return "rigtig kørsel"
}
