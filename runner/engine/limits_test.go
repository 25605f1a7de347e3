package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/engine"
	"byskriver/runner/limits"
	"byskriver/runner/store"
)

// counted is a system that counts who is in it, and is down for a while.
type counted struct {
	mu       sync.Mutex
	inside   int
	most     int         // that were in it at once
	entered  []time.Time // when each came
	down     bool
	failed   []time.Time // when each came that found it down
	mend     int         // it is up after so many trials, one each rest
	rest     time.Duration
	first    bool // the first that found it up is in it
	together int  // that came meanwhile
}

func (s *counted) visit(ctx context.Context, c runner.Case) error {
	leave, err := c.Enter(ctx, "erp")
	if err != nil {
		return err
	}
	defer leave()
	first, err := s.come()
	defer s.gone(first)
	if err != nil {
		return err
	}
	return c.LookUp(ctx, runner.LookUp{Subject: "8605010001", System: "erp", Purpose: "test"}) // a stay of some milliseconds
}

func (s *counted) come() (first bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.inside++
	s.most = max(s.most, s.inside)
	s.entered = append(s.entered, now)
	if s.first {
		s.together++
	}
	if s.down {
		if len(s.trials()) >= s.mend {
			s.down, s.first = false, true
			return true, nil
		}
		s.failed = append(s.failed, now)
		return false, &runner.Trouble{Kind: runner.Unavailable, System: "erp", Text: "Systemet er nede.", Err: errors.New("down")}
	}
	return false, nil
}

func (s *counted) gone(first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside--
	s.first = s.first && !first
}

// trials are those that found it down after the breaker was seen by everybody.
func (s *counted) trials() (all []time.Time) {
	for _, at := range s.failed {
		if len(s.failed) >= 3 && at.Sub(s.failed[2]) > s.rest/2 {
			all = append(all, at)
		}
	}
	return all
}

// programs run a robot each, at the same time and on one store, with doors of their own.
func programs(t *testing.T, h *house, s *counted, r limits.Rules, each int) {
	t.Helper()
	var all sync.WaitGroup
	results := make([]store.Run, 3)
	for i := range results {
		m := h.machine(fmt.Sprint("rpa", i), clock.System{})
		m.limits.Patience = time.Minute
		doors := limits.New(limits.Options{Desk: m.store, Clock: m.clock, Rules: map[string]limits.Rules{"erp": r}, Program: m.name,
			Complain: func(err error) { t.Error(err) }})
		e := engine.New(engine.Options{Store: m.store, Log: m.log, Clock: m.clock, Random: random(), Doors: doors, Limits: m.limits,
			Systems: map[string]engine.System{"erp": {}}, Machine: m.name})
		work := &robot{name: "robot" + fmt.Sprint(i), collect: finds(keys(each)...), work: s.visit}
		all.Go(func() {
			var err error
			if results[i], err = e.Run(t.Context(), work, engine.RunOptions{Mode: runner.Live}); err != nil {
				t.Error(err)
			}
			if err := doors.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, run := range results {
		if run.Result.Done != each {
			t.Errorf("%s: %+v, want %d done", run.Number, run.Result, each)
		}
	}
}

// Three programs with a robot each work in one system: never more items are in it than it
// takes, and they do not come faster than they may.
func TestProgramsShareLimits(t *testing.T) {
	t.Parallel()
	h, s := newHouse(t), &counted{}
	const each, rate = 12, 20
	programs(t, h, s, limits.Rules{AtOnce: 2, PerSecond: rate}, each)
	if s.most > 2 {
		t.Errorf("%d items were in the system at once", s.most)
	}
	if took, least := s.entered[len(s.entered)-1].Sub(s.entered[0]), time.Second*(3*each-3)/rate; took < least {
		t.Errorf("%d items came within %v, want %v at least", 3*each, took, least)
	}
}

// A system is in trouble for three programs: all leave it alone, one item at a time tries
// it, and they go on when one went well. All is done in the end, nothing is for people.
func TestBreakerOverPrograms(t *testing.T) {
	t.Parallel()
	h, s := newHouse(t), &counted{down: true, mend: 2, rest: 3 * time.Second}
	programs(t, h, s, limits.Rules{AtOnce: 3, Trips: 3, Rest: s.rest, Longest: s.rest}, 6)
	trials := s.trials()
	if len(trials) != s.mend {
		t.Fatalf("%d trials found it down, want %d: %v", len(trials), s.mend, s.failed)
	}
	for i := 1; i < len(trials); i++ {
		if gap := trials[i].Sub(trials[i-1]); gap < s.rest {
			t.Errorf("a trial came %v after the one before", gap)
		}
	}
	if over := len(s.failed) - len(trials); over > 3+6 {
		t.Errorf("%d items found it down before everybody left it alone", over)
	}
	if s.together > 0 {
		t.Errorf("%d items came while the first that found it up was in it", s.together)
	}
}
