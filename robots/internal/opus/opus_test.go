package opus_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/fixtures/town"
	"byskriver/robots/internal/opus"
	"byskriver/robots/internal/screen"
	"byskriver/runner"
	"byskriver/selectors"
	"byskriver/selectors/browser"
)

// pages gives out pages of one browser for the portal's screens.
type pages struct {
	browser *browser.Browser
	screens *selectors.System
}

func (p pages) Page(ctx context.Context) (*browser.Page, error) {
	return p.browser.Page(ctx, p.screens)
}

// open opens a town and the portal as the robot sees it.
func open(t testing.TB, c town.Config, user, password string) (*town.Town, *opus.Portal) {
	t.Helper()
	const bin = "/usr/bin/chromium"
	if _, err := os.Stat(bin); err != nil {
		t.Skip("no Chromium on this machine: make setup installs it")
	}
	screens, err := selectors.Load("../../../selectors/opus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lilleby, err := town.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lilleby.Close(); err != nil {
			t.Error(err)
		}
	})
	b, err := browser.Start(t.Context(), browser.Config{Bin: bin, NoSandbox: os.Geteuid() == 0, Wait: 8 * time.Second, Mask: runner.MaskBytes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	portal := opus.New(pages{b, screens}, screen.Account{URL: lilleby.URL(), User: user, Password: func() (string, error) { return password, nil }})
	t.Cleanup(portal.Close)
	return lilleby, portal
}

const (
	robot    = "ROBOT01"
	password = "Lilleby-2026!"
	supplier = "21430099"
)

// lay lays a voucher of 1.250,00 gross in the inbox.
func lay(t testing.TB, l *town.Town, invoice string) opus.Voucher {
	t.Helper()
	number, err := l.Portal().AddVoucher(town.Voucher{Supplier: "Øens Rengøring ApS", CVR: supplier, Invoice: invoice,
		Issued: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), Gross: 125000, Net: 100000, EAN: "5790000000005", Lines: []string{"Rengøring"}})
	if err != nil {
		t.Fatal(err)
	}
	return opus.Voucher{Number: number, CVR: supplier, Invoice: invoice, Amount: decimal.New(1250, 0), EAN: "5790000000005"}
}

func cleaning() opus.Coding {
	return opus.Coding{Account: "49000020", PSP: "XG-6451000010", VATCode: "K1", Amount: decimal.New(1000, 0), Text: "Rengøring november", Action: opus.Code}
}

func TestFindPostAndReadBack(t *testing.T) {
	l, portal := open(t, town.Config{Seed: 1}, robot, password)
	v := lay(t, l, "R-1")
	lay(t, l, "R-10")
	for range 14 {
		lay(t, l, "R-1x")
	}
	found, err := portal.Find(t.Context(), supplier, "R-1", v.Amount)
	if err != nil || len(found) != 1 || found[0].Number != v.Number || !found[0].Amount.Equal(v.Amount) {
		t.Fatalf("found %+v, %v", found, err)
	}
	for _, c := range []opus.Coding{cleaning(), withForward(cleaning())} {
		v := lay(t, l, "P-"+string(c.Action))
		if err := portal.Post(t.Context(), v, c); err != nil {
			t.Fatal(err)
		}
		posted, err := portal.Posted(t.Context(), v.Number)
		if err != nil || len(posted) != 1 {
			t.Fatalf("posted %+v, %v", posted, err)
		}
		if got := posted[0]; !got.Amount.Equal(c.Amount) || got.Account != c.Account || got.PSP != c.PSP || got.Text != c.Text || got.Action != c.Action || got.NextAgent != c.NextAgent || got.VATCode != c.VATCode {
			t.Errorf("read back %+v, want %+v", got, c)
		}
	}
	if n := len(l.Postings()); n != 2 {
		t.Errorf("%d postings in the town, want 2", n)
	}
}

func withForward(c opus.Coding) opus.Coding {
	c.Action, c.NextAgent, c.PSP, c.CostCentre = opus.Forward, "LBY00102", "XG-3301000010", ""
	return c
}

func TestPortalRefuses(t *testing.T) {
	l, portal := open(t, town.Config{Seed: 1}, robot, password)
	v := lay(t, l, "R-1")
	c := cleaning()
	c.Account = "49000090"
	err := portal.Post(t.Context(), v, c)
	var refused *opus.Refused
	if !errors.As(err, &refused) || !runner.IsNotDone(err) {
		t.Errorf("a closed account gave %v", err)
	}
	if err := portal.Post(t.Context(), v, cleaning()); err != nil {
		t.Errorf("after a refusal the next coding gave %v", err)
	}
}

