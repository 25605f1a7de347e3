package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/robots"
	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/config"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
	"byskriver/schedules"
)

// stepped is a manual clock that knows how many wait by it.
type stepped struct {
	*clock.Manual
	mu      sync.Mutex
	changed *sync.Cond
	waiters map[chan struct{}]time.Duration
}

func newStepped(m *clock.Manual) *stepped {
	s := &stepped{Manual: m, waiters: map[chan struct{}]time.Duration{}}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// Wait returns when the clock has been stepped by d.
func (s *stepped) Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	ch := make(chan struct{})
	s.mu.Lock()
	s.waiters[ch] = s.Running() + d
	s.changed.Broadcast()
	s.mu.Unlock()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		s.mu.Lock()
		delete(s.waiters, ch)
		s.mu.Unlock()
		return ctx.Err()
	}
}

// until steps the clock from one waiter's moment to the next, each time when all n
// wait, until a moment.
func (s *stepped) until(moment time.Time, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for len(s.waiters) < n {
			s.changed.Wait()
		}
		step := moment.Sub(s.Now())
		if step <= 0 {
			return
		}
		for _, at := range s.waiters {
			step = min(step, at-s.Running())
		}
		s.Advance(step)
		for ch, at := range s.waiters {
			if at <= s.Running() {
				close(ch)
				delete(s.waiters, ch)
			}
		}
	}
}

// testRobot finds nothing, and does what it is told while it looks.
type testRobot struct{ collect func() error }

func (testRobot) Name() string                                   { return "test" }
func (r testRobot) Collect(context.Context, runner.Finder) error { return r.collect() }
func (testRobot) Work(context.Context, runner.Case) error        { return nil }

// testFleet is that one robot.
type testFleet struct{ collect func() error }

func (testFleet) Names() []runner.About { return []runner.About{{Name: "test"}} }
func (f testFleet) Open(*config.Config, string, runner.Clock, runner.Shelf, func(string, string, string, int, string)) (runner.Robot, func() error, error) {
	return testRobot(f), func() error { return nil }, nil
}
func (testFleet) Check(*config.Config) error { return nil }
func (testFleet) Look(context.Context, *config.Config, string, func(string)) ([]string, error) {
	return nil, errors.New("there is no system")
}
func (testFleet) Expiries(*config.Config) []config.Expiry { return nil }
func (testFleet) Mail(c *config.Config) (func(context.Context, string, string, string, string, time.Time) error, error) {
	return robots.Fleet{}.Mail(c)
}
func (testFleet) Record(context.Context, *config.Config, string, func(string) error) error {
	return errors.New("there is no browser")
}

// office is a folder that a server runs in, with everything real but the robot and
// the time.
type office struct {
	t      *testing.T
	dir    string
	clock  *stepped
	fleet  testFleet
	stderr bytes.Buffer
}

const weekTimetable = `robot: test
schedules:
  - {name: morning, cron: "0 7 * * *", days: working, otherwise: skip, catch-up: once, catch-up-within: 72h, run: {mode: live}}
  - {name: noon, cron: "0 12 * * *", days: working, otherwise: skip, catch-up: none, run: {mode: live}}
`

const officeConfig = `municipality: Lilleby Kommune
store: {path: data/byskriver.db, key: "file:store.key"}
log: {key: "file:log.key", lines: log/lines.jsonl, checkpoints: [log]}
robots: {test: {}}
schedules: schedules
`

func newOffice(t *testing.T, now time.Time, collect func() error) *office {
	o := &office{t: t, dir: t.TempDir(), clock: newStepped(clock.NewManual(now)), fleet: testFleet{collect}}
	o.write("byskriver.yaml", officeConfig)
	o.write("schedules/test.yaml", weekTimetable)
	if err := (&initCmd{}).Run(o.env(t.Context())); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) write(name, text string) {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(text), 0o640)); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) env(ctx context.Context) *env {
	return &env{Process: Process{Stdout: &bytes.Buffer{}, Stderr: &o.stderr}, ctx: ctx, fleet: o.fleet,
		configFile: filepath.Join(o.dir, "byskriver.yaml"), watch: o.clock.Manual}
}

func (o *office) open() *house {
	o.t.Helper()
	h, err := o.env(o.t.Context()).open()
	if err != nil {
		o.t.Fatal(err)
	}
	return h
}

// serve serves until a moment, and stops as on SIGTERM.
func (o *office) serve(until time.Time) { o.t.Helper(); o.serveWith(until, 3) }

// serveWith is serve where so many wait by the clock.
func (o *office) serveWith(until time.Time, waiters int) {
	o.t.Helper()
	ctx, stop := context.WithCancel(o.t.Context())
	h := o.open()
	defer h.close()
	ended := make(chan error, 1)
	go func() { ended <- newServer(o.env(ctx), h, o.clock, nil).serve(ctx) }()
	o.clock.until(until, waiters)
	stop()
	if err := <-ended; err != nil {
		o.t.Fatal(err)
	}
}

// entries are the run log's entries with a code, or with its beginning.
func (o *office) entries(code string) iter.Seq[runlog.Logged] {
	return func(yield func(runlog.Logged) bool) {
		h := o.open()
		defer h.close()
		for l, err := range h.log.Entries(o.t.Context(), h.store.Reader(), runlog.Filter{Code: code}) {
			if err != nil {
				o.t.Fatal(err)
			}
			if !yield(l) {
				return
			}
		}
	}
}

