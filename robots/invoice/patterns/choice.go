package patterns

import "math"

const (
	most     = 8       // candidates that a decision weighs
	wordings = 113     // ways in which a key may speak for a candidate
	ownSize  = 1 << 20 // weights of key and coding together
)

// choice weighs the candidates against each other: a linear model over what each
// key says for a candidate, and over which keys go with which codings. It learns
// by AdaGrad, one posting at a time.
type choice struct {
	trust, trustSum [maxKeys][wordings]float32
	own, ownSum     []float32
}

func newChoice() *choice {
	return &choice{own: make([]float32, ownSize), ownSum: make([]float32, ownSize)}
}

// candidates are the codings that a decision weighs.
type candidates struct {
	n      int
	labels [most]uint16
	words  [most][maxKeys]uint8 // what each key says for each
	p      [most]float64        // the choice's probabilities
}

// add takes a coding in, unless it is there or there is no room.
func (c *candidates) add(label uint16) {
	if label == 0 || c.n == most {
		return
	}
	for i := range c.n {
		if c.labels[i] == label {
			return
		}
	}
	c.labels[c.n] = label
	c.n++
}

// The steps of an entry's share and size that the choice tells apart.
var (
	shareSteps = [...]float32{0, 0.1, 0.3, 0.6, 0.85, 0.95, 0.995}
	sizeSteps  = [...]uint16{2, 3, 7, 16, 40}
)

// wording is what an entry says for a coding: its share, of how many, and whether
// it was the last one. 0 where there is no entry.
func wording(e *entry, label uint16) uint8 {
	if e == nil {
		return 0
	}
	share, size := 0, 0
	for s := e.share(label); share < len(shareSteps) && s > shareSteps[share]; {
		share++
	}
	for size < len(sizeSteps) && e.n >= sizeSteps[size] {
		size++
	}
	w := 1 + share*(len(sizeSteps)+1) + size
	if e.last == label {
		w += (len(shareSteps) + 1) * (len(sizeSteps) + 1)
	}
	return uint8(w)
}

// ownAt is where the weight of a key's hash and a coding lies.
func ownAt(hash uint64, label uint16) uint64 {
	return mix(hash^uint64(label)*0x9e3779b97f4a7c15) & (ownSize - 1)
}

// weigh gives each candidate its probability.
func (c *choice) weigh(h *hashes, cs *candidates) {
	var z [most]float64
	top := math.Inf(-1)
	for i := range cs.n {
		var sum float32
		for k := range keys {
			sum += c.trust[k][cs.words[i][k]]
			if keys[k].own && h[k] != 0 {
				sum += c.own[ownAt(h[k], cs.labels[i])]
			}
		}
		z[i] = float64(sum)
		top = max(top, z[i])
	}
	var total float64
	for i := range cs.n {
		cs.p[i] = math.Exp(z[i] - top)
		total += cs.p[i]
	}
	for i := range cs.n {
		cs.p[i] /= total
	}
}

// How far one posting moves a weight.
const (
	trustRate = 0.05
	ownRate   = 0.15
)

// learn moves the weights towards the coding that came. One that was not among
// the candidates teaches nothing about choosing between them.
func (c *choice) learn(h *hashes, cs *candidates, label uint16) {
	at := -1
	for i := range cs.n {
		if cs.labels[i] == label {
			at = i
		}
	}
	if at < 0 {
		return
	}
	c.weigh(h, cs)
	for i := range cs.n {
		g := -cs.p[i]
		if i == at {
			g++
		}
		if math.Abs(g) > 1e-4 {
			c.move(h, cs, i, float32(g))
		}
	}
}

func (c *choice) move(h *hashes, cs *candidates, i int, g float32) {
	for k := range keys {
		w := cs.words[i][k]
		step(&c.trust[k][w], &c.trustSum[k][w], g, trustRate, 1e-3)
		if keys[k].own && h[k] != 0 {
			at := ownAt(h[k], cs.labels[i])
			step(&c.own[at], &c.ownSum[at], g, ownRate, 1e-1)
		}
	}
}

// step is AdaGrad's. The products are rounded by themselves, so that no machine
// fuses them with the sum and comes to another last bit.
func step(w, sum *float32, g, rate, floor float32) {
	*sum += float32(g * g)
	*w += float32(rate*g) / (floor + float32(math.Sqrt(float64(*sum))))
}
