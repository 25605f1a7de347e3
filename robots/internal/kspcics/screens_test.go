package kspcics

import (
	"errors"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/town/mainframe"
	"byskriver/runner"
	"byskriver/selectors"
	"byskriver/selectors/terminal"
)

// Of two marked rows the host runs one on an ENTER and keeps the other. The driver
// marks one alone; where another is marked all the same it stops.
func TestEachMarkRunsOnAnEnterOfItsOwn(t *testing.T) {
	s := open(t, mainframe.Config{})
	u := s.user(3)
	second := selectors.Place{Row: 9, Column: 2, Length: 1}
	err := s.sys.with(limit(t), func(d *desk) error {
		if _, err := d.ready(t.Context(), u.ID, s.right(u, 0)); err != nil {
			return err
		}
		if err := d.term.Type(t.Context(), second, "S"); err != nil {
			return err
		}
		return d.strike(t.Context(), u.ID)
	})
	if kindOf(err) != runner.ScreenChanged || !strings.Contains(err.Error(), "still marked") || len(s.host.Removals()) != 1 {
		t.Errorf("%v; removals %v", err, s.host.Removals())
	}
	err = s.sys.with(limit(t), func(d *desk) error {
		if _, _, err := d.find(t.Context(), u.ID, s.right(u, 3)); err != nil {
			return err
		}
		if err := d.term.Type(t.Context(), second, "S"); err != nil {
			return err
		}
		rows, _ := d.rows()
		return d.mark(t.Context(), rows[0], "S", d.of(u.ID))
	})
	if kindOf(err) != runner.ScreenChanged || !strings.Contains(err.Error(), "something else is typed") || len(s.host.Removals()) != 1 {
		t.Errorf("%v; removals %v", err, s.host.Removals())
	}
}

// The host's other screens, as a person would reach them.
func TestHostsOtherScreens(t *testing.T) {
	s := open(t, mainframe.Config{}, reader)
	ctx := limit(t)
	for transaction, shows := range map[string][]string{
		"Z729": {"KSP/CICS49", "LBBOL030"}, "Z730": {"KSP/CICS53", s.user(5).ID, s.user(6).ID}, "Z724": {"KSP/CICS24", "forespørgsel"},
		"Z758": {"KSP/Z758", s.user(0).LastSeen.Format("02.01.2006")}, "Z759": {"KSP/Z759", "LBBOL030"}, "Z999": {"KSP/CICS28", "findes ikke"},
	} {
		err := s.sys.with(ctx, func(d *desk) error {
			if err := d.toMenu(ctx); err != nil {
				return err
			}
			if err := errors.Join(d.fill(ctx, "command", transaction), d.term.Press(ctx, terminal.Enter), d.look(ctx)); err != nil {
				return err
			}
			for _, words := range shows {
				if text := d.now.Text(); !strings.Contains(text, words) {
					t.Errorf("%s does not show %q:\n%s", transaction, words, text)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A person changes the password that has run out; the robot goes on with the new one.
func TestPasswordChangedByAPerson(t *testing.T) {
	s := open(t, mainframe.Config{Operators: mainframe.StandardOperators(time.Now().AddDate(0, -4, 0))})
	ctx := limit(t)
	if err := s.sys.SignIn(ctx); kindOf(err) != runner.SignInRefused {
		t.Fatal(err)
	}
	term, err := terminal.Dial(ctx, terminal.Config{}, s.host.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer term.Close()
	d := &desk{sys: s.sys, term: term}
	if err := d.signIn(ctx); kindOf(err) != runner.SignInRefused || d.on != "password" {
		t.Fatal(err)
	}
	for _, row := range []int{8, 10} {
		if err := term.Type(ctx, selectors.Place{Row: row, Column: 34, Length: 8, Hidden: true}, "Nyt0rd8!"); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.press(ctx, terminal.Enter, anything, "ready"); err != nil {
		t.Fatal(err)
	}
	s.word = "Nyt0rd8!"
	again, err := New(s.sys.screens, s.sys.account, s.sys.options)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.SignIn(ctx); err != nil {
		t.Error(err)
	}
}
