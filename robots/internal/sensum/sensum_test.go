package sensum_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/fixtures/town"
	"byskriver/robots/internal/screen"
	"byskriver/robots/internal/sensum"
	"byskriver/runner"
	"byskriver/selectors"
	"byskriver/selectors/browser"
)

// pages gives out pages of one browser for the case system's screens.
type pages struct {
	browser *browser.Browser
	screens *selectors.System
}

func (p pages) Page(ctx context.Context) (*browser.Page, error) {
	return p.browser.Page(ctx, p.screens)
}

// The people of these tests, with test numbers that nobody can have.
const (
	asta  = "8605010001"
	bjarn = "7105020002"
)

// open opens a town and the case system as the robot sees it.
func open(t testing.TB, c town.Config) (*town.Town, *sensum.System, *[]browser.Drift) {
	t.Helper()
	const bin = "/usr/bin/chromium"
	if _, err := os.Stat(bin); err != nil {
		t.Skip("no Chromium on this machine: make setup installs it")
	}
	screens, err := selectors.Load("../../../selectors/sensum.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lilleby, err := town.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	drifts := &[]browser.Drift{}
	b, err := browser.Start(t.Context(), browser.Config{Bin: bin, NoSandbox: os.Geteuid() == 0, Wait: 8 * time.Second, Mask: runner.MaskBytes,
		OnDrift: func(d browser.Drift) { *drifts = append(*drifts, d) }})
	if err != nil {
		t.Fatal(err)
	}
	s := sensum.New(pages{b, screens}, screen.Account{URL: lilleby.URL(), User: "ROBOT01", Password: func() (string, error) { return "Lilleby-2026!", nil }})
	t.Cleanup(func() {
		s.Close()
		if err := errors.Join(b.Close(), lilleby.Close()); err != nil {
			t.Error(err)
		}
	})
	return lilleby, s, drifts
}

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

// stay is a grant of a stay for Asta.
func stay() town.Grant {
	return town.Grant{CPR: asta, Citizen: "Asta Prøvesen", Section: "§ 107", Kind: "Midlertidigt ophold", Ownership: "Privat", TargetGroup: "Voksne",
		Measure: "Botilbud", Supplier: "Opholdsstedet Lærkesangshuset", CVR: "94130743", From: day("2026-01-01"), To: day("2026-12-31"),
		Amount: 2520000, Interval: "Måned"}
}

func grant(t testing.TB, l *town.Town, g town.Grant) string {
	t.Helper()
	n, err := l.Sensum().AddGrant(g)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// read is stay as the robot reads it.
func read(number string) sensum.Grant {
	return sensum.Grant{Number: number, Section: "§ 107", Kind: "Midlertidigt ophold", Ownership: "Privat", Target: "Voksne", Measure: "Botilbud",
		Supplier: "Opholdsstedet Lærkesangshuset", CVR: "94130743", From: "2026-01-01", To: "2026-12-31", Amount: decimal.New(25200, 0), Fixed: true,
		Interval: "Måned", Status: "Aktiv"}
}

func october() sensum.Paid {
	return sensum.Paid{From: "2026-10-01", To: "2026-10-31", Amount: decimal.New(25200, 0), Invoice: "OL-2051", Voucher: "5100004711"}
}

func same(a, b sensum.Grant) bool {
	equal := a.Amount.Equal(b.Amount)
	a.Amount, b.Amount = decimal.Decimal{}, decimal.Decimal{}
	return equal && reflect.DeepEqual(a, b)
}

func TestGrantsOverSeveralPages(t *testing.T) {
	l, s, _ := open(t, town.Config{Seed: 1, Modals: 0.3})
	want := grant(t, l, stay())
	for range 11 {
		other := stay()
		other.Section, other.Amount, other.Interval, other.To = "§ 97", 0, "Efter regning", time.Time{}
		grant(t, l, other)
	}
	foreign := stay()
	foreign.CPR, foreign.Citizen = bjarn, "Bjarne Tænkt"
	grant(t, l, foreign)
	got, known, err := s.Grants(t.Context(), asta)
	if err != nil || !known || len(got) != 12 {
		t.Fatalf("%d grants, known %v, %v", len(got), known, err)
	}
	inList := read(want)
	inList.Kind, inList.Ownership, inList.Target = "", "", ""
	if !same(got[11], inList) {
		t.Errorf("in the list %+v\nwant %+v", got[11], inList)
	}
	if g := got[0]; g.Fixed || g.To != "" || g.Interval != "Efter regning" {
		t.Errorf("a grant without an amount: %+v", g)
	}
	full, paid, err := s.Grant(t.Context(), asta, want)
	if err != nil || !same(full, read(want)) || len(paid) != 0 {
		t.Errorf("%+v, %v, %v", full, paid, err)
	}
	if got, known, err := s.Grants(t.Context(), "6601010003"); err != nil || known || len(got) != 0 {
		t.Errorf("nobody: %v, %v, %v", got, known, err)
	}
	l.Sensum().AddCitizen("6601010003", "Carl Opdigtet")
	if got, known, err := s.Grants(t.Context(), "6601010003"); err != nil || !known || len(got) != 0 {
		t.Errorf("no grants: %v, %v, %v", got, known, err)
	}
}

func TestMarkAndReadBack(t *testing.T) {
	l, s, _ := open(t, town.Config{Seed: 1, Modals: 0.3})
	number := grant(t, l, stay())
	for month := 1; month <= 9; month++ {
		first := time.Date(2026, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
		if err := l.Sensum().Mark(town.Paid{Grant: number, Time: first, From: first.Format("02.01.2006"), To: first.AddDate(0, 1, -1).Format("02.01.2006"),
			Amount: "25200.00", Invoice: "før", User: "LBY00102"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.MarkPaid(t.Context(), asta, read(number), october()); err != nil {
		t.Fatal(err)
	}
	_, paid, err := s.Grant(t.Context(), asta, number)
	if err != nil || len(paid) != 10 {
		t.Fatalf("%d payments, %v", len(paid), err)
	}
	want := october()
	want.By = "ROBOT01"
	if got := paid[0]; !got.Amount.Equal(want.Amount) || got.From != want.From || got.To != want.To || got.Invoice != want.Invoice || got.Voucher != want.Voucher || got.By != want.By {
		t.Errorf("read back %+v, want %+v", got, want)
	}
	if err := s.MarkPaid(t.Context(), asta, read(number), october()); err != nil || len(l.Sensum().Paid()) != 11 {
		t.Errorf("the case system takes a second mark without a word: %v, %d", err, len(l.Sensum().Paid()))
	}
}

// What has been changed since it was decided about is not marked.
func TestChangedMeanwhile(t *testing.T) {
	l, s, _ := open(t, town.Config{Seed: 1})
	number := grant(t, l, stay())
	dearer := func(g *town.Grant) { g.Amount += 100 }
	refused := func(name, says string, err error) {
		t.Helper()
		var r *screen.Refused
		if !errors.As(err, &r) || !runner.IsNotDone(err) || !strings.Contains(r.Text, says) || len(l.Sensum().Paid()) != 0 {
			t.Errorf("%s: got %v, %d marks", name, err, len(l.Sensum().Paid()))
		}
	}
	l.Script(town.Fault{On: town.Match{What: town.WhatMark, Nth: 1}, Do: town.CallBefore(func(town.Entry) {
		if err := l.Sensum().ChangeGrant(number, func(g *town.Grant) {}); err != nil {
			t.Error(err)
		}
	})})
	refused("while the dialog stands open", "ændret af en anden bruger", s.MarkPaid(t.Context(), asta, read(number), october()))
	if err := l.Sensum().ChangeGrant(number, dearer); err != nil {
		t.Fatal(err)
	}
	refused("before it is opened", "beløbet", s.MarkPaid(t.Context(), asta, read(number), october()))
	refused("a grant that is gone", "findes ikke længere", s.MarkPaid(t.Context(), asta, read("B-26-9999"), october()))
	late := october()
	late.To = "2027-01-31"
	want := read(number)
	want.Amount = decimal.New(25201, 0)
	refused("the case system's own refusal", "uden for bevillingen", s.MarkPaid(t.Context(), asta, want, late))
}

// A page that shows another citizen is refused, whichever page it is, and nothing
// of it is given out or changed.
func TestAnotherCitizen(t *testing.T) {
	for _, what := range []string{town.WhatFind, town.WhatCitizen, town.WhatGrant, town.WhatHistory} {
		t.Run(what, func(t *testing.T) {
			l, s, _ := open(t, town.Config{Seed: 1, Faults: []town.Fault{{On: town.Match{What: what}, Do: town.Another()}}})
			number := grant(t, l, stay())
			other := stay()
			other.CPR, other.Citizen, other.Measure = bjarn, "Bjarne Tænkt", "Hemmeligt"
			grant(t, l, other)
			g, paid, err := s.Grant(t.Context(), asta, number)
			var trouble *runner.Trouble
			if !errors.As(err, &trouble) || trouble.Kind != runner.ScreenChanged || !strings.Contains(trouble.Text, "en anden borger") || len(paid) != 0 || g.Measure == "Hemmeligt" {
				t.Errorf("%+v, %v, %v", g, paid, err)
			}
			if what == town.WhatHistory {
				return
			}
			if err := s.MarkPaid(t.Context(), asta, read(number), october()); err == nil || !runner.IsNotDone(err) || len(l.Sensum().Paid()) != 0 {
				t.Errorf("marked: %v", err)
			}
		})
	}
}

// Bad days: what the case system does, and what the robot says of it.
func TestBadDays(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault town.Fault
		kind  runner.TroubleKind
	}{
		{"maintenance", town.Fault{On: town.Match{What: town.WhatFind}, Do: town.Maintenance()}, runner.Unavailable},
		{"error page", town.Fault{On: town.Match{What: town.WhatCitizen}, Do: town.Fail()}, runner.Unavailable},
		{"cut off", town.Fault{On: town.Match{What: town.WhatGrant}, Do: town.CutAfter(0)}, runner.Unavailable},
		{"another layout", town.Fault{On: town.Match{What: town.WhatGrant}, Do: town.Layout(town.LayoutNew)}, runner.ScreenChanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, s, _ := open(t, town.Config{Seed: 1, Faults: []town.Fault{c.fault}})
			number := grant(t, l, stay())
			err := s.MarkPaid(t.Context(), asta, read(number), october())
			var trouble *runner.Trouble
			if !errors.As(err, &trouble) || trouble.Kind != c.kind || trouble.System != sensum.Name || !runner.IsNotDone(err) {
				t.Fatalf("got %v", err)
			}
			var w *screen.Witness
			if c.name == "cut off" { // of half a page there is no picture
				return
			}
			if !errors.As(err, &w) || len(w.PNG) == 0 || strings.Contains(string(w.HTML), asta) {
				t.Errorf("no picture of the page, or one with a CPR number, with %v", err)
			}
		})
	}
}

func TestSignInThatIsForPeople(t *testing.T) {
	l, s, _ := open(t, town.Config{Seed: 1, Users: []town.User{{Name: "ROBOT01", Password: "en anden"}}})
	for range 2 {
		_, _, err := s.Grants(t.Context(), asta)
		var trouble *runner.Trouble
		if !errors.As(err, &trouble) || trouble.Kind != runner.SignInRefused {
			t.Fatalf("got %v", err)
		}
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
}

// An ended session costs nothing at the start of a search, and a mark whose answer
// was cut is there.
func TestEndedSessionAndCutMark(t *testing.T) {
	l, s, _ := open(t, town.Config{Seed: 1, Faults: []town.Fault{{On: town.Match{What: town.WhatHome, Nth: 3}, Do: town.LogOut()}}})
	number := grant(t, l, stay())
	for range 3 {
		if _, known, err := s.Grants(t.Context(), asta); err != nil || !known {
			t.Fatalf("known %v, %v", known, err)
		}
	}
	l.Script(town.Fault{On: town.Match{What: town.WhatMark}, Do: town.DropAfter(0)})
	if err := s.MarkPaid(t.Context(), asta, read(number), october()); err == nil || runner.IsNotDone(err) {
		t.Fatalf("got %v, want an error that leaves open what happened", err)
	}
	if _, paid, err := s.Grant(t.Context(), asta, number); err != nil || len(paid) != 1 || len(l.Sensum().Paid()) != 1 {
		t.Errorf("%v, %v; the town has %d", paid, err, len(l.Sensum().Paid()))
	}
}

// A renamed label and button are found by the next way, and told of.
func TestDrift(t *testing.T) {
	l, s, drifts := open(t, town.Config{Seed: 1, Faults: []town.Fault{{Do: town.Layout(town.LayoutRenamed)}}})
	number := grant(t, l, stay())
	if err := s.MarkPaid(t.Context(), asta, read(number), october()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range *drifts {
		seen[d.System+"."+d.Page+"."+d.Name] = true
	}
	if len(seen) != 2 || !seen["sensum.home.cpr"] || !seen["sensum.grant.mark"] {
		t.Errorf("drift of %v", seen)
	}
}

func TestLook(t *testing.T) {
	_, s, _ := open(t, town.Config{Seed: 1})
	var seen []string
	if err := s.Look(t.Context(), func(page string) { seen = append(seen, page) }); err != nil || strings.Join(seen, " ") != "signin home" {
		t.Errorf("%v, %v", seen, err)
	}
}

// A session that ends in the moment of the mark leaves it open what happened, and is
// no refusal.
func TestSessionEndsAtTheMark(t *testing.T) {
	l, s, _ := open(t, town.Config{Seed: 1, Faults: []town.Fault{{On: town.Match{What: town.WhatMark, Nth: 1}, Do: town.LogOut()}}})
	number := grant(t, l, stay())
	err := s.MarkPaid(t.Context(), asta, read(number), october())
	var trouble *runner.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != runner.Unavailable || runner.IsNotDone(err) {
		t.Fatalf("got %v", err)
	}
	if err := s.MarkPaid(t.Context(), asta, read(number), october()); err != nil || len(l.Sensum().Paid()) != 1 {
		t.Errorf("afterwards: %v, %d marks", err, len(l.Sensum().Paid()))
	}
}
