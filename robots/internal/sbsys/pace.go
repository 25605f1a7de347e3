package sbsys

import (
	"context"
	"fmt"
	"sync"
	"time"

	"byskriver/runner"
)

// pace keeps requests apart, and leaves the system alone after failures.
type pace struct {
	clock     runner.Clock
	gap, slow time.Duration
	trips     int
	rest      time.Duration

	mu       sync.Mutex
	next     time.Duration // by Clock.Running: no request before
	failures int           // in a row
	open     time.Duration // by Clock.Running: the breaker is open until then
}

// enter waits for the next place, or refuses while the breaker is open.
func (p *pace) enter(ctx context.Context) error {
	p.mu.Lock()
	now := p.clock.Running()
	if now < p.open {
		p.mu.Unlock()
		return outage(fmt.Sprintf("it is left alone for another %s", (p.open-now).Round(time.Second)), nil)
	}
	at := max(now, p.next)
	p.next = at + p.gap
	p.mu.Unlock()
	if err := p.clock.Wait(ctx, at-now); err != nil {
		return fmt.Errorf("wait for SBSYS: %w", err)
	}
	return nil
}

// failed counts a failure. After so many in a row, or at once where the system says
// for how long, the breaker opens.
func (p *pace) failed(rest time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures++
	if rest == 0 && p.failures < p.trips {
		return
	}
	p.failures = 0
	p.open = max(p.open, p.clock.Running()+max(rest, p.rest))
}

// answered says that an answer came as it should. A slow one counts as a failure.
func (p *pace) answered(took time.Duration) {
	if took > p.slow {
		p.failed(0)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures = 0
}
