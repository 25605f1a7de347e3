package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/config"
	"byskriver/runner/runlog"
)

// clerk is a robot that leaves everything to people, and does what they say.
type clerk struct {
	keys   []string
	mu     sync.Mutex
	did    map[string]*runner.Decision
	itself bool // it does them itself, and asks whether they are samples first
}

func (*clerk) Name() string { return "test" }

func (c *clerk) Collect(_ context.Context, found runner.Finder) error {
	for _, k := range c.keys {
		if _, err := found(runner.Found{Key: k, Content: []byte(k), Label: "bilag " + k, Area: "Økonomi"}); err != nil {
			return err
		}
	}
	return nil
}

func (c *clerk) Work(ctx context.Context, k runner.Case) error {
	post := runner.Choice{Action: "post", Label: "Bogfør", NeedsValue: true}
	if c.itself {
		if err := k.Sample(ctx, "konto 4711", runner.Agree(), post); err != nil {
			return err
		}
	} else if k.Item().Decision == nil {
		return runner.Refuse("NEJ", "Det skal et menneske se på.", "", post, runner.Choice{Action: "reject", Label: "Afvis", NeedsNote: true},
			runner.Choice{Action: "delete", Label: "Slet", NeedsNote: true}, runner.Retry(), runner.Manual())
	}
	c.mu.Lock()
	c.did[k.Item().Key] = k.Item().Decision
	c.mu.Unlock()
	_, err := k.Once(ctx, runner.Step{Name: "do", System: "erp"},
		func(context.Context) (runner.Sight, error) { return runner.Sight{Certainty: runner.Present}, nil },
		func(context.Context) error { return nil })
	return err
}

// Pays is 60,000 kroner for a posting.
func (*clerk) Pays(_ runner.Item, d runner.Decision) (int64, error) {
	if d.Action == "post" {
		return 60_000_00, nil
	}
	return 0, nil
}

type clerks struct {
	testFleet
	*clerk
}

func (clerks) Check(*config.Config) error { return nil }
func (f clerks) Open(*config.Config, string, runner.Clock, runner.Shelf, func(string, string, string, int, string)) (runner.Robot, func() error, error) {
	return f.clerk, func() error { return nil }, nil
}

// desk is a municipality in which people decide about a clerk's items.
type desk struct {
	*office
	clerk *clerk
	files int
}

const deskConfig = `municipality: Lilleby Kommune
store: {path: data/byskriver.db, key: "file:store.key"}
log: {key: "file:log.key", lines: log/lines.jsonl, checkpoints: [log]}
people:
  - {name: Karen Holm, folder: people/karen}
  - {name: Bo Lind, folder: people/bo}
robots: {test: {second_person: 50000, samples: 0}}
`

func newDesk(t *testing.T, keys ...string) *desk {
	t.Helper()
	d := &desk{clerk: &clerk{keys: keys, did: map[string]*runner.Decision{}}}
	d.office = newOffice(t, time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC), nil)
	d.write("byskriver.yaml", deskConfig)
	for _, who := range []string{"karen", "bo"} {
		if err := os.MkdirAll(filepath.Join(d.dir, "people", who), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	d.run()
	return d
}

func (d *desk) desk(out *bytes.Buffer) *env {
	e := d.env(d.t.Context())
	e.Stdout, e.fleet, e.watch = out, clerks{d.fleet, d.clerk}, clock.System{}
	return e
}

func (d *desk) run() string {
	d.t.Helper()
	var out bytes.Buffer
	if err := (&runCmd{Robot: "test"}).Run(d.desk(&out)); err != nil {
		d.t.Fatal(err)
	}
	return out.String()
}

// filled exports the list and saves it to a person's folder with something written in the
// row of an item: by heading.
func (d *desk) filled(who, item string, written map[string]string) string {
	d.t.Helper()
	var out bytes.Buffer
	if err := (&exportExceptionsCmd{Dir: filepath.Join(d.dir, "lister")}).Run(d.desk(&out)); err != nil {
		d.t.Fatal(err)
	}
	f, err := excelize.OpenFile(strings.TrimSpace(out.String()))
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("test")
	if err != nil {
		d.t.Fatal(err)
	}
	at := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 0 && r[0] == item })
	for heading, text := range written {
		cell, err := excelize.CoordinatesToCellName(slices.Index(rows[0], heading)+1, at+1)
		if err != nil {
			d.t.Fatal(err)
		}
		if err := f.SetCellStr("test", cell, text); err != nil {
			d.t.Fatal(err)
		}
	}
	path := filepath.Join(d.dir, "people", who, fmt.Sprintf("liste-%d.xlsx", d.files))
	d.files++
	if err := f.SaveAs(path); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// imports reads a file and returns what was said.
