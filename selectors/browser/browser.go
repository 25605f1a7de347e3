package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"byskriver/selectors"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// Browser is one Chromium and the pages handed out of it.
type Browser struct {
	cfg Config
	out chan struct{} // a place in it for each page that is out

	mu     sync.Mutex
	now    *generation // the Chromium that new pages come from; nil before the first and after a crash
	all    map[*generation]bool
	drift  map[Drift]int
	closed bool
}

// generation is one Chromium from its start to its end. Where one is started
// anew while pages are out, the old one stays until they are back.
type generation struct {
	b         *Browser
	process   *process
	rod       *rod.Browser
	windows   *windows
	downloads *downloads

	// guarded by Browser.mu
	pages   map[*Page]bool
	handed  int // pages handed out so far
	spoiled bool
}

const startLimit = 30 * time.Second

// Start starts Chromium and returns when it answers.
func Start(ctx context.Context, cfg Config) (*Browser, error) {
	cfg = cfg.withDefaults()
	b := &Browser{cfg: cfg, out: make(chan struct{}, cfg.MaxPages), all: map[*generation]bool{}, drift: map[Drift]int{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.renew(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// renew starts a Chromium for the pages to come. Browser.mu is held.
func (b *Browser) renew(ctx context.Context) error {
	p, err := launch(b.cfg)
	if err != nil {
		return err
	}
	g := &generation{b: b, process: p, pages: map[*Page]bool{}, windows: &windows{owners: map[string]*Page{}, changed: make(chan struct{})},
		downloads: &downloads{changed: make(chan struct{})}}
	p.conn.on("", func(method string, params json.RawMessage) {
		g.windows.event(method, params)
		g.downloads.event(method, params)
	})
	limit, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if _, err := p.conn.Call(limit, "", "Browser.getVersion", nil); err != nil {
		return errors.Join(fmt.Errorf("start %s: it does not answer: %w; it last said: %s", b.cfg.Bin, err, p.tail), p.stop(time.Second))
	}
	g.rod = rod.New().Client(p.conn).NoDefaultDevice()
	if err := g.rod.Connect(); err != nil {
		return errors.Join(fmt.Errorf("start %s: %w", b.cfg.Bin, err), p.stop(time.Second))
	}
	// Every window is held back until it has been seen to; tabs and the browser's
	// own pages are not windows in this sense.
	attach := proto.TargetSetAutoAttach{AutoAttach: true, WaitForDebuggerOnStart: true, Flatten: true,
		Filter: proto.TargetTargetFilter{{Type: "page"}, {Exclude: true}}}
	if err := attach.Call(g.rod.Context(limit)); err != nil {
		return errors.Join(fmt.Errorf("start %s: %w", b.cfg.Bin, err), p.stop(time.Second))
	}
	b.now = g
	b.all[g] = true
	return nil
}

// Page hands out a page with a context of its own, for a system. It waits while
// as many as Config.MaxPages are out.
func (b *Browser) Page(ctx context.Context, system *selectors.System) (*Page, error) {
	select {
	case b.out <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free page: %w", context.Cause(ctx))
	}
	p := &Page{b: b, system: system, patient: b.cfg.Wait, news: make(chan struct{})}
	gen, err := b.generation(ctx, p)
	if err != nil {
		<-b.out
		return nil, fmt.Errorf("get a page: %w", err)
	}
	p.gen = gen
	if err := p.open(ctx); err != nil {
		p.Release()
		return nil, fmt.Errorf("get a page: %w", err)
	}
	return p, nil
}

// generation is the Chromium that p is to come from, started anew if it is time.
func (b *Browser) generation(ctx context.Context, p *Page) (*generation, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, &Closed{What: "the browser"}
	}
	if b.now != nil && b.now.worn() {
		old := b.now
		b.now = nil
		b.retire(old)
	}
	if b.now == nil {
		if err := b.renew(ctx); err != nil {
			return nil, err
		}
	}
	b.now.pages[p] = true
	b.now.handed++
	return b.now, nil
}

// worn reports whether a Chromium has served its time.
func (g *generation) worn() bool {
	select {
	case <-g.process.conn.done:
		return true
	default:
	}
	cfg := g.b.cfg
	if g.spoiled || cfg.RestartPages > 0 && g.handed >= cfg.RestartPages {
		return true
	}
	if cfg.RestartBytes < 0 {
		return false
	}
	held, err := memory(g.process.pid)
	return err == nil && held > cfg.RestartBytes
}

// spoil has the Chromium started anew before the next page.
func (g *generation) spoil() {
	g.b.mu.Lock()
	defer g.b.mu.Unlock()
	g.spoiled = true
}

// forget takes back a page, and ends the Chromium if it was the last page of one
// that no new pages come from.
func (g *generation) forget(p *Page) {
	g.b.mu.Lock()
	defer g.b.mu.Unlock()
	delete(g.pages, p)
	if g.b.now != g {
		g.b.retire(g)
	}
}

// retire ends a Chromium that has no pages out. Browser.mu is held.
func (b *Browser) retire(g *generation) {
	if len(g.pages) > 0 || !b.all[g] {
		return
	}
	delete(b.all, g)
	// What cannot be ended within the limit is in the kernel's hands; the next
	// start removes its folder.
	_ = g.process.stop(3 * time.Second)
}

// Memory is what Chromium's processes hold that they share with nobody, in bytes.
func (b *Browser) Memory() (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var sum int64
	for g := range b.all {
		n, err := memory(g.process.pid)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// Drifts tells how often each later way has served since the start.
func (b *Browser) Drifts() map[Drift]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make(map[Drift]int, len(b.drift))
	for d, n := range b.drift {
		out[d] = n
	}
	return out
}

// drifted counts one use of a later way and tells of it.
func (b *Browser) drifted(d Drift) {
	b.mu.Lock()
	b.drift[d]++
	b.mu.Unlock()
	if b.cfg.OnDrift != nil {
		b.cfg.OnDrift(d)
	}
}

// Close ends Chromium with everything it started and removes its folder. Pages
// that are still out get *Closed.
func (b *Browser) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.now = nil
	var errs []error
	for g := range b.all {
		delete(b.all, g)
		errs = append(errs, g.process.stop(3*time.Second))
	}
	return errors.Join(errs...)
}
