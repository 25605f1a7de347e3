package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/config"
	"byskriver/runner/limits"
)

// rules are every system's limits, as the configuration has them.
func rules(conf *config.Config) map[string]limits.Rules {
	all := map[string]limits.Rules{}
	for name, s := range conf.Systems {
		r := limits.Rules{AtOnce: s.AtOnce, PerSecond: s.PerSecond, Hours: s.Hours}
		for _, m := range s.Maintenance {
			r.Maintenance = append(r.Maintenance, limits.Closure{From: m.Begins, To: m.Ends, Why: m.Why})
		}
		if b := s.Breaker; b != nil && !b.Off {
			r.Trips, r.Rest, r.Longest = b.Trips, b.Rest, b.Longest
		}
		all[name] = r
	}
	return all
}

// print is the digest of what an account is signed in to with, by the configuration.
func (h *house) print(conf *config.Config) func(string) (string, error) {
	ring := h.store.Ring()
	return func(account string) (string, error) {
		all, err := conf.SignsIn(account)
		if err != nil || all == "" {
			return "", err
		}
		return hex.EncodeToString(ring.MAC("sign-in", []byte(account), []byte(all))), nil
	}
}

// openLimits begins to hold this program's robots to the systems' limits.
func (h *house) openLimits() error {
	name, err := programName()
	if err != nil {
		return err
	}
	h.doors = limits.New(limits.Options{Desk: h.store, Clock: h.clock, Rules: rules(h.conf), Print: h.print(h.conf), Program: name, Dead: dead(name),
		Complain: func(err error) { fmt.Fprintln(h.stderr, "byskriver:", runner.Mask(err.Error())) }})
	h.conf.Guard(guard{h.doors})
	return nil
}

// takeLimits takes the limits and the passwords of files into use.
func (s *server) takeLimits(f *files) {
	s.house.doors.SetRules(rules(f.house.conf), s.house.print(f.house.conf))
}

// programName is this machine, this start of it, this program's number, and something that
// no other program has. Numbers count within one name space of the kernel's, and that has
// the same name on every machine, as machines themselves may have.
func programName() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("name this program: %w", err)
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		space = "?"
	}
	unique := make([]byte, 6)
	rand.Read(unique)
	boot := clock.System{}.Boot()
	if boot == "" {
		boot = "?"
	}
	return strings.Join([]string{host, boot, space, strconv.Itoa(os.Getpid()), hex.EncodeToString(unique)}, "/"), nil
}

// dead tells of programs on this machine that have ended; of others nobody can tell.
func dead(own string) func(string) bool {
	mine := strings.Split(own, "/")
	return func(name string) bool {
		parts := strings.Split(name, "/")
		if len(parts) != len(mine) || !slices.Equal(parts[:3], mine[:3]) || slices.Contains(mine[:3], "?") {
			return false
		}
		if parts[3] == mine[3] {
			return false
		}
		pid, err := strconv.Atoi(parts[3])
		return err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}
}

// guard stands between robots and passwords.
type guard struct{ doors *limits.Limiter }

// Ask waits for the turn to sign in: 20 seconds at most.
func (g guard) Ask(account string) error {
	err := g.doors.Ask(context.Background(), account)
	if err != nil {
		return fmt.Errorf("use the password for %s: %w", account, err)
	}
	return nil
}

// Told says how a sign-in ended.
func (g guard) Told(account string, err error) error {
	var t *runner.Trouble
	refused := errors.As(err, &t) && t.Kind == runner.SignInRefused
	text := ""
	if refused {
		text = t.Text
	}
	return g.doors.Told(context.Background(), account, refused, text, err)
}
