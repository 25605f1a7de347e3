package limits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
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

const (
	ask       = 200 * time.Millisecond // how often somebody who waits for others looks again
	longAsked = time.Minute            // who has waited so long for others is put off
	putOff    = 30 * time.Second       // for so long
)

// Enter lets an item into a system: it waits for a place and for its turn, and returns a
// *Closed where the door is closed, or where others have kept it waiting for a minute.
// leave gives the place back. How the item fared is told by Well, Trouble or Nothing
// afterwards.
func (l *Limiter) Enter(ctx context.Context, name, item string) (leave func(), err error) {
	s, err := l.find(name)
	if err != nil {
		return nil, err
	}
	long := l.Clock.Running() + longAsked
	for again := true; again; { // a door may close on those who wait for a place
		if err = l.pass(ctx, s, item, long); err != nil {
			return nil, err
		}
		if leave, err = l.place(ctx, s, long); err == nil {
			if err = l.slot(ctx, s); err != nil {
				leave()
			}
		}
		if err != nil {
			return nil, errors.Join(err, l.Nothing(context.WithoutCancel(ctx), name, item))
		}
		if again = s.shut(l.Clock.Now(), trier(l.Program, item)); again {
			leave()
		}
	}
	return leave, nil
}

// shut reports whether the door is closed, but for the one that tries the system.
func (s *system) shut(now time.Time, who string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.state.Breaker
	return s.rules.Closed(s.name, s.state, now, s.print) != nil || b != nil && b.Trial != who
}

// late is the answer to one who has waited for others since long enough, or nil.
func (l *Limiter) late(s *system, long time.Duration, code, why string) error {
	if l.Clock.Running() < long {
		return nil
	}
	c := &Closed{System: s.name}
	c.Until, c.Code, c.Text = l.Clock.Now().Add(putOff), code, s.name+" "+why+" Sagen venter lidt."
	return c
}

// pass looks at the door, and waits while another item tries a system that was in trouble.
func (l *Limiter) pass(ctx context.Context, s *system, item string, long time.Duration) error {
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
		if mine {
			l.beatOn()
		}
		if err != nil || mine {
			return err
		}
		if err := l.late(s, long, CodeTrouble, "har ikke svaret, som det skal, og prøves lige nu af en anden sag."); err != nil {
			return err
		}
		if err := l.Clock.Wait(ctx, ask); err != nil {
			return fmt.Errorf("wait until somebody has tried %s: %w", s.name, err)
		}
	}
}

// place takes a place: one that this program holds and does not use, or one more.
func (l *Limiter) place(ctx context.Context, s *system, long time.Duration) (leave func(), err error) {
	for asked := false; ; {
		s.mu.Lock()
		limit := s.rules.AtOnce
		if limit == 0 {
			s.mu.Unlock()
			return func() {}, nil
		}
		if s.inUse < s.places && (l.Program == "" || l.Clock.Running() < s.until) {
			s.inUse++
			s.mu.Unlock()
			return l.leaver(s), nil
		}
		free, more := s.free, s.inUse < limit
		s.mu.Unlock()
		if more {
			got, err := l.hold(ctx, s, 1)
			if err != nil {
				return nil, err
			}
			if got {
				l.beatOn()
				continue
			}
			asked = true
		}
		err = l.late(s, long, CodeFull, "har ikke plads, for andre robotter arbejder i det.")
		if err == nil {
			if err = l.wait(ctx, free); err != nil {
				err = fmt.Errorf("wait for a place in %s: %w", s.name, err)
			}
		}
		if err != nil && asked {
			_, holdErr := l.hold(context.WithoutCancel(ctx), s, 0) // waits no more
			err = errors.Join(err, holdErr)
		}
		if err != nil {
			return nil, err
		}
	}
}

