package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"byskriver/runner/engine"
	"byskriver/runner/store"
)

// On a shared store every machine serves, and one of them at a time keeps the
// schedules: it writes down which planned runs are due, and a machine that the robot is
// assigned to runs each.
const (
	schedulerLease = "scheduler"
	serveLease     = 12 * time.Second
	renewEvery     = serveLease / 3
	handsEvery     = time.Second
)

// place is this machine's part in a shared store.
type place struct {
	*server
	mu      sync.Mutex
	files   *files
	changed bool // files were read anew, and the scheduler has not taken them into use
	lanes   map[string]chan struct{}
	runs    sync.WaitGroup
}

// serveShared serves on this machine until ctx ends, and reads all files anew at each
// SIGHUP.
func (s *server) serveShared(ctx context.Context, f *files) error {
	id := make([]byte, 8)
	rand.Read(id)
	s.holder = s.house.machine + "-" + hex.EncodeToString(id)
	if _, known := f.house.conf.Machines[s.house.machine]; !known && len(f.house.conf.Machines) > 0 {
		return usage("%s: this machine is called %s, which is not among machines; name it there, or say with --machine which it is", f.house.conf.File, s.house.machine)
	}
	p := &place{server: s, files: f, lanes: map[string]chan struct{}{}}
	if err := p.join(ctx); err != nil {
		return err
	}
	shut, err := s.openDoors(f.robots)
	if err != nil {
		return errors.Join(err, p.leave(ctx))
	}
	s.say("machine " + s.house.machine + " serves; " + s.next(f))
	var loops sync.WaitGroup
	loops.Go(func() { p.lead(ctx) })
	loops.Go(func() { p.hands(ctx) })
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.again:
			shut = p.reload(ctx, shut)
		}
	}
	shut()
	loops.Wait()
	p.runs.Wait()
	return p.leave(ctx)
}

// join takes this machine's name, for which a serve that was killed here a moment ago
// may have to be waited for.
func (p *place) join(ctx context.Context) error {
	for since := p.clock.Now(); ; {
		mine, err := p.lease(ctx, "machine/"+p.house.machine)
		if err != nil {
			return fmt.Errorf("begin to serve: %w", err)
		}
		if mine {
			return p.tell(ctx, "machine.joined", "Maskinen "+p.house.machine+" arbejder med.")
		}
		if p.clock.Now().Sub(since) > 2*serveLease {
			return fmt.Errorf("byskriver serve kører allerede på maskinen %s. Er det en anden maskine, så giv den sit eget navn med --machine", p.house.machine)
		}
		if err := p.clock.Wait(ctx, handsEvery); err != nil {
			return err
		}
	}
}

func (p *place) leave(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	err := p.tell(ctx, "machine.left", "Maskinen "+p.house.machine+" arbejder ikke mere med.")
	return errors.Join(err, p.house.store.Write(ctx, func(t *store.Tx) error { return t.DropLeases(p.holder) }))
}

func (p *place) lease(ctx context.Context, name string) (mine bool, err error) {
	err = p.house.store.Write(ctx, func(t *store.Tx) (err error) {
		mine, err = t.TakeLease(name, p.holder, p.house.machine, serveLease)
		return err
	})
	return mine, err
}

// reload reads all files anew and opens the doors anew.
func (p *place) reload(ctx context.Context, shut func()) func() {
	next, err := p.read()
	if err != nil {
		p.complain(p.tell(ctx, "schedule.reload_refused", "De nye filer er ikke i orden, så de gamle gælder stadig: "+err.Error()))
		p.complain(fmt.Errorf("the new files are not in order, so the old ones stay in force: %w", err))
		return shut
	}
	shut()
	p.mu.Lock()
	p.takeLimits(next)
	p.files, p.changed = next, true
	p.mu.Unlock()
	if shut, err = p.openDoors(next.robots); err != nil {
		p.complain(fmt.Errorf("take calls anew: %w; send SIGHUP again when that is mended", err))
	}
	p.complain(p.tell(ctx, "schedule.reloaded", ""))
	p.say("files read anew; " + p.next(next))
	return shut
}

