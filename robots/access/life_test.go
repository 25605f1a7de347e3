package access

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/robots/access/review"
	"byskriver/robots/internal/kspcics"
	"byskriver/runner"
)

// answer has a leader keep everything in a package but what is to be removed, and send
// it in.
func (h *house) answer(leader string, p review.Package, remove func(review.Person, review.Held) bool) {
	h.t.Helper()
	var answers []review.Answer
	for _, person := range p.People {
		for _, held := range person.Held {
			switch {
			case !held.Open():
			case remove(person, held):
				answers = append(answers, says(held.ID, review.Remove, "")...)
			default:
				answers = append(answers, says(held.ID, review.Keep, "Bruger den hver dag")...)
			}
		}
	}
	desk := h.robot.Desk()
	if err := desk.Save(h.t.Context(), leader, p.ID, answers); err != nil {
		h.t.Fatal(err)
	}
	if err := desk.Send(h.t.Context(), leader, p.ID); err != nil {
		h.t.Fatal(err)
	}
}

// says is one answer.
func says(held string, v review.Verdict, reason string) []review.Answer {
	return []review.Answer{{Held: held, Verdict: v, Reason: reason}}
}

// rare is what tests have removed: a1's right that hardly anybody else has.
func rare(p review.Person, h review.Held) bool { return p.ID == "a1" && h.Grant.Right == "SJÆ" }

// toRemoval lives until IT is asked about a1's rare right, which some month lays before a0.
func toRemoval(t *testing.T) (*house, review.Removal) {
	t.Helper()
	h := open(t)
	for month := time.March; month <= 15; month++ { // a year and a month: December is 12
		h.day(2026, month, 2)
		for _, head := range h.all() {
			p, _, err := h.robot.books.pack(t.Context(), head.ID)
			if err != nil {
				t.Fatal(err)
			}
			if p.State == review.Open {
				h.answer(p.Reviewers[0].ID, p.Package, rare)
			}
		}
		h.day(2026, month, 3)
		if list, err := h.robot.Desk().Removals(t.Context(), "it1"); err != nil || len(list) > 0 {
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return h, list[0]
		}
	}
	t.Fatal("a1's rare right was never laid before anybody")
	return nil, review.Removal{}
}

func TestRemovedReadBackAndWatched(t *testing.T) {
	h, x := toRemoval(t)
	before := slices.Clone(h.host.grants)
	if h.host.signed != 0 || len(h.host.removed) != 0 {
		t.Fatal("something was corrected, or signed in to correct, before IT said its word")
	}
	desk := h.robot.Desk()
	if err := desk.Approve(t.Context(), "it1", []string{x.ID}, true, ""); err != nil {
		t.Fatal(err)
	}
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	got, _, _ := get[review.Removal](t.Context(), h.robot.books, inRemovals+x.ID)
	if got.Stage != review.Gone || got.Approval == nil || got.Approval.By != "it1" || got.Item == "" || got.Taken == "" {
		t.Fatalf("the removal stands so: %+v", got)
	}
	if len(h.host.removed) != 1 || len(h.host.grants) != len(before)-1 {
		t.Fatalf("%d removals, %d of %d rights left", len(h.host.removed), len(h.host.grants), len(before))
	}
	for _, g := range before {
		if g.Key() != x.Held.Grant.Key() && !slices.Contains(h.host.grants, g) {
			t.Errorf("%v is gone too", g)
		}
	}
	if h.host.signed != 0 {
		t.Error("the correcting user is still signed in, and nothing waits")
	}
	// Somebody gives it back: the next reading finds it.
	h.clock.Advance(8 * 24 * time.Hour)
	h.grant("a1", "SJÆ")
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(h.exceptions(), review.CodeReturned) {
		t.Errorf("a right that came back is not told: %v", h.exceptions())
	}
}

