package review

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"byskriver/schedules"
)

// LongestReason is how many letters a reason may have.
const LongestReason = 500

// Says checks one answer to one right of a package, as somebody gives it. The text is
// for him; "" is in order.
func (p Package) Says(reviewer, held string, v Verdict, reason string) string {
	h, person, ok := p.Held(held)
	me, may := p.Reviewer(reviewer)
	switch {
	case p.State != Open:
		return "Pakken er sendt ind eller lukket, og kan ikke længere ændres."
	case !ok || !h.Open():
		return "Rettigheden er ikke i pakken, eller skal ikke besvares."
	case !may || me.Is(person.ID):
		return "Pakken er ikke din at besvare."
	case !slices.Contains([]Verdict{Keep, Remove, Change}, v):
		return "Vælg Behold, Fjern eller Ret."
	case v == Keep && h.NeedsReason() && strings.TrimSpace(reason) == "":
		return fmt.Sprintf("»%s« er kritisk: skriv, hvorfor %s skal beholde den.", h.Name, person.Name)
	case v == Change && strings.TrimSpace(reason) == "":
		return fmt.Sprintf("Skriv, hvad der skal rettes ved »%s« for %s.", h.Name, person.Name)
	case utf8.RuneCountInString(reason) > LongestReason:
		return fmt.Sprintf("Begrundelsen må højst være på %d tegn.", LongestReason)
	}
	return ""
}

// Missing are the rights of a package that nobody has answered yet, by Held.ID and in
// the order in which they are shown.
func (p Package) Missing(a Answers) []string {
	var ids []string
	for _, person := range p.People {
		for _, h := range person.Held {
			if _, ok := a.Decisions[h.ID]; h.Open() && !ok {
				ids = append(ids, h.ID)
			}
		}
	}
	return ids
}

// Bulk are the unanswered rights of a person that may be kept by one press.
func (p Package) Bulk(person string, a Answers) []string {
	var ids []string
	for _, x := range p.People {
		for _, h := range x.Held {
			if _, ok := a.Decisions[h.ID]; x.ID == person && h.InBulk() && !ok {
				ids = append(ids, h.ID)
			}
		}
	}
	return ids
}

// Reply is one person of a package with what was answered: what a decision is made of.
type Reply struct {
	Package   string
	Unit      string
	Reviewers []string // Employee.IDs of those who may answer
	SentBy    string   `json:",omitempty"` // Employee.ID of who sent the package in
	// Also has, by Employee.ID of a reviewer, what other ids the same person has.
	Also      map[string][]string `json:",omitempty"`
	Person    Person
	Decisions map[string]Decision
}

// Ruling is what comes of one person's answers.
type Ruling struct {
	Kept     []string  // Held.ID
	Removals []Removal // to be approved by IT
	Changes  []Removal // wanted otherwise: for IT to do by hand
	Wrong    []string  // Held.IDs without an answer that counts: none, somebody else's, or without the reason that it takes
}

// Rule takes the answers about one person: the same reply gives the same ruling.
// What has no answer that counts stays as it is, and is told of.
func Rule(in Reply) Ruling {
	var out Ruling
	p := Package{ID: in.Package, State: Open, People: []Person{in.Person}}
	for _, id := range in.Reviewers {
		p.Reviewers = append(p.Reviewers, Reviewer{ID: id, Also: in.Also[id]})
	}
	for _, h := range in.Person.Held {
		if !h.Open() {
			continue
		}
		d, ok := in.Decisions[h.ID]
		if !ok || p.Says(d.By, h.ID, d.Verdict, d.Reason) != "" {
			out.Wrong = append(out.Wrong, h.ID)
			continue
		}
		r := Removal{ID: in.Package + "-" + h.ID, Package: in.Package, Unit: in.Unit, Person: in.Person.ID, CPR: in.Person.CPR, Name: in.Person.Name, Held: h, Decision: d, Stage: Proposed, Reviewers: in.Reviewers, SentBy: in.SentBy}
		switch d.Verdict {
		case Remove:
			out.Removals = append(out.Removals, r)
		case Change:
			out.Changes = append(out.Changes, r)
		default:
			out.Kept = append(out.Kept, h.ID)
		}
	}
	return out
}

