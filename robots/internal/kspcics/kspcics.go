package kspcics

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"byskriver/runner"
	"byskriver/selectors"
	"byskriver/selectors/terminal"
)

// Name is what the system is called in errors and in the configuration.
const Name = "kspcics"

// Account is how the robot signs in: as a user of its own. The one that reads and the
// one that corrects are two.
type Account struct {
	Address  string // host:port
	User     string
	Password func() (string, error) // asked at each sign-in
	Told     func(error) error      // told how each sign-in ended, and gives back what it was told; may be nil
}

// Options is how the work is done. Zero values are as said.
type Options struct {
	Terminal terminal.Config
	Settle   time.Duration // 3 s: how long a screen may take to become the expected one, once the host gave the keyboard back
}

// System is KSP/CICS as one robot user sees it. Its methods may be called from several
// goroutines; each takes a signed-in terminal of its own.
type System struct {
	screens *selectors.Terminal
	account Account
	options Options

	mu   sync.Mutex
	idle []*desk // signed in, ready for the next work

	door    sync.Mutex // one terminal signs in at a time
	refused error      // the host's refusal, where nobody is told of it: nobody tries again, or the user is locked
}

// needs are the names that the screens' file must have.
var needs = []string{
	"signin.fields.user", "signin.fields.password", "signin.fields.message", "signin.messages.refused", "signin.messages.busy",
	"password", "ready.fields.command", "ready.send.menu", "menu.fields.command", "menu.send.users", "menu.send.logons", "menu.send.uses",
	"users.fields.from", "users.fields.page", "users.fields.legend", "users.columns.mark", "users.columns.user", "users.columns.access", "users.columns.name", "users.send.person", "users.send.rights",
	"person.fields.user", "person.fields.name", "person.fields.cpr", "person.fields.active", "person.fields.from", "person.fields.to", "person.fields.unit",
	"rights.fields.user", "rights.fields.page", "rights.fields.legend", "rights.fields.message", "rights.columns.mark", "rights.columns.name", "rights.columns.description", "rights.columns.owner",
	"rights.send.content", "rights.send.remove", "rights.messages.removed", "rights.messages.refused",
	"content.fields.profile", "content.fields.page", "content.columns.kind", "content.columns.role", "content.columns.data", "content.columns.transaction", "content.columns.description",
	"logons.fields.page", "logons.columns.user", "logons.columns.last", "uses.fields.page", "uses.columns.user", "uses.columns.last",
}

// New builds the system. It starts no terminal yet. The error joins everything that
// the screens' file lacks.
func New(screens *selectors.Terminal, account Account, o Options) (*System, error) {
	if o.Settle == 0 {
		o.Settle = 3 * time.Second
	}
	if err := screens.Need(needs...); err != nil {
		return nil, err
	}
	if err := careful(screens); err != nil {
		return nil, err
	}
	return &System{screens: screens, account: account, options: o}, nil
}

// Load builds the system with the screens of a file.
func Load(file string, account Account, o Options) (*System, error) {
	screens, err := selectors.LoadTerminal(file)
	switch {
	case err != nil:
		return nil, err
	case screens.Name != Name:
		return nil, &selectors.Fault{File: file, Line: 1, Text: "this file describes the system " + screens.Name + "; it must begin with system: " + Name}
	}
	return New(screens, account, o)
}

// careful refuses letters by which reading would remove.
func careful(screens *selectors.Terminal) error {
	var faults []error
	remove := screens.Screens["rights"].Send["remove"]
	for _, x := range []struct{ screen, send string }{{"users", "person"}, {"users", "rights"}, {"rights", "content"}, {"rights", "remove"}} {
		s := screens.Screens[x.screen]
		how := s.Send[x.send]
		fault := &selectors.Fault{File: screens.File, Line: s.Line}
		switch {
		case len([]rune(how.Type)) != 1 || how.Shows == "":
			fault.Text = "screen " + x.screen + ", send " + x.send + ": say one letter, and what the screen says where it may be used: {type: X, shows: \"X=...\"}"
		case x.send != "remove" && how.Type == remove.Type:
			fault.Text = "screen " + x.screen + ", send " + x.send + ": the letter " + how.Type + " is the one that removes; correct one of them"
		default:
			continue
		}
		faults = append(faults, fault)
	}
	return errors.Join(faults...)
}

// Close signs the terminals off and ends them.
func (s *System) Close() {
	s.mu.Lock()
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, d := range idle {
		d.signOff()
	}
}

// SignIn signs in once and looks at the menu, changing nothing.
func (s *System) SignIn(ctx context.Context) error {
	return s.with(ctx, func(d *desk) error { return d.toMenu(ctx) })
}

// with runs do on a terminal that is signed in. One by which something went wrong is
// not used again.
func (s *System) with(ctx context.Context, do func(*desk) error) error {
	d, err := s.desk(ctx)
	if err != nil {
		return runner.NotDone(s.trouble(err))
	}
	err = do(d)
	if err == nil || healthy(err) {
		s.mu.Lock()
		s.idle = append(s.idle, d)
		s.mu.Unlock()
		return err
	}
	err = s.trouble(err)
	d.term.Close()
	return err
}

// healthy reports whether an error says nothing against the terminal.
func healthy(err error) bool {
	var no *Refused
	var lost *Lost
	return errors.As(err, &no) || errors.As(err, &lost) || slices.ContainsFunc([]error{ErrNoUser, ErrMayNot, ErrNotOne, ErrStands},
		func(e error) bool { return errors.Is(err, e) })
}

// desk is a terminal that stands on a screen of somebody signed in: one that was
// used before, if the host still knows it.
func (s *System) desk(ctx context.Context) (*desk, error) {
	for {
		s.mu.Lock()
		var d *desk
		if n := len(s.idle); n > 0 {
			d, s.idle = s.idle[n-1], s.idle[:n-1]
		}
		s.mu.Unlock()
		if d == nil {
			return s.fresh(ctx)
		}
		if err := d.wake(ctx); err == nil {
			return d, nil
		}
		d.term.Close() // it slept too long; nothing was begun on it
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

// fresh signs a new terminal in, one at a time.
func (s *System) fresh(ctx context.Context) (*desk, error) {
	s.door.Lock()
	defer s.door.Unlock()
	if s.refused != nil {
		return nil, s.refused
	}
	term, err := terminal.Dial(ctx, s.options.Terminal, s.account.Address)
	if err != nil {
		return nil, err
	}
	d := &desk{sys: s, term: term}
	err = d.signIn(ctx)
	if err == nil {
		err = d.toMenu(ctx)
	}
	err = s.trouble(err)
	if s.account.Told != nil {
		err = s.account.Told(err)
	}
	if err == nil {
		return d, nil
	}
	term.Close()
	var t *runner.Trouble
	if s.account.Told == nil && errors.As(err, &t) && t.Kind == runner.SignInRefused {
		s.refused = err
	}
	return nil, err
}
