package sources

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"byskriver/fixtures/staff"
	"byskriver/fixtures/town"
	"byskriver/fixtures/town/mainframe"
	catalogue "byskriver/fixtures/town/rollekatalog"
	service "byskriver/fixtures/town/spml"
	"byskriver/robots/access/review"
	"byskriver/robots/internal/kspcics"
	"byskriver/runner"
)

// some is a grant of the mainframe, in the middle of its holder's list.
func (l *lilleby) some() review.Grant {
	users := l.host.Users()
	u := users[slices.IndexFunc(users, func(u mainframe.User) bool { return len(u.Rights) > 3 })]
	return review.Grant{System: kspcics.Name, Account: u.ID, Right: u.Rights[1].Profile + ";" + u.Rights[1].Owner}
}

// role is a grant of the role catalogue that was given so.
func (l *lilleby) role(through string) review.Grant {
	held := l.catalogue.Held(time.Now())
	a := held[slices.IndexFunc(held, func(a catalogue.Assignment) bool { return a.Through == through })]
	g := review.Grant{System: staff.Catalogue, Account: a.UserID, Right: strconv.FormatInt(a.Role, 10)}
	if through != catalogue.Direct {
		g.Via = "stillingen"
	}
	return g
}

type remover interface {
	Find(ctx context.Context, g review.Grant) (runner.Sight, error)
	Remove(ctx context.Context, g review.Grant) error
	Close()
}

// In each system exactly the one right goes, and Find says so before and after.
func TestOneRightGoes(t *testing.T) {
	l := settle(t, 40)
	for name, c := range map[string]struct {
		by    remover
		grant func() review.Grant
		line  func(review.Grant) string
	}{
		"screens": {OnScreens{l.corrects}, l.some, func(g review.Grant) string { return "kspcics " + g.Account + " " + g.Right }},
		"service": {OverService{l.service, l.changes}, l.some, func(g review.Grant) string { return "kspcics " + g.Account + " " + g.Right }},
		"catalogue": {InCatalogue{l.roles, l.takes}, func() review.Grant { return l.role(catalogue.Direct) }, func(g review.Grant) string {
			return "rollekatalog " + g.Account + " " + g.Right + " " + catalogue.Direct
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := c.grant()
			before := l.held()
			if sight, err := c.by.Find(limit(t), g); err != nil || sight.Certainty != runner.Absent {
				t.Fatalf("before: %+v, %v", sight, err)
			}
			if err := c.by.Remove(limit(t), g); err != nil {
				t.Fatal(err)
			}
			if sight, err := c.by.Find(limit(t), g); err != nil || sight.Certainty != runner.Present || sight.Receipt == nil {
				t.Errorf("after: %+v, %v", sight, err)
			}
			c.by.Close()
			after := l.held()
			if gone := missing(before, after); !slices.Equal(gone, []string{c.line(g)}) || len(after) != len(before)-1 {
				t.Errorf("gone: %v; %d of %d left", gone, len(after), len(before))
			}
			if n := l.host.Signed("LBROBR"); n != 0 {
				t.Errorf("the correcting user is signed in %d times after Close", n)
			}
		})
	}
}

