package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/runner"
	"byskriver/runner/engine"
)

// BenchmarkWholeLife takes items through all of their life, each carrying 2 KB,
// with one Once and four log entries, on SQLite with every commit synced, or on
// PostgreSQL (BYSKRIVER_TEST_DATABASE=postgres BYSKRIVER_TEST_DURABLE=1). The system answers at once, so that what is measured is the house alone.
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

// BenchmarkWindow measures what window is left between the last look at the claim and
// the arrival of the request at the system: nothing of ours stands between, but the
// request has to be written and read.
func BenchmarkWindow(b *testing.B) {
	h := newHouse(b)
	h.limits = engine.Limits{AtOnce: 4, Poll: 10 * time.Millisecond, Patience: time.Second}
	var mu sync.Mutex
	var begun = map[string]time.Time{}
	var took []time.Duration
	system := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		took = append(took, time.Since(begun[req.URL.Path]))
	}))
	defer system.Close()
	e := newERP()
	r := &robot{name: "bench", collect: finds(keys(b.N)...), work: func(ctx context.Context, c runner.Case) error {
		key := c.Item().Key
		_, err := c.Once(ctx, runner.Step{Name: "post", System: "erp"}, func(context.Context) (runner.Sight, error) { return e.find(key) },
			func(context.Context) error {
				path := "/" + strings.ReplaceAll(key, " ", "-")
				mu.Lock()
				begun[path] = time.Now()
				mu.Unlock()
				resp, err := http.Get(system.URL + path)
				if err != nil {
					return err
				}
				return errors.Join(resp.Body.Close(), e.post(key))
			})
		return err
	}}
	b.ResetTimer()
	if run := h.run(r, engine.RunOptions{}); run.Result.Done != b.N || len(took) != b.N {
		b.Fatalf("%+v, %d requests", run.Result, len(took))
	}
	slices.Sort(took)
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
	b.ReportMetric(us(took[len(took)/2]), "µs-median")
	b.ReportMetric(us(took[len(took)*99/100]), "µs-99th")
	b.ReportMetric(us(took[len(took)-1]), "µs-longest")
}
