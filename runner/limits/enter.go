package limits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

func decode(b []byte) (State, error) {
	var s State
	if b == nil {
		return s, nil
	}
	return s, json.Unmarshal(b, &s)
}

func encode(s State) ([]byte, error) { return json.Marshal(s) }

// ask is how often somebody who waits for others looks again.
const ask = 200 * time.Millisecond

// Enter lets an item into a system: it waits for a place and for its turn, and returns a
// *Closed where the door is closed. leave gives the place back. How the item fared is told
// by Well, Trouble or Nothing afterwards.
func (l *Limiter) Enter(ctx context.Context, name, item string) (leave func(), err error) {
	s, err := l.find(name)
	if err != nil {
		return nil, err
	}
	if err := l.pass(ctx, s, item); err != nil {
		return nil, err
	}
	if leave, err = l.place(ctx, s); err != nil {
		return nil, err
	}
	if err := l.slot(ctx, s); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// pass looks at the door, and waits while another item tries a system that was in trouble.
func (l *Limiter) pass(ctx context.Context, s *system, item string) error {
	for {
		if err := l.look(ctx); err != nil {
			return err
		}
		s.mu.Lock()
		closed := s.rules.Closed(s.name, s.state, l.Clock.Now(), s.print)
		open := s.state.Breaker == nil
		s.mu.Unlock()
		switch {
		case closed != nil:
			return closed
		case open:
			return nil
		}
		mine := false
		err := l.change(ctx, s, func(st *State, now time.Time) bool {
			mine = st.Try(now, trier(l.Program, item)) || st.Breaker != nil && st.Breaker.Trial == trier(l.Program, item)
			return mine
		})
		if err != nil || mine {
			if mine {
				l.beatOn()
			}
			return err
		}
		if err := l.Clock.Wait(ctx, ask); err != nil {
			return fmt.Errorf("wait until somebody has tried %s: %w", s.name, err)
		}
	}
}

// place takes a place: one that this program holds and does not use, or one more.
func (l *Limiter) place(ctx context.Context, s *system) (leave func(), err error) {
	for {
		s.mu.Lock()
		limit := s.rules.AtOnce
		if limit == 0 {
			s.mu.Unlock()
			return func() {}, nil
		}
		if s.inUse < s.places {
			s.inUse++
			s.mu.Unlock()
			return l.leaver(s), nil
		}
		free, more := s.free, s.places < limit
		s.mu.Unlock()
		if more {
			got, err := l.another(ctx, s, limit)
			if err != nil {
				return nil, err
			}
			if got {
				continue
			}
		}
		if err := l.wait(ctx, free, more); err != nil {
			return nil, fmt.Errorf("wait for a place in %s: %w", s.name, err)
		}
	}
}

// wait returns when one of this program's places has come free, or, where others may give
// one back, after a while.
func (l *Limiter) wait(ctx context.Context, free <-chan struct{}, others bool) error {
	if !others {
		select {
		case <-free:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	until, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-free:
			stop()
		case <-until.Done():
		}
	}()
	if err := l.Clock.Wait(until, ask); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

// another asks for one more place for this program.
func (l *Limiter) another(ctx context.Context, s *system, limit int) (got bool, err error) {
	err = l.change(ctx, s, func(st *State, now time.Time) bool {
		got = st.Place(limit, now, l.Program)
		return true
	})
	if err != nil || !got {
		return false, err
	}
	s.mu.Lock()
	s.places++
	s.since = l.Clock.Running()
	s.mu.Unlock()
	l.beatOn()
	return true, nil
}

// leaver gives a place back once: to this program, or to others where they wait and this
// one has more than its share.
func (l *Limiter) leaver(s *system) func() {
	done := make(chan struct{}, 1)
	done <- struct{}{}
	return func() {
		select {
		case <-done:
		default:
			return
		}
		s.mu.Lock()
		s.inUse--
		give := s.places > max(s.inUse, s.state.Share(s.rules.AtOnce, l.Clock.Now(), l.Program))
		if give {
			s.places--
		}
		places := s.places
		close(s.free)
		s.free = make(chan struct{})
		s.mu.Unlock()
		if !give {
			return
		}
		err := l.change(context.Background(), s, func(st *State, now time.Time) bool {
			st.Renew(now, l.Program, places)
			return true
		})
		l.mu.Lock()
		l.failure = errors.Join(l.failure, err)
		l.mu.Unlock()
	}
}

// slot waits for the next moment at which an item may enter. A program takes a tenth of a
// second's moments at a time.
func (l *Limiter) slot(ctx context.Context, s *system) error {
	s.mu.Lock()
	rate := s.rules.PerSecond
	s.mu.Unlock()
	if rate <= 0 {
		return nil
	}
	gap := time.Duration(float64(time.Second) / rate)
	n := max(1, int(rate/10))
	at, ok := s.next(gap, l.Clock.Now())
	if !ok {
		var first, shared time.Time
		err := l.change(ctx, s, func(st *State, now time.Time) bool {
			first, shared = st.Slots(n, gap, now), now
			return true
		})
		if err != nil {
			return err
		}
		// Clocks differ: what counts is how far ahead the moment lies.
		at = l.Clock.Now().Add(first.Sub(shared))
		s.mu.Lock()
		s.slots, s.slot = n-1, at.Add(gap)
		s.mu.Unlock()
	}
	if err := l.Clock.Wait(ctx, at.Sub(l.Clock.Now())); err != nil {
		return fmt.Errorf("wait for the next turn in %s: %w", s.name, err)
	}
	return nil
}

// next is the next moment that this program has taken. Those that have passed by more than
// a gap are given up.
func (s *system) next(gap time.Duration, now time.Time) (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.slots > 0 && s.slot.Before(now.Add(-gap)) {
		s.slots--
		s.slot = s.slot.Add(gap)
	}
	if s.slots == 0 {
		return at, false
	}
	at = s.slot
	s.slots--
	s.slot = at.Add(gap)
	return at, true
}

// Well says that an item went through a system without trouble.
func (l *Limiter) Well(ctx context.Context, name, item string) error {
	return l.tell(ctx, name, func(s *system) bool {
		return s.state.Troubles > 0 || s.state.Breaker != nil || s.idleTrial(l.Program)
	}, func(st *State, now time.Time) bool {
		changed := st.Well(trier(l.Program, item))
		return st.Password.Right(now, l.Program) || changed
	})
}

// Trouble says that an item met a system in trouble, and returns why its door is closed if
// it is now.
func (l *Limiter) Trouble(ctx context.Context, name, item, text string) (*Closed, error) {
	s, err := l.find(name)
	if err != nil {
		return nil, nil // not one of the configuration's: nobody can enter it either
	}
	err = l.change(ctx, s, func(st *State, now time.Time) bool {
		s.mu.Lock()
		rules := s.rules
		s.mu.Unlock()
		changed := st.Trouble(rules, now, trier(l.Program, item), text)
		return st.Password.Untried(l.Program) || changed
	})
	if err != nil {
		return nil, err
	}
	return l.Closed(ctx, name)
}

// Nothing says that an item came to its end and says nothing of the system.
func (l *Limiter) Nothing(ctx context.Context, name, item string) error {
	return l.tell(ctx, name, func(s *system) bool { return s.state.Breaker != nil },
		func(st *State, _ time.Time) bool { return st.Nothing(trier(l.Program, item)) })
}

// tell changes a state where what is known of it says that there is something to change:
// nothing is written of a system that is well.
func (l *Limiter) tell(ctx context.Context, name string, some func(*system) bool, do func(*State, time.Time) bool) error {
	s, err := l.find(name)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	something := some(s)
	s.mu.Unlock()
	if !something {
		return nil
	}
	return l.change(ctx, s, do)
}

// idleTrial reports whether this program has signed in and nobody has told how that ended.
func (s *system) idleTrial(program string) bool { return s.state.Password.Trying(program) }

// Change makes of a change of a state one of its text, for a Desk.
func Change(do func(*State) error) func([]byte, time.Time) ([]byte, error) {
	return func(b []byte, _ time.Time) ([]byte, error) {
		s, err := decode(b)
		if err == nil {
			err = do(&s)
		}
		if err != nil {
			return nil, err
		}
		return encode(s)
	}
}
