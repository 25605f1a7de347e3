package browser_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"byskriver/selectors/browser"
)

// start starts a browser for one test.
func start(t *testing.T, change func(*browser.Config)) *browser.Browser {
	t.Helper()
	cfg := config()
	change(&cfg)
	b, err := browser.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func page(t *testing.T, b *browser.Browser) *browser.Page {
	t.Helper()
	p, err := b.Page(t.Context(), shared.system)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// signedIn reports whether the page has the cookie of a session.
func signedIn(t *testing.T, p *browser.Page) bool {
	t.Helper()
	if err := p.Open(t.Context(), shared.url+"/session"); err != nil {
		t.Fatal(err)
	}
	at, err := p.Which(t.Context(), "work", "signin")
	if err != nil {
		t.Fatal(err)
	}
	return at == "work"
}

func signIn(t *testing.T, p *browser.Page) {
	t.Helper()
	if err := p.Open(t.Context(), shared.url+"/session?begin"); err != nil {
		t.Fatal(err)
	}
}

func TestPagesAreIsolatedAndKeepTheirSession(t *testing.T) {
	b := start(t, func(c *browser.Config) { c.RenewTab = 2 })
	one, two := page(t, b), page(t, b)
	signIn(t, one)
	for range 5 { // over several tabs
		if !signedIn(t, one) {
			t.Fatal("the session was lost with the tab")
		}
	}
	if signedIn(t, two) {
		t.Fatal("another page has the session")
	}
	if err := one.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if signedIn(t, one) {
		t.Fatal("the session outlived a reset")
	}
	signIn(t, one)
	one.Release()
	one.Release() // does nothing
	if three := page(t, b); signedIn(t, three) {
		t.Fatal("the session outlived its page")
	}
	var closed *browser.Closed
	if err := one.Open(t.Context(), shared.url); !errors.As(err, &closed) {
		t.Fatalf("got %v", err)
	}
}

func TestPoolWaitsWhenAllAreOut(t *testing.T) {
	b := start(t, func(c *browser.Config) { c.MaxPages = 1 })
	first := page(t, b)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.Page(ctx, shared.system); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	got := make(chan error, 1)
	go func() {
		p, err := b.Page(t.Context(), shared.system)
		if err == nil {
			p.Release()
		}
		got <- err
	}()
	first.Release()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}

func TestRestartAfterPagesAndMemory(t *testing.T) {
	for name, change := range map[string]func(*browser.Config){
		"pages":  func(c *browser.Config) { c.RestartPages = 1 },
		"memory": func(c *browser.Config) { c.RestartBytes = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, change)
			held := page(t, b)
			signIn(t, held)
			first := b.PID()
			second := page(t, b)
			if b.PID() == first {
				t.Fatal("not started anew")
			}
			if !signedIn(t, held) || signedIn(t, second) {
				t.Fatal("the page that was out did not live on by itself")
			}
			held.Release()
			if left := members(first, false); len(left) != 0 {
				t.Fatalf("the old one is still there: %v", left)
			}
		})
	}
}

// TestManyPages takes BYSKRIVER_PAGES pages, one after the other, through form
// and receipt, and looks whether anything grows.
func TestManyPages(t *testing.T) {
	count := 60
	if n, err := strconv.Atoi(os.Getenv("BYSKRIVER_PAGES")); err == nil {
		count = n
	}
	b := start(t, func(c *browser.Config) { c.RestartPages, c.RestartBytes = -1, -1 })
	warm := count / 4
	var before usage
	began := time.Now()
	for i := range count {
		if i == warm {
			before = used(t, b)
		}
		p := page(t, b)
		if err := oneForm(t.Context(), p, shared.url); err != nil {
			t.Fatalf("page %d: %v", i, err)
		}
		p.Release()
	}
	after := used(t, b)
	t.Logf("%d pages, %v each; after %d: %v; at the end: %v", count, (time.Since(began) / time.Duration(count)).Round(time.Millisecond), warm, before, after)
	if after.chromium > before.chromium+80<<20 {
		t.Errorf("Chromium grew from %d to %d MiB", before.chromium>>20, after.chromium>>20)
	}
	if after.processes > before.processes+2 || after.goroutines > before.goroutines+5 || after.files > before.files+5 || after.heap > before.heap+16<<20 {
		t.Errorf("something is not given back: %+v, then %+v", before, after)
	}
}

type usage struct {
	chromium   int64 // bytes
	heap       uint64
	processes  int
	goroutines int
	files      int
}

func used(t *testing.T, b *browser.Browser) usage {
	t.Helper()
	chromium, err := b.Memory()
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return usage{chromium, m.HeapAlloc, len(members(b.PID(), false)), runtime.NumGoroutine(), len(files)}
}
