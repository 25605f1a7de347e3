// Package engine takes items to their outcomes. It runs on River: a job points
// at an item, but the item's own state is the truth, so that a job which runs
// twice, comes too late or is lost does no harm.
package engine

import (
	"context"
	crand "crypto/rand"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"byskriver/runner"
	"byskriver/runner/limits"
	"byskriver/runner/runlog"
	"byskriver/runner/sampling"
	"byskriver/runner/store"
)

// ErrBusy says that another program works this robot on this store.
var ErrBusy = errors.New("another program is working this robot on this store")

// Options are what an engine is built from.
type Options struct {
	Store   *store.Store
	Log     *runlog.Log
	Clock   runner.Clock
	Random  *rand.Rand // for jitter; used by one goroutine at a time
	Secrets io.Reader  // where sampling keys come from; crypto/rand if nil
	// Share is how large a share of an area's items goes to people as samples; none if nil.
	Share   func(area string) sampling.Share
	Ceiling Ceiling // the highest mode of each area; live if nil
	Logger  *slog.Logger
	Systems map[string]System
	// Doors are the systems' limits over all programs; those of Systems, for this engine
	// alone, if nil.
	Doors   *limits.Limiter
	Limits  Limits
	Facts   map[string]string // what a run's first log entry names: version and digests
	Machine string            // the machine's name, where several share the store
}

// sharedLease is short: what a dead machine held is taken up by another within half a
// minute.
const sharedLease = 12 * time.Second

// System is what the engine must know of an existing system.
type System struct {
	AtOnce         int           // how many items may be in it at once; 0 means one
	SettlesAfter   time.Duration // how long after a request its effect may still come to light
	LongestRequest time.Duration // no request to it lasts longer
}

// Limits bound how the engine works. The zero value of a field means its default.
type Limits struct {
	AtOnce      int           // items of a robot worked at once; default 2
	Attempts    int           // tries before an item goes to a person; default 5
	FirstRetry  time.Duration // wait after the first failure, four times as long each further; default 2 s
	LastRetry   time.Duration // the longest such wait; default 1 h
	Patience    time.Duration // a run waits for items due within this time; default 45 s
	Outage      time.Duration // so long a run waits for a system that is left alone; default 15 min
	ItemTime    time.Duration // the longest one attempt may take; default 5 min
	Lease       time.Duration // how long a claim holds without being renewed; default 30 s, and 12 s on a shared store
	ScreenStop  int           // items in a row with a changed screen that stop a robot; default 3
	OutageStop  int           // items in a row with an unavailable system that end a run; default 5
	GraceOnStop time.Duration // how long a stopping run waits for items under way; default 30 s
	Poll        time.Duration // how often the queue is looked at; default 50 ms
}

func (l Limits) withDefaults() Limits {
	pick(&l.AtOnce, 2)
	pick(&l.Attempts, 5)
	pick(&l.FirstRetry, 2*time.Second)
	pick(&l.LastRetry, time.Hour)
	pick(&l.Patience, 45*time.Second)
	pick(&l.Outage, 15*time.Minute)
	pick(&l.ItemTime, 5*time.Minute)
	pick(&l.Lease, 30*time.Second)
	pick(&l.ScreenStop, 3)
	pick(&l.OutageStop, 5)
	pick(&l.GraceOnStop, 30*time.Second)
	pick(&l.Poll, 50*time.Millisecond)
	return l
}

func pick[T comparable](field *T, otherwise T) {
	var zero T
	if *field == zero {
		*field = otherwise
	}
}

// Engine works robots on one store.
type Engine struct {
	Options
}

// New builds an engine.
func New(o Options) *Engine {
	if o.Store != nil && o.Store.Shared() {
		pick(&o.Limits.Lease, sharedLease)
	}
	o.Limits = o.Limits.withDefaults()
	if o.Secrets == nil {
		o.Secrets = crand.Reader
	}
	if o.Doors == nil {
		o.Doors = ownDoors(o)
	}
	return &Engine{Options: o}
}

// RunOptions say how far one run goes.
type RunOptions struct {
	Mode     runner.Mode
	Limit    int                // take up at most so many items; 0 means all
	Help     bool               // work what has been found, and look for nothing new
	Progress func(store.Result) // told after each item; may be nil
}

// Run lets a robot collect and work until nothing is ready, and returns how it
// went. An error means that the run itself failed; exceptions for people and a
// robot that stopped itself are in the result. Before anything is worked, the run log
// is held against the checkpoints outside: on a store that was rolled back, or whose
// log cannot be published, nothing is done that nobody could prove.
func (e *Engine) Run(ctx context.Context, robot runner.Robot, o RunOptions) (store.Run, error) {
	if !e.Store.Shared() {
		lock, err := lockFile(e.Store.LockPath(robot.Name()))
		if err != nil {
			return store.Run{}, err
		}
		defer lock.Close()
	}
	if err := Sequence(ctx, e); err != nil {
		return store.Run{}, err
	}
	r := newRun(e, robot, o)
	if err := r.begin(ctx); err != nil {
		return r.row, err
	}
	err := r.work(ctx)
	if endErr := r.end(err); endErr != nil {
		err = errors.Join(err, endErr)
	}
	return r.row, err
}
