// Package opus works in KMD OPUS's portal as an employee would: through its
// screens, since that is the road that every municipality has. Where things are
// on those screens stands in the system's selectors file; how to get from one to
// the next, and what the portal's words mean, stands here.
package opus

import (
	"context"
	"strings"

	"byskriver/robots/internal/screen"
	"byskriver/runner"
	"byskriver/selectors/browser"
)

// Name is what the portal is called in errors and in the configuration.
const Name = "opus"

// Portal is the portal as one robot user sees it. Its methods may be called from
// several goroutines; each takes a signed-in page of its own.
type Portal struct{ *screen.System }

// New builds the portal. It opens no page yet.
func New(pages screen.Pages, account screen.Account) *Portal {
	return &Portal{screen.New(Name, "OPUS", pages, account)}
}

// SignIn signs in once and looks at the first pages, changing nothing.
func (p *Portal) SignIn(ctx context.Context) error {
	return p.with(ctx, func(d *desk) error { return d.inbox(ctx) })
}

// with runs do on a page that is signed in.
func (p *Portal) with(ctx context.Context, do func(*desk) error) error {
	return p.With(ctx,
		func(page *browser.Page) error { return (&desk{page, p}).passDoor(ctx) },
		func(page *browser.Page) error { return do(&desk{page, p}) })
}

// Refused is the portal's own refusal of what was entered, in its own words.
type Refused = screen.Refused

// Witness is the page as it was when something went wrong.
type Witness = screen.Witness

// Keep stores the pictures that an error carries as evidence of the case.
func Keep(ctx context.Context, c runner.Case, err error) error { return screen.Keep(ctx, c, err) }

// says reports whether a text of the portal holds some words.
func says(text, words string) bool { return strings.Contains(text, words) }
