package directory

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/staff"
	town "byskriver/fixtures/town/directory"
	"byskriver/fixtures/town/eindkomst"
	"byskriver/runner"
)

// open starts a directory of that many people over TLS, and a reader of it.
func open(t *testing.T, employees int, how func(*Settings), tricks ...town.Trick) (*Directory, *town.Server, *staff.Staff) {
	t.Helper()
	s := staff.Generate(staff.Options{Seed: 11, Employees: employees, Units: 12, Now: time.Now()})
	authority, err := eindkomst.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	secure, err := authority.TLS(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	server, err := town.Start(town.Config{Entries: s.Directory(), TLS: secure, Tricks: tricks})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.PEM())
	user, word := town.StandardUser()
	settings := Settings{URL: server.URL(), User: user, Password: func() (string, error) { return word, nil }, Base: staff.Base, Attributes: ActiveDirectory(), Roots: roots, Longest: 5 * time.Second}
	settings.Attributes.UnitCode = "departmentNumber"
	if how != nil {
		how(&settings)
	}
	if err := settings.Check(); err != nil {
		t.Fatal(err)
	}
	return New(settings), server, s
}

// Everybody is read, over more pages than one, as the staff has them.
func TestEverybodyIsRead(t *testing.T) {
	t.Parallel()
	d, server, s := open(t, 1250, nil)
	people, err := d.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(people) != len(s.People) {
		t.Fatalf("%d people of %d", len(people), len(s.People))
	}
	places := map[string]string{}
	for _, p := range people {
		places[PlaceKey(p.Place)] = p.ID
	}
	for i, p := range people {
		want := s.People[i]
		works := p.Enabled && (p.Expires.IsZero() || p.Expires.After(time.Now()))
		if p.ID != want.GUID || p.CPR != want.CPR[:6]+"-"+want.CPR[6:] || p.Name != want.Name() || p.Login != want.Login || p.UnitCode != s.Units[want.Unit].Short || works != want.Left.IsZero() {
			t.Fatalf("%+v is not %+v", p, want)
		}
		if manager := places[PlaceKey(p.Manager)]; want.Leader >= 0 && manager != s.People[want.Leader].GUID || want.Leader < 0 && p.Manager != "" {
			t.Fatalf("the leader of %+v", p)
		}
	}
	pages := 0
	for _, c := range server.Journal() {
		if c.What == town.WhatSearch && c.Page {
			pages++
		}
	}
	if pages != 3 {
		t.Errorf("%d pages", pages)
	}
	if n, err := d.Look(t.Context()); err != nil || n != 500 {
		t.Errorf("look: %d, %v", n, err)
	}
}

func kindOf(err error) runner.TroubleKind {
	var trouble *runner.Trouble
	if errors.As(err, &trouble) {
		return trouble.Kind
	}
	return ""
}

// What goes wrong stops the reading, says so in the house's words, and names nobody.
func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	short := func(s *Settings) { s.Longest = 300 * time.Millisecond }
	on := func(what string, nth int, do town.Action) []town.Trick {
		return []town.Trick{{What: what, Nth: nth, Do: do}}
	}
	for name, c := range map[string]struct {
		how    func(*Settings)
		tricks []town.Trick
		want   runner.TroubleKind
		says   string
	}{
		"wrong password":       {func(s *Settings) { s.Password = func() (string, error) { return "forkert", nil } }, nil, runner.SignInRefused, "forkert."},
		"expired":              {nil, on(town.WhatBind, 0, town.Refuse("532")), runner.SignInRefused, "udløbet"},
		"locked":               {nil, on(town.WhatBind, 0, town.Refuse("775")), runner.SignInRefused, "spærret"},
		"certificate":          {func(s *Settings) { s.Roots = x509.NewCertPool() }, nil, runner.Unavailable, "certifikat"},
		"nobody answers":       {func(s *Settings) { s.URL = "ldaps://127.0.0.1:1" }, nil, runner.Unavailable, ""},
		"bind hangs up":        {nil, on(town.WhatBind, 0, town.HangUp()), runner.Unavailable, ""},
		"bind is silent":       {short, on(town.WhatBind, 0, town.Silent()), runner.Unavailable, ""},
		"search hangs up":      {nil, on(town.WhatSearch, 2, town.HangUp()), runner.Unavailable, ""},
		"half a page":          {nil, on(town.WhatSearch, 2, town.HalfPage()), runner.Unavailable, ""},
		"search is slow":       {short, on(town.WhatSearch, 2, town.Slow(time.Minute)), runner.Unavailable, ""},
		"pages are forgotten":  {nil, on(town.WhatSearch, 2, town.NoControl()), runner.ScreenChanged, "ikke brugt"},
		"two of the same id":   {func(s *Settings) { s.Attributes.ID = "department" }, nil, runner.ScreenChanged, ""},
		"an id that none have": {func(s *Settings) { s.Attributes.ID = "employeeNumber" }, nil, runner.ScreenChanged, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, server, s := open(t, 600, c.how, c.tricks...)
			people, err := d.People(t.Context())
			if kindOf(err) != c.want || people != nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%d people, %v", len(people), err)
			}
			for _, p := range s.People {
				if strings.Contains(err.Error(), p.CPR) || strings.Contains(err.Error(), p.Surname) {
					t.Fatalf("the error names a person: %v", err)
				}
			}
			if c.want != runner.SignInRefused {
				return
			}
			tries := len(server.Journal())
			if _, again := d.People(t.Context()); kindOf(again) != runner.SignInRefused || len(server.Journal()) != tries {
				t.Errorf("a refused account was tried again: %v", again)
			}
		})
	}
}

// After trouble that passes, the next reading is whole.
func TestAfterTrouble(t *testing.T) {
	t.Parallel()
	d, server, s := open(t, 600, nil, town.Trick{What: town.WhatSearch, Nth: 2, Do: town.HalfPage()})
	if _, err := d.People(t.Context()); err == nil {
		t.Fatal("half a reading was taken")
	}
	server.Unscript()
	if people, err := d.People(t.Context()); err != nil || len(people) != len(s.People) {
		t.Errorf("%d people, %v", len(people), err)
	}
}

// Who gives up is not kept waiting.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	d, server, _ := open(t, 100, nil, town.Trick{What: town.WhatSearch, Do: town.Silent()})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_ = server.Await(t.Context(), func(calls []town.Call) bool { return len(calls) == 2 }) // the bind and the search
		cancel()
	}()
	if _, err := d.People(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	err := Settings{URL: "ldap://ad.kommune.example:389", Base: "", Filter: "(", Page: 2000}.Check()
	for _, says := range []string{"ldaps://", "base", "filter", "attributes.id", "attributes.manager", "page"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not in: %v", says, err)
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"0": "", "9223372036854775807": "", "": "", "134000000000000000": "2025-08-18"} {
		got, err := end(text)
		if day := got.Format("2006-01-02"); err != nil || want == "" != got.IsZero() || want != "" && day != want {
			t.Errorf("%s: %s, %v", text, day, err)
		}
	}
	if _, err := end("aldrig"); err == nil {
		t.Error("a word was read as a moment")
	}
}