// Consent is what the rule of approval sees.
type Consent struct {
	Removal  Removal
	Approval Approval
	Login    string   // who approved, as the identity provider names him
	IT       []string // logins of those who may
	Same     []string `json:",omitempty"` // Employee.IDs of who approved, where the directory has that person more than once
}

// Consented is what the rule of approval says: "" is in order, otherwise why not.
type Consented struct{ Why string }

// Approve holds an approval against the rule that three people are three: who reviewed
// or sent in, who approves, and whose right it is.
func Approve(in Consent) Consented {
	me := Reviewer{ID: in.Approval.By, Also: in.Same}
	switch {
	case !(Policy{IT: in.IT}).MayApprove(in.Login) || in.Approval.By == "":
		return Consented{"Du er ikke blandt dem, der kan godkende fjernelser."}
	case me.Is(in.Removal.Decision.By):
		return Consented{"Du har selv besluttet fjernelsen som leder. En anden skal godkende den."}
	case me.Is(in.Removal.SentBy) || slices.ContainsFunc(in.Removal.Reviewers, me.Is):
		return Consented{"Du har selv haft pakken til gennemgang. En anden skal godkende fjernelsen."}
	case me.Is(in.Removal.Person):
		return Consented{"Rettigheden er din egen. En anden skal godkende fjernelsen."}
	case !in.Approval.Agreed && strings.TrimSpace(in.Approval.Reason) == "":
		return Consented{"Skriv, hvorfor rettigheden ikke skal fjernes."}
	case in.Removal.Held.Grant.Via != "" && in.Approval.Agreed:
		return Consented{"Rettigheden kommer af »" + in.Removal.Held.Grant.Via + "« og kan ikke fjernes for sig. Ret den dér, og afvis her med en bemærkning."}
	}
	return Consented{}
}

// Step is something that is done about a package that is not answered.
type Step struct {
	Name string         // stable: invite, remind-20, late, given-up
	Kind string         // one of the kinds below
	On   schedules.Date // the day from which it is due
}

// The kinds of steps.
const (
	StepInvite = "invite"   // the reviewers get the link
	StepRemind = "remind"   // they are reminded
	StepLate   = "late"     // the leader's leader gets it too
	StepGiveUp = "given-up" // a person is told
)

// Steps are all the steps of a package, in order. A reminder that would come on the
// day of the invitation or before it is left out.
func (p Package) Steps(policy Policy) []Step {
	list := []Step{{StepInvite, StepInvite, p.Opens}}
	for _, days := range policy.Remind {
		if on := p.Due.AddDays(-days); on.After(p.Opens) {
			list = append(list, Step{fmt.Sprintf("remind-%d", days), StepRemind, on})
		}
	}
	return append(list, Step{StepLate, StepLate, p.Due.AddDays(1)}, Step{StepGiveUp, StepGiveUp, p.Due.AddDays(1 + policy.Patience)})
}

// Now is the latest step whose day has come, and the day of the next one (none after
// the last). Of reminders that a stop has let pass only the latest is given, but an
// invitation is never left out.
func (p Package) Now(policy Policy, today schedules.Date) (due []Step, next schedules.Date) {
	var last Step
	for _, s := range p.Steps(policy) {
		if today.Before(s.On) {
			next = s.On
			break
		}
		if s.Kind == StepRemind {
			last = s
			continue
		}
		due = append(due, s)
	}
	if last.Name != "" && len(due) == 1 {
		due = append(due, last)
	}
	return due, next
}

// Answered gathers one answer with those before it.
func (a Answers) Answered(held string, d Decision) Answers {
	next := a
	next.Decisions = map[string]Decision{held: d}
	for id, old := range a.Decisions {
		if id != held {
			next.Decisions[id] = old
		}
	}
	return next
}

// SentAt are the answers, sent in.
func (a Answers) SentAt(by string, at time.Time) Answers {
	a.SentBy, a.Sent = by, at
	return a
}
