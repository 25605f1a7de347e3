package metrics

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"byskriver/runner"
	"byskriver/runner/store"
)

// since is what has been counted up since serve began: the store is read on from where it
// was read before.
type since struct {
	seq, stop, run int64
	outcomes       map[[3]string]float64 // by robot, mode and outcome
	told           map[[2]string]float64 // by metric and robot
	stops          map[[3]string]float64 // by robot, kind and system
	runs           map[[3]string]float64 // by robot, mode and result
	seen           map[int64]bool        // runs above run that are counted
	took           *prometheus.HistogramVec
}

func (c *collector) items(ctx context.Context, s sink) error {
	open, err := c.Store.OpenItems(ctx)
	if err != nil {
		return err
	}
	n := map[[4]string]float64{}
	for _, o := range open {
		n[[4]string{o.Robot, string(o.Mode), string(o.State), code(o.Code)}] += float64(o.Items)
	}
	for l, items := range n {
		s.gauge("byskriver_items", "Items that have not come to their end, by the code of their last outcome.", items,
			label{"robot", l[0]}, label{"mode", l[1]}, label{"state", l[2]}, label{"code", l[3]})
	}
	return nil
}

func (c *collector) lists(ctx context.Context, s sink) error {
	lists, err := c.Store.Lists(ctx)
	if err != nil {
		return err
	}
	for robot, l := range lists {
		s.gauge("byskriver_exceptions_open", "Items on people's lists.", float64(l.Open), label{"robot", robot})
		s.gauge("byskriver_exceptions_oldest_age_seconds", "How long ago the oldest item on the list was found.",
			c.Clock.Now().Sub(l.Oldest).Seconds(), label{"robot", robot})
	}
	return nil
}

// toldAs are entries of the run log that are counted under names of their own.
var toldAs = map[string][2]string{
	"person.looked_up":    {"byskriver_person_lookups_total", "Look-ups of persons that were logged."},
	"selector.drift":      {"byskriver_selector_drift_total", "Things on screens that were found by a later way than the first, once a run each."},
	"item." + retriedCode: {"byskriver_item_retries_total", "Attempts that failed and are made again."},
}

const retriedCode = string(runner.Failed)

func (c *collector) log(ctx context.Context, s sink) error {
	lag, err := c.Log.Lag(ctx, c.Store.Reader())
	if err != nil {
		return err
	}
	told, err := c.Store.ToldAfter(ctx, c.since.seq, lag.Entries)
	if err != nil {
		return err
	}
	c.since.seq = lag.Entries
	for _, t := range told {
		if as, ok := toldAs[t.Code]; ok {
			c.since.told[[2]string{as[0], t.Robot}] += float64(t.Entries)
		}
		for _, state := range []runner.State{runner.Done, runner.Exception, runner.Waiting, runner.Failed} {
			if t.Code == "item."+string(state) {
				c.since.outcomes[[3]string{t.Robot, string(t.Mode), string(state)}] += float64(t.Entries)
			}
		}
	}
	for _, as := range toldAs {
		for l, n := range c.since.told {
			if l[0] == as[0] {
				s.counter(as[0], as[1]+" Counted since serve began.", n, label{"robot", l[1]})
			}
		}
	}
	for l, n := range c.since.outcomes {
		s.counter("byskriver_item_outcomes_total", "How attempts at items ended. Counted since serve began.", n,
			label{"robot", l[0]}, label{"mode", l[1]}, label{"outcome", l[2]})
	}
	s.gauge("byskriver_log_entries", "Numbered entries of the run log.", float64(lag.Entries))
	s.gauge("byskriver_log_pending_entries", "Entries that wait for their number.", float64(lag.Pending))
	s.gauge("byskriver_log_checkpoint_entries", "Entries that the newest checkpoint covers.", float64(lag.Covered))
	if !lag.Checkpoint.IsZero() {
		s.gauge("byskriver_log_checkpoint_timestamp_seconds", "When the newest checkpoint was signed.", seconds(lag.Checkpoint))
	}
	return nil
}

