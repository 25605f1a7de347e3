package patterns

import (
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
	curve    [limits]float64
}

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
func (t *trials) add(d *Decision, right bool) {
	if k := limitOf(d.Score); k >= 0 {
		t.days[d.day] = append(t.days[d.day], trial{d.Pair(), d.ask, k, right})
	}
}

// lateAfter is how many days after it a day is settled at the latest.
const lateAfter = 30

// settle tries the limits on the days of which all is known, and measures what a
// score is worth.
func (t *trials) settle(today Day) {
	var ready []Day
	for day := range t.days {
		if day <= today-lateAfter {
			ready = append(ready, day)
		}
	}
	slices.Sort(ready)
	for _, day := range ready {
		t.tallies = append(t.tallies, t.try(day, t.days[day]))
		delete(t.days, day)
	}
	old := 0
	for old < len(t.tallies) && t.tallies[old].day <= today-lateAfter-t.settings.Window {
		old++
	}
	t.tallies = t.tallies[old:]
	t.measure()
}

// try tells what would have come of a day at each limit.
func (t *trials) try(day Day, all []trial) tally {
	slices.SortFunc(all, func(a, b trial) int { return compare(a, b) })
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
	switch {
	case a.pair.Origin != b.pair.Origin:
		return order(a.pair.Origin < b.pair.Origin)
	case a.pair.Label != b.pair.Label:
		return order(a.pair.Label < b.pair.Label)
	case a.ask != b.ask:
		return order(a.ask < b.ask)
	}
	return 0
}

func order(less bool) int {
	if less {
		return -1
	}
	return 1
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
		if after == (trust{}) {
			delete(t.trust[k], all[0].pair)
		} else {
			t.trust[k][all[0].pair] = after
		}
		if !free {
			return
		}
	}
	out.coded[k] += int32(coded)
	out.miss[k] += int32(miss)
}

// leastTried is how many codings a limit must have been tried on to be believed.
const leastTried = 300

// measure says for each limit what share of what it let through was right. A
// higher limit is worth no less than a lower one.
func (t *trials) measure() {
	t.curve = [limits]float64{}
	worth := 1.0
	for k := limits - 1; k >= 0; k-- {
		var coded, miss float64
		for i := range t.tallies {
			coded += float64(t.tallies[i].coded[k])
			miss += float64(t.tallies[i].miss[k])
		}
		if coded < leastTried {
			continue
		}
		worth = min(worth, 1-miss/coded)
		t.curve[k] = worth
	}
	for k := 1; k < limits; k++ {
		t.curve[k] = max(t.curve[k], t.curve[k-1]) // those that were hardly tried
	}
}

// confidence is what a score is worth.
func (t *trials) confidence(score float64) float64 {
	if k := limitOf(score); k >= 0 {
		return t.curve[k]
	}
	return 0
}
