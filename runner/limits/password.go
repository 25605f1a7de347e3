package limits

import "time"

// Password is what is known of the password that robots sign in to a system with. The
// password itself is not in it: Print is a keyed digest.
type Password struct {
	Print string    `json:"print,omitempty"` // of the one that this is about
	State string    `json:"state,omitempty"` // "", trying, right or refused
	By    string    `json:"by,omitempty"`    // the program that tries it
	At    time.Time `json:"at"`              // when it was tried, or seen to be right
	Until time.Time `json:"until"`           // a trial without a word is given up then
	Lost  int       `json:"lost,omitempty"`  // trials that were given up: nobody knows how they ended
	Text  string    `json:"text,omitempty"`  // the refusal, in Danish
	// Proved: the system has taken it at least once.
	Proved bool `json:"proved,omitempty"`
}

// The states of a password.
const (
	trying  = "trying"
	right   = "right"
	refused = "refused"
)

// mostLost is how many trials of a password that was never seen to be right may end in
// nothing, killed in the middle, before a person must say that it is tried once more:
// accounts are locked after three wrong ones as a rule.
const mostLost = 2

// Turn is the answer to who wants to try a password.
type Turn int

// The answers.
const (
	Go    Turn = iota // try it; the outcome must be told
	Wait              // somebody else is trying it
	Never             // it is for people
)

// refuses reports whether the password of that digest was refused.
func (p Password) refuses(print string) bool {
	return p.State == refused && (p.Print == print || print == "")
}

// Ask gives the turn to try a password: to one sign-in at a time, over all programs. Also
// a password that was right a moment ago may have been changed in the system since.
func (p *Password) Ask(print string, now time.Time, who string) Turn {
	if p.Print != print {
		*p = Password{Print: print}
	}
	switch {
	case p.State == refused:
		return Never
	case p.State == trying && now.Before(p.Until):
		return Wait
	case p.State == trying:
		if p.Lost++; p.Lost >= mostLost && !p.Proved {
			p.State = refused
			p.Text = "Robotten blev afbrudt under logon to gange, og ingen ved, om adgangskoden blev afvist."
			return Never
		}
	}
	p.State, p.By, p.At, p.Until = trying, who, now, now.Add(lease)
	return Go
}

// Right says that the program's sign-in went well.
func (p *Password) Right(now time.Time, who string) (changed bool) {
	if p.State != trying || p.By != who {
		return false
	}
	p.State, p.By, p.At, p.Lost, p.Proved = right, "", now, 0, true
	return true
}

// Untried says that the program's sign-in came to nothing that says anything of the
// password, such as a system that could not be reached.
func (p *Password) Untried(who string) (changed bool) {
	if p.State != trying || p.By != who {
		return false
	}
	p.State, p.By = "", ""
	return true
}

// Refused says that the system refused the password that the program tries.
func (p *Password) Refused(now time.Time, who, text string) (changed bool) {
	if p.State != trying || p.By != who {
		return false
	}
	p.State, p.By, p.At, p.Text = refused, "", now, text
	return true
}

// Again has a refused password tried once more: a person says so.
func (p *Password) Again() (changed bool) {
	if p.State != refused {
		return false
	}
	*p = Password{Print: p.Print}
	return true
}

// Trying reports whether that program tries the password now.
func (p Password) Trying(who string) bool { return p.State == trying && p.By == who }
