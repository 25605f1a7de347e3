package patterns

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// head begins a stored model. The number grows with the form; a model of another
// form is learnt anew from the postings.
const head = "byskriver-patterns-2\n"

// stored is the part of a model that is stored as JSON. The rest is figures.
type stored struct {
	Settings Settings  `json:"settings"`
	Night    Day       `json:"night"`
	Source   string    `json:"source"`
	Labels   []string  `json:"labels"`
	Curve    []float64 `json:"curve"`
	Trust    []stood   `json:"trust"`
	Slots    int       `json:"slots"` // the table's size
}

type stood struct {
	Pair
	trust
}

// Save writes the model, packed. The same model gives the same bytes before they
// are packed, and digest is the SHA-256 of those, in hex.
func (m *Model) Save(w io.Writer) (digest string, err error) {
	packed, err := flate.NewWriter(w, flate.BestSpeed)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(packed, sum), 1<<16)
	if err := m.write(&figures{w: out}); err != nil {
		return "", fmt.Errorf("write the model: %w", err)
	}
	if err := errors.Join(out.Flush(), packed.Close()); err != nil {
		return "", fmt.Errorf("write the model: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func (m *Model) write(f *figures) error {
	s := stored{Settings: m.Settings, Night: m.Night, Source: m.Source, Labels: m.labels, Curve: m.curve[:], Slots: len(m.table.slots)}
	for p, t := range m.trust {
		s.Trust = append(s.Trust, stood{p, t})
	}
	slices.SortFunc(s.Trust, func(a, b stood) int { return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Label, b.Label)) })
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	f.text(head)
	f.number(uint64(len(b)))
	f.text(string(b))
	f.table(m.table)
	f.weights(m.choice)
	f.lucks(m.lucks)
	f.judge(m.judge)
	return f.err
}

// figures writes numbers one after another, and keeps the first error.
type figures struct {
	w    *bufio.Writer
	room [binary.MaxVarintLen64]byte
	err  error
}

func (f *figures) text(s string) {
	if f.err == nil {
		_, f.err = f.w.WriteString(s)
	}
}

func (f *figures) number(n uint64) {
	if f.err == nil {
		_, f.err = f.w.Write(f.room[:binary.PutUvarint(f.room[:], n)])
	}
}

func (f *figures) real(x float32) {
	binary.LittleEndian.PutUint32(f.room[:], math.Float32bits(x))
	if f.err == nil {
		_, f.err = f.w.Write(f.room[:4])
	}
}

// table writes the entries by hash, since their places depend on the order in
// which they came.
func (f *figures) table(t *table) {
	all := make([]*entry, 0, t.used)
	for i := range t.slots {
		if t.slots[i].n > 0 {
			all = append(all, &t.slots[i])
		}
	}
	slices.SortFunc(all, func(a, b *entry) int { return cmp.Compare(a.hash, b.hash) })
	f.number(uint64(len(all)))
	before := uint64(0)
	for _, e := range all {
		f.number(e.hash - before)
		before = e.hash
		f.entry(e)
	}
}

func (f *figures) entry(e *entry) {
	for _, n := range []uint16{e.n, e.run, e.last, e.day, e.day - e.since} {
		f.number(uint64(n))
	}
	f.number(zigzag(e.low))
	f.number(zigzag(e.high - e.low))
	which := uint64(0)
	for i, w := range e.weights {
		if w > 0 {
			which |= 1 << i
		}
	}
	f.number(which)
	for i, w := range e.weights {
		if w > 0 {
			f.number(uint64(e.labels[i]))
			f.real(w)
		}
	}
	f.real(e.rest)
}

func zigzag(n int32) uint64 { return uint64(uint32(n<<1) ^ uint32(n>>31)) }

func unzigzag(n uint64) int32 { return int32(uint32(n)>>1) ^ -int32(uint32(n)&1) }

func (f *figures) weights(c *choice) {
	for k := range c.trust {
		for _, w := range c.trust[k] {
			f.real(w)
		}
	}
	gap := uint64(0)
	for _, w := range c.own {
		if w == 0 {
			gap++
			continue
		}
		f.number(gap)
		f.real(w)
		gap = 0
	}
	f.number(ownSize) // no gap is so long: the end
}

func (f *figures) lucks(all map[uint64]luck) {
	f.number(uint64(len(all)))
	before := uint64(0)
	for _, h := range slices.Sorted(maps.Keys(all)) {
		f.number(h - before)
		before = h
		f.real(all[h].right)
		f.real(all[h].all)
	}
}

func (f *figures) judge(j *judge) {
	if j == nil {
		f.number(0)
		return
	}
	f.number(uint64(len(j.trees)))
	f.number(math.Float64bits(j.bias))
	for i := range j.trees {
		t := &j.trees[i]
		for n := range inner {
			f.number(uint64(t.mark[n]))
			f.number(uint64(t.upTo[n]))
		}
		for _, v := range t.value {
			f.real(v)
		}
	}
}

// ErrForm says that a stored model is of another form than this program's.
var ErrForm = errors.New("the stored model is of another form")

// Load reads a stored model; digest is what Save gave.
func Load(r io.Reader) (m *Model, digest string, err error) {
	data, err := io.ReadAll(flate.NewReader(r))
	if err != nil {
		return nil, "", fmt.Errorf("unpack the model: %w", err)
	}
	if !bytes.HasPrefix(data, []byte(head)) {
		return nil, "", ErrForm
	}
	sum := sha256.Sum256(data)
	from := &reader{data: data[len(head):]}
	m, err = from.model()
	if err != nil {
		return nil, "", err
	}
	return m, hex.EncodeToString(sum[:]), nil
}
