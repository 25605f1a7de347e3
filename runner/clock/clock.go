// Package clock has the system's clock, and one for tests that moves only when
// it is told to.
package clock

import (
	"context"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// System is the machine's own clock.
type System struct{}

// Now is the wall clock.
func (System) Now() time.Time { return time.Now() }

// Running is the time since the machine was started, sleep included
// (CLOCK_BOOTTIME), so that it runs on while the process or machine is stopped.
func (System) Running() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic("byskriver: the kernel has no CLOCK_BOOTTIME: " + err.Error())
	}
	return time.Duration(ts.Nano())
}

// Boot is the kernel's name of this start of the machine, or "" where it gives none.
func (System) Boot() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "" // nothing compares then, which is what the caller must do with ""
	}
	return strings.TrimSpace(string(b))
}

// Wait returns after d, or with the context's error.
func (System) Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Manual is a clock for tests. Wait returns when Advance has passed its moment.
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	running time.Duration
	waiters map[chan struct{}]time.Duration
}

// NewManual is a clock that stands at now.
func NewManual(now time.Time) *Manual {
	return &Manual{now: now, waiters: map[chan struct{}]time.Duration{}}
}

// Now is where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Running is how far the clock has been advanced.
func (m *Manual) Running() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.running
}

// Boot is the same for every manual clock.
func (*Manual) Boot() string { return "manual" }

// Advance moves the clock on and wakes those whose time has come.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
	m.running += d
	for ch, at := range m.waiters {
		if at <= m.running {
			close(ch)
			delete(m.waiters, ch)
		}
	}
}

// Wait returns when the clock has been advanced by d, or with the context's error.
func (m *Manual) Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	ch := make(chan struct{})
	m.mu.Lock()
	m.waiters[ch] = m.running + d
	m.mu.Unlock()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		m.mu.Lock()
		delete(m.waiters, ch)
		m.mu.Unlock()
		return ctx.Err()
	}
}
