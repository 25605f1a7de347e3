package config

import (
	"fmt"
	"slices"
	"strings"
)

// Guard is asked before a system's password is used, and told how sign-ins ended.
type Guard interface {
	// Ask waits for the turn to sign in; an error means that the password must not be
	// tried. told says whether the end of the sign-in will be told.
	Ask(system string, told bool) error
	Told(system string, err error)
}

// gate is where the guard stands: one for all secrets of a configuration.
type gate struct {
	guard Guard
	used  map[string][]Secret // passwords by system
}

// Guard has every system's password asked for at a guard from now on.
func (c *Config) Guard(g Guard) { c.gate.guard = g }

// of makes a secret a system's password.
func (g *gate) of(system string, s Secret) Secret {
	s.gate, s.system = g, system
	if s.ref != "" && !slices.ContainsFunc(g.used[system], func(o Secret) bool { return o.ref == s.ref }) {
		g.used[system] = append(g.used[system], s)
	}
	return s
}

func (g *gate) ask(system string, told bool) error {
	if g == nil || g.guard == nil {
		return nil
	}
	return g.guard.Ask(system, told)
}

// SignIn is Reveal for those who say how each sign-in ended, which lets the next one go on at
// once.
func (s Secret) SignIn() (reveal func() (string, error), told func(error)) {
	reveal = func() (string, error) {
		if err := s.gate.ask(s.system, true); err != nil {
			return "", err
		}
		word, err := s.read()
		if err != nil && s.gate != nil && s.gate.guard != nil {
			s.gate.guard.Told(s.system, err)
		}
		return word, err
	}
	return reveal, func(err error) {
		if s.gate != nil && s.gate.guard != nil {
			s.gate.guard.Told(s.system, err)
		}
	}
}

// SignsIn is all that a system is signed in to with, user and passwords, for a digest: it is
// another as soon as one of them is. "" where no password is used. It asks nobody.
func (c *Config) SignsIn(system string) (string, error) {
	used := c.gate.used[system]
	if len(used) == 0 {
		return "", nil
	}
	all := []string{c.Systems[system].User}
	for _, s := range used {
		word, err := s.read()
		if err != nil {
			return "", fmt.Errorf("read the password for %s: %w", system, err)
		}
		all = append(all, word)
	}
	return strings.Join(all, "\x00"), nil
}