func (d *desk) imports(path string) (string, error) {
	var out bytes.Buffer
	err := (&importExceptionsCmd{File: path}).Run(d.desk(&out))
	return out.String(), err
}

// decides is a person's decision about an item, and what was said to it.
func (d *desk) decides(who, item string, written map[string]string) string {
	d.t.Helper()
	said, err := d.imports(d.filled(who, item, written))
	if err != nil {
		d.t.Fatal(err)
	}
	return said
}

func (d *desk) list() string {
	d.t.Helper()
	var out bytes.Buffer
	if err := (&listExceptionsCmd{JSON: true}).Run(d.desk(&out)); err != nil {
		d.t.Fatal(err)
	}
	return out.String()
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%s: %q has no %q", what, got, want)
	}
}

// What pays above the limit takes two who choose the same; who, when and from which file
// stands in the log.
func TestTwoPeople(t *testing.T) {
	d := newDesk(t, "a")
	const item = "test-2026-000001"
	post := func(value string) map[string]string {
		return map[string]string{"Afgørelse": "Bogfør", "Værdi": value}
	}
	first := d.filled("karen", item, post("4711"))
	said, err := d.imports(first)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the first", said, "1 afgørelser venter på, at en anden person vælger det samme\n0 afgørelser taget, 0 rækker ikke taget")
	want(t, "the list", d.list(), "Venter på en anden person: Karen Holm har valgt »Bogfør 4711«")
	if said, err = d.imports(first); err != nil {
		t.Fatal(err)
	}
	want(t, "the same file again", said, "venter på, at en anden person vælger det samme.\n0 afgørelser taget, 1 rækker ikke taget")
	d.run()
	if len(d.clerk.did) != 0 {
		t.Fatalf("done with one person's yes: %v", d.clerk.did)
	}
	want(t, "another value", d.decides("bo", item, post("4712")), "Karen Holm har valgt noget andet om sagen (post 4711)")
	want(t, "another choice", d.decides("bo", item, map[string]string{"Afgørelse": "Afvis", "Bemærkning": "nej"}), "Karen Holm har valgt noget andet")
	want(t, "she thinks again", d.decides("karen", item, post("4712")), "1 afgørelser venter")
	second := d.filled("bo", item, post(" 4712 "))
	if said, err = d.imports(second); err != nil {
		t.Fatal(err)
	}
	want(t, "the second", said, "1 afgørelser taget, 0 rækker")
	d.run()
	if got := d.clerk.did["a"]; got == nil || got.Value != "4712" || got.By != "Karen Holm og Bo Lind" {
		t.Errorf("done with %+v", got)
	}
	h := d.open()
	defer h.close()
	var told []string
	for l, err := range h.log.Entries(t.Context(), h.store.Reader(), runlog.Filter{Code: "person."}) {
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, fmt.Sprint(l.Code, " ", l.Fields["by"], " ", l.Fields["value"]))
		if len(l.Fields["digest"]) != 64 || !strings.HasPrefix(l.Fields["source"], "liste-") {
			t.Errorf("from which file? %v", l.Fields)
		}
	}
	compare(t, told, []string{"person.decided_first Karen Holm 4711", "person.decided_first Karen Holm 4712", "person.decided Karen Holm og Bo Lind 4712"})
}

// What pays nothing takes one person, who may also take back his own first decision.
func TestOnePerson(t *testing.T) {
	d := newDesk(t, "a", "b", "c")
	for item, written := range map[string]map[string]string{
		"test-2026-000001": {"Afgørelse": " afvis ", "Bemærkning": "Forkert modtager."},
		"test-2026-000002": {"Afgørelse": "Slet", "Bemærkning": "Modtaget ved en fejl, se journal 7."},
	} {
		want(t, item, d.decides("bo", item, written), "1 afgørelser taget")
	}
	want(t, "deletion without a reason", d.decides("bo", "test-2026-000003", map[string]string{"Afgørelse": "SLET"}), "Slet kræver, at Bemærkning er udfyldt")
	want(t, "first", d.decides("karen", "test-2026-000003", map[string]string{"Afgørelse": "Bogfør", "Værdi": "1"}), "1 afgørelser venter")
	want(t, "taken back", d.decides("karen", "test-2026-000003", map[string]string{"Afgørelse": "Behandlet manuelt"}), "1 afgørelser taget")
	d.run()
	if a, b := d.clerk.did["a"], d.clerk.did["b"]; a == nil || a.Action != "reject" || b == nil || b.Action != "delete" || b.Note == "" || d.clerk.did["c"] != nil {
		t.Errorf("done: %v", d.clerk.did)
	}
}
