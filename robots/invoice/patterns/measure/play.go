package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"byskriver/robots/invoice/patterns"
)

// late is after how many days a posting's code is known. What a person answers in
// the day's check is known the same night.
const late = 30

// tally counts what came.
type tally struct{ all, coded, wrong, asked, held int }

func (t tally) part(n int) float64 { return float64(n) / float64(max(1, t.all)) }

func (t tally) coverage() float64 { return t.part(t.coded) }

func (t tally) reached() float64 { return 1 - float64(t.wrong)/float64(max(1, t.coded)) }

func (t *tally) add(o tally) {
	t.all, t.coded, t.wrong, t.asked, t.held = t.all+o.all, t.coded+o.coded, t.wrong+o.wrong, t.asked+o.asked, t.held+o.held
}

// trial is one way through the postings.
type trial struct {
	learner            *patterns.Learner
	lines              []line
	year               string
	total              tally
	month              map[string]tally
	learning, deciding time.Duration
	slowest            time.Duration // the longest night
	decided            int
	decisions          []patterns.Decision // of the day
	asked              []bool
}

// play decides each posting of a year as it would have been decided on its day, and
// learns from it when it would have been known.
func play(s patterns.Settings, lines []line, year int) *trial {
	t := &trial{learner: patterns.NewLearner(s), lines: lines, year: fmt.Sprint(year), month: map[string]tally{}}
	for from := 0; from < len(lines); {
		to := from
		for to < len(lines) && lines[to].day == lines[from].day {
			to++
		}
		t.day(lines[from:to])
		from = to
	}
	return t
}

func (t *trial) day(day []line) {
	begun := spent()
	t.learner.Learned(day[0].day - 1)
	night := spent() - begun
	t.learning, t.slowest = t.learning+night, max(t.slowest, night)
	begun = spent()
	t.decisions = t.decisions[:0]
	for i := range day {
		t.decisions = append(t.decisions, t.learner.Decide(&day[i].facts, day[i].day))
	}
	t.deciding += spent() - begun
	t.decided += len(day)
	t.asked = append(t.asked[:0], make([]bool, len(day))...)
	count := t.check(day)
	if date := day[0].date; strings.HasPrefix(date, t.year) {
		m := t.month[date[:7]]
		m.add(count)
		t.month[date[:7]] = m
		t.total.add(count)
	}
	begun = spent()
	for i := range day {
		known := day[i].day + late
		if t.asked[i] {
			known = day[i].day
		}
		t.learner.Await(t.decisions[i], day[i].label, known, false)
	}
	t.learning += spent() - begun
}

// check forms the day's groups, has the first of each answered, and counts.
func (t *trial) check(day []line) tally {
	groups := map[patterns.Pair][]int{}
	for i := range t.decisions {
		if d := &t.decisions[i]; t.learner.Settings.Allowed(d) {
			groups[d.Pair()] = append(groups[d.Pair()], i)
		}
	}
	out := tally{all: len(day)}
	pairs := slices.SortedFunc(maps.Keys(groups), func(a, b patterns.Pair) int {
		return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Label, b.Label))
	})
	for _, p := range pairs {
		out.add(t.group(p, groups[p], day))
	}
	return out
}

func (t *trial) group(p patterns.Pair, group []int, day []line) (out tally) {
	slices.SortStableFunc(group, func(a, b int) int { return cmp.Compare(t.decisions[a].Ask, t.decisions[b].Ask) })
	first := t.learner.First(p, len(group))
	missed := 0
	for _, i := range group[:first] {
		t.asked[i] = true
		if t.decisions[i].Label != day[i].label {
			missed++
		}
	}
	out.asked = first
	if first > 0 && !t.learner.Answered(p, day[0].day, first-missed, missed) {
		out.held = len(group) - first
		return out
	}
	for _, i := range group[first:] {
		out.coded++
		if t.decisions[i].Label != day[i].label {
			out.wrong++
		}
	}
	return out
}

// months prints the promise against what was reached, month by month.
func (t *trial) months(w io.Writer, promise float64) {
	fmt.Fprintln(w, "\n| Month | Coded | Reached | Against the promise | Asked first | Held |\n| --- | --- | --- | --- | --- | --- |")
	within := 0
	for _, m := range slices.Sorted(maps.Keys(t.month)) {
		x := t.month[m]
		off := x.reached() - promise
		if off >= -0.005 && off <= 0.005 {
			within++
		}
		fmt.Fprintf(w, "| %s | %s %% | %s %% | %+.2f | %s %% | %s %% |\n", m, percent(x.coverage()), percent2(x.reached()), 100*off, percent(x.part(x.asked)), percent(x.part(x.held)))
	}
	fmt.Fprintf(w, "\nwithin half a point of the promise: %d of %d months\n", within, len(t.month))
}

// cost prints what it took, in time of the processor.
func (t *trial) cost(w io.Writer) {
	fmt.Fprintf(w, "learning %v a posting (the longest night %v), deciding %.0f a second; most memory of the process until now %d MB\n",
		(t.learning / time.Duration(len(t.lines))).Round(100*time.Nanosecond), t.slowest.Round(time.Millisecond), float64(t.decided)/t.deciding.Seconds(), mostMemory()>>20)
}

func percent(x float64) string { return fmt.Sprintf("%.1f", 100*x) }

func percent2(x float64) string { return fmt.Sprintf("%.2f", 100*x) }
