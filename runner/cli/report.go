package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"byskriver/runner"
	"byskriver/runner/engine"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
	"byskriver/runner/workbook"
)

type reportCmd struct {
	Area areaReportCmd `cmd:"" help:"Write a workbook with what was done in an area, for its leader."`
}

type areaReportCmd struct {
	Area  string `arg:"" help:"The area, as it stands in the lists."`
	Dir   string `arg:"" help:"The folder that gets the workbook; one that the leader can read."`
	From  string `help:"The first day, such as 2026-11-01; default 30 days back." placeholder:"DATE"`
	To    string `help:"The last day, itself included; default today." placeholder:"DATE"`
	Robot string `help:"Only this robot's." placeholder:"NAME"`
}

// Run writes the workbook and prints its path.
func (c *areaReportCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	r := workbook.Report{Municipality: h.conf.Municipality, Area: c.Area, Made: h.clock.Now(), Zone: h.zone}
	if r.From, r.To, err = c.period(h); err != nil {
		return err
	}
	areas, err := h.store.Areas(e.ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(areas, c.Area) {
		return usage("no robot has had an item in an area %q; there are: %s", runner.Mask(c.Area), runner.Mask(strings.Join(areas, ", ")))
	}
	if _, ok := h.conf.Robots[c.Robot]; c.Robot != "" && !ok {
		return usage("there is no robot %q in %s", c.Robot, h.conf.File)
	}
	if err := h.prove(e.ctx); err != nil { // so that each entry has its number
		return err
	}
	if r.Facts, err = c.facts(e, h, r); err != nil {
		return err
	}
	r.Rows = c.rows(e, h, r)
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		return fmt.Errorf("make the folder of reports: %w", err)
	}
	path, deeds, err := workbook.ExportReport(c.Dir, r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "%s\n%d udførte sager i %s\n", path, deeds, runner.Mask(c.Area))
	return err
}

// period is from the first day's midnight to that after the last.
func (c *areaReportCmd) period(h *house) (from, to time.Time, err error) {
	y, m, d := h.clock.Now().In(h.zone).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, h.zone)
	from, to = today.AddDate(0, 0, -30), today
	if c.To != "" {
		if to, err = time.ParseInLocation(time.DateOnly, c.To, h.zone); err != nil {
			return from, to, usage("--to %q is not a date such as 2026-11-30", c.To)
		}
		from = to.AddDate(0, 0, -30)
	}
	if c.From != "" {
		if from, err = time.ParseInLocation(time.DateOnly, c.From, h.zone); err != nil {
			return from, to, usage("--from %q is not a date such as 2026-11-01", c.From)
		}
	}
	if to.Before(from) {
		return from, to, usage("the period ends before it begins")
	}
	return from, to.AddDate(0, 0, 1), nil
}

// facts are what stands above the list: how each robot's items stand, and its mode.
func (c *areaReportCmd) facts(e *env, h *house, r workbook.Report) ([][2]string, error) {
	set, err := h.store.Modes(e.ctx)
	if err != nil {
		return nil, err
	}
	var facts [][2]string
	for _, about := range e.fleet.Names() {
		if _, ok := h.conf.Robots[about.Name]; !ok || c.Robot != "" && c.Robot != about.Name {
			continue
		}
		accounts, err := h.store.Accounts(e.ctx, about.Name, r.From, r.To)
		if err != nil {
			return nil, err
		}
		a := accounts[c.Area]
		own := slices.DeleteFunc(slices.Clone(set), func(m store.SetMode) bool { return m.Robot != about.Name })
		mode := engine.Stand(ceiling(h.conf.Robots[about.Name]), c.Area, own).Mode
		facts = append(facts, [2]string{title(about), fmt.Sprintf("%d fundet i perioden: %d klaret af robotten, %d af en person, %d på listen, %d venter, %d fejlet. Robotten er %s her.",
			a.Found, a.Robot, a.Person, a.Listed, a.Waiting, a.Failed, modeText(mode))})
	}
	return facts, nil
}

func title(a runner.About) string {
	if a.Title != "" {
		return a.Title
	}
	return a.Name
}

func modeText(m runner.Mode) string {
	return map[runner.Mode]string{runner.Live: "i drift", runner.Ramp: "under indkøring", runner.Shadow: "i skygge", runner.Stopped: "standset"}[m]
}