func TestSignInThatIsForPeople(t *testing.T) {
	for _, c := range []struct {
		name, user, password string
		users                []town.User
	}{
		{"wrong password", robot, "wrong", nil},
		{"password must be changed", robot, password, []town.User{{Name: robot, Password: password, PasswordDue: time.Unix(1, 0)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, portal := open(t, town.Config{Seed: 1, Users: c.users}, c.user, c.password)
			err := portal.SignIn(t.Context())
			var trouble *runner.Trouble
			if !errors.As(err, &trouble) || trouble.Kind != runner.SignInRefused {
				t.Fatalf("got %v", err)
			}
			tries := 0
			for _, e := range l.Journal() {
				if e.What == town.WhatSignIn {
					tries++
				}
			}
			if tries != 1 {
				t.Errorf("signed in %d times, want once", tries)
			}
		})
	}
}

// What the portal does to a robot on a bad day, and what the robot says of it.
func TestBadDays(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault town.Fault
		kind  runner.TroubleKind
	}{
		{"maintenance", town.Fault{On: town.Match{What: town.WhatTop}, Do: town.Maintenance()}, runner.Unavailable},
		{"error page", town.Fault{On: town.Match{What: town.WhatSearch}, Do: town.Fail()}, runner.Unavailable},
		{"another layout", town.Fault{On: town.Match{What: town.WhatCoding}, Do: town.Layout(town.LayoutNew)}, runner.ScreenChanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, portal := open(t, town.Config{Seed: 1, Faults: []town.Fault{c.fault}}, robot, password)
			v := lay(t, l, "R-1")
			err := portal.Post(t.Context(), v, cleaning())
			var trouble *runner.Trouble
			if !errors.As(err, &trouble) || trouble.Kind != c.kind || !runner.IsNotDone(err) {
				t.Fatalf("got %v", err)
			}
			var w *opus.Witness
			if !errors.As(err, &w) || len(w.PNG) == 0 || len(w.HTML) == 0 {
				t.Errorf("no picture of the page with %v", err)
			}
		})
	}
}

func TestEndedSessionPopupsAndMessagesAreNoTrouble(t *testing.T) {
	l, portal := open(t, town.Config{Seed: 1, Popups: 1, Modals: 0.5, Faults: []town.Fault{
		{On: town.Match{What: town.WhatVoucher, Nth: 1}, Do: town.LogOut()}}}, robot, password)
	for i, invoice := range []string{"R-1", "R-2", "R-3"} {
		v := lay(t, l, invoice)
		err := portal.Post(t.Context(), v, cleaning())
		if i == 0 && err != nil && runner.IsNotDone(err) {
			err = portal.Post(t.Context(), v, cleaning())
		}
		if err != nil {
			t.Fatalf("%s: %v", invoice, err)
		}
	}
	if n := len(l.Postings()); n != 3 {
		t.Errorf("%d postings, want 3", n)
	}
}

func TestCutAfterPosting(t *testing.T) {
	for name, cut := range map[string]town.Action{"in the middle of the answer": town.CutAfter(0), "before the answer": town.DropAfter(0)} {
		t.Run(name, func(t *testing.T) {
			l, portal := open(t, town.Config{Seed: 1, Faults: []town.Fault{{On: town.Match{What: town.WhatPosting}, Do: cut}}}, robot, password)
			v := lay(t, l, "R-1")
			if err := portal.Post(t.Context(), v, cleaning()); err == nil || runner.IsNotDone(err) {
				t.Fatalf("got %v, want an error that leaves open what happened", err)
			}
			posted, err := portal.Posted(t.Context(), v.Number)
			if err != nil || len(posted) != 1 || len(l.Postings()) != 1 {
				t.Errorf("posted %+v, %v; the town has %d", posted, err, len(l.Postings()))
			}
		})
	}
}

// TestColleagueWasFirst: between the robot's finding a voucher and its posting, a
// colleague posts it. The portal would take a second posting without a word.
func TestColleagueWasFirst(t *testing.T) {
	l, portal := open(t, town.Config{Seed: 1}, robot, password)
	lay(t, l, "K-1")
	found, err := portal.Find(t.Context(), supplier, "K-1", decimal.New(1250, 0))
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v: %v", found, err)
	}
	colleague, err := town.NewBare(t.Context(), l.URL(), robot, password)
	if err != nil {
		t.Fatal(err)
	}
	defer colleague.Close()
	c := cleaning()
	if _, err := colleague.Post(t.Context(), town.Wanted{CVR: supplier, Invoice: "K-1", From: 125000, To: 125000},
		town.Coding{Account: c.Account, PSP: c.PSP, VATCode: c.VATCode, Amount: "1000.00", Text: c.Text, Action: town.ActionCode}); err != nil {
		t.Fatal(err)
	}
	var refused *opus.Refused
	if err := portal.Post(t.Context(), found[0], c); !errors.As(err, &refused) || !runner.IsNotDone(err) {
		t.Errorf("posted after the colleague: %v", err)
	}
	if n := len(l.Postings()); n != 1 {
		t.Errorf("%d postings, want 1", n)
	}
}
