// Package fleksloen is the robot that computes the month's fleksløntilskud: it
// takes the cases from the benefit system, looks each citizen's income up in
// eIndkomst, computes by LAB § 123, and sets the subsidy where every rule allows
// it. Everything else goes to a person, with the reason. README.md has the steps
// and the exceptions in the words of those who work with them.
package fleksloen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"byskriver/robots/fleksloen/income"
	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
	"byskriver/robots/internal/screen"
	"byskriver/runner"
	"byskriver/schedules"
)

// Name is the robot's name.
const Name = "fleksloen"

// The systems that the robot works in, by their names in the configuration.
const (
	System   = benefits.Name
	Register = eindkomst.Name
)

// What the benefit system shows and takes, and how it refuses, for those who lead the
// robot to it by another road than its screens.
type (
	Listed       = benefits.Listed
	Case         = benefits.Case
	Setting      = benefits.Setting
	OtherCitizen = benefits.OtherCitizen
	Refused      = screen.Refused
)

// Benefits is what the robot does in the benefit system.
type Benefits interface {
	// Cases lists the cases that there may be a subsidy in.
	Cases(ctx context.Context) ([]benefits.Listed, error)
	// Case opens a case, as the citizen's whom the list named.
	Case(ctx context.Context, number, cpr string) (benefits.Case, error)
	// Set enters a month's subsidy. An error marked with runner.NotDone left the
	// case as it was.
	Set(ctx context.Context, number, cpr string, s benefits.Setting) error
}

// Incomes is where incomes are looked up.
type Incomes interface {
	LookUp(ctx context.Context, log eindkomst.Log, r eindkomst.Request) (eindkomst.Answer, error)
}

// Settings are the municipality's own choices for the robot.
type Settings struct {
	Rates      subsidy.Rates
	RatesFile  string
	Table      income.Table
	TableFile  string // "" where the standard table is meant
	Watch      string // the obsliste
	Letter     Letter
	LetterFile string // "" where the standard letter is meant
	Rounding   subsidy.Rounding
	Lag        int  // months from the income to the subsidy that it counts for
	Approval   bool // a person approves each subsidy
	LastDay    int  // day of the month on which missing reports are waited for no more
	LastDayJan int  // the same in January, when employers have until the 17th
	Limits     Limits
	Month      eindkomst.Month // works on this month; zero means the month of the day
}

// Robot is the fleksløn robot.
type Robot struct {
	settings Settings
	benefits Benefits
	incomes  Incomes
	clock    runner.Clock
}

// New builds the robot.
func New(s Settings, b Benefits, i Incomes, clock runner.Clock) *Robot {
	return &Robot{settings: s, benefits: b, incomes: i, clock: clock}
}

// Name is the robot's name.
func (r *Robot) Name() string { return Name }

// LooksIn is where Collect looks: the cases are listed there.
func (r *Robot) LooksIn() []string { return []string{System} }

// Files are the files that the robot's decisions depend on, by what they are.
func (r *Robot) Files() map[string]string {
	files := map[string]string{"rates": r.settings.RatesFile, "obsliste": r.settings.Watch}
	if r.settings.TableFile != "" {
		files["income"] = r.settings.TableFile
	}
	if r.settings.LetterFile != "" {
		files["letter"] = r.settings.LetterFile
	}
	return files
}

// Rules are the rules that decisions can be replayed with.
func (r *Robot) Rules() []runner.Rule { return []runner.Rule{whetherRule(), monthRule()} }

func whetherRule() runner.Rule { return runner.NewRule("fleksloen.case", judgedCase) }
func monthRule() runner.Rule   { return runner.NewRule("fleksloen.month", Decide) }

// caseVerdict is what the rules before the look-up say.
type caseVerdict struct {
	Refusal *Refusal `json:"refusal,omitempty"`
}

func judgedCase(in CaseInput) caseVerdict { return caseVerdict{Refusal: JudgeCase(in)} }

// Content is what an item of this robot carries, as JSON.
type Content struct {
	Case  string          `json:"case"`
	CPR   string          `json:"cpr"`
	Month eindkomst.Month `json:"month"` // that the subsidy is for
}

