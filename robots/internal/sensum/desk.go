package sensum

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"byskriver/runner"
	"byskriver/selectors/browser"
)

// desk is one signed-in page of the case system.
type desk struct {
	*browser.Page
	system *System
}

// with runs do on a page that is signed in.
func (s *System) with(ctx context.Context, do func(*desk) error) error {
	return s.With(ctx,
		func(page *browser.Page) error { return (&desk{page, s}).passDoor(ctx) },
		func(page *browser.Page) error { return do(&desk{page, s}) })
}

// address is the case system's first page.
func (d *desk) address() string {
	return strings.TrimSuffix(d.system.Account.URL, "/") + "/sensum/"
}

// passDoor opens the case system and signs in.
func (d *desk) passDoor(ctx context.Context) error {
	if err := d.Open(ctx, d.address()); err != nil {
		return err
	}
	where, err := d.Which(ctx, "signin", "home", "maintenance")
	switch {
	case err != nil:
		return err
	case where == "maintenance":
		return d.system.Unavailable("Sensum er lukket for service.")
	case where == "home":
		return nil
	}
	password, err := d.system.Account.Password()
	if err != nil {
		return fmt.Errorf("get the robot's password for Sensum: %w", err)
	}
	err = d.FillAll(ctx, browser.Field{Name: "signin.user", Value: d.system.Account.User}, browser.Field{Name: "signin.password", Value: password})
	if err != nil {
		return err
	}
	seen, err := d.ClickTo(ctx, "signin.submit", "home", "maintenance", "signin.refused")
	switch {
	case err != nil:
		return err
	case seen.Name == "signin.refused":
		return d.system.SignInRefused("Sensum afviser robottens bruger eller adgangskode: »" + seen.Text + "«. Robotten prøver ikke igen, før hemmeligheden er rettet.")
	case seen.Name == "maintenance":
		return d.system.Unavailable("Sensum er lukket for service.")
	}
	return nil
}

// home goes to the search form from wherever the page is, whatever lies open on
// it. A session that has ended shows the sign-in page instead: then it signs in
// again, once.
func (d *desk) home(ctx context.Context) error {
	if err := d.Open(ctx, d.address()); err != nil {
		return err
	}
	where, err := d.Which(ctx, "home", "signin", "maintenance")
	switch {
	case err != nil:
		return err
	case where == "maintenance":
		return d.system.Unavailable("Sensum er lukket for service.")
	case where == "signin":
		return d.system.SignIn(func() error { return d.passDoor(ctx) })
	}
	return nil
}

// errAnother is the trouble of a page that shows another citizen than was asked
// for. It stops the robot as a changed screen does: what it reads cannot be
// trusted until somebody has looked.
func (d *desk) errAnother(page string) error {
	return &runner.Trouble{Kind: runner.ScreenChanged, System: Name,
		Text: fmt.Sprintf("Sensum viste en anden borger end den, robotten spurgte om (skærmbilledet »%s«). Intet er læst eller ændret. Få driften til at se på det.", page),
		Err:  errors.New("the page shows another citizen than was asked for")}
}

// citizen searches for a citizen and opens the list of grants. known is false
// where the case system has nobody of that number.
func (d *desk) citizen(ctx context.Context, cpr string) (known bool, err error) {
	if err := d.home(ctx); err != nil {
		return false, fmt.Errorf("go to the search for a citizen: %w", err)
	}
	if err := d.Fill(ctx, "home.cpr", cpr); err != nil {
		return false, err
	}
	seen, err := d.ClickTo(ctx, "home.search", "home.none", "home.found", "signin", "home.error")
	switch {
	case err != nil:
		return false, err
	case seen.Name == "signin":
		return false, d.signedOut()
	case seen.Name == "home.none":
		return false, nil
	case seen.Name == "home.error":
		return false, fmt.Errorf("the case system will not search: %s", runner.Mask(seen.Text))
	}
	rows, err := d.Rows(ctx, "home.found")
	if err != nil {
		return false, err
	}
	if len(rows) != 1 || bare(rows[0]["cpr"]) != cpr {
		return false, d.errAnother("home")
	}
	if err := d.ClickRow(ctx, "home.found", map[string]string{"cpr": rows[0]["cpr"]}, "open"); err != nil {
		return false, err
	}
	if err := d.at(ctx, "citizen"); err != nil {
		return false, err
	}
	return true, d.is(ctx, "citizen", cpr)
}

// at makes sure that this is the page, and sees at once where the session has ended
// or the case system is closed instead.
func (d *desk) at(ctx context.Context, page string) error {
	where, err := d.Which(ctx, page, "signin", "maintenance")
	switch {
	case err != nil:
		return err
	case where == "signin":
		return d.signedOut()
	case where == "maintenance":
		return d.system.Unavailable("Sensum er lukket for service.")
	}
	return nil
}

func (d *desk) signedOut() error {
	return d.system.Unavailable("Sensum loggede robotten af midt i arbejdet.")
}

// is makes sure that a page shows the citizen who was asked for.
func (d *desk) is(ctx context.Context, page, cpr string) error {
	shows, err := d.Text(ctx, page+".cpr")
	if err != nil {
		return err
	}
	if bare(shows) != cpr {
		return d.errAnother(page)
	}
	return nil
}

// still makes sure that a page shows the citizen and the grant asked for.
func (d *desk) still(ctx context.Context, page, cpr, number string) error {
	if err := d.is(ctx, page, cpr); err != nil {
		return err
	}
	title, err := d.Text(ctx, page+".title")
	if err == nil && !strings.HasSuffix(title, " "+number) {
		err = fmt.Errorf("the page shows %q, expected grant %s", runner.Mask(title), number)
	}
	return err
}

// bare is a CPR number as ten digits.
func bare(s string) string { return strings.NewReplacer("-", "", " ", "").Replace(s) }

// maxPages bounds how far a list is read: nobody has so many grants, and no grant
// so many payments.
const maxPages = 60

// countText is how a list says which of its rows it shows.
var countText = regexp.MustCompile(`^Viser (\d+)-(\d+) af (\d+)$`)

// list reads all pages of a list, and makes sure on each that it is the citizen's
// and has the rows that it says.
func (d *desk) list(ctx context.Context, page, table, cpr string) (all []map[string]string, err error) {
	for n := 1; ; n++ {
		if err := d.is(ctx, page, cpr); err != nil {
			return nil, err
		}
		first, last, of, err := d.count(ctx, page)
		if err != nil || of == 0 {
			return nil, err
		}
		rows, err := d.Rows(ctx, page+"."+table)
		if err != nil {
			return nil, err
		}
		if first != len(all)+1 || last-first+1 != len(rows) || n > maxPages {
			return nil, fmt.Errorf("the list says that it shows %d-%d of %d; %d rows were read after %d", first, last, of, len(rows), len(all))
		}
		if all = append(all, rows...); last == of {
			return all, nil
		}
		if err := d.Click(ctx, page+".next"); err != nil {
			return nil, err
		}
		if err := d.at(ctx, page); err != nil {
			return nil, err
		}
	}
}

func (d *desk) count(ctx context.Context, page string) (first, last, of int, err error) {
	text, err := d.Text(ctx, page+".count")
	if err != nil {
		return 0, 0, 0, err
	}
	m := countText.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, 0, fmt.Errorf("the list says %q, expected Viser N-M af K", text)
	}
	first, _ = strconv.Atoi(m[1])
	last, _ = strconv.Atoi(m[2])
	of, _ = strconv.Atoi(m[3])
	return first, last, of, nil
}
