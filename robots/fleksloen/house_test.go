package fleksloen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
	"byskriver/runner/clock"
)

// memoryCase is one item with the engine's services, kept in memory.
type memoryCase struct {
	item    runner.Item
	clock   *clock.Manual
	state   string // of the step: "", intent or receipt
	plan    json.RawMessage
	receipt json.RawMessage
	decided []runner.Decided
	looked  []runner.LookUp
	kept    map[string][]byte
	label   string
	inside  map[string]int
	logErr  error
	drawn   bool // as a sample
}

func (c *memoryCase) Item() runner.Item { return c.item }
func (c *memoryCase) Now() time.Time    { return c.clock.Now() }

func (c *memoryCase) Once(ctx context.Context, step runner.Step, find runner.Find, do runner.Do) (runner.Receipt, error) {
	if c.state == "receipt" {
		return runner.NewReceipt(c.receipt), nil
	}
	if c.state == "" {
		c.plan, _ = json.Marshal(step.Plan)
		c.state = "intent"
		if err := do(ctx); err != nil {
			if runner.IsNotDone(err) {
				c.state = ""
			}
			return runner.Receipt{}, err
		}
	}
	sight, err := find(ctx)
	switch {
	case err != nil:
		return runner.Receipt{}, err
	case sight.Certainty == runner.Absent:
		c.state = ""
		return runner.Receipt{}, runner.Later(c.Now().Add(time.Minute), "AFVENTER-SYSTEMET", "")
	case sight.Certainty != runner.Present:
		return runner.Receipt{}, runner.Refuse(runner.CodeUncertain, sight.Text, "")
	}
	c.receipt, _ = json.Marshal(sight.Receipt)
	c.state = "receipt"
	return runner.NewReceipt(c.receipt), nil
}

func (c *memoryCase) Begun(_ context.Context, _ string, plan any) (bool, error) {
	if c.state == "" {
		return false, nil
	}
	return true, json.Unmarshal(c.plan, plan)
}

func (c *memoryCase) Enter(_ context.Context, system string) (func(), error) {
	c.inside[system]++
	return func() { c.inside[system]-- }, nil
}

func (c *memoryCase) Decided(_ context.Context, d runner.Decided) error {
	c.decided = append(c.decided, d)
	return nil
}

func (c *memoryCase) LookUp(_ context.Context, l runner.LookUp) error {
	c.looked = append(c.looked, l)
	return c.logErr
}

// Sample draws the item where the test says so, until a person has agreed.
func (c *memoryCase) Sample(_ context.Context, proposal string, choices ...runner.Choice) error {
	if !c.drawn || c.item.Decision != nil && c.item.Decision.Action == runner.ActionAgree {
		return nil
	}
	return runner.Refuse(runner.CodeSample, "", proposal, choices...)
}

func (c *memoryCase) Reserve(context.Context, runner.Mark, time.Time, time.Time) ([]runner.Mark, error) {
	return nil, errors.New("this robot reserves nothing")
}

func (c *memoryCase) Label(label string) { c.label = label }

func (c *memoryCase) Keep(_ context.Context, e runner.Evidence) (string, error) {
	c.kept[e.Name] = e.Data
	return e.Name, nil
}

// office is a benefit system in memory.
type office struct {
	mu     sync.Mutex
	order  []string
	cases  map[string]*benefits.Case
	sets   int
	fail   func() error // before a subsidy is taken
	lose   func() error // after
	mixed  string       // the case that is shown instead of any other
	change func(*benefits.Setting)
}

func (o *office) add(c benefits.Case) {
	if o.cases == nil {
		o.cases = map[string]*benefits.Case{}
	}
	o.cases[c.Number] = &c
	o.order = append(o.order, c.Number)
}

func (o *office) Cases(context.Context) (all []benefits.Listed, err error) {
	for _, n := range o.order {
		all = append(all, benefits.Listed{Case: n, CPR: o.cases[n].CPR, Status: o.cases[n].Status})
	}
	return all, nil
}

func (o *office) Case(_ context.Context, number, cpr string) (benefits.Case, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.cases[number]
	if o.mixed != "" || c == nil || c.CPR != cpr {
		return benefits.Case{}, &benefits.OtherCitizen{Case: number}
	}
	out := *c
	out.History = append([]benefits.Setting{}, c.History...)
	return out, nil
}

func (o *office) Set(_ context.Context, number, cpr string, s benefits.Setting) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		if err := o.fail(); err != nil {
			return err
		}
	}
	s.By = "ROBOT01"
	if o.change != nil {
		o.change(&s)
	}
	o.sets++
	c := o.cases[number]
	c.History = append([]benefits.Setting{s}, c.History...)
	if o.lose != nil {
		return o.lose()
	}
	return nil
}

// register is an income register in memory that logs as the client does.
type register struct {
	reports map[string][]eindkomst.Report
	err     error
	asked   []eindkomst.Request
}

func (r *register) LookUp(ctx context.Context, log eindkomst.Log, q eindkomst.Request) (eindkomst.Answer, error) {
	if err := log.LookUp(ctx, runner.LookUp{Subject: q.CPR, System: eindkomst.Name, Purpose: q.Purpose.Text}); err != nil {
		return eindkomst.Answer{}, err
	}
	r.asked = append(r.asked, q)
	return eindkomst.Answer{Reports: r.reports[q.CPR]}, r.err
}

// house is a robot with its systems, and the items it found.
type house struct {
	robot *Robot
	clock *clock.Manual
	items map[string]*memoryCase
	order []string
}

func (h *house) found(f runner.Found) (runner.Standing, error) {
	if h.items == nil {
		h.items = map[string]*memoryCase{}
	}
	c, ok := h.items[f.Key]
	if !ok {
		c = &memoryCase{clock: h.clock, kept: map[string][]byte{}, inside: map[string]int{}, item: runner.Item{Number: fmt.Sprintf("fleksloen-2024-%06d", len(h.items)+1),
			Robot: Name, Mode: runner.Live, Key: f.Key, Content: f.Content, Label: f.Label, Created: h.clock.Now(), State: runner.Ready}}
		h.items[f.Key] = c
		h.order = append(h.order, f.Key)
	}
	return runner.Standing{Number: c.item.Number, State: c.item.State, New: !ok}, nil
}

// collect has the robot find its work.
func (h *house) collect(t testing.TB) {
	t.Helper()
	if err := h.robot.Collect(t.Context(), h.found); err != nil {
		t.Fatal(err)
	}
}

// work takes an item through Work once and settles it as the engine does.
func (h *house) work(t testing.TB, c *memoryCase) error {
	t.Helper()
	err := h.robot.Work(t.Context(), c)
	for system, n := range c.inside {
		if n != 0 {
			t.Errorf("%s: Work left %d places taken in %s", c.item.Number, n, system)
		}
	}
	var refusal *runner.Refusal
	var later *runner.Postponed
	switch {
	case err == nil:
		c.item.State = runner.Done
	case errors.As(err, &refusal):
		c.item.State, c.item.Decision = runner.Exception, nil
	case errors.As(err, &later):
		c.item.State = runner.Waiting
	default:
		c.item.State = runner.Failed
	}
	return err
}

func codeOf(err error) string {
	var refusal *runner.Refusal
	var later *runner.Postponed
	switch {
	case errors.As(err, &refusal):
		return refusal.Code
	case errors.As(err, &later):
		return "later " + later.Code
	case err != nil:
		return "error " + strings.SplitN(err.Error(), ":", 2)[0]
	}
	return ""
}
