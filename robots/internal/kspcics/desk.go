package kspcics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/runner"
	"byskriver/selectors"
	"byskriver/selectors/terminal"
)

// desk is one terminal, and the screen that it stood on when last looked at.
type desk struct {
	sys  *System
	term *terminal.Terminal
	now  *terminal.Buffer
	on   string // the screen's name, "" for none of the file's
}

func (d *desk) screen(name string) *selectors.Screen { return d.sys.screens.Screens[name] }

// field is what a field of the screen shows.
func (d *desk) field(name string) string { return d.now.At(d.screen(d.on).Fields[name]) }

// look reads the screen.
func (d *desk) look(ctx context.Context) error {
	b, err := d.term.Read(ctx)
	if err != nil {
		return err
	}
	d.now, d.on = b, b.Name(d.sys.screens)
	return nil
}

// expect waits until the screen is as wanted: one of those names, and nothing that
// wrong finds in it. The host may send a screen in parts, or give the keyboard back
// before it. Where it does not become so in time, the error has the screen.
func (d *desk) expect(ctx context.Context, wrong func() string, names ...string) error {
	until := time.Now().Add(d.sys.options.Settle)
	for {
		if err := d.look(ctx); err != nil {
			return err
		}
		why := "another one"
		if slices.Contains(names, d.on) {
			why = wrong()
		}
		if why == "" {
			return nil
		}
		signedOut := d.on == "signin" && !slices.Contains(names, "signin")
		if left := time.Until(until); left > 0 && !signedOut {
			if _, err := d.term.Changed(ctx, left); err != nil {
				return err
			}
			continue
		}
		return &unexpected{wanted: strings.Join(names, " or "), shows: d.on, why: why, text: d.now.Text()}
	}
}

// anything is for expect where the name alone says enough.
func anything() string { return "" }

// press sends the screen and expects others.
func (d *desk) press(ctx context.Context, key terminal.Key, wrong func() string, names ...string) error {
	if err := d.term.Press(ctx, key); err != nil {
		return err
	}
	return d.expect(ctx, wrong, names...)
}

// travel is press where a message to everybody may come first: it is read away with
// ENTER, once.
func (d *desk) travel(ctx context.Context, key terminal.Key, wrong func() string, names ...string) error {
	if d.screen("notice") == nil {
		return d.press(ctx, key, wrong, names...)
	}
	either := func() string {
		if d.on == "notice" {
			return ""
		}
		return wrong()
	}
	if err := d.press(ctx, key, either, append([]string{"notice"}, names...)...); err != nil || d.on != "notice" {
		return err
	}
	return d.press(ctx, terminal.Enter, wrong, names...)
}

// fill types into a field of the screen.
func (d *desk) fill(ctx context.Context, field, text string) error {
	return d.term.Type(ctx, d.screen(d.on).Fields[field], text)
}

// signIn signs in at the first screen.
func (d *desk) signIn(ctx context.Context) error {
	if err := d.expect(ctx, anything, "signin"); err != nil {
		return err
	}
	word, err := d.sys.account.Password()
	if err != nil {
		return fmt.Errorf("get the password for KSP/CICS: %w", err)
	}
	if err := d.fill(ctx, "user", d.sys.account.User); err != nil {
		return err
	}
	if err := d.fill(ctx, "password", word); err != nil {
		return err
	}
	answered := func() string {
		if d.on == "signin" && d.field("message") == "" {
			return "no answer to the sign-in"
		}
		return ""
	}
	if err := d.press(ctx, terminal.Enter, answered, "signin", "password", "ready", "notice"); err != nil {
		return err
	}
	return d.passed(ctx)
}

// passed reads the host's answer to a sign-in.
func (d *desk) passed(ctx context.Context) error {
	say := func(kind runner.TroubleKind, text string) error {
		return &runner.Trouble{Kind: kind, System: Name, Text: text}
	}
	switch d.on {
	case "ready":
		return nil
	case "notice":
		return d.press(ctx, terminal.Enter, anything, "ready")
	case "password":
		return say(runner.SignInRefused, "Adgangskoden til KSP/CICS er udløbet. Skift den, og giv robotten den nye.")
	}
	said := d.field("message")
	switch s := d.screen("signin"); {
	case s.Says("refused", said):
		return say(runner.SignInRefused, "KSP/CICS afviser robottens bruger eller adgangskode: "+runner.Mask(said)+". Robotten prøver ikke igen, for tre forsøg spærrer brugeren.")
	case s.Says("busy", said):
		return say(runner.Unavailable, "Robottens bruger er logget på KSP/CICS for mange steder. Log den af de andre.")
	}
	return &unexpected{wanted: "ready", shows: "signin ", why: "a message that the file does not name", text: d.now.Text()}
}

// toMenu goes to the main menu from any screen.
func (d *desk) toMenu(ctx context.Context) error {
	if err := d.look(ctx); err != nil {
		return err
	}
	switch d.on {
	case "menu":
		return nil
	case "ready":
		if err := d.fill(ctx, "command", d.screen("ready").Send["menu"].Type); err != nil {
			return err
		}
		return d.travel(ctx, terminal.Enter, anything, "menu")
	}
	return d.travel(ctx, terminal.F12, anything, "menu")
}

// wake goes to the menu by a key, also from the menu: that the screen still stands
// says nothing of whether the host still knows who signed in.
func (d *desk) wake(ctx context.Context) error {
	if err := d.look(ctx); err != nil {
		return err
	}
	return d.travel(ctx, terminal.F12, anything, "menu")
}

// open goes from the menu to one of its screens.
func (d *desk) open(ctx context.Context, choice string, wrong func() string, name string) error {
	if err := d.toMenu(ctx); err != nil {
		return err
	}
	if err := d.fill(ctx, "command", d.screen("menu").Send[choice].Type); err != nil {
		return err
	}
	return d.travel(ctx, terminal.Enter, wrong, name)
}

// offered reports whether the screen says that something may be done on it.
func (d *desk) offered(send string) error {
	if !strings.Contains(d.field("legend"), d.screen(d.on).Send[send].Shows) {
		return ErrMayNot
	}
	return nil
}

// signOff leaves the host as politely as two seconds allow, and ends the terminal.
func (d *desk) signOff() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	defer d.term.Close()
	if d.toMenu(ctx) == nil && d.press(ctx, terminal.F3, anything, "ready") == nil {
		_ = d.press(ctx, terminal.F3, anything, "signin") // the host ends the session by itself otherwise
	}
}
