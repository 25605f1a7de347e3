package review_test

import (
	"testing"
	"time"

	"byskriver/robots/access/review"
	"byskriver/schedules"
)

// What may be done about a removal, by what has come since.
func TestStands(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	said := func(v review.Verdict, after time.Duration) *review.Decision {
		return &review.Decision{Verdict: v, By: "b", Name: "Bo", At: at.Add(after)}
	}
	for name, c := range map[string]struct {
		in   review.Current
		want string
	}{
		"nothing since":     {review.Current{}, "free"},
		"itself":            {review.Current{Last: said(review.Remove, 0)}, "free"},
		"removed again":     {review.Current{Last: said(review.Remove, time.Hour)}, "free"},
		"kept before":       {review.Current{Last: said(review.Keep, -time.Hour)}, "free"},
		"kept since":        {review.Current{Last: said(review.Keep, time.Hour)}, "over"},
		"changed since":     {review.Current{Last: said(review.Change, time.Hour)}, "over"},
		"a move under way":  {review.Current{Under: "2026-03-F001", Explained: "rolle"}, "wait"},
		"moved, no package": {review.Current{Moved: true}, "wait"},
		"another's account": {review.Current{Foreign: true, Explained: "rolle"}, review.CodeForeign},
		"explained now":     {review.Current{Explained: "rolle"}, review.CodeExplained},
	} {
		c.in.Decided = at
		s := review.Stands(c.in)
		got := s.Code
		switch {
		case s.Free():
			got = "free"
		case s.Over != nil:
			got = "over"
		case s.Wait != "":
			got = "wait"
		}
		if got != c.want || (s.Said() == "") != s.Free() {
			t.Errorf("%s: %s (%s), want %s", name, got, s.Said(), c.want)
		}
	}
}

// Whose an account is by now, as far as a removal goes.
func TestAForeignAccount(t *testing.T) {
	staff := review.Staff{Employees: []review.Employee{{ID: "p", CPR: "8605010001", Login: "pe", Active: true}, {ID: "gone", CPR: "8605010002", Login: "pe"}, {ID: "q", CPR: "8605010003", Login: "qu", Active: true}, {ID: "q2", Login: "to", Active: true}, {ID: "q3", Login: "to", Active: true}}}
	policy := review.Policy{Robots: []review.AccountRef{{System: "s", Account: "ROBOT", Owner: "It"}}}
	for _, c := range []struct {
		name, account, cpr, login string
		person                    string
		foreign                   bool
	}{
		{"the same number", "A", "8605010001", "", "p", false},
		{"another number", "A", "8605010003", "", "p", true},
		{"the same login", "A", "", "PE", "p", false},
		{"another login", "A", "", "qu", "p", true},
		{"a login that nobody has", "A", "", "væk", "p", true},
		{"a login that two have", "A", "", "to", "q2", true},
		{"a leaver whose login another has", "A", "", "pe", "gone", true},
		{"a robot's by now", "ROBOT", "8605010001", "", "p", true},
		{"not in the reading", "B", "8605010003", "", "p", false},
	} {
		e, _ := staff.Employee(c.person)
		x := review.Removal{Person: c.person, CPR: e.CPR, Held: review.Held{Grant: review.Grant{System: "s", Account: c.account}}}
		account := c.account
		if account == "B" {
			account = "A"
		}
		reading := &review.Reading{Accounts: []review.Account{{System: "s", ID: account, CPR: c.cpr, Login: c.login, Active: true}}}
		if got := x.Now(staff, policy, reading, review.Memory{}).Foreign; got != c.foreign {
			t.Errorf("%s: foreign %v", c.name, got)
		}
	}
}

// The later answer is remembered, whichever package was taken last.
func TestTheLaterAnswerIsRemembered(t *testing.T) {
	held := review.Held{Grant: review.Grant{System: "s", Account: "A", Right: "R"}}
	m := review.Memory{Grants: map[string]review.Seen{held.Grant.Key(): {}}}
	day := schedules.Date{Year: 2026, Month: 3, Day: 9}
	at := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	m = m.Decide(held, review.Decision{Verdict: review.Keep, At: at}, day)
	m = m.Decide(held, review.Decision{Verdict: review.Remove, At: at.AddDate(0, 0, -4)}, day.AddDays(-4))
	if d := m.Grants[held.Grant.Key()].Decision; d.Verdict != review.Keep || m.Reviewed != day {
		t.Errorf("%s of %s is remembered", d.Verdict, m.Reviewed)
	}
}
