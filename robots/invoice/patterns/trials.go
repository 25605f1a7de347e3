package patterns

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// limits is how many limits of the score are tried side by side.
const limits = 60

// limitAt is the score that limit k asks for.
func limitAt(k int) float64 { return 1 / (1 + math.Exp(-float64(k)*0.125)) }

// limitOf is the highest limit that a score reaches, or -1.
func limitOf(score float64) int {
	return sort.Search(limits, func(k int) bool { return limitAt(k) > score }) - 1
}

// trials try every limit on what has become known, day by day, with the checks in:
// how many would have been coded, and how many of them wrongly.
type trials struct {
	settings Settings
	days     map[Day][]trial // outcomes of a day, until it is settled
	trust    [limits]map[Pair]trust
	tallies  []tally // of settled days, in order
}

// curve is what each limit is worth.
type curve [limits]float64

// trial is an outcome as the trials need it.
type trial struct {
	pair  Pair
	ask   uint64
	limit int // the highest that it reaches
	right bool
}

// tally is what would have come of a day at each limit.
type tally struct {
	day         Day
	coded, miss [limits]int32
}

func newTrials(s Settings) trials {
	t := trials{settings: s, days: map[Day][]trial{}}
	for k := range t.trust {
		t.trust[k] = map[Pair]trust{}
	}
	return t
}

// add takes an outcome in.
func (t *trials) add(d *Decision, right bool, least int) {
	if k := limitOf(d.Score); k >= 0 && d.Reason.Run >= least {
		t.days[d.day] = append(t.days[d.day], trial{d.Pair(), d.Ask, k, right})
	}
}

// settle tries the limits on the days of which all is known.
func (t *trials) settle(today Day) {
	var ready []Day
	for day := range t.days {
		if day <= today-t.settings.Late {
			ready = append(ready, day)
		}
	}
	slices.Sort(ready)
	for _, day := range ready {
		t.tallies = append(t.tallies, t.try(day, t.days[day]))
		delete(t.days, day)
	}
	old := 0
	for old < len(t.tallies) && t.tallies[old].day <= today-t.settings.Late-t.settings.Window {
		old++
	}
	t.tallies = t.tallies[old:]
}

// try tells what would have come of a day at each limit.
func (t *trials) try(day Day, all []trial) tally {
	slices.SortFunc(all, compare)
	out := tally{day: day}
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].pair == all[from].pair {
			to++
		}
		for k := range limits {
			t.group(k, day, all[from:to], &out)
		}
		from = to
	}
	return out
}

func compare(a, b trial) int {
	return cmp.Or(cmp.Compare(a.pair.Origin, b.pair.Origin), cmp.Compare(a.pair.Label, b.pair.Label), cmp.Compare(a.ask, b.ask))
}

// group tries one limit on a group.
func (t *trials) group(k int, day Day, all []trial, out *tally) {
	n := 0
	for i := range all {
		if all[i].limit >= k {
			n++
		}
	}
	if n == 0 {
		return
	}
	checks, before := t.settings.Checks, t.trust[k][all[0].pair]
	first := checks.first(before, n)
	var asked, wrong, coded, miss int
	for i := range all {
		switch {
		case all[i].limit < k:
			continue
		case asked < first:
			asked++
			if !all[i].right {
				wrong++
			}
			continue
		}
		coded++
		if !all[i].right {
			miss++
		}
	}
	if first > 0 {
		after, free := checks.came(before, day, asked-wrong, wrong)
		keep(t.trust[k], all[0].pair, after)
		if !free {
			return
		}
	}
	out.coded[k] += int32(coded)
	out.miss[k] += int32(miss)
}

// leastTried is how many codings a limit must have been tried on to be believed.
const leastTried = 300

// measure says for each limit what share of what it let through was right, less
// the municipality's care for chance. A higher limit is worth no less than a lower
// one.
func (t *trials) measure() (c curve) {
	worth := 1.0
	for k := limits - 1; k >= 0; k-- {
		var coded, miss, spread float64
		for i := range t.tallies {
			coded += float64(t.tallies[i].coded[k])
			miss += float64(t.tallies[i].miss[k])
		}
		if coded < leastTried {
			continue
		}
		for i := range t.tallies { // by days, since errors come in bursts
			off := float64(t.tallies[i].miss[k]) - miss/coded*float64(t.tallies[i].coded[k])
			spread += float64(off * off)
		}
		worth = min(worth, 1-(miss+float64(t.settings.Care*math.Sqrt(spread)))/coded)
		c[k] = max(worth, 0)
	}
	for k := 1; k < limits; k++ {
		c[k] = max(c[k], c[k-1]) // those that were hardly tried
	}
	return c
}

// worth is what a score is worth.
func (c *curve) worth(score float64) float64 {
	if k := limitOf(score); k >= 0 {
		return c[k]
	}
	return 0
}
