package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/go-rod/rod/lib/proto"
)

// Popup is a window that the page has opened beside itself.
type Popup struct {
	ID    string // Chromium's name for it
	URL   string
	Title string
}

// window is any window of a Chromium, as it tells of them.
type window struct {
	ID      string `json:"targetId"`
	Type    string `json:"type"`
	URL     string `json:"url"`
	Title   string `json:"title"`
	Context string `json:"browserContextId"`
}

// windows are those that are open now, kept by what Chromium tells.
type windows struct {
	mu      sync.Mutex
	open    []window
	owners  map[string]*Page // context of cookies -> the page that has it
	changed chan struct{}    // closed and replaced on every change
}

// owner notes which page has a context of cookies; nil for none any more.
func (w *windows) owner(context proto.BrowserBrowserContextID, p *Page) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p == nil {
		delete(w.owners, string(context))
		return
	}
	w.owners[string(context)] = p
}

// attached hands a window that Chromium holds back to the page that it belongs to.
func (w *windows) attached(params json.RawMessage) {
	var e struct {
		SessionID string `json:"sessionId"`
		Info      window `json:"targetInfo"`
	}
	if json.Unmarshal(params, &e) != nil {
		return
	}
	w.mu.Lock()
	p := w.owners[e.Info.Context]
	w.mu.Unlock()
	if p != nil {
		p.attached(link{e.SessionID, e.Info.ID})
	}
}

// event hears which windows come and go.
func (w *windows) event(method string, params json.RawMessage) {
	var e struct {
		TargetID string `json:"targetId"`
		Info     window `json:"targetInfo"`
	}
	switch method {
	case "Target.attachedToTarget":
		w.attached(params)
		return
	case "Target.targetCreated", "Target.targetInfoChanged", "Target.targetDestroyed":
		if json.Unmarshal(params, &e) != nil {
			return
		}
	default:
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.open, func(o window) bool { return o.ID == e.TargetID || o.ID == e.Info.ID })
	switch {
	case method == "Target.targetDestroyed" && i >= 0:
		w.open = slices.Delete(w.open, i, i+1)
	case method == "Target.targetDestroyed" || e.Info.Type != "page":
		return
	case i >= 0:
		w.open[i] = e.Info
	default:
		w.open = append(w.open, e.Info)
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// Popups lists the windows that stand open beside the page's own, oldest first.
func (p *Page) Popups() []Popup {
	list, _ := p.popups()
	return list
}

func (p *Page) popups() ([]Popup, chan struct{}) {
	w := p.gen.windows
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []Popup
	for _, o := range w.open {
		if p.context != nil && o.Context == string(p.context.BrowserContextID) && o.ID != p.tab.top {
			list = append(list, Popup{ID: o.ID, URL: o.URL, Title: o.Title})
		}
	}
	return list, w.changed
}

// ClosePopups closes every window beside the page's own, waits until they are
// gone, and returns what was closed.
func (p *Page) ClosePopups(ctx context.Context) ([]Popup, error) {
	if err := p.usable(); err != nil {
		return nil, fmt.Errorf("close popup windows: %w", err)
	}
	ctx, cancel := p.patience(ctx)
	defer cancel()
	closed, _ := p.popups()
	for _, w := range closed {
		// One that has closed itself meanwhile is as good.
		_, _ = p.tab.conn.Call(ctx, "", "Target.closeTarget", map[string]string{"targetId": w.ID})
	}
	for {
		left, changed := p.popups()
		if !slices.ContainsFunc(left, func(l Popup) bool {
			return slices.ContainsFunc(closed, func(c Popup) bool { return c.ID == l.ID })
		}) {
			return closed, nil
		}
		if err := p.await(ctx, changed, "popup windows to close"); err != nil {
			return nil, fmt.Errorf("close popup windows: %w", err)
		}
	}
}

// WaitPopup waits until a window stands open beside the page's own.
func (p *Page) WaitPopup(ctx context.Context) (Popup, error) {
	if err := p.usable(); err != nil {
		return Popup{}, fmt.Errorf("wait for a popup window: %w", err)
	}
	ctx, cancel := p.patience(ctx)
	defer cancel()
	for {
		list, changed := p.popups()
		for _, w := range list {
			if w.URL != "" && w.URL != "about:blank" {
				return w, nil
			}
		}
		if err := p.await(ctx, changed, "a popup window to open"); err != nil {
			return Popup{}, fmt.Errorf("wait for a popup window: %w", err)
		}
	}
}

// await waits for a channel to be closed, as long as the page lives.
func (p *Page) await(ctx context.Context, changed <-chan struct{}, waitedFor string) error {
	select {
	case <-changed:
		return nil
	case <-p.tab.dead:
		return p.tab.gone
	case <-p.tab.conn.done:
		return p.tab.conn.err
	case <-ctx.Done():
		return p.slow(context.Cause(ctx), waitedFor)
	}
}

// adopt takes in a window that a tab of the page has opened. Chromium holds it
// back until then, so that nothing happens in it unseen: a box that it opened
// would hold up the page, and nobody would answer.
func (p *Page) adopt(l link) {
	ctx, cancel := context.WithTimeout(context.Background(), p.b.cfg.Wait)
	defer cancel()
	t, err := newTab(ctx, p.gen.process.conn, l, p.box)
	if err != nil {
		return // it has closed itself already, or Enter says what is wrong
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.adopted = slices.DeleteFunc(p.adopted, func(o *tab) bool { return o.isDead() })
	p.adopted = append(p.adopted, t)
	p.tell()
}

// Enter gives a popup window as a page, to be read and pressed like any other. It
// shares cookies with the page that opened it, which also answers its boxes;
// Release closes its window only.
func (p *Page) Enter(ctx context.Context, w Popup) (*Page, error) {
	if err := p.usable(); err != nil {
		return nil, fmt.Errorf("enter a popup window: %w", err)
	}
	limit, cancel := p.patience(ctx)
	defer cancel()
	for {
		p.mu.Lock()
		i, more := slices.IndexFunc(p.adopted, func(t *tab) bool { return t.top == w.ID }), p.news
		var t *tab
		if i >= 0 {
			t = p.adopted[i]
		}
		p.mu.Unlock()
		if t != nil {
			return &Page{b: p.b, gen: p.gen, system: p.system, context: p.context, patient: p.patient, tab: t, popup: true, news: make(chan struct{})}, nil
		}
		if err := p.await(limit, more, "a popup window to be entered"); err != nil {
			return nil, fmt.Errorf("enter a popup window: %w", err)
		}
	}
}
