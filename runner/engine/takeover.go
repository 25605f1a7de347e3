package engine

import (
	"context"
	"strconv"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// queues are the queues of the robot's jobs.
func (r *run) queues() []string {
	return []string{r.queueName(runner.Live), r.queueName(runner.Shadow)}
}

// takeOver frees what dead workers of the robot held, and ends the runs that were cut
// off with them. Who has the robot's lock knows all others to be dead; on a shared store
// it is those whose lease has run out.
func (r *run) takeOver(t *store.Tx) error {
	var held int64
	var err error
	if r.Store.Shared() {
		held, err = t.TakeOver(r.robot.Name(), r.longestRequest(), r.queues()...)
	} else {
		held, err = t.Recover(r.robot.Name())
	}
	if err != nil {
		return err
	}
	cut, err := t.CutOff(r.robot.Name())
	if err != nil {
		return err
	}
	for _, number := range cut {
		if err := r.closeCutOff(t, number, held); err != nil {
			return err
		}
	}
	return nil
}

// closeCutOff ends a run that was cut off, so that its log says so.
func (r *run) closeCutOff(t *store.Tx, number string, held int64) error {
	now := r.Clock.Now()
	if err := t.EndRun(number, now, store.Result{Stopped: "Kørslen blev afbrudt."}); err != nil {
		return err
	}
	return r.Log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: now, Code: "run.cut_off", Run: number,
		Fields: map[string]string{"held": strconv.FormatInt(held, 10)}})
}

// longestRequest is how long a change may still be under way after its worker is dead.
func (e *Engine) longestRequest() time.Duration {
	var most time.Duration
	for _, s := range e.Systems {
		most = max(most, s.LongestRequest)
	}
	return most
}

// takeOverDead takes over from workers that died while this run goes on, and gives their
// items to it.
func (r *run) takeOverDead(ctx context.Context) error {
	if !r.Store.Shared() {
		return nil
	}
	return r.Store.Write(ctx, r.takeOver)
}

// startFields are what the run's first entry says.
func (r *run) startFields() map[string]string {
	f := with(r.Facts, "mode", string(r.opts.Mode))
	if r.Machine != "" {
		f["machine"] = r.Machine
	}
	return f
}

// cutWhenLost cuts an attempt off when the claims are lost; what it returns ends the
// watching.
func (r *run) cutWhenLost(cut context.CancelFunc) (stop func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-r.lease.lost:
			cut()
		case <-done:
		}
	}()
	return func() { close(done) }
}
