package cli

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"byskriver/runner"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
	"byskriver/schedules"
)

// marks say up to when each schedule is accounted for. The store has them as they
// were at the last event; here they are as of the last look.
type marks struct {
	mu sync.Mutex
	at map[[2]string]time.Time // by robot and schedule
}

func (m *marks) of(s *schedules.Schedule) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at[[2]string{s.Robot, s.Name}]
}

func (m *marks) set(s *schedules.Schedule, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at[[2]string{s.Robot, s.Name}] = at
}

// begin takes over from the program that served before, and says that this one
// serves now.
func (s *server) begin(ctx context.Context, f *files) error {
	known, err := s.house.store.Marks(ctx)
	if err != nil {
		return err
	}
	s.marks.at = map[[2]string]time.Time{}
	for _, m := range known {
		s.marks.at[[2]string{m.Robot, m.Schedule}] = m.Settled
	}
	if err := s.settleMarks(ctx, f); err != nil {
		return err
	}
	now := s.clock.Now()
	err = s.house.store.Write(ctx, func(t *store.Tx) error {
		cut, err := s.cutOff(t)
		if err != nil {
			return err
		}
		entries := []runlog.Entry{{At: now, Code: "schedule.serving", Fields: map[string]string{"program": s.house.version, "machine": s.house.machine}}}
		for _, p := range cut {
			if err := t.EndPlanned(p.Key, p.Holder, now, "", "schedule.cut_off"); err != nil {
				return err
			}
			entries = append(entries, runlog.Entry{At: now, Code: "schedule.cut_off", Fields: map[string]string{"key": p.Key, "robot": p.Robot, "schedule": p.Schedule},
				Text: "Kørslen blev afbrudt, da programmet gik ned. Det, den ikke nåede, tages af den næste."})
		}
		return s.house.log.Append(t.Context(), t, seal.Key{}, entries...)
	})
	if err != nil {
		return err
	}
	return s.house.prove(ctx)
}

