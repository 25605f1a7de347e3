package limits

import (
	"context"
	"errors"
	"time"
)

// signInPatience is how long somebody waits until another has tried the password.
const signInPatience = 20 * time.Second

// Ask is called before a password is used to sign in with an account: a system's name, or
// SYSTEM/ACCOUNT where it has several. It waits while anybody else, in this program or
// another, tries it, and returns a *Closed where nobody may. Told must be called when the
// sign-in has ended.
func (l *Limiter) Ask(ctx context.Context, account string) error {
	s, err := l.find(account)
	l.mu.Lock()
	print := l.Print
	l.mu.Unlock()
	if err != nil || print == nil {
		return err
	}
	word, err := print(account)
	if err != nil {
		return err
	}
	for since := l.Clock.Running(); ; {
		s.mu.Lock()
		told := s.told
		s.mu.Unlock()
		turn := Wait
		err := l.change(ctx, s, func(st *State, now time.Time) bool {
			before := st.Password
			turn = st.Password.Ask(word, now, l.Program)
			return st.Password != before
		})
		if err != nil {
			return err
		}
		switch turn {
		case Go:
			l.beatOn()
			return nil
		case Never:
			if closed, err := l.Closed(ctx, account); closed != nil || err != nil {
				return errors.Join(err, asError(closed))
			}
			continue // it was allowed again just now
		}
		if l.Clock.Running()-since > signInPatience {
			c := &Closed{System: account}
			c.Until, c.Code, c.Text = l.Clock.Now().Add(putOff), CodeTurn, "En anden robot prøver adgangskoden til "+account+" lige nu. Sagen venter på det."
			return c
		}
		if err := l.wait(ctx, told); err != nil {
			return err
		}
	}
}

// asError keeps a nil *Closed from becoming an error.
func asError(c *Closed) error {
	if c == nil {
		return nil
	}
	return c
}

// Told says how a sign-in ended that Ask let pass: a refusal has its sentence for staff in
// text; without an error it went well; any other says nothing of the password. Where it
// cannot be noted, nobody else tries the password before it is noted or this program is
// dead.
func (l *Limiter) Told(ctx context.Context, account string, refusal bool, text string, err error) error {
	s, findErr := l.find(account)
	if findErr != nil {
		return findErr
	}
	note := func(st *State, now time.Time) bool {
		switch {
		case refusal:
			return st.Password.Refused(now, l.Program, text)
		case err == nil:
			return st.Password.Right(now, l.Program)
		}
		return st.Password.Untried(l.Program)
	}
	noteErr := l.change(ctx, s, note)
	s.mu.Lock()
	defer s.mu.Unlock()
	if noteErr != nil {
		s.untold = note
	}
	close(s.told)
	s.told = make(chan struct{})
	return noteErr
}
