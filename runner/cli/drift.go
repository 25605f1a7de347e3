package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"byskriver/runner/runlog"
	"byskriver/runner/seal"
	"byskriver/runner/store"
)

// codeDrift is the entry that says that something was found by a later way than
// the first, and how often in that run.
const codeDrift = "selector.drift"

// drift counts what was found on screens by a later way than the first. It is
// logged once a run, so that a screen that has changed cannot flood the log.
type drift struct {
	mu    sync.Mutex
	times map[driftedTo]int
}

// driftedTo is one later way to one thing on a screen.
type driftedTo struct {
	system, page, name string
	way                int    // 1 for the second of the list
	served             string // the way as it stands in the selectors file
}

func (d *drift) count(system, page, name string, way int, served string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.times == nil {
		d.times = map[driftedTo]int{}
	}
	d.times[driftedTo{system, page, name, way, served}]++
}

// take empties the counts into entries, in the order of their names.
func (d *drift) take(run string) []runlog.Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(d.times), func(a, b driftedTo) int { return strings.Compare(a.text(), b.text()) })
	entries := make([]runlog.Entry, len(keys))
	for i, k := range keys {
		entries[i] = runlog.Entry{Code: codeDrift, Run: run, Fields: map[string]string{"system": k.system, "page": k.page, "name": k.name,
			"way": strconv.Itoa(k.way + 1), "served": k.served, "times": strconv.Itoa(d.times[k])}}
	}
	d.times = nil
	return entries
}

func (k driftedTo) text() string {
	return fmt.Sprintf("%s/%s/%s/%06d/%s", k.system, k.page, k.name, k.way, k.served)
}

// log writes what was counted as entries of a run.
func (d *drift) log(ctx context.Context, h *house, run string) error {
	entries := d.take(run)
	if len(entries) == 0 {
		return nil
	}
	for i := range entries {
		entries[i].At = h.clock.Now()
	}
	err := h.store.Write(ctx, func(t *store.Tx) error { return h.log.Append(t.Context(), t, seal.Key{}, entries...) })
	if err != nil {
		return fmt.Errorf("log what was found by a later way: %w", err)
	}
	return h.prove(ctx)
}
