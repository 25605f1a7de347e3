package rollekatalog

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/staff"
	"byskriver/fixtures/town"
	catalogue "byskriver/fixtures/town/rollekatalog"
	"byskriver/runner"
)

// place is a town with a role catalogue, and clients with its three keys.
type place struct {
	town         *town.Town
	catalogue    *catalogue.Catalogue
	staff        *staff.Staff
	reads, takes *Catalogue
}

func open(t *testing.T, how func(*Settings), faults ...town.Fault) *place {
	t.Helper()
	p := &place{staff: staff.Generate(staff.Options{Seed: 5, Employees: 120, Now: time.Now()})}
	p.catalogue = catalogue.New(p.staff.RoleCatalogue())
	var err error
	if p.town, err = town.Start(town.Config{Systems: []town.System{p.catalogue}, Faults: faults}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.town.Close(); err != nil {
			t.Error(err)
		}
	})
	read, manage, _ := catalogue.StandardKeys()
	with := func(key string) *Catalogue {
		s := Settings{URL: p.town.URL() + catalogue.Path, Key: func() (string, error) { return key, nil }, Longest: 5 * time.Second}
		if how != nil {
			how(&s)
		}
		if err := CheckURL(s.URL); err != nil {
			t.Fatal(err)
		}
		c := New(s)
		t.Cleanup(c.Close)
		return c
	}
	p.reads, p.takes = with(read), with(manage)
	return p
}

// direct is somebody with a direct role.
func (p *place) direct(t *testing.T) catalogue.Assignment {
	t.Helper()
	held := p.catalogue.Held(time.Now())
	i := slices.IndexFunc(held, func(a catalogue.Assignment) bool { return a.Through == catalogue.Direct })
	if i < 0 {
		t.Fatal("nobody has a direct role")
	}
	return held[i]
}

func kindOf(err error) runner.TroubleKind {
	var trouble *runner.Trouble
	if errors.As(err, &trouble) {
		return trouble.Kind
	}
	return ""
}

