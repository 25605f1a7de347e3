package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"byskriver/runner"
	"byskriver/runner/store"
)

// together has several writes share one commit: the first holds the writer until
// the others have been asked for.
func (d *desk) together(writes ...func(*store.Tx) error) []error {
	d.Helper()
	return d.by(d.Write, writes...)
}

// alone is together for writes that are alone in the section of new items.
func (d *desk) alone(writes ...func(*store.Tx) error) []error {
	d.Helper()
	return d.by(func(ctx context.Context, do func(*store.Tx) error) error {
		return d.WriteAlone(ctx, store.Items("invoice"), do)
	}, writes...)
}

func (d *desk) by(write func(context.Context, func(*store.Tx) error) error, writes ...func(*store.Tx) error) []error {
	d.Helper()
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		d.must(write(context.Background(), func(*store.Tx) error {
			close(held)
			<-release
			return nil
		}))
	})
	<-held
	errs := make([]error, len(writes))
	asked := make(chan struct{}, len(writes))
	for i, do := range writes {
		wg.Go(func() {
			ctx := &watched{Context: context.Background(), seen: asked}
			errs[i] = write(ctx, do)
		})
	}
	for range writes {
		<-asked
	}
	close(release)
	wg.Wait()
	return errs
}

// watched is a context that tells when it is waited on: its write is being asked for.
type watched struct {
	context.Context
	once sync.Once
	seen chan struct{}
}

// Done tells, once.
func (w *watched) Done() <-chan struct{} {
	w.once.Do(func() { w.seen <- struct{}{} })
	return w.Context.Done()
}

func (d *desk) prepared(key string) func(*store.Tx) error {
	d.Helper()
	n, err := d.Prepare("invoice", runner.Live, runner.Found{Key: key, Content: []byte(key)})
	d.must(err)
	return func(t *store.Tx) error { _, _, err := t.Add(n, morning); return err }
}

func (d *desk) has(key string) bool {
	d.Helper()
	_, err := d.ItemByKey(d.Context(), "invoice", runner.Live, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		d.Fatal(err)
	}
	return err == nil
}

var errRefused = errors.New("refused")

func testOneFailingWrite(d *desk) {
	fail := d.prepared("fails")
	errs := d.together(d.prepared("before"), func(t *store.Tx) error { return errors.Join(fail(t), errRefused) }, d.prepared("after"))
	d.must(errors.Join(errs[0], errs[2]))
	d.wantErr("the failing write", errs[1], errRefused)
	d.want("written", []any{d.has("before"), d.has("fails"), d.has("after")}, []any{true, false, true})
}

// Writes that are alone in a section share a commit on either database, and one that
// fails takes nothing with it, however it fails.
func testAloneTogether(d *desk) {
	fail := d.prepared("fails")
	breaks := func(*store.Tx) error { panic("i stykker") }
	wrong := func(t *store.Tx) error {
		_, err := t.ExecContext(t.Context(), `INSERT INTO nowhere (a) VALUES (1)`)
		return err
	}
	errs := d.alone(d.prepared("one"), func(t *store.Tx) error { return errors.Join(fail(t), errRefused) }, d.prepared("two"), breaks, wrong, d.prepared("three"))
	d.must(errors.Join(errs[0], errs[2], errs[5]))
	d.wantErr("the failing write", errs[1], errRefused)
	d.want("those that break", []any{errs[3] != nil, errs[4] != nil}, []any{true, true})
	d.want("written", []any{d.has("one"), d.has("two"), d.has("three"), d.has("fails")}, []any{true, true, true, false})
	// The section is free again, and who is gone does not write.
	d.must(d.WriteAlone(d.Context(), store.Items("invoice"), d.prepared("four")))
	gone, leave := context.WithCancel(d.Context())
	leave()
	d.wantErr("somebody who is gone", d.WriteAlone(gone, store.Items("invoice"), d.prepared("five")), context.Canceled)
	d.want("written", []any{d.has("four"), d.has("five")}, []any{true, false})
}

func testBreakingWrite(d *desk) {
	broken := d.prepared("breaks")
	errs := d.together(d.prepared("before"), func(t *store.Tx) error {
		d.must(broken(t))
		panic("i stykker")
	}, d.prepared("after"))
	d.must(errors.Join(errs[0], errs[2]))
	d.want("the panic is an error", errs[1] != nil && strings.Contains(errs[1].Error(), "i stykker"), true)
	d.want("written", []any{d.has("before"), d.has("breaks"), d.has("after")}, []any{true, false, true})
}

// A statement that the database refuses fails its own write, now and the second
// time, when it would be prepared, and nobody else's.
func testWrongStatement(d *desk) {
	wrong := func(t *store.Tx) error {
		_, err := t.ExecContext(t.Context(), `INSERT INTO nowhere (a) VALUES (1)`)
		return err
	}
	for i := range 3 {
		key := fmt.Sprint("beside ", i)
		errs := d.together(d.prepared(key), wrong)
		d.must(errs[0])
		d.want("the wrong one", errs[1] != nil, true)
		d.want("the other", d.has(key), true)
	}
}

func testManyWriters(d *desk) {
	const writers, each = 16, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				// Every key is found by two writers.
				n, err := d.Prepare("invoice", runner.Live, runner.Found{Key: fmt.Sprint(w/2, "-", i), Content: []byte("x")})
				if err != nil {
					d.Error(err)
					return
				}
				err = d.Write(context.Background(), func(t *store.Tx) error { _, _, err := t.Add(n, morning); return err })
				if err != nil {
					d.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	counts, err := d.Counts(d.Context(), "invoice", runner.Live)
	d.must(err)
	d.want("items", counts[runner.Ready], writers/2*each)
	d.want("no number is left out", d.row(fmt.Sprintf("invoice-2026-%06d", writers/2*each)).State, runner.Ready)
}

func testDurability(d *desk) {
	row := d.exception(d.add("8605010001", "indhold"))
	d.must(d.decide(row, row.Revision, runner.Decision{Action: "post", By: "Karen Holm", At: morning.Add(time.Minute)}))
	d.must(d.Shelf("invoice").Put(d.Context(), runner.Paper{Name: "plans", Data: []byte("plan")}))
	before := d.row(row.Number)
	d.anew()
	d.want("the item", d.row(row.Number), before)
	item := d.item(before)
	d.want("what it carries", []any{item.Key, string(item.Content), item.Decision.By}, []any{"8605010001", "indhold", "Karen Holm"})
	_, ok, err := d.Shelf("invoice").Paper(d.Context(), "plans")
	d.must(err)
	d.want("the paper", ok, true)
	d.want("numbers go on", d.add("next", "x").Number, "invoice-2026-000002")
}

func testClosed(d *desk) {
	d.must(d.Store.Close())
	if err := d.Write(context.Background(), func(*store.Tx) error { return nil }); err == nil {
		d.Error("a closed store takes a write")
	}
	d.Store = d.open()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d.wantErr("a write that nobody waits for", d.Write(ctx, func(*store.Tx) error { return nil }), context.Canceled)
}
