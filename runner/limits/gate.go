package limits

import (
	"context"
	"time"
)

// signInPatience is how long somebody waits until another has tried the password.
const signInPatience = 20 * time.Second

// Ask is called before a password is used to sign in to a system. It waits while another
// program, or another goroutine of this one, tries it, and returns a *Closed where nobody
// may try it. strict callers tell by Told how each sign-in ended; for others the items do,
// by Well, Trouble and Refused.
func (l *Limiter) Ask(ctx context.Context, name string, strict bool) error {
	s, err := l.find(name)
	l.mu.Lock()
	print := l.Print
	l.mu.Unlock()
	if err != nil || print == nil {
		return nil
	}
	word, err := print(name)
	if err != nil {
		return err
	}
	for since := l.Clock.Running(); ; {
		turn, told, err := l.turn(ctx, s, word, strict)
		if err != nil {
			return err
		}
		switch turn {
		case Go:
			l.beatOn()
			return nil
		case Known:
			return nil
		case Never:
			if closed, err := l.Closed(ctx, name); closed != nil || err != nil {
				return closedOr(closed, err)
			}
			continue // it was allowed again just now
		}
		if l.Clock.Running()-since > signInPatience {
			at := l.Clock.Now().Add(lease)
			c := &Closed{System: name}
			c.Until, c.Code, c.Text = at, CodeTurn, "Et andet program prøver robottens adgangskode til "+name+" lige nu. Sagen venter på det."
			return c
		}
		if err := l.wait(ctx, told, true); err != nil {
			return err
		}
	}
}

func closedOr(c *Closed, err error) error {
	if c != nil {
		return c
	}
	return err
}

// turn asks once. What was right a moment ago is known without asking the others.
func (l *Limiter) turn(ctx context.Context, s *system, word string, strict bool) (turn Turn, told <-chan struct{}, err error) {
	s.mu.Lock()
	s.tried = word
	p := s.state.Password
	told = s.told
	s.mu.Unlock()
	if p.Print == word && p.Ask(word, l.Clock.Now(), l.Program, strict) == Known {
		return Known, told, nil
	}
	err = l.change(ctx, s, func(st *State, now time.Time) bool {
		before := st.Password
		turn = st.Password.Ask(word, now, l.Program, strict)
		return st.Password != before
	})
	return turn, told, err
}

// Told says how a sign-in ended that Ask let pass: nil is well; a refusal has its sentence
// for staff in text; of anything else nobody can tell what it means for the password.
func (l *Limiter) Told(ctx context.Context, name string, refusal bool, text string, err error) error {
	s, findErr := l.find(name)
	if findErr != nil {
		return nil
	}
	s.mu.Lock()
	word := s.tried
	something := s.state.Password.Trying(l.Program) || refusal
	s.mu.Unlock()
	if !something {
		return nil
	}
	changeErr := l.change(ctx, s, func(st *State, now time.Time) bool {
		switch {
		case refusal:
			return st.Password.Refused(now, word, text)
		case err == nil:
			return st.Password.Right(now, l.Program)
		}
		return st.Password.Untried(l.Program)
	})
	s.mu.Lock()
	close(s.told)
	s.told = make(chan struct{})
	s.mu.Unlock()
	return changeErr
}

// Ended says that a run of this program has ended, and whether it went on to its end: then a
// password that it tried, and that nobody has refused, was right.
func (l *Limiter) Ended(ctx context.Context, well bool) error {
	for _, s := range l.all() {
		s.mu.Lock()
		mine := s.state.Password.Trying(l.Program) && s.inUse == 0
		s.mu.Unlock()
		if !mine {
			continue
		}
		err := l.change(ctx, s, func(st *State, now time.Time) bool {
			if well {
				return st.Password.Right(now, l.Program)
			}
			return st.Password.Untried(l.Program)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
