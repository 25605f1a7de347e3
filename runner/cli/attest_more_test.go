package cli

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/town"
)

// A shadow run finds and decides, and changes nothing: no system, no folder, nothing
// of what the robot keeps.
func TestAttestShadow(t *testing.T) {
	b := newBureau(t, "2026-03-02", 9, nil)
	b.place(1, nil)
	b.place(2, func(p *attests.Placed) { p.Order.Post = "ukendt" })
	letter := filepath.Join(b.dir, "post", "svar.xml")
	if err := os.WriteFile(letter, []byte("<brev/>"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := (&runCmd{Robot: "attest", Shadow: true}).Run(b.env()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.out.String(), "2 fundet, 1 klaret, 1 på listen") {
		t.Errorf("the run says %s", &b.out)
	}
	for _, e := range b.town.Journal() {
		if e.Method != http.MethodGet {
			t.Errorf("a shadow run sent %s %s", e.Method, e.Path)
		}
	}
	if left := b.drawer(""); len(left) > 0 {
		t.Errorf("a shadow run keeps %d things", len(left))
	}
	if _, err := os.Stat(letter); err != nil {
		t.Errorf("a shadow run took a message: %v", err)
	}
	for _, dir := range []string{"bundter", "startlister"} {
		if files, _ := filepath.Glob(filepath.Join(b.dir, dir, "*")); len(files) > 0 {
			t.Errorf("a shadow run wrote %v", files)
		}
	}
}

// A sample of the clean certificates is seen by a person before it is filed.
func TestAttestSample(t *testing.T) {
	b := newBureau(t, "2026-03-02", 10, func(o *attests.Options) { o.Samples = 100 })
	b.sent([]town.Fate{town.FateClean})
	for len(b.deliver()) == 0 {
		b.later(1)
	}
	b.run()
	if got := b.codes(); got != "STIKPRØVE" || len(b.town.SBSYS().Filed()) != 0 {
		t.Fatalf("the list has %q; %d are filed", got, len(b.town.SBSYS().Filed()))
	}
	b.decide(func(listed) (string, string) { return "agree", "" })
	b.run()
	if got := b.codes(); got != "" || len(b.town.SBSYS().Filed()) != 1 {
		t.Errorf("the list has %q; %d are filed", got, len(b.town.SBSYS().Filed()))
	}
}

// The same message again is the same; one of the same id that says something else is
// a question to a person, and nothing of it is lost.
func TestAttestSameMessage(t *testing.T) {
	b := newBureau(t, "2026-03-02", 11, nil)
	b.sent([]town.Fate{town.FateClean})
	var letters []town.Letter
	for len(letters) == 0 {
		b.later(1)
		letters = b.deliver()
	}
	b.run()
	again := func(raw []byte) {
		if err := os.WriteFile(filepath.Join(b.dir, "post", "igen.xml"), raw, 0o640); err != nil {
			t.Fatal(err)
		}
		b.run()
	}
	again(letters[0].Memo)
	if got, n := b.codes(), len(b.drawer("post/")); got != "" || n != 0 {
		t.Errorf("the same again: the list has %q, %d are kept", got, n)
	}
	again(bytes.Replace(letters[0].Memo, []byte("Rigspolitiet</memo:label>"), []byte("Nogen</memo:label>"), 1))
	if got := b.codes(); got != "ANDET-INDHOLD" {
		t.Errorf("another of the same id: the list has %q", got)
	}
	again([]byte("Kære kommune"))
	if got := b.codes(); got != "ANDET-INDHOLD POST-ULÆSELIG" {
		t.Errorf("something that is no message: the list has %q", got)
	}
	if n := len(b.town.SBSYS().Filed()); n != 1 {
		t.Errorf("%d notes", n)
	}
}

// Who starts within a week, or has started, without a certificate is on the day's
// lists, the unit's own and everybody's, and nobody else.
func TestAttestStartLists(t *testing.T) {
	b := newBureau(t, "2026-03-02", 12, nil)
	starts := func(days int) func(*attests.Placed) {
		return func(p *attests.Placed) { p.Order.Start = b.clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }
	}
	far, soon, started := b.place(1, starts(8)), b.place(2, starts(7)), b.place(3, starts(-1))
	elsewhere := b.place(4, func(p *attests.Placed) { starts(1)(p); p.Order.Unit = "../Skolen" })
	unclear := b.place(5, func(p *attests.Placed) { starts(2)(p); p.Order.Post = "ukendt" })
	b.run()
	b.later(1)
	b.run()
	read := func(folder, day string) string {
		f, err := excelize.OpenFile(filepath.Join(b.dir, "startlister", folder, "startdatoer-"+day+".xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := f.GetRows("Startdatoer")
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, r := range rows {
			all = append(all, strings.Join(r, " | "))
		}
		return strings.Join(all, "\n")
	}
	everybody, unit := read("Løn", "2026-03-03"), read("enheder/Børnehuset", "2026-03-03")
	for _, c := range []struct {
		p              attests.Placed
		everybody, own bool
	}{{far, true, true}, {soon, true, true}, {started, true, true}, {elsewhere, true, false}, {unclear, true, true}} {
		if strings.Contains(everybody, c.p.Order.Name) != c.everybody || strings.Contains(unit, c.p.Order.Name) != c.own {
			t.Errorf("%s, who starts on %s: everybody's list %v, the unit's %v", c.p.Order.Name, c.p.Order.Start, c.everybody, c.own)
		}
		if strings.Contains(everybody, c.p.Order.CPR) || strings.Contains(everybody, c.p.Order.CPR[:6]) {
			t.Error("a CPR number is on the list")
		}
	}
	if n := strings.Count(everybody, "STARTET UDEN ATTEST"); n != 2 {
		t.Errorf("%d have started without, want the one from before and the one of today:\n%s", n, everybody)
	}
	b.decide(func(l listed) (string, string) {
		if l.Code == "ORDRE-STILLING" {
			return "manual", ""
		}
		return "", ""
	})
	for range 2 {
		b.later(1)
		b.run()
	}
	if st := b.town.Orders().Status(unclear.Order.ID)["afklaring"]; !st.Ended {
		t.Errorf("the unclear order is settled by hand, and the leader sees %+v", st)
	}
	if got := read("Løn", "2026-03-05"); !strings.Contains(got, unclear.Order.Name) || !strings.Contains(got, "afsluttet uden attest") {
		t.Errorf("an unclear order that was settled by hand is gone from the list:\n%s", got)
	}
	first, err := excelize.OpenFile(filepath.Join(b.dir, "startlister", "Løn", "startdatoer-2026-03-02.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	b.later(20)
	b.run()
	if left, _ := filepath.Glob(filepath.Join(b.dir, "startlister", "*", "startdatoer-2026-03-0*.xlsx")); len(left) > 0 {
		t.Errorf("old lists are left: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, "startlister", "enheder", "*Skolen", "*.xlsx")); len(left) != 1 {
		t.Errorf("the other unit's list: %v", left)
	}
}

// The forms in attester.yaml are tried on messages, without a store or an order.
func TestAttestTry(t *testing.T) {
	b := newBureau(t, "2026-03-02", 13, nil)
	b.sent([]town.Fate{town.FateClean, town.FateDecision, town.FateRefused, town.FateScanned})
	b.later(60)
	want := map[town.Fate]string{town.FateClean: `"outcome":"clean"`, town.FateRefused: `"outcome":"refused"`, town.FateDecision: `"why":"unknown"`, town.FateScanned: `"why":"scanned"`}
	for _, l := range b.deliver() {
		b.out.Reset()
		if err := (&tryCmd{Robot: "attest", JSON: true, Files: []string{filepath.Join(b.dir, "post", l.ID+".xml")}}).Run(b.env()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.out.String(), want[l.Fate]) || strings.Contains(b.out.String(), l.Name) {
			t.Errorf("%s: %s", l.Fate, &b.out)
		}
		delete(want, l.Fate)
	}
	if len(want) > 0 {
		t.Errorf("never tried: %v", want)
	}
}

// A clean certificate is filed only where there is exactly one active personnel case
// with exactly one sub-case for it; else people mend the case and the robot goes on.
func TestAttestPersonnelCases(t *testing.T) {
	b := newBureau(t, "2026-03-02", 14, nil)
	cases := map[string]int{}
	for n, parts := range [][][]string{{}, {{"Ansættelse"}, {"Ansættelse"}}, {{"Rekruttering"}}, {{"Ansættelse", "Ansættelse"}}} {
		p := b.place(n+1, func(p *attests.Placed) { p.Cases = 0 })
		for _, part := range parts {
			cases[p.Order.ID] = b.town.SBSYS().AddCase(town.PersonnelCase{CPR: p.Order.CPR, Parts: part})
		}
	}
	b.run()
	b.sendAll()
	b.run()
	for range 25 {
		b.later(1)
		b.deliver()
	}
	b.run()
	got := map[string]string{}
	for _, l := range b.listed() {
		got[l.Code] = l.Case
	}
	if len(got) != 4 || got["SAG-MANGLER"] != "B-1" || got["SAG-FLERE"] != "B-2" || got["DELFORLØB-MANGLER"] != "B-3" || got["DELFORLØB-FLERE"] != "B-4" {
		t.Fatalf("the list has %v", got)
	}
	b.town.SBSYS().AddCase(town.PersonnelCase{CPR: attests.PersonOf(1).CPR, Parts: []string{"Ansættelse"}})
	b.town.SBSYS().AddPart(cases["B-3"], "Ansættelse")
	b.decide(func(l listed) (string, string) {
		if l.Code == "SAG-MANGLER" || l.Code == "DELFORLØB-MANGLER" {
			return "retry", ""
		}
		return "approve", ""
	})
	b.run()
	if got := b.codes(); got != "" || len(b.town.SBSYS().Filed()) != 2 {
		t.Errorf("the list has %q; %d notes", got, len(b.town.SBSYS().Filed()))
	}
	for _, id := range []string{"B-1", "B-2", "B-3", "B-4"} {
		if st := b.town.Orders().Status(id)["boerneattest"]; st.Status != "på plads" {
			t.Errorf("%s: the leader sees %+v", id, st)
		}
	}
	if left := b.drawer("post/"); len(left) > 0 {
		t.Errorf("%d answers are kept", len(left))
	}
}
