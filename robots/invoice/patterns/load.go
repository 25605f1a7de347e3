package patterns

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// errCut says that a stored model is not whole.
var errCut = errors.New("the stored model is cut off or damaged")

// reader reads what figures wrote. After an error it reads zeros.
type reader struct {
	data []byte
	err  error
}

func (r *reader) take(n uint64) []byte {
	if r.err != nil || n > uint64(len(r.data)) {
		r.err = errCut
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.data)
	if r.err != nil || size <= 0 {
		r.err = errCut
		return 0
	}
	r.data = r.data[size:]
	return n
}

// below reads a number that must be less than most.
func (r *reader) below(most uint64) uint64 {
	n := r.number()
	if n >= most {
		r.err = errCut
		return 0
	}
	return n
}

func (r *reader) real() float32 {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(b))
}

func (r *reader) model() (*Model, error) {
	var s stored
	b := r.take(r.number())
	if r.err != nil {
		return nil, r.err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("read the stored model: %w", err)
	}
	size := s.Slots
	if len(s.Curve) != limits || len(s.Labels) == 0 || len(s.Labels) > math.MaxUint16 || size < 1 || size&(size-1) != 0 || size > 1<<28 {
		return nil, errCut
	}
	m := &Model{Settings: s.Settings, Night: s.Night, Source: s.Source, labels: s.Labels, choice: newChoice(), used: usedMarks(), lucks: map[uint64]luck{}, trust: map[Pair]trust{}}
	copy(m.curve[:], s.Curve)
	for _, t := range s.Trust {
		m.trust[t.Pair] = t.trust
	}
	m.table = r.table(size, uint64(len(s.Labels)))
	r.weights(m.choice)
	r.lucks(m.lucks)
	m.judge = r.judge()
	if r.err == nil && len(r.data) > 0 {
		r.err = errCut
	}
	return m, r.err
}

func (r *reader) table(size int, labels uint64) *table {
	n := r.below(uint64(size))
	if r.err != nil {
		return nil
	}
	t := &table{slots: make([]entry, size)}
	hash := uint64(0)
	for range n {
		hash += r.number()
		if hash == 0 || r.err != nil {
			r.err = errCut
			return nil
		}
		r.entry(t.at(hash), labels)
	}
	return t
}

func (r *reader) entry(e *entry, labels uint64) {
	e.n, e.run, e.last = uint16(r.below(1<<16)), uint16(r.below(1<<16)), uint16(r.below(labels))
	e.day = uint16(r.below(1 << 16))
	e.since = e.day - uint16(r.below(1<<16))
	e.low = unzigzag(r.below(1 << 32))
	e.high = e.low + unzigzag(r.below(1<<32))
	which := r.below(1 << held)
	for i := range e.weights {
		if which&(1<<i) != 0 {
			e.labels[i], e.weights[i] = uint16(r.below(labels)), r.real()
		}
	}
	e.rest = r.real()
}

func (r *reader) weights(c *choice) {
	for k := range c.trust {
		for w := range c.trust[k] {
			c.trust[k][w] = r.real()
		}
	}
	at := uint64(0)
	for r.err == nil {
		gap := r.number()
		if gap == ownSize {
			return
		}
		if at += gap; at >= ownSize {
			r.err = errCut
			return
		}
		c.own[at] = r.real()
		at++
	}
}

func (r *reader) lucks(all map[uint64]luck) {
	hash := uint64(0)
	for range r.number() {
		hash += r.number()
		u := luck{r.real(), r.real()}
		if r.err != nil {
			return
		}
		all[hash] = u
	}
}

func (r *reader) judge() *judge {
	n := r.below(1 << 12)
	if n == 0 || r.err != nil {
		return nil
	}
	j := &judge{bias: math.Float64frombits(r.number()), trees: make([]tree, n)}
	for i := range j.trees {
		t := &j.trees[i]
		for k := range inner {
			t.mark[k], t.upTo[k] = uint8(r.below(markRoom)), uint8(r.below(markSteps+1))
		}
		for k := range t.value {
			t.value[k] = r.real()
		}
	}
	return j
}