// settleMarks gives schedules that are new a mark of now, so that nothing from
// before is owed, and forgets those that are no more.
func (s *server) settleMarks(ctx context.Context, f *files) error {
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	now := s.clock.Now()
	want := map[[2]string]bool{}
	for _, t := range f.tables {
		for _, schedule := range t.Schedules {
			want[[2]string{schedule.Robot, schedule.Name}] = true
		}
	}
	err := s.house.store.Write(ctx, func(t *store.Tx) error {
		if err := s.schedules(t); err != nil {
			return err
		}
		for k := range s.marks.at {
			if !want[k] {
				if err := t.DropMark(k[0], k[1]); err != nil {
					return err
				}
			}
		}
		for k := range want {
			if _, ok := s.marks.at[k]; !ok {
				if err := t.SetMark(k[0], k[1], now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k := range s.marks.at {
		if !want[k] {
			delete(s.marks.at, k)
		}
	}
	for k := range want {
		if _, ok := s.marks.at[k]; !ok {
			s.marks.at[k] = now
		}
	}
	return nil
}

// end keeps how far each schedule was looked at, so that a schedule that is changed
// while nobody serves owes nothing from before, and says that the serving ended.
func (s *server) end(ctx context.Context) error {
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	err := s.house.store.Write(ctx, func(t *store.Tx) error {
		if err := s.schedules(t); err != nil {
			return err
		}
		for k, at := range s.marks.at {
			if err := t.SetMark(k[0], k[1], at); err != nil {
				return err
			}
		}
		return s.house.log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: s.clock.Now(), Code: "schedule.stopped"})
	})
	if err != nil {
		return fmt.Errorf("end the serving: %w", err)
	}
	return s.house.prove(ctx)
}

// tell writes an entry that concerns no run.
func (s *server) tell(ctx context.Context, code, text string) error {
	e := runlog.Entry{At: s.clock.Now(), Code: code, Text: text}
	err := s.house.store.Write(ctx, func(t *store.Tx) error { return s.house.log.Append(t.Context(), t, seal.Key{}, e) })
	if err != nil {
		return fmt.Errorf("log %s: %w", code, err)
	}
	return s.house.prove(ctx)
}

// settle stores what was found to be owed: the run's key, which can start once
// only, what is given up, and how far all is accounted for. Nothing is stored where
// nothing was owed. It returns whether the run is to be started.
func (k *keeper) settle(ctx context.Context, owed schedules.Owed, now time.Time) (start bool, err error) {
	if !owed.Start && len(owed.Lost) == 0 {
		k.marks.set(k.schedule, owed.Settled)
		return false, nil
	}
	err = k.house.store.Write(ctx, func(t *store.Tx) error {
		if err := k.schedules(t); err != nil {
			return err
		}
		var entries []runlog.Entry
		for _, l := range owed.Lost {
			entries = append(entries, missed(l, now))
		}
		if owed.Start {
			r := owed.Run
			start, err = t.StartPlanned(store.Planned{Key: r.Key, Robot: r.Robot, Schedule: r.Schedule, At: r.At, Started: now,
				Mode: runner.Mode(r.Mode), Limit: r.Limit})
			if err != nil {
				return err
			}
			entries = append(entries, started(r, now, start))
		}
		if err := t.SetMark(k.schedule.Robot, k.schedule.Name, owed.Settled); err != nil {
			return err
		}
		return k.house.log.Append(t.Context(), t, seal.Key{}, entries...)
	})
	if err != nil {
		return false, err
	}
	k.marks.set(k.schedule, owed.Settled)
	// What is committed is not lost where it cannot be published just now.
	k.complain(k.house.prove(ctx))
	return start, nil
}

// started says that a planned run starts, or that its key has been used up.
func started(r schedules.Run, now time.Time, start bool) runlog.Entry {
	e := runlog.Entry{At: now, Code: "schedule.started", Fields: map[string]string{"key": r.Key, "robot": r.Robot, "schedule": r.Schedule,
		"mode": r.Mode, "limit": strconv.Itoa(r.Limit), "planned": r.At.Format(time.RFC3339)}}
	if r.CatchUp {
		e.Fields["catch_up"] = "true"
		e.Text = "Kørslen indhenter det, der ikke blev kørt, mens programmet stod stille."
	}
	if r.Missed > 0 {
		e.Fields["missed"] = strconv.Itoa(r.Missed)
	}
	if !start {
		e.Code, e.Text = "schedule.skipped", "Kørslen er kørt én gang og køres ikke igen."
	}
	return e
}

// missed says that planned runs were given up.
func missed(l schedules.Lost, now time.Time) runlog.Entry {
	texts := map[schedules.Reason]string{
		schedules.LatestPassed: "Den seneste dag for kørslen er overskredet. Se efter, om arbejdet skal gøres i hånden.",
		schedules.TooOld:       "Kørslen er for gammel til at blive indhentet.",
		schedules.NoCatchUp:    "Kørslen indhentes ikke; den næste tager arbejdet med.",
	}
	return runlog.Entry{At: now, Code: "schedule.missed", Text: texts[l.Reason], Fields: map[string]string{"reason": string(l.Reason),
		"robot": l.Last.Robot, "schedule": l.Last.Schedule, "count": strconv.Itoa(l.Count), "first": l.First.Key, "last": l.Last.Key}}
}

// note stores and logs how a planned run ended.
func (k *keeper) note(ctx context.Context, planned schedules.Run, run store.Run, how ended) error {
	now := k.clock.Now()
	e := runlog.Entry{At: now, Code: how.code, Run: run.Number, Text: how.text,
		Fields: map[string]string{"key": planned.Key, "robot": planned.Robot, "schedule": planned.Schedule}}
	err := k.house.store.Write(ctx, func(t *store.Tx) error {
		if err := t.EndPlanned(planned.Key, k.holder, now, run.Number, how.code); err != nil {
			return err
		}
		return k.house.log.Append(t.Context(), t, seal.Key{}, e)
	})
	if err != nil {
		return fmt.Errorf("note how the run %s ended: %w", planned.Key, err)
	}
	return k.house.prove(ctx)
}
