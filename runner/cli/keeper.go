package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"byskriver/runner"
	"byskriver/runner/engine"
	"byskriver/runner/store"
	"byskriver/schedules"
)

const (
	// lookEvery is the longest that nobody looks at the wall clock, which may be
	// set, or run on while the machine sleeps.
	lookEvery = time.Minute
	// A robot that somebody works by hand is asked for again so often, and so long.
	busyEvery = 30 * time.Second
	busyMost  = 30 * time.Minute
)

// keeper keeps one schedule.
type keeper struct {
	*server
	house    *house
	schedule *schedules.Schedule
	opened   *opened
	lane     chan struct{}
	help     bool // nothing new is looked for
}

// keep starts what is due until its turn ends. ctx is for runs: they go on when
// only the turn has ended. What fails is told, and tried again at the next look.
func (k *keeper) keep(ctx, turn context.Context) {
	loop := "schedule " + k.schedule.Robot + "/" + k.schedule.Name
	defer k.pulse.ends(loop)
	for {
		k.pulse.works(loop)
		again, err := k.look(ctx, turn)
		if turn.Err() != nil {
			k.complain(err)
			return
		}
		wait := lookEvery
		if err != nil {
			k.complain(fmt.Errorf("keep the schedule %s/%s: %w", k.schedule.Robot, k.schedule.Name, err))
		} else if !again.IsZero() {
			wait = min(wait, again.Sub(k.clock.Now()))
		}
		k.pulse.waits(loop, k.clock.Running()+wait)
		if k.clock.Wait(turn, wait) != nil {
			return
		}
	}
}

// look starts the run that is due, if any, and returns when to look again. It
// waits until the robot is free, and only then asks what is due: a run that has
// gone on for long may have made this one late, or the target may have closed.
func (k *keeper) look(ctx, turn context.Context) (again time.Time, err error) {
	select {
	case k.lane <- struct{}{}:
		defer func() { <-k.lane }()
	case <-turn.Done():
		return again, nil
	}
	if turn.Err() != nil {
		return again, nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = errors.Join(err, fmt.Errorf("it broke down: %v\n%s", p, debug.Stack()))
		}
	}()
	if k.holder != "" {
		if err := k.elsewhere(turn); err != nil || turn.Err() != nil {
			return again, err
		}
	}
	now := k.clock.Now()
	owed := k.schedule.Due(k.marks.of(k.schedule), now)
	start, err := k.settle(ctx, owed, now)
	if err != nil {
		return again, err
	}
	if start && k.holder != "" {
		return owed.Again, k.elsewhere(turn)
	}
	if start {
		return owed.Again, k.run(ctx, owed.Run)
	}
	return owed.Again, nil
}

// run runs the robot and notes how that ended.
func (k *keeper) run(ctx context.Context, planned schedules.Run) error {
	run, err := k.work(ctx, planned)
	if closeErr := k.opened.close(); closeErr != nil {
		err = errors.Join(err, fmt.Errorf("end what robot %s started: %w", planned.Robot, closeErr))
	}
	if run.Number != "" {
		k.say(summary(run))
	}
	how := ending(ctx, run, err)
	if how.text != "" {
		k.complain(fmt.Errorf("%s %s: %s", how.code, planned.Key, how.text))
	}
	return k.note(context.WithoutCancel(ctx), planned, run, how)
}

// work runs the robot as `byskriver run` does. A panic is an error like others.
func (k *keeper) work(ctx context.Context, planned schedules.Run) (run store.Run, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("robot %s broke down: %v\n%s", planned.Robot, p, debug.Stack())
		}
	}()
	o := engine.RunOptions{Mode: runner.Mode(planned.Mode), Limit: planned.Limit, Help: k.help}
	for since := k.clock.Now(); ; {
		run, err = k.house.work(ctx, k.opened.robot, k.opened.drift, o)
		if !errors.Is(err, engine.ErrBusy) || k.clock.Now().Sub(since) >= busyMost {
			return run, err
		}
		if waitErr := k.clock.Wait(ctx, busyEvery); waitErr != nil {
			return run, waitErr
		}
	}
}

// ended says in the run log how a planned run ended.
type ended struct{ code, text string }

func ending(ctx context.Context, run store.Run, err error) ended {
	switch {
	case err == nil && run.Result.Stopped == "":
		return ended{store.EndedWell, ""}
	case err == nil:
		return ended{store.EndedWell, "Robotten standsede sig selv: " + run.Result.Stopped}
	case ctx.Err() != nil:
		return ended{"schedule.interrupted", "Kørslen blev standset sammen med programmet. Det, den ikke nåede, tages af den næste."}
	case errors.Is(err, engine.ErrBusy):
		return ended{"schedule.skipped", "Robotten blev arbejdet af et andet program i mere end " + busyMost.String() + ", så kørslen blev opgivet."}
	}
	return ended{"schedule.failed", err.Error()}
}
