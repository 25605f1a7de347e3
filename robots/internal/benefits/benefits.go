// Package benefits works in the municipality's system for social benefits as a
// caseworker would, through its screens: it lists the cases of fleksløntilskud,
// reads a case with its history, and enters a month's subsidy. Where things are on
// those screens stands in the system's selectors file.
package benefits

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"byskriver/robots/internal/screen"
	"byskriver/runner"
	"byskriver/selectors/browser"
)

// System is the benefit system as one robot user sees it. Its methods may be called
// from several goroutines; each takes a signed-in page of its own.
type System struct{ screen *screen.System }

// New builds the system. It opens no page yet.
func New(pages screen.Pages, account screen.Account) *System {
	return &System{screen.New(Name, "ydelsessystemet", pages, account)}
}

// Close gives the signed-in pages back.
func (s *System) Close() { s.screen.Close() }

// desk is one signed-in page.
type desk struct {
	*browser.Page
	system *System
}

// with runs do on a page that is signed in.
func (s *System) with(ctx context.Context, do func(*desk) error) error {
	return s.screen.With(ctx,
		func(p *browser.Page) error { return (&desk{p, s}).passDoor(ctx) },
		func(p *browser.Page) error { return do(&desk{p, s}) })
}

// passDoor opens the system and signs in.
func (d *desk) passDoor(ctx context.Context) error {
	if err := d.Open(ctx, strings.TrimSuffix(d.system.screen.Account.URL, "/")+"/ydelse/"); err != nil {
		return err
	}
	where, err := d.Which(ctx, "signin", "list", "maintenance")
	switch {
	case err != nil || where == "list":
		return err
	case where == "maintenance":
		return d.system.screen.Unavailable("Ydelsessystemet er lukket for service.")
	}
	password, err := d.system.screen.Account.Password()
	if err != nil {
		return fmt.Errorf("get the robot's password for the benefit system: %w", err)
	}
	err = d.FillAll(ctx, browser.Field{Name: "signin.user", Value: d.system.screen.Account.User}, browser.Field{Name: "signin.password", Value: password})
	if err != nil {
		return err
	}
	seen, err := d.ClickTo(ctx, "signin.submit", "list", "maintenance", "signin.refused", "signin.expired")
	switch {
	case err != nil:
		return err
	case seen.Name == "signin.refused":
		return d.system.screen.SignInRefused("Ydelsessystemet afviser robottens bruger eller adgangskode: »" + seen.Text + "«. Robotten prøver ikke igen, før hemmeligheden er rettet.")
	case seen.Name != "list":
		return d.system.screen.Unavailable("Ydelsessystemet ville ikke tage logonsiden.")
	}
	return nil
}

// again does something that begins from the bar at the top, and once more after
// signing in anew where the session had ended. Nothing is entered by it.
func (d *desk) again(ctx context.Context, do func() error) error {
	err := do()
	if !screen.SignedOut(err) && !errors.Is(err, errSignedOut) {
		return err
	}
	if err := d.system.screen.SignIn(func() error { return d.passDoor(ctx) }); err != nil {
		return err
	}
	return d.out(do())
}

// errSignedOut says that the sign-in page showed instead of what was asked for.
var errSignedOut = errors.New("the system signed the robot out")

// reach presses something and waits for one of several outcomes. The system's own
// pages that may come instead are errors.
func (d *desk) reach(ctx context.Context, press string, outcomes ...string) (browser.Seen, error) {
	seen, err := d.ClickTo(ctx, press, append(outcomes, "signin", "maintenance")...)
	switch {
	case err != nil:
		return seen, err
	case seen.Name == "signin":
		return seen, errSignedOut
	case seen.Name == "maintenance":
		return seen, d.system.screen.Unavailable("Ydelsessystemet er lukket for service.")
	}
	return seen, nil
}

// maxPages bounds how far the list is read: more was not understood.
const maxPages = 1000

// Cases lists every case, page by page. A list that does not come to the number it
// names is an error: a case that was missed would go without its subsidy.
func (s *System) Cases(ctx context.Context) (all []Listed, err error) {
	err = s.with(ctx, func(d *desk) error {
		all = nil
		first := func() error {
			if _, err := d.reach(ctx, "top.cases", "list.paging"); err != nil {
				return err
			}
			return d.At(ctx, "list")
		}
		if err := d.again(ctx, first); err != nil {
			return fmt.Errorf("open the list of cases: %w", err)
		}
		all, err = d.pages(ctx)
		return err
	})
	return all, err
}

var listText = regexp.MustCompile(`^Side (\d+) af (\d+), (\d+) sager$`)

// pages reads the list that stands open to its end.
func (d *desk) pages(ctx context.Context) (all []Listed, err error) {
	for page := 1; ; page++ {
		text, err := d.Text(ctx, "list.paging")
		if err != nil {
			return nil, err
		}
		m := listText.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("the list's paging says %q, expected Side N af M, K sager", text)
		}
		rows, err := d.Rows(ctx, "list.cases")
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			all = append(all, Listed{Case: row["case"], CPR: undashed(row["cpr"]), Status: row["status"]})
		}
		at, of, count := number(m[1]), number(m[2]), number(m[3])
		switch {
		case at != page || of > maxPages:
			return nil, fmt.Errorf("the list shows page %d of %d, expected page %d", at, of, page)
		case at == of && len(all) != count:
			return nil, fmt.Errorf("the list names %d cases and shows %d", count, len(all))
		case at == of:
			return all, nil
		}
		if _, err := d.reach(ctx, "list.next", "list.paging"); err != nil {
			err = d.out(err)
			return nil, fmt.Errorf("go to page %d of the list: %w", page+1, err)
		}
	}
}

