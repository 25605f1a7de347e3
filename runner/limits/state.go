package limits

import (
	"slices"
	"strings"
	"time"
)

// State is what all programs know of one system, as the store keeps it.
type State struct {
	Holders  map[string]Holder `json:"holders,omitempty"` // by program
	Slot     time.Time         `json:"slot"`              // nobody enters before this, where there is a limit a second
	Troubles int               `json:"troubles,omitempty"`
	Breaker  *Breaker          `json:"breaker,omitempty"` // nil while it is closed: all is well
	Password Password          `json:"password"`
	Closures []Closure         `json:"closures,omitempty"`
}

// Holder is a program with places in a system.
type Holder struct {
	Places int       `json:"places"`
	Wants  bool      `json:"wants,omitempty"` // it waits for one more
	Until  time.Time `json:"until"`           // without renewal the places are free then
}

// Breaker is open: the system is in trouble, and one item at a time tries it.
type Breaker struct {
	Since      time.Time     `json:"since"`
	Until      time.Time     `json:"until"` // the system is left alone until then
	Rest       time.Duration `json:"rest"`
	Text       string        `json:"text"`            // the last trouble, in Danish
	Trial      string        `json:"trial,omitempty"` // who tries
	TrialUntil time.Time     `json:"trial_until"`     // a trial that never came to its end is over then
}

// lease is how long places and trials hold without a word of their program, which gives
// one every beat.
const (
	lease = 30 * time.Second
	beat  = lease / 3
)

// Trouble counts that an item met trouble, and opens the breaker where it has come too
// often, or where the item was the one that tried. changed is false where there is nothing
// to note.
func (s *State) Trouble(r Rules, now time.Time, who, text string) (changed bool) {
	if r.Trips == 0 {
		return false
	}
	if b := s.Breaker; b != nil {
		if b.Trial != who {
			return false // it was under way when the breaker opened
		}
		b.Rest = min(2*b.Rest, max(r.Longest, r.Rest))
		b.Until, b.Trial, b.Text = now.Add(b.Rest), "", text
		return true
	}
	if s.Troubles++; s.Troubles >= r.Trips {
		s.Troubles = 0
		s.Breaker = &Breaker{Since: now, Until: now.Add(r.Rest), Rest: r.Rest, Text: text}
	}
	return true
}

// Well says that an item went through without trouble: the breaker closes if it was the one
// that tried. What was under way when the breaker opened proves nothing.
func (s *State) Well(who string) (changed bool) {
	if b := s.Breaker; b != nil {
		if b.Trial != who {
			return false
		}
		s.Breaker = nil
		return true
	}
	changed = s.Troubles > 0
	s.Troubles = 0
	return changed
}

// Nothing says that the item that tried came to its end and says nothing of the system: the
// next one tries.
func (s *State) Nothing(who string) (changed bool) {
	if b := s.Breaker; b == nil || b.Trial != who {
		return false
	}
	s.Breaker.Trial = ""
	return true
}

// Try lets one item try a system whose breaker is open and has rested. It reports whether
// this is the one.
func (s *State) Try(now time.Time, who string) bool {
	b := s.Breaker
	if b == nil || now.Before(b.Until) || b.Trial != "" && now.Before(b.TrialUntil) {
		return false
	}
	b.Trial, b.TrialUntil = who, now.Add(lease)
	return true
}

// Place gives a program one more place, up to the limit over all of them, and renews those
// it has. Where there is none it notes that the program waits for one.
func (s *State) Place(limit int, now time.Time, who string) bool {
	s.forget(now)
	mine := s.Holders[who]
	got := s.held() < limit
	if got {
		mine.Places++
	}
	mine.Wants, mine.Until = !got, now.Add(lease)
	if s.Holders == nil {
		s.Holders = map[string]Holder{}
	}
	s.Holders[who] = mine
	return got
}

// Renew says how many places a program keeps, and that it is alive.
func (s *State) Renew(now time.Time, who string, places int) {
	s.forget(now)
	if places == 0 {
		delete(s.Holders, who)
		return
	}
	if s.Holders == nil {
		s.Holders = map[string]Holder{}
	}
	mine := s.Holders[who]
	mine.Places, mine.Until = places, now.Add(lease)
	s.Holders[who] = mine
}

// Alive prolongs all that a program has: its places, and what it tries.
func (s *State) Alive(now time.Time, who string) {
	if h, ok := s.Holders[who]; ok {
		h.Until = now.Add(lease)
		s.Holders[who] = h
	}
	if s.Password.Trying(who) {
		s.Password.Until = now.Add(lease)
	}
	if s.Breaker != nil && of(s.Breaker.Trial, who) {
		s.Breaker.TrialUntil = now.Add(lease)
	}
}

// Bury ends at once what programs have that are known to be dead.
func (s *State) Bury(now time.Time, dead func(who string) bool) (changed bool) {
	for name := range s.Holders {
		if dead(name) {
			delete(s.Holders, name)
			changed = true
		}
	}
	if s.Password.State == trying && now.Before(s.Password.Until) && dead(s.Password.By) {
		s.Password.Until, changed = now, true
	}
	if b := s.Breaker; b != nil && b.Trial != "" && now.Before(b.TrialUntil) && dead(program(b.Trial)) {
		b.TrialUntil, changed = now, true
	}
	return changed
}

// Who tries a system is a program and its item.
func trier(program, item string) string { return program + "#" + item }

func program(trier string) string {
	name, _, _ := strings.Cut(trier, "#")
	return name
}

func of(trial, who string) bool { return trial != "" && program(trial) == who }

// Share is how many places a program may keep while others wait; everything if none does.
func (s State) Share(limit int, now time.Time, who string) int {
	others := false
	all := 1
	for name, h := range s.Holders {
		if name == who || !now.Before(h.Until) {
			continue
		}
		all++
		others = others || h.Wants
	}
	if !others {
		return limit
	}
	return limit / all
}

func (s *State) held() int {
	n := 0
	for _, h := range s.Holders {
		n += h.Places
	}
	return n
}

// forget drops programs that have not been heard of for too long.
func (s *State) forget(now time.Time) {
	for name, h := range s.Holders {
		if !now.Before(h.Until) {
			delete(s.Holders, name)
		}
	}
}

// Slots takes n moments, gap apart, and returns the first. None lies in the past.
func (s *State) Slots(n int, gap time.Duration, now time.Time) (first time.Time) {
	first = s.Slot
	if first.Before(now) {
		first = now
	}
	s.Slot = first.Add(time.Duration(n) * gap)
	return first
}

// Close announces that the system is closed from one moment to another.
func (s *State) Close(c Closure, now time.Time) {
	s.Closures = slices.DeleteFunc(s.Closures, func(o Closure) bool { return !now.Before(o.To) })
	s.Closures = append(s.Closures, c)
}

// Open takes back what people have announced, and has one item try a system that rests.
func (s *State) Open(now time.Time) {
	s.Closures = nil
	if s.Breaker != nil {
		s.Breaker.Until, s.Breaker.Rest = now, max(s.Breaker.Rest/2, time.Second)
	}
}
