package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/engine"
	"byskriver/runner/limits"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// env is what every command runs in.
type env struct {
	Process
	ctx        context.Context
	fleet      Fleet
	configFile string
	machine    string // this machine's name
	toMove     bool   // the store is opened to be moved
	watch      runner.Clock
}

func (e *env) clock() runner.Clock { return e.watch }

func (e *env) config() (*config.Config, error) {
	c, err := config.Load(e.configFile)
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	return c, nil
}

// robot builds a robot. What is wrong here is wrong in files that the
// municipality owns.
func (e *env) robot(c *config.Config, name string, shelf func(string) runner.Shelf, drift *drift) (runner.Robot, func() error, error) {
	robot, done, err := e.fleet.Open(c, name, e.clock(), shelf(name), drift.count)
	if err != nil {
		return nil, nil, &failure{exitUsage, err}
	}
	return robot, done, nil
}

// house is the open parts of the house: store, log and clock.
type house struct {
	conf    *config.Config
	clock   runner.Clock
	zone    *time.Location
	store   *store.Store
	log     *runlog.Log
	told    map[string]string // what runs are told: digests of the files as they were read
	doors   *limits.Limiter   // the systems' limits, one for all robots of this program
	version string
	machine string // this machine's name in the configuration
	stderr  io.Writer
}

// open opens the store and the run log that the configuration names.
func (e *env) open() (*house, error) {
	conf, err := e.config()
	if err != nil {
		return nil, err
	}
	h := &house{conf: conf, clock: e.clock(), told: told(e.Version, conf), version: e.Version, machine: e.machine, stderr: e.Stderr}
	if h.zone, err = time.LoadLocation("Europe/Copenhagen"); err != nil {
		return nil, fmt.Errorf("find the time zone Europe/Copenhagen: %w", err)
	}
	if err := h.openStore(e.ctx, e.toMove); err != nil {
		return nil, err
	}
	if err := h.openLog(); err != nil {
		return nil, errors.Join(err, h.store.Close())
	}
	if err := h.openLimits(); err != nil {
		return nil, errors.Join(err, h.store.Close())
	}
	return h, nil
}

func (h *house) openStore(ctx context.Context, toMove bool) error {
	key, err := h.conf.Store.Key.Reveal()
	if err != nil {
		return usage("%w (byskriver init makes a missing key)", err)
	}
	ring, err := seal.ParseRing(key)
	if err != nil {
		return usage("read the store's key %s: %w", h.conf.Store.Key, err)
	}
	o, err := storeOptions(h.conf.Store)
	if err != nil {
		return err
	}
	o.Ring, o.Clock, o.Moving = ring, h.clock, toMove
	h.store, err = store.Open(ctx, o)
	return err
}

func (h *house) openLog() error {
	signer, err := h.conf.Log.Key.Reveal()
	if err != nil {
		return usage("%w (byskriver init makes a missing key)", err)
	}
	for _, dir := range append([]string{filepath.Dir(h.conf.Log.Lines)}, h.conf.Log.Checkpoints...) {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("make a folder of the run log: %w", err)
		}
	}
	lines := appender(h.conf.Log.Lines)
	if _, err := lines.Write(nil); err != nil {
		return err
	}
	h.log, err = runlog.New(runlog.Options{Ring: h.store.Ring(), Origin: origin(h.conf.Municipality), Signer: signer,
		Keys: h.logKeys, Clock: h.clock, Lines: lines, Folders: h.conf.Log.Checkpoints, Batch: 1024})
	return err
}

// appender is a file that is opened for each write, so that log rotation may move
// it away at any time.
type appender string

// Write appends to the file, which is made if it is missing, and syncs it: what is
// written counts as kept.
func (a appender) Write(b []byte) (int, error) {
	f, err := os.OpenFile(string(a), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return 0, fmt.Errorf("open the run log's lines: %w", err)
	}
	n, err := f.Write(b)
	return n, errors.Join(err, f.Sync(), f.Close())
}