// number reads digits that a pattern has found.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func undashed(cpr string) string { return strings.NewReplacer("-", "", " ", "").Replace(cpr) }

// Case opens a case and reads it with its history. Another citizen's case than the
// one named is *OtherCitizen.
func (s *System) Case(ctx context.Context, number, cpr string) (c Case, err error) {
	err = s.with(ctx, func(d *desk) error {
		if err := d.open(ctx, number, cpr); err != nil {
			return err
		}
		c, err = d.read(ctx, number, cpr)
		return err
	})
	return c, err
}

// open jumps to a case by its number, and makes sure whose it is.
func (d *desk) open(ctx context.Context, number, cpr string) error {
	jump := func() error {
		if err := d.FillAll(ctx, browser.Field{Name: "top.jump", Value: number}); err != nil {
			return err
		}
		seen, err := d.reach(ctx, "top.open", "case", "gone")
		if err == nil && seen.Name == "gone" {
			return &screen.Refused{Text: "Sag " + number + " findes ikke"}
		}
		return err
	}
	if err := d.again(ctx, jump); err != nil {
		return fmt.Errorf("open case %s: %w", number, err)
	}
	return d.whose(ctx, "case", "Sag "+number, number, cpr)
}

// whose makes sure that a page is about the case and the citizen meant.
func (d *desk) whose(ctx context.Context, page, title, number, cpr string) error {
	shown, err := d.Text(ctx, page+".title")
	if err != nil {
		return err
	}
	who, err := d.Text(ctx, page+".cpr")
	if err != nil {
		return err
	}
	if shown != title || undashed(who) != cpr {
		return &OtherCitizen{Case: number}
	}
	return nil
}

// Set enters a month's subsidy. Until the last button is pressed nothing is
// changed, and every error says so by runner.NotDone; from then on only the
// system's own refusal does. Whether the month was set before is not asked.
func (s *System) Set(ctx context.Context, number, cpr string, m Setting) error {
	return s.with(ctx, func(d *desk) error {
		if err := d.fill(ctx, number, cpr, m); err != nil {
			return runner.NotDone(err)
		}
		seen, err := d.ClickOnce(ctx, "form.save", "case.saved", "form.error", "signin", "maintenance")
		switch {
		case err != nil:
			return err
		case seen.Name == "form.error":
			return runner.NotDone(&screen.Refused{Text: seen.Text})
		case seen.Name == "signin" || seen.Name == "maintenance":
			return d.system.screen.Unavailable("Ydelsessystemet svarede ikke på, om tilskuddet blev gemt.")
		}
		if !strings.Contains(seen.Text, number) || !strings.Contains(seen.Text, danishMonth(m.Month)) {
			return fmt.Errorf("the system says %q, which does not name case %s and month %s", seen.Text, number, danishMonth(m.Month))
		}
		return nil
	})
}

// out is what it means for an item that the session ended in the middle of it.
func (d *desk) out(err error) error {
	if errors.Is(err, errSignedOut) {
		return d.system.screen.Unavailable("Ydelsessystemet loggede robotten af midt i arbejdet.")
	}
	return err
}

// fill opens the case's form and fills it in.
func (d *desk) fill(ctx context.Context, number, cpr string, m Setting) error {
	if err := d.open(ctx, number, cpr); err != nil {
		return err
	}
	if _, err := d.reach(ctx, "case.set", "form"); err != nil {
		return d.out(err)
	}
	if err := d.whose(ctx, "form", "Tilskud på sag "+number, number, cpr); err != nil {
		return err
	}
	return d.FillAll(ctx, browser.Field{Name: "form.month", Value: danishMonth(m.Month)}, browser.Field{Name: "form.income", Value: danishMonth(m.IncomeMonth)},
		browser.Field{Name: "form.wage", Value: danish(m.Wage)}, browser.Field{Name: "form.own", Value: danish(m.OwnPension)},
		browser.Field{Name: "form.employer", Value: danish(m.EmployerPension)}, browser.Field{Name: "form.se", Value: m.SE},
		browser.Field{Name: "form.subsidy", Value: danish(m.Subsidy)}, browser.Field{Name: "form.text", Value: m.Text})
}

// Look signs in and visits the screens that can be reached without opening a
// citizen's case. seen is told of each that showed its probe.
func (s *System) Look(ctx context.Context, seen func(page string)) error {
	return s.with(ctx, func(d *desk) error {
		for _, page := range []string{"signin", "list", "top"} {
			if page != "signin" { // nobody comes here but through it
				if err := d.At(ctx, page); err != nil {
					return fmt.Errorf("look at %s: %w", page, err)
				}
			}
			seen(page)
		}
		return nil
	})
}
