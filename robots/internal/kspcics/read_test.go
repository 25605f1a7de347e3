package kspcics

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/fixtures/town"
	"byskriver/fixtures/town/mainframe"
	"byskriver/runner"
)

func TestUsersAndPersons(t *testing.T) {
	s := open(t, mainframe.Config{}, reader)
	ctx := limit(t)
	users, err := s.sys.Users(ctx)
	if err != nil || len(users) != 50 {
		t.Fatalf("%d users, %v", len(users), err)
	}
	for i, u := range s.host.Users() {
		if users[i] != (User{u.ID, u.Security, u.Name}) {
			t.Errorf("user %d is %v, want %v", i, users[i], u)
		}
	}
	for _, i := range []int{0, 5, 49} {
		u := s.user(i)
		p, err := s.sys.Person(ctx, u.ID)
		if want := (Person{u.ID, u.Name, u.CPR, u.Active, u.From, u.To, u.Unit}); err != nil || p != want {
			t.Errorf("person %d: %+v, %v; want %+v", i, p, err, want)
		}
	}
	logons, err := s.sys.LastLogons(ctx)
	if err != nil || len(logons) != 50 || !logons[users[7].ID].Equal(s.user(7).LastSeen) {
		t.Errorf("%d logons, %v: %v, want %v", len(logons), err, logons[users[7].ID], s.user(7).LastSeen)
	}
}

func TestRightsOverAllPages(t *testing.T) {
	s := open(t, mainframe.Config{}, reader)
	ctx := limit(t)
	for _, i := range []int{0, 3, 4, 6} { // few, 40, 60, none
		u := s.user(i)
		got, err := s.sys.Rights(ctx, u.ID)
		if want := s.rightsOf(u); err != nil || !slices.Equal(got, want) {
			t.Errorf("user %d has %d, want %d, %v", i, len(got), len(want), err)
		}
	}
	for _, nobody := range []string{"LB00001", "LB10018", "LB99999"} {
		if _, err := s.sys.Rights(ctx, nobody); !errors.Is(err, ErrNoUser) {
			t.Errorf("%s: %v", nobody, err)
		}
	}
	if n := s.host.Signed("LBROBL"); n != 1 {
		t.Errorf("signed in %d times", n)
	}
}

// A user with more transactions than fit: what his authorisations hold tells it, what
// he can do does not.
func TestContentShowsWhatDropsOut(t *testing.T) {
	s := open(t, mainframe.Config{}, reader)
	ctx := limit(t)
	u := s.user(4)
	holds := map[string]bool{}
	for _, r := range s.rightsOf(u) {
		lines, err := s.sys.Content(ctx, u.ID, r)
		if err != nil || len(lines) != len(s.host.Profile(r.Name).Lines) {
			t.Fatalf("%s: %d lines, %v", r.Name, len(lines), err)
		}
		for i, l := range s.host.Profile(r.Name).Lines {
			if lines[i] != Line(l) {
				t.Fatalf("%s line %d is %v, want %v", r.Name, i, lines[i], l)
			}
			if l.Kind == "R" {
				holds[l.Transaction] = true
			}
		}
	}
	if has := len(s.host.Transactions(u.ID)); has != mainframe.MostTransactions || len(holds) <= has {
		t.Errorf("his authorisations hold %d transactions, he has %d", len(holds), has)
	}
	if _, err := s.sys.Content(ctx, u.ID, Right{Name: "LBXXX999", Owner: "LB"}); !errors.Is(err, ErrNotOne) {
		t.Errorf("content of an authorisation that he has not: %v", err)
	}
}

// Screens in two parts, the keyboard given back early, slow answers and a message to
// everybody on the way change nothing of what is read.
func TestReadingAwkwardScreens(t *testing.T) {
	for name, trick := range map[string]mainframe.Trick{
		"halves":       {Do: mainframe.Halves()},
		"unlock first": {Do: mainframe.UnlockFirst()},
		"slow":         {Do: mainframe.Slow(20 * time.Millisecond)},
		"notice":       {Screen: "KSP/CICS52", Key: "ENTER", Marked: true, Nth: 1, Do: mainframe.Notice("Systemet lukkes kl. 18")},
		"first notice": {Screen: "KSP/CICS01", Key: "ENTER", Do: mainframe.Notice("Velkommen tilbage")},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, mainframe.Config{Tricks: []mainframe.Trick{trick}}, reader)
			u := s.user(3)
			got, err := s.sys.Rights(limit(t), u.ID)
			if !slices.Equal(got, s.rightsOf(u)) || err != nil {
				t.Errorf("%d rights, want %d: %v", len(got), len(u.Rights), err)
			}
		})
	}
}

