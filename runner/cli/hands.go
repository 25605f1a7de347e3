package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
	"byskriver/schedules"
)

// takePlanned takes one planned run that waits for a machine, and starts it.
func (p *place) takePlanned(ctx context.Context, f *files, free []string) error {
	var taken store.Planned
	err := p.house.store.Write(ctx, func(t *store.Tx) (err error) {
		if taken, err = t.TakePlanned(free, p.holder, p.house.machine); err != nil {
			return err
		}
		if taken.Machine == "" {
			return nil
		}
		return p.house.log.Append(t.Context(), t, seal.Key{}, p.takenOver(taken))
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for planned runs: %w", err)
	}
	o := f.robots[taken.Robot]
	k := &keeper{server: p.server, house: f.house, opened: o, help: taken.Machine != "" && taken.Limit > 0}
	r := schedules.Run{Robot: taken.Robot, Schedule: taken.Schedule, Key: taken.Key, At: taken.At, Mode: string(taken.Mode), Limit: taken.Limit}
	p.start(ctx, taken.Robot, func() error { return k.run(ctx, r) })
	return nil
}

// takenOver says that a planned run goes on here.
func (p *place) takenOver(r store.Planned) runlog.Entry {
	return runlog.Entry{At: p.clock.Now(), Code: "schedule.taken_over", Text: "Maskinen " + r.Machine + " svarer ikke, så kørslen fortsætter her.",
		Fields: map[string]string{"key": r.Key, "robot": r.Robot, "schedule": r.Schedule, "from": r.Machine, "machine": p.house.machine}}
}

// takeDead works what a run that was started by hand held when its machine died.
func (p *place) takeDead(ctx context.Context, f *files) error {
	var dead []store.DeadRun
	err := p.house.store.Write(ctx, func(t *store.Tx) (err error) {
		dead, err = t.DeadRuns(f.house.longest())
		return err
	})
	if err != nil {
		return err
	}
	free := p.free(f)
	for _, d := range dead {
		if !slices.Contains(free, d.Robot) {
			continue
		}
		mine, err := p.lease(ctx, "run/"+d.Number)
		if err != nil {
			return err
		}
		if !mine {
			continue
		}
		o := f.robots[d.Robot]
		p.start(ctx, d.Robot, func() error {
			run, err := f.house.work(ctx, o.robot, o.drift, goOn(d))
			if run.Number != "" {
				p.say(summary(run))
			}
			return errors.Join(err, o.close())
		})
		return nil
	}
	return nil
}

// start runs a robot that is free, beside others.
func (p *place) start(ctx context.Context, robot string, do func() error) {
	lane := p.lanes[robot]
	lane <- struct{}{}
	p.runs.Go(func() {
		defer func() { <-lane }()
		if err := do(); err != nil && ctx.Err() == nil {
			p.complain(fmt.Errorf("run of %s: %w", robot, err))
		}
	})
}
