package bypattern

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"byskriver/robots/invoice/patterns"
)

// Drawer is where the way keeps what it decided, between runs: runner.Shelf as the
// program hands it out has one.
type Drawer interface {
	Lay(ctx context.Context, name string, data []byte) error
	Each(ctx context.Context, prefix string, entry func(name string, data []byte) error) error
	Clear(ctx context.Context, name, rule string) error
}

// drawerFront begins the names of all entries. What follows is the day on which the
// item was found, and its number.
const drawerFront = "pattern/"

// IsNote reports whether an entry of the robot's drawer is one of this way's.
func IsNote(name string) bool { return strings.HasPrefix(name, drawerFront) }

func drawerDay(day patterns.Day) string { return fmt.Sprintf("%s%d/", drawerFront, day) }

// keptFor is how long an entry is kept: as long as the history that is learnt from.
const keptFor = 3 * 366

// note is what the way keeps of an item.
type note struct {
	Item  string        `json:"item"`
	Day   patterns.Day  `json:"day"` // the day in Denmark on which it was found
	At    time.Time     `json:"at"`  // when it was first decided
	Pair  patterns.Pair `json:"pair"`
	Order uint64        `json:"order"` // the order in which a person is asked
	Asked bool          `json:"asked,omitempty"`
	Coded bool          `json:"coded,omitempty"` // by this way
	// Posted is how the item was coded in the end, by whichever way; nil until then.
	Posted *patterns.Posting `json:"posted,omitempty"`
}

func (n note) answered() bool { return n.Asked && n.Posted != nil }

func (n note) right() bool { return n.Posted != nil && n.Posted.Label == n.Pair.Label }

// lay puts a note into the drawer.
func (w *Way) lay(ctx context.Context, n note) error {
	data, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode what was decided about %s: %w", n.Item, err)
	}
	if err := w.drawer.Lay(ctx, drawerDay(n.Day)+n.Item, data); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if day := w.days[n.Day]; day != nil {
		day[n.Item] = n
	}
	return nil
}

// read hands over what lies in the drawer under names that begin so.
func (w *Way) read(ctx context.Context, front string, each func(note)) error {
	return w.drawer.Each(ctx, front, func(name string, data []byte) error {
		var n note
		if err := json.Unmarshal(data, &n); err != nil {
			return fmt.Errorf("read %s from the drawer: %w", name, err)
		}
		each(n)
		return nil
	})
}

// all are the notes of all days, by day and order.
func (w *Way) all(ctx context.Context) (notes []note, err error) {
	err = w.read(ctx, drawerFront, func(n note) { notes = append(notes, n) })
	inOrder(notes)
	return notes, err
}

func inOrder(notes []note) {
	slices.SortFunc(notes, func(a, b note) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Order, b.Order), cmp.Compare(a.Item, b.Item))
	})
}

// onDay are the notes of one day, by item. They are read once a run.
func (w *Way) onDay(ctx context.Context, day patterns.Day) (map[string]note, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if have := w.days[day]; have != nil {
		return maps.Clone(have), nil
	}
	notes := map[string]note{}
	if err := w.read(ctx, drawerDay(day), func(n note) { notes[n.Item] = n }); err != nil {
		return nil, err
	}
	w.days[day] = notes
	return maps.Clone(notes), nil
}

// tidy removes what is too old to be learnt from.
func (w *Way) tidy(ctx context.Context, notes []note, today patterns.Day) (err error) {
	for _, n := range notes {
		if n.Day < today-keptFor {
			err = errors.Join(err, w.drawer.Clear(ctx, drawerDay(n.Day)+n.Item, "older than three years"))
		}
	}
	return err
}

// group is how the day's group stands for an item that belongs to it.
func (w *Way) group(ctx context.Context, m *patterns.Model, own note, now time.Time) (g patterns.Group, err error) {
	notes, err := w.onDay(ctx, own.Day)
	if err != nil {
		return g, err
	}
	var all []note
	for _, n := range notes {
		if n.Pair == own.Pair {
			all = append(all, n)
		}
	}
	inOrder(all)
	g = patterns.Group{Size: len(all), First: m.First(own.Pair, len(all)), Held: m.Held(own.Pair, own.Day), Late: now.Sub(own.At) > w.settings.Patience}
	left := g.First
	for _, n := range all {
		if n.Asked {
			left--
		}
	}
	for _, n := range all {
		mine := n.Asked
		if !n.Asked && !n.Coded && n.Posted == nil && left > 0 {
			mine = true
			left--
		}
		if mine && n.Item == own.Item {
			g.Mine = true
		}
		if n.answered() {
			if n.right() {
				g.Right++
			} else {
				g.Wrong++
			}
		}
	}
	return g, nil
}
