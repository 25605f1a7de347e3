package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"byskriver/runner/alarms"
	"byskriver/runner/config"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
	"byskriver/schedules"
)

// alarmsEvery is how often is looked for alarms, machineGrace how long a machine may be
// away, and sizesEvery how often it is noted how long the lists are.
const (
	alarmsEvery  = time.Minute
	machineGrace = 5 * time.Minute
	sizesEvery   = time.Hour
)

// watcher looks for alarms while its server keeps the schedules. Mails are sent beside it:
// a mail server that hangs keeps nobody from looking.
type watcher struct {
	*server
	files   *files
	health  health
	away    map[string]time.Duration // machines, since when by Clock.Running
	sending chan struct{}            // holds one while mails are sent
	failing string                   // why mails were unsent when that was told last
}

// watchAlarms looks until turn ends.
func (s *server) watchAlarms(ctx, turn context.Context, f *files) {
	w := &watcher{server: s, files: f, health: health{server: s}, away: map[string]time.Duration{}, sending: make(chan struct{}, 1)}
	const loop = "alarms"
	defer s.pulse.ends(loop)
	for {
		s.pulse.waits(loop, s.clock.Running()+alarmsEvery)
		if s.clock.Wait(turn, alarmsEvery) != nil {
			break
		}
		s.pulse.works(loop)
		if err := w.look(ctx); err != nil && turn.Err() == nil {
			s.complain(fmt.Errorf("look for alarms: %w", err))
		}
		w.deliver(turn)
	}
	w.sending <- struct{}{} // who sends has heard that the turn has ended
}

// look finds what is the matter and brings the alarms in step with it.
func (w *watcher) look(ctx context.Context) error {
	facts, err := w.facts(ctx)
	if err != nil {
		return err
	}
	rules := w.files.house.conf.Operations.Alarms
	causes := alarms.Judge(rules, facts)
	var changed int
	err = w.house.store.Write(ctx, func(t *store.Tx) error {
		if err := w.schedules(t); err != nil {
			return err
		}
		changes, err := alarms.Keep(t, rules, causes, facts.Now)
		if err != nil {
			return err
		}
		for robot, l := range facts.Lists {
			if err := t.NoteList(robot, l.Open, facts.Now, facts.Now.Add(-sizesEvery)); err != nil {
				return err
			}
		}
		if changed = len(changes); changed == 0 {
			return nil
		}
		return w.house.log.Append(t.Context(), t, seal.Key{}, alarmEntries(changes, facts.Now)...)
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil // another machine keeps the schedules by now, and looks
	}
	if err != nil || changed == 0 {
		return err
	}
	return w.house.prove(ctx)
}

// logIll reports whether the log's proof is behind and cannot be brought up. What was left
// lying, such as for a folder that could not be reached, is taken up.
func (w *watcher) logIll(ctx context.Context) bool {
	if w.health.log(ctx) == nil {
		return false
	}
	return w.house.prove(ctx) != nil || w.health.log(ctx) != nil
}

// alarmEntries tell the run log which alarms have begun or are over.
func alarmEntries(changes []alarms.Change, now time.Time) []runlog.Entry {
	entries := make([]runlog.Entry, len(changes))
	for i, c := range changes {
		entries[i] = runlog.Entry{At: now, Code: "alarm.begun", Text: c.Text, Fields: map[string]string{"alarm": c.Code, "about": c.About}}
		if c.Over {
			entries[i].Code = "alarm.over"
		}
	}
	return entries
}

func (w *watcher) facts(ctx context.Context) (f alarms.Facts, err error) {
	h := w.house
	f = alarms.Facts{Now: w.clock.Now(), Zone: h.zone, Lists: map[string]alarms.List{}, LogIll: w.logIll(ctx)}
	if f.Stops, err = h.store.Stops(ctx); err != nil {
		return f, err
	}
	if err := w.planned(ctx, &f); err != nil {
		return f, err
	}
	lists, err := h.store.Lists(ctx)
	if err != nil {
		return f, err
	}
	for robot := range w.files.house.conf.Robots {
		l := alarms.List{List: lists[robot]}
		if l.Before, l.Known, err = h.store.ListThen(ctx, robot, f.Now.Add(-48*time.Hour), f.Now.Add(-24*time.Hour)); err != nil {
			return f, err
		}
		f.Lists[robot] = l
	}
	f.Expiries = w.env.expiries(w.files.house.conf, h.zone)
	f.Gone, err = w.gone(ctx)
	return f, err
}

// planned looks how the planned runs of every schedule stand.
func (w *watcher) planned(ctx context.Context, f *alarms.Facts) error {
	marks, err := w.house.store.Marks(ctx)
	if err != nil {
		return err
	}
	for _, t := range w.files.tables {
		for _, s := range t.Schedules {
			newest, ending, err := w.house.store.NewestPlanned(ctx, s.Robot, s.Name)
			if errors.Is(err, store.ErrNotFound) {
				i := slices.IndexFunc(marks, func(m store.Mark) bool { return m.Robot == s.Robot && m.Schedule == s.Name })
				if i < 0 {
					continue // it is not served yet
				}
				newest.At, err = marks[i].Settled, nil
				ending = store.EndedWell
			}
			if err != nil {
				return err
			}
			if err := w.standing(ctx, f, s, newest, ending); err != nil {
				return err
			}
		}
	}
	return nil
}

// standing adds how one schedule stands whose newest run is known.
func (w *watcher) standing(ctx context.Context, f *alarms.Facts, s *schedules.Schedule, newest store.Planned, ending string) error {
	switch {
	case ending == "" && w.holder != "" && newest.Holder == "":
		f.Due = append(f.Due, schedules.Run{Robot: s.Robot, Schedule: s.Name, At: newest.At}) // no machine has taken it
	case ending == "":
		f.Open = append(f.Open, newest)
	case ending != store.EndedWell && ending != "schedule.interrupted":
		mended, err := w.mended(ctx, newest)
		if err != nil {
			return err
		}
		if !mended {
			f.Failed = append(f.Failed, newest)
		}
	}
	if r, ok := s.Next(newest.At); ok && r.At.Before(f.Now) {
		f.Due = append(f.Due, r)
	}
	return nil
}

// mended reports whether the robot has come to its end since, by hand or by another schedule.
func (w *watcher) mended(ctx context.Context, failed store.Planned) (bool, error) {
	for _, mode := range config.Modes() {
		sound, err := w.house.store.LastSound(ctx, failed.Robot, mode)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return false, err
		case sound.Ended.After(failed.Started):
			return true, nil
		}
	}
	return false, nil
}

