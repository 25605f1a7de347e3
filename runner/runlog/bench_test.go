package runlog

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// durable is how the store opens SQLite: WAL, and every commit on disk.
const durable = "&_pragma=synchronous(FULL)"

func benchHouse(b *testing.B, lines io.Writer) *house {
	b.Helper()
	db := openDB(b, filepath.Join(b.TempDir(), "log.db"), durable)
	migrate(b, db)
	return houseOn(b, db, func(o *Options) { o.Lines = lines })
}

// fourOf are the entries of one item's life.
func fourOf(i int) []Entry {
	item := fmt.Sprintf("invoice-2026-%06d", i)
	run := "invoice-20260302-0515"
	return []Entry{
		{Code: "item.found", Run: run, Item: item, Text: "Faktura fundet i mappen.", Fields: map[string]string{"source": "faktura.xml"}},
		{Code: "item.decided", Run: run, Item: item, Text: "Reglen betalingsplan gav: kontér.", Fields: map[string]string{"rule": "plan", "plan": "17"}},
		{Code: "step.made", Run: run, Item: item, Text: "Bogført i OPUS.", Fields: map[string]string{"step": "post", "system": "opus", "voucher": strconv.Itoa(i)}},
		{Code: "item.done", Run: run, Item: item, Text: "Fakturaen er bogført."},
	}
}

// BenchmarkAppendAndSequence is the whole way of an entry: sealed, written with
// its item's three others, numbered, signed over and written as a JSON line. Each
// round is one transaction of so many items, and then a Flush.
func BenchmarkAppendAndSequence(b *testing.B) {
	for _, items := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			h := benchHouse(b, io.Discard)
			n := 0
			cpu := cpuTime(b)
			for b.Loop() {
				err := h.inTx(func(tx *sql.Tx) error {
					for range items {
						entries := fourOf(n)
						n++
						if err := h.log.Append(b.Context(), tx, h.keys.of(entries[0].Item), entries...); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				h.flush()
			}
			b.ReportMetric(float64(4*n)/b.Elapsed().Seconds(), "entries/s")
			b.ReportMetric(float64(cpuTime(b)-cpu)/float64(4*n)/1e3, "cpu-µs/entry")
		})
	}
}

// BenchmarkSeal is what is done before the transaction begins.
func BenchmarkSeal(b *testing.B) {
	h := benchHouse(b, nil)
	entries := fourOf(1)
	key := h.keys.of(entries[0].Item)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.log.Seal(key, entries...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify verifies a log of BYSKRIVER_LOG_ENTRIES entries (100,000 if not
// set), four an item, each item with a key of its own, and a checkpoint every
// 4,096 entries.
func BenchmarkVerify(b *testing.B) {
	n := 100_000
	if s := os.Getenv("BYSKRIVER_LOG_ENTRIES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	h := benchHouse(b, nil)
	h.log = h.open(func(o *Options) { o.Keys, o.Lines = h.derivedKeys, nil })
	start := time.Now()
	h.load(n)
	b.Logf("written and numbered: %d entries in %s", n, time.Since(start).Round(time.Millisecond))
	runtime.GC()
	cpu, rounds := cpuTime(b), 0
	for b.Loop() {
		stop := peakHeap()
		r := h.verify()
		peak := stop()
		if !r.OK() || r.Entries != int64(n) {
			b.Fatal(r.Text())
		}
		b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
		rounds++
	}
	b.ReportMetric(float64(n*rounds)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(cpuTime(b)-cpu)/float64(n*rounds)/1e3, "cpu-µs/entry")
}

// cpuTime is the processor time that this process has had. On a machine that
// others work on too it tells more than the clock.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// derivedKeys makes an item's key anew each time, at about the cost of unwrapping
// one, so that a benchmark's memory is not that of a million keys.
func (h *house) derivedKeys(_ context.Context, _ Querier, items []string) ([]Held, error) {
	held := make([]Held, len(items))
	for i, item := range items {
		key, err := h.ring.Derived(item)
		if err != nil {
			return nil, err
		}
		held[i] = Held{Key: key, State: KeyThere}
	}
	return held, nil
}

// load writes and numbers n entries, a thousand items a transaction.
func (h *house) load(n int) {
	h.t.Helper()
	for i := 0; i < n/4; {
		err := h.inTx(func(tx *sql.Tx) error {
			var rows []Sealed
			for end := min(i+1000, n/4); i < end; i++ {
				entries := fourOf(i)
				key, err := h.ring.Derived(entries[0].Item)
				if err != nil {
					return err
				}
				sealed, err := h.log.Seal(key, entries...)
				if err != nil {
					return err
				}
				rows = append(rows, sealed...)
			}
			return h.log.Write(context.Background(), tx, rows...)
		})
		if err != nil {
			h.t.Fatal(err)
		}
		h.flush()
	}
}

// peakHeap watches how much of the heap is in use, and returns a function that
// stops watching and tells the most that was seen, in bytes.
func peakHeap() (stop func() uint64) {
	var peak atomic.Uint64
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
			select {
			case <-quit:
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 { close(quit); <-done; return peak.Load() }
}
