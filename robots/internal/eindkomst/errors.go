package eindkomst

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"byskriver/runner"
)

// Fault is one FejlStruktur: why the service refuses. Its numbers are part of the
// agreement with Skatteforvaltningen; the configuration may say what some mean.
type Fault struct {
	ID   string // FejlIdentifikator
	Text string // FejlTekst, CPR numbers masked, cut to maxSaid
}

// Rejected is the service's own refusal of this look-up, in a FejlStruktur whose
// numbers the configuration does not explain. It is about the citizen or the
// question: a person looks at it.
type Rejected struct{ Faults []Fault }

// Error is what the service said.
func (r *Rejected) Error() string { return "eIndkomst refuses the look-up: " + told(r.Faults) }

// Sentence is what staff read, in Danish.
func (r *Rejected) Sentence() string {
	return "eIndkomst afviste opslaget (" + told(r.Faults) + "). Slå borgeren op i eIndkomst, og behandl sagen selv."
}

// TooLarge is a call whose answer would be, or is, larger than the service or we
// take. LookUp asks for fewer months at a time before it gives up with it.
type TooLarge struct{ Err error }

// Error says how it was too large.
func (t *TooLarge) Error() string { return "eindkomst: too large a call: " + t.Err.Error() }

// Unwrap gives the reason.
func (t *TooLarge) Unwrap() error { return t.Err }

// Mismatch is an answer that does not belong to the question, such as one about
// another citizen. Nothing of it is used or shown.
type Mismatch struct{ What string }

// Error says what does not fit, without what stood there.
func (m *Mismatch) Error() string { return "the answer does not belong to the question: " + m.What }

// Unreadable is an answer that is not as the service's schema has it.
type Unreadable struct{ What string }

// Error says where the answer is not as it should be, without its content.
func (u *Unreadable) Error() string { return "the answer cannot be read: " + u.What }

// maxSaid is how much of the service's own words is kept, in runes.
const maxSaid = 200

// amount is how the service writes money.
var amount = regexp.MustCompile(`[0-9][0-9.]*[.,][0-9]{2}\b`)

// said is a text of the service as it may be repeated: no CPR number, no money.
func said(s string) string {
	s = amount.ReplaceAllString(runner.Mask(strings.Join(strings.Fields(s), " ")), "***")
	runes := []rune(s)
	if len(runes) > maxSaid {
		return string(runes[:maxSaid]) + "…"
	}
	return string(runes)
}

func told(faults []Fault) string {
	var each []string
	for _, f := range faults {
		each = append(each, strings.TrimSpace("fejl "+f.ID+" "+f.Text))
	}
	return strings.Join(each, "; ")
}

func trouble(kind runner.TroubleKind, text string, err error) error {
	return &runner.Trouble{Kind: kind, System: Name, Text: text, Err: err}
}

func unavailable(text string, err error) error { return trouble(runner.Unavailable, text, err) }
func signIn(text string, err error) error      { return trouble(runner.SignInRefused, text, err) }

// changed marks an answer that is not the service's as we know it: after a few of
// them the robot stops, since the next citizen's would be no better.
func changed(err error) error {
	var m *Mismatch
	if errors.As(err, &m) {
		return trouble(runner.ScreenChanged, "eIndkomst svarede på noget andet, end der blev spurgt om. Svaret er ikke brugt. Få driften til at se på det.", err)
	}
	return trouble(runner.ScreenChanged, "Svaret fra eIndkomst ser ikke ud som ventet. Det er ikke brugt. Få driften til at se på det.", err)
}

// FaultKinds says what some of the service's FejlIdentifikator mean. What is in none
// is a Rejected.
type FaultKinds struct {
	SignIn      []string // our access is refused: nobody is looked up any more
	Unavailable []string // the service is out of order: later
	TooLarge    []string // fewer months must be asked for
}

// judge says in the house's words what a refusal means.
func (k FaultKinds) judge(faults []Fault) error {
	rejected := &Rejected{Faults: faults}
	is := func(kind []string) bool {
		for _, f := range faults {
			for _, id := range kind {
				if f.ID == id {
					return true
				}
			}
		}
		return false
	}
	switch {
	case is(k.SignIn):
		return signIn("eIndkomst afviser kommunens adgang ("+told(faults)+"). Få aftalen set efter, før robotten startes igen.", rejected)
	case is(k.Unavailable):
		return unavailable("eIndkomst kan ikke svare nu ("+told(faults)+").", rejected)
	case is(k.TooLarge):
		return &TooLarge{Err: rejected}
	}
	return rejected
}

// Fault codes of WS-Security 1.0, section 12, that say our signature or certificate
// is not taken.
func securityFault(code string) bool {
	for _, c := range []string{"UnsupportedSecurityToken", "UnsupportedAlgorithm", "InvalidSecurity", "InvalidSecurityToken", "FailedAuthentication", "FailedCheck", "SecurityTokenUnavailable", "MessageExpired"} {
		if strings.HasSuffix(code, c) {
			return true
		}
	}
	return false
}

// soapFault says in the runner's words what a SOAP fault means.
func soapFault(code, text string) error {
	err := fmt.Errorf("SOAP fault %s: %s", said(code), said(text))
	if securityFault(code) {
		return signIn("eIndkomst godkender ikke robottens underskrift eller certifikat. Få driften til at se på certifikatet og maskinens ur, før robotten startes igen.", err)
	}
	return unavailable("eIndkomst melder fejl ("+said(text)+").", err)
}
