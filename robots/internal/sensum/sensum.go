// Package sensum works in a Sensum-like case system for social grants, through
// its screens as a caseworker would. Where things are on those screens stands in
// the system's selectors file; how to get from one to the next, and what the
// pages' words mean, stands here. Every page that shows a citizen must show the
// one that was asked for; another is refused, and nothing of it is given out.
package sensum

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/screen"
	"byskriver/runner"
	"byskriver/selectors/browser"
)

// Name is what the case system is called in errors and in the configuration.
const Name = "sensum"

// System is the case system as one robot user sees it. Its methods may be called
// from several goroutines; each takes a signed-in page of its own.
type System struct{ *screen.System }

// Grant is a citizen's grant. Dates are YYYY-MM-DD. The list of grants does not
// show Kind, Ownership and Target; Grant does.
type Grant struct {
	Number    string
	Section   string // Paragraf
	Kind      string // Art
	Ownership string // Ejerforhold
	Target    string // Målgruppe
	Measure   string // Foranstaltning
	Supplier  string
	CVR       string
	From      string
	To        string          // "" where it holds until further notice
	Amount    decimal.Decimal // for each interval, in kroner; meaningless unless Fixed
	Fixed     bool            // the grant names an amount
	Interval  string          // as the case system writes it, such as Måned
	Status    string          // as the case system writes it, such as Aktiv
}

// Paid is one mark that a grant is paid for a period, both days included.
type Paid struct {
	From, To string // YYYY-MM-DD
	Amount   decimal.Decimal
	Invoice  string
	Voucher  string
	By       string // the user who made the mark; not needed to make one
}

// New builds the system. It opens no page yet.
func New(pages screen.Pages, account screen.Account) *System {
	return &System{screen.New(Name, "Sensum", pages, account)}
}

// Look signs in and visits the screens that show no citizen. seen is told of each
// that showed its probe. The error is about the first that did not.
func (s *System) Look(ctx context.Context, seen func(page string)) error {
	return s.with(ctx, func(d *desk) error {
		seen("signin") // nobody comes in otherwise
		if err := d.home(ctx); err != nil {
			return err
		}
		seen("home")
		return nil
	})
}

// Grants are a citizen's grants, those of all pages of the list. known is false
// where the case system has nobody of that CPR number.
func (s *System) Grants(ctx context.Context, cpr string) (grants []Grant, known bool, err error) {
	err = s.with(ctx, func(d *desk) error {
		if known, err = d.citizen(ctx, cpr); err != nil || !known {
			return err
		}
		rows, err := d.list(ctx, "citizen", "grants", cpr)
		if err != nil {
			return fmt.Errorf("read the citizen's grants: %w", err)
		}
		for _, row := range rows {
			g, err := grantOf(row)
			if err != nil {
				return fmt.Errorf("read grant %s in the list: %w", row["number"], err)
			}
			grants = append(grants, g)
		}
		return nil
	})
	return grants, known, err
}

// Grant is one grant of a citizen with all that its own page shows, and what was
// marked as paid on it, the newest first.
func (s *System) Grant(ctx context.Context, cpr, number string) (g Grant, paid []Paid, err error) {
	err = s.with(ctx, func(d *desk) error {
		if err := d.open(ctx, cpr, number); err != nil {
			return err
		}
		if g, err = d.grant(ctx, number); err != nil {
			return fmt.Errorf("read grant %s: %w", number, err)
		}
		paid, err = d.history(ctx, cpr, number)
		return err
	})
	return g, paid, err
}

// MarkPaid marks a grant as paid. want is the grant as it was when that was
// decided: one that has been changed since is a *screen.Refused. Until the last
// button is pressed nothing is changed, and every error says so by
// runner.NotDone; from then on only the case system's own refusal does.
func (s *System) MarkPaid(ctx context.Context, cpr string, want Grant, p Paid) error {
	return s.with(ctx, func(d *desk) error {
		if err := d.fillMark(ctx, cpr, want, p); err != nil {
			return runner.NotDone(err)
		}
		seen, err := d.ClickOnce(ctx, "grant.save", "grant.marked", "signin", "grant.error")
		switch {
		case err != nil:
			return err
		case seen.Name == "signin": // whether the mark was taken before, a look will tell
			return d.signedOut()
		case seen.Name == "grant.error":
			return runner.NotDone(&screen.Refused{Text: seen.Text})
		}
		return d.still(ctx, "grant", cpr, want.Number)
	})
}

// fillMark opens the grant, makes sure that it is what was decided about, and
// fills in the dialog.
func (d *desk) fillMark(ctx context.Context, cpr string, want Grant, p Paid) error {
	if err := d.open(ctx, cpr, want.Number); err != nil {
		return err
	}
	now, err := d.grant(ctx, want.Number)
	if err != nil {
		return fmt.Errorf("read grant %s: %w", want.Number, err)
	}
	if what := changed(want, now); what != "" {
		return &screen.Refused{Text: "Bevillingen er ændret, siden robotten læste den: " + what}
	}
	if err := d.Click(ctx, "grant.mark"); err != nil {
		return err
	}
	return d.FillAll(ctx, browser.Field{Name: "grant.period_from", Value: dotted(p.From)}, browser.Field{Name: "grant.period_to", Value: dotted(p.To)},
		browser.Field{Name: "grant.paid", Value: danish(p.Amount)}, browser.Field{Name: "grant.invoice", Value: p.Invoice},
		browser.Field{Name: "grant.voucher", Value: p.Voucher})
}

// changed names the first thing about a grant that is not as it was, or "".
func changed(was, is Grant) string {
	if !was.Amount.Equal(is.Amount) || was.Fixed != is.Fixed {
		return "beløbet"
	}
	for _, c := range []struct{ was, is, what string }{
		{was.CVR, is.CVR, "leverandøren"}, {was.From, is.From, "gyldig fra"}, {was.To, is.To, "gyldig til"}, {was.Interval, is.Interval, "afregningen"},
		{was.Status, is.Status, "status"}, {was.Section, is.Section, "paragraffen"}, {was.Kind, is.Kind, "arten"},
		{was.Ownership, is.Ownership, "ejerforholdet"}, {was.Target, is.Target, "målgruppen"}, {was.Measure, is.Measure, "foranstaltningen"},
	} {
		if c.was != c.is {
			return c.what
		}
	}
	return ""
}
