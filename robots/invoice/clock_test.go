package invoice

import (
	"context"
	"sync"
	"time"
)

// noon is when the tests take place: Saturday 21 November 2026, one o'clock in
// Denmark.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// handClock stands still until it is moved.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *handClock { return &handClock{now: noon} }

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) Running() time.Duration { return c.Now().Sub(noon) }

func (c *handClock) Wait(ctx context.Context, d time.Duration) error {
	c.pass(d)
	return ctx.Err()
}

// pass moves the clock on.
func (c *handClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
