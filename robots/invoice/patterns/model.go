package patterns

// Settings are the municipality's own limits.
type Settings struct {
	// Promise is the share of the codings that must be right, such as 0.985.
	Promise float64 `json:"promise"`
	// Window is over how many days the promise must have been kept.
	Window Day `json:"window"`
	// Late is after how many days all of a day's invoices have been coded, or as good
	// as all; what came of younger ones is not measured yet.
	Late Day `json:"late"`
	// Care is by how many standard errors what was reached must lie above the promise.
	Care float64 `json:"care"`
	// Least is how many invoices that are alike must have been coded alike, without
	// a break, before the next one is.
	Least  int    `json:"least"`
	Checks Checks `json:"checks"`
}

// DefaultSettings are those that were found on two years of a county's postings;
// the robot's README says how.
func DefaultSettings() Settings {
	return Settings{Promise: 0.985, Window: 120, Late: 30, Care: 1, Least: 2, Checks: DefaultChecks()}
}

// Model is what has been learnt, as far as decisions need it.
type Model struct {
	Settings Settings
	Night    Day    // the last day that has been learnt
	Source   string // what it was learnt from: a digest, for whoever learns

	labels []string // the codings by number, from 1
	table  *table
	choice *choice
	judge  *judge
	used   int // how many marks the judge looks at
	lucks  map[uint64]luck
	curve  curve
	trust  map[Pair]trust
}

// luckKinds is how many kinds of guesses the luck of is kept: for the supplier, for
// the supplier in this part of the municipality, for the coding there, for the coding.
const luckKinds = 4

// luck is how often guesses of one kind were right of late.
type luck struct{ right, all float32 }

const luckFade = 0.97

// note takes one guess in. A kind begins as if it had been right nine times of ten.
func (u luck) note(right bool) luck {
	if u.all == 0 {
		u = luck{right: 1.8, all: 2}
	}
	u = luck{right: u.right * luckFade, all: u.all*luckFade + 1}
	if right {
		u.right++
	}
	return u
}

func (u luck) wrong() float32 {
	if u.all == 0 {
		return 1
	}
	return 1 - u.right/u.all
}

// Pair is what belongs together in a day's check: invoices for one part of the
// municipality that would be coded alike.
type Pair struct {
	Origin string `json:"origin"`
	Label  string `json:"label"`
}

// Decision is how an invoice would be coded.
type Decision struct {
	Label string // the coding; "" where nothing is known of such invoices
	// Score is how good the judge finds it, between 0 and 1. It orders decisions.
	Score float64
	// Confidence is what the score is worth: the share that came out right of the
	// decisions of the last months that scored as high, with the checks in.
	Confidence float64
	Reason     Reason
	Ask        uint64 // the order in which a person is asked: the lowest of a group first

	origin string
	day    Day
	ore    int64
	first  uint16 // Label's number
	hashes hashes
	cands  candidates
	marks  marks
	lucks  [luckKinds]uint64
}

// Pair is the decision's group in the day's check.
func (d *Decision) Pair() Pair { return Pair{Origin: d.origin, Label: d.Label} }

// Allowed reports whether the municipality's limits let the decision pass. The
// day's check, the chart and the approved suppliers come after.
func (s Settings) Allowed(d *Decision) bool {
	return d.Label != "" && d.Confidence >= s.Promise && d.Reason.Run >= s.Least
}

// Decide says how an invoice would be coded, by what is known on the day. It
// changes nothing.
func (m *Model) Decide(f *Facts, day Day) Decision {
	p := printsOf(f)
	d := Decision{day: day, ore: f.Ore, origin: f.Origin, hashes: hashesOf(&p),
		Ask: mix(hashText(f.Supplier) ^ mix(hashText(f.Number)) ^ mix(uint64(f.Ore)) ^ mix(uint64(day)))}
	var es [maxKeys]*entry
	for k := range keys {
		if e := m.table.find(d.hashes[k]); e != nil {
			es[k] = e
			for i, label := range e.labels {
				if e.weights[i] > 0 {
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
	m.choice.weigh(&d.hashes, &d.cands)
	m.judgeOf(&d, &es)
	d.Reason = reasonOf(&d, &es)
	return d
}

func (m *Model) judgeOf(d *Decision, es *[maxKeys]*entry) {
	best := 0
	for i := range d.cands.n {
		if d.cands.p[i] > d.cands.p[best] {
			best = i
		}
	}
	d.first = d.cands.labels[best]
	d.Label, d.Score = m.labels[d.first], d.cands.p[best]
	d.lucks = [luckKinds]uint64{mix(d.hashes[keySupplier] + 1), mix(d.hashes[keySupplierOrigin] + 2), mix(d.hashes[keyOrigin] ^ uint64(d.first)), mix(uint64(d.first) + 3)}
	var wrong [luckKinds]float32
	for i, h := range d.lucks {
		wrong[i] = m.lucks[h].wrong()
	}
	mark(&d.marks, d, es, &wrong)
	if m.judge != nil {
		d.Score = m.judge.score(&d.marks)
	}
	d.Confidence = m.curve.worth(d.Score)
}

// First is how many of a day's group of n like decisions a person codes first.
func (m *Model) First(p Pair, n int) int { return m.Settings.Checks.first(m.trust[p], n) }

// Held reports whether nothing of a group is coded on a day, after a miss.
func (m *Model) Held(p Pair, day Day) bool { return m.trust[p].Missed && day <= m.trust[p].Until }
