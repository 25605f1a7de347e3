package limits

import (
	"errors"
	"runtime"
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

// desk is a desk of two and more programs, and a way to the limits for each.
func desk(watch runner.Clock, r Rules, word *string) func(program string) *Limiter {
	shared := Alone(watch)
	return func(program string) *Limiter {
		return New(Options{Desk: shared, Clock: watch, Rules: map[string]Rules{"opus": r}, Print: func(string) (string, error) { return *word, nil }, Program: program})
	}
}

// Programs have one password that is wrong: it is tried once, restarts included, and again
// when it has changed or a person says so. Another account of the system is not touched.
func TestWrongPasswordIsTriedOnce(t *testing.T) {
	watch, word := clock.NewManual(noon), "digest 1"
	program := desk(watch, Rules{}, &word)
	tries := map[string]int{}
	signIn := func(l *Limiter, account string) {
		t.Helper()
		err := l.Ask(t.Context(), account)
		var closed *Closed
		if errors.As(err, &closed) && closed.Code == CodePassword {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		tries[account]++
		if err := l.Told(t.Context(), account, true, "OPUS afviser.", errors.New("refused")); err != nil {
			t.Fatal(err)
		}
	}
	all := func(want int, when string) {
		t.Helper()
		for _, name := range []string{"a", "b", "a after a restart"} {
			l := program(name)
			signIn(l, "opus")
			signIn(l, "opus")
			if err := l.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if tries["opus"] != want {
			t.Fatalf("%s: tried %d times, want %d", when, tries["opus"], want)
		}
	}
	all(1, "a wrong password")
	word = "digest 2"
	all(2, "another one, wrong too")
	l := program("operator")
	if err := l.Desk.ChangeSystem(t.Context(), "opus", Change(func(s *State) error { s.Password.Again(); return nil })); err != nil {
		t.Fatal(err)
	}
	all(3, "a person's word")
	signIn(l, "opus/corrector")
	if tries["opus/corrector"] != 1 {
		t.Error("a refused password keeps another user of the same system out")
	}
}

// A sign-in waits for another program's, however right the password was a moment ago.
func TestSignInsTakeTurns(t *testing.T) {
	watch, word := clock.NewManual(noon), "digest"
	program := desk(watch, Rules{}, &word)
	a, b := program("a"), program("b")
	defer a.Close(t.Context())
	defer b.Close(t.Context())
	for range 2 {
		if err := a.Ask(t.Context(), "opus"); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- b.Ask(t.Context(), "opus") }()
		for waits := false; !waits; { // until b has seen that it is not its turn
			select {
			case err := <-ended:
				t.Fatalf("b signs in beside a: %v", err)
			default:
				b.mu.Lock()
				s := b.systems["opus"]
				b.mu.Unlock()
				s.mu.Lock()
				waits = s.state.Password.Trying("a")
				s.mu.Unlock()
				runtime.Gosched()
			}
		}
		if err := a.Told(t.Context(), "opus", false, "", nil); err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			select {
			case err := <-ended:
				if done = true; err != nil {
					t.Fatal(err)
				}
			default:
				watch.Advance(ask)
				runtime.Gosched()
			}
		}
		if err := b.Told(t.Context(), "opus", false, "", nil); err != nil {
			t.Fatal(err)
		}
	}
}

// Programs share three places: never more are taken, the longest waiting is next, and who
// was frozen past his time counts only what he still uses.
func TestPlacesOverPrograms(t *testing.T) {
	var s State
	steps := []struct {
		who         string
		inUse, want int
		waits       bool
		got         int
	}{
		{"a", 0, 1, true, 1}, {"a", 1, 2, true, 2}, {"b", 0, 1, true, 1},
		{"a", 2, 3, true, 2}, // all three are taken: a waits
		{"c", 0, 1, true, 0}, // and c, after a
		{"b", 0, 0, false, 0},
		{"c", 0, 1, true, 0}, // a is before c
		{"a", 2, 3, true, 3},
		{"a", 1, 1, false, 1},
		{"c", 0, 1, true, 1}, {"b", 0, 1, true, 1},
		{"b", 0, 2, true, 1},
	}
	for i, x := range steps {
		now := noon.Add(time.Duration(i) * time.Second)
		if got := s.Hold(3, now, x.who, x.inUse, x.want, x.waits); got != x.got {
			t.Fatalf("step %d: %s has %d places, want %d: %+v", i, x.who, got, x.got, s.Holders)
		}
		if held := s.held(); held > 3 {
			t.Fatalf("step %d: %d places are taken", i, held)
		}
	}
	if share := s.Share(3, noon.Add(20*time.Second), "a"); share != 1 {
		t.Errorf("while b waits a may keep %d", share)
	}
	late := noon.Add(lease + 20*time.Second)
	if got := s.Hold(3, late, "d", 0, 3, true); got != 3 {
		t.Errorf("of three dead programs' places d gets %d", got)
	}
	if got := s.Hold(3, late, "a", 1, 1, false); got != 1 || s.held() != 4 {
		t.Errorf("a program that wakes up with an item in the system counts %d of %d", got, s.held())
	}
	if got := s.Hold(3, late, "d", 2, 3, false); got != 2 {
		t.Errorf("and d keeps %d beside it", got)
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

// A clock that was hours ahead has taken a turn, and was put right: the system is not closed
// for hours, to this program and to others. Nor is a turn that it still holds waited for.
func TestTurnsOfAClockThatWasAhead(t *testing.T) {
	ahead, right, word := clock.NewManual(noon.Add(2*time.Hour)), clock.NewManual(noon), "digest"
	wrong := desk(ahead, Rules{PerSecond: 20}, &word)("rpa1")
	enter := func(l *Limiter) {
		t.Helper()
		leave, err := l.Enter(t.Context(), "opus", "item")
		if err != nil {
			t.Fatal(err)
		}
		leave()
	}
	enter(wrong)
	wrong.Clock = right
	wrong.Desk.(*alone).clock = right
	enter(wrong)
	right.Advance(time.Second) // its own next turn
	other := New(Options{Desk: wrong.Desk, Clock: right, Rules: wrong.Rules, Print: wrong.Print, Program: "rpa2"})
	enter(other)
}

// What was read before a change, and comes after it, does not take its place.
func TestOlderStateIsNotGoneBy(t *testing.T) {
	s := &system{name: "opus"}
	s.seen(State{Version: 2, Password: Password{State: trying, By: "rpa1"}}, nil, noon)
	s.seen(State{Version: 1}, nil, noon)
	if !s.state.Password.Trying("rpa1") {
		t.Error("what was known is gone")
	}
}