// A grant that is not the system's, or that comes by another way, is not taken.
func TestWhatIsNotTaken(t *testing.T) {
	l := settle(t, 30)
	before := l.held()
	by := InCatalogue{l.roles, l.takes}
	held := l.role(catalogue.Position)
	var refusal *runner.Refusal
	if err := by.Remove(limit(t), held); !errors.As(err, &refusal) || refusal.Code != refusedCode || !runner.IsNotDone(err) {
		t.Errorf("a role through a position: %v", err)
	}
	if sight, err := by.Find(limit(t), held); err != nil || sight.Certainty != runner.Different || sight.Text == "" {
		t.Errorf("it is there by another way: %+v, %v", sight, err)
	}
	for name, r := range map[string]remover{"screens": OnScreens{l.corrects}, "service": OverService{l.service, l.changes}, "catalogue": by} {
		odd := review.Grant{Account: "LB10017", Right: "uden form"}
		if sight, err := r.Find(limit(t), odd); err != nil || sight.Certainty != runner.CannotTell || sight.Text == "" {
			t.Errorf("%s: %+v, %v", name, sight, err)
		}
		if err := r.Remove(limit(t), odd); !runner.IsNotDone(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	nobody := review.Grant{Account: "LBZZZZZ", Right: "LBDAG000;LB004"}
	for name, r := range map[string]remover{"screens": OnScreens{l.corrects}, "service": OverService{l.service, l.changes}} {
		if sight, err := r.Find(limit(t), nobody); err != nil || sight.Certainty != runner.CannotTell {
			t.Errorf("%s: nobody: %+v, %v", name, sight, err)
		}
		if err := r.Remove(limit(t), nobody); !runner.IsNotDone(err) {
			t.Errorf("%s: nobody: %v", name, err)
		}
	}
	if !slices.Equal(l.held(), before) {
		t.Errorf("gone: %v", missing(before, l.held()))
	}
}

// The reading user cannot take anything away, on the screens or with its key.
func TestReadersDoNotCorrect(t *testing.T) {
	l := settle(t, 30)
	before := l.held()
	if err := (OnScreens{l.reads}).Remove(limit(t), l.some()); !errors.Is(err, kspcics.ErrMayNot) || !runner.IsNotDone(err) {
		t.Errorf("screens: %v", err)
	}
	if err := (InCatalogue{l.roles, l.roles}).Remove(limit(t), l.role(catalogue.Direct)); !runner.IsNotDone(err) {
		t.Errorf("catalogue: %v", err)
	}
	if !slices.Equal(l.held(), before) {
		t.Errorf("gone: %v", missing(before, l.held()))
	}
}

// The answer to a removal that was taken never comes: the error leaves that open, and
// Find then knows.
func TestAnswerThatNeverCame(t *testing.T) {
	l := settle(t, 30, town.Fault{On: town.Match{What: catalogue.WhatDeassign}, Do: town.DropAfter(0)}, town.Fault{On: town.Match{What: service.WhatModify}, Do: town.DropAfter(0)})
	l.host.Script(mainframe.Trick{Screen: "KSP/CICS33", Key: "ENTER", Marked: true, Nth: 1, Do: mainframe.HangUpAfter()})
	for name, c := range map[string]struct {
		by    remover
		grant review.Grant
	}{"screens": {OnScreens{l.corrects}, l.some()}, "catalogue": {InCatalogue{l.roles, l.takes}, l.role(catalogue.Direct)}} {
		err := c.by.Remove(limit(t), c.grant)
		var trouble *runner.Trouble
		if !errors.As(err, &trouble) || trouble.Kind != runner.Unavailable || runner.IsNotDone(err) {
			t.Errorf("%s: %v", name, err)
		}
		if sight, err := c.by.Find(limit(t), c.grant); err != nil || sight.Certainty != runner.Present {
			t.Errorf("%s: %+v, %v", name, sight, err)
		}
	}
	g := l.some()
	if err := (OverService{l.service, l.changes}).Remove(limit(t), g); err == nil || runner.IsNotDone(err) {
		t.Errorf("service: %v", err)
	}
	if sight, err := (OverService{l.service, l.changes}).Find(limit(t), g); err != nil || sight.Certainty != runner.Present {
		t.Errorf("service: %+v, %v", sight, err)
	}
}

// Who may only read deletes nothing.
func TestReaderDeletesNothing(t *testing.T) {
	l := settle(t, 20)
	g := l.some()
	before := l.held()
	if err := (OverService{l.service, l.service}).Remove(limit(t), g); !runner.IsNotDone(err) || !slices.Equal(before, l.held()) {
		t.Errorf("the reader's delete: %v", err)
	}
}

// A role that stays although the catalogue said 200 is still there to Find.
func TestRoleThatStays(t *testing.T) {
	l := settle(t, 20)
	g := l.role(catalogue.Direct)
	id, err := strconv.ParseInt(g.Right, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	l.catalogue.Pin(g.Account, id)
	by := InCatalogue{l.roles, l.takes}
	if err := by.Remove(limit(t), g); err != nil {
		t.Fatal(err)
	}
	if sight, err := by.Find(limit(t), g); err != nil || sight.Certainty != runner.Absent {
		t.Errorf("%+v, %v", sight, err)
	}
}
