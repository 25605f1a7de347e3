package robots

import (
	"errors"
	"fmt"
	"os"

	"byskriver/robots/internal/sensum"
	"byskriver/robots/invoice"
	"byskriver/robots/invoice/grants"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
	"byskriver/runner/config"
)

// grantsSection is robots.invoice.grants in the configuration.
type grantsSection struct {
	Sheet         string               `yaml:"sheet"`          // the support sheet
	Amounts       string               `yaml:"amounts"`        // with_vat or without_vat
	WithoutPeriod grants.WithoutPeriod `yaml:"without_period"` // refuse, issue_month or month_before
	Purpose       string               `yaml:"purpose"`        // of the look-ups, for the log
}

// grantsSettings reads the section about grants; ok is false where there is none,
// and the robot then codes by no grant. The error joins all that is wrong.
func grantsSettings(section config.Robot, s invoice.Settings) (settings grants.Settings, ok bool, err error) {
	in := invoiceSection{}
	if err := section.Decode(&in); err != nil || in.Grants == nil {
		return settings, false, err
	}
	g := *in.Grants
	settings = grants.Settings{Sheet: section.Path(g.Sheet), WithVAT: g.Amounts == "with_vat", WithoutPeriod: g.WithoutPeriod, Purpose: g.Purpose, Patience: s.Patience}
	if settings.WithoutPeriod == "" {
		settings.WithoutPeriod = grants.RefuseWithout
	}
	if settings.Purpose == "" {
		settings.Purpose = grants.DefaultPurpose
	}
	var wrong []error
	if g.Sheet == "" {
		wrong = append(wrong, section.Problem("robots.invoice.grants.sheet is missing: the support sheet, which says where grants are coded"))
	}
	if g.Amounts != "with_vat" && g.Amounts != "without_vat" {
		wrong = append(wrong, section.Problem("robots.invoice.grants.amounts must be with_vat or without_vat: whether the amounts of grants in the case system are with VAT"))
	}
	switch settings.WithoutPeriod {
	case grants.RefuseWithout, grants.IssueMonth, grants.MonthBefore:
	default:
		wrong = append(wrong, section.Problem("robots.invoice.grants.without_period must be refuse, issue_month or month_before, not %q", g.WithoutPeriod))
	}
	return settings, true, errors.Join(wrong...)
}

// openGrants builds the way to code by grants; nil where it is not configured.
func (r Roads) openGrants(c *config.Config, section config.Robot, s invoice.Settings, shelf runner.Shelf, drift Drift) (*grants.Way, func() error, error) {
	settings, ok, err := grantsSettings(section, s)
	if err != nil || !ok {
		return nil, func() error { return nil }, err
	}
	cases, done, err := r.openGranted(c, drift)
	if err != nil {
		return nil, nil, err
	}
	return grants.New(settings, cases, shelf), done, nil
}

func openSensum(c *config.Config, drift Drift) (*sensum.System, func() error, error) {
	pages, account, err := openScreens(c, sensum.Name, drift)
	if err != nil {
		return nil, nil, err
	}
	system := sensum.New(pages, account)
	return system, func() error {
		system.Close()
		return pages.close()
	}, nil
}

// checkGrants tells what is wrong with the section and with the support sheet.
func checkGrants(c *config.Config, section config.Robot, s invoice.Settings) error {
	settings, ok, err := grantsSettings(section, s)
	if !ok {
		return err
	}
	wrong := []error{err}
	if _, ok := c.Systems[sensum.Name]; !ok {
		wrong = append(wrong, section.Problem("systems.sensum is missing: robots.invoice.grants looks citizens' grants up in it"))
	}
	if settings.Sheet != "" {
		wrong = append(wrong, checkSupportSheet(settings.Sheet))
	}
	return errors.Join(wrong...)
}

// checkSupportSheet tells what the robot would refuse the sheet for.
func checkSupportSheet(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s: read the support sheet: %w", file, err)
	}
	_, problems := grants.ParseSheet(data, plans.DefaultFileLimits())
	return fatal(file, problems)
}
