package limits

import (
	"context"
	"maps"
	"sync"
	"time"

	"byskriver/runner"
)

// alone is a desk in this program's memory.
type alone struct {
	clock  runner.Clock
	mu     sync.Mutex
	states map[string][]byte
}

// Alone is a desk that no other program sees: limits hold within this program, until it ends.
func Alone(clock runner.Clock) Desk { return &alone{clock: clock, states: map[string][]byte{}} }

// Systems are the states as they stand.
func (a *alone) Systems(context.Context) (map[string][]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.states), nil
}

// ChangeSystem changes a state, one caller at a time.
func (a *alone) ChangeSystem(_ context.Context, system string, change func([]byte, time.Time) ([]byte, error)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	next, err := change(a.states[system], a.clock.Now())
	if err == nil && next != nil {
		a.states[system] = next
	}
	return err
}