func TestListThatChangesWhileItIsRead(t *testing.T) {
	more := mainframe.Right{Profile: "LBAAA000", Owner: "LBAAA"}
	s := open(t, mainframe.Config{Tricks: []mainframe.Trick{{Screen: "KSP/CICS33", Key: "F8", Nth: 2, Do: mainframe.Moved(more)}}}, reader)
	got, err := s.sys.Rights(limit(t), s.user(3).ID)
	if want := s.rightsOf(s.user(3)); err != nil || len(want) != 41 || !slices.Equal(got, want) {
		t.Errorf("%d rights, want %d: %v", len(got), len(want), err)
	}
}

// reading is what may go wrong while nothing is changed: never a wrong answer.
func TestReadingStops(t *testing.T) {
	for name, c := range map[string]struct {
		trick mainframe.Trick
		kind  runner.TroubleKind
		says  string
	}{
		"another user":     {mainframe.Trick{Screen: "KSP/CICS52", Key: "ENTER", Marked: true, Do: mainframe.Other("LB10017")}, runner.ScreenChanged, "somebody"},
		"another on F8":    {mainframe.Trick{Screen: "KSP/CICS33", Key: "F8", Nth: 2, Do: mainframe.Other("LB10017")}, runner.ScreenChanged, "somebody"},
		"unknown screen":   {mainframe.Trick{Screen: "KSP/CICS33", Key: "F8", Nth: 1, Do: mainframe.Garbage()}, runner.ScreenChanged, "does not name"},
		"hangs up":         {mainframe.Trick{Screen: "KSP/CICS33", Key: "F8", Nth: 1, Do: mainframe.HangUp()}, runner.Unavailable, "not connected"},
		"silent":           {mainframe.Trick{Screen: "KSP/CICS33", Key: "F8", Nth: 1, Do: mainframe.Silent()}, runner.Unavailable, "no answer"},
		"keeps the keys":   {mainframe.Trick{Screen: "KSP/CICS33", Key: "F8", Nth: 1, Do: mainframe.Hold()}, runner.Unavailable, "no answer"},
		"time-out":         {mainframe.Trick{Screen: "KSP/CICS33", Key: "F8", Nth: 1, Do: mainframe.TimeOut()}, runner.Unavailable, "signin"},
		"refuses to talk":  {mainframe.Trick{Key: "CONNECT", Do: mainframe.HangUp()}, runner.Unavailable, "not connected"},
		"silent from once": {mainframe.Trick{Key: "CONNECT", Do: mainframe.Silent()}, runner.Unavailable, "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, mainframe.Config{Tricks: []mainframe.Trick{c.trick}}, reader)
			_, err := s.sys.Rights(limit(t), s.user(3).ID)
			var trouble *runner.Trouble
			if !errors.As(err, &trouble) || trouble.Kind != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v; want %s with %q", err, c.kind, c.says)
			}
			discreet(t, s, err)
			s.host.Unscript()
			if got, err := s.sys.Rights(limit(t), s.user(3).ID); err != nil || len(got) != 40 {
				t.Errorf("afterwards: %d rights, %v", len(got), err)
			}
		})
	}
}

func TestManyTerminalsAtOnce(t *testing.T) {
	s := open(t, mainframe.Config{}, reader)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			u := s.user(i % 4)
			if got, err := s.sys.Rights(limit(t), u.ID); err != nil && s.host.Signed("LBROBL") < 5 || err == nil && !slices.Equal(got, s.rightsOf(u)) {
				t.Errorf("%d rights, want %d: %v", len(got), len(u.Rights), err)
			}
		})
	}
	all.Wait()
}

// A session that the host has ended meanwhile is not worked on: nothing was begun.
func TestSessionThatSleptTooLong(t *testing.T) {
	clock := town.NewManualClock(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	s := open(t, mainframe.Config{Clock: clock}, reader)
	ctx := limit(t)
	if err := s.sys.SignIn(ctx); err != nil {
		t.Fatal(err)
	}
	clock.Advance(20 * time.Minute)
	if _, err := s.sys.Rights(ctx, s.user(0).ID); err != nil {
		t.Errorf("after the host ended the session: %v", err)
	}
	s.host.HangUp()
	if _, err := s.sys.Rights(ctx, s.user(0).ID); err != nil {
		t.Errorf("after the host hung up: %v", err)
	}
}
