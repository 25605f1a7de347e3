package kspcics

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/town"
	"byskriver/fixtures/town/mainframe"
	"byskriver/selectors"
	"byskriver/selectors/terminal"
)

// setting is a host with a System that works in it.
type setting struct {
	host *mainframe.Host
	sys  *System
	word string // the password that the robot gives
}

// open starts a host and a System that corrects in it. When the test ends no s3270 of
// it may be left, dead or alive.
func open(t *testing.T, c mainframe.Config, how ...func(*Account, *Options)) *setting {
	t.Helper()
	if _, err := os.Stat("/usr/bin/s3270"); err != nil {
		t.Skip("s3270 is not installed (Debian: apt-get install s3270)")
	}
	if c.Clock == nil {
		c.Clock = town.RealClock{}
	}
	c.Seed = 20261122
	host, err := mainframe.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	s := &setting{host: host, word: "Ret7åbn2"}
	account := Account{Address: host.Addr(), User: "LBROBR", Password: func() (string, error) { return s.word, nil }}
	options := Options{Terminal: terminal.Config{Connect: 5 * time.Second, Answer: 2 * time.Second}, Settle: time.Second}
	for _, f := range how {
		f(&account, &options)
	}
	screens, err := selectors.LoadTerminal("../../../selectors/kspcics.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if s.sys, err = New(screens, account, options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.sys.Close()
		if err := host.Close(); err != nil {
			t.Error(err)
		}
		if left := children(t); len(left) > 0 {
			t.Errorf("processes left: %v", left)
		}
	})
	return s
}

// reader signs in as the user that may only read.
func reader(a *Account, _ *Options) {
	a.User, a.Password = "LBROBL", func() (string, error) { return "Læs4lst8", nil }
}

// children are our own child processes, zombies too, as "pid name state".
func children(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		head, rest, _ := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest)
		pid, name, _ := strings.Cut(head, " (")
		if len(fields) > 1 && fields[1] == fmt.Sprint(os.Getpid()) && name == "s3270" {
			list = append(list, pid+" "+name+" "+fields[0])
		}
	}
	return list
}

// user is one of the host's users: the fourth has 40 authorisations, the fifth all.
func (s *setting) user(i int) mainframe.User { return s.host.Users()[i] }

// right is the nth authorisation of a user, as the screens show it.
func (s *setting) right(u mainframe.User, n int) Right {
	return Right{u.Rights[n].Profile, s.host.Profile(u.Rights[n].Profile).Description, u.Rights[n].Owner}
}

func (s *setting) rightsOf(u mainframe.User) []Right {
	var all []Right
	for i := range u.Rights {
		all = append(all, s.right(u, i))
	}
	return all
}

// held is every authorisation of every user, as "user profile owner".
func (s *setting) held() []string {
	var all []string
	for _, u := range s.host.Users() {
		for _, r := range u.Rights {
			all = append(all, u.ID+" "+r.Profile+" "+r.Owner)
		}
	}
	return all
}

// strikes are the ENTERs that came with a mark that removes.
func (s *setting) strikes() int {
	n := 0
	for _, e := range s.host.Journal() {
		for name, text := range e.Typed {
			if e.Screen == "KSP/CICS33" && e.Key == "ENTER" && strings.HasPrefix(name, "mark") && text == "S" {
				n++
			}
		}
	}
	return n
}

// lost is what is in before and not in after.
func lost(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(before), func(x string) bool { return slices.Contains(after, x) })
}

func limit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// discreet fails where an error tells of a person or of a password.
func discreet(t *testing.T, s *setting, err error) {
	t.Helper()
	if err == nil {
		return
	}
	text := err.Error()
	for _, u := range s.host.Users() {
		secrets := []string{u.ID, u.Name, s.word}
		if u.CPR != "" {
			secrets = append(secrets, u.CPR, u.CPR[:6]+"-"+u.CPR[6:])
		}
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("the error tells %q: %s", secret, text)
			}
		}
	}
}
