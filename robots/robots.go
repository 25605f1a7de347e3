// Package robots is the fleet: every robot with the systems that it is given.
// This file is the only list there is.
package robots

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"byskriver/robots/internal/opus"
	"byskriver/robots/invoice"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/selectors"
	"byskriver/selectors/browser"
)

// Fleet knows every robot.
type Fleet struct{}

// Names are the robots and what each does, in Danish.
func (Fleet) Names() []runner.About {
	return []runner.About{{Name: invoice.Name, Title: "Fakturaer", Does: "Konterer fakturaer fra modtagemappen efter kommunens betalingsplaner i OPUS."}}
}

// Open builds a robot from its section of the configuration. Nothing outside is
// reached, and no browser started, before the robot needs it.
func (Fleet) Open(c *config.Config, name string, clock runner.Clock, shelf runner.Shelf) (runner.Robot, func() error, error) {
	section, ok := c.Robots[name]
	if !ok {
		return nil, nil, &config.Problem{File: c.File, Text: fmt.Sprintf("robot %q is not configured: add robots.%s", name, name)}
	}
	switch name {
	case invoice.Name:
		return openInvoice(c, section, clock, shelf)
	}
	return nil, nil, &config.Problem{File: c.File, Text: fmt.Sprintf("there is no robot %q in this program", name)}
}

// invoiceSection is robots.invoice in the configuration.
type invoiceSection struct {
	AtOnce   int             `yaml:"at_once"`  // invoices worked at once
	Drop     string          `yaml:"drop"`     // where invoices arrive
	Done     string          `yaml:"done"`     // where settled ones are put
	Plans    string          `yaml:"plans"`    // the payment plan sheet
	Units    string          `yaml:"units"`    // the municipality's EAN numbers
	Quiet    time.Duration   `yaml:"quiet"`    // a file is left alone until unchanged for so long
	Patience time.Duration   `yaml:"patience"` // how long to wait for a voucher
	Largest  int64           `yaml:"largest"`  // largest file, in bytes
	Match    *plans.Settings `yaml:"match"`
}

func openInvoice(c *config.Config, section config.Robot, clock runner.Clock, shelf runner.Shelf) (runner.Robot, func() error, error) {
	in := invoiceSection{Quiet: 10 * time.Second, Patience: 48 * time.Hour}
	if err := section.Decode(&in); err != nil {
		return nil, nil, err
	}
	s := invoice.Settings{Drop: section.Path(in.Drop), Done: section.Path(in.Done), Plans: section.Path(in.Plans), Quiet: in.Quiet, Patience: in.Patience,
		UnitsFile: section.Path(in.Units), Reading: reading.DefaultLimits(), Match: plans.DefaultSettings()}
	for key, value := range map[string]string{"drop": in.Drop, "done": in.Done, "plans": in.Plans, "units": in.Units} {
		if value == "" {
			return nil, nil, &config.Problem{File: c.File, Text: "robots.invoice." + key + " is missing"}
		}
	}
	if in.Match != nil {
		s.Match = *in.Match
	}
	if in.Largest > 0 {
		s.Reading.Bytes = in.Largest
	}
	data, err := os.ReadFile(s.UnitsFile)
	if err != nil {
		return nil, nil, fmt.Errorf("read the municipality's EAN numbers: %w", err)
	}
	if s.Units, err = invoice.ParseUnits(s.UnitsFile, data); err != nil {
		return nil, nil, err
	}
	portal, done, err := openOPUS(c)
	if err != nil {
		return nil, nil, err
	}
	return invoice.New(s, invoice.InOPUS(portal), shelf, clock), done, nil
}

func openOPUS(c *config.Config) (*opus.Portal, func() error, error) {
	system, ok := c.Systems[opus.Name]
	if !ok {
		return nil, nil, &config.Problem{File: c.File, Text: "systems.opus is missing: robot invoice works in it"}
	}
	screens, err := selectors.Load(system.Selectors)
	if err != nil {
		return nil, nil, err
	}
	pages := &pages{screens: screens, config: browserConfig(c, system)}
	portal := opus.New(pages, opus.Account{URL: system.URL, User: system.User, Password: system.Password.Reveal})
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
	return errors.Join(p.browser.Close())
}
