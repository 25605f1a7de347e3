package sbsys_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byskriver/fixtures/town"
	"byskriver/robots/internal/sbsys"
	"byskriver/runner"
	"byskriver/runner/clock"
)

const person = "8605010001"

// open is a town's document system with one case, and a client of it.
func open(t *testing.T, change func(*sbsys.Settings), faults ...town.Fault) (*town.Town, *sbsys.System, int) {
	t.Helper()
	tw, err := town.Start(town.Config{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tw.Close() })
	tw.SBSYS().Limit(1000)
	id := tw.SBSYS().AddCase(town.PersonnelCase{CPR: person, Parts: []string{"Rekruttering", "Ansættelse"}})
	is := func(text string) func() (string, error) { return func() (string, error) { return text, nil } }
	s := sbsys.Settings{URL: tw.URL() + "/sbsys", TokenURL: tw.URL() + "/sbsys/token", User: town.SBSYSUser, Password: is(town.SBSYSPassword), Client: town.SBSYSClient,
		ClientSecret: is(town.SBSYSClientSecret), Active: []string{"Aktiv"}, Longest: 2 * time.Second, Rest: time.Hour}
	if change != nil {
		change(&s)
	}
	return tw, sbsys.New(s, clock.System{}), id
}

func note(id int) sbsys.NewNote {
	return sbsys.NewNote{Case: id, Part: 1, Heading: "Attest: Børneattest", Text: "Udfald: ren", At: time.Now()}
}

func TestFiling(t *testing.T) {
	tw, s, id := open(t, nil)
	tw.SBSYS().AddCase(town.PersonnelCase{CPR: person, State: "Afsluttet"})
	tw.SBSYS().AddCase(town.PersonnelCase{CPR: person, Type: "BorgerSag"})
	tw.SBSYS().AddCase(town.PersonnelCase{CPR: "7105020002"})
	cases, err := s.Cases(t.Context(), person)
	if err != nil || len(cases) != 1 || cases[0].ID != id {
		t.Fatalf("cases %+v, %v; want the one that is active", cases, err)
	}
	parts, err := s.Parts(t.Context(), id)
	if err != nil || len(parts) != 2 || parts[1].Title != "Ansættelse" {
		t.Errorf("sub-cases %+v, %v", parts, err)
	}
	if err := s.AddNote(t.Context(), note(id)); err != nil {
		t.Error(err)
	}
	if err := s.AddDocument(t.Context(), sbsys.NewDocument{Case: id, Part: 1, Name: "Attest", File: "attest.pdf", Data: []byte("%PDF-")}); err != nil {
		t.Error(err)
	}
	notes, err := s.Notes(t.Context(), id)
	if err != nil || len(notes) != 1 || notes[0].Text != "Udfald: ren" {
		t.Errorf("notes %+v, %v", notes, err)
	}
	documents, err := s.Documents(t.Context(), id)
	if err != nil || len(documents) != 1 || documents[0].Name != "Attest" {
		t.Errorf("documents %+v, %v", documents, err)
	}
	filed := tw.SBSYS().Filed()
	if len(filed) != 2 || filed[0].Part != 1 || filed[1].Part != 1 || string(filed[1].Data) != "%PDF-" {
		t.Errorf("filed %+v", filed)
	}
}

