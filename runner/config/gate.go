package config

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// Guard lets one sign-in at a time try the password of an account, over all programs.
type Guard interface {
	// Ask waits for the turn to sign in; an error means that the password must not be
	// tried now.
	Ask(account string) error
	// Told says how a sign-in ended that Ask let pass.
	Told(account string, err error) error
}

// gate is where the guard stands: one for all logins of a configuration.
type gate struct {
	mu     sync.Mutex
	guard  Guard
	logins map[string]*Login // by account
}

// Guard has every login's password asked for at a guard from now on.
func (c *Config) Guard(g Guard) {
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	c.gate.guard = g
}

// Login is a user of the robots' own in a system, and the password that its account is
// locked for when it is wrong too often. Keys and certificates lock nothing: they are plain
// secrets. Each connection to a system has a login of its own, and signs in with it one
// after the other.
type Login struct {
	account string // the system's name, or SYSTEM/ACCOUNT
	user    string
	secrets []Secret // the password, and what else a sign-in is refused for
	gate    *gate
	asked   atomic.Bool // the guard has let a sign-in pass, and was not told its end yet
}

// Login is the one that a system with screens is signed in to with.
func (c *Config) Login(system string) *Login {
	s := c.Systems[system]
	return c.gate.login(&Login{account: system, user: s.User, secrets: []Secret{s.Password}})
}

// Login makes a user and a password that were decoded from a system's section one that can
// sign in. account tells several of a system apart; "" where there is one. also are other
// secrets that a sign-in is refused for.
func (s Section) Login(account, user string, password Secret, key string, also ...Secret) (*Login, error) {
	password, err := s.Secret(password, key)
	l := &Login{account: s.system, user: user, secrets: []Secret{password}}
	if account != "" {
		l.account += "/" + account
	}
	for _, secret := range also {
		secret.base = s.base
		l.secrets = append(l.secrets, secret)
	}
	return s.gate.login(l), err
}

func (g *gate) login(l *Login) *Login {
	l.gate = g
	g.mu.Lock()
	defer g.mu.Unlock()
	g.logins[l.account] = l
	return l
}

func (g *gate) who() Guard {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.guard
}

// Password waits until it is this sign-in's turn, and reads the password. After each one
// that it has returned Told must be called, however the sign-in ended.
func (l *Login) Password() (string, error) {
	if guard := l.gate.who(); guard != nil {
		if err := guard.Ask(l.account); err != nil {
			return "", err
		}
		l.asked.Store(true)
	}
	word, err := l.secrets[0].Reveal()
	if err != nil {
		err = l.Told(err)
	}
	return word, err
}

// Told says how a sign-in ended: a *runner.Trouble of the kind SignInRefused is a refusal,
// nil is well, and any other error says nothing of the password. Nothing is told where the
// system wanted no password. It returns err, joined with what went wrong with telling.
func (l *Login) Told(err error) error {
	guard := l.gate.who()
	if guard == nil || !l.asked.Swap(false) {
		return err
	}
	if toldErr := guard.Told(l.account, err); toldErr != nil {
		return errors.Join(err, fmt.Errorf("note how the sign-in to %s ended: %w", l.account, toldErr))
	}
	return err
}

// Readable reads what the login signs in with, and shows and asks nobody.
func (l *Login) Readable() error {
	_, err := l.all()
	return err
}

func (l *Login) all() (string, error) {
	all := []string{l.user}
	for _, s := range l.secrets {
		word, err := s.Reveal()
		if err != nil {
			return "", err
		}
		all = append(all, word)
	}
	return strings.Join(all, "\x00"), nil
}

// SignsIn is all that an account is signed in to with, user and secrets, for a digest: it is
// another as soon as one of them is. "" for an account that nothing signs in with here.
func (c *Config) SignsIn(account string) (string, error) {
	c.gate.mu.Lock()
	l, ok := c.gate.logins[account]
	c.gate.mu.Unlock()
	if !ok {
		return "", nil
	}
	all, err := l.all()
	if err != nil {
		return "", fmt.Errorf("read what %s is signed in to with: %w", account, err)
	}
	return all, nil
}
