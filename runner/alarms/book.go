package alarms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/store"
)

// Change is an alarm that has begun or is over.
type Change struct {
	store.Alarm
	Over bool
}

// Keep brings the alarms of the store in step with the causes that are there now, and says
// who is to be told what. It returns what has begun and what is over.
func Keep(t *store.Tx, rules *config.Alarms, causes []Cause, now time.Time) ([]Change, error) {
	standing, err := t.StandingAlarms()
	if err != nil {
		return nil, err
	}
	k := keeper{tx: t, rules: rules, now: now}
	for _, a := range standing {
		i := slices.IndexFunc(causes, func(c Cause) bool { return string(c.Code) == a.Code && c.About == a.About })
		if i < 0 {
			err = k.gone(a)
		} else {
			a.Text = causes[i].Text
			err = k.stands(a)
			causes = slices.Delete(slices.Clone(causes), i, i+1)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, c := range causes {
		if err := k.begin(c); err != nil {
			return nil, err
		}
	}
	return k.changes, nil
}

type keeper struct {
	tx      *store.Tx
	rules   *config.Alarms
	now     time.Time
	changes []Change
}

func (k *keeper) begin(c Cause) (err error) {
	a := store.Alarm{Code: string(c.Code), About: c.About, Robot: c.Robot, Text: c.Text, Begun: k.now}
	if a.ID, err = k.tx.BeginAlarm(a); err != nil {
		return err
	}
	k.changes = append(k.changes, Change{Alarm: a})
	for _, to := range k.rules.Told(c.Code, c.Robot) {
		if err := k.tx.Tell(a.ID, to, store.TellBegun, k.now); err != nil {
			return err
		}
	}
	return nil
}

// stands has those told who have not been, or not for long.
func (k *keeper) stands(a store.Alarm) error {
	a.Gone = time.Time{}
	if err := k.tx.KeepAlarm(a); err != nil {
		return err
	}
	mails, err := k.tx.AlarmMails(a.ID)
	if err != nil {
		return err
	}
	told := k.rules.Told(config.AlarmCode(a.Code), a.Robot)
	for _, m := range mails {
		i := slices.Index(told, m.Address)
		switch {
		case i < 0 && m.Tell != "":
			err = k.tx.Tell(a.ID, m.Address, "", k.now)
		case i >= 0 && m.Tell == "" && k.now.Sub(m.ToldAt) >= k.rules.Repeat:
			err = k.tx.Tell(a.ID, m.Address, store.TellStands, k.now)
		}
		if err != nil {
			return err
		}
	}
	for _, to := range told {
		if !slices.ContainsFunc(mails, func(m store.AlarmMail) bool { return m.Address == to }) {
			if err := k.tx.Tell(a.ID, to, store.TellBegun, k.now); err != nil {
				return err
			}
		}
	}
	return nil
}

// gone ends an alarm whose cause has been gone for long enough. Who was told that it began,
// or still was to be, is told once that it is over.
func (k *keeper) gone(a store.Alarm) error {
	if a.Gone.IsZero() {
		a.Gone = k.now
	}
	if k.now.Sub(a.Gone) < k.rules.Calm {
		return k.tx.KeepAlarm(a)
	}
	a.Ended = k.now
	if err := k.tx.KeepAlarm(a); err != nil {
		return err
	}
	k.changes = append(k.changes, Change{Alarm: a, Over: true})
	mails, err := k.tx.AlarmMails(a.ID)
	if err != nil {
		return err
	}
	for _, m := range mails {
		if m.Tell == "" && m.Told == "" {
			continue
		}
		if err := k.tx.Tell(a.ID, m.Address, store.TellOver, k.now); err != nil {
			return err
		}
	}
	return nil
}

// Send sends one mail and returns nil once the server has taken it.
type Send func(ctx context.Context, l Letter) error

// Times of sending: how long one mail may take, how long it is nobody else's, and how long
// to wait after the first and at most after a further failure.
const (
	sendTime   = time.Minute
	sendHold   = 5 * time.Minute
	firstPause = time.Minute
	lastPause  = time.Hour
)

// Post sends what is to be told.
type Post struct {
	Store *store.Store
	Clock runner.Clock
	House House
	Send  Send
}

// Deliver sends the mails that are due. A server that cannot be reached is asked once; the
// error says so. What was not taken stays due, and is tried again later.
func (p *Post) Deliver(ctx context.Context) error {
	for ctx.Err() == nil {
		var m store.AlarmMail
		var a store.Alarm
		err := p.Store.Write(ctx, func(t *store.Tx) (err error) {
			m, a, err = t.TakeMail(p.Clock.Now(), sendHold)
			return err
		})
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if more, err := p.deliver(ctx, m, a); !more || err != nil {
			return err
		}
	}
	return nil
}

// deliver sends one mail; more reports whether it makes sense to send another now.
func (p *Post) deliver(ctx context.Context, m store.AlarmMail, a store.Alarm) (more bool, err error) {
	failed := within(ctx, sendTime, func(ctx context.Context) error { return p.Send(ctx, p.House.letter(m, a, p.Clock.Now())) })
	if ctx.Err() != nil {
		// Nobody knows whether it was sent; who goes on here tells it under the same ID.
		failed = ctx.Err()
	}
	now := p.Clock.Now()
	err = p.Store.Write(context.WithoutCancel(ctx), func(t *store.Tx) error {
		if failed == nil {
			return t.MailTaken(m, now)
		}
		return t.MailFailed(m, reason(failed), now.Add(pause(m.Tries)))
	})
	var trouble *runner.Trouble
	switch {
	case err != nil:
		return false, fmt.Errorf("note what became of a mail: %w", err)
	case ctx.Err() != nil:
		return false, nil
	case errors.As(failed, &trouble), errors.Is(failed, errSlow):
		return false, fmt.Errorf("a mail about the alarm %s is unsent: %s", a.Code, reason(failed))
	}
	return true, nil
}

var errSlow = errors.New("the mail server does not answer")

// within calls do, and does not wait for it any longer than so, whatever it does.
func within(ctx context.Context, most time.Duration, do func(context.Context) error) error {
	inner, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(inner) }()
	select {
	case err := <-done:
		return err
	case <-inner.Done():
		return errors.Join(errSlow, ctx.Err())
	}
}

// pause is how long to wait after so many tries.
func pause(tries int) time.Duration {
	d := firstPause
	for range min(tries, 10) - 1 {
		d *= 2
	}
	return min(d, lastPause)
}

// reason is an error as it is kept: a line, without CPR numbers.
func reason(err error) string {
	const most = 300
	s := []rune(strings.Join(strings.Fields(runner.Mask(err.Error())), " "))
	return string(s[:min(len(s), most)])
}

// Try sends a trial mail to an address.
func (p *Post) Try(ctx context.Context, to string) error {
	return within(ctx, sendTime, func(ctx context.Context) error { return p.Send(ctx, p.House.Trial(to, p.Clock.Now())) })
}
