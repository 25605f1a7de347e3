package cli

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// pulse knows when each of serve's loops must turn again, by Clock.Running. A loop that
// works has no time: what it does has limits of its own.
type pulse struct {
	mu  sync.Mutex
	due map[string]time.Duration
}

// working stands where a loop works.
const working = time.Duration(-1)

// overdue is how late a loop may be on a busy machine before it counts as dead.
const overdue = 2 * time.Minute

func (p *pulse) waits(loop string, until time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.due == nil {
		p.due = map[string]time.Duration{}
	}
	p.due[loop] = until
}

func (p *pulse) works(loop string) { p.waits(loop, working) }

func (p *pulse) ends(loop string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.due, loop)
}

// dead are the loops that should have turned, in order; none is true where there is no
// loop at all.
func (p *pulse) dead(now time.Duration) (loops []string, none bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, loop := range slices.Sorted(maps.Keys(p.due)) {
		if at := p.due[loop]; at != working && now > at+overdue {
			loops = append(loops, loop)
		}
	}
	return loops, len(p.due) == 0
}
