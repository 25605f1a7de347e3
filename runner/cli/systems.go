package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/limits"
	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
	"byskriver/schedules"
)

type systemsCmd struct {
	Show     showSystemsCmd `cmd:"" default:"1" help:"Show which systems let robots in, and why not."`
	Close    closeSystemCmd `cmd:"" help:"Announce that a system is closed, such as for maintenance."`
	Open     openSystemCmd  `cmd:"" help:"Take announcements back, and have one item try a system that is left alone."`
	Password tryPasswordCmd `cmd:"" help:"Have a password that was refused tried once more."`
}

type showSystemsCmd struct{}

// Run prints a line a system.
func (c *showSystemsCmd) Run(e *env) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	waiting, err := h.store.Waited(e.ctx, "")
	if err != nil {
		return err
	}
	if _, err := h.doors.Opened(e.ctx); err != nil { // reads how all stand
		return err
	}
	names := append(slices.Sorted(maps.Keys(h.conf.Systems)), h.doors.Accounts()...)
	slices.Sort(names)
	w := tabwriter.NewWriter(e.Stdout, 0, 4, 2, ' ', 0)
	for _, name := range names {
		closed, err := h.doors.Closed(e.ctx, name)
		if err != nil {
			return err
		}
		line := []string{name, "åbent", limited(h.conf.Systems[name])}
		if closed != nil {
			line = []string{name, "lukket", closed.Code + ": " + closed.Text}
		}
		if n := waiting[name]; n > 0 {
			line = append(line, fmt.Sprintf("%d venter", n))
		}
		fmt.Fprintln(w, strings.Join(line, "\t"))
	}
	return w.Flush()
}

// limited says a system's limits; "" of an account, which has none of its own.
func limited(s config.System) string {
	if s.AtOnce == 0 {
		return ""
	}
	text := fmt.Sprintf("højst %d ad gangen", s.AtOnce)
	if s.PerSecond > 0 {
		text += fmt.Sprintf(", %g i sekundet", s.PerSecond)
	}
	if b := s.Breaker; b != nil && !b.Off {
		text += fmt.Sprintf(", lades i fred efter %d fejl i træk", b.Trips)
	}
	return text
}

type closeSystemCmd struct {
	System string `arg:"" help:"The system's name in the configuration."`
	From   string `help:"From this moment, Danish time: 2026-12-24 or 2026-12-24T06:00; now if missing." placeholder:"TIME"`
	To     string `required:"" help:"Until this moment." placeholder:"TIME"`
	Why    string `required:"" help:"Why; it stands in the run log and with each item that waits." placeholder:"TEXT"`
}

// Run announces the closure. It takes effect between one item and the next.
func (c *closeSystemCmd) Run(e *env) error {
	zone, err := schedules.Copenhagen()
	if err != nil {
		return err
	}
	now := e.clock().Now()
	closure := limits.Closure{Why: runner.Mask(strings.TrimSpace(c.Why))}
	if closure.From, err = moment(c.From, now, zone); err != nil {
		return err
	}
	if closure.To, err = moment(c.To, now, zone); err != nil {
		return err
	}
	if !closure.To.After(closure.From) || !closure.To.After(now) {
		return usage("--to must come after --from and after now")
	}
	return e.changeSystem(c.System, "system.closed", c.Why, func(s *limits.State, by string) (map[string]string, error) {
		closure.By = by
		s.Close(closure, now)
		return map[string]string{"from": closure.From.UTC().Format(time.RFC3339), "to": closure.To.UTC().Format(time.RFC3339)}, nil
	})
}

type openSystemCmd struct {
	System string `arg:"" help:"The system's name in the configuration."`
	Why    string `required:"" help:"Why; it stands in the run log." placeholder:"TEXT"`
}

// Run takes back what was announced by command.
func (c *openSystemCmd) Run(e *env) error {
	return e.changeSystem(c.System, "system.opened", c.Why, func(s *limits.State, _ string) (map[string]string, error) {
		s.Open(e.clock().Now())
		return map[string]string{}, nil
	})
}

type tryPasswordCmd struct {
	System string `arg:"" help:"The system's name in the configuration, or SYSTEM/ACCOUNT."`
	Why    string `required:"" help:"Why it should be right now, such as that the account was unlocked; it stands in the run log." placeholder:"TEXT"`
}

// Run has one robot try the password once more.
func (c *tryPasswordCmd) Run(e *env) error {
	return e.changeSystem(c.System, "system.password_again", c.Why, func(s *limits.State, _ string) (map[string]string, error) {
		if !s.Password.Again() {
			return nil, usage("the password for %s has not been refused", c.System)
		}
		return map[string]string{}, nil
	})
}

// changeSystem changes how a system stands, and logs who did and why in the same commit.
func (e *env) changeSystem(system, code, why string, change func(*limits.State, string) (map[string]string, error)) error {
	h, err := e.open()
	if err != nil {
		return err
	}
	defer h.close()
	of, _, _ := strings.Cut(system, "/") // SYSTEM/ACCOUNT
	if _, ok := h.conf.Systems[of]; !ok {
		return usage("there is no system %q in %s", system, h.conf.File)
	}
	why = runner.Mask(strings.TrimSpace(why))
	if why == "" {
		return usage("--why says nothing")
	}
	by, err := operator(h.conf)
	if err != nil {
		return err
	}
	err = h.store.Write(e.ctx, func(t *store.Tx) error {
		var fields map[string]string
		err := t.ChangeSystem(system, limits.Change(func(s *limits.State) error {
			fields, err = change(s, by)
			return err
		}))
		if err != nil {
			return err
		}
		fields["system"], fields["by"] = system, by
		return h.log.Append(t.Context(), t, seal.Key{}, runlog.Entry{At: h.clock.Now(), Code: code, Text: why, Fields: fields})
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "%s: noteret\n", system)
	return errors.Join(err, h.prove(e.ctx))
}
