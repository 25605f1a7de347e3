// Package opus works in KMD OPUS's portal as an employee would: through its
// screens, since that is the road that every municipality has. Where things are
// on those screens stands in the system's selectors file; how to get from one to
// the next, and what the portal's words mean, stands here.
package opus

import (
	"context"
	"strings"
	"sync"

	"byskriver/robots/internal/screen"
	"byskriver/runner"
	"byskriver/selectors/browser"
)

// Name is what the portal is called in errors and in the configuration.
const Name = "opus"

// Portal is the portal as one robot user sees it. Its methods may be called from
// several goroutines; each takes a signed-in page of its own.
type Portal struct {
	*screen.System

	mu    sync.Mutex
	shown map[*browser.Page]answered // by pages that nobody works on now
}

// New builds the portal. It opens no page yet.
func New(pages screen.Pages, account screen.Account) *Portal {
	return &Portal{System: screen.New(Name, "OPUS", pages, account), shown: map[*browser.Page]answered{}}
}

// SignIn signs in once and looks at the first pages, changing nothing.
func (p *Portal) SignIn(ctx context.Context) error {
	return p.with(ctx, wanted{}, func(d *desk) error { return d.inbox(ctx) })
}

// with runs do on a page that is signed in, one that shows the answer to a search
// if there is such a one.
func (p *Portal) with(ctx context.Context, shows wanted, do func(*desk) error) error {
	return p.WithLike(ctx,
		func(page *browser.Page) bool { return shows != wanted{} && p.shows(page, shows) },
		func(page *browser.Page) error { return (&desk{Page: page, portal: p}).passDoor(ctx) },
		func(page *browser.Page) error {
			d := &desk{Page: page, portal: p, inboxShows: p.take(page)}
			err := do(d)
			if err == nil {
				p.leave(page, d.inboxShows)
			}
			return err
		})
}

// Refused is the portal's own refusal of what was entered, in its own words.
type Refused = screen.Refused

// Witness is the page as it was when something went wrong.
type Witness = screen.Witness

// Keep stores the pictures that an error carries as evidence of the case.
func Keep(ctx context.Context, c runner.Case, err error) error { return screen.Keep(ctx, c, err) }

// says reports whether a text of the portal holds some words.
func says(text, words string) bool { return strings.Contains(text, words) }
