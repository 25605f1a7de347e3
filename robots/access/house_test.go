package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/kspcics"
	"byskriver/robots/internal/mail"
	"byskriver/runner"
	"byskriver/runner/clock"
)

// chest is a drawer in memory. With left set, that many writes succeed and then none:
// the program is as killed there.
type chest struct {
	entries map[string][]byte
	left    int // -1 is no end
}

var errKilled = errors.New("killed")

func (d *chest) spend() error {
	if d.left == 0 {
		return errKilled
	}
	d.left--
	return nil
}

func (d *chest) Lay(_ context.Context, name string, data []byte) error {
	if err := d.spend(); err != nil {
		return err
	}
	d.entries[name] = slices.Clone(data)
	return nil
}

func (d *chest) Each(_ context.Context, prefix string, entry func(string, []byte) error) error {
	for _, name := range slices.Sorted(maps.Keys(d.entries)) {
		if strings.HasPrefix(name, prefix) {
			if err := entry(name, d.entries[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *chest) Clear(_ context.Context, name, _ string) error {
	if _, ok := d.entries[name]; !ok {
		return nil
	}
	if err := d.spend(); err != nil {
		return err
	}
	delete(d.entries, name)
	return nil
}

// step is one change of an item, as the engine keeps it.
type step struct {
	state         string // intent, said, receipt
	plan, receipt json.RawMessage
}

// memoryCase is one item with the engine's services, kept in memory.
type memoryCase struct {
	item    runner.Item
	house   *house
	steps   map[string]*step
	decided []runner.Decided
	looked  []runner.LookUp
	inside  int
}

func (c *memoryCase) Item() runner.Item { return c.item }
func (c *memoryCase) Now() time.Time    { return c.house.clock.Now() }
func (c *memoryCase) Label(string)      {}

// Once does as the engine: intent, change, read back; after an intent it looks first.
func (c *memoryCase) Once(ctx context.Context, s runner.Step, find runner.Find, do runner.Do) (runner.Receipt, error) {
	if c.item.Mode == runner.Shadow {
		return runner.ShadowReceipt(), nil
	}
	have := c.steps[s.Name]
	if have != nil && have.state == "receipt" {
		return runner.NewReceipt(have.receipt), nil
	}
	if have != nil {
		sight, err := find(ctx)
		if err != nil || sight.Certainty == runner.Present || have.state == "said" || sight.Certainty != runner.Absent {
			return c.seen(have, sight, err)
		}
	}
	plan, _ := json.Marshal(s.Plan)
	c.steps[s.Name] = &step{state: "intent", plan: plan}
	if err := do(ctx); err != nil {
		if runner.IsNotDone(err) {
			delete(c.steps, s.Name)
		}
		return runner.Receipt{}, err
	}
	sight, err := find(ctx)
	if err == nil && sight.Certainty == runner.Absent {
		c.steps[s.Name].state = "said"
		return runner.Receipt{}, runner.Later(c.Now().Add(time.Minute), "AFVENTER-SYSTEMET", "")
	}
	return c.seen(c.steps[s.Name], sight, err)
}

func (c *memoryCase) seen(s *step, sight runner.Sight, err error) (runner.Receipt, error) {
	if err != nil {
		return runner.Receipt{}, err
	}
	if sight.Certainty != runner.Present {
		return runner.Receipt{}, runner.Refuse(runner.CodeUncertain, sight.Text, "")
	}
	s.state = "receipt"
	s.receipt, _ = json.Marshal(sight.Receipt)
	return runner.NewReceipt(s.receipt), nil
}

func (c *memoryCase) Begun(_ context.Context, name string, plan any) (bool, error) {
	s := c.steps[name]
	if s == nil {
		return false, nil
	}
	return true, json.Unmarshal(s.plan, plan)
}

func (c *memoryCase) Enter(context.Context, string) (func(), error) {
	c.inside++
	return func() { c.inside-- }, nil
}

func (c *memoryCase) Decided(_ context.Context, d runner.Decided) error {
	c.decided = append(c.decided, d)
	return nil
}

func (c *memoryCase) LookUp(_ context.Context, l runner.LookUp) error {
	c.looked = append(c.looked, l)
	return nil
}

func (c *memoryCase) Sample(context.Context, string, ...runner.Choice) error { return nil }

func (c *memoryCase) Reserve(context.Context, runner.Mark, time.Time, time.Time) ([]runner.Mark, error) {
	return nil, errors.New("this robot reserves nothing")
}

func (c *memoryCase) Keep(_ context.Context, e runner.Evidence) (string, error) { return e.Name, nil }

// host is a system in memory, with what tests have it do wrong.
type host struct {
	system   string
	house    *house
	accounts []review.Account
	rights   []review.Right
	grants   []review.Grant
	removed  []review.Grant // each removal that reached it
	signed   int            // in and out of the correcting user
	fail     func(g review.Grant) error
	ignore   bool // takes removals and does nothing
}

func (h *host) System() string { return h.system }

func (h *host) Read(context.Context) (review.Reading, error) {
	return review.Reading{System: h.system, At: h.house.clock.Now(), Accounts: slices.Clone(h.accounts), Rights: h.rights, Grants: slices.Clone(h.grants)}, nil
}

func (h *host) Find(_ context.Context, g review.Grant) (runner.Sight, error) {
	h.signed = 1
	if slices.ContainsFunc(h.grants, func(x review.Grant) bool { return x.Key() == g.Key() }) {
		return runner.Sight{Certainty: runner.Absent}, nil
	}
	return runner.Sight{Certainty: runner.Present, Receipt: g.Key()}, nil
}

func (h *host) Remove(_ context.Context, g review.Grant) error {
	h.removed = append(h.removed, g)
	if !h.ignore {
		h.grants = slices.DeleteFunc(h.grants, func(x review.Grant) bool { return x.Key() == g.Key() })
	} else if h.fail == nil {
		return kspcics.ErrStands
	}
	if h.fail != nil {
		return h.fail(g)
	}
	return nil
}

func (h *host) Close() { h.signed = 0 }

// office is a mail server in memory.
type office struct{ letters []mail.Message }

func (o *office) Send(_ context.Context, m mail.Message) error {
	o.letters = append(o.letters, m)
	return nil
}

// people is a directory in memory.
type people struct{ staff review.Staff }

func (p *people) Read(context.Context) (review.Staff, error) { return p.staff, nil }

// house is a robot with its systems, and the items it found.
type house struct {
	t     testing.TB
	robot *Robot
	clock *clock.Manual
	chest *chest
	host  *host
	staff *people
	post  *office
	items map[string]*memoryCase
	order []string
	mode  runner.Mode
}

// open is a town hall: a director, two units with a leader each and four people each,
// and two from IT. Everybody has an ordinary and a critical right; one in each unit has
// one that nobody else has.
func open(t testing.TB) *house {
	h := &house{t: t, clock: clock.NewManual(time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)), chest: &chest{entries: map[string][]byte{}, left: -1}, post: &office{}, staff: &people{}, mode: runner.Live}
	h.host = &host{system: "kspcics", house: h, rights: []review.Right{{System: "kspcics", ID: "ALM", Name: "Læse sager"}, {System: "kspcics", ID: "KRI", Name: "Udbetale", Description: "Kan udbetale ydelser"}, {System: "kspcics", ID: "SJÆ", Name: "Sjælden"}}}
	add := func(id, unit, leader string) {
		n := len(h.staff.staff.Employees)
		cpr := fmt.Sprintf("860501%04d", n)
		h.staff.staff.Employees = append(h.staff.staff.Employees, review.Employee{ID: id, CPR: cpr, Name: "Navn " + id, Title: "Sagsbehandler", Login: id, Mail: id + "@lilleby.example", Unit: unit, Leader: leader, Active: true})
		h.host.accounts = append(h.host.accounts, review.Account{System: "kspcics", ID: "U-" + id, CPR: cpr, Active: true})
		h.grant(id, "ALM")
		h.grant(id, "KRI")
	}
	add("chef", "top", "")
	for _, u := range []string{"a", "b"} {
		add(u+"0", u, "chef")
		for i := range 4 {
			add(fmt.Sprintf("%s%d", u, i+1), u, u+"0")
		}
		h.grant(u+"1", "SJÆ")
	}
	add("it1", "it", "chef")
	add("it2", "it", "chef")
	h.staff.staff.Units = []review.Unit{{ID: "top", Name: "Direktionen", Leader: "chef"}, {ID: "a", Name: "Børn", Parent: "top", Leader: "a0"}, {ID: "b", Name: "Ældre", Parent: "top", Leader: "b0"}, {ID: "it", Name: "It", Parent: "top", Leader: "chef"}}
	h.start()
	return h
}

func (h *house) grant(id, right string) {
	h.host.grants = append(h.host.grants, review.Grant{System: "kspcics", Account: "U-" + id, Right: right})
}

// start builds the robot anew, as after a stop of the program.
func (h *house) start() {
	h.t.Helper()
	policy := Policy{Opens: 1, Every: 7, Keep: 24, Review: review.Policy{Pace: map[review.Criticality]int{review.Critical: 1, review.Elevated: 6, review.Ordinary: 12},
		Most: 25, Days: 30, MoveDays: 14, Remind: []int{20, 10, 3}, Patience: 14, Default: review.Ordinary, Fallback: []string{"it1", "it2"}, IT: []string{"it1", "it2", "a0"}, Peers: review.Peers{Least: 5, Share: 20},
		Rights: []review.RightRule{{RightRef: review.RightRef{System: "kspcics", Right: "KRI"}, Criticality: review.Critical}}}}
	var err error
	h.robot, err = New(Settings{Policy: policy, Areas: Areas{"Adgange", "It"}, Link: "https://adgange.lilleby.example/pakke/"},
		Systems{Directory: h.staff, Sources: []Source{h.host}, Removers: map[string]Remover{"kspcics": h.host}, Mail: h.post, Token: func() string { return fmt.Sprintf("TOKEN%d", len(h.chest.entries)) }}, h.chest, h.clock)
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) found(f runner.Found) (runner.Standing, error) {
	if h.items == nil {
		h.items = map[string]*memoryCase{}
	}
	c, ok := h.items[f.Key]
	if !ok {
		c = &memoryCase{house: h, steps: map[string]*step{}, item: runner.Item{Number: fmt.Sprintf("access-2026-%06d", len(h.items)+1),
			Robot: Name, Mode: h.mode, Key: f.Key, Content: f.Content, Label: f.Label, Area: f.Area, State: runner.Ready}}
		h.items[f.Key] = c
		h.order = append(h.order, f.Key)
	}
	if f.Again && c.item.State != runner.Done {
		c.item.State = runner.Ready
	}
	return runner.Standing{Number: c.item.Number, State: c.item.State, New: !ok}, nil
}

// run collects and works until nothing new is found, as one run of the engine.
func (h *house) run() error {
	robot := runner.Robot(h.robot)
	if h.mode == runner.Shadow {
		robot = h.robot.Shadow()
	}
	for {
		before := len(h.items)
		if err := robot.Collect(h.t.Context(), h.found); err != nil {
			return err
		}
		for _, key := range h.order {
			if c := h.items[key]; c.item.State == runner.Ready || c.item.State == runner.Failed || c.item.State == runner.Waiting && h.waited(c) {
				if err := h.work(robot, c); errors.Is(err, errKilled) {
					return err
				}
			}
		}
		if len(h.items) == before {
			return nil
		}
	}
}

func (h *house) waited(c *memoryCase) bool { return !h.clock.Now().Before(c.item.Due) }

// work takes an item through Work once and settles it as the engine does.
func (h *house) work(robot runner.Robot, c *memoryCase) error {
	h.t.Helper()
	err := robot.Work(h.t.Context(), c)
	if c.inside != 0 {
		h.t.Errorf("%s: Work left %d places taken", c.item.Key, c.inside)
	}
	var refusal *runner.Refusal
	var later *runner.Postponed
	switch {
	case err == nil:
		c.item.State = runner.Done
	case errors.As(err, &refusal):
		c.item.State, c.item.Decision = runner.Exception, nil
		c.item.Label = refusal.Code
	case errors.As(err, &later):
		c.item.State, c.item.Due = runner.Waiting, later.Until
	default:
		c.item.State = runner.Failed
		h.t.Logf("%s: %v", c.item.Key, err)
	}
	return err
}

// day goes to another day and runs.
func (h *house) day(y int, m time.Month, d int) {
	h.t.Helper()
	h.clock.Advance(time.Date(y, m, d, 7, 0, 0, 0, time.UTC).Sub(h.clock.Now()))
	if err := h.run(); err != nil {
		h.t.Fatal(err)
	}
}

// packageOf is the newest open package of a leader with a person in it.
func (h *house) packageOf(leader, person string) (newest review.Package) {
	h.t.Helper()
	for id := range h.all() {
		p, _, err := h.robot.books.pack(h.t.Context(), id)
		if err != nil {
			h.t.Fatal(err)
		}
		_, mine := p.Reviewer(leader)
		if mine && p.State == review.Open && p.Opens.After(newest.Opens) && slices.ContainsFunc(p.People, func(x review.Person) bool { return x.ID == person }) {
			newest = p.Package
		}
	}
	if newest.ID == "" {
		h.t.Fatalf("%s has no open package with %s", leader, person)
	}
	return newest
}

func (h *house) all() map[string]head {
	heads, err := all[head](h.t.Context(), h.robot.books, inHeads)
	if err != nil {
		h.t.Fatal(err)
	}
	return heads
}

// exceptions are the codes on people's lists.
func (h *house) exceptions() (codes []string) {
	for _, key := range h.order {
		if c := h.items[key]; c.item.State == runner.Exception {
			codes = append(codes, c.item.Label)
		}
	}
	return codes
}
