// Package robots is the fleet: every robot with the systems that it is given.
// This file is the only list there is.
package robots

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"byskriver/robots/access"
	"byskriver/robots/attest"
	"byskriver/robots/fleksloen"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
	"byskriver/robots/internal/idp"
	"byskriver/robots/internal/mail"
	"byskriver/robots/internal/opus"
	"byskriver/robots/internal/orders"
	"byskriver/robots/internal/sbsys"
	"byskriver/robots/internal/screen"
	"byskriver/robots/internal/sensum"
	"byskriver/robots/invoice"
	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/selectors"
	"byskriver/selectors/browser"
)

// Fleet knows every robot. The zero value works in the municipality's systems by the
// roads that they have.
type Fleet struct{ Roads }

// Names are the robots and what each does, in Danish.
func (Fleet) Names() []runner.About {
	return []runner.About{
		{Name: invoice.Name, Title: "Fakturaer", Does: "Konterer fakturaer fra modtagemappen efter kommunens betalingsplaner i OPUS."},
		{Name: fleksloen.Name, Title: "Fleksløn", Does: "Beregner månedens fleksløntilskud efter eIndkomst og sætter det i ydelsessystemet."},
		{Name: attest.Name, Title: "Attester", Does: "Gør lederes bestillinger af straffe- og børneattester klar i bundter, vurderer svarene og journaliserer dem, der er rene."},
		{Name: access.Name, Title: "Adgange", Does: "Læser, hvem der har adgang til hvad, lader nærmeste leder gennemgå det, og fjerner det, it har godkendt."},
	}
}

// Drift is told each time something on a screen was found by a later way than the
// first: where, and which way, from 1 for the second of the list.
type Drift = func(system, page, name string, way int, served string)

// Open builds a robot from its section of the configuration. Nothing outside is
// reached, and no browser started, before the robot needs it. close ends what the
// robot started; a robot that goes on afterwards starts it anew.
func (f Fleet) Open(c *config.Config, name string, clock runner.Clock, shelf runner.Shelf, drift Drift) (runner.Robot, func() error, error) {
	section, ok := c.Robots[name]
	if !ok {
		return nil, nil, &config.Problem{File: c.File, Text: fmt.Sprintf("robot %q is not configured: add robots.%s", name, name)}
	}
	switch name {
	case invoice.Name:
		return f.openInvoice(c, section, clock, shelf, drift)
	case attest.Name:
		return openAttest(c, section, clock, shelf)
	case fleksloen.Name:
		return f.openFleksloen(c, section, clock, drift)
	case access.Name:
		return openAccess(c, section, clock, shelf)
	}
	return nil, nil, &config.Problem{File: c.File, Text: fmt.Sprintf("there is no robot %q in this program", name)}
}

// invoiceSection is robots.invoice in the configuration.
type invoiceSection struct {
	AtOnce    int              `yaml:"at_once"`  // invoices worked at once
	Drop      string           `yaml:"drop"`     // where invoices arrive
	Done      string           `yaml:"done"`     // where settled ones are put
	Plans     string           `yaml:"plans"`    // the payment plan sheet
	Units     string           `yaml:"units"`    // the municipality's EAN numbers
	Quiet     time.Duration    `yaml:"quiet"`    // a file is left alone until unchanged for so long
	Patience  time.Duration    `yaml:"patience"` // how long to wait for a voucher
	Largest   int64            `yaml:"largest"`  // largest file, in bytes
	Match     *plans.Settings  `yaml:"match"`
	Ending    int              `yaml:"ending"`    // days before it runs out that a plan is put on the list
	Creditors string           `yaml:"creditors"` // the municipality's suppliers
	Limits    invoice.Limits   `yaml:"limits"`
	Grants    *grantsSection   `yaml:"grants"` // coding by citizens' grants; absent where it is not done
	Answers   *answersSection  `yaml:"answers"`
	Patterns  *patternsSection `yaml:"patterns"` // coding by patterns in the postings; absent where it is not done
}

