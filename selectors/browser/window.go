package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-rod/rod/lib/proto"
)

// Box is a box of the browser's own that a page has opened: an alert, a question
// or a warning before leaving.
type Box struct {
	Kind     string // alert, confirm, prompt or beforeunload
	Text     string
	Accepted bool
}

// Answer sets how questions (confirm, prompt) are answered that the selectors
// say nothing about; without it they are declined. Alerts are always
// acknowledged, and a page may always be left. It must not call the page.
func (p *Page) Answer(how func(Box) (accept bool, text string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = how
}

// Boxes are the boxes that have been opened and answered since the last call.
func (p *Page) Boxes() []Box {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.boxes
	p.boxes = nil
	return list
}

// box answers a box that a tab has opened; everything in that tab stands still
// until then.
func (p *Page) box(e proto.PageJavascriptDialogOpening) {
	box := Box{Kind: string(e.Type), Text: e.Message}
	text := ""
	box.Accepted, text = p.decide(box)
	p.mu.Lock()
	p.boxes = append(p.boxes, box)
	tab := p.tab
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), p.patient)
	defer cancel()
	// A box that has been closed meanwhile needs no answer.
	_ = tab.do(ctx, proto.PageHandleJavaScriptDialog{Accept: box.Accepted, PromptText: text}, nil)
}

func (p *Page) decide(box Box) (bool, string) {
	if box.Kind == "alert" || box.Kind == "beforeunload" {
		return true, ""
	}
	for _, d := range p.system.Dialogs {
		if strings.Contains(box.Text, d.Text) {
			return d.Accept, ""
		}
	}
	p.mu.Lock()
	how := p.answer
	p.mu.Unlock()
	if how == nil {
		return false, ""
	}
	return how(box)
}

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
	changed chan struct{} // closed and replaced on every change
}

// event hears which windows come and go.
func (w *windows) event(method string, params json.RawMessage) {
	var e struct {
		TargetID string `json:"targetId"`
		Info     window `json:"targetInfo"`
	}
	switch method {
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

// Enter gives a popup window as a page, to be read and pressed like any other. It
// shares cookies with the page that opened it; Release closes its window only.
func (p *Page) Enter(ctx context.Context, w Popup) (*Page, error) {
	if err := p.usable(); err != nil {
		return nil, fmt.Errorf("enter a popup window: %w", err)
	}
	page, err := p.context.Context(ctx).PageFromTarget(proto.TargetTargetID(w.ID))
	if err != nil {
		return nil, fmt.Errorf("enter a popup window: %w", err)
	}
	child := &Page{b: p.b, gen: p.gen, system: p.system, context: p.context, patient: p.patient, popup: true}
	if child.tab, err = newTab(ctx, p.tab.conn, page, child.box); err != nil {
		return nil, fmt.Errorf("enter a popup window: %w", err)
	}
	return child, nil
}
