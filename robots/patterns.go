package robots

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"byskriver/robots/invoice"
	"byskriver/robots/invoice/bypattern"
	"byskriver/robots/invoice/patterns"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
	"byskriver/runner/config"
)

// patternsSection is robots.invoice.patterns in the configuration. What is left out
// is as bypattern.DefaultSettings says.
type patternsSection struct {
	History   string             `yaml:"history"`   // the folder with the postings
	Columns   *bypattern.Columns `yaml:"columns"`   // what their columns are called
	Chart     string             `yaml:"chart"`     // the open accounts
	Suppliers string             `yaml:"suppliers"` // those that may be coded by pattern
	State     string             `yaml:"state"`     // where what was learnt is kept
	Basis     plans.Basis        `yaml:"basis"`     // net or gross
	Action    plans.Action       `yaml:"action"`    // code, forward or approve
	NextAgent string             `yaml:"next_agent"`
	Limit     int64              `yaml:"limit"`    // kroner
	Promise   float64            `yaml:"promise"`  // of a hundred codings so many are right
	Window    int                `yaml:"window"`   // days over which the promise must have been kept
	Least     int                `yaml:"least"`    // like invoices in a row
	Delay     int                `yaml:"delay"`    // days from arrival to posting
	Gather    time.Duration      `yaml:"gather"`   // how long a day's like invoices are gathered
	Patience  time.Duration      `yaml:"patience"` // how long to wait for a person's answers
	Check     *checkSection      `yaml:"check"`    // how many of a day's like invoices a person codes first
}

type checkSection struct {
	Group     int `yaml:"group"`
	First     int `yaml:"first"`
	AfterMiss int `yaml:"after_miss"`
	Recover   int `yaml:"recover"`
	Hold      int `yaml:"hold"` // days
}

// allSuppliers is what suppliers says where every supplier may be coded by pattern.
const allSuppliers = "all"

// patternsSettings reads the section about patterns; ok is false where there is
// none, and the robot then codes by no pattern. The error joins all that is wrong.
func patternsSettings(section config.Robot, s invoice.Settings) (settings bypattern.Settings, ok bool, err error) {
	in := invoiceSection{}
	if err := section.Decode(&in); err != nil || in.Patterns == nil {
		return settings, false, err
	}
	p, d := *in.Patterns, bypattern.DefaultSettings()
	path := func(file string) string {
		if file == "" {
			return ""
		}
		return section.Path(file)
	}
	settings = bypattern.Settings{History: path(p.History), Columns: or(p.Columns, d.Columns), Chart: path(p.Chart), State: path(p.State), Basis: p.Basis,
		Action: or(nonzero(p.Action), d.Action), NextAgent: p.NextAgent, LimitOre: p.Limit * 100, Delay: patterns.Day(or(nonzero(p.Delay), int(d.Delay))),
		Gather: or(nonzero(p.Gather), d.Gather), Patience: or(nonzero(p.Patience), d.Patience), Units: unitName(s.Units), Learn: d.Learn}
	settings.Learn.Promise = or(nonzero(p.Promise), 100*d.Learn.Promise) / 100
	settings.Learn.Window = patterns.Day(or(nonzero(p.Window), int(d.Learn.Window)))
	settings.Learn.Least = or(nonzero(p.Least), d.Learn.Least)
	if c := p.Check; c != nil {
		settings.Learn.Checks = patterns.Checks{Group: c.Group, First: c.First, AfterMiss: c.AfterMiss, Recover: c.Recover, Hold: patterns.Day(c.Hold)}
	}
	var wrong []error
	switch p.Suppliers {
	case "":
		wrong = append(wrong, section.Problem("robots.invoice.patterns.suppliers is missing: the list of suppliers that may be coded by pattern, or %s", allSuppliers))
	case allSuppliers:
	default:
		settings.Suppliers = section.Path(p.Suppliers)
	}
	if err := settings.Check(); err != nil {
		for _, text := range strings.Split(err.Error(), "\n") {
			wrong = append(wrong, section.Problem("robots.invoice.patterns.%s", text))
		}
	}
	return settings, true, errors.Join(wrong...)
}

// or is what is given, or else the default.
func or[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}

func nonzero[T comparable](given T) *T {
	var zero T
	if given == zero {
		return nil
	}
	return &given
}

// unitName finds what staff call a unit.
func unitName(units []invoice.Unit) func(ean string) string {
	names := map[string]string{}
	for _, u := range units {
		names[u.EAN] = u.Name
	}
	return func(ean string) string { return names[ean] }
}

// openPatterns builds the way to code by patterns; nil where it is not configured.
func openPatterns(section config.Robot, s invoice.Settings, shelf runner.Shelf, clock runner.Clock) (*bypattern.Way, error) {
	settings, ok, err := patternsSettings(section, s)
	if err != nil || !ok {
		return nil, err
	}
	return bypattern.New(settings, shelf, clock), nil
}

// checkPatterns tells what is wrong with the section and with the files that it
// names, line by line.
func checkPatterns(section config.Robot, s invoice.Settings) error {
	settings, ok, err := patternsSettings(section, s)
	if !ok {
		return err
	}
	wrong := []error{err}
	if err == nil {
		wrong = append(wrong, bypattern.CheckFiles(settings))
	}
	if settings.State != "" {
		if _, err := os.Stat(filepath.Dir(settings.State)); err != nil {
			wrong = append(wrong, section.Problem("robots.invoice.patterns.state: there is no folder %s; make it, or name another", filepath.Dir(settings.State)))
		}
	}
	return errors.Join(wrong...)
}