func (c *collector) stops(ctx context.Context, s sink) error {
	more, last, err := c.Store.StopsAfter(ctx, c.since.stop)
	if err != nil {
		return err
	}
	c.since.stop = last
	for _, p := range more {
		c.since.stops[[3]string{p.Robot, string(p.Kind), p.System}]++
	}
	for l, n := range c.since.stops {
		s.counter("byskriver_robot_stops_total", "How often a robot stopped itself. Counted since serve began.", n,
			label{"robot", l[0]}, label{"kind", l[1]}, label{"system", l[2]})
		if l[1] == string(runner.SignInRefused) {
			s.counter("byskriver_sign_ins_refused_total", "How often a system refused a robot's user or password. Counted since serve began.", n,
				label{"robot", l[0]}, label{"system", l[2]})
		}
	}
	standing, err := c.Store.Stops(ctx)
	if err != nil {
		return err
	}
	now := map[[3]string]bool{}
	for _, p := range standing {
		now[[3]string{p.Robot, string(p.Kind), p.System}] = true
	}
	for l := range now {
		s.gauge("byskriver_robot_stopped", "1 for a robot that stopped itself and has not worked since.", 1,
			label{"robot", l[0]}, label{"kind", l[1]}, label{"system", l[2]})
	}
	return nil
}

func (c *collector) runs(ctx context.Context, s sink) error {
	newer, err := c.Store.RunsAfter(ctx, c.since.run)
	if err != nil {
		return err
	}
	for id, r := range newer {
		if r.Ended.IsZero() || c.since.seen[id] {
			continue
		}
		c.since.seen[id] = true
		c.since.runs[[3]string{r.Robot, string(r.Mode), result(r)}]++
		c.since.took.WithLabelValues(r.Robot, string(r.Mode)).Observe(r.Ended.Sub(r.Started).Seconds())
	}
	c.settle(newer)
	c.since.took.Collect(s.out)
	for l, n := range c.since.runs {
		s.counter("byskriver_runs_total", "Runs that have ended. Counted since serve began.", n, label{"robot", l[0]}, label{"mode", l[1]}, label{"result", l[2]})
	}
	names, err := c.Store.Robots(ctx)
	if err != nil {
		return err
	}
	for _, robot := range names {
		for _, mode := range []runner.Mode{runner.Live, runner.Shadow} {
			if err := c.newest(ctx, s, robot, mode); err != nil {
				return err
			}
		}
	}
	return nil
}

// settleAfter is how long a run may have begun before others and be committed after them.
const settleAfter = 5 * time.Minute

// settle reads on from the runs that have all ended.
func (c *collector) settle(newer map[int64]store.Run) {
	for _, id := range slices.Sorted(maps.Keys(newer)) {
		r := newer[id]
		if r.Ended.IsZero() || c.Clock.Now().Sub(r.Ended) < settleAfter {
			break
		}
		c.since.run = id
	}
	maps.DeleteFunc(c.since.seen, func(id int64, _ bool) bool { return id <= c.since.run })
}

func result(r store.Run) string {
	switch {
	case r.Result.Broken:
		return "failed"
	case r.Result.Stopped != "":
		return "stopped"
	}
	return "ok"
}

func (c *collector) newest(ctx context.Context, s sink, robot string, mode runner.Mode) error {
	labels := []label{{"robot", robot}, {"mode", string(mode)}}
	last, err := c.Store.LastRun(ctx, robot, mode)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s.gauge("byskriver_run_last_end_timestamp_seconds", "When the newest run ended.", seconds(last.Ended), labels...)
	s.gauge("byskriver_run_last_duration_seconds", "How long the newest run took.", last.Ended.Sub(last.Started).Seconds(), labels...)
	sound, err := c.Store.LastSound(ctx, robot, mode)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s.gauge("byskriver_run_last_success_timestamp_seconds", "When the newest run ended that came to its end, with a robot that did not stop itself.", seconds(sound.Ended), labels...)
	return nil
}

func (c *collector) alarms(ctx context.Context, s sink) error {
	standing, unsent, err := c.Store.AlarmCounts(ctx)
	if err != nil {
		return err
	}
	for kind, n := range standing {
		s.gauge("byskriver_alarms_standing", "Alarms that stand.", float64(n), label{"code", code(kind)})
	}
	s.gauge("byskriver_alarm_mails_unsent", "Mails about alarms that are to be sent and that no mail server has taken.", float64(unsent))
	return nil
}

const day = 24 * time.Hour

func (c *collector) expiries(s sink) {
	for _, e := range c.Expiries() {
		if e.At.IsZero() {
			continue
		}
		labels := []label{{"kind", e.Kind}, {"name", e.Name}}
		s.gauge("byskriver_expiry_timestamp_seconds", "When a certificate or password runs out.", seconds(e.At), labels...)
		s.gauge("byskriver_expiry_days_left", "Days until a certificate or password runs out; below 0 it has.", e.At.Sub(c.Clock.Now()).Hours()/day.Hours(), labels...)
	}
}
