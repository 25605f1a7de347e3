package review

import "slices"

// Returns finds the removals that were read back as gone and that a later reading has
// again.
func Returns(removals []Removal, readings []Reading) []Removal {
	var back []Removal
	for _, r := range removals {
		if r.Stage != Gone {
			continue
		}
		for _, reading := range readings {
			if reading.System != r.Held.Grant.System || !reading.At.After(r.Applied) {
				continue
			}
			if slices.ContainsFunc(reading.Grants, func(g Grant) bool { return g.Key() == r.Held.Grant.Key() }) {
				back = append(back, r)
			}
		}
	}
	return back
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
