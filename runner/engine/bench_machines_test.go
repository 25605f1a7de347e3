package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/runner/engine"
)

// BenchmarkMachines takes items through all of their life, as BenchmarkWholeLife does,
// on one PostgreSQL database shared by one, two and four machines; and in the same run
// River alone on the same database: a job of the same size inserted, taken up, and
// settled, with nothing that byskriver adds. All machines and the server stand on this
// one, so that more of them show what sharing costs, and not what more machines bring.
// Asked for with BYSKRIVER_TEST_DURABLE=1, every commit is synced.
func BenchmarkMachines(b *testing.B) {
	for _, machines := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("river/%d", machines), func(b *testing.B) { riverBare(b, machines) })
		b.Run(fmt.Sprintf("items/%d", machines), func(b *testing.B) { shared(b, machines) })
	}
}

// shared has machines find a share of the items each, and work whatever is ready.
func shared(b *testing.B, machines int) {
	h, e := newHouseOn(b, true), newERP()
	h.limits = engine.Limits{AtOnce: 200 / machines, Poll: 10 * time.Millisecond, Patience: time.Second}
	all := keys(b.N)
	engines := make([]*engine.Engine, machines)
	robots := make([]*robot, machines)
	for i := range machines {
		m := h.machine(fmt.Sprintf("rpa%d", i+1), clock.System{})
		engines[i] = engine.New(engine.Options{Store: m.store, Log: m.log, Clock: m.clock, Random: random(), Limits: m.limits, Machine: m.name,
			Systems: map[string]engine.System{"erp": {AtOnce: 200}}})
		robots[i] = &robot{name: "bench", work: func(ctx context.Context, c runner.Case) error { return e.once(ctx, c) },
			collect: findsAtOnce(64/machines, share(all, i, machines))}
	}
	b.ResetTimer()
	start := time.Now()
	var done atomic.Int64
	var wg sync.WaitGroup
	for i := range machines {
		wg.Go(func() {
			run, err := engines[i].Run(b.Context(), robots[i], engine.RunOptions{Mode: runner.Live})
			if err != nil {
				b.Error(err)
			}
			done.Add(int64(run.Result.Done))
		})
	}
	wg.Wait()
	if done.Load() != int64(b.N) || len(e.taken) != b.N {
		b.Fatalf("%d done, %d posted, of %d", done.Load(), len(e.taken), b.N)
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "items/s")
}

// share is every nth of all, from i on.
func share(all []string, i, n int) []string {
	var part []string
	for ; i < len(all); i += n {
		part = append(part, all[i])
	}
	return part
}

// findsAtOnce is a collect that finds items of 2 KB, so many at once.
func findsAtOnce(atOnce int, all []string) func(context.Context, runner.Finder) error {
	content := make([]byte, 2048)
	return func(_ context.Context, found runner.Finder) error {
		var next atomic.Int64
		errs := make([]error, atOnce)
		var wg sync.WaitGroup
		for w := range atOnce {
			wg.Go(func() {
				for i := next.Add(1) - 1; int(i) < len(all) && errs[w] == nil; i = next.Add(1) - 1 {
					_, errs[w] = found(runner.Found{Key: all[i], Content: content})
				}
			})
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// bareArgs are a job as big as an item.
type bareArgs struct {
	Content []byte `json:"content"`
}

// Kind is the job's kind.
func (bareArgs) Kind() string { return "bare" }

type bareWorker struct {
	river.WorkerDefaults[bareArgs]
	left *atomic.Int64
	done chan struct{}
}

// Work does nothing but count.
func (w *bareWorker) Work(context.Context, *river.Job[bareArgs]) error {
	if w.left.Add(-1) == 0 {
		close(w.done)
	}
	return nil
}

// riverBare inserts jobs one by one, 64 at once as items are found, and has them worked
// by so many clients. The time ends when all are settled in the database.
func riverBare(b *testing.B, clients int) {
	h := newHouseOn(b, true)
	left, done := &atomic.Int64{}, make(chan struct{})
	left.Store(int64(b.N))
	var all []*river.Client[*sql.Tx]
	for i := range clients {
		m := h.machine(fmt.Sprintf("rpa%d", i+1), clock.System{})
		workers := river.NewWorkers()
		river.AddWorker(workers, &bareWorker{left: left, done: done})
		c, err := river.NewClient(m.store.Driver(), &river.Config{ID: m.name, Workers: workers, Queues: map[string]river.QueueConfig{"bare": {MaxWorkers: 200 / clients}},
			FetchCooldown: river.FetchCooldownMin, FetchPollInterval: 10 * time.Millisecond})
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, c)
	}
	args := bareArgs{Content: make([]byte, 2048)}
	b.ResetTimer()
	start := time.Now()
	for _, c := range all {
		if err := c.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if _, err := all[w%clients].Insert(context.Background(), args, &river.InsertOpts{Queue: "bare"}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	<-done
	for _, c := range all {
		if err := c.Stop(context.Background()); err != nil {
			b.Error(err)
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "items/s")
}
