package access

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/robots/access/review"
	"byskriver/runner"
)

// A stranger, another leader and a forged link get nowhere, and learn nothing.
func TestTheDeskIsBoundToItsReviewer(t *testing.T) {
	h := open(t)
	h.day(2026, time.March, 2)
	p := h.packageOf("a0", "a1")
	desk := h.robot.Desk()
	for _, c := range []struct{ who, id string }{{"b0", p.ID}, {"b0", p.Token}, {"", p.Token}, {"a1", p.ID}, {"a0", "2026-03-999"}, {"a0", ""}, {"chef", p.Token}} {
		if _, _, err := desk.Package(t.Context(), c.who, c.id); !errors.Is(err, review.ErrNotYours) {
			t.Errorf("%q opens %q: %v", c.who, c.id, err)
		}
		if err := desk.Save(t.Context(), c.who, c.id, says("r001", review.Keep, "x")); !errors.Is(err, review.ErrNotYours) {
			t.Errorf("%q answers %q: %v", c.who, c.id, err)
		}
		if err := desk.Send(t.Context(), c.who, c.id); !errors.Is(err, review.ErrNotYours) {
			t.Errorf("%q sends %q: %v", c.who, c.id, err)
		}
	}
	got, _, err := desk.Package(t.Context(), "a0", p.Token)
	if err != nil || strings.Contains(fmt.Sprintf("%+v", got), "860501") {
		t.Errorf("the reviewer does not get it, or gets CPR numbers: %v", err)
	}
	if _, _, ok, _ := desk.Employee(t.Context(), "fremmed"); ok {
		t.Error("a stranger is an employee")
	}
	if e, approves, ok, _ := desk.Employee(t.Context(), "IT1"); !ok || !approves || e.ID != "it1" {
		t.Error("IT's own is not known")
	}
}