// lead keeps this machine's leases, and the schedules while no other machine does.
func (p *place) lead(ctx context.Context) {
	var stop func() // ends the keeping; nil while another machine keeps the schedules
	defer p.pulse.ends("leases")
	for {
		p.pulse.waits("leases", p.clock.Running()+serveLease)
		held := p.clock.Running()
		mine, err := p.leases(ctx)
		p.complain(err)
		p.mu.Lock()
		f, changed := p.files, p.changed
		p.changed = false
		p.mu.Unlock()
		if stop != nil && (!mine || changed) {
			stop()
			p.all.Wait()
			stop = nil
		}
		if stop == nil && mine && p.clock.Running()-held < serveLease {
			if err := p.begin(ctx, f); err != nil {
				p.complain(fmt.Errorf("begin to keep the schedules: %w", err))
			} else {
				stop = p.keepAll(ctx, f)
				p.say("machine " + p.house.machine + " keeps the schedules")
			}
		}
		if p.clock.Wait(ctx, renewEvery) != nil {
			break
		}
	}
	if stop != nil {
		stop()
		p.all.Wait()
		p.complain(p.end(context.WithoutCancel(ctx)))
	}
}

// leases prolongs this machine's name, and takes or prolongs the scheduler's part.
func (p *place) leases(ctx context.Context) (scheduler bool, err error) {
	if _, err := p.lease(ctx, "machine/"+p.house.machine); err != nil {
		return false, fmt.Errorf("prolong this machine's lease: %w", err)
	}
	scheduler, err = p.lease(ctx, schedulerLease)
	return scheduler, err
}

// schedules makes sure that this program keeps the schedules until the transaction ends.
func (s *server) schedules(t *store.Tx) error {
	if s.holder == "" {
		return nil
	}
	return t.HoldsLease(schedulerLease, s.holder)
}

// cutOff are the planned runs that were cut off with the program before this one. Where
// machines share the store they are taken up again instead.
func (s *server) cutOff(t *store.Tx) ([]store.Planned, error) {
	if s.holder != "" {
		return nil, s.schedules(t)
	}
	return t.OpenPlanned()
}

// elsewhere waits until no machine has a planned run of the robot before it.
func (k *keeper) elsewhere(turn context.Context) error {
	for {
		var open []store.Planned
		err := k.house.store.Write(turn, func(t *store.Tx) (err error) {
			open, err = t.PlannedOf(k.schedule.Robot)
			return err
		})
		if err != nil || len(open) == 0 {
			return err
		}
		if err := k.clock.Wait(turn, handsEvery); err != nil {
			return nil
		}
	}
}

// hands runs what is due for this machine: planned runs, and what other machines left
// when they died.
func (p *place) hands(ctx context.Context) {
	defer p.pulse.ends("hands")
	for p.clock.Wait(ctx, handsEvery) == nil {
		p.pulse.waits("hands", p.clock.Running()+handsEvery)
		p.mu.Lock()
		f := p.files
		p.mu.Unlock()
		free := p.free(f)
		if len(free) == 0 {
			continue
		}
		err := p.takePlanned(ctx, f, free)
		if err == nil {
			err = p.takeDead(ctx, f)
		}
		if ctx.Err() == nil {
			p.complain(err)
		}
	}
}

// free are the robots of this machine that it does not work just now.
func (p *place) free(f *files) []string {
	var names []string
	for name := range f.robots {
		if p.lanes[name] == nil {
			p.lanes[name] = make(chan struct{}, 1)
		}
		if len(p.lanes[name]) == 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// longest is how long a request to any system may last.
func (h *house) longest() time.Duration {
	var most time.Duration
	for _, s := range h.conf.Systems {
		most = max(most, s.LongestRequest)
	}
	return most
}

// goOn is what goes on with a dead run: all that it found, or, where it had a limit, as
// many items as it held.
func goOn(d store.DeadRun) engine.RunOptions {
	o := engine.RunOptions{Mode: d.Mode, Help: true}
	if d.Limit > 0 {
		o.Limit = max(1, d.Held)
	}
	return o
}
