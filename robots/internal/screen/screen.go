// Package screen is what the drivers of systems with pages have in common: pages
// that stay signed in from one item to the next, a sign-in that is refused only
// once, what a page's error says of the system, and a picture of the page where
// something went wrong. What the pages are is each driver's own.
package screen

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"byskriver/runner"
	"byskriver/selectors/browser"
)

// Pages gives out browser pages for a system.
type Pages interface {
	Page(ctx context.Context) (*browser.Page, error)
}

// Account is how the robot signs in: as a user of its own.
type Account struct {
	URL      string // of the system, without path
	User     string
	Password func() (string, error) // asked at each sign-in
	Told     func(error) error      // told how each sign-in ended, and gives back what it was told; may be nil
}

// System is a system as one robot user sees it. Its methods may be called from
// several goroutines; each takes a signed-in page of its own.
type System struct {
	Name    string // in errors and in the configuration, such as "opus"
	Title   string // in what staff read, such as "OPUS"
	Account Account
	pages   Pages

	mu   sync.Mutex
	idle []*browser.Page // signed in, ready for the next item

	door    sync.Mutex // one page signs in at a time
	refused error      // the system's refusal, where nobody is told of it: nobody tries again, or the account is locked
}

// New builds the system. It opens no page yet.
func New(name, title string, pages Pages, account Account) *System {
	return &System{Name: name, Title: title, Account: account, pages: pages}
}

// Close gives the signed-in pages back.
func (s *System) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, page := range s.idle {
		page.Release()
	}
	s.idle = nil
}

// With runs do on a page that pass has signed in, now or before. A page by which
// something went wrong is not used again; its picture goes with the error.
func (s *System) With(ctx context.Context, pass, do func(*browser.Page) error) error {
	return s.WithLike(ctx, func(*browser.Page) bool { return false }, pass, do)
}

// WithLike is With on a page that is liked, if one is free: one that stands where
// do would have to go.
func (s *System) WithLike(ctx context.Context, like func(*browser.Page) bool, pass, do func(*browser.Page) error) error {
	page, fresh, err := s.take(ctx, like)
	if err != nil {
		return runner.NotDone(s.Trouble(err))
	}
	if fresh {
		err = runner.NotDone(s.SignIn(func() error { return pass(page) }))
	}
	if err == nil {
		err = do(page)
	}
	var refused *Refused
	if err == nil || errors.As(err, &refused) { // a refusal leaves the page fit for the next item
		s.give(page)
		return err
	}
	err = witness(ctx, page, s.Trouble(err))
	page.Release()
	return err
}

func (s *System) take(ctx context.Context, like func(*browser.Page) bool) (page *browser.Page, fresh bool, err error) {
	s.mu.Lock()
	if n := len(s.idle); n > 0 {
		i := slices.IndexFunc(s.idle, like)
		if i < 0 {
			i = n - 1
		}
		page = s.idle[i]
		s.idle = slices.Delete(s.idle, i, i+1)
	}
	s.mu.Unlock()
	if page != nil {
		return page, false, nil
	}
	page, err = s.pages.Page(ctx)
	return page, true, err
}

func (s *System) give(page *browser.Page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, page)
}

// SignIn runs pass, one page at a time. A refused user or password, and a
// password that must be changed, are for people: the robot tries once and never
// again by itself.
func (s *System) SignIn(pass func() error) error {
	s.door.Lock()
	defer s.door.Unlock()
	if s.refused != nil {
		return s.refused
	}
	err := pass()
	if s.Account.Told != nil {
		return s.Account.Told(s.Trouble(err))
	}
	var t *runner.Trouble
	if errors.As(err, &t) && t.Kind == runner.SignInRefused {
		s.refused = err
	}
	return err
}

// SignInRefused is the trouble of a sign-in that is for people.
func (s *System) SignInRefused(text string) error {
	return &runner.Trouble{Kind: runner.SignInRefused, System: s.Name, Text: text}
}

// Unavailable is the trouble of a system that cannot be worked in now.
func (s *System) Unavailable(text string) error {
	return &runner.Trouble{Kind: runner.Unavailable, System: s.Name, Text: text}
}

// Refused is the system's own refusal of what was entered, in its own words.
type Refused struct{ Text string }

// Error is what the system said.
func (r *Refused) Error() string { return "the system refuses: " + r.Text }

// SignedOut reports whether what shows instead of a page is the sign-in page,
// which every system's selectors call signin.
func SignedOut(err error) bool {
	var changed *browser.ScreenChanged
	return errors.As(err, &changed) && slices.Contains(changed.Shows, "signin")
}

// Trouble says in the runner's words what a page's error says of the system. The
// page of a system that is closed for service is called maintenance.
func (s *System) Trouble(err error) error {
	var changed *browser.ScreenChanged
	var slow *browser.Slow
	var gone *browser.Unreachable
	var closed *browser.Closed
	var t *runner.Trouble
	say := func(kind runner.TroubleKind, text string) error {
		return &runner.Trouble{Kind: kind, System: s.Name, Text: text, Err: err}
	}
	switch {
	case err == nil, errors.As(err, &t), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &changed) && slices.Contains(changed.Shows, "maintenance"):
		return say(runner.Unavailable, s.Title+" er lukket for service.")
	case SignedOut(err):
		return say(runner.Unavailable, s.Title+" loggede robotten af midt i arbejdet.")
	case errors.As(err, &changed):
		return say(runner.ScreenChanged, fmt.Sprintf("Skærmbilledet »%s« i %s ser ikke ud som ventet. Ret selectors/%s.yaml, eller få driften til det.", changed.Page, s.Title, s.Name))
	case errors.As(err, &slow):
		return say(runner.Unavailable, s.Title+" svarer for langsomt.")
	case errors.As(err, &gone):
		return say(runner.Unavailable, s.Title+" svarer ikke ("+gone.Reason+").")
	case errors.As(err, &closed):
		return say(runner.Unavailable, "Robottens browser gik ned.")
	}
	return err
}
