package review_test

import (
	"strings"
	"testing"
	"time"

	"byskriver/robots/access/review"
	"byskriver/schedules"
)

// Who may say what to a removal.
func TestApprove(t *testing.T) {
	x := review.Removal{Person: "p", Decision: review.Decision{By: "leader"}, SentBy: "sender", Reviewers: []string{"leader", "sender", "other"}}
	same := map[string][]string{"adm-leader": {"leader"}, "adm-p": {"p"}}
	for _, c := range []struct {
		name, by, login, reason, via string
		agreed, want                 bool
	}{
		{"one of IT's", "it1", "ITAA", "", "", true, true},
		{"none of IT's", "it1", "frem", "", "", true, false},
		{"nobody", "", "itaa", "", "", true, false},
		{"the reviewer himself", "leader", "itaa", "", "", true, false},
		{"the sender", "sender", "itaa", "", "", true, false},
		{"another reviewer", "other", "itaa", "", "", true, false},
		{"the reviewer's second user", "adm-leader", "itaa", "", "", true, false},
		{"the second user of whose right it is", "adm-p", "itaa", "", "", true, false},
		{"whose right it is", "p", "itaa", "", "", true, false},
		{"turned down without a reason", "it1", "itaa", " ", "", false, false},
		{"turned down", "it1", "itaa", "Bruges af vagten", "", false, true},
		{"what comes of a position", "it1", "itaa", "", "stillingen", true, false},
	} {
		x.Held.Grant.Via = c.via
		got := review.Approve(review.Consent{Removal: x, Login: c.login, IT: []string{"itaa"}, Same: same[c.by], Approval: review.Approval{Agreed: c.agreed, Reason: c.reason, By: c.by}})
		if (got.Why == "") != c.want {
			t.Errorf("%s: %q", c.name, got.Why)
		}
	}
}

// The steps of a package by the day; what a stop has let pass comes once.
func TestSteps(t *testing.T) {
	policy := review.Policy{Remind: []int{20, 10, 3}, Patience: 14}
	opens := schedules.Date{Year: 2026, Month: time.March, Day: 2}
	p := review.Package{Opens: opens, Due: opens.AddDays(30)}
	for after, want := range map[int]string{0: "invite", 9: "invite", 10: "invite remind-20", 25: "invite remind-10", 30: "invite remind-3", 31: "invite late", 44: "invite late", 45: "invite late given-up"} {
		due, next := p.Now(policy, opens.AddDays(after))
		var names []string
		for _, s := range due {
			names = append(names, s.Name)
		}
		if got := strings.Join(names, " "); got != want || (after < 45) != next.After(opens.AddDays(after)) {
			t.Errorf("after %d days: %s, then %s; want %s", after, got, next, want)
		}
	}
}

// Nobody reviews himself as another user of his: not as leader, in a leader's place, where
// there is no leader, as the leader's leader, or by an answer past the page.
func TestOnePersonIsOne(t *testing.T) {
	number := "8605010001"
	chef := review.Employee{ID: "chef", CPR: "8605010009", Login: "chef", Unit: "u", Active: true}
	e := review.Employee{ID: "p", CPR: number, Login: "p", Unit: "u", Leader: "padm", Active: true}
	adm := review.Employee{ID: "padm", CPR: number, Login: "padm", Unit: "u", Leader: "chef", Active: true}
	today := schedules.Date{Year: 2026, Month: time.March, Day: 2}
	staff := review.Staff{Employees: []review.Employee{e, adm, chef}, Units: []review.Unit{{ID: "u", Leader: "chef"}}}
	policy := review.Policy{Delegations: []review.Delegation{{From: "chef", To: "padm", Begins: today, Ends: today}}, Fallback: []string{"padm", "chef"}}
	if r, ok := review.NewAssigner(staff, policy, today).Reviewer(e); !ok || r.ID != "chef" {
		t.Errorf("laid before %+v", r)
	}
	staff.Units[0].Leader = "padm"
	if r, ok := review.NewAssigner(staff, policy, today).Reviewer(e); !ok || r.ID != "chef" || r.Why != review.WhyFallback {
		t.Errorf("without a leader, laid before %+v", r)
	}
	about := []review.Person{{ID: "p", CPR: number}}
	if r, ok := review.NewAssigner(staff, policy, today).Above("chef", about); ok {
		t.Errorf("above the leader is %+v", r)
	}
	p := review.Package{State: review.Open, Reviewers: []review.Reviewer{review.NewAssigner(staff, policy, today).As(adm, "")}, People: []review.Person{{ID: "p", CPR: number, Held: []review.Held{{ID: "r1"}}}}}
	if p.Says("padm", "r1", review.Keep, "") == "" {
		t.Error("a second user answers for the first")
	}
}