func (c *areaReportCmd) rows(e *env, h *house, r workbook.Report) func(func(workbook.Deed, error) bool) {
	titles := map[string]string{}
	for _, about := range e.fleet.Names() {
		titles[about.Name] = title(about)
	}
	return func(yield func(workbook.Deed, error) bool) {
		for row, err := range h.store.SettledIn(e.ctx, c.Robot, c.Area, r.From, r.To) {
			var d workbook.Deed
			if err == nil {
				d, err = c.deed(e, h, row)
				d.Robot = titles[row.Robot]
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

// deed is what the list says of one item. CPR numbers are masked.
func (c *areaReportCmd) deed(e *env, h *house, row store.Row) (workbook.Deed, error) {
	d := workbook.Deed{Number: row.Number, At: row.Settled, By: "Robotten"}
	item, keys, err := h.store.Load(e.ctx, row)
	if err != nil {
		return d, err
	}
	d.Case = runner.Mask(item.Label)
	outcomes, err := h.store.Outcomes(e.ctx, row, keys)
	if err != nil {
		return d, err
	}
	for _, o := range outcomes {
		if o.Words.Label != "" {
			d.Case = runner.Mask(o.Words.Label)
		}
	}
	what, err := h.did(e.ctx, row, keys)
	if err != nil {
		return d, err
	}
	d.What = runner.Mask(what)
	decision, err := h.store.LastDecision(e.ctx, row, keys)
	if err != nil {
		return d, err
	}
	if decision != nil {
		d.By = decision.By
		if d.What == "" {
			d.What = runner.Mask(actionWord(outcomes, decision.Action))
		}
	}
	if d.Rule, err = c.rule(e, h, row, keys); err != nil {
		return d, err
	}
	if d.Sample, err = c.sample(e, h, row); err != nil {
		return d, err
	}
	d.Entry, err = c.entry(e, h, row)
	return d, err
}

// actionWord is what the drop-down called a decision.
func actionWord(outcomes []store.Outcome, action string) string {
	for _, o := range outcomes {
		for _, c := range o.Words.Choices {
			if c.Action == action {
				return c.Label
			}
		}
	}
	return action
}

// rule is the rule that decided last, and what its verdict says of why.
func (c *areaReportCmd) rule(e *env, h *house, row store.Row, keys store.Keys) (string, error) {
	all, err := h.store.Decideds(e.ctx, row, keys)
	if err != nil || len(all) == 0 {
		return "", err
	}
	last := all[len(all)-1]
	var verdict map[string]any
	if err := json.Unmarshal(last.Verdict, &verdict); err != nil {
		return last.Rule, nil // a verdict that is no object says no more
	}
	text := last.Rule
	for _, key := range []string{"plan", "way", "by", "why"} {
		if s, ok := verdict[key].(string); ok && s != "" {
			text += ", " + key + " " + s
		}
	}
	return runner.Mask(text), nil
}

func (c *areaReportCmd) sample(e *env, h *house, row store.Row) (string, error) {
	s, err := h.store.Sample(e.ctx, row.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && !s.Drawn {
		return "", nil
	}
	return map[store.Judgement]string{store.Unjudged: "ja", store.Agreed: "ja, enig", store.Other: "ja, uenig", store.Unknown: "ja, i hånden"}[s.Judged], err
}

// entry is the number of the log's newest entry that says the item was settled.
func (c *areaReportCmd) entry(e *env, h *house, row store.Row) (int64, error) {
	var last int64
	for l, err := range h.log.Entries(e.ctx, h.store.Reader(), runlog.Filter{Item: row.Number}) {
		if err != nil {
			return 0, err
		}
		if l.Code == "item.done" || l.Code == "person.decided" {
			last = max(last, l.Seq)
		}
	}
	return last, nil
}

// spans are the periods of the overview: today, and the last 30 days.
func (h *house) spans() (today, month, now time.Time) {
	now = h.clock.Now()
	y, m, d := now.In(h.zone).Date()
	today = time.Date(y, m, d, 0, 0, 0, 0, h.zone)
	return today, today.AddDate(0, 0, -29), now.Add(time.Microsecond)
}

// progress is how a robot has done in the last 30 days, in all and in each area that the
// configuration has a goal for.
func (h *house) progress(e *env, robot string) ([]workbook.Progress, error) {
	_, month, now := h.spans()
	accounts, err := h.store.Accounts(e.ctx, robot, month, now)
	if err != nil {
		return nil, err
	}
	samples, err := h.store.SampleCounts(e.ctx, robot, month, now)
	if err != nil {
		return nil, err
	}
	var all store.Account
	var drawn store.SampleCount
	for _, a := range accounts {
		all = all.Add(a)
	}
	for _, s := range samples {
		drawn = drawn.Add(s)
	}
	lines := []workbook.Progress{progressOf("", all, drawn, h.conf.Robots[robot].Terms("").Goal)}
	for _, area := range slices.Sorted(maps.Keys(accounts)) {
		if slices.Contains(h.conf.Robots[robot].Areas(), area) {
			lines = append(lines, progressOf(area, accounts[area], samples[area], h.conf.Robots[robot].Terms(area).Goal))
		}
	}
	return lines, nil
}

func progressOf(area string, a store.Account, s store.SampleCount, goal float64) workbook.Progress {
	return workbook.Progress{Area: area, Settled: a.Robot + a.Person + a.Listed, Robot: a.Robot, Person: a.Person, Goal: goal / 100,
		Judged: s.Agreed + s.Other, Agreed: s.Agreed}
}

// today is how the items stand that a robot found today.
func (h *house) today(e *env, robot string) (workbook.Tally, error) {
	day, _, now := h.spans()
	accounts, err := h.store.Accounts(e.ctx, robot, day, now)
	var a store.Account
	for _, one := range accounts {
		a = a.Add(one)
	}
	return workbook.Tally{Found: a.Found, Done: a.Robot + a.Person, Listed: a.Listed, Waiting: a.Waiting, Failed: a.Failed}, err
}