// logKeys finds the log keys of items for the run log.
func (h *house) logKeys(ctx context.Context, q runlog.Querier, items []string) ([]runlog.Held, error) {
	keys, err := h.store.LogKeys(ctx, q, items)
	if err != nil {
		return nil, err
	}
	held := make([]runlog.Held, len(items))
	for i, k := range keys {
		switch {
		case k.Known && k.Key.Valid():
			held[i] = runlog.Held{Key: k.Key, State: runlog.KeyThere}
		case k.Known:
			held[i] = runlog.Held{State: runlog.KeyDestroyed}
		}
	}
	return held, nil
}

// origin names the municipality's log in signed checkpoints: "Lilleby Kommune"
// is byskriver/lilleby-kommune.
func origin(municipality string) string {
	s := strings.NewReplacer("æ", "ae", "ø", "oe", "å", "aa").Replace(strings.ToLower(municipality))
	words := strings.FieldsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return "byskriver/" + strings.Join(words, "-")
}

func (h *house) close() {
	if err := h.doors.Close(context.Background()); err != nil {
		fmt.Fprintln(h.stderr, "byskriver: give back places in systems:", err)
	}
	if err := h.store.Close(); err != nil {
		fmt.Fprintln(h.stderr, "byskriver: close the store:", err)
	}
}

// engine builds the engine as the configuration has it, for one robot.
func (h *house) engine(name string, robot runner.Robot) *engine.Engine {
	systems := map[string]engine.System{}
	for n, s := range h.conf.Systems {
		systems[n] = engine.System{AtOnce: s.AtOnce, SettlesAfter: s.SettlesAfter, LongestRequest: s.LongestRequest}
	}
	c := h.conf.Engine
	return engine.New(engine.Options{Store: h.store, Log: h.log, Clock: h.clock,
		Random:  rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		Logger:  slog.New(slog.NewTextHandler(h.stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Systems: systems, Doors: h.doors, Facts: h.facts(robot), Machine: h.machine, Share: h.conf.Robots[name].Share, Ceiling: ceiling(h.conf.Robots[name]),
		Limits: engine.Limits{AtOnce: h.conf.Robots[name].AtOnce, Attempts: c.Attempts, FirstRetry: c.FirstRetry, LastRetry: c.LastRetry,
			Patience: c.Patience, ItemTime: c.ItemTime, ScreenStop: c.ScreenStop, OutageStop: c.OutageStop}})
}

// told is what a robot is told by this program and these files.
func told(version string, conf *config.Config) map[string]string {
	t := map[string]string{"program": version, "config": digest(conf.File)}
	for name, s := range conf.Systems {
		if s.Selectors != "" {
			t["selectors."+name] = digest(s.Selectors)
		}
	}
	return t
}

// facts are what a run's first entry names: the program, and digests of what it
// was told.
func (h *house) facts(robot runner.Robot) map[string]string {
	f := maps.Clone(h.told)
	if d, ok := robot.(interface{ Files() map[string]string }); ok {
		for name, path := range d.Files() {
			f[name] = digest(path)
		}
	}
	return f
}

// digest is the SHA-256 of a file, or why there is none.
func digest(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "unreadable"
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// decide records a person's decision and logs it in the same commit.
func (h *house) decide(ctx context.Context, row store.Row, revision int, d runner.Decision) error {
	return h.bare().Decide(ctx, row, revision, d)
}

// bare is an engine that works no robot.
func (h *house) bare() *engine.Engine {
	return &engine.Engine{Options: engine.Options{Store: h.store, Log: h.log, Clock: h.clock}}
}

// prove numbers what this command has logged and signs a checkpoint over it.
func (h *house) prove(ctx context.Context) error {
	return engine.Sequence(ctx, h.bare())
}

// when is a moment as staff read it.
func (h *house) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(h.zone).Format("02-01-2006 15:04")
}
