package limits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"byskriver/runner"
)

// Desk is where the states stand that all programs share.
type Desk interface {
	// Systems reads the state of every system that there is one of, as JSON.
	Systems(ctx context.Context) (map[string][]byte, error)
	// ChangeSystem reads a system's state, nil if there is none, and writes what change
	// makes of it, nil for as it was. Nobody else changes it meanwhile. now is the time
	// that all programs share. A change may be tried again.
	ChangeSystem(ctx context.Context, system string, change func(state []byte, now time.Time) ([]byte, error)) error
}

// Options are what a limiter is built from.
type Options struct {
	Desk  Desk
	Clock runner.Clock
	Rules map[string]Rules // by system
	// Print is the keyed digest of the password that robots have for an account now, or ""
	// where it is not known. It is asked seldom. nil is no passwords.
	Print func(account string) (string, error)
	// Program names this program on this machine, unlike any other; "" where the desk is
	// this program's alone.
	Program string
	// Dead reports whether the program of that name is known to have ended.
	Dead func(program string) bool
	// Complain is told what went wrong where nobody waits for an answer. What this program
	// holds in a system then runs out, and it lets nobody in there before it has it anew.
	Complain func(error)
}

// Limiter is one program's way to the limits. One is shared by all robots of a program.
type Limiter struct {
	Options

	mu      sync.Mutex
	systems map[string]*system

	reading sync.Mutex // one goroutine at a time reads the states
	read    time.Duration
	loaded  bool
	opened  int // counts doors seen to have opened

	beating sync.WaitGroup
	quit    chan struct{}
	beats   bool
}

// system is what this program knows of one, or of one of several accounts in it.
type system struct {
	name    string
	holding sync.Mutex // one goroutine at a time changes how many places this program has

	mu     sync.Mutex
	rules  Rules
	state  State
	print  string
	closed *Closed                      // as of the last look
	places int                          // this program's
	inUse  int                          // of them
	until  time.Duration                // they hold, by Clock.Running
	idle   time.Duration                // since when some are not used, by Clock.Running
	free   chan struct{}                // closed and made anew when a place comes free
	slots  int                          // turns taken and not yet used
	slot   time.Time                    // the next of them
	told   chan struct{}                // closed and made anew when a sign-in has ended
	untold func(*State, time.Time) bool // how a sign-in ended, where it could not be noted
}

// lookEvery is how old what is known of the others' doings may become.
const lookEvery = time.Second

// New builds a limiter. It starts nothing and reads nothing yet.
func New(o Options) *Limiter {
	l := &Limiter{Options: o, systems: map[string]*system{}, quit: make(chan struct{})}
	for name, r := range o.Rules {
		l.add(name, r)
	}
	if l.Dead == nil {
		l.Dead = func(string) bool { return false }
	}
	if l.Complain == nil {
		l.Complain = func(error) {}
	}
	return l
}

func (l *Limiter) add(name string, r Rules) *system {
	s := &system{name: name, rules: r, free: make(chan struct{}), told: make(chan struct{})}
	l.systems[name] = s
	return s
}

// SetRules takes new rules into use; places and states stay.
func (l *Limiter) SetRules(rules map[string]Rules, print func(string) (string, error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Print = print
	for name, r := range rules {
		s, ok := l.systems[name]
		if !ok {
			s = l.add(name, r)
		}
		s.mu.Lock()
		s.rules = r
		s.mu.Unlock()
	}
}

// Close gives back what this program holds.
func (l *Limiter) Close(ctx context.Context) error {
	l.mu.Lock()
	if l.beats {
		l.beats = false
		close(l.quit)
	}
	l.mu.Unlock()
	l.beating.Wait()
	var failure error
	for _, s := range l.all() {
		s.mu.Lock()
		held := s.places > 0 || s.trying(l.Program)
		s.places, s.inUse = 0, 0
		untold := s.untold
		s.mu.Unlock()
		if !held {
			continue
		}
		failure = errors.Join(failure, l.change(ctx, s, func(st *State, now time.Time) bool {
			st.Hold(0, now, l.Program, 0, 0, false)
			if untold != nil {
				untold(st, now)
			}
			st.Password.Untried(l.Program)
			if b := st.Breaker; b != nil && of(b.Trial, l.Program) {
				b.Trial = ""
			}
			return true
		}))
	}
	return failure
}

// trying reports whether a program tries the password or a system in trouble. s.mu is held.
func (s *system) trying(program string) bool {
	b := s.state.Breaker
	return s.untold != nil || s.state.Password.Trying(program) || b != nil && of(b.Trial, program)
}

func (l *Limiter) all() []*system {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*system, 0, len(l.systems))
	for _, s := range l.systems {
		all = append(all, s)
	}
	return all
}

// find is a system of the configuration, or an account in one: SYSTEM/ACCOUNT.
func (l *Limiter) find(name string) (*system, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.systems[name]; ok {
		return s, nil
	}
	of, _, account := strings.Cut(name, "/")
	if _, ok := l.systems[of]; ok && account {
		return l.add(name, Rules{}), nil
	}
	return nil, fmt.Errorf("system %q is not in the configuration", name)
}

