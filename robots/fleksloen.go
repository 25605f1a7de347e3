package robots

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen"
	"byskriver/robots/fleksloen/income"
	"byskriver/robots/fleksloen/obsliste"
	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/selectors"
	"byskriver/selectors/browser"
)

// fleksloenSection is robots.fleksloen in the configuration.
type fleksloenSection struct {
	AtOnce   int             `yaml:"at_once"`          // cases worked at once
	Rates    string          `yaml:"rates"`            // the rates by year
	Watch    string          `yaml:"obsliste"`         // the citizens who are left alone
	Income   string          `yaml:"income"`           // what each part of an answer of eIndkomst means
	Letter   string          `yaml:"letter"`           // the text to a citizen whose subsidy changes
	Rounding string          `yaml:"rounding"`         // none or krone
	Lag      int             `yaml:"lag"`              // months from the income to the subsidy
	Approval bool            `yaml:"approval"`         // a person approves each subsidy
	LastDay  int             `yaml:"last_day"`         // of the month, for reports that are missing
	January  int             `yaml:"last_day_january"` // the same in January
	Month    string          `yaml:"month"`            // works on this month instead of the day's
	Limits   *fleksloenLimit `yaml:"limits"`
}

// fleksloenLimit is robots.fleksloen.limits; what is left out is as the robot has it.
type fleksloenLimit struct {
	LeastIncome         digits   `yaml:"least_income"`
	MostIncome          digits   `yaml:"most_income"`
	LeastSubsidy        digits   `yaml:"least_subsidy"`
	IncomeChange        digits   `yaml:"income_change"`
	IncomeChangePercent digits   `yaml:"income_change_percent"`
	SubsidyChange       digits   `yaml:"subsidy_change"`
	LoenloftMonths      *int     `yaml:"loenloft_months"`
	PensionMonths       *int     `yaml:"pension_months"`
	RegulationMonths    *int     `yaml:"regulation_months"`
	Off                 []string `yaml:"off"` // criteria that the municipality does without
}

// fleksloenSettings reads the fleksløn robot's section and the files that it names.
// The error joins all that is wrong.
func fleksloenSettings(c *config.Config, section config.Robot) (fleksloen.Settings, error) {
	in := fleksloenSection{Rounding: string(subsidy.None), Lag: 1, LastDay: 20, January: 25}
	if err := section.Decode(&in); err != nil {
		return fleksloen.Settings{}, err
	}
	s := fleksloen.Settings{RatesFile: section.Path(in.Rates), Watch: section.Path(in.Watch), TableFile: section.Path(in.Income), LetterFile: section.Path(in.Letter),
		Rounding: subsidy.Rounding(in.Rounding), Lag: in.Lag, Approval: in.Approval, LastDay: in.LastDay, LastDayJan: in.January, Limits: fleksloen.DefaultLimits()}
	f := &fleksloenReader{section: section}
	f.want(in.Rates != "", "rates is missing: the file with the year's rates")
	f.want(in.Watch != "", "obsliste is missing: the sheet with the citizens who are left alone")
	f.want(in.Lag >= 0 && in.Lag <= 2, "lag must be 0, 1 or 2 months; it is %d", in.Lag)
	f.want(in.LastDay >= 11 && in.LastDay <= 28, "last_day must lie from 11 to 28; it is %d", in.LastDay)
	f.want(in.January >= 18 && in.January <= 31, "last_day_january must lie from 18 to 31; it is %d", in.January)
	if err := s.Rounding.Check(); err != nil {
		f.want(false, "%v", err)
	}
	if in.Month != "" {
		month, err := eindkomst.ParseMonth(in.Month)
		f.want(err == nil, "month: %v", err)
		s.Month = month
	}
	f.limits(&s.Limits, in.Limits)
	f.files(c, &s)
	return s, errors.Join(f.wrong...)
}

// fleksloenReader reads the section and what it names, and keeps what is wrong.
type fleksloenReader struct {
	section config.Robot
	wrong   []error
}

func (f *fleksloenReader) want(ok bool, format string, args ...any) {
	if !ok {
		f.wrong = append(f.wrong, f.section.Problem("robots.fleksloen."+format, args...))
	}
}

func (f *fleksloenReader) limits(l *fleksloen.Limits, in *fleksloenLimit) {
	if in == nil {
		return
	}
	for _, a := range []struct {
		key  string
		text digits
		into *decimal.Decimal
	}{{"least_income", in.LeastIncome, &l.LeastIncome}, {"most_income", in.MostIncome, &l.MostIncome}, {"least_subsidy", in.LeastSubsidy, &l.LeastSubsidy},
		{"income_change", in.IncomeChange, &l.IncomeChange}, {"income_change_percent", in.IncomeChangePercent, &l.IncomeChangePercent}, {"subsidy_change", in.SubsidyChange, &l.SubsidyChange}} {
		if a.text == "" {
			continue
		}
		d, err := subsidy.ParseAmount(string(a.text))
		f.want(err == nil && !d.IsNegative(), "limits.%s is %q: write kroner (or percent) with a decimal point, not below 0", a.key, string(a.text))
		*a.into = d
	}
	for _, n := range []struct {
		key  string
		from *int
		into *int
	}{{"loenloft_months", in.LoenloftMonths, &l.LoenloftMonths}, {"pension_months", in.PensionMonths, &l.PensionMonths}, {"regulation_months", in.RegulationMonths, &l.RegulationMonths}} {
		if n.from != nil {
			f.want(*n.from >= 0 && *n.from <= 60, "limits.%s must lie from 0 to 60 months; it is %d", n.key, *n.from)
			*n.into = *n.from
		}
	}
	if err := fleksloen.CheckOff(in.Off); err != nil {
		f.want(false, "limits.%v", err)
	}
	l.Off = in.Off
}