// told are the run log's entries about schedules: code, key or schedule, and count.
func (o *office) told() []string {
	o.t.Helper()
	var all []string
	for l := range o.entries("schedule.") {
		text := strings.TrimPrefix(l.Code, "schedule.")
		for _, name := range []string{"key", "catch_up", "missed", "reason", "count"} {
			if v := l.Fields[name]; v != "" {
				text += " " + strings.TrimPrefix(v, "test/")
			}
		}
		all = append(all, text)
	}
	return all
}

func danishTime(t *testing.T, s string) time.Time {
	t.Helper()
	zone, err := schedules.Copenhagen()
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A week with a stop of three days, a run that panics and one that fails: each run
// starts once, at its time, or is told of as caught up or missed.
func TestWeekWithStop(t *testing.T) {
	var o *office
	var ran []string
	o = newOffice(t, danishTime(t, "2026-11-02 00:00"), func() error {
		at := o.clock.Now().In(danishTime(t, "2026-11-02 00:00").Location()).Format("Mon 15:04")
		ran = append(ran, at)
		switch at {
		case "Mon 12:00":
			panic("the robot's own fault")
		case "Tue 07:00":
			return errors.New("the mail server is down")
		}
		return nil
	})
	o.serve(danishTime(t, "2026-11-03 08:00"))
	o.clock.Advance(74 * time.Hour) // to Friday, 10:00
	o.serve(danishTime(t, "2026-11-09 00:00"))

	// A run that found nothing looks once; so each start is one line here.
	want := []string{"Mon 07:00", "Mon 12:00", "Tue 07:00", "Fri 10:00", "Fri 12:00"}
	if !slices.Equal(ran, want) {
		t.Errorf("ran at %v, want %v", ran, want)
	}
	compare(t, o.told(), []string{"serving",
		"started morning/2026-11-02T07:00", "ended morning/2026-11-02T07:00",
		"started noon/2026-11-02T12:00", "failed noon/2026-11-02T12:00",
		"started morning/2026-11-03T07:00", "failed morning/2026-11-03T07:00",
		"stopped", "serving",
		"missed no-catch-up 3",
		"started morning/2026-11-06T07:00 true 3", "ended morning/2026-11-06T07:00",
		"started noon/2026-11-06T12:00", "ended noon/2026-11-06T12:00",
		"stopped"})
	for l := range o.entries("run.cut_off") {
		t.Errorf("run %s did not come to its own end", l.Run)
	}
	for _, text := range []string{"the mail server is down", "the robot's own fault"} {
		if !strings.Contains(o.stderr.String(), text) {
			t.Errorf("operators were not told: %s", text)
		}
	}
}

// compare holds the two lists against each other. What two schedules do at the same
// moment has no order.
func compare(t *testing.T, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the log tells\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// A program that was killed after it had started a run: the key is not run again,
// and the log says so.
func TestKeyRunsOnce(t *testing.T) {
	runs := 0
	o := newOffice(t, danishTime(t, "2026-11-02 07:01"), func() error { runs++; return nil })
	h := o.open()
	seven := danishTime(t, "2026-11-02 07:00")
	err := h.store.Write(t.Context(), func(tx *store.Tx) error {
		fresh, err := tx.StartPlanned(store.Planned{Key: "test/morning/2026-11-02T07:00", Robot: "test", Schedule: "morning", At: seven, Started: seven})
		if err == nil && !fresh {
			err = fmt.Errorf("a new key counts as used")
		}
		return errors.Join(err, tx.SetMark("test", "morning", seven.Add(-time.Hour)))
	})
	h.close()
	if err != nil {
		t.Fatal(err)
	}
	o.serve(danishTime(t, "2026-11-02 08:00"))
	if runs != 0 {
		t.Errorf("a run that was started before was started %d times more", runs)
	}
	compare(t, o.told(), []string{"serving", "cut_off morning/2026-11-02T07:00", "skipped morning/2026-11-02T07:00", "stopped"})
}

// The store as a power cut in the middle of a run leaves it: that run is told of as
// cut off, is not owed again, and the next one starts.
func TestPowerCutInRun(t *testing.T) {
	var o *office
	var ran []string
	o = newOffice(t, danishTime(t, "2026-11-02 06:00"), func() error {
		ran = append(ran, o.clock.Now().UTC().Format("15:04"))
		if len(ran) > 1 {
			return nil
		}
		h := o.open()
		defer h.close()
		return h.store.Backup(t.Context(), filepath.Join(o.dir, "cut.db"))
	})
	o.serve(danishTime(t, "2026-11-02 08:00"))
	for from, to := range map[string]string{"cut.db": "data/byskriver.db", "log/checkpoint": "log/later"} {
		if err := os.Rename(filepath.Join(o.dir, from), filepath.Join(o.dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	o.serve(danishTime(t, "2026-11-02 13:00"))
	if want := []string{"06:00", "11:00"}; !slices.Equal(ran, want) {
		t.Errorf("ran at %v UTC, want %v", ran, want)
	}
	compare(t, o.told(), []string{"serving", "started morning/2026-11-02T07:00", "serving", "cut_off morning/2026-11-02T07:00",
		"started noon/2026-11-02T12:00", "ended noon/2026-11-02T12:00", "stopped"})
}
