package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"byskriver/robots/invoice/grants"
	"byskriver/runner"
	"byskriver/runner/clock"
)

// house keeps in memory what the engine and the store keep: items, steps, marks,
// recorded decisions, the shelf.
type house struct {
	clock *clock.Manual

	mu      sync.Mutex
	items   []*memoryCase
	marks   []memoryMark
	papers  []runner.Paper
	shadow  bool
	sampled bool   // every item is drawn
	crashAt string // the moment of a step after which the process is gone
}

type memoryMark struct {
	runner.Mark
	of int
}

// errCrash is what a step returns where the process would have died.
var errCrash = errors.New("the process was killed")

// memoryCase is one item with the engine's services, as package engine has them.
type memoryCase struct {
	house   *house
	at      int // its place among the items
	item    runner.Item
	steps   map[string]*memoryStep
	decided []runner.Decided
	label   string
	kept    []string
	papers  []runner.Evidence
	inside  int // places taken in systems

	lookedUp []runner.LookUp
}

type memoryStep struct {
	state   string // intent, withdrawn, said or receipt
	plan    json.RawMessage
	receipt json.RawMessage
}

// add stores a found piece of work as an item, or gives the one that is there.
func (h *house) add(f runner.Found) *memoryCase {
	h.mu.Lock()
	defer h.mu.Unlock()
	twin := ""
	for _, c := range h.items {
		if c.item.Key == f.Key && string(c.item.Content) == string(f.Content) {
			return c
		} else if c.item.Key == f.Key {
			twin = c.item.Number
		}
	}
	c := &memoryCase{house: h, at: len(h.items), steps: map[string]*memoryStep{}}
	c.item = runner.Item{Number: fmt.Sprintf("invoice-2026-%06d", len(h.items)+1), Robot: Name, Mode: runner.Live, Key: f.Key,
		Content: f.Content, Label: f.Label, Source: f.Source, Area: f.Area, Due: f.Due, Created: h.clock.Now(), State: runner.Ready, Twin: twin}
	if h.shadow {
		c.item.Mode = runner.Shadow
	}
	h.items = append(h.items, c)
	return c
}

// finder is the engine's Finder; it keeps what was found.
func (h *house) finder(found *[]runner.Found) runner.Finder {
	return func(f runner.Found) (runner.Standing, error) {
		before := len(h.items)
		c := h.add(f)
		*found = append(*found, f)
		return runner.Standing{Number: c.item.Number, State: c.item.State, New: len(h.items) > before}, nil
	}
}

// work takes an item through Work once and settles it as the engine does.
func (h *house) work(t testing.TB, r *Robot, c *memoryCase) error {
	t.Helper()
	err := r.Work(t.Context(), c)
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.inside != 0 {
		t.Errorf("%s: Work left %d places taken", c.item.Number, c.inside)
	}
	var refusal *runner.Refusal
	var later *runner.Postponed
	switch {
	case err == nil:
		c.item.State = runner.Done
	case errors.As(err, &refusal):
		c.item.State, c.item.Decision = runner.Exception, nil
		h.takeBack(c.at)
	case errors.As(err, &later):
		c.item.State = runner.Waiting
	default:
		c.item.State = runner.Failed
	}
	return err
}

// takeBack removes the marks of an exception that do not stick.
func (h *house) takeBack(of int) {
	var left []memoryMark
	for _, m := range h.marks {
		if m.of != of || m.Sticky {
			left = append(left, m)
		}
	}
	h.marks = left
}

// counting are the marks that later items see.
func (h *house) counting() (all []runner.Mark) {
	for _, m := range h.marks {
		if !m.On.Equal(never()) {
			all = append(all, m.Mark)
		}
	}
	return all
}

func (c *memoryCase) decide(action, value, by string) {
	c.item.Decision = &runner.Decision{Action: action, Value: value, By: by}
}

func (c *memoryCase) Item() runner.Item { return c.item }
func (c *memoryCase) Now() time.Time    { return c.house.clock.Now() }
func (c *memoryCase) Label(l string)    { c.label = l }

// Sample draws every item or none; what a person has decided is not drawn.
func (c *memoryCase) Sample(_ context.Context, proposal string, choices ...runner.Choice) error {
	if !c.house.sampled || c.item.Decision != nil {
		return nil
	}
	return runner.Refuse(runner.CodeSample, "Stikprøve.", proposal, choices...)
}

