package kspcics

import (
	"context"
	"errors"
	"strings"
	"time"

	"byskriver/runner"
	"byskriver/selectors/terminal"
)

// User is one line of the list of users.
type User struct{ ID, Access, Name string }

// Person is what the system knows of one user.
type Person struct {
	User, Name string
	CPR        string // ten digits; "" where there is none
	Active     string // J, N or X as the screen says
	From, To   string // inactive from and to, as the screen says; "" where it says nothing
	Unit       string
}

// Right is one authorisation of a user.
type Right struct {
	Name        string `json:"name"` // the brugerprofil's
	Description string `json:"description"`
	Owner       string `json:"owner"`
}

// same compares by what makes an authorisation that one.
func (r Right) same(o Right) bool { return r.Name == o.Name && r.Owner == o.Owner }

// Line is one line of what an authorisation holds.
type Line struct{ Kind, Role, Data, Transaction, Description string }

// Users are all users, in the order of the list.
func (s *System) Users(ctx context.Context) ([]User, error) {
	var all []User
	err := s.with(ctx, func(d *desk) error {
		if err := d.open(ctx, "users", anything, "users"); err != nil {
			return err
		}
		list, err := d.steadily(ctx, "users", anything)
		for _, r := range list {
			all = append(all, User{r.cells["user"], r.cells["access"], r.cells["name"]})
		}
		return err
	})
	return all, err
}

// LastLogons are the days on which users were last signed in, where there is one (Z763).
func (s *System) LastLogons(ctx context.Context) (map[string]time.Time, error) {
	return s.days(ctx, "logons", "user")
}

// LastUses are the days on which users last used a transaction, where there is one (Z758).
func (s *System) LastUses(ctx context.Context) (map[string]time.Time, error) {
	return s.days(ctx, "uses", "user")
}

// days reads a list with a day for each of something.
func (s *System) days(ctx context.Context, name, of string) (map[string]time.Time, error) {
	all := map[string]time.Time{}
	err := s.with(ctx, func(d *desk) error {
		if err := d.open(ctx, name, anything, name); err != nil {
			return err
		}
		list, err := d.steadily(ctx, name, anything)
		for _, r := range list {
			if r.cells["last"] == "" {
				continue
			}
			day, err := time.Parse("02.01.2006", r.cells["last"])
			if err != nil {
				return &unexpected{wanted: name, shows: d.on, why: "a day that is none", text: d.now.Text()}
			}
			all[r.cells[of]] = day
		}
		return err
	})
	return all, err
}

// Person reads one user's data. The robot logs the look-up before.
func (s *System) Person(ctx context.Context, user string) (Person, error) {
	var p Person
	err := s.with(ctx, func(d *desk) error {
		if err := d.choose(ctx, user, "person"); err != nil {
			return err
		}
		p = d.person(user)
		return nil
	})
	return p, err
}

// person is what the screen says of the user.
func (d *desk) person(user string) Person {
	return Person{
		User: user, Name: d.field("name"), CPR: strings.ReplaceAll(d.field("cpr"), "-", ""), Active: d.field("active"),
		From: d.field("from"), To: d.field("to"), Unit: d.field("unit"),
	}
}

// Rights are a user's authorisations, over all pages.
func (s *System) Rights(ctx context.Context, user string) ([]Right, error) {
	var list []Right
	err := s.with(ctx, func(d *desk) error {
		rows, err := d.rights(ctx, user)
		list = rightsOf(rows)
		return err
	})
	return list, err
}

// Content is what one of a user's authorisations holds, over all pages. ErrNotOne if
// the user has it not, or twice.
func (s *System) Content(ctx context.Context, user string, r Right) ([]Line, error) {
	var all []Line
	err := s.with(ctx, func(d *desk) error {
		at, _, err := d.find(ctx, user, r)
		if err != nil {
			return err
		}
		if err := d.offered("content"); err != nil {
			return err
		}
		if err := d.mark(ctx, at, d.screen("rights").Send["content"].Type, d.of(user)); err != nil {
			return err
		}
		profile := func() string { return d.mustBe("profile", r.Name) }
		if err := d.press(ctx, terminal.Enter, profile, "content"); err != nil {
			return err
		}
		list, err := d.steadily(ctx, "content", profile)
		for _, x := range list {
			all = append(all, Line{x.cells["kind"], x.cells["role"], x.cells["data"], x.cells["transaction"], x.cells["description"]})
		}
		return err
	})
	return all, err
}

