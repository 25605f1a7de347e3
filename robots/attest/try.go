package attest

import (
	"context"
	"errors"
	"fmt"
	"os"

	"byskriver/robots/attest/judge"
	"byskriver/robots/internal/digitalpost"
)

// Tried is what the robot makes of a message in a file, for those who try out the
// forms in attester.yaml. It holds no word of the message.
type Tried struct {
	Outcome string    `json:"outcome"`        // clean, refused or people: of the page alone, whoever it is about
	Why     judge.Why `json:"why,omitempty"`  // for people: why
	Type    string    `json:"type,omitempty"` // the type's code, where the page has one
	Number  bool      `json:"number"`         // the page has one CPR number
	Sender  bool      `json:"sender"`         // the message's sender is one that attester.yaml names
	Subject bool      `json:"subject"`        // the message's subject fits the type
	Code    string    `json:"code,omitempty"` // the exception, where one order waits for exactly this
}

// Try reads a message from a file, in MeMo form, and says what its page is, touching
// nothing. Whether an order waits for it is not asked.
func (r *Robot) Try(ctx context.Context, file string) (any, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m, err := digitalpost.Parse(raw)
	if err != nil {
		return Tried{Outcome: "people", Code: "POST-ULÆSELIG"}, nil
	}
	_, facts, reading, err := r.page(ctx, m)
	if err != nil {
		return nil, err
	}
	facts.Orders, facts.Numbers, facts.Types, facts.Names = 1, reading.CPR != "", reading.Type != "", reading.Name != ""
	verdict := judge.Decide(facts)
	t := Tried{Outcome: string(verdict.Outcome), Why: facts.Why, Type: reading.Type, Number: reading.CPR != "", Sender: facts.SenderFits, Subject: facts.SubjectFits, Code: verdict.Code}
	if verdict.Outcome == judge.People {
		t.Outcome = "people"
	}
	return t, nil
}

// NoDrawer is the drawer where no store is open: nothing lies in it, and nothing can
// be laid there.
type NoDrawer struct{}

var errNoDrawer = errors.New("no store is open, so nothing can be kept")

// Lay refuses.
func (NoDrawer) Lay(_ context.Context, name string, _ []byte) error {
	return fmt.Errorf("lay %s: %w", name, errNoDrawer)
}

// Each has nothing to hand over.
func (NoDrawer) Each(context.Context, string, func(string, []byte) error) error { return nil }

// Clear refuses.
func (NoDrawer) Clear(_ context.Context, name, _ string) error {
	return fmt.Errorf("delete %s: %w", name, errNoDrawer)
}