// change changes a system's state for all programs, and remembers how it then stands. do
// reports whether there is anything to write; it may be called more than once.
func (l *Limiter) change(ctx context.Context, s *system, do func(st *State, now time.Time) bool) error {
	var after State
	err := l.Desk.ChangeSystem(ctx, s.name, func(b []byte, now time.Time) ([]byte, error) {
		st, err := decode(b)
		if err != nil {
			return nil, err
		}
		buried := st.Bury(now, l.Dead)
		changed := do(&st, now) || buried
		if changed {
			st.Version++
		}
		if after = st; !changed {
			return nil, nil
		}
		return encode(st)
	})
	if err != nil {
		return fmt.Errorf("note how %s stands: %w", s.name, err)
	}
	l.mu.Lock()
	print := l.Print
	l.mu.Unlock()
	if s.seen(after, print, l.Clock.Now()) {
		l.mu.Lock()
		l.opened++
		l.mu.Unlock()
	}
	return nil
}

// seen remembers a state, and reports whether the door has opened since the last look. What
// was read before a change, and comes after it, is older than what is known.
func (s *system) seen(st State, print func(string) (string, error), now time.Time) (opened bool) {
	word := ""
	if st.Password.State == refused && print != nil {
		var err error
		if word, err = print(s.name); err != nil {
			word = st.Password.Print // what cannot be read has not been mended
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if st.Version < s.state.Version {
		return false
	}
	before := s.closed
	s.state, s.print = st, word
	s.closed = s.rules.Closed(s.name, st, now, word)
	return before != nil && s.closed == nil
}

// look reads how all systems stand, where that was last done too long ago. While one
// goroutine reads, the others go by what was known.
func (l *Limiter) look(ctx context.Context) error {
	now := l.Clock.Running()
	l.mu.Lock()
	fresh := l.loaded && now-l.read < lookEvery
	first := !l.loaded
	l.mu.Unlock()
	if fresh {
		return nil
	}
	if first {
		l.reading.Lock()
	} else if !l.reading.TryLock() {
		return nil
	}
	defer l.reading.Unlock()
	l.mu.Lock()
	fresh = l.loaded && l.Clock.Running()-l.read < lookEvery
	print := l.Print
	l.mu.Unlock()
	if fresh {
		return nil
	}
	all, err := l.Desk.Systems(ctx)
	if err != nil {
		return fmt.Errorf("read how the systems stand: %w", err)
	}
	for name := range all {
		_, _ = l.find(name) // accounts that others have used; what is no system here is nobody's business
	}
	opened := 0
	for _, s := range l.all() {
		st, err := decode(all[s.name])
		if err != nil {
			return fmt.Errorf("read how %s stands: %w", s.name, err)
		}
		if s.seen(st, print, l.Clock.Now()) {
			opened++
		}
	}
	l.mu.Lock()
	l.loaded, l.read, l.opened = true, now, l.opened+opened
	l.mu.Unlock()
	return l.share(ctx)
}

// share gives places back that this program does not use and others wait for.
func (l *Limiter) share(ctx context.Context) error {
	for _, s := range l.all() {
		s.mu.Lock()
		spare := s.places - max(s.inUse, s.state.Share(s.rules.AtOnce, l.Clock.Now(), l.Program))
		s.mu.Unlock()
		if spare <= 0 {
			continue
		}
		if _, err := l.hold(ctx, s, -spare); err != nil {
			return fmt.Errorf("give places in %s back: %w", s.name, err)
		}
	}
	return nil
}

// Opened counts the doors that have been seen to open: where it has grown, what waits may
// go on.
func (l *Limiter) Opened(ctx context.Context) (int, error) {
	err := l.look(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened, err
}

// Closed is why nobody may enter a system now, or nil.
func (l *Limiter) Closed(ctx context.Context, name string) (*Closed, error) {
	s, err := l.find(name)
	if err != nil {
		return nil, err
	}
	if err := l.look(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules.Closed(s.name, s.state, l.Clock.Now(), s.print), nil
}

// Accounts are the names of the accounts that systems have beside their first, as of the
// last look.
func (l *Limiter) Accounts() (names []string) {
	for _, s := range l.all() {
		if strings.Contains(s.name, "/") {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return names
}

// beatOn keeps what this program holds alive for as long as it holds anything.
func (l *Limiter) beatOn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.beats || l.Program == "" {
		return
	}
	l.beats = true
	l.quit = make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	quit := l.quit
	go func() { <-quit; cancel() }()
	l.beating.Go(func() {
		for l.Clock.Wait(ctx, beat) == nil {
			for _, s := range l.all() {
				if err := l.renew(ctx, s); err != nil && ctx.Err() == nil {
					l.Complain(err)
				}
			}
		}
	})
}

// renew prolongs what this program holds in a system, gives back places that it has not
// used of late, and tells what could not be told before.
func (l *Limiter) renew(ctx context.Context, s *system) error {
	s.mu.Lock()
	fewer := 0
	if s.places > s.inUse && l.Clock.Running()-s.idle > beat {
		fewer = s.places - s.inUse
	}
	holds, trying, untold := s.places > 0, s.trying(l.Program), s.untold
	s.mu.Unlock()
	var failure error
	if holds {
		_, failure = l.hold(ctx, s, -fewer)
	}
	if !trying {
		return failure
	}
	err := l.change(ctx, s, func(st *State, now time.Time) bool {
		st.Alive(now, l.Program)
		if untold != nil {
			untold(st, now)
		}
		return true
	})
	if err == nil && untold != nil {
		s.mu.Lock()
		s.untold = nil
		s.mu.Unlock()
	}
	return errors.Join(failure, err)
}
