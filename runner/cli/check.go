package cli

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/schedules"
)

type checkCmd struct {
	Live bool `help:"Sign in to each system too, and look at the screens that can be reached without changing anything."`
}

// Run tells everything that is wrong, a line each, or that all is in order.
func (c *checkCmd) Run(e *env) error {
	conf, _, wrong := e.checked()
	if len(wrong) > 0 {
		return &failure{exitUsage, fmt.Errorf("%d fejl skal rettes:\n%s", len(wrong), strings.Join(wrong, "\n"))}
	}
	if c.Live {
		if err := c.look(e, conf); err != nil {
			return err
		}
	}
	zone, err := schedules.Copenhagen()
	if err != nil {
		return err
	}
	for _, text := range e.warnings(conf, zone, e.clock().Now()) {
		fmt.Fprintln(e.Stdout, "ADVARSEL:", runner.Mask(text))
	}
	for _, name := range slices.Sorted(maps.Keys(conf.Robots)) {
		if k := conf.Robots[name].Keep; k.Content == 0 || k.Log == 0 {
			fmt.Fprintf(e.Stdout, "ADVARSEL: robots.%s.keep har ikke både content og log, så noget af det, robotten har behandlet, slettes aldrig\n", name)
		}
	}
	_, err = fmt.Fprintln(e.Stdout, "alt er i orden")
	return err
}

// look looks at every system, also after one that is not as it should be.
func (c *checkCmd) look(e *env, conf *config.Config) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	conf.Guard(guard{h.doors}) // also a check tries a refused password no second time
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(conf.Systems)) {
		var seen []string
		unseen, err := e.fleet.Look(e.ctx, conf, name, func(page string) { seen = append(seen, page) })
		if len(seen) > 0 {
			fmt.Fprintf(e.Stdout, "%s: set: %s\n", name, strings.Join(seen, ", "))
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if len(unseen) > 0 {
			fmt.Fprintf(e.Stdout, "%s: ikke set, da de ikke kan nås uden at ændre noget: %s\n", name, strings.Join(unseen, ", "))
		}
	}
	return errors.Join(wrong...)
}

// checked reads the configuration and everything that it names. wrong has all that
// is wrong, one line each; only where it is empty may the rest be used.
func (e *env) checked() (conf *config.Config, tables []*schedules.Timetable, wrong []string) {
	conf, err := config.Load(e.configFile)
	wrong = lines(err)
	if conf == nil {
		return nil, nil, wrong
	}
	if err == nil {
		wrong = append(wrong, lines(secrets(conf))...)
	}
	if conf.Schedules != "" {
		tables, err = schedules.Load(conf.Schedules, e.clock().Now())
		wrong = append(wrong, lines(err)...)
		if len(conf.Robots) > 0 {
			wrong = append(wrong, strangers(conf, tables)...)
		}
	}
	wrong = append(wrong, lines(e.fleet.Check(conf))...)
	for i, text := range wrong {
		wrong[i] = runner.Mask(text)
	}
	return conf, tables, compact(wrong)
}

// secrets reads every secret that the configuration names, and shows none.
func secrets(conf *config.Config) error {
	var wrong []error
	read := func(what string, s config.Secret, hint string) {
		if _, err := s.Reveal(); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %s: %w%s", conf.File, what, err, hint))
		}
	}
	read("store.key", conf.Store.Key, " (byskriver init makes a missing key)")
	read("log.key", conf.Log.Key, " (byskriver init makes a missing key)")
	for _, name := range slices.Sorted(maps.Keys(conf.Systems)) {
		if !conf.Systems[name].Service.Given() {
			read("systems."+name+".password", conf.Systems[name].Password, "")
		}
	}
	return errors.Join(wrong...)
}

// strangers are timetables of robots that are not configured.
func strangers(conf *config.Config, tables []*schedules.Timetable) []string {
	var wrong []string
	for _, t := range tables {
		if _, ok := conf.Robots[t.Robot]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s: robot %q is not among robots in %s; add robots.%s there, or remove this file",
				filepath.Join(conf.Schedules, t.Robot+".yaml"), t.Robot, conf.File, t.Robot))
		}
	}
	return wrong
}

// lines are the mistakes that an error joins, one line each.
func lines(err error) []string {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, one := range many.Unwrap() {
			all = append(all, lines(one)...)
		}
		return all
	}
	if many, ok := err.(schedules.Problems); ok {
		return strings.Split(many.Error(), "\n")
	}
	// What one mistake says over several lines, such as a quoted place in a file,
	// stays with it.
	return []string{strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "\n    ")}
}

// compact drops what is told twice.
func compact(lines []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(lines, func(s string) bool {
		again := seen[s]
		seen[s] = true
		return again
	})
}
