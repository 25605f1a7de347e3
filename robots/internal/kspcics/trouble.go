package kspcics

import (
	"context"
	"errors"
	"fmt"

	"byskriver/runner"
	"byskriver/selectors/terminal"
)

// What can be the matter with what was asked for, while the system is well.
var (
	ErrNoUser = errors.New("the list of users does not have that user")
	ErrMayNot = errors.New("the screen does not offer the robot's user what it needs; its rights are too few")
	ErrNotOne = errors.New("the authorisation does not stand exactly once in the user's list")
	// ErrStands is a removal that the host took while the list still shows the
	// authorisation: it may go later.
	ErrStands = errors.New("the authorisation still stands after the host took its removal")
)

// Refused is the host's own refusal of a removal, in its own words.
type Refused struct{ Text string }

// Error is what the host said.
func (r *Refused) Error() string { return "the host refuses: " + r.Text }

// Lost is a removal after which other authorisations are gone too: a robot that gets
// it tells people, whatever a later look at the one that was meant says.
type Lost struct{ Rights []Right }

// Error tells how many.
func (l *Lost) Error() string {
	return fmt.Sprintf("after the removal %d other authorisations of the user are gone", len(l.Rights))
}

// unexpected is a screen that is not the one that was expected.
type unexpected struct {
	wanted string // screens' names
	shows  string // the screen's name, or ""
	why    string
	text   string // as it stood; may be personal
}

func (u *unexpected) Error() string {
	shows := u.shows
	if shows == "" {
		shows = "a screen that the file does not name"
	}
	return fmt.Sprintf("expected %s, %s shows: %s", u.wanted, shows, u.why)
}

// Witness is the screen as it was when something went wrong, CPR numbers masked.
type Witness struct {
	Err  error
	Text []byte
}

// Error is the error that the screen was kept for.
func (w *Witness) Error() string { return w.Err.Error() }

// Unwrap gives that error.
func (w *Witness) Unwrap() error { return w.Err }

// Keep stores the screen that an error carries as evidence of the case, and returns
// the error.
func Keep(ctx context.Context, c runner.Case, err error) error {
	var w *Witness
	if !errors.As(err, &w) {
		return err
	}
	if _, keepErr := c.Keep(context.WithoutCancel(ctx), runner.Evidence{Name: "skaerm.txt", Data: w.Text}); keepErr != nil {
		return errors.Join(err, fmt.Errorf("keep the text of the screen: %w", keepErr))
	}
	return err
}

// trouble says in the runner's words what an error says of the system. The mark of
// runner.NotDone stays.
func (s *System) trouble(err error) error {
	var t *runner.Trouble
	if err == nil || errors.As(err, &t) || errors.Is(err, context.Canceled) {
		return err
	}
	told := s.told(err)
	var u *unexpected
	if errors.As(err, &u) {
		told = &Witness{Err: told, Text: runner.MaskBytes([]byte(u.text))}
	}
	if runner.IsNotDone(err) {
		told = runner.NotDone(told)
	}
	return told
}

func (s *System) told(err error) error {
	say := func(kind runner.TroubleKind, text string) error {
		return &runner.Trouble{Kind: kind, System: Name, Text: text, Err: err}
	}
	var u *unexpected
	var slow *terminal.Slow
	var gone *terminal.Gone
	var ended *terminal.Ended
	var no *terminal.Refused
	switch {
	case errors.As(err, &u) && u.shows == "signin":
		return say(runner.Unavailable, "KSP/CICS loggede robotten af midt i arbejdet.")
	case errors.As(err, &u):
		return say(runner.ScreenChanged, "KSP/CICS viser et andet skærmbillede end ventet. Se beviset, ret selectors/kspcics.yaml, eller få driften til det.")
	case errors.Is(err, errMoved):
		return say(runner.Unavailable, "En liste i KSP/CICS ændrer sig, mens robotten læser den.")
	case errors.As(err, &slow):
		return say(runner.Unavailable, "KSP/CICS svarer for langsomt.")
	case errors.As(err, &gone):
		return say(runner.Unavailable, "KSP/CICS har lagt på, eller svarer ikke.")
	case errors.As(err, &ended):
		return say(runner.Unavailable, "Robottens terminal (s3270) gik ned.")
	case errors.As(err, &no):
		return say(runner.ScreenChanged, "Et felt i KSP/CICS tager ikke det, robotten skriver. Ret selectors/kspcics.yaml, eller få driften til det.")
	}
	return err
}
