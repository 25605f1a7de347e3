package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// firstStep is how many items a ramp lets in first; each further step is twice the one
// before.
const firstStep = 10

// rank is how far a mode lets a robot go.
func rank(m runner.Mode) int {
	return slices.Index([]runner.Mode{runner.Stopped, runner.Shadow, runner.Ramp, runner.Live}, m)
}

// Ceiling is the configuration's mode for an area, and whether the area has one of its own.
type Ceiling func(area string) (mode runner.Mode, own bool)

// Standing is the mode that an area is in.
type Standing struct {
	Mode  runner.Mode
	Scope string        // for a ramp: whose steps count, the area's or ("") the robot's
	Set   store.SetMode // what a person has set, where that decides; otherwise the configuration does
}

// Stand finds the mode of an area: the lowest of the configuration's, of what is set for the
// robot and of what is set for the area.
func Stand(c Ceiling, area string, set []store.SetMode) Standing {
	s := Standing{Mode: runner.Live}
	if c != nil {
		mode, own := c(area)
		if s.Mode = mode; own {
			s.Scope = area
		}
	}
	for _, m := range set {
		if m.Area != "" && m.Area != area || rank(m.Mode) > rank(s.Mode) {
			continue
		}
		s.Mode, s.Set = m.Mode, m
		if s.Scope == "" || m.Mode != runner.Ramp {
			s.Scope = m.Area
		}
	}
	return s
}

// SetMode notes and logs the mode that a person sets, and has what was held and may go on
// worked: at once where a run is under way. The caller has held it against the ceiling.
func (e *Engine) SetMode(ctx context.Context, m store.SetMode) error {
	areas, err := e.Store.HeldAreas(ctx, m.Robot)
	if err != nil {
		return err
	}
	m.Why = runner.Mask(m.Why)
	return e.Store.Write(ctx, func(t *store.Tx) error { return e.setMode(t, m, areas) })
}

func (e *Engine) setMode(t *store.Tx, m store.SetMode, areas map[string]int) error {
	before, err := t.Modes(m.Robot, m.Area)
	if err != nil {
		return err
	}
	f := map[string]string{"robot": m.Robot, "area": m.Area, "mode": string(m.Mode), "from": string(Stand(e.Ceiling, m.Area, before).Mode), "by": m.By}
	if err := t.SetMode(m); err != nil {
		return err
	}
	if m.Mode == runner.Ramp {
		if err := t.BeginStep(m.Robot, m.Area, firstStep, m.At); err != nil {
			return err
		}
	}
	for area, n := range areas {
		if m.Area != "" && area != m.Area {
			continue
		}
		set, err := t.Modes(m.Robot, area)
		if err != nil {
			return err
		}
		if err := releaseArea(t, m.Robot, area, Stand(e.Ceiling, area, set), n, m.At); err != nil {
			return err
		}
	}
	return e.Log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: m.At, Code: "mode.set", Text: m.Why, Fields: f})
}

// Check notes and logs what a person says of an item that a ramp let in. When all of a full
// step are right the next begins, twice as large; one that is wrong stops the scope.
// store.ErrStale means that there was nothing to check.
func (e *Engine) Check(ctx context.Context, row store.Row, right bool, d runner.Decision) error {
	keys, err := e.Store.Keys(ctx, row)
	if err != nil {
		return err
	}
	areas, err := e.Store.HeldAreas(ctx, row.Robot)
	if err != nil {
		return err
	}
	rows, err := e.Log.Seal(keys.Log, runlog.Entry{At: d.At, Code: "ramp.checked", Item: row.Number, Text: d.Note,
		Fields: map[string]string{"right": fmt.Sprint(right), "by": d.By, "source": d.Source, "digest": d.Digest}})
	if err != nil {
		return err
	}
	return e.Store.Write(ctx, func(t *store.Tx) error {
		scope, present, err := t.JudgeStep(row.ID, right, d.At)
		if errors.Is(err, store.ErrNotFound) {
			return store.ErrStale
		}
		if err != nil {
			return err
		}
		if err := e.Log.Write(t.Context(), t, rows...); err != nil || !present {
			return err
		}
		if !right {
			return e.setMode(t, store.SetMode{Robot: row.Robot, Area: scope, Mode: runner.Stopped, By: d.By, At: d.At,
				Why: "Kontrollen fandt en fejl i " + row.Number}, nil)
		}
		return e.nextStep(t, row.Robot, scope, d, areas)
	})
}

// nextStep begins the next step where the present one is full and all of it is right.
func (e *Engine) nextStep(t *store.Tx, robot, scope string, d runner.Decision, areas map[string]int) error {
	step, err := t.Ramp(robot, scope)
	if err != nil || !step.Full() || step.Right < step.In {
		return err
	}
	size := 2 * step.Size
	if err := t.BeginStep(robot, scope, size, d.At); err != nil {
		return err
	}
	for area, n := range areas {
		if scope != "" && area != scope {
			continue
		}
		if _, err := t.Release(robot, area, d.At, min(n, size)); err != nil {
			return err
		}
	}
	return e.Log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: d.At, Code: "ramp.step",
		Fields: map[string]string{"robot": robot, "area": scope, "size": fmt.Sprint(size), "by": d.By}})
}
