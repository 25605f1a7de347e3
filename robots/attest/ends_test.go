package attest

import (
	"html"
	"strings"
	"testing"

	"byskriver/robots/attest/rules"
	"byskriver/robots/internal/sbsys"
	"byskriver/runner"
	"byskriver/schedules"
)

// A note serves again only as noteText wrote it.
func TestReadNote(t *testing.T) {
	r, _ := waiting(t)
	const id = "00000000-0000-4000-8000-000000000001"
	rec := record{Order: rules.Order{Post: "paedagog"}, Need: rules.Need{Type: "boerneattest", Basis: r.settings.Policy.Rules.Types[0].Basis}, Sent: schedules.DateOf(now())}
	text := noteText("Børneattest", rec, id, schedules.DateOf(now()), "")
	stored := noteText("Børneattest", rec, id, schedules.DateOf(now()), "Børneattest, slettes 01-01-2027 ("+id+")")
	want := rules.Note{Type: "boerneattest", Post: "paedagog", On: schedules.DateOf(now())}
	for _, good := range []string{text, stored} {
		if got, ok := r.readNote(sbsys.Note{Heading: "Attest: Børneattest", Text: good}); !ok || got != want {
			t.Errorf("%s\nis read as %+v, %v", good, got, ok)
		}
	}
	for name, bad := range map[string]string{
		"a line below":            text + "<br/>RETTELSE: udfaldet er ikke ren",
		"a line below, elsewhere": stored + "\nRETTELSE: udfaldet er ikke ren",
		"a line after it":         strings.Replace(text, "Udfald: ren", "Udfald: ren<br/>RETTELSE: ikke ren", 1),
		"a line before it":        "RETTELSE: ikke ren<br/>" + text,
		"a word more":             strings.Replace(text, "Udfald: ren", "Udfald: ren (fejl)", 1),
		"a word to the basis":     strings.Replace(text, "LBK 362/2014", "LBK 362/2014. Rettelse: ikke ren", 1),
		"a word to the message":   strings.Replace(text, id, id+" ikke ren", 1),
		"a word to the type":      strings.Replace(text, "Type: Børneattest", "Type: Børneattest, ugyldig", 1),
		"a word to the end":       text + " Ikke ren.",
		"another outcome":         strings.Replace(text, "Udfald: ren", "Udfald: ikke ren", 1),
		"a line less":             strings.Replace(text, "Hjemmel: "+html.EscapeString(rec.Need.Basis)+"<br/>", "", 1),
		"no day":                  strings.Replace(text, "Dato: 2026-03-02", "Dato: marts", 1),
	} {
		if bad == text {
			t.Fatalf("%s: nothing was changed", name)
		}
		if got, ok := r.readNote(sbsys.Note{Heading: "Attest: Børneattest", Text: bad}); ok {
			t.Errorf("%s: is read as %+v", name, got)
		}
	}
}

// What is known of an order that ended without a certificate is kept until its start
// has been as long ago as its end must be; of a clean one only the end counts.
func TestEndedWithoutIsKeptPastTheStart(t *testing.T) {
	r, _ := waiting(t)
	today := schedules.DateOf(now())
	ended := today.AddDays(-r.settings.Policy.Ended - 1)
	for name, c := range map[string]struct {
		how   end
		start schedules.Date
		kept  bool
	}{
		"refused, starts soon":    {endRefused, today.AddDays(3), true},
		"rejected, works":         {endRejected, today.AddDays(-3), true},
		"manual, starts soon":     {endManual, today.AddDays(3), true},
		"refused, started before": {endRefused, ended.AddDays(-1), false},
		"clean, starts soon":      {endClean, today.AddDays(3), false},
		"without a start":         {endManual, schedules.Date{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := waiting(t)
			id := recordName("B-2", "boerneattest")
			if _, err := r.register.change(t.Context(), id, func(rec *record, _ map[string]record) bool {
				rec.Order, rec.Need = rules.Order{ID: "B-2", Name: "Bo Holm", Start: c.start}, rules.Need{Type: "boerneattest"}
				rec.Phase, rec.Seen, rec.End, rec.Ended = phaseEnded, phaseEnded, c.how, ended
				return true
			}); err != nil {
				t.Fatal(err)
			}
			r.settings.StartLists = t.TempDir()
			if err := r.cleanUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, ok := r.register.get(id); ok != c.kept {
				t.Errorf("kept is %v", ok)
			}
			listed := false
			for _, s := range r.starts(nil) {
				listed = listed || s.name == "Bo Holm"
			}
			if listed != c.kept {
				t.Errorf("on the list of start dates is %v", listed)
			}
		})
	}
}

// An order that was never clear, and that a person has settled, stays on the list of
// start dates, until it is opened again and clear.
func TestSettledUnclearStaysOnTheList(t *testing.T) {
	r, _ := waiting(t)
	yes := true
	o := rules.Order{ID: "B-3", CPR: "7105020002", Name: "Carla Skov", Unit: "Skolen", Leader: "leder", Post: "ukendt", Children: rules.Direct, Lasting: &yes,
		Start: schedules.DateOf(now()).AddDays(2), Ordered: schedules.DateOf(now())}
	if err := r.keepUnclear(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	list := func() (all []start) {
		for _, s := range r.starts(nil) {
			if s.name == o.Name {
				all = append(all, s)
			}
		}
		return all
	}
	if got := list(); len(got) != 1 || got[0].what != "uafklaret" || got[0].status != "afsluttet uden attest" {
		t.Errorf("on the list: %+v", got)
	}
	o.Post = "paedagog"
	if err := r.collectOrder(t.Context(), func(runner.Found) (runner.Standing, error) { return runner.Standing{}, nil }, o); err != nil {
		t.Fatal(err)
	}
	if got := list(); len(got) != 0 {
		t.Errorf("clear by now, and still noted: %+v", got)
	}
}
