package limits

import (
	"slices"
	"strings"
	"time"
)

// State is what all programs know of one system, as the store keeps it.
type State struct {
	Version  int64             `json:"version"`           // grows with each change: what is older is not gone by any more
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
	Since  time.Time `json:"since"` // it waits for one more since then; zero if it does not
	Until  time.Time `json:"until"` // without renewal the places are free then
}

// Breaker is open: the system is in trouble, and one item at a time tries it.
type Breaker struct {
	Since      time.Time     `json:"since"`
	Until      time.Time     `json:"until"` // the system is left alone until then
	Rest       time.Duration `json:"rest"`
	Text       string        `json:"text"`            // the last trouble, in Danish
	Trial      string        `json:"trial,omitempty"` // who tries
	TrialSince time.Time     `json:"trial_since"`
	TrialUntil time.Time     `json:"trial_until"` // a trial that never came to its end is over then
}

// lease is how long places and trials hold without a word of their program, which gives
// one every beat.
const (
	lease = 30 * time.Second
	beat  = lease / 3
	// What a program tries and never tells the end of is over after so long, though the
	// program lives.
	longestTrial  = 10 * time.Minute
	longestSignIn = 2 * time.Minute
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
	b.Trial, b.TrialSince, b.TrialUntil = who, now, now.Add(lease)
	return true
}

// Hold says how many places a program has from now on: as many as it wants where there is
// room and nobody has waited longer, and never fewer than it uses, since those are taken
// whatever is said here. waits: it waits for those that it does not get.
func (s *State) Hold(limit int, now time.Time, who string, inUse, want int, waits bool) (got int) {
	s.forget(now)
	mine := s.Holders[who]
	have := max(inUse, mine.Places)
	since := mine.Since
	if since.IsZero() {
		since = now
	}
	free := limit - (s.held() - mine.Places) - have
	got = max(inUse, min(want, have+max(0, free-s.ahead(who, since))))
	if free < 0 {
		got = max(inUse, min(got, have+free)) // there are more than there should be
	}
	if waits = waits && got < want; !waits {
		since = time.Time{}
	}
	if got == 0 && !waits {
		delete(s.Holders, who)
		return 0
	}
	if s.Holders == nil {
		s.Holders = map[string]Holder{}
	}
	s.Holders[who] = Holder{Places: got, Since: since, Until: now.Add(lease)}
	return got
}

// ahead is how many other programs wait for a place since before a time.
func (s *State) ahead(who string, since time.Time) (n int) {
	for name, h := range s.Holders {
		if name != who && !h.Since.IsZero() && h.Since.Before(since) {
			n++
		}
	}
	return n
}

// Alive prolongs what a program tries.
func (s *State) Alive(now time.Time, who string) {
	if p := &s.Password; p.Trying(who) && now.Before(p.At.Add(longestSignIn)) {
		p.Until = now.Add(lease)
	}
	if b := s.Breaker; b != nil && of(b.Trial, who) && now.Before(b.TrialSince.Add(longestTrial)) {
		b.TrialUntil = now.Add(lease)
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
		others = others || !h.Since.IsZero()
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

// forget drops programs that have not been heard of for too long. One without a name is
// alone, and forgets nothing.
func (s *State) forget(now time.Time) {
	for name, h := range s.Holders {
		if name != "" && !now.Before(h.Until) {
			delete(s.Holders, name)
		}
	}
}

// farthest is how far ahead the next moment can be at most: nobody takes one who would wait
// longer than longAsked. What lies beyond was taken by a clock that was ahead.
func farthest(gap time.Duration) time.Duration { return longAsked + 2*max(gap, time.Second) }

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

// Open takes back what people have announced and turns that were taken, and has one item
// try a system that rests.
func (s *State) Open(now time.Time) {
	s.Closures, s.Slot = nil, time.Time{}
	if s.Breaker != nil {
		s.Breaker.Until, s.Breaker.Rest = now, max(s.Breaker.Rest/2, time.Second)
	}
}
