package opus

import (
	"context"
	"fmt"
	"strings"

	"byskriver/robots/internal/screen"
	"byskriver/selectors/browser"
)

// desk is one signed-in page of the portal.
type desk struct {
	*browser.Page
	portal     *Portal
	inboxShows answered
}

// signIn signs in anew on a page whose session has ended.
func (d *desk) signIn(ctx context.Context) error {
	return d.portal.System.SignIn(func() error { return d.passDoor(ctx) })
}

// passDoor opens the portal, signs in and goes to the vouchers.
func (d *desk) passDoor(ctx context.Context) error {
	if err := d.Open(ctx, strings.TrimSuffix(d.portal.Account.URL, "/")+"/irj/portal"); err != nil {
		return err
	}
	where, err := d.Which(ctx, "signin", "password", "home", "maintenance")
	if err != nil {
		return err
	}
	if where == "signin" {
		if where, err = d.enterPassword(ctx); err != nil {
			return err
		}
	}
	switch where {
	case "password":
		return d.portal.SignInRefused("OPUS kræver, at robottens adgangskode skiftes. Skift den i portalen som robottens bruger, og ret hemmeligheden i konfigurationen.")
	case "maintenance":
		return d.portal.Unavailable("OPUS er lukket for service.")
	}
	return d.vouchers(ctx)
}

func (d *desk) enterPassword(ctx context.Context) (where string, err error) {
	password, err := d.portal.Account.Password()
	if err != nil {
		return "", fmt.Errorf("get the robot's password for OPUS: %w", err)
	}
	err = d.FillAll(ctx, browser.Field{Name: "signin.user", Value: d.portal.Account.User}, browser.Field{Name: "signin.password", Value: password})
	if err != nil {
		return "", err
	}
	seen, err := d.ClickTo(ctx, "signin.submit", "home", "password", "maintenance", "signin.refused", "signin.outdated")
	switch {
	case err != nil:
		return "", err
	case seen.Name == "signin.refused":
		return "", d.portal.SignInRefused("OPUS afviser robottens bruger eller adgangskode: »" + seen.Text + "«. Robotten prøver ikke igen, før hemmeligheden er rettet.")
	case seen.Name == "signin.outdated":
		return "", d.portal.Unavailable("OPUS ville ikke tage logonsiden: »" + seen.Text + "«.")
	}
	return seen.Name, nil
}

// vouchers goes from the portal's first page to the vouchers.
func (d *desk) vouchers(ctx context.Context) error {
	if err := d.turn(ctx, "home.economy", "home"); err != nil {
		return err
	}
	return d.turn(ctx, "home.vouchers", "inbox")
}

// turn presses something that leads to another page, makes sure of that page, and
// closes message windows that opened with it.
func (d *desk) turn(ctx context.Context, press, page string) error {
	d.inboxShows = answered{}
	if err := d.Click(ctx, press); err != nil {
		return err
	}
	if err := d.At(ctx, page); err != nil {
		return err
	}
	_, err := d.ClosePopups(ctx)
	return err
}

// inbox goes to the list of vouchers that wait, from wherever the page is.
func (d *desk) inbox(ctx context.Context) error { return d.tab(ctx, "inbox") }

// tab goes to one of the two lists. A session that has ended shows the sign-in
// page instead: then it signs in again, once.
func (d *desk) tab(ctx context.Context, list string) error {
	err := d.turn(ctx, "tabs."+list, list)
	if err == nil || !screen.SignedOut(err) {
		return err
	}
	if err := d.signIn(ctx); err != nil || list == "inbox" {
		return err
	}
	return d.turn(ctx, "tabs."+list, list)
}