// Work takes one item straight down: the case, its rules, the look-up, the
// calculation, its rules, the subsidy set once.
func (r *Robot) Work(ctx context.Context, c runner.Case) error {
	var content Content
	if err := json.Unmarshal(c.Item().Content, &content); err != nil {
		return fmt.Errorf("read what item %s carries: %w", c.Item().Number, err)
	}
	c.Label(content.Case)
	return screen.Keep(ctx, c, r.work(ctx, c, content))
}

func (r *Robot) work(ctx context.Context, c runner.Case, content Content) error {
	var begun Plan
	if ok, err := c.Begun(ctx, stepSet, &begun); err != nil {
		return err
	} else if ok {
		return r.finish(ctx, c, begun)
	}
	in, err := r.caseInput(ctx, c, content)
	if err != nil {
		return err
	}
	before, err := runner.Decide[caseVerdict](ctx, c, whetherRule(), in)
	if err != nil {
		return err
	}
	if before.Refusal != nil {
		return before.Refusal.err()
	}
	verdict, err := r.month(ctx, c, in)
	switch {
	case err != nil:
		return err
	case verdict.Refusal != nil:
		return verdict.Refusal.err(verdict.Computed)
	case verdict.Wait != "":
		return runner.Later(r.again(c.Now()), codeMissing, verdict.Wait)
	}
	if err := c.Sample(ctx, subsidy.Danish(verdict.Setting.Subsidy), runner.Agree(), runner.Retry(), runner.Manual()); err != nil {
		return err
	}
	return r.finish(ctx, c, Plan{Case: content.Case, CPR: content.CPR, Setting: *verdict.Setting})
}

// caseInput reads the case, as the citizen's whom the list named.
func (r *Robot) caseInput(ctx context.Context, c runner.Case, content Content) (CaseInput, error) {
	in := CaseInput{Month: content.Month, Income: content.Month.Add(-r.settings.Lag), Asked: content, Limits: r.settings.Limits}
	watch, err := r.watch(content.Month)
	if err != nil {
		return in, err
	}
	in.Watch = watch[content.CPR]
	leave, err := c.Enter(ctx, System)
	if err != nil {
		return in, err
	}
	defer leave()
	in.Case, err = r.benefits.Case(ctx, content.Case, content.CPR)
	var other *benefits.OtherCitizen
	if errors.As(err, &other) {
		return in, runner.Refuse("SAG-BYTTET", "Systemet viste en anden borgers sag, end robotten bad om. Intet er gemt. Prøv igen, og giv driften besked, hvis det gentager sig.", "")
	}
	var refused *screen.Refused
	if errors.As(err, &refused) {
		return in, runner.Refuse("SAG-FINDES-IKKE", fmt.Sprintf("Ydelsessystemet siger: »%s«. Undersøg, om sagen er lukket eller flyttet.", refused.Text), "")
	}
	if err != nil {
		return in, fmt.Errorf("open the case: %w", err)
	}
	return in, nil
}

// month looks the citizen up, decides, and keeps the calculation with the case.
func (r *Robot) month(ctx context.Context, c runner.Case, before CaseInput) (Verdict, error) {
	in := Input{CaseInput: before, Table: r.settings.Table, Rounding: r.settings.Rounding, Approval: r.settings.Approval, Rates: r.bothRates(),
		Waited: r.waited(c.Now(), before.Month)}
	var err error
	if in.Rate, err = r.settings.Rates.For(before.Month.Year); err != nil {
		return Verdict{}, err
	}
	if d := c.Item().Decision; d != nil {
		if amount, ok := approved(d.Action); ok {
			in.Approved, in.By = &amount, d.By
		}
	}
	if in.Answer, err = r.lookUp(ctx, c, before); err != nil {
		return Verdict{}, err
	}
	verdict, err := runner.Decide[Verdict](ctx, c, monthRule(), in)
	if err != nil {
		return verdict, err
	}
	return verdict, r.keep(ctx, c, in, verdict)
}

func (r *Robot) lookUp(ctx context.Context, c runner.Case, in CaseInput) (eindkomst.Answer, error) {
	leave, err := c.Enter(ctx, Register)
	if err != nil {
		return eindkomst.Answer{}, err
	}
	defer leave()
	answer, err := r.incomes.LookUp(ctx, c, eindkomst.Request{CPR: in.Case.CPR, From: in.Income.Add(-in.Limits.RegulationMonths), To: in.Income,
		Purpose: eindkomst.PurposeFleksloen(), Reference: c.Item().Number})
	if err != nil {
		return answer, fmt.Errorf("look up the income: %w", err)
	}
	return answer, nil
}

