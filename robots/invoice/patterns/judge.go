package patterns

import "math"

const (
	markRoom  = 64 // room for the marks that a decision is judged by
	markSteps = 32 // a mark is 0 to 31
	treeDepth = 4
	treeCount = 50
	treeRate  = 0.25
	inner     = 1<<treeDepth - 1
	leaves    = 1 << treeDepth
)

// marks are what the judge looks at in a decision.
type marks [markRoom]uint8

// judge says how likely it is that a decision is right: a sum of small trees,
// grown on how decisions came out.
type judge struct {
	bias  float64
	trees []tree
}

// tree is full: node i has the children 2i+1 and 2i+2.
type tree struct {
	mark  [inner]uint8 // what a node looks at
	upTo  [inner]uint8 // and goes left up to
	value [leaves]float32
}

func (t *tree) leaf(m *marks) int {
	i := 0
	for range treeDepth {
		if m[t.mark[i]] <= t.upTo[i] {
			i = 2*i + 1
		} else {
			i = 2*i + 2
		}
	}
	return i - inner
}

// score is the judge's word, between 0 and 1. It orders decisions; what it is
// worth is measured (curve).
func (j *judge) score(m *marks) float64 {
	z := j.bias
	for i := range j.trees {
		z += float64(j.trees[i].value[j.trees[i].leaf(m)])
	}
	return 1 / (1 + math.Exp(-z))
}

// mark fills in what the judge looks at: how clear the choice was, what the keys
// say for it, and how such choices came out of late.
func mark(m *marks, d *Decision, es *[maxKeys]*entry, lucks *[luckKinds]float32) {
	best, second := 0.0, 0.0
	for i := range d.cands.n {
		switch p := d.cands.p[i]; {
		case d.cands.labels[i] == d.first:
			best = p
		default:
			second = max(second, p)
		}
	}
	m[0] = toMark(-math.Log2(1-best+1e-5) * 2)
	m[1] = toMark(math.Log2((best + 1e-6) / (second + 1e-6)))
	m[2] = uint8(d.cands.n)
	m[3] = toMark(float64(steps(d.ore, 1) + 2))
	at, agree := 4, 0
	for k := range keys {
		if !keys[k].judged {
			continue
		}
		if e := es[k]; e == nil {
			m[at], m[at+1], m[at+2] = markSteps-1, 0, 0
		} else {
			agree += markKey(m[at:at+3], e, d, keys[k].aged)
		}
		at += 3
	}
	for i, wrong := range lucks {
		m[at+i] = toMark(30 * math.Sqrt(float64(wrong)))
	}
	m[at+luckKinds] = uint8(agree)
}

// usedMarks is how many marks there are.
func usedMarks() int {
	n := 4 + luckKinds + 1
	for k := range keys {
		if keys[k].judged {
			n += 3
		}
	}
	return n
}

// markKey marks what one key says; 1 if its last posting agrees with the decision.
func markKey(m []uint8, e *entry, d *Decision, aged bool) (agrees int) {
	m[0] = toMark(30 * float64(e.share(d.first)))
	m[1] = 0
	if e.last == d.first {
		m[1], agrees = uint8(min(15, log2(int(e.run)))), 1
	}
	m[2] = uint8(log2(int(e.n)))
	if aged {
		m[2] = min(m[2], 7)*4 + uint8(min(3, log2(int(d.day)-int(e.day))/3))
	}
	return agrees
}

func toMark(x float64) uint8 { return uint8(max(0, min(markSteps-1, x))) }

// log2 is how many bits a number has.
func log2(n int) int {
	bits := 0
	for ; n > 0; n >>= 1 {
		bits++
	}
	return bits
}
