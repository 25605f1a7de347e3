package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/engine"
)

// BenchmarkWholeLife takes items through all of their life, each carrying 2 KB,
// with one Once and four log entries, on SQLite with every commit synced. The
// system answers at once, so that what is measured is the house alone.
func BenchmarkWholeLife(b *testing.B) {
	h := newHouse(b)
	h.limits = engine.Limits{AtOnce: 200, Poll: 10 * time.Millisecond, Patience: time.Second}
	e := newERP()
	content := make([]byte, 2048)
	r := &robot{name: "bench", work: func(ctx context.Context, c runner.Case) error { return e.once(ctx, c) }}
	r.collect = func(_ context.Context, found runner.Finder) error {
		keys := make(chan int)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				for i := range keys {
					if _, err := found(runner.Found{Key: fmt.Sprint(i), Content: content}); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for i := range b.N {
			keys <- i
		}
		close(keys)
		wg.Wait()
		r.collect = finds()
		return nil
	}
	eng := engine.New(engine.Options{Store: h.store, Log: h.log, Clock: h.clock, Random: random(), Limits: h.limits,
		Systems: map[string]engine.System{"erp": {AtOnce: 200}}})
	b.ResetTimer()
	start := time.Now()
	run, err := eng.Run(b.Context(), r, engine.RunOptions{Mode: runner.Live})
	if err != nil || run.Result.Done != b.N {
		b.Fatalf("%+v, %v", run.Result, err)
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "items/s")
}