// files reads the files of rates, incomes and letter.
func (f *fleksloenReader) files(c *config.Config, s *fleksloen.Settings) {
	if s.RatesFile != "" {
		f.read(s.RatesFile, func(data []byte) (err error) {
			s.Rates, err = subsidy.ParseRates(s.RatesFile, data)
			return err
		})
	}
	var err error
	if s.TableFile == "" {
		s.Table, err = income.Standard()
	} else {
		f.read(s.TableFile, func(data []byte) (err error) {
			s.Table, err = income.ParseTable(s.TableFile, data)
			return err
		})
	}
	f.wrong = append(f.wrong, err)
	if s.LetterFile == "" {
		s.Letter, err = fleksloen.StandardLetter(c.Municipality)
	} else {
		f.read(s.LetterFile, func(data []byte) (err error) {
			s.Letter, err = fleksloen.ParseLetter(s.LetterFile, data, c.Municipality)
			return err
		})
	}
	f.wrong = append(f.wrong, err)
}

func (f *fleksloenReader) read(file string, parse func([]byte) error) {
	data, err := os.ReadFile(file)
	if err != nil {
		f.want(false, "a file that it names cannot be read: %v", err)
		return
	}
	f.wrong = append(f.wrong, parse(data))
}

// openFleksloen builds the robot. A system that is not set up is told when it is
// first needed, so that `try`, which needs none, works without.
func (r Roads) openFleksloen(c *config.Config, section config.Robot, clock runner.Clock, drift Drift) (runner.Robot, func() error, error) {
	s, err := fleksloenSettings(c, section)
	if err != nil {
		return nil, nil, err
	}
	var incomes fleksloen.Incomes
	if client, err := openEindkomst(c, clock); err != nil {
		incomes = notSetUp{err}
	} else {
		incomes = client
	}
	system, done, err := r.openCases(c, drift)
	if err != nil {
		return fleksloen.New(s, notSetUp{err}, incomes, clock), func() error { return nil }, nil
	}
	return fleksloen.New(s, ready{system, incomes}, incomes, clock), done, nil
}

// ready is the benefit system of a robot all of whose systems are set up: nothing
// is listed while incomes cannot be looked up.
type ready struct {
	fleksloen.Benefits
	incomes fleksloen.Incomes
}

// Cases is the system's list.
func (r ready) Cases(ctx context.Context) ([]benefits.Listed, error) {
	if missing, ok := r.incomes.(notSetUp); ok {
		return nil, missing.err
	}
	return r.Benefits.Cases(ctx)
}

// notSetUp is a system that the configuration lacks or gets wrong.
type notSetUp struct{ err error }

// Cases says what is wrong.
func (n notSetUp) Cases(context.Context) ([]benefits.Listed, error) { return nil, n.err }

// Case says what is wrong.
func (n notSetUp) Case(context.Context, string, string) (benefits.Case, error) {
	return benefits.Case{}, n.err
}

// Set says what is wrong, and that nothing was set.
func (n notSetUp) Set(context.Context, string, string, benefits.Setting) error {
	return runner.NotDone(n.err)
}

// LookUp says what is wrong. Nobody is looked up.
func (n notSetUp) LookUp(context.Context, eindkomst.Log, eindkomst.Request) (eindkomst.Answer, error) {
	return eindkomst.Answer{}, n.err
}

func openBenefits(c *config.Config, drift Drift) (*benefits.System, func() error, error) {
	system, ok := c.Systems[benefits.Name]
	if !ok {
		return nil, nil, &config.Problem{File: c.File, Text: "systems.benefits is missing: robot fleksloen works in it"}
	}
	screens, err := selectors.Load(system.Selectors)
	if err != nil {
		return nil, nil, err
	}
	pages := &pages{screens: screens, config: browserConfig(c, system)}
	pages.config.OnDrift = func(d browser.Drift) { drift(d.System, d.Page, d.Name, d.Way, d.Served) }
	s := benefits.New(pages, account(c, benefits.Name))
	return s, func() error {
		s.Close()
		return pages.close()
	}, nil
}

// checkFleksloen reads everything that the robot needs.
func checkFleksloen(c *config.Config, section config.Robot) error {
	s, err := fleksloenSettings(c, section)
	wrong := []error{err}
	for _, name := range []string{benefits.Name, eindkomst.Name} {
		if _, ok := c.Systems[name]; !ok {
			wrong = append(wrong, section.Problem("systems.%s is missing: robot fleksloen works in it", name))
		}
	}
	if s.Watch != "" {
		data, err := os.ReadFile(s.Watch)
		if err != nil {
			return errors.Join(append(wrong, section.Problem("robots.fleksloen.obsliste: %v", err))...)
		}
		if _, err := obsliste.Read(s.Watch, data); err != nil {
			wrong = append(wrong, fmt.Errorf("%w", err))
		}
	}
	return errors.Join(wrong...)
}
