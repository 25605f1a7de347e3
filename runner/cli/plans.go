package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"byskriver/runner"
)

// planner is a robot that works by plans which the municipality keeps in a sheet. Its
// answers are Danish.
type planner interface {
	// Outside writes a new workbook of why items fell outside their plan, from the
	// decisions that were recorded about them.
	Outside(file string, each func(func(item runner.Item, at time.Time, d runner.Decided) error) error) (string, error)
	// Ending are the plans that run out within so many days, a line each.
	Ending(ctx context.Context, days int) ([]string, error)
	// Move has plans coded elsewhere, in a new version of the sheet.
	Move(plan, unit, account, place, toAccount, toPlace, by string) (string, error)
	// Propose writes a new workbook of plans that what was posted suggests.
	Propose(ctx context.Context, file string, months int) (string, error)
}

type plansCmd struct {
	Outside plansOutsideCmd `cmd:"" help:"Write a workbook of why items fell outside their plan."`
	Ending  plansEndingCmd  `cmd:"" help:"List the plans that run out soon."`
	Move    plansMoveCmd    `cmd:"" help:"Move a plan, or all of a unit's, to another account: a new version of the sheet, for another person to approve."`
	Propose plansProposeCmd `cmd:"" help:"Write a workbook of plans that the postings suggest."`
	Robot   string          `default:"invoice" help:"The robot whose plans they are."`
}

// with opens the robot of the plans and hands it over.
func (c *plansCmd) with(e *env, use func(h *house, p planner) (string, error)) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	robot, closeRobot, err := e.robot(h.conf, c.Robot, h.shelf, &drift{})
	if err != nil {
		return err
	}
	p, ok := robot.(planner)
	if !ok {
		return errors.Join(usage("robot %s has no plans", c.Robot), closeRobot())
	}
	said, err := use(h, p)
	if err == nil && said != "" {
		_, err = fmt.Fprintln(e.Stdout, runner.Mask(said))
	}
	return errors.Join(err, closeRobot())
}

type plansOutsideCmd struct {
	File  string    `arg:"" name:"file.xlsx" help:"The new workbook."`
	Since time.Time `help:"Only items found since this day; the last year without it." format:"2006-01-02"`
}

// Run writes the workbook.
func (c *plansOutsideCmd) Run(e *env, all *plansCmd) error {
	return all.with(e, func(h *house, p planner) (string, error) {
		since := c.Since
		if since.IsZero() {
			since = h.clock.Now().AddDate(-1, 0, 0)
		}
		return p.Outside(c.File, func(each func(runner.Item, time.Time, runner.Decided) error) error {
			return h.eachDecision(e.ctx, all.Robot, since, each)
		})
	})
}

// eachDecision hands over the recorded decisions about items found since a time, in
// the order in which they were found. What has been deleted is passed over.
func (h *house) eachDecision(ctx context.Context, robot string, since time.Time, each func(runner.Item, time.Time, runner.Decided) error) error {
	rows, err := h.store.FoundSince(ctx, robot, runner.Live, since)
	if err != nil {
		return err
	}
	for _, row := range rows {
		keys, err := h.store.Keys(ctx, row)
		if err != nil {
			return err
		}
		decided, err := h.store.Decideds(ctx, row, keys)
		if err != nil {
			return err
		}
		for _, d := range decided {
			if err := each(runner.Item{Number: row.Number, Robot: row.Robot, Area: row.Area, State: row.State, Created: row.Created}, d.At, d.Decided); err != nil {
				return fmt.Errorf("read a decision about %s: %w", row.Number, err)
			}
		}
	}
	return nil
}

type plansEndingCmd struct {
	Days int `default:"60" help:"How many days ahead."`
}

// Run lists the plans, the first to run out first.
func (c *plansEndingCmd) Run(e *env, all *plansCmd) error {
	if c.Days < 0 {
		return usage("--days must not be negative")
	}
	return all.with(e, func(_ *house, p planner) (string, error) {
		lines, err := p.Ending(e.ctx, c.Days)
		for _, line := range lines {
			fmt.Fprintln(e.Stdout, runner.Mask(line))
		}
		return "", err
	})
}

type plansMoveCmd struct {
	Plan      string `help:"One plan, by its number." xor:"which" required:""`
	Unit      string `help:"All plans of the unit with this EAN number." xor:"which" required:""`
	Account   string `help:"All plans on this artskonto." xor:"which" required:""`
	Place     string `help:"All plans on this PSP element or cost centre." xor:"which" required:""`
	ToAccount string `help:"The artskonto that they move to."`
	ToPlace   string `help:"The PSP element or cost centre that they move to."`
	By        string `required:"" help:"Who moves them, as the sheet is to name its author; another person approves."`
}

// Run writes the new version, and says what it changes.
func (c *plansMoveCmd) Run(e *env, all *plansCmd) error {
	return all.with(e, func(_ *house, p planner) (string, error) {
		said, err := p.Move(c.Plan, c.Unit, c.Account, c.Place, c.ToAccount, c.ToPlace, c.By)
		if err != nil {
			return "", &failure{exitUsage, err}
		}
		return said, nil
	})
}

type plansProposeCmd struct {
	File   string `arg:"" name:"file.xlsx" help:"The new workbook."`
	Months int    `default:"12" help:"How far back to look at the postings."`
}

// Run writes the workbook.
func (c *plansProposeCmd) Run(e *env, all *plansCmd) error {
	if c.Months < 1 {
		return usage("--months must be at least 1")
	}
	return all.with(e, func(_ *house, p planner) (string, error) { return p.Propose(e.ctx, c.File, c.Months) })
}