// Every assignment is read, with what it was assigned through, and none that is not.
func TestRolesAreReadWhole(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	var got []string
	for _, system := range p.staff.ItSystems() {
		roles, err := p.reads.Roles(t.Context(), system)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range roles {
			if r.Description == "" {
				t.Errorf("%s has no description", r.Name)
			}
			for _, h := range *r.Holders {
				for _, w := range h.Through {
					got = append(got, strings.Join([]string{h.UserID, r.Name, w}, " "))
				}
			}
			one, err := p.reads.Assigned(t.Context(), r.ID)
			if err != nil || len(*one.Holders) != len(*r.Holders) {
				t.Errorf("%s alone: %v", r.Name, err)
			}
		}
	}
	var want []string
	for _, a := range p.staff.In(staff.Catalogue) {
		for _, g := range a.Grants {
			r, _ := p.staff.Right(staff.Catalogue, g.Right)
			way := g.Via
			if way == "" {
				way = Direct
			}
			want = append(want, strings.Join([]string{a.ID, r.Name, way}, " "))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(want) < 300 {
		t.Errorf("%d assignments read, %d there are", len(got), len(want))
	}
	if _, err := p.reads.Roles(t.Context(), "ukendt"); kindOf(err) != runner.ScreenChanged || !strings.Contains(err.Error(), "ukendt") {
		t.Errorf("an it-system that there is not: %v", err)
	}
}

// One role goes, and nothing else; what is not there to be taken is answered well too.
func TestDeassign(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	a := p.direct(t)
	before := len(p.catalogue.Held(time.Now()))
	for range 2 {
		if err := p.takes.Deassign(t.Context(), a.UserID, a.Role); err != nil {
			t.Fatal(err)
		}
	}
	roles, err := p.reads.UserRoles(t.Context(), a.UserID)
	if err != nil || slices.ContainsFunc(roles, func(r UserRole) bool { return r.ID == a.Role }) {
		t.Errorf("%v, %v", roles, err)
	}
	if after := p.catalogue.Held(time.Now()); len(after) != before-1 || len(p.catalogue.Removals()) != 1 {
		t.Errorf("%d assignments of %d are left", len(after), before)
	}
	if _, err := p.reads.UserRoles(t.Context(), "NOBODY1"); !errors.Is(err, ErrNoUser) {
		t.Errorf("a user that there is not: %v", err)
	}
	var no *Refused
	if err := p.takes.Deassign(t.Context(), "NOBODY1", a.Role); !errors.As(err, &no) || !runner.IsNotDone(err) {
		t.Errorf("from nobody: %v", err)
	}
}

// Each key does what it may; what a key may not is a refused sign-in, and nothing done.
func TestKeys(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	a := p.direct(t)
	if err := p.reads.Deassign(t.Context(), a.UserID, a.Role); kindOf(err) != runner.SignInRefused || !runner.IsNotDone(err) || len(p.catalogue.Removals()) != 0 {
		t.Errorf("the key that reads took away: %v", err)
	}
	if _, err := p.takes.Roles(t.Context(), "esdh"); kindOf(err) != runner.SignInRefused {
		t.Errorf("the key that takes away read: %v", err)
	}
	wrong := New(Settings{URL: p.town.URL() + catalogue.Path, Key: func() (string, error) { return "gættet", nil }})
	if _, err := wrong.Roles(t.Context(), "esdh"); kindOf(err) != runner.SignInRefused || strings.Contains(err.Error(), "gættet") {
		t.Errorf("a wrong key: %v", err)
	}
}

// What goes wrong while a role is taken away: what is certain not to have been done is
// marked so, and the rest is not.
func TestDeassignGoesWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do            town.Action
		notDone, gone bool
		kind          runner.TroubleKind
	}{
		"500":          {town.Fail(), false, false, runner.Unavailable},
		"500 after":    {town.FailAfter(0), false, true, runner.Unavailable},
		"maintenance":  {town.Maintenance(), false, false, runner.Unavailable},
		"cut before":   {town.CutBefore(), false, false, runner.Unavailable},
		"cut after":    {town.DropAfter(0), false, true, runner.Unavailable},
		"never":        {town.Never(), false, false, runner.Unavailable},
		"never, taken": {town.NeverAfter(0), false, true, runner.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, func(s *Settings) { s.Longest = 500 * time.Millisecond }, town.Fault{On: town.Match{What: catalogue.WhatDeassign}, Do: c.do})
			a := p.direct(t)
			err := p.takes.Deassign(t.Context(), a.UserID, a.Role)
			if kindOf(err) != c.kind || runner.IsNotDone(err) != c.notDone {
				t.Errorf("%v", err)
			}
			roles, err := p.reads.UserRoles(t.Context(), a.UserID)
			if gone := !slices.ContainsFunc(roles, func(r UserRole) bool { return r.ID == a.Role }); err != nil || gone != c.gone {
				t.Errorf("gone: %v, %v", gone, err)
			}
			if n := len(p.catalogue.Removals()); n > 1 {
				t.Errorf("taken away %d times", n)
			}
		})
	}
	p := open(t, func(s *Settings) { s.URL = "http://127.0.0.1:1" })
	if err := p.takes.Deassign(t.Context(), "x", 1); kindOf(err) != runner.Unavailable || !runner.IsNotDone(err) {
		t.Errorf("nobody answers: %v", err)
	}
}

// A reading that is not whole is none.
func TestReadingGoesWrong(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]town.Action{"500": town.Fail(), "torn": town.CutAfter(0), "cut": town.CutBefore(), "never": town.Never()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, func(s *Settings) { s.Longest = 500 * time.Millisecond }, town.Fault{On: town.Match{What: catalogue.WhatSystem}, Do: do})
			if roles, err := p.reads.Roles(t.Context(), "esdh"); roles != nil || kindOf(err) != runner.Unavailable && kindOf(err) != runner.ScreenChanged {
				t.Errorf("%d roles, %v", len(roles), err)
			}
		})
	}
	for _, r := range []Role{{ID: 1, Name: "a"}, {ID: 1, Holders: &[]Holder{}}, {ID: 1, Name: "a", Holders: &[]Holder{{UserID: "x"}}}} {
		if r.check() == nil {
			t.Errorf("%+v passed for whole", r)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{"https://rolle.kommune.example": true, "http://127.0.0.1:80": true, "http://rolle.kommune.example": false, "https://x.example/": false, "https://x.example/api": false, "x": false} {
		if err := CheckURL(address); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
