package access

import (
	"errors"
	"slices"
	"testing"

	"byskriver/robots/access/review"
	"byskriver/runner"
)

func none(review.Person, review.Held) bool { return false }

// move has somebody come to another unit.
func (h *house) move(id, unit, leader string) {
	for i := range h.staff.staff.Employees {
		if e := &h.staff.staff.Employees[i]; e.ID == id {
			e.Unit, e.Leader = unit, leader
		}
	}
}

// tomorrow goes to the next day and runs.
func (h *house) tomorrow() {
	h.t.Helper()
	n := h.clock.Now().AddDate(0, 0, 1)
	h.day(n.Year(), n.Month(), n.Day())
}

// moved lives until the move's package lies before the new leader.
func (h *house) moved(id, unit, leader string) review.Package {
	h.t.Helper()
	h.move(id, unit, leader)
	for range 9 {
		h.tomorrow()
		for _, x := range h.all() {
			p, _, err := h.robot.books.pack(h.t.Context(), x.ID)
			if err != nil {
				h.t.Fatal(err)
			}
			if p.Kind == review.Move && p.State == review.Open && p.Reviewers[0].ID == leader {
				return p.Package
			}
		}
	}
	h.t.Fatalf("no package is made of the move of %s", id)
	return review.Package{}
}

// past lays IT's word past the page, as one that came just before, and runs.
func (h *house) past(x review.Removal) review.Removal {
	h.t.Helper()
	if err := h.robot.books.put(h.t.Context(), inApprovals+x.ID, review.Approval{Agreed: true, By: "it1", Name: "It", At: h.clock.Now()}); err != nil {
		h.t.Fatal(err)
	}
	if err := h.run(); err != nil {
		h.t.Fatal(err)
	}
	return h.removal(x.ID)
}

func (h *house) removal(id string) review.Removal {
	h.t.Helper()
	x, _, err := get[review.Removal](h.t.Context(), h.robot.books, inRemovals+id)
	if err != nil {
		h.t.Fatal(err)
	}
	return x
}

// untouched fails where something was taken away.
func (h *house) untouched(id, right string) {
	h.t.Helper()
	if len(h.host.removed) != 0 || !slices.ContainsFunc(h.host.grants, func(g review.Grant) bool { return g.Account == "U-"+id && g.Right == right }) {
		h.t.Errorf("taken away: %v", h.host.removed)
	}
}

// The newest answer counts: what a new leader keeps is not taken away on the word of the
// one before, whether IT has looked or not.
func TestANewerAnswerEndsARemoval(t *testing.T) {
	for _, late := range []bool{false, true} {
		h, x := toRemoval(t)
		h.answer("b0", h.moved("a1", "b", "b0"), none)
		if late { // sent in, not taken yet, and IT's word comes past the page
			if got := h.past(x); got.Stage != review.Over && got.Stage != review.Paused {
				t.Errorf("it stands as %s", got.Stage)
			}
		}
		h.tomorrow()
		if got := h.removal(x.ID); got.Stage != review.Over || got.Note == "" {
			t.Errorf("late %v: it stands as %s: %s", late, got.Stage, got.Note)
		}
		var said review.Said
		if err := h.robot.Desk().Approve(t.Context(), "it1", []string{x.ID}, true, ""); !errors.As(err, &said) {
			t.Errorf("IT approves what a newer answer has ended: %v", err)
		}
		h.tomorrow()
		h.untouched("a1", "SJÆ")
	}
}

// While the package of a move is open nothing is taken away, and the correcting user is not
// kept signed in for it; when the new leader wants it gone too, it goes.
func TestNothingIsTakenAwayDuringAMove(t *testing.T) {
	h, x := toRemoval(t)
	p := h.moved("a1", "b", "b0")
	list, err := h.robot.Desk().Removals(t.Context(), "it1")
	if err != nil || len(list) != 1 || list[0].Note == "" || !list[0].Only {
		t.Fatalf("IT sees %+v, %v", list, err)
	}
	var said review.Said
	if err := h.robot.Desk().Approve(t.Context(), "it1", []string{x.ID}, true, ""); !errors.As(err, &said) {
		t.Errorf("IT approves during the move: %v", err)
	}
	if got := h.past(x); got.Stage != review.Paused || h.items["fjern/"+x.ID].item.State != runner.Waiting || h.host.signed != 0 {
		t.Errorf("it stands as %s, its item is %s, %d signed in", got.Stage, h.items["fjern/"+x.ID].item.State, h.host.signed)
	}
	h.tomorrow()
	h.untouched("a1", "SJÆ")
	h.answer("b0", p, rare)
	h.tomorrow()
	h.tomorrow()
	if got := h.removal(x.ID); got.Stage != review.Gone || len(h.host.removed) != 1 {
		t.Errorf("it stands as %s after %d removals", got.Stage, len(h.host.removed))
	}
}

// What a role package gives by now, or an account that is somebody else's, is a person's;
// who may let the right stand.
func TestWhatHasChangedIsAPersons(t *testing.T) {
	for code, change := range map[string]func(*house){
		review.CodeExplained: func(h *house) {
			h.robot.settings.Policy.Review.Roles = []review.Role{{Name: "Sagsbehandler", Titles: []string{"Sagsbehandler"}, Rights: []review.RightRef{{System: "kspcics", Right: "SJÆ"}}}}
		},
		review.CodeForeign: func(h *house) {
			reading, _, _ := get[review.Reading](t.Context(), h.robot.books, inReadings+"kspcics")
			for i := range reading.Accounts {
				if reading.Accounts[i].ID == "U-a1" {
					reading.Accounts[i].CPR = "8605019998"
				}
			}
			if err := h.robot.books.put(t.Context(), inReadings+"kspcics", reading); err != nil {
				t.Fatal(err)
			}
		},
	} {
		h, x := toRemoval(t)
		change(h)
		if list, err := h.robot.Desk().Removals(t.Context(), "it1"); err != nil || len(list) != 1 || list[0].Note == "" {
			t.Errorf("%s: IT sees %+v, %v", code, list, err)
		}
		if got := h.past(x); got.Stage != review.Stuck || !slices.Contains(h.exceptions(), code) {
			t.Errorf("%s: it stands as %s, exceptions %v", code, got.Stage, h.exceptions())
		}
		h.untouched("a1", "SJÆ")
		c := h.items["fjern/"+x.ID]
		c.item.Decision, c.item.State = &runner.Decision{Action: actionLeave, Note: "Bruges igen"}, runner.Ready
		if err := h.run(); err != nil {
			t.Fatal(err)
		}
		if got := h.removal(x.ID); got.Stage != review.Rejected || got.Note != "Bruges igen" {
			t.Errorf("%s: a right that is to stand stands as %s: %s", code, got.Stage, got.Note)
		}
		h.untouched("a1", "SJÆ")
	}
}