// invoiceSettings reads the invoice robot's section, and the EAN numbers that it
// names. The error joins all that is wrong.
func invoiceSettings(c *config.Config, section config.Robot) (invoice.Settings, error) {
	in := invoiceSection{Quiet: 10 * time.Second, Patience: 48 * time.Hour, Limits: invoice.DefaultLimits(), Ending: 30}
	if err := section.Decode(&in); err != nil {
		return invoice.Settings{}, err
	}
	s := invoice.Settings{Drop: section.Path(in.Drop), Done: section.Path(in.Done), Plans: section.Path(in.Plans), Quiet: in.Quiet, Patience: in.Patience,
		UnitsFile: section.Path(in.Units), Reading: reading.DefaultLimits(), Match: plans.DefaultSettings()}
	var wrong []error
	for _, want := range []struct{ key, value string }{{"drop", in.Drop}, {"done", in.Done}, {"plans", in.Plans}, {"units", in.Units}} {
		if want.value == "" {
			wrong = append(wrong, section.Problem("robots.invoice.%s is missing", want.key))
		}
	}
	s.PlansEnding = in.Ending
	if in.Ending < 0 || in.Ending > 366 {
		wrong = append(wrong, section.Problem("robots.invoice.ending must be 0 to 366 days"))
	}
	if in.Match != nil {
		s.Match = *in.Match
	}
	if in.Largest > 0 {
		s.Reading.Bytes = in.Largest
	}
	if in.Units != "" {
		var err error
		s.Units, err = readUnits(s.UnitsFile)
		wrong = append(wrong, err)
	}
	s.Limits = in.Limits
	if err := in.Limits.Check(); err != nil {
		wrong = append(wrong, section.Problem("robots.invoice.limits: %v", err))
	}
	answers, err := openAnswers(c, section, in.Answers)
	wrong = append(wrong, err)
	s.Answers = answers
	if answers != nil && (answers.Outbox == s.Drop || answers.Outbox == s.Done) {
		wrong = append(wrong, section.Problem("robots.invoice.answers.outbox is the same folder as drop or done; replies would be taken for invoices"))
	}
	if in.Creditors != "" {
		var err error
		s.CreditorsFile = section.Path(in.Creditors)
		s.Creditors, err = readCreditors(s.CreditorsFile)
		wrong = append(wrong, err)
	}
	return s, errors.Join(wrong...)
}

func (r Roads) openInvoice(c *config.Config, section config.Robot, clock runner.Clock, shelf runner.Shelf, drift Drift) (runner.Robot, func() error, error) {
	s, err := invoiceSettings(c, section)
	if err != nil {
		return nil, nil, err
	}
	portal, done, err := r.openPortal(c, drift)
	if err != nil {
		return nil, nil, err
	}
	way, left, err := r.openGrants(c, section, s, shelf, drift)
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	var coders []coding.Coder
	if way != nil {
		coders = append(coders, way)
	}
	pattern, err := openPatterns(section, s, shelf, clock)
	if err != nil {
		return nil, nil, errors.Join(err, done(), left())
	}
	if pattern != nil {
		coders = append(coders, pattern)
		s.Postings = pattern.Posted
	}
	return invoice.New(s, portal, shelf, clock, coders...), func() error { return errors.Join(done(), left()) }, nil
}

// openScreens gives pages of a system that the configuration names, and how the
// robot signs in.
func openScreens(c *config.Config, name string, drift Drift) (*pages, screen.Account, error) {
	system, ok := c.Systems[name]
	if !ok {
		return nil, screen.Account{}, &config.Problem{File: c.File, Text: "systems." + name + " is missing: a robot that is configured works in it"}
	}
	screens, err := selectors.Load(system.Selectors)
	if err != nil {
		return nil, screen.Account{}, err
	}
	pages := &pages{screens: screens, config: browserConfig(c, system)}
	pages.config.OnDrift = func(d browser.Drift) { drift(d.System, d.Page, d.Name, d.Way, d.Served) }
	return pages, account(c, name), nil
}

// account is how the robot signs in to a system with screens.
func account(c *config.Config, name string) screen.Account {
	login := c.Login(name)
	return screen.Account{URL: c.Systems[name].URL, User: c.Systems[name].User, Password: login.Password, Told: login.Told}
}

func openOPUS(c *config.Config, drift Drift) (*opus.Portal, func() error, error) {
	pages, account, err := openScreens(c, opus.Name, drift)
	if err != nil {
		return nil, nil, err
	}
	portal := opus.New(pages, account)
	return portal, func() error {
		portal.Close()
		return pages.close()
	}, nil
}

func browserConfig(c *config.Config, s config.System) browser.Config {
	b := browser.Config{Bin: c.Browser.Path, NoSandbox: os.Geteuid() == 0, MaxPages: s.AtOnce + 1, Wait: s.LongestRequest, Mask: runner.MaskBytes}
	if c.Browser.Sandbox != nil {
		b.NoSandbox = !*c.Browser.Sandbox
	}
	return b
}

// pages starts Chromium when the first page is asked for.
type pages struct {
	screens *selectors.System
	config  browser.Config

	mu      sync.Mutex
	browser *browser.Browser
}

// Page gives out a page for the system.
func (p *pages) Page(ctx context.Context) (*browser.Page, error) {
	p.mu.Lock()
	if p.browser == nil {
		b, err := browser.Start(ctx, p.config)
		if err != nil {
			p.mu.Unlock()
			return nil, fmt.Errorf("start the browser: %w", err)
		}
		p.browser = b
	}
	b := p.browser
	p.mu.Unlock()
	return b.Page(ctx, p.screens)
}

func (p *pages) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.browser == nil {
		return nil
	}
	err := p.browser.Close()
	p.browser = nil
	return err
}

