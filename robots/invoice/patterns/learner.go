package patterns

import (
	"cmp"
	"slices"
)

const (
	keptOutcomes = 120_000 // the latest outcomes, that a judge is grown on
	regrowAfter  = 15_000  // outcomes from one judge to the next, at most: a young one is grown anew sooner
)

// Learner learns from postings in the order in which they became known.
type Learner struct {
	*Model
	numbers map[string]uint16 // of the codings
	known   []outcome         // a ring
	next    int               // its oldest
	fresh   int               // outcomes since the judge was grown
	awaited map[Day][]awaited
	trials  trials
}

// awaited is a decision whose outcome becomes known later.
type awaited struct {
	Decision
	truth    uint16
	corrects bool
}

// NewLearner is a learner that knows nothing.
func NewLearner(s Settings) *Learner {
	return &Learner{Model: &Model{Settings: s, labels: []string{""}, table: newTable(), choice: newChoice(), lucks: map[uint64]luck{}, trust: map[Pair]trust{}},
		numbers: map[string]uint16{}, awaited: map[Day][]awaited{}, trials: newTrials(s)}
}

// Posting is an invoice that has been coded.
type Posting struct {
	Facts
	Label   string `json:"label"`   // the coding, as one text
	Arrived Day    `json:"arrived"` // when the invoice came
	Known   Day    `json:"known"`   // when it was coded, not before it came
	// Corrects: a person coded it otherwise than the robot had. Then what was learnt
	// of this supplier is forgotten.
	Corrects bool `json:"corrects,omitempty"`
}

// Answer is what a person's coding said about a decision in a day's check.
type Answer struct {
	Day Day `json:"day"`
	Pair
	Right bool `json:"right"`
}

// Learn makes a model of all postings that are known at the end of the day. Each
// invoice is first decided as it would have been when it came, so that what a score
// is worth is measured on what was not known then.
func Learn(s Settings, postings []Posting, answers []Answer, today Day) *Model {
	l := NewLearner(s)
	all := slices.DeleteFunc(slices.Clone(postings), func(p Posting) bool { return p.Known > today })
	slices.SortStableFunc(all, func(a, b Posting) int { return cmp.Compare(a.Arrived, b.Arrived) })
	answers = slices.Clone(answers)
	slices.SortStableFunc(answers, func(a, b Answer) int { return cmp.Compare(a.Day, b.Day) })
	for i := range all {
		p := &all[i]
		if p.Arrived > l.Night+1 {
			answers = l.answerAll(answers, p.Arrived-1)
			l.Learned(p.Arrived - 1)
		}
		l.Await(l.Decide(&p.Facts, p.Arrived), p.Label, p.Known, p.Corrects)
	}
	l.answerAll(answers, today)
	l.Learned(today)
	return l.Model
}

// answerAll takes in the answers up to a day, and returns those that are left.
func (l *Learner) answerAll(answers []Answer, until Day) []Answer {
	type count struct{ right, wrong int }
	for len(answers) > 0 && answers[0].Day <= until {
		day, counts, pairs := answers[0].Day, map[Pair]count{}, []Pair(nil)
		for len(answers) > 0 && answers[0].Day == day {
			c, ok := counts[answers[0].Pair]
			if !ok {
				pairs = append(pairs, answers[0].Pair)
			}
			if answers[0].Right {
				c.right++
			} else {
				c.wrong++
			}
			counts[answers[0].Pair] = c
			answers = answers[1:]
		}
		for _, p := range pairs {
			l.Answered(p, day, counts[p].right, counts[p].wrong)
		}
	}
	return answers
}

// Answered notes what a person answered for a group on a day, and says whether the
// rest of it may be coded.
func (l *Learner) Answered(p Pair, day Day, right, wrong int) (free bool) {
	t, free := l.Settings.Checks.came(l.trust[p], day, right, wrong)
	keep(l.trust, p, t)
	return free
}

// Await keeps a decision until the day on which it is known how the invoice was
// coded.
func (l *Learner) Await(d Decision, label string, known Day, corrects bool) {
	n, ok := l.numbers[label]
	if !ok {
		n = uint16(len(l.labels))
		l.numbers[label] = n
		l.labels = append(l.labels, label)
	}
	if l.Night == 0 {
		l.Night = d.day - 1
	}
	known = max(known, l.Night+1)
	l.awaited[known] = append(l.awaited[known], awaited{d, n, corrects})
}

// Learned takes in what has become known until the end of a day, and measures anew
// what a score is worth.
func (l *Learner) Learned(day Day) {
	if len(l.labels) == 1 {
		l.Night = 0 // nothing has come yet
		return
	}
	for l.Night < day {
		l.Night++
		all := l.awaited[l.Night]
		delete(l.awaited, l.Night)
		for i := range all {
			l.learn(&all[i])
		}
	}
	if l.fresh >= min(regrowAfter, max(leastKnown, len(l.known)/2)) {
		l.judge = grow(slices.Concat(l.known[l.next:], l.known[:l.next]), l.used, uint64(day))
		l.fresh = 0
	}
	l.trials.settle(day)
	l.curve = l.trials.measure()
}

func (l *Learner) learn(a *awaited) {
	if a.corrects {
		for k := range keys {
			if slices.Contains(keys[k].fields, bySupplier) && a.hashes[k] != 0 {
				l.table.at(a.hashes[k]).forget()
			}
		}
	}
	if a.first != 0 {
		right := a.first == a.truth
		l.remember(outcome{a.marks, right})
		for _, h := range a.lucks {
			l.lucks[h] = l.lucks[h].note(right)
		}
		l.choice.learn(&a.hashes, &a.cands, a.truth)
		l.trials.add(&a.Decision, right, l.Settings.Least)
	}
	kroner := int32(a.ore / 100)
	for k := range keys {
		if a.hashes[k] != 0 {
			l.table.at(a.hashes[k]).learn(a.truth, a.day, kroner)
		}
	}
}

func (l *Learner) remember(o outcome) {
	l.fresh++
	l.used = usedMarks()
	if len(l.known) < keptOutcomes {
		l.known = append(l.known, o)
		return
	}
	l.known[l.next] = o
	l.next = (l.next + 1) % keptOutcomes
}
