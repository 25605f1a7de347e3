package kspcics

import (
	"errors"
	"slices"
	"testing"
	"time"

	"byskriver/fixtures/staff"
	"byskriver/fixtures/town/mainframe"
	"byskriver/runner"
)

// peopled is a host with a town's staff on it.
func peopled(t *testing.T, employees int, tricks ...mainframe.Trick) (*setting, *staff.Staff) {
	t.Helper()
	s := staff.Generate(staff.Options{Seed: 4, Employees: employees, Now: time.Now()})
	return open(t, mainframe.Config{Roll: s.Mainframe(), Tricks: tricks}, reader), s
}

func (s *setting) survey(t *testing.T) ([]Entry, error) {
	t.Helper()
	var all []Entry
	err := s.sys.Survey(limit(t), func(e Entry) error {
		all = append(all, e)
		return nil
	})
	return all, err
}

// A survey has every user, what the screens say of him and every authorisation; nothing
// is marked to be removed on the way.
func TestSurvey(t *testing.T) {
	s, _ := peopled(t, 40)
	all, err := s.survey(t)
	if err != nil {
		t.Fatal(err)
	}
	users := s.host.Users()
	if len(all) != len(users) {
		t.Fatalf("%d of %d users", len(all), len(users))
	}
	long := 0
	for i, u := range users {
		e := all[i]
		if e.User != u.ID || e.Name != u.Name || e.CPR != u.CPR || e.Unit != u.Unit || e.Active != u.Active || !slices.Equal(e.Rights, s.rightsOf(u)) {
			t.Errorf("%+v is not %+v", e, u)
		}
		long = max(long, len(u.Rights))
	}
	if long < 14 {
		t.Errorf("nobody has more than %d authorisations; no list had a second page", long)
	}
	if n := s.strikes(); n > 0 {
		t.Errorf("%d rows marked with S", n)
	}
}

// A survey stops at the first screen that is not as expected, and at a host that goes.
func TestSurveyStops(t *testing.T) {
	for name, c := range map[string]struct {
		do   mainframe.Action
		kind runner.TroubleKind
	}{
		"garbage":      {mainframe.Garbage(), runner.ScreenChanged},
		"another user": {mainframe.Other("LBROB01"), runner.ScreenChanged},
		"hang up":      {mainframe.HangUp(), runner.Unavailable},
		"time out":     {mainframe.TimeOut(), runner.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := peopled(t, 30, mainframe.Trick{Screen: "KSP/CICS52", Key: "ENTER", Marked: true, Nth: 9, Do: c.do})
			all, err := s.survey(t)
			if kindOf(err) != c.kind || len(all) == 0 || len(all) > 5 {
				t.Errorf("%d users, %v", len(all), err)
			}
			discreet(t, s, err)
		})
	}
	s, _ := peopled(t, 30)
	boom := errors.New("full")
	if err := s.sys.Survey(limit(t), func(Entry) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("who takes the entries refuses: %v", err)
	}
}

// Where somebody is taken off the list while it is surveyed, it is no survey: one who had
// been read, and one who had not.
func TestSurveyOfAListThatChanges(t *testing.T) {
	for name, at := range map[string]int{"read": 0, "not read": 20} {
		t.Run(name, func(t *testing.T) {
			s, _ := peopled(t, 30)
			user := s.host.Users()[at].ID
			s.host.Script(mainframe.Trick{Screen: "KSP/CICS33", Key: "F3", Nth: 10, Do: mainframe.CallAfter(func(mainframe.Entry) { s.host.Dismiss(user) })})
			if _, err := s.survey(t); kindOf(err) != runner.Unavailable {
				t.Errorf("%v", err)
			}
		})
	}
}

// A message to everybody in the way is read away.
func TestSurveyReadsNoticesAway(t *testing.T) {
	s, _ := peopled(t, 12, mainframe.Trick{Screen: "KSP/CICS31", Key: "F3", Nth: 2, Do: mainframe.Notice("Systemet lukkes kl. 18")})
	if all, err := s.survey(t); err != nil || len(all) != len(s.host.Users()) {
		t.Errorf("%d users, %v", len(all), err)
	}
}

// A row that somebody else removes from an earlier page lets another slip by unread: the
// list is read until two readings in a row are the same.
func TestNoRowSlipsBy(t *testing.T) {
	s, _ := peopled(t, 12)
	users := s.host.Users()
	u := users[slices.IndexFunc(users, func(u mainframe.User) bool { return u.ID == "LBALT01" })]
	taken := false
	s.host.Script(mainframe.Trick{Screen: "KSP/CICS33", Key: "F8", User: u.ID, Nth: 1, Do: mainframe.CallBefore(func(mainframe.Entry) {
		taken = true
		if err := s.host.Change("LBANDEN", u.ID, nil, u.Rights[:1]); err != nil {
			t.Error(err)
		}
	})})
	got, err := s.sys.Rights(limit(t), u.ID)
	if err != nil || !taken {
		t.Fatal(err)
	}
	if want := s.rightsOf(u)[1:]; !slices.Equal(got, want) {
		t.Errorf("%d authorisations of %d", len(got), len(want))
	}
}

// Last sign-in and last use are read where there are any; who never was there has none.
func TestLastUse(t *testing.T) {
	s, _ := peopled(t, 40)
	for name, read := range map[string]func() (map[string]time.Time, error){
		"logons": func() (map[string]time.Time, error) { return s.sys.LastLogons(limit(t)) },
		"uses":   func() (map[string]time.Time, error) { return s.sys.LastUses(limit(t)) },
	} {
		days, err := read()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, u := range s.host.Users() {
			if got := days[u.ID]; !got.Equal(u.LastSeen) {
				t.Errorf("%s of %s: %v, %v", name, u.ID, got, u.LastSeen)
			}
		}
	}
}