// Half-done is saved; keep-all leaves what is critical or unusual; nothing can be sent in
// before everything has its answer, nor be changed after.
func TestAnswersAtTheDesk(t *testing.T) {
	h := open(t)
	var p review.Package
	for month := time.March; month <= 15; month++ { // a year and a month, in one of which it is the rare right's turn
		h.day(2026, month, 2)
		p = h.packageOf("a0", "a1")
		if slices.ContainsFunc(p.People, func(x review.Person) bool {
			return slices.ContainsFunc(x.Held, func(x review.Held) bool { return x.Unusual != "" })
		}) {
			break
		}
	}
	desk := h.robot.Desk()
	for _, person := range p.People {
		if err := desk.KeepAll(t.Context(), "a0", p.ID, person.ID); err != nil {
			t.Fatal(err)
		}
	}
	_, a, err := desk.Package(t.Context(), "a0", p.ID)
	if err != nil {
		t.Fatal(err)
	}
	left := p.Missing(a)
	for _, id := range left {
		if held, _, _ := p.Held(id); held.Criticality != review.Critical && held.Unusual == "" {
			t.Errorf("keep-all left %+v", held)
		}
	}
	if len(left) == 0 {
		t.Error("keep-all kept what is critical")
	}
	var said review.Said
	if err := desk.Send(t.Context(), "a0", p.ID); !errors.As(err, &said) {
		t.Errorf("sent in with %d answers missing: %v", len(left), err)
	}
	critical := left[slices.IndexFunc(left, func(id string) bool { x, _, _ := p.Held(id); return x.Criticality == review.Critical })]
	if err := desk.Save(t.Context(), "a0", p.ID, says(critical, review.Keep, " ")); !errors.As(err, &said) {
		t.Errorf("what is critical is kept without a reason: %v", err)
	}
	if err := desk.Save(t.Context(), "a0", p.ID, says(left[0], review.Change, "")); !errors.As(err, &said) {
		t.Errorf("a change without what: %v", err)
	}
	for _, id := range left {
		if err := desk.Save(t.Context(), "a0", p.ID, says(id, review.Change, "Kun læseadgang")); err != nil {
			t.Fatal(err)
		}
	}
	if err := desk.Send(t.Context(), "a0", p.ID); err != nil {
		t.Fatal(err)
	}
	if err := desk.Save(t.Context(), "a0", p.ID, says(left[0], review.Remove, "")); !errors.As(err, &said) {
		t.Errorf("changed after it was sent in: %v", err)
	}
	for range 2 { // the package is taken, and what came of it found
		if err := h.run(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(slices.DeleteFunc(h.exceptions(), func(c string) bool { return c != "SKAL-RETTES" })); n != len(left) {
		t.Errorf("%d changes are on IT's list, %d were wanted", n, len(left))
	}
}

// Wherever the program is killed while it reads, freezes and packs, the next run makes
// of it what one that was never killed makes: every right in one package, each person
// mailed about it once at least.
func TestKilledAtEveryWrite(t *testing.T) {
	whole := open(t)
	whole.day(2026, time.March, 2)
	want := laidIn(whole)
	if len(want) == 0 {
		t.Fatal("nothing is laid before anybody")
	}
	for n := 0; ; n++ {
		h := open(t)
		h.chest.left = n
		err := h.run()
		h.chest.left = -1
		h.start()
		for _, c := range h.items {
			if c.item.State == runner.Failed {
				c.item.State = runner.Ready
			}
		}
		h.day(2026, time.March, 2)
		h.clock.Advance(time.Hour)
		if err := h.run(); err != nil {
			t.Fatal(err)
		}
		if got := laidIn(h); !maps.Equal(got, want) {
			t.Fatalf("killed at write %d: laid before leaders %v, want %v", n, got, want)
		}
		memory, _ := h.robot.books.remembered(t.Context())
		for id, m := range memory {
			for key, seen := range m.Grants {
				if want[key] > 0 && seen.Laid.IsZero() {
					t.Fatalf("killed at write %d: it is not remembered that %s of %s was laid before a leader", n, key, id)
				}
			}
		}
		if err == nil {
			t.Logf("killed at each of %d writes", n)
			return
		}
	}
}

// laidIn counts in how many packages each right stands to be answered.
func laidIn(h *house) map[string]int {
	n := map[string]int{}
	for id := range h.all() {
		p, _, err := h.robot.books.pack(h.t.Context(), id)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, person := range p.People {
			for _, held := range person.Held {
				if held.Open() {
					n[held.Grant.Key()]++
				}
			}
		}
	}
	return n
}

// A shadow run keeps notes of its own, mails nobody and takes nothing away; the first
// live run clears them.
func TestShadow(t *testing.T) {
	h := open(t)
	h.mode = runner.Shadow
	h.day(2026, time.March, 2)
	for name := range h.chest.entries {
		if !strings.HasPrefix(name, inShadow) {
			t.Errorf("a shadow run lays %s", name)
		}
	}
	if len(h.post.letters) > 0 || len(h.chest.entries) < 5 {
		t.Errorf("%d mails, %d notes", len(h.post.letters), len(h.chest.entries))
	}
	if mine, _ := h.robot.Desk().Packages(t.Context(), "a0"); len(mine) > 0 {
		t.Error("a page shows what a shadow run has packed")
	}
	h.mode, h.items, h.order = runner.Live, nil, nil
	h.day(2026, time.March, 3)
	for name := range h.chest.entries {
		if strings.HasPrefix(name, inShadow) {
			t.Errorf("%s is left after a live run", name)
		}
	}
	if len(h.post.letters) == 0 {
		t.Error("a live run mails nobody")
	}
}

// IT's list ends by itself: what is no longer so is done, what comes again is told again.
func TestFindingsComeAndGo(t *testing.T) {
	h := open(t)
	h.host.accounts = append(h.host.accounts, review.Account{System: "kspcics", ID: "GAMMEL", CPR: "8605019999", Active: true})
	h.host.grants = append(h.host.grants, review.Grant{System: "kspcics", Account: "GAMMEL", Right: "KRI"})
	h.day(2026, time.March, 2)
	if got := h.exceptions(); !slices.Equal(got, []string{review.CodeOrphan}) {
		t.Fatalf("IT's list: %v", got)
	}
	gone := h.host.accounts[len(h.host.accounts)-1]
	h.host.accounts = h.host.accounts[:len(h.host.accounts)-1]
	h.host.grants = slices.DeleteFunc(h.host.grants, func(g review.Grant) bool { return g.Account == "GAMMEL" })
	h.day(2026, time.March, 10)
	h.day(2026, time.March, 11)
	if got := h.exceptions(); len(got) != 0 {
		t.Fatalf("IT's list when it is mended: %v", got)
	}
	h.host.accounts = append(h.host.accounts, gone)
	h.day(2026, time.March, 18)
	h.day(2026, time.March, 19)
	if got := h.exceptions(); !slices.Equal(got, []string{review.CodeOrphan}) {
		t.Fatalf("IT's list when it is there again: %v", got)
	}
}

// Wherever the program is killed while it takes a right away, the right is taken once, and
// stands as gone in the end.
func TestARemovalKilledAtEveryWrite(t *testing.T) {
	for n := 0; ; n++ {
		h, x := toRemoval(t)
		if err := h.robot.Desk().Approve(t.Context(), "it1", []string{x.ID}, true, ""); err != nil {
			t.Fatal(err)
		}
		h.chest.left = n
		killed := h.run() != nil || h.chest.left == 0
		h.chest.left = -1
		h.start()
		for range 2 {
			for _, c := range h.items {
				if c.item.State == runner.Failed {
					c.item.State = runner.Ready
				}
			}
			h.clock.Advance(time.Hour)
			if err := h.run(); err != nil {
				t.Fatal(err)
			}
		}
		got, _, _ := get[review.Removal](t.Context(), h.robot.books, inRemovals+x.ID)
		if len(h.host.removed) != 1 || got.Stage != review.Gone {
			t.Fatalf("killed at write %d: %d removals, and it stands as %s", n, len(h.host.removed), got.Stage)
		}
		if !killed {
			t.Logf("killed at each of %d writes", n)
			return
		}
	}
}
