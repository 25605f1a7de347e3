package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

// holdFor is how long an item is held at most before its area's mode is looked at again,
// even where nobody has set a mode meanwhile.
const holdFor = 30 * 24 * time.Hour

// parked is why an item waits.
type parked struct{ code, text string }

// gate looks, in the claim's own transaction, whether the item may be worked now.
func (r *run) gate(t *store.Tx, row store.Row) (*parked, error) {
	set, err := t.Modes(row.Robot, row.Area)
	if err != nil {
		return nil, err
	}
	s := Stand(r.Ceiling, row.Area, set)
	switch {
	case s.Mode == runner.Stopped:
		return &parked{store.CodeStopped, "Området er standset" + because(s.Set) + ". Sagen venter, til det sættes i gang igen."}, nil
	case row.Mode == runner.Shadow:
		return nil, nil
	case s.Mode == runner.Shadow:
		return &parked{store.CodeShadow, "Området kører i skygge" + because(s.Set) + ", så intet ændres. Sagen venter, til det sættes i drift."}, nil
	case s.Mode == runner.Ramp:
		return rampGate(t, row, s)
	}
	return nil, nil
}

func because(m store.SetMode) string {
	if m.Why == "" {
		return ""
	}
	return fmt.Sprintf(" af %s: %s", m.By, strings.TrimRight(m.Why, "."))
}

const rampText = "Området er under indkøring, og de %d sager, der er udført, er ikke alle kontrolleret endnu. Sagen venter på det."

// rampGate holds an item back where the step is full. One that was let in before goes on.
func rampGate(t *store.Tx, row store.Row, s Standing) (*parked, error) {
	in, err := t.WasLetIn(row.ID)
	if err != nil || in {
		return nil, err
	}
	step, err := t.Ramp(row.Robot, s.Scope)
	if errors.Is(err, store.ErrNotFound) || err == nil && !step.Full() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &parked{store.CodeRamp, fmt.Sprintf(rampText, step.In)}, nil
}

// errHeld is what Once returns where the ramp's step has become full meanwhile.
var errHeld = errors.New("the ramp's step is full")

// admit counts an item that is about to make its first change against the ramp's step, if
// its area is on a ramp. What a person has decided is not counted: it needs no check.
func (c *itemCase) admit(ctx context.Context) error {
	if d := c.item.Decision; d != nil && d.Action != runner.ActionRetry {
		return nil
	}
	return c.run.Store.Write(ctx, func(t *store.Tx) error {
		set, err := t.Modes(c.row.Robot, c.row.Area)
		if err != nil {
			return err
		}
		s := Stand(c.run.Ceiling, c.row.Area, set)
		if s.Mode != runner.Ramp {
			return nil
		}
		in, err := t.WasLetIn(c.row.ID)
		if err != nil || in {
			return err
		}
		return c.letIn(t, s)
	})
}

func (c *itemCase) letIn(t *store.Tx, s Standing) error {
	step, err := t.Ramp(c.row.Robot, s.Scope)
	if errors.Is(err, store.ErrNotFound) {
		if err := t.BeginStep(c.row.Robot, s.Scope, firstStep, c.Now()); err != nil {
			return err
		}
		step, err = t.Ramp(c.row.Robot, s.Scope)
	}
	if err != nil {
		return err
	}
	if step.Full() {
		c.held = &parked{store.CodeRamp, fmt.Sprintf(rampText, step.In)}
		return errHeld
	}
	return t.LetIn(c.row.ID, step.ID)
}

// park settles an item that may not be worked now as waiting.
func (r *run) park(c *itemCase, p parked) error {
	now := r.Clock.Now()
	return r.record(c, store.Outcome{State: runner.Waiting, Code: p.code, At: now, Run: r.row.Number, ReadyAt: now.Add(holdFor),
		Words: store.Words{Text: p.text}}, "")
}

// unhold has items worked that were held and may go on now.
func (r *run) unhold(ctx context.Context) error {
	areas, err := r.Store.HeldAreas(ctx, r.robot.Name())
	if err != nil || len(areas) == 0 {
		return err
	}
	return r.Store.Write(ctx, func(t *store.Tx) error {
		for area, n := range areas {
			set, err := t.Modes(r.robot.Name(), area)
			if err != nil {
				return err
			}
			if err := releaseArea(t, r.robot.Name(), area, Stand(r.Ceiling, area, set), n, r.Clock.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// releaseArea releases as many of the n items that are held in an area as may go on.
func releaseArea(t *store.Tx, robot, area string, s Standing, n int, now time.Time) error {
	switch s.Mode {
	case runner.Stopped, runner.Shadow:
		return nil
	case runner.Ramp:
		step, err := t.Ramp(robot, s.Scope)
		if errors.Is(err, store.ErrNotFound) {
			step, err = store.RampStep{Size: firstStep}, nil
		}
		if err != nil {
			return err
		}
		n = step.Size - step.In
	}
	if n <= 0 {
		return nil
	}
	_, err := t.Release(robot, area, now, n)
	return err
}

// modes are the modes of the items that this run works: a live one works in shadow what
// was found in areas that are in shadow.
func (r *run) modes() []runner.Mode {
	if r.opts.Mode == runner.Live && r.shadows.Load() {
		return []runner.Mode{runner.Live, runner.Shadow}
	}
	return []runner.Mode{r.opts.Mode}
}

// nextDue is when the next open item becomes due, and how many are open.
func (r *run) nextDue() (next time.Time, open int, err error) {
	for _, mode := range r.modes() {
		at, n, err := r.Store.NextDue(r.taking, r.robot.Name(), mode)
		if err != nil {
			return next, open, err
		}
		if n > 0 && (open == 0 || at.Before(next)) {
			next = at
		}
		open += n
	}
	return next, open, nil
}

// modeOf is the mode of an item that is found in an area: shadow where the area is, so that
// the item is found anew when the area goes live.
func (r *run) modeOf(area string) (runner.Mode, error) {
	if r.opts.Mode != runner.Live {
		return r.opts.Mode, nil
	}
	set, err := r.Store.Modes(context.WithoutCancel(r.taking))
	if err != nil {
		return "", err
	}
	set = slices.DeleteFunc(set, func(m store.SetMode) bool { return m.Robot != r.robot.Name() })
	if Stand(r.Ceiling, area, set).Mode != runner.Shadow {
		return runner.Live, nil
	}
	r.shadows.Store(true)
	return runner.Shadow, nil
}