// bothRates are the rates of the years that have both numbers.
func (r *Robot) bothRates() map[int]subsidy.Rate {
	rates := map[int]subsidy.Rate{}
	for year := range r.settings.Rates {
		if rate, err := r.settings.Rates.For(year); err == nil {
			rates[year] = rate
		}
	}
	return rates
}

// stepSet is the one change that this robot makes.
const stepSet = "set"

// Plan is what that change is to be.
type Plan struct {
	Case    string           `json:"case"`
	CPR     string           `json:"cpr"`
	Setting benefits.Setting `json:"setting"`
}

// finish sets the subsidy exactly once.
func (r *Robot) finish(ctx context.Context, c runner.Case, p Plan) error {
	leave, err := c.Enter(ctx, System)
	if err != nil {
		return err
	}
	defer leave()
	find := func(ctx context.Context) (runner.Sight, error) { return r.look(ctx, p) }
	do := func(ctx context.Context) error { return r.benefits.Set(ctx, p.Case, p.CPR, p.Setting) }
	_, err = c.Once(ctx, runner.Step{Name: stepSet, System: System, Plan: p}, find, do)
	var refused *screen.Refused
	if errors.As(err, &refused) {
		return runner.Refuse("YDELSE-AFVIST", fmt.Sprintf("Ydelsessystemet afviste tilskuddet: »%s«. Ret sagen, og vælg Prøv igen, eller sæt tilskuddet selv.", refused.Text), subsidy.Danish(p.Setting.Subsidy))
	}
	return err
}

// look asks the benefit system what is set for the month, and compares it with
// what was meant.
func (r *Robot) look(ctx context.Context, p Plan) (runner.Sight, error) {
	now, err := r.benefits.Case(ctx, p.Case, p.CPR)
	if err != nil {
		return runner.Sight{}, fmt.Errorf("look for the subsidy of %s in case %s: %w", p.Setting.Month, p.Case, err)
	}
	var set []benefits.Setting
	for _, s := range now.History {
		if s.Month == p.Setting.Month {
			set = append(set, s)
		}
	}
	switch {
	case len(set) == 0:
		return runner.Sight{Certainty: runner.Absent}, nil
	case len(set) > 1:
		return runner.Sight{Certainty: runner.Different, Text: fmt.Sprintf("Tilskuddet for %s er sat %d gange i sag %s.", p.Setting.Month, len(set), p.Case)}, nil
	case !set[0].Same(p.Setting):
		return runner.Sight{Certainty: runner.Different, Text: fmt.Sprintf("Tilskuddet for %s i sag %s står som %s, sat af %s, og robotten mente %s.",
			p.Setting.Month, p.Case, subsidy.Danish(set[0].Subsidy), set[0].By, subsidy.Danish(p.Setting.Subsidy))}, nil
	}
	return runner.Sight{Certainty: runner.Present, Receipt: set[0]}, nil
}

// today is the day in Denmark, wherever the machine's clock thinks it is.
func (r *Robot) today(now time.Time) schedules.Date {
	zone, err := schedules.Copenhagen()
	if err != nil {
		zone = time.UTC
	}
	return schedules.DateOf(now.In(zone))
}

// lastDay is the day from which missing reports are waited for no more: the last
// bank day on or before the day that the municipality set. The runs are on bank days,
// so a day of a weekend or holiday would be seen first by the next month's run.
func (r *Robot) lastDay(m eindkomst.Month) schedules.Date {
	day := schedules.Date{Year: m.Year, Month: m.Month, Day: r.settings.LastDay}
	if m.Month == time.January {
		day.Day = r.settings.LastDayJan
	}
	for !schedules.BankDay(day) {
		day = day.AddDays(-1)
	}
	return day
}

// waited reports whether the last day for a month's reports has come.
func (r *Robot) waited(now time.Time, m eindkomst.Month) bool {
	return !r.today(now).Before(r.lastDay(m))
}

// again is when to look for missing reports next: before people come to work on
// the next day.
func (r *Robot) again(now time.Time) time.Time {
	zone, err := schedules.Copenhagen()
	if err != nil {
		zone = time.UTC
	}
	local := now.In(zone)
	return time.Date(local.Year(), local.Month(), local.Day()+1, 5, 0, 0, 0, zone)
}
