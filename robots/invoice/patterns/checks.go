package patterns

// Checks say how many of a day's group of like decisions a person codes first. One
// misunderstanding often concerns a whole payment run: it must not spread before
// somebody has seen it.
type Checks struct {
	Group     int `json:"group"`      // a group of so many is checked; 0 switches the checks off
	First     int `json:"first"`      // so many a person codes first; one miss holds the rest
	AfterMiss int `json:"after_miss"` // so many first, in a group of any size, once there has been a miss
	Recover   int `json:"recover"`    // right answers in a row until all is as before
	Hold      Day `json:"hold"`       // days after a miss on which nothing of the group is coded
}

// DefaultChecks are two of eight; after a miss fifteen, until 45 have been right.
func DefaultChecks() Checks {
	return Checks{Group: 8, First: 2, AfterMiss: 15, Recover: 45, Hold: 3}
}

// trust is how a pair stands. The zero value is that of a pair without a miss.
type trust struct {
	Missed bool `json:"missed,omitempty"`
	Right  int  `json:"right,omitempty"` // in a row
	Until  Day  `json:"until,omitempty"` // held up to this day, included
}

// first is how many of a group of n a person codes first.
func (c Checks) first(t trust, n int) int {
	switch {
	case c.Group <= 0:
		return 0
	case t.Missed:
		return min(n, max(c.First, c.AfterMiss))
	case n >= c.Group:
		return min(n, c.First)
	}
	return 0
}

// came is how the pair stands after a day's answers, and whether the rest of the
// group may be coded.
func (c Checks) came(t trust, day Day, right, wrong int) (after trust, free bool) {
	if wrong > 0 {
		return trust{Missed: true, Until: day + c.Hold}, false
	}
	if !t.Missed {
		return t, true
	}
	t.Right += right
	if t.Right >= c.Recover && day > t.Until {
		t = trust{}
	}
	return t, day > t.Until
}

// keep notes how a pair stands; one without a miss is not kept.
func keep(all map[Pair]trust, p Pair, t trust) {
	if t == (trust{}) {
		delete(all, p)
		return
	}
	all[p] = t
}
