package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"byskriver/runner"
	"byskriver/runner/engine"
	"byskriver/runner/store"
)

type runCmd struct {
	Robot  string `arg:"" help:"The robot's name."`
	Shadow bool   `help:"Record what would be changed, and change nothing."`
	Limit  *int   `help:"Take up at most N items." placeholder:"N"`
}

// Run lets a robot collect and work until nothing is ready, and prints one line.
func (c *runCmd) Run(e *env) error {
	limit := 0 // none
	if c.Limit != nil {
		if limit = *c.Limit; limit < 1 {
			return usage("--limit takes a whole number above 0")
		}
	}
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	mode := runner.Live
	if c.Shadow {
		mode = runner.Shadow
	}
	if err := h.mayWork(c.Robot); err != nil {
		return err
	}
	drift := &drift{}
	robot, closeRobot, err := e.robot(h.conf, c.Robot, h.shelf, drift)
	if err != nil {
		return err
	}
	show, done := progress(e.Stderr)
	run, err := h.work(e.ctx, robot, drift, engine.RunOptions{Mode: mode, Limit: limit, Progress: show})
	done()
	err = errors.Join(err, closeRobot())
	if errors.Is(err, engine.ErrBusy) {
		return fmt.Errorf("%s arbejdes allerede af et andet program på dette lager; vent, til det er færdigt", c.Robot)
	}
	if run.Number != "" {
		fmt.Fprintln(e.Stdout, summary(run))
	}
	if err != nil {
		return err
	}
	if run.Result.Stopped != "" {
		return fmt.Errorf("%s standsede sig selv: %s", c.Robot, run.Result.Stopped)
	}
	return nil
}

// work is one run of a robot: what was found by a later way is logged with it.
func (h *house) work(ctx context.Context, robot runner.Robot, drift *drift, o engine.RunOptions) (store.Run, error) {
	// A robot that keeps more than its items has a view of itself that changes none of it.
	if v, ok := robot.(interface{ Shadow() runner.Robot }); ok {
		held, err := h.inShadow(ctx, robot.Name())
		if err != nil {
			return store.Run{}, err
		}
		if held && o.Mode == runner.Live {
			o.Mode = runner.Shadow
		}
		if o.Mode == runner.Shadow {
			robot = v.Shadow()
		}
	}
	run, err := h.engine(robot.Name(), robot).Run(ctx, collector{robot}, o)
	if run.Number == "" {
		return run, err
	}
	return run, errors.Join(err, drift.log(context.WithoutCancel(ctx), h, run.Number))
}

// inShadow reports whether the whole robot is held back to shadow.
func (h *house) inShadow(ctx context.Context, robot string) (bool, error) {
	set, err := h.store.Modes(ctx)
	if err != nil {
		return false, err
	}
	set = slices.DeleteFunc(set, func(m store.SetMode) bool { return m.Robot != robot })
	return engine.Stand(ceiling(h.conf.Robots[robot]), "", set).Mode == runner.Shadow, nil
}

// collector is a robot that fails where it would panic while it looks for work, so
// that the run comes to its own end. While it works the engine sees to that.
type collector struct{ runner.Robot }

// Collect is the robot's.
func (c collector) Collect(ctx context.Context, found runner.Finder) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("robot %s broke down while it looked for work: %v\n%s", c.Name(), p, debug.Stack())
		}
	}()
	return c.Robot.Collect(ctx, found)
}

// LooksIn is the robot's, if it says any.
func (c collector) LooksIn() []string {
	if looker, ok := c.Robot.(engine.Looker); ok {
		return looker.LooksIn()
	}
	return nil
}

// summary is the one line that cron mails.
func summary(r store.Run) string {
	s := fmt.Sprintf("%s: %d fundet, %d klaret, %d på listen, %d venter, %d fejlet", r.Number,
		r.Result.Found, r.Result.Done, r.Result.Exceptions, r.Result.Waiting, r.Result.Failed)
	if r.Result.Shadow > 0 {
		s += fmt.Sprintf(", %d i skygge", r.Result.Shadow)
	}
	if r.Result.Left > 0 {
		s += fmt.Sprintf(", %d ikke taget op", r.Result.Left)
	}
	if r.Mode == runner.Shadow {
		s += " (skyggekørsel: intet er ændret)"
	}
	return s
}

// progress shows a bar where a person watches, and nothing elsewhere.
func progress(w io.Writer) (show func(store.Result), done func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(f), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	return func(r store.Result) {
			bar.Describe(fmt.Sprintf("%d klaret, %d på listen", r.Done, r.Exceptions))
			// The bar is for the eye; a terminal that went away is no reason to stop.
			_ = bar.Set(r.Found)
		}, func() {
			_ = bar.Finish()
		}
}