func (c *memoryCase) Enter(_ context.Context, system string) (func(), error) {
	if system != System && system != grants.System {
		return nil, fmt.Errorf("system %q is not in the configuration", system)
	}
	c.inside++
	return func() { c.inside-- }, nil
}

func (c *memoryCase) Decided(_ context.Context, d runner.Decided) error {
	c.decided = append(c.decided, d)
	return nil
}

func (c *memoryCase) LookUp(_ context.Context, l runner.LookUp) error {
	c.lookedUp = append(c.lookedUp, l)
	return nil
}

func (c *memoryCase) Keep(_ context.Context, e runner.Evidence) (string, error) {
	c.kept, c.papers = append(c.kept, e.Name), append(c.papers, e)
	return e.Name, nil
}

// Reserve is the store's: one mark an item, kind and key, in one transaction, in
// the order in which they were left.
func (c *memoryCase) Reserve(_ context.Context, m runner.Mark, from, to time.Time) ([]runner.Mark, error) {
	h := c.house
	h.mu.Lock()
	defer h.mu.Unlock()
	var others []runner.Mark
	mine := -1
	for i, o := range h.marks {
		switch {
		case o.Kind != m.Kind || o.Key != m.Key:
		case o.of == c.at:
			mine = i
		case !o.On.Before(from) && !o.On.After(to):
			o.Item, o.State, o.Earlier = h.items[o.of].item.Number, h.items[o.of].item.State, mine < 0
			others = append(others, o.Mark)
		}
	}
	if mine < 0 {
		h.marks = append(h.marks, memoryMark{of: c.at})
		mine = len(h.marks) - 1
	}
	h.marks[mine].Mark = m
	return others, nil
}

// Begun is the engine's.
func (c *memoryCase) Begun(_ context.Context, step string, plan any) (bool, error) {
	s := c.steps[step]
	if s == nil || s.state == "withdrawn" {
		return false, nil
	}
	return true, json.Unmarshal(s.plan, plan)
}

// Once is the engine's, where a posting shows at once.
func (c *memoryCase) Once(ctx context.Context, step runner.Step, find runner.Find, do runner.Do) (runner.Receipt, error) {
	plan, err := json.Marshal(step.Plan)
	if err != nil {
		return runner.Receipt{}, err
	}
	if c.item.Mode == runner.Shadow {
		return runner.ShadowReceipt(), nil
	}
	if s := c.steps[step.Name]; s != nil && s.state == "receipt" {
		return runner.NewReceipt(s.receipt), nil
	} else if s != nil && s.state != "withdrawn" {
		sight, err := find(ctx)
		if err != nil || sight.Certainty != runner.Absent {
			return c.seen(s, sight, err)
		}
	}
	s := &memoryStep{state: "intent", plan: plan}
	c.steps[step.Name] = s
	if crash := c.house.crashAt; crash == "intent" || crash == step.Name+"/intent" {
		return runner.Receipt{}, errCrash
	}
	if err := do(ctx); err != nil {
		if runner.IsNotDone(err) {
			s.state = "withdrawn"
		}
		return runner.Receipt{}, fmt.Errorf("step %s: %w", step.Name, err)
	}
	if crash := c.house.crashAt; crash == "done" || crash == step.Name+"/done" {
		return runner.Receipt{}, errCrash
	}
	sight, err := find(ctx)
	return c.seen(s, sight, err)
}

func (c *memoryCase) seen(s *memoryStep, sight runner.Sight, err error) (runner.Receipt, error) {
	switch {
	case err != nil:
		return runner.Receipt{}, err
	case sight.Certainty == runner.Present:
		if s.receipt, err = json.Marshal(sight.Receipt); err != nil {
			return runner.Receipt{}, err
		}
		s.state = "receipt"
		return runner.NewReceipt(s.receipt), nil
	case sight.Certainty == runner.Absent:
		s.state = "said"
		return runner.Receipt{}, runner.Later(c.Now(), "AFVENTER-SYSTEMET", "")
	}
	return runner.Receipt{}, runner.Refuse(runner.CodeUncertain, sight.Text, "")
}

// Paper and Put are the shelf.
func (h *house) Paper(_ context.Context, name string) (runner.Paper, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.papers) - 1; i >= 0; i-- {
		if h.papers[i].Name == name {
			return h.papers[i], true, nil
		}
	}
	return runner.Paper{}, false, nil
}

func (h *house) Put(_ context.Context, p runner.Paper) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.papers = append(h.papers, p)
	return nil
}
