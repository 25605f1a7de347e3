package access

import (
	"errors"
	"slices"
	"testing"
	"time"

	"byskriver/robots/access/review"
)

// Who sent a package in, or had it to answer, does not approve what came of it, though
// another one answered.
func TestTheSenderDoesNotApprove(t *testing.T) {
	h := open(t)
	h.day(2026, time.March, 2)
	p := h.moved("b1", "a", "a0") // a0 approves for IT too
	desk := h.robot.Desk()
	for _, held := range p.People[0].Held {
		v, by := review.Keep, "a0"
		if held.Grant.Right == "SJÆ" {
			v, by = review.Remove, "b0"
		}
		if err := desk.Save(t.Context(), by, p.ID, says(held.ID, v, "fordi")); err != nil {
			t.Fatal(err)
		}
	}
	if err := desk.Send(t.Context(), "a0", p.ID); err != nil {
		t.Fatal(err)
	}
	h.tomorrow()
	list, err := desk.Removals(t.Context(), "a0")
	if err != nil || len(list) != 1 || list[0].Note == "" || list[0].Only || list[0].SentBy != "a0" || !slices.Equal(list[0].Reviewers, []string{"a0", "b0"}) {
		t.Fatalf("the sender sees %+v, %v", list, err)
	}
	var said review.Said
	if err := desk.Approve(t.Context(), "a0", []string{list[0].ID}, true, ""); !errors.As(err, &said) {
		t.Errorf("the sender approves: %v", err)
	}
	if err := desk.Approve(t.Context(), "it1", []string{list[0].ID}, true, ""); err != nil {
		t.Errorf("somebody else cannot approve: %v", err)
	}
}

// second gives somebody a second user in the directory, with the same CPR number.
func (h *house) second(of, leader string) {
	e, _ := h.staff.staff.Employee(of)
	e.ID, e.Login, e.Leader = of+"adm", of+"adm", leader
	h.staff.staff.Employees = append(h.staff.staff.Employees, e)
	h.host.accounts = append(h.host.accounts, review.Account{System: "kspcics", ID: "U-" + e.ID, Login: e.Login, Active: true})
	h.grant(e.ID, "KRI")
}

// One person with two users in the directory neither reviews himself, nor approves as the
// one what he decided as the other.
func TestTwoUsersAreOnePerson(t *testing.T) {
	h := open(t)
	h.second("a1", "a1")
	h.day(2026, time.March, 2)
	h.day(2026, time.April, 2)
	if p := h.packageOf("a0", "a1adm"); len(p.Reviewers) != 1 {
		t.Errorf("a second user is laid before %v", p.Reviewers)
	}

	h, x := toRemoval(t)
	h.second("a0", "chef")
	h.robot.settings.Policy.Review.IT = append(h.robot.settings.Policy.Review.IT, "a0adm")
	h.tomorrow()
	var said review.Said
	if err := h.robot.Desk().Approve(t.Context(), "a0adm", []string{x.ID}, true, ""); !errors.As(err, &said) {
		t.Errorf("a leader approves as his second user: %v", err)
	}
	if err := h.robot.books.put(t.Context(), inApprovals+x.ID, review.Approval{Agreed: true, By: "a0adm", At: h.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(h.exceptions(), "GODKENDELSE-GÆLDER-IKKE") {
		t.Errorf("exceptions %v", h.exceptions())
	}
	h.untouched("a1", "SJÆ")
}
