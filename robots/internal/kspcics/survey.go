package kspcics

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"byskriver/selectors/terminal"
)

// Entry is one user with what the system knows of him and every authorisation.
type Entry struct {
	Person
	Access string
	Rights []Right
}

// Survey reads every user, one after the other on one terminal, and gives each to each.
// The list of users is read first, and read again at the end: where somebody has come or
// gone meanwhile the survey is no survey, and a *runner.Trouble says so. It signs no
// look-up into any log: who asks for a survey looks everybody up, and logs it before.
func (s *System) Survey(ctx context.Context, each func(Entry) error) error {
	before, err := s.Users(ctx)
	if err != nil {
		return err
	}
	err = s.with(ctx, func(d *desk) error {
		if err := d.open(ctx, "users", d.whole(1, anything), "users"); err != nil {
			return err
		}
		for _, u := range before {
			e, err := d.entry(ctx, u)
			if errors.Is(err, ErrNoUser) {
				return errMoved
			}
			if err != nil {
				return err
			}
			if err := each(e); err != nil {
				return fmt.Errorf("%w: %w", errTaken, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	after, err := s.Users(ctx)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(before, after, func(a, b User) bool { return a.ID == b.ID }) {
		return s.trouble(errMoved)
	}
	return nil
}

// errTaken is an error of whoever takes the entries: it says nothing of the system.
var errTaken = errors.New("an entry of the survey was not taken")

// entry reads one user from the list of users, and comes back to it.
func (d *desk) entry(ctx context.Context, u User) (Entry, error) {
	if err := d.jump(ctx, u.ID); err != nil {
		return Entry{}, err
	}
	if err := d.into(ctx, u.ID, "person"); err != nil {
		return Entry{}, err
	}
	e := Entry{Person: d.person(u.ID), Access: u.Access}
	if err := d.returned(ctx, u.ID); err != nil {
		return Entry{}, err
	}
	if err := d.into(ctx, u.ID, "rights"); err != nil {
		return Entry{}, err
	}
	rows, err := d.steadily(ctx, "rights", d.of(u.ID))
	if err != nil {
		return Entry{}, err
	}
	e.Rights = rightsOf(rows)
	return e, d.returned(ctx, u.ID)
}

// jump has the list of users, on which the desk stands, begin with a user.
func (d *desk) jump(ctx context.Context, user string) error {
	if err := d.fill(ctx, "from", user); err != nil {
		return err
	}
	if err := d.travel(ctx, terminal.Enter, d.whole(1, d.begins(user)), "users"); err != nil {
		return d.noSuch(user, err)
	}
	return nil
}

// begins is for expect: the list begins with a user.
func (d *desk) begins(user string) func() string {
	return func() string {
		if list, _ := d.rows(); len(list) > 0 && list[0].cells["user"] == user {
			return ""
		}
		return "the user is not the list's first"
	}
}

// into opens a screen of the list's first user, which is his.
func (d *desk) into(ctx context.Context, user, name string) error {
	if err := d.offered(name); err != nil {
		return err
	}
	list, _ := d.rows()
	if err := d.mark(ctx, list[0], d.screen("users").Send[name].Type, anything); err != nil {
		return err
	}
	return d.travel(ctx, terminal.Enter, d.of(user), name)
}

// returned goes back to the list of users, which begins with the user still.
func (d *desk) returned(ctx context.Context, user string) error {
	return d.travel(ctx, terminal.F3, d.whole(1, d.begins(user)), "users")
}
