package kspcics

import (
	"context"
	"errors"
	"slices"

	"byskriver/runner"
	"byskriver/selectors/terminal"
)

// Remove takes one authorisation from a user: for runner.Case's Once, with Find. An
// error that is not marked with runner.NotDone may have come after the removal:
//   - *Refused is marked: the host said no.
//   - ErrStands: the host took it, and the list still has it.
//   - *Lost: other authorisations are gone too.
//   - a *runner.Trouble: the host hung up, or showed something else than expected.
func (s *System) Remove(ctx context.Context, user string, r Right) error {
	return s.with(ctx, func(d *desk) error {
		before, err := d.ready(ctx, user, r)
		if err != nil {
			return runner.NotDone(err)
		}
		if err := d.strike(ctx, user); err != nil {
			return err
		}
		return d.compare(ctx, user, r, before)
	})
}

// ready goes to the row and marks it, and only that one. Nothing is sent yet.
func (d *desk) ready(ctx context.Context, user string, r Right) (before []row, err error) {
	at, before, err := d.find(ctx, user, r)
	if err != nil {
		return nil, err
	}
	if err := d.offered("remove"); err != nil {
		return nil, err
	}
	return before, d.mark(ctx, at, d.screen("rights").Send["remove"].Type, d.of(user))
}

// strike presses ENTER, once, and reads what the host says to it.
func (d *desk) strike(ctx context.Context, user string) error {
	answered := func() string {
		if why := d.mustBe("user", user); why != "" {
			return why
		}
		if d.marked() {
			return "a row is still marked"
		}
		return ""
	}
	if err := d.press(ctx, terminal.Enter, answered, "rights"); err != nil {
		return err
	}
	switch s, said := d.screen("rights"), d.field("message"); {
	case said == "", s.Says("removed", said):
		return nil // the host may say nothing; what it did is read next
	case s.Says("refused", said):
		return runner.NotDone(&Refused{runner.Mask(said)})
	}
	return &unexpected{wanted: "rights", shows: d.on, why: "a message that the file does not name", text: d.now.Text()}
}

// compare reads the list again, all of it, and holds it against the one before.
func (d *desk) compare(ctx context.Context, user string, r Right, before []row) error {
	after, err := d.rights(ctx, user)
	if err != nil {
		return err
	}
	gone := missing(before, after)
	if slices.ContainsFunc(gone, func(x Right) bool { return !x.same(r) }) {
		// One may have slipped by unread; it is believed gone when read twice.
		if after, err = d.rights(ctx, user); err != nil {
			return err
		}
		gone = missing(before, after)
	}
	others := slices.DeleteFunc(slices.Clone(gone), r.same)
	var lost, stands error
	if len(others) > 0 {
		lost = &Lost{others}
	}
	if len(others) == len(gone) {
		stands = ErrStands
	}
	return errors.Join(lost, stands)
}

// missing are the authorisations that were there before and are not after.
func missing(before, after []row) []Right {
	list := rightsOf(after)
	return slices.DeleteFunc(rightsOf(before), func(r Right) bool { return slices.ContainsFunc(list, r.same) })
}
