package review

import "slices"

// Returns holds a reading against the removals that were made, or that a person has taken
// over: back are those whose right it has still or again, gone those of persons that it
// has no more for the first time.
func Returns(removals []Removal, reading Reading) (back, gone []Removal) {
	stands := map[string]bool{}
	for _, g := range reading.Grants {
		stands[g.Key()] = true
	}
	for _, r := range removals {
		byHand := r.Stage == ByHand && r.Decision.Verdict == Remove
		since := r.Settled
		if r.Applied.After(since) {
			since = r.Applied
		}
		switch {
		case reading.System != r.Held.Grant.System || !reading.At.After(since) || r.Stage != Gone && !byHand:
		case stands[r.Held.Grant.Key()]:
			back = append(back, r)
		case r.Applied.IsZero():
			r.Applied = reading.At
			gone = append(gone, r)
		}
	}
	return back, gone
}

// WithoutNumbers is the package as it is handed out to a page or a sheet: without CPR
// numbers.
func (p Package) WithoutNumbers() Package {
	p.People = slices.Clone(p.People)
	for i := range p.People {
		p.People[i].CPR = ""
	}
	return p
}
