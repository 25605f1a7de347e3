package patterns

import "slices"

// Settings are the municipality's own limits.
type Settings struct {
	// Promise is the share of the codings that must be right, such as 0.985.
	Promise float64 `json:"promise"`
	// Window is over how many days a promise must have been kept.
	Window Day `json:"window"`
	// Least is how many invoices that are alike must have been coded alike, without
	// a break, before the next one is.
	Least  int    `json:"least"`
	Checks Checks `json:"checks"`
}

// DefaultSettings are those that were found on two years of a county's postings;
// README.md of the robot says how.
func DefaultSettings() Settings {
	return Settings{Promise: 0.985, Window: 120, Least: 3, Checks: DefaultChecks()}
}

const (
	keptOutcomes = 120_000 // the latest outcomes, that a judge is grown on
	regrowAfter  = 10_000  // outcomes from one judge to the next
	luckKinds    = 4
	luckFade     = 0.97
)

// Learner knows what has been done with invoices, and how good its guesses were.
type Learner struct {
	settings Settings
	numbers  map[string]uint16 // of the codings
	labels   []string          // by number, from 1
	closed   []bool            // by number: no longer in the chart
	table    *table
	choice   *choice
	judge    *judge
	used     int // how many marks the judge looks at
	lucks    map[uint64]luck
	known    []outcome // a ring
	next     int       // its oldest
	fresh    int       // outcomes since the judge was grown
	awaited  map[Day][]Decision
	night    Day
	trials   trials
	trust    map[Pair]trust
	taught   int
}

// luck is how often guesses of one kind were right of late.
type luck struct{ right, all float32 }

// New is a learner that knows nothing.
func New(s Settings) *Learner {
	return &Learner{settings: s, numbers: map[string]uint16{}, labels: []string{""}, closed: []bool{false}, table: newTable(), choice: newChoice(),
		lucks: map[uint64]luck{}, awaited: map[Day][]Decision{}, trust: map[Pair]trust{}, trials: newTrials(s)}
}

// Pair is what belongs together in a day's check: invoices for one part of the
// municipality that would be coded alike.
type Pair struct {
	Origin string `json:"origin"`
	Label  string `json:"label"`
}

// Decision is how an invoice would be coded.
type Decision struct {
	Label      string  // the coding; "" where nothing is known of such invoices
	Score      float64 // how good the judge finds it; it orders decisions
	Confidence float64 // the share that came out right of the decisions that were at least so good, over the last months
	Reason     Reason

	origin string
	ask    uint64 // the order in which a person is asked
	day    Day
	ore    int64
	first  uint16 // Label's number
	truth  uint16
	hashes hashes
	cands  candidates
	marks  marks
	lucks  [luckKinds]uint64
}

// Pair is the decision's group in the day's check.
func (d *Decision) Pair() Pair { return Pair{Origin: d.origin, Label: d.Label} }

// Ask orders the decisions of a group: those with the lowest are asked for first.
func (d *Decision) Ask() uint64 { return d.ask }

// Decide says how an invoice would be coded, by what is known on the day. It
// changes nothing.
func (l *Learner) Decide(f *Facts, day Day) Decision {
	p := printsOf(f)
	d := Decision{day: day, ore: f.Ore, origin: f.Origin, hashes: hashesOf(&p),
		ask: mix(hashText(f.Supplier) ^ mix(hashText(f.Number)) ^ mix(uint64(f.Ore)) ^ mix(uint64(day)))}
	var es [maxKeys]*entry
	for k := range keys {
		if e := l.table.find(d.hashes[k]); e != nil {
			es[k] = e
			for i, label := range e.labels {
				if e.weights[i] > 0 && !l.closed[label] {
					d.cands.add(label)
				}
			}
		}
	}
	if d.cands.n == 0 {
		return d
	}
	for i := range d.cands.n {
		for k := range keys {
			d.cands.words[i][k] = wording(es[k], d.cands.labels[i])
		}
	}
	l.choice.weigh(&d.hashes, &d.cands)
	l.judgeOf(&d, &es)
	d.Reason = reasonOf(&d, &es)
	return d
}

func (l *Learner) judgeOf(d *Decision, es *[maxKeys]*entry) {
	best := 0
	for i := range d.cands.n {
		if d.cands.p[i] > d.cands.p[best] {
			best = i
		}
	}
	d.first = d.cands.labels[best]
	d.Label, d.Score = l.labels[d.first], d.cands.p[best]
	d.lucks = [luckKinds]uint64{mix(d.hashes[keySupplier] + 1), mix(d.hashes[keySupplierOrigin] + 2), mix(d.hashes[keyOrigin] ^ uint64(d.first)), mix(uint64(d.first) + 3)}
	var wrong [luckKinds]float32
	for i, h := range d.lucks {
		wrong[i] = 1
		if u, ok := l.lucks[h]; ok {
			wrong[i] = 1 - u.right/u.all
		}
	}
	l.used = mark(&d.marks, d, es, &wrong)
	if l.judge != nil {
		d.Score = l.judge.score(&d.marks)
	}
	d.Confidence = l.trials.confidence(d.Score)
}

// Await keeps a decision until the day on which it is known how the invoice was
// coded. Days must not lie before the last night.
func (l *Learner) Await(d Decision, label string, known Day) {
	d.truth = l.number(label)
	d.Reason = Reason{}
	known = max(known, l.night+1)
	l.awaited[known] = append(l.awaited[known], d)
}

func (l *Learner) number(label string) uint16 {
	n, ok := l.numbers[label]
	if !ok {
		n = uint16(len(l.labels))
		l.numbers[label] = n
		l.labels = append(l.labels, label)
		l.closed = append(l.closed, false)
	}
	return n
}

// Night learns what has become known until the end of the day, and measures anew
// what a score is worth.
func (l *Learner) Night(today Day) {
	if l.night == 0 {
		l.night = today - 1
		for day := range l.awaited {
			l.night = min(l.night, day-1)
		}
	}
	for l.night < today {
		l.night++
		all := l.awaited[l.night]
		delete(l.awaited, l.night)
		for i := range all {
			l.learn(&all[i])
		}
	}
	if l.fresh >= regrowAfter || l.judge == nil && l.fresh >= leastKnown {
		l.judge = grow(l.inOrder(), l.used, uint64(today))
		l.fresh = 0
	}
	l.trials.settle(today)
}

// inOrder are the outcomes, the oldest first.
func (l *Learner) inOrder() []outcome { return slices.Concat(l.known[l.next:], l.known[:l.next]) }

func (l *Learner) learn(d *Decision) {
	l.taught++
	if d.first != 0 {
		right := d.first == d.truth
		l.remember(outcome{d.marks, right})
		for _, h := range d.lucks {
			u, ok := l.lucks[h]
			if !ok {
				u = luck{right: 1.8, all: 2}
			}
			u = luck{right: u.right * luckFade, all: u.all*luckFade + 1}
			if right {
				u.right++
			}
			l.lucks[h] = u
		}
		l.choice.learn(&d.hashes, &d.cands, d.truth)
		l.trials.add(d, right)
	}
	kroner := int32(d.ore / 100)
	for k := range keys {
		if d.hashes[k] != 0 {
			l.table.at(d.hashes[k]).learn(d.truth, d.day, kroner)
		}
	}
}

func (l *Learner) remember(o outcome) {
	l.fresh++
	if len(l.known) < keptOutcomes {
		l.known = append(l.known, o)
		return
	}
	l.known[l.next] = o
	l.next = (l.next + 1) % keptOutcomes
}
