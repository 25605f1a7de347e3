// Package attest is the robot of certificates (attester): it takes leaders' orders,
// lays batches ready for a person to send to the police, waits, judges the answers,
// files what is exactly clean, and gives everything else to people. It never
// touches the police's site. README.md has the steps and the exceptions in the words
// of those who work with them.
package attest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"byskriver/robots/attest/judge"
	"byskriver/robots/attest/rules"
	"byskriver/robots/internal/orders"
	"byskriver/robots/internal/pdftext"
	"byskriver/robots/internal/sbsys"
	"byskriver/runner"
	"byskriver/schedules"
)

// Name is the robot's name.
const Name = "attest"

// Drawer is what the robot keeps between runs: each entry sealed under a key of its
// own, and deleted with it. Names hold nothing personal.
type Drawer interface {
	Lay(ctx context.Context, name string, data []byte) error
	Each(ctx context.Context, prefix string, entry func(name string, data []byte) error) error
	Clear(ctx context.Context, name, rule string) error
}

// Systems are what the robot works in.
type Systems struct {
	Orders *orders.System
	Cases  *sbsys.System
	PDF    pdftext.Programs
}

// Robot is the attest robot.
type Robot struct {
	settings Settings
	systems  Systems
	drawer   Drawer
	clock    runner.Clock
	zone     *time.Location
	shadow   bool
	register *register
	mailbox  *mailbox
	files    *sync.Mutex // over the folders that the robot writes to
}

// New builds the robot.
func New(s Settings, systems Systems, drawer Drawer, clock runner.Clock) (*Robot, error) {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return nil, err
	}
	return &Robot{settings: s, systems: systems, drawer: drawer, clock: clock, zone: zone, register: newRegister(drawer), mailbox: &mailbox{pages: map[string][]about{}}, files: &sync.Mutex{}}, nil
}

// Name is the robot's name.
func (r *Robot) Name() string { return Name }

// LooksIn is where Collect looks: the orders are fetched there.
func (r *Robot) LooksIn() []string { return []string{orders.Name} }

// Shadow is the robot as a shadow run has it: it finds and judges, and changes
// nothing of what it keeps, not even the folders; but what may no longer be kept is
// deleted on its date all the same.
func (r *Robot) Shadow() runner.Robot {
	view := *r
	view.shadow = true
	return &view
}

// Files are the files that the robot's decisions depend on, by what they are.
func (r *Robot) Files() map[string]string { return map[string]string{"policy": r.settings.PolicyFile} }

// The rules that decisions are recorded and replayed with.
var (
	orderRule = runner.NewRule("attest.order", rules.NeedsOf)
	reuseRule = runner.NewRule("attest.reuse", rules.Reusable)
	judgeRule = runner.NewRule("attest.judge", judge.Decide)
)

// Rules are the rules that decisions can be replayed with.
func (r *Robot) Rules() []runner.Rule { return []runner.Rule{orderRule, reuseRule, judgeRule} }

// content is what an item carries: which of the robot's three kinds of work it is.
type content struct {
	Order *rules.Order `json:"order,omitempty"` // an order, and the type of certificate
	Type  string       `json:"type,omitempty"`  // a type's code, or one of the two below
	Batch string       `json:"batch,omitempty"` // a batch that lies ready
	Post  string       `json:"post,omitempty"`  // a message: its entry in the drawer
	File  string       `json:"file,omitempty"`  // a file in the folder drop that is too large to be a message
}

// Types of an order's item that is about no certificate.
const (
	typeUnclear = "afklaring" // the order is not clear
	typeNothing = "ingen"     // the order needs no certificate
)

// Work takes one item to its outcome.
func (r *Robot) Work(ctx context.Context, c runner.Case) error {
	var in content
	if err := json.Unmarshal(c.Item().Content, &in); err != nil {
		return fmt.Errorf("read what item %s carries: %w", c.Item().Number, err)
	}
	if err := r.register.have(ctx); err != nil {
		return err
	}
	if c.Item().Mode == runner.Shadow {
		// An area may be in shadow while the others are live.
		view := *r
		view.shadow = true
		r = &view
	}
	switch {
	case in.Batch != "" && r.shadow:
		return runner.ErrShadow
	case in.Batch != "":
		return r.workBatch(ctx, c, in.Batch)
	case in.File != "":
		return r.tooLarge(in.File)
	case in.Post != "":
		return r.workMessage(ctx, c, in.Post)
	case in.Order != nil:
		return r.workOrder(ctx, c, *in.Order, in.Type)
	}
	return fmt.Errorf("item %s carries none of the robot's kinds of work", c.Item().Number)
}

// today is the Danish date.
func (r *Robot) today() schedules.Date { return r.dateOf(r.clock.Now()) }

func (r *Robot) dateOf(t time.Time) schedules.Date { return schedules.DateOf(t.In(r.zone)) }

// morning is the moment on a date at which waiting items are looked at again: early,
// before any run of that day.
func (r *Robot) morning(d schedules.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 1, 0, 0, 0, r.zone)
}

// danish is a date as staff write it.
func danish(d schedules.Date) string {
	return fmt.Sprintf("%02d-%02d-%04d", d.Day, int(d.Month), d.Year)
}

// typeName is what staff call a type.
func (r *Robot) typeName(code string) string {
	t, _ := r.settings.Policy.Rules.Type(code)
	return t.Name
}
