package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/schedules"
)

type serveCmd struct{}

// Run serves the schedules until SIGTERM.
func (c *serveCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	if !h.store.Shared() {
		lock, err := lockAlone(h.store.LockPath("serve"), "byskriver serve kører allerede på dette lager")
		if err != nil {
			return err
		}
		defer lock.Close()
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	return newServer(e, h, e.clock(), again).serve(e.ctx)
}

// lockAlone takes a lock that one program at a time has, or says that it is taken. The
// kernel gives it back however the program ends.
func lockAlone(path, taken string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a lock: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errors.Join(errors.New(taken), f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

// server runs the schedules: a goroutine a schedule, and one run at a time a robot.
type server struct {
	env   *env
	house *house
	clock runner.Clock // that schedules are kept by
	again <-chan os.Signal

	lanes map[string]chan struct{} // by robot: who holds its one token works it
	marks marks
	pulse pulse
	force atomic.Pointer[config.Config] // the configuration that was read last and is in order
	all   sync.WaitGroup

	saying sync.Mutex

	holder string // of this program's leases, where machines share the store
}

func newServer(e *env, h *house, clock runner.Clock, again <-chan os.Signal) *server {
	return &server{env: e, house: h, clock: clock, again: again, lanes: map[string]chan struct{}{}}
}

// files is everything that a server reads, as it stood when it was read and found
// to be in order.
type files struct {
	house  *house // with this configuration
	tables []*schedules.Timetable
	robots map[string]*opened
}

// opened is a robot with what counts its drift.
type opened struct {
	robot runner.Robot
	close func() error
	drift *drift
}

// read reads and checks all files, and builds the robots that have a timetable.
func (s *server) read() (*files, error) {
	conf, tables, wrong := s.env.checked()
	switch {
	case len(wrong) > 0:
		return nil, &failure{exitUsage, errors.New(strings.Join(wrong, "\n"))}
	case conf.Schedules == "":
		return nil, noSchedules(conf)
	case len(tables) == 0:
		return nil, &failure{exitUsage, fmt.Errorf("%s: no file of schedules in it; there must be one a robot, such as invoice.yaml", conf.Schedules)}
	}
	if err := s.sameHouse(conf); err != nil {
		return nil, &failure{exitUsage, err}
	}
	h := *s.house
	h.conf, h.told = conf, told(h.version, conf)
	conf.Guard(guard{s.house.doors})
	s.force.Store(conf)
	f := &files{house: &h, tables: tables, robots: map[string]*opened{}}
	for _, t := range tables {
		if !conf.Assigned(h.machine, t.Robot) {
			continue
		}
		d := &drift{}
		robot, done, err := s.env.robot(conf, t.Robot, h.shelf, d)
		if err != nil {
			return nil, err
		}
		f.robots[t.Robot] = &opened{robot: robot, close: done, drift: d}
	}
	return f, nil
}

// sameHouse refuses another store or log: what is open stays open until the end.
func (s *server) sameHouse(conf *config.Config) error {
	have := s.house.conf
	if conf.Municipality != have.Municipality || !reflect.DeepEqual(conf.Store, have.Store) || !reflect.DeepEqual(conf.Log, have.Log) || conf.Operations.Address != have.Operations.Address {
		return &config.Problem{File: conf.File, Text: "municipality, store, log or operations.address is another than at the start; stop byskriver serve and start it again for that"}
	}
	return nil
}

// serve keeps the schedules until ctx ends, and reads all files anew at each SIGHUP.
func (s *server) serve(ctx context.Context) error {
	f, err := s.read()
	if err != nil {
		return err
	}
	s.takeLimits(f)
	unwatched, err := s.beWatched(ctx)
	if err != nil {
		return err
	}
	defer unwatched()
	if s.house.store.Shared() {
		return s.serveShared(ctx, f)
	}
	if err := s.begin(ctx, f); err != nil {
		return fmt.Errorf("begin to serve: %w", err)
	}
	shut, err := s.openDoors(f.robots)
	if err != nil {
		return err
	}
	stop := s.keepAll(ctx, f)
	s.say("serving; " + s.next(f))
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.again:
			next, err := s.read()
			if err != nil {
				s.complain(s.tell(ctx, "schedule.reload_refused", "De nye filer er ikke i orden, så de gamle gælder stadig: "+err.Error()))
				s.complain(fmt.Errorf("the new files are not in order, so the old ones stay in force: %w", err))
				continue
			}
			if err := s.settleMarks(ctx, next); err != nil {
				s.complain(fmt.Errorf("take the new files into use: %w; the old ones stay in force", err))
				continue
			}
			stop()
			shut()
			s.takeLimits(next)
			if shut, err = s.openDoors(next.robots); err != nil {
				s.complain(fmt.Errorf("take calls anew: %w; send SIGHUP again when that is mended", err))
			}
			stop = s.keepAll(ctx, next)
			s.complain(s.tell(ctx, "schedule.reloaded", ""))
			s.say("files read anew; " + s.next(next))
		}
	}
	shut()
	stop()
	s.all.Wait()
	return s.end(context.WithoutCancel(ctx))
}

// keepAll keeps every schedule. stop ends that; a run under way comes to its own
// end first, as nobody takes up its robot before.
func (s *server) keepAll(ctx context.Context, f *files) (stop func()) {
	turn, stop := context.WithCancel(ctx)
	s.all.Go(func() { s.discloseDaily(ctx, turn, f.house) })
	if keeps(f.house.conf) {
		s.all.Go(func() { s.retainDaily(ctx, turn, f.house) })
	}
	if f.house.conf.Operations.Alarms != nil {
		s.all.Go(func() { s.watchAlarms(ctx, turn, f) })
	}
	for _, t := range f.tables {
		lane, ok := s.lanes[t.Robot]
		if !ok {
			lane = make(chan struct{}, 1)
			s.lanes[t.Robot] = lane
		}
		for _, schedule := range t.Schedules {
			k := &keeper{server: s, house: f.house, schedule: schedule, opened: f.robots[t.Robot], lane: lane}
			s.all.Go(func() { k.keep(ctx, turn) })
		}
	}
	return stop
}

// next is what runs first.
func (s *server) next(f *files) string {
	for _, r := range schedules.Upcoming(s.clock.Now(), 1, f.tables...) {
		return "next: " + planned(r)
	}
	return "nothing is planned"
}

// say tells operators, on standard output, what goes on.
func (s *server) say(text string) {
	s.saying.Lock()
	defer s.saying.Unlock()
	fmt.Fprintln(s.env.Stdout, text)
}

// complain tells operators, on standard error, what went wrong outside of any run.
func (s *server) complain(err error) {
	if err != nil {
		s.saying.Lock()
		defer s.saying.Unlock()
		fmt.Fprintln(s.env.Stderr, "byskriver:", runner.Mask(err.Error()))
	}
}