// Removed is the receipt of a removal: the authorisation that no longer stands.
type Removed struct {
	Name  string `json:"name"`
	Owner string `json:"owner"`
}

// Find looks whether an authorisation has been removed, for runner.Case's Once. It is
// read twice before it is believed gone.
func (s *System) Find(ctx context.Context, user string, r Right) (runner.Sight, error) {
	for range 2 {
		list, err := s.Rights(ctx, user)
		if errors.Is(err, ErrNoUser) {
			return runner.Sight{Text: "Brugeren står ikke længere i KSP/CICS. Se efter, om autorisationen er væk."}, nil
		}
		if err != nil {
			return runner.Sight{}, err
		}
		for _, x := range list {
			if x.same(r) {
				return runner.Sight{Certainty: runner.Absent}, nil
			}
			if x.Name == r.Name {
				return runner.Sight{Certainty: runner.Different, Text: "Brugeren har en autorisation af samme navn med en anden ejer. Se efter, hvilken der skulle fjernes."}, nil
			}
		}
	}
	return runner.Sight{Certainty: runner.Present, Receipt: Removed{r.Name, r.Owner}}, nil
}

func rightsOf(rows []row) []Right {
	var list []Right
	for _, r := range rows {
		list = append(list, rightOf(r))
	}
	return list
}

func rightOf(r row) Right { return Right{r.cells["name"], r.cells["description"], r.cells["owner"]} }

// mustBe is for expect: a field that says whose screen it is.
func (d *desk) mustBe(field, value string) string {
	if d.field(field) != value {
		return "it is about somebody, or something, else"
	}
	return ""
}

// of is for expect: the screen is that user's.
func (d *desk) of(user string) func() string {
	return func() string { return d.mustBe("user", user) }
}

// choose opens a screen of one user, person or rights, by its letter in the list of users.
func (d *desk) choose(ctx context.Context, user, name string) error {
	if err := d.open(ctx, "users", d.whole(1, anything), "users"); err != nil {
		return err
	}
	if err := d.jump(ctx, user); err != nil {
		return err
	}
	return d.into(ctx, user, name)
}

// noSuch is ErrNoUser where the list begins after the user, or is empty: then it has
// no such one. A list that begins before it was not turned to that place.
func (d *desk) noSuch(user string, err error) error {
	var u *unexpected
	if !errors.As(err, &u) || d.on != "users" || d.whole(1, anything)() != "" {
		return err
	}
	if list, _ := d.rows(); len(list) == 0 || list[0].cells["user"] > user {
		return ErrNoUser
	}
	return err
}

// rights opens a user's authorisations and reads them all.
func (d *desk) rights(ctx context.Context, user string) ([]row, error) {
	if err := d.choose(ctx, user, "rights"); err != nil {
		return nil, err
	}
	return d.steadily(ctx, "rights", d.of(user))
}

// find reads a user's authorisations and goes to the page on which one stands.
func (d *desk) find(ctx context.Context, user string, r Right) (at row, all []row, err error) {
	if all, err = d.rights(ctx, user); err != nil {
		return row{}, nil, err
	}
	if at, err = one(all, r); err != nil {
		return row{}, nil, err
	}
	if err := d.toPage(ctx, "rights", at.page, d.of(user)); err != nil {
		return row{}, nil, err
	}
	page, _ := d.rows()
	at, err = one(page, r)
	return at, all, err
}

// one is the row of an authorisation, which must be there exactly once. One that is asked
// for without a description goes by name and owner.
func one(list []row, r Right) (row, error) {
	var found []row
	for _, x := range list {
		if got := rightOf(x); got == r || r.Description == "" && got.same(r) {
			found = append(found, x)
		}
	}
	if len(found) != 1 {
		return row{}, ErrNotOne
	}
	return found[0], nil
}