// Check reads the files of every robot and system that is configured. The error
// joins all that is wrong, each with file and line.
func (Fleet) Check(c *config.Config) error {
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(c.Systems)) {
		wrong = append(wrong, checkSystem(c, name))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Robots)) {
		switch name {
		case invoice.Name:
			wrong = append(wrong, checkInvoice(c, c.Robots[name]))
		case attest.Name:
			wrong = append(wrong, checkAttest(c, c.Robots[name]))
		case fleksloen.Name:
			wrong = append(wrong, checkFleksloen(c, c.Robots[name]))
		case access.Name:
			wrong = append(wrong, checkAccess(c, c.Robots[name]))
		default:
			wrong = append(wrong, c.Robots[name].Problem("there is no robot %q in this program; byskriver robots lists them", name))
		}
	}
	return errors.Join(wrong...)
}

func checkSystem(c *config.Config, name string) error {
	switch name {
	case eindkomst.Name:
		return checkEindkomst(c)
	case sbsys.Name:
		return checkSBSYS(c)
	case orders.Name:
		return checkOrders(c)
	case idp.Name:
		return checkIDP(c)
	}
	if s, ok := accessSystem(c, name); ok {
		return s.check()
	}
	file := c.Systems[name].Selectors
	if file == "" {
		return nil // the configuration itself has said so
	}
	screens, err := selectors.Load(file)
	switch {
	case err != nil:
		return err
	case screens.Name != name:
		return &selectors.Fault{File: file, Line: 1, Text: fmt.Sprintf("this file describes the system %s; systems.%s.selectors must name a file that begins with system: %s", screens.Name, name, name)}
	}
	return nil
}

func checkInvoice(c *config.Config, section config.Robot) error {
	s, err := invoiceSettings(c, section)
	wrong := []error{err}
	if _, ok := c.Systems[opus.Name]; !ok {
		wrong = append(wrong, section.Problem("systems.opus is missing: robot invoice works in it"))
	}
	if s.Drop != "" {
		if info, err := os.Stat(s.Drop); err != nil || !info.IsDir() {
			wrong = append(wrong, section.Problem("robots.invoice.drop: there is no folder %s; make it, or name another", s.Drop))
		}
	}
	if s.Plans != "" {
		wrong = append(wrong, checkPlans(s.Plans))
	}
	return errors.Join(append(wrong, checkGrants(c, section, s), checkPatterns(section, s))...)
}

// checkPlans tells what the robot would refuse the sheet for. What a person must
// only look through is no mistake.
func checkPlans(file string) error {
	_, problems, err := plans.Read(file, plans.DefaultFileLimits())
	if err != nil {
		return fmt.Errorf("%s: read the payment plans: %w", file, err)
	}
	return fatal(file, problems)
}

// fatal are the problems that a sheet is refused for.
func fatal(file string, problems []plans.Problem) error {
	var wrong []error
	for _, p := range problems {
		if p.Fatal {
			wrong = append(wrong, fmt.Errorf("%s: %s", file, p))
		}
	}
	return errors.Join(wrong...)
}

// Look signs in to a system and visits each screen that can be reached without
// changing anything. seen is told of each that is as its selectors file says;
// the error is about the first that is not. unseen are the screens that are left.
func (Fleet) Look(ctx context.Context, c *config.Config, system string, seen func(page string)) (unseen []string, err error) {
	switch system {
	case eindkomst.Name:
		return nil, lookAtEindkomst(ctx, c, seen)
	case sbsys.Name:
		return nil, lookAtSBSYS(ctx, c, seen)
	case orders.Name:
		return nil, lookAtOrders(ctx, c, seen)
	case mail.Name:
		return nil, lookMail(ctx, c, seen)
	case idp.Name:
		return nil, lookAtIDP(ctx, c, seen)
	}
	if s, ok := accessSystem(c, system); ok {
		return nil, s.look(ctx, seen)
	}
	looks := map[string]func() (looker, func() error, error){
		opus.Name:     func() (looker, func() error, error) { return openOPUS(c, noDrift) },
		benefits.Name: func() (looker, func() error, error) { return openBenefits(c, noDrift) },
		sensum.Name:   func() (looker, func() error, error) { return openSensum(c, noDrift) },
	}
	open, ok := looks[system]
	if !ok {
		return nil, fmt.Errorf("no robot of this program works in the system %q", system)
	}
	screens, err := selectors.Load(c.Systems[system].Selectors)
	if err != nil {
		return nil, err
	}
	s, done, err := open()
	if err != nil {
		return nil, err
	}
	left := maps.Clone(screens.Pages)
	err = s.Look(ctx, func(page string) {
		delete(left, page)
		seen(page)
	})
	return slices.Sorted(maps.Keys(left)), errors.Join(err, done())
}

// looker is a system whose first screens can be looked at.
type looker interface {
	Look(ctx context.Context, seen func(page string)) error
}

func noDrift(string, string, string, int, string) {}
