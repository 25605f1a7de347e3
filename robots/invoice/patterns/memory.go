package patterns

// held is how many codings an entry keeps apart.
const held = 4

// fade is what a posting's weight in its key shrinks to with each later one: half
// after some 13. Charts drift, and what was done of late counts more than what was
// always done.
const fade = 0.95

// entry is what was done with the invoices of one key.
type entry struct {
	hash      uint64
	weights   [held]float32
	rest      float32 // the weight of codings that are not kept apart
	low, high int32   // kroner, of the run
	labels    [held]uint16
	n         uint16 // postings, at most 65,535
	run       uint16 // how many of the last were coded alike
	last      uint16 // as what
	day       uint16 // of the last
	since     uint16 // of the run's first
}

// learn notes one posting.
func (e *entry) learn(label uint16, day Day, kroner int32) {
	e.n = min(e.n, 65534) + 1
	if e.last == label && e.run > 0 {
		e.run = min(e.run, 65534) + 1
		e.low, e.high = min(e.low, kroner), max(e.high, kroner)
	} else {
		e.last, e.run, e.since = label, 1, uint16(day)
		e.low, e.high = kroner, kroner
	}
	e.day = uint16(day)
	at, least := -1, 0
	for i := range e.weights {
		e.weights[i] *= fade
		if e.weights[i] < 1e-6 {
			e.weights[i], e.labels[i] = 0, 0
		}
		if e.labels[i] == label {
			at = i
		}
		if e.weights[i] < e.weights[least] {
			least = i
		}
	}
	e.rest *= fade
	if at < 0 {
		at = least
		e.rest += e.weights[at]
		e.weights[at], e.labels[at] = 0, label
	}
	e.weights[at]++
}

// share is the part of the entry's weight that a coding has.
func (e *entry) share(label uint16) float32 {
	var own float32
	sum := e.rest
	for i, w := range e.weights {
		sum += w
		if e.labels[i] == label {
			own = w
		}
	}
	if sum == 0 {
		return 0
	}
	return own / sum
}

// forget has the entry begin anew: what it knew was wrong.
func (e *entry) forget() { *e = entry{hash: e.hash} }

// table is a hash table of entries, open addressed: a map of a million of them
// would cost twice the memory.
type table struct {
	slots []entry
	used  int
}

func newTable() *table { return &table{slots: make([]entry, 1<<12)} }

// slot is where a hash is, or would be.
func (t *table) slot(hash uint64) *entry {
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if e := &t.slots[i]; e.hash == hash || e.hash == 0 {
			return e
		}
	}
}

// find is the entry, or nil.
func (t *table) find(hash uint64) *entry {
	if e := t.slot(hash); hash != 0 && e.hash == hash && e.n > 0 {
		return e
	}
	return nil
}

// at finds the entry or makes it.
func (t *table) at(hash uint64) *entry {
	if t.used*10 > len(t.slots)*7 {
		old := t.slots
		t.slots = make([]entry, 2*len(old))
		for k := range old {
			if old[k].hash != 0 {
				*t.slot(old[k].hash) = old[k]
			}
		}
	}
	e := t.slot(hash)
	if e.hash == 0 {
		e.hash = hash
		t.used++
	}
	return e
}