// hold has this program hold more places in a system, or fewer, or as many as before for
// longer. more reports whether there are more. Places whose time ran out while this program
// was stopped are not its own any more: those in use are counted, the others gone.
func (l *Limiter) hold(ctx context.Context, s *system, change int) (more bool, err error) {
	s.holding.Lock()
	defer s.holding.Unlock()
	begun := l.Clock.Running()
	s.mu.Lock()
	if l.Program != "" && begun >= s.until {
		s.places = s.inUse
	}
	before, limit := s.places, s.rules.AtOnce
	if change < 0 {
		s.places = max(s.inUse, s.places+change) // nobody takes them meanwhile
		change = s.places - before
	}
	want := before + change
	s.mu.Unlock()
	got, renewed := 0, false
	err = l.change(ctx, s, func(st *State, now time.Time) bool {
		s.mu.Lock()
		inUse := s.inUse
		s.mu.Unlock()
		had := st.Holders[l.Program]
		got = st.Hold(limit, now, l.Program, inUse, want, change > 0)
		waitsOn := got < want && got == had.Places && !had.Since.IsZero()
		renewed = change <= 0 || !waitsOn || now.Add(lease/2).After(had.Until) // one who goes on waiting says so seldom
		return renewed
	})
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places = got
	if renewed {
		s.until = begun + lease
	}
	if got > before {
		s.idle = begun
	}
	return got > before, nil
}

// wait returns when free is closed, or after a while, since others may have done something.
func (l *Limiter) wait(ctx context.Context, free <-chan struct{}) error {
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

// leaver gives a place back once: to this program, or to others where they wait and this
// one has more than its share.
func (l *Limiter) leaver(s *system) func() {
	var once sync.Once
	return func() {
		once.Do(func() {
			now := l.Clock.Now()
			s.mu.Lock()
			s.inUse--
			s.idle = l.Clock.Running()
			give := s.places > max(s.inUse, s.state.Share(s.rules.AtOnce, now, l.Program)) || s.state.held() > s.rules.AtOnce
			close(s.free)
			s.free = make(chan struct{})
			s.mu.Unlock()
			if !give {
				return
			}
			if _, err := l.hold(context.Background(), s, -1); err != nil {
				l.Complain(fmt.Errorf("give a place in %s back: %w", s.name, err))
			}
		})
	}
}

// slot waits for the next moment at which an item may enter. A program takes a tenth of a
// second's moments at a time. Who comes too late for his moment takes another.
func (l *Limiter) slot(ctx context.Context, s *system) error {
	s.mu.Lock()
	rate := s.rules.PerSecond
	s.mu.Unlock()
	if rate <= 0 {
		return nil
	}
	gap := time.Duration(float64(time.Second) / rate)
	for {
		at, err := l.moment(ctx, s, rate, gap)
		if err != nil {
			return err
		}
		if err := l.Clock.Wait(ctx, at.Sub(l.Clock.Now())); err != nil {
			return fmt.Errorf("wait for the next turn in %s: %w", s.name, err)
		}
		if l.Clock.Now().Before(at.Add(max(gap, slack))) {
			return nil
		}
	}
}

// slack is how late one may be for his moment, where moments lie closer than that: a busy
// machine wakes nobody to the millisecond.
const slack = 20 * time.Millisecond

// moment takes the next moment.
func (l *Limiter) moment(ctx context.Context, s *system, rate float64, gap time.Duration) (at time.Time, err error) {
	if at, ok := s.next(gap, l.Clock.Now()); ok {
		return at, nil
	}
	n := max(1, int(rate/10))
	var late error
	err = l.change(ctx, s, func(st *State, now time.Time) bool {
		late = nil
		if st.Slot.Sub(now) > farthest(gap) {
			st.Slot = now
		}
		if ahead := st.Slot.Sub(now); ahead > longAsked {
			c := &Closed{System: s.name}
			c.Until, c.Code, c.Text = l.Clock.Now().Add(ahead), CodeFull, s.name+" må kun få få sager ad gangen, og andre robotter er foran. Sagen venter lidt."
			late = c
			return false
		}
		// Clocks differ: what counts is how far ahead the moment lies.
		at = l.Clock.Now().Add(st.Slots(n, gap, now).Sub(now))
		return true
	})
	if err = errors.Join(err, late); err != nil {
		return at, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots, s.slot = n-1, at.Add(gap)
	return at, nil
}

// next is the next moment that this program has taken. Those that have passed are given up.
func (s *system) next(gap time.Duration, now time.Time) (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slot.Sub(now) > farthest(gap) {
		s.slots = 0
	}
	for s.slots > 0 && s.slot.Before(now) {
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
		return s.state.Troubles > 0 || s.state.Breaker != nil
	}, func(st *State, _ time.Time) bool { return st.Well(trier(l.Program, item)) })
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
		return st.Trouble(rules, now, trier(l.Program, item), text)
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
		s.Version++
		return encode(s)
	}
}
