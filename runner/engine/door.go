package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"byskriver/runner"
	"byskriver/runner/limits"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// ownDoors are the systems' limits for one engine alone.
func ownDoors(o Options) *limits.Limiter {
	rules := map[string]limits.Rules{}
	for name, s := range o.Systems {
		rules[name] = limits.Rules{AtOnce: max(1, s.AtOnce)}
	}
	return limits.New(limits.Options{Desk: limits.Alone(o.Clock), Clock: o.Clock, Rules: rules})
}

// Enter waits for a place in a system. At a closed door the item waits.
func (c *itemCase) Enter(ctx context.Context, system string) (func(), error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.run.taking, cancel)()
	leave, err := c.run.Doors.Enter(ctx, system, c.row.Number)
	if err == nil {
		c.mu.Lock()
		if !slices.Contains(c.entered, system) {
			c.entered = append(c.entered, system)
		}
		c.mu.Unlock()
		return leave, nil
	}
	if c.run.taking.Err() != nil {
		return nil, errStopping
	}
	return nil, fmt.Errorf("enter %s: %w", system, err)
}

// fared tells the systems that an item was in how it fared there: well, or, where it came to
// an end that says nothing of them, nothing. What was told before is not told again.
func (c *itemCase) fared(ctx context.Context, well bool) error {
	c.mu.Lock()
	entered := c.entered
	c.entered = nil
	c.mu.Unlock()
	tell := c.run.Doors.Nothing
	if well {
		tell = c.run.Doors.Well
	}
	for _, system := range entered {
		if err := tell(ctx, system, c.row.Number); err != nil {
			return err
		}
	}
	return nil
}

// atTrouble tells the system that an item met trouble there, and returns why its door is
// closed now, if it is. A screen that has changed says nothing of others' work in it.
func (r *run) atTrouble(ctx context.Context, t *runner.Trouble, item string) (*limits.Closed, error) {
	if t.Kind == runner.Unavailable {
		return r.Doors.Trouble(ctx, t.System, item, t.Text)
	}
	closed, err := r.Doors.Closed(ctx, t.System) // who signed in has told of a refusal there
	if err != nil {
		return nil, nil // not a system of the configuration
	}
	return closed, nil
}

// metDoor settles an item as waiting that met a closed door, or that has just seen its
// system's door close. A refused password stops the robot: nothing more can be done there.
func (r *run) metDoor(c *itemCase, closed *limits.Closed, o store.Outcome, detail string) error {
	c.waitsAt = closed.System
	o.State, o.Code, o.ReadyAt = runner.Waiting, closed.Code, closed.Until
	o.Words = store.Words{Text: closed.Text}
	r.noteDoor(closed)
	return r.record(c, o, detail)
}

func (r *run) noteDoor(closed *limits.Closed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch closed.Code {
	case limits.CodeTrouble:
		if r.outage.IsZero() {
			r.outage = r.Clock.Now()
		}
	case limits.CodePassword:
		if r.stopped == nil {
			r.stopped = &store.Stop{Robot: r.robot.Name(), At: r.Clock.Now(), Run: r.row.Number, Kind: runner.SignInRefused, System: closed.System, Text: closed.Text}
			r.stop(fmt.Errorf("robot %s stopped itself: %w", r.robot.Name(), closed))
		}
	}
}

// patience is how long the run waits for items: longer while a system is left alone.
func (r *run) patience() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.outage.IsZero() && r.Clock.Now().Sub(r.outage) < r.Limits.Outage {
		return max(r.Limits.Patience, r.Limits.Outage)
	}
	return r.Limits.Patience
}

// letWaiting has items worked that wait at systems which let robots in again.
func (r *run) letWaiting(ctx context.Context) error {
	at, err := r.Store.Waited(ctx, r.robot.Name())
	if err != nil || len(at) == 0 {
		return err
	}
	for system := range at {
		if closed, err := r.Doors.Closed(ctx, system); err == nil && closed != nil {
			delete(at, system)
		}
	}
	if len(at) == 0 {
		return nil
	}
	return r.Store.Write(ctx, func(t *store.Tx) error {
		for system := range at {
			if err := t.LetWaiting(r.robot.Name(), system, r.Clock.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// doorsOpened lets in what waits where a door has opened since the last look.
func (r *run) doorsOpened(ctx context.Context) error {
	n, err := r.Doors.Opened(ctx)
	if err != nil || n == r.doors {
		return err
	}
	r.doors = n
	return r.letWaiting(ctx)
}

// Looker is a robot whose Collect looks in existing systems. It is let into them first, as
// an item is by Enter; where one is closed nothing new is found this time.
type Looker interface{ LooksIn() []string }

// collecting is who enters systems to find work.
const collecting = "collect"

// looksIn are the systems that the robot finds its work in.
func (r *run) looksIn() []string {
	looker, ok := r.robot.(Looker)
	if !ok {
		return nil
	}
	return slices.Sorted(slices.Values(looker.LooksIn()))
}

// enterToCollect lets the robot into the systems that it finds its work in, in one order
// for all robots.
func (r *run) enterToCollect() (leave func(), err error) {
	var in []func()
	leave = func() {
		for _, out := range in {
			out()
		}
	}
	for _, system := range r.looksIn() {
		out, err := r.Doors.Enter(r.taking, system, collecting+r.row.Number)
		if err != nil {
			leave()
			return nil, fmt.Errorf("enter %s to find work: %w", system, err)
		}
		in = append(in, out)
	}
	return leave, nil
}

// collected tells the systems that work was looked for in how that went.
func (r *run) collected(well bool) error {
	tell := r.Doors.Nothing
	if well {
		tell = r.Doors.Well
	}
	var failure error
	for _, system := range r.looksIn() {
		failure = errors.Join(failure, tell(context.WithoutCancel(r.taking), system, collecting+r.row.Number))
	}
	return failure
}

// collectTrouble is what becomes of a collecting that a system ended. At a closed door
// nothing is found this time, and what was found before is worked.
func (r *run) collectTrouble(err error) error {
	if r.taking.Err() != nil {
		return nil
	}
	var closed *limits.Closed
	if !errors.As(err, &closed) {
		var t *runner.Trouble
		if errors.As(err, &t) {
			if _, doorErr := r.atTrouble(context.WithoutCancel(r.taking), t, collecting+r.row.Number); doorErr != nil {
				return errors.Join(err, doorErr)
			}
		}
		if doorErr := r.collected(false); doorErr != nil {
			return errors.Join(err, doorErr)
		}
		return r.trouble(err, nil)
	}
	if doorErr := r.collected(false); doorErr != nil {
		return doorErr
	}
	r.noteDoor(closed)
	logErr := r.Store.Write(context.WithoutCancel(r.taking), func(t *store.Tx) error {
		return r.log(t, runlog.Entry{Code: "run.door_closed", Text: closed.Text, Fields: map[string]string{"system": closed.System, "code": closed.Code}})
	})
	return logErr
}

// doorOf tells the systems of an item's failure, and returns why the door is closed where
// that closed it.
func (r *run) doorOf(c *itemCase, err error) (*limits.Closed, error) {
	ctx := context.Background()
	var t *runner.Trouble
	if !errors.As(err, &t) {
		return nil, c.fared(ctx, false)
	}
	closed, doorErr := r.atTrouble(ctx, t, c.row.Number)
	return closed, errors.Join(doorErr, c.fared(ctx, false))
}