// gone are the machines of the configuration that have not served for a while.
func (w *watcher) gone(ctx context.Context) ([]string, error) {
	wanted := w.files.house.conf.Machines
	if len(wanted) == 0 {
		return nil, nil
	}
	var there []string
	err := w.house.store.Write(ctx, func(t *store.Tx) (err error) {
		there, err = t.Machines()
		return err
	})
	if err != nil {
		return nil, err
	}
	var gone []string
	now := w.clock.Running()
	for _, m := range slices.Sorted(maps.Keys(wanted)) {
		since, away := w.away[m]
		switch {
		case slices.Contains(there, m):
			delete(w.away, m)
		case !away:
			w.away[m] = now
		case now-since >= machineGrace:
			gone = append(gone, m)
		}
	}
	return gone, nil
}

// deliver sends what is due, unless that is under way.
func (w *watcher) deliver(turn context.Context) {
	select {
	case w.sending <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-w.sending }()
		err := w.files.house.post(w.env).Deliver(turn)
		switch {
		case err == nil:
			w.failing = ""
		case turn.Err() == nil && w.failing == "":
			// Told once, and not each minute: byskriver alarms and /healthz have it.
			w.failing = err.Error()
			w.complain(fmt.Errorf("tell of alarms: %w; it is tried again by itself", err))
		}
	}()
}

// post is how mails about alarms are sent by this configuration.
func (h *house) post(e *env) *alarms.Post {
	p := &alarms.Post{Store: h.store, Clock: h.clock, House: alarms.House{Municipality: h.conf.Municipality, Machine: h.machine, Zone: h.zone,
		Playbooks: h.conf.Operations.Alarms.Playbooks}}
	p.Send = func(ctx context.Context, l alarms.Letter) error {
		send, err := e.fleet.Mail(h.conf)
		if err != nil {
			return err
		}
		return send(ctx, l.ID, l.To, l.Subject, l.Text, l.At)
	}
	return p
}
