package patterns

import "testing"

func TestChecks(t *testing.T) {
	c := Checks{Group: 8, First: 2, AfterMiss: 5, Recover: 7, Hold: 3}
	for _, x := range []struct{ n, want int }{{0, 0}, {1, 0}, {7, 0}, {8, 2}, {400, 2}} {
		if got := c.first(trust{}, x.n); got != x.want {
			t.Errorf("of a group of %d a person codes %d first, want %d", x.n, got, x.want)
		}
	}
	state, free := c.came(trust{}, 100, 2, 0)
	if state != (trust{}) || !free {
		t.Errorf("all right: %+v, %v", state, free)
	}
	state, free = c.came(trust{}, 100, 1, 1)
	if free || !state.Missed {
		t.Fatalf("a miss: %+v, %v", state, free)
	}
	if got := c.first(state, 1); got != 1 {
		t.Errorf("after a miss %d of one", got)
	}
	if got := c.first(state, 40); got != 5 {
		t.Errorf("after a miss %d of forty", got)
	}
	if state, free = c.came(state, 102, 5, 0); free || !state.Missed {
		t.Errorf("held day: %+v, %v", state, free)
	}
	if state, free = c.came(state, 104, 1, 0); !free || !state.Missed {
		t.Errorf("after the held days, before it has recovered: %+v, %v", state, free)
	}
	if state, free = c.came(state, 105, 1, 0); !free || state != (trust{}) {
		t.Errorf("recovered: %+v, %v", state, free)
	}
	if off := (Checks{}).first(trust{Missed: true}, 100); off != 0 {
		t.Errorf("checks that are switched off ask for %d", off)
	}
}

// A limit that let much wrong through is worth what it was, and is not passed.
func TestCurve(t *testing.T) {
	s := settings()
	s.Checks.Group = 0
	tr := newTrials(s)
	for day := Day(0); day < 60; day++ {
		for i := range 100 {
			d := &Decision{Label: "x", Score: 0.99, day: day, Ask: uint64(i), Reason: Reason{Run: 5}}
			tr.add(d, true, 2)
			low := &Decision{Label: "y", Score: 0.8, day: day, Ask: uint64(i), Reason: Reason{Run: 5}}
			tr.add(low, i%10 != 0, 2)
		}
	}
	tr.settle(100)
	c := tr.measure()
	if high := c.worth(0.995); high < 0.999 {
		t.Errorf("a score whose likes were all right is worth %v", high)
	}
	if low := c.worth(0.8); low > 0.951 || low < 0.94 {
		t.Errorf("with those below, one in twenty of which is wrong, it is worth %v", low)
	}
	if c.worth(0.1) != 0 {
		t.Error("a score that was never tried is worth something")
	}
}
