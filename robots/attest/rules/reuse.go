package rules

import (
	"slices"

	"byskriver/schedules"
)

// Note is what an earlier certificate left in the personnel case.
type Note struct {
	Type string         `json:"type"` // the type's code; a subtype is a type of its own
	Post string         `json:"post"`
	On   schedules.Date `json:"on"` // the certificate's day
}

// ReuseInput is all that the decision about reuse depends on.
type ReuseInput struct {
	Need     Need           `json:"need"`
	Post     string         `json:"post"`
	Employed schedules.Date `json:"employed,omitzero"`
	Notes    []Note         `json:"notes"`
	Rule     Reuse          `json:"rule"`
	Today    schedules.Date `json:"today"`
}

// ReuseVerdict is the note that can serve, or none.
type ReuseVerdict struct {
	Note *Note `json:"note,omitempty"`
}

// Reusable finds the newest note that can serve instead of a new certificate: the
// same type, got within an unbroken employment, and within the local rule. A note
// from a day to come serves nobody.
func Reusable(in ReuseInput) ReuseVerdict {
	if in.Employed.IsZero() || !slices.Contains(in.Rule.Types, in.Need.Type) {
		return ReuseVerdict{}
	}
	var best *Note
	for _, n := range in.Notes {
		switch {
		case n.Type != in.Need.Type, n.On.IsZero(), n.On.After(in.Today), n.On.Before(in.Employed):
		case in.Rule.SamePost && n.Post != in.Post:
		case in.Rule.Oldest > 0 && n.On.AddDays(in.Rule.Oldest).Before(in.Today):
		case best == nil || n.On.After(best.On):
			best = &n
		}
	}
	return ReuseVerdict{Note: best}
}

// Deadlines are the days on which waiting for one certificate changes.
type Deadlines struct {
	Reminders []schedules.Date // on which the leader is reminded
	Consent   schedules.Date   // the last day to consent
	Answer    schedules.Date   // the last working day for the answer
}

// DeadlinesOf counts them from the day of sending: so many calendar days for the
// consent, then the type's working days for the answer; extra are working days more
// that a person has granted.
func DeadlinesOf(sent schedules.Date, consentDays, answerDays, extra int, remind []int) Deadlines {
	d := Deadlines{Consent: sent.AddDays(consentDays)}
	d.Answer = schedules.AddWorkingDays(d.Consent, answerDays+extra)
	for _, n := range remind {
		d.Reminders = append(d.Reminders, sent.AddDays(n))
	}
	return d
}
