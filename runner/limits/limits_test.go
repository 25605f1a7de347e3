package limits

import (
	"errors"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/clock"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// The breaker opens at the third trouble, lets one item try, and rests twice as long after a
// try in vain.
func TestBreaker(t *testing.T) {
	r := Rules{Trips: 3, Rest: time.Minute, Longest: 90 * time.Second}
	var s State
	for range 3 {
		s.Trouble(r, noon, "a#1", "Nede.")
	}
	if c := r.Closed("opus", s, noon, ""); c == nil || c.Code != CodeTrouble || !c.Until.Equal(noon.Add(time.Minute)) {
		t.Fatalf("after three troubles: %v", c)
	}
	later := noon.Add(time.Minute)
	if s.Try(noon, "a#1") || !s.Try(later, "a#1") || s.Try(later, "b#2") {
		t.Error("not exactly one item tries, when the rest is over")
	}
	if s.Well("b#2") || !s.Trouble(r, later, "a#1", "Nede.") || s.Breaker.Rest != r.Longest {
		t.Errorf("after a try in vain: %+v", s.Breaker)
	}
	if later = later.Add(r.Longest); !s.Try(later, "b#2") || !s.Well("b#2") || s.Breaker != nil {
		t.Errorf("after a try that went well: %+v", s.Breaker)
	}
}

// Two programs, with two goroutines each, have one password that is wrong: it is tried once,
// and again when it has changed or a person says so.
func TestWrongPasswordIsTriedOnce(t *testing.T) {
	watch := clock.NewManual(noon)
	desk, word := Alone(watch), "digest 1"
	program := func(name string) *Limiter {
		return New(Options{Desk: desk, Clock: watch, Rules: map[string]Rules{"opus": {}}, Print: func(string) (string, error) { return word, nil }, Program: name})
	}
	tries := 0
	signIn := func(l *Limiter) {
		t.Helper()
		err := l.Ask(t.Context(), "opus", true)
		var closed *Closed
		if errors.As(err, &closed) && closed.Code == CodePassword {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		tries++
		if err := l.Told(t.Context(), "opus", true, "OPUS afviser.", errors.New("refused")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "b", "a after a restart"} {
		l := program(name)
		signIn(l)
		signIn(l)
	}
	if tries != 1 {
		t.Fatalf("tried %d times", tries)
	}
	word = "digest 2"
	signIn(program("b"))
	signIn(program("a"))
	if tries != 2 {
		t.Errorf("a changed password was tried %d times", tries-1)
	}
	if err := desk.ChangeSystem(t.Context(), "opus", Change(func(s *State) error { s.Password.Again(); return nil })); err != nil {
		t.Fatal(err)
	}
	signIn(program("c"))
	signIn(program("d"))
	if tries != 3 {
		t.Errorf("after a person's word it was tried %d times", tries-2)
	}
}

// Two programs share three places: never more are taken.
func TestPlacesOverPrograms(t *testing.T) {
	var s State
	got := 0
	for _, who := range []string{"a", "b", "a", "b", "a"} {
		if s.Place(3, noon, who) {
			got++
		}
	}
	if got != 3 || s.Share(3, noon, "a") != 1 {
		t.Errorf("%d places, share %d", got, s.Share(3, noon, "a"))
	}
	if !s.Place(3, noon.Add(lease), "c") {
		t.Error("the places of dead programs are not free")
	}
}

func TestClosedDoors(t *testing.T) {
	r := Rules{Maintenance: []Closure{{From: noon, To: noon.Add(time.Hour), Why: "Opgradering"}}}
	if c := r.Closed("opus", State{}, noon, ""); c == nil || c.Code != CodeMaintenance {
		t.Errorf("maintenance: %v", c)
	}
	if c := r.Closed("opus", State{}, noon.Add(time.Hour), ""); c != nil {
		t.Errorf("after it: %v", c)
	}
	var later *runner.Postponed
	if !errors.As(error(r.Closed("opus", State{}, noon, "")), &later) {
		t.Error("a closed door is no waiting")
	}
}

// BenchmarkEnter is what an item pays at a system.
func BenchmarkEnter(b *testing.B) {
	for name, r := range map[string]Rules{"none": {}, "places": {AtOnce: 2}} {
		b.Run(name, func(b *testing.B) {
			l := New(Options{Desk: Alone(clock.System{}), Clock: clock.System{}, Rules: map[string]Rules{"opus": r}})
			for b.Loop() {
				leave, err := l.Enter(b.Context(), "opus", "item")
				if err != nil {
					b.Fatal(err)
				}
				leave()
			}
		})
	}
}