// What came of a request that went wrong: only what is certain not to have been
// taken is marked so, and nothing is sent twice.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		do      town.Action
		notDone bool
		filed   int
	}{
		{"cut before", town.CutBefore(), false, 0}, {"cut after", town.CutAfter(0), false, 1}, {"dropped after", town.DropAfter(0), false, 1},
		{"500 before", town.Fail(), false, 0}, {"500 after", town.FailAfter(0), false, 1}, {"503", town.Maintenance(), false, 0},
		{"an error page in a 200", town.Layout(1), false, 0}, {"never", town.Never(), false, 0}, {"never after", town.NeverAfter(0), false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			tw, s, id := open(t, nil, town.Fault{On: town.Match{What: town.WhatNote, Nth: 1}, Do: c.do})
			err := s.AddNote(t.Context(), note(id))
			var trouble *runner.Trouble
			if err == nil || !errors.As(err, &trouble) || trouble.Kind != runner.Unavailable || runner.IsNotDone(err) != c.notDone {
				t.Errorf("%v, not done: %v", err, runner.IsNotDone(err))
			}
			if n := len(tw.SBSYS().Filed()); n != c.filed {
				t.Errorf("%d notes, want %d", n, c.filed)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	_, s, id := open(t, nil)
	var refused *sbsys.Refused
	if err := s.AddNote(t.Context(), note(id+1)); !errors.As(err, &refused) || refused.Status != 409 || !runner.IsNotDone(err) {
		t.Errorf("a case that is not there: %v", err)
	}
	_, s, _ = open(t, func(s *sbsys.Settings) { s.User = "en anden" })
	var trouble *runner.Trouble
	if err := s.Look(t.Context()); !errors.As(err, &trouble) || trouble.Kind != runner.SignInRefused {
		t.Errorf("a user that is not let in: %v", err)
	}
	_, s, _ = open(t, func(s *sbsys.Settings) { s.URL, s.TokenURL = "http://127.0.0.1:1", "http://127.0.0.1:1/token" })
	if _, err := s.Cases(t.Context(), person); !runner.IsNotDone(err) {
		t.Errorf("a system that cannot be reached: %v", err)
	}
}

// A token that is refused is asked for anew, once.
func TestTokenRunsOut(t *testing.T) {
	_, s, id := open(t, nil, town.Fault{On: town.Match{What: town.WhatNote, Nth: 1}, Do: town.LogOut()})
	if err := s.AddNote(t.Context(), note(id)); err != nil {
		t.Error(err)
	}
}

// 429 opens the breaker at once: no request goes out while it is open.
func TestBreakerOn429(t *testing.T) {
	tw, s, id := open(t, nil)
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	tw.SBSYS().Limit(0)
	if err := s.AddNote(t.Context(), note(id)); !runner.IsNotDone(err) {
		t.Errorf("429: %v", err)
	}
	entries := tw.Journal()
	before := len(entries)
	for range 10 {
		if _, err := s.Cases(t.Context(), person); !runner.IsNotDone(err) {
			t.Errorf("with the breaker open: %v", err)
		}
	}
	if entries := tw.Journal(); len(entries) != before || tw.SBSYS().Over() != 1 {
		t.Errorf("%d requests went out with the breaker open; %d above the limit", len(entries)-before, tw.SBSYS().Over())
	}
}

// Failures in a row, and slow answers, open the breaker; it closes by itself.
func TestBreakerOnFailuresAndSlowAnswers(t *testing.T) {
	for name, do := range map[string]town.Action{"500": town.Fail(), "slow": town.Slow(60 * time.Millisecond)} {
		t.Run(name, func(t *testing.T) {
			watch := &stepping{System: clock.System{}}
			tw, _, _ := open(t, nil, town.Fault{On: town.Match{What: town.WhatCases}, Do: do})
			is := func(text string) func() (string, error) { return func() (string, error) { return text, nil } }
			s := sbsys.New(sbsys.Settings{URL: tw.URL() + "/sbsys", TokenURL: tw.URL() + "/sbsys/token", User: town.SBSYSUser, Password: is(town.SBSYSPassword),
				Client: town.SBSYSClient, ClientSecret: is(town.SBSYSClientSecret), Active: []string{"Aktiv"}, Slow: 50 * time.Millisecond, Trips: 2, Rest: time.Hour}, watch)
			asked := func() int {
				_, _ = s.Cases(t.Context(), person) // what comes of it is not the question
				n := 0
				entries := tw.Journal()
				for _, e := range entries {
					if e.What == town.WhatCases {
						n++
					}
				}
				return n
			}
			for range 5 {
				asked()
			}
			if n := asked(); n > 3 {
				t.Errorf("%d requests went out, want the breaker open after two or three", n)
			}
			before := asked()
			watch.ahead.Store(int64(2 * time.Hour))
			if n := asked(); n != before+1 {
				t.Errorf("after its rest %d requests went out, want one", n-before)
			}
		})
	}
}

// stepping is the machine's clock, set ahead.
type stepping struct {
	clock.System
	ahead atomic.Int64
}

// Running is set ahead too.
func (s *stepping) Running() time.Duration { return s.System.Running() + time.Duration(s.ahead.Load()) }

// One writes at a time, however many want to, and requests keep apart.
func TestOneWriterAndRate(t *testing.T) {
	var now, most atomic.Int32
	tw, s, id := open(t, func(s *sbsys.Settings) { s.Gap = 20 * time.Millisecond })
	tw.Script(town.Fault{On: town.Match{What: town.WhatNote}, Do: town.CallBefore(func(town.Entry) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
	})}, town.Fault{On: town.Match{What: town.WhatNote}, Do: town.Slow(10 * time.Millisecond)},
		town.Fault{On: town.Match{What: town.WhatNote}, Do: town.CallAfter(func(town.Entry) { now.Add(-1) })})
	began := time.Now()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := s.AddNote(t.Context(), note(id)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d wrote at once", most.Load())
	}
	if took := time.Since(began); took < 7*20*time.Millisecond {
		t.Errorf("eight notes in %s: nothing kept them apart", took)
	}
}

// A search that the system did not understand shows other people's cases.
func TestAnotherPersonsCase(t *testing.T) {
	_, s, _ := open(t, nil)
	if _, err := s.Cases(t.Context(), "123"); err == nil {
		t.Error("looked for three digits")
	}
	if cases, err := s.Cases(t.Context(), "7105020002"); err != nil || len(cases) != 0 {
		t.Errorf("somebody without a case: %v, %v", cases, err)
	}
}
