// Package opus works in KMD OPUS's portal as an employee would: through its
// screens, since that is the road that every municipality has. Where things are
// on those screens stands in the system's selectors file; how to get from one to
// the next, and what the portal's words mean, stands here.
package opus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"byskriver/runner"
	"byskriver/selectors/browser"
)

// Name is what the portal is called in errors and in the configuration.
const Name = "opus"

// Pages gives out browser pages for the portal.
type Pages interface {
	Page(ctx context.Context) (*browser.Page, error)
}

// Account is how the robot signs in: as a user of its own.
type Account struct {
	URL      string // of the portal, without path
	User     string
	Password func() (string, error) // asked at each sign-in
}

// Portal is the portal as one robot user sees it. Its methods may be called from
// several goroutines; each takes a signed-in page of its own.
type Portal struct {
	pages   Pages
	account Account

	mu   sync.Mutex
	idle []*browser.Page // signed in, ready for the next item

	door    sync.Mutex // one page signs in at a time
	refused error      // the portal's refusal: nobody tries again, or the account is locked
}

// New builds the portal. It opens no page yet.
func New(pages Pages, account Account) *Portal { return &Portal{pages: pages, account: account} }

// Close gives the signed-in pages back.
func (p *Portal) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, page := range p.idle {
		page.Release()
	}
	p.idle = nil
}

// SignIn signs in once and looks at the first pages, changing nothing.
func (p *Portal) SignIn(ctx context.Context) error {
	return p.with(ctx, func(d *desk) error { return d.inbox(ctx) })
}

// with runs do on a page that is signed in. A page by which something went wrong
// is not used again.
func (p *Portal) with(ctx context.Context, do func(*desk) error) error {
	page, fresh, err := p.take(ctx)
	if err != nil {
		return runner.NotDone(trouble(err))
	}
	d := &desk{Page: page, portal: p}
	if fresh {
		err = runner.NotDone(d.signIn(ctx))
	}
	if err == nil {
		err = do(d)
	}
	if err == nil || wellBehaved(err) {
		p.give(page)
		return err
	}
	err = d.witness(ctx, trouble(err))
	page.Release()
	return err
}

func (p *Portal) take(ctx context.Context) (page *browser.Page, fresh bool, err error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		page = p.idle[n-1]
		p.idle = p.idle[:n-1]
	}
	p.mu.Unlock()
	if page != nil {
		return page, false, nil
	}
	page, err = p.pages.Page(ctx)
	return page, true, err
}

func (p *Portal) give(page *browser.Page) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, page)
}

// Refused is the portal's own refusal of what was entered, in its own words.
type Refused struct{ Text string }

// Error is what the portal said.
func (r *Refused) Error() string { return "the portal refuses: " + r.Text }

// wellBehaved reports whether an error leaves the page fit for the next item.
func wellBehaved(err error) bool {
	var r *Refused
	return errors.As(err, &r)
}

// Witness is the page as it was when something went wrong, for people to look at.
type Witness struct {
	Err  error
	PNG  []byte
	HTML []byte
}

// Error is the error that the page was kept for.
func (w *Witness) Error() string { return w.Err.Error() }

// Unwrap gives that error.
func (w *Witness) Unwrap() error { return w.Err }

// witness keeps a picture of the page where an error is about its screen. A
// picture that cannot be had takes nothing from the error.
func (d *desk) witness(ctx context.Context, err error) error {
	var t *runner.Trouble
	if !errors.As(err, &t) || t.Kind != runner.ScreenChanged && t.Kind != runner.Unavailable {
		return err
	}
	png, html, shotErr := d.Snapshot(context.WithoutCancel(ctx))
	if shotErr != nil {
		return fmt.Errorf("%w (no picture of it: %v)", err, shotErr)
	}
	return &Witness{Err: err, PNG: png, HTML: html}
}

// Keep stores the pictures that an error carries as evidence of the case, and
// returns the error.
func Keep(ctx context.Context, c runner.Case, err error) error {
	var w *Witness
	if !errors.As(err, &w) {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	for name, data := range map[string][]byte{"skaermbillede.png": w.PNG, "side.html": w.HTML} {
		if len(data) == 0 {
			continue
		}
		if _, keepErr := c.Keep(ctx, runner.Evidence{Name: name, Data: data}); keepErr != nil {
			err = errors.Join(err, fmt.Errorf("keep the picture of the page: %w", keepErr))
		}
	}
	return err
}

// trouble says in the runner's words what a page's error says of the portal.
func trouble(err error) error {
	var changed *browser.ScreenChanged
	var slow *browser.Slow
	var gone *browser.Unreachable
	var closed *browser.Closed
	var t *runner.Trouble
	say := func(kind runner.TroubleKind, text string) error {
		return &runner.Trouble{Kind: kind, System: Name, Text: text, Err: err}
	}
	switch {
	case err == nil, errors.As(err, &t), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &changed) && slices.Contains(changed.Shows, "maintenance"):
		return say(runner.Unavailable, "OPUS er lukket for service.")
	case errors.As(err, &changed) && slices.Contains(changed.Shows, "signin"):
		return say(runner.Unavailable, "OPUS loggede robotten af midt i arbejdet.")
	case errors.As(err, &changed):
		return say(runner.ScreenChanged, fmt.Sprintf("Skærmbilledet »%s« i OPUS ser ikke ud som ventet. Ret selectors/opus.yaml, eller få driften til det.", changed.Page))
	case errors.As(err, &slow):
		return say(runner.Unavailable, "OPUS svarer for langsomt.")
	case errors.As(err, &gone):
		return say(runner.Unavailable, "OPUS svarer ikke ("+gone.Reason+").")
	case errors.As(err, &closed):
		return say(runner.Unavailable, "Robottens browser gik ned.")
	}
	return err
}

// says reports whether a text of the portal holds some words.
func says(text, words string) bool { return strings.Contains(text, words) }