func TestARemovalThatStandsGoesToAPersonAndIsNotMadeTwice(t *testing.T) {
	h, x := toRemoval(t)
	h.host.ignore = true
	if err := h.robot.Desk().Approve(t.Context(), "it1", []string{x.ID}, true, ""); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		h.clock.Advance(time.Hour)
		if err := h.run(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Contains(h.exceptions(), runner.CodeUncertain) || len(h.host.removed) != 1 {
		t.Errorf("exceptions %v after %d removals", h.exceptions(), len(h.host.removed))
	}
	if got, _, _ := get[review.Removal](t.Context(), h.robot.books, inRemovals+x.ID); got.Stage != review.Stuck {
		t.Errorf("it stands as %s", got.Stage)
	}
}

func TestRemovalsThatGoWrong(t *testing.T) {
	for _, c := range []struct {
		name, code string
		fail       error
		ignore     bool
	}{
		{"refused", "FJERNELSE-AFVIST", runner.NotDone(&kspcics.Refused{Text: "nej"}), true},
		{"others gone too", "ANDRE-RETTER-VÆK", &kspcics.Lost{Rights: []kspcics.Right{{Name: "KRI"}}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, x := toRemoval(t)
			h.host.fail, h.host.ignore = func(review.Grant) error { return c.fail }, c.ignore
			if err := h.robot.Desk().Approve(t.Context(), "it1", []string{x.ID}, true, ""); err != nil {
				t.Fatal(err)
			}
			if err := h.run(); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(h.exceptions(), c.code) || len(h.host.removed) != 1 {
				t.Errorf("exceptions %v after %d removals", h.exceptions(), len(h.host.removed))
			}
		})
	}
}

// A host that hangs up after the removal: it is looked for, and not made again.
func TestTakenOnceAfterAHangUp(t *testing.T) {
	h, x := toRemoval(t)
	n := 0
	h.host.fail = func(review.Grant) error {
		n++
		return &runner.Trouble{Kind: runner.Unavailable, System: "kspcics", Text: "lagt på"}
	}
	if err := h.robot.Desk().Approve(t.Context(), "it1", []string{x.ID}, true, ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := h.run(); err != nil {
			t.Fatal(err)
		}
	}
	if got, _, _ := get[review.Removal](t.Context(), h.robot.books, inRemovals+x.ID); got.Stage != review.Gone || n != 1 {
		t.Errorf("it stands as %s after %d removals", got.Stage, n)
	}
}

// Three people are three: whoever decided cannot approve, nor whose right it is, nor
// somebody who is none of IT's; and a word that came past the page does not count.
func TestThreePeopleAreThree(t *testing.T) {
	h, x := toRemoval(t)
	desk := h.robot.Desk()
	var said review.Said
	if err := desk.Approve(t.Context(), "a0", []string{x.ID}, true, ""); !errors.As(err, &said) {
		t.Errorf("the leader approves his own decision: %v", err)
	}
	if err := desk.Approve(t.Context(), "b0", []string{x.ID}, true, ""); !errors.Is(err, review.ErrNotYours) {
		t.Errorf("somebody who is none of IT's approves: %v", err)
	}
	if _, err := desk.Removals(t.Context(), "b0"); !errors.Is(err, review.ErrNotYours) {
		t.Errorf("somebody who is none of IT's sees what waits: %v", err)
	}
	if err := desk.Approve(t.Context(), "it1", []string{x.ID}, false, " "); !errors.As(err, &said) {
		t.Errorf("a removal is turned down without a reason: %v", err)
	}
	if err := h.robot.books.put(t.Context(), inApprovals+x.ID, review.Approval{Agreed: true, By: "a0", At: h.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(h.exceptions(), "GODKENDELSE-GÆLDER-IKKE") || len(h.host.removed) != 0 {
		t.Errorf("exceptions %v, %d removals", h.exceptions(), len(h.host.removed))
	}
}

// The mails have a link and nothing personal, come on their days, and go to the leader's
// leader in the end; then a person is told, and can give the package away.
func TestRemindedThenClimbed(t *testing.T) {
	h := open(t)
	h.day(2026, time.March, 2)
	p := h.packageOf("a0", "a1")
	for d := 3; d <= 31; d++ {
		h.day(2026, time.March, d)
	}
	for d := 1; d <= 16; d++ {
		h.day(2026, time.April, d)
	}
	var days []string
	for _, m := range h.post.letters {
		if !strings.Contains(m.Text, p.Token) {
			continue
		}
		days = append(days, m.At.Format("0102")+" "+m.To)
		for _, e := range h.staff.staff.Employees {
			if strings.Contains(m.Subject+m.Text, e.Name) || strings.Contains(m.Subject+m.Text, e.CPR) {
				t.Errorf("a mail names %s:\n%s", e.Name, m.Text)
			}
		}
		if !strings.Contains(m.Text, "https://adgange.lilleby.example/pakke/"+p.Token) {
			t.Errorf("a mail without its link:\n%s", m.Text)
		}
	}
	want := []string{"0302 a0@lilleby.example", "0312 a0@lilleby.example", "0322 a0@lilleby.example", "0329 a0@lilleby.example", "0402 a0@lilleby.example", "0402 chef@lilleby.example"}
	if !slices.Equal(days, want) {
		t.Errorf("mails %v, want %v", days, want)
	}
	if !slices.Contains(h.exceptions(), "PAKKE-UDEN-SVAR") {
		t.Errorf("nobody is told: %v", h.exceptions())
	}
	if err := h.robot.CheckDecision(runner.Item{}, runner.Decision{Action: actionAssign, Value: "ingen"}); err == nil {
		t.Error("a package can be given to nobody")
	}
	c := h.items["pakke/"+p.ID]
	c.item.Decision, c.item.State = &runner.Decision{Action: actionAssign, Value: "B0", At: h.clock.Now()}, runner.Ready
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
	desk := h.robot.Desk()
	if _, _, err := desk.Package(t.Context(), "b0", p.Token); err != nil {
		t.Errorf("whom the package was given to cannot open it: %v", err)
	}
	if _, _, err := desk.Package(t.Context(), "a0", p.Token); !errors.Is(err, review.ErrNotYours) {
		t.Errorf("whom it was taken from still opens it: %v", err)
	}
}

// A person who comes to another unit: both leaders at once, the new one sends in.
func TestAMoveOpensASmallPackage(t *testing.T) {
	h := open(t)
	h.day(2026, time.March, 2)
	for i, e := range h.staff.staff.Employees {
		if e.ID == "a1" {
			h.staff.staff.Employees[i].Unit, h.staff.staff.Employees[i].Leader = "b", "b0"
		}
	}
	h.day(2026, time.March, 10)
	p := h.packageOf("b0", "a1")
	if p.Kind != review.Move || len(p.Reviewers) != 2 || p.Reviewers[1].ID != "a0" || p.Reviewers[1].Sends || len(p.People) != 1 {
		t.Fatalf("the package of a move: %+v", p)
	}
	if len(h.host.removed) != 0 {
		t.Error("a move takes something away")
	}
	desk := h.robot.Desk()
	var answers []review.Answer
	for _, held := range p.People[0].Held {
		answers = append(answers, says(held.ID, review.Keep, "Til overlevering")...)
	}
	if err := desk.Save(t.Context(), "a0", p.ID, answers); err != nil {
		t.Errorf("the former leader cannot answer: %v", err)
	}
	var said review.Said
	if err := desk.Send(t.Context(), "a0", p.ID); !errors.As(err, &said) {
		t.Errorf("the former leader sends it in: %v", err)
	}
	if err := desk.Send(t.Context(), "b0", p.ID); err != nil {
		t.Errorf("the new leader cannot send it in: %v", err)
	}
	h.day(2026, time.March, 11)
	h.day(2026, time.March, 12)
	for id, x := range h.all() {
		if id != p.ID && x.Kind == review.Move {
			t.Errorf("another package for the same move: %s", id)
		}
	}
}
