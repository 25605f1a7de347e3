package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"byskriver/selectors"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// Page is a window that a caller has for itself, with cookies of its own. It
// keeps them until Reset or Release, so that one sign-in serves many items. A
// Page is used by one goroutine at a time.
//
// Names of elements, tables and messages are "page.name" or, for the page that
// At, Which, Wait or ClickTo last confirmed, just "name".
type Page struct {
	b       *Browser
	gen     *generation
	system  *selectors.System
	context *rod.Browser // the context of cookies
	egress  *egress      // the context's way out
	tab     *tab
	opens   int // of this tab
	typed   []typed
	at      string // the page last confirmed
	patient time.Duration

	mu       sync.Mutex // guards what events write
	boxes    []Box
	adopted  []*tab        // windows that the page has opened
	creating bool          // a tab of the page's own is being opened
	links    []link        // windows that came meanwhile
	news     chan struct{} // closed and replaced when a window has come
	answer   func(Box) (accept bool, text string)

	popup    bool // a window that another page has opened
	broken   bool // must not be used again as it is
	released bool
}

// typed is a value that was typed since the last press.
type typed struct {
	page    string
	element *selectors.Element
	spec    spec
	value   string
}

// System is the system whose selectors the page goes by.
func (p *Page) System() *selectors.System { return p.system }

// SetPatience changes how long this page waits for a state, from Config.Wait.
// Posting may take longer than looking something up.
func (p *Page) SetPatience(d time.Duration) { p.patient = d }

// Open goes to an address and returns when its document is there. It does not
// wait for everything in it; At does, for what matters.
func (p *Page) Open(ctx context.Context, url string) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("open a page: %w", err)
	}
	if p.b.cfg.RenewTab > 0 && p.opens >= p.b.cfg.RenewTab {
		if err := p.renew(ctx); err != nil {
			return fmt.Errorf("open a page: %w", err)
		}
	}
	p.opens++
	p.typed, p.at = nil, ""
	ctx, cancel := p.patience(ctx)
	defer cancel()
	var answer proto.PageNavigateResult
	if err := p.tab.do(ctx, proto.PageNavigate{URL: url}, &answer); err != nil {
		if errors.Is(err, errPatience) {
			p.tab.send(proto.PageStopLoading{})
		}
		return fmt.Errorf("open %s: %w", p.plain(url), p.slow(err, "an answer from "+p.plain(url)))
	}
	if answer.ErrorText != "" {
		return &Unreachable{System: p.system.Name, URL: p.plain(url), Reason: answer.ErrorText}
	}
	return nil
}

// renew puts a new tab in the place of the old one, in the same context: cookies
// stay, the memory of the old tab is given back.
func (p *Page) renew(ctx context.Context) error {
	old := p.tab
	if err := p.newTab(ctx); err != nil {
		return err
	}
	old.close()
	return nil
}

// link is a session that Chromium has attached to a window of the page's.
type link struct{ session, target string }

// newTab opens a tab in the page's context and makes it the page's own.
func (p *Page) newTab(ctx context.Context) error {
	p.mu.Lock()
	p.creating = true
	p.mu.Unlock()
	own, err := p.createTarget(ctx)
	p.mu.Lock()
	p.creating = false
	rest := p.links
	p.links = nil
	p.mu.Unlock()
	for _, l := range rest {
		if l != own {
			go p.adopt(l)
		}
	}
	if err != nil {
		return fmt.Errorf("open a tab: %w", err)
	}
	t, err := newTab(ctx, p.gen.process.conn, own, p.box)
	if err != nil {
		return err
	}
	p.tab, p.opens = t, 0
	return nil
}

// createTarget has Chromium open a tab and waits for the session that it attaches
// to it.
func (p *Page) createTarget(ctx context.Context) (link, error) {
	made, err := proto.TargetCreateTarget{URL: "about:blank", BrowserContextID: p.context.BrowserContextID}.Call(p.gen.rod.Context(ctx))
	if err != nil {
		return link{}, err
	}
	for {
		p.mu.Lock()
		i, more := slices.IndexFunc(p.links, func(l link) bool { return l.target == string(made.TargetID) }), p.news
		var l link
		if i >= 0 {
			l = p.links[i]
		}
		p.mu.Unlock()
		if i >= 0 {
			return l, nil
		}
		select {
		case <-more:
		case <-p.gen.process.conn.done:
			return link{}, p.gen.process.conn.err
		case <-ctx.Done():
			return link{}, context.Cause(ctx)
		}
	}
}

// attached hears of a window in the page's context: its own tab, or one that a
// tab has opened. It runs in the connection's reader.
func (p *Page) attached(l link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.creating {
		go p.adopt(l)
		return
	}
	p.links = append(p.links, l)
	p.tell()
}

// tell wakes everybody who waits for a window. p.mu is held.
func (p *Page) tell() {
	close(p.news)
	p.news = make(chan struct{})
}

// Reset gives the page a fresh context: no cookies, no windows, nothing kept.
func (p *Page) Reset(ctx context.Context) error {
	if p.released {
		return &Closed{What: "the page", Err: errors.New("it has been released")}
	}
	if p.popup {
		return errors.New("reset a page: a popup window is not reset but released")
	}
	p.dispose()
	p.gen.forget(p)
	p.typed, p.at, p.broken = nil, "", false
	p.mu.Lock()
	p.boxes, p.adopted = nil, nil
	p.mu.Unlock()
	gen, err := p.b.generation(ctx, p)
	if err != nil {
		return fmt.Errorf("reset a page: %w", err)
	}
	p.gen = gen
	if err := p.open(ctx); err != nil {
		p.broken = true
		return fmt.Errorf("reset a page: %w", err)
	}
	return nil
}

// open gives the page a context and a tab in it.
func (p *Page) open(ctx context.Context) error {
	out, err := openEgress()
	if err != nil {
		return err
	}
	c, err := proto.TargetCreateBrowserContext{ProxyServer: out.address(), ProxyBypassList: "<-loopback>"}.Call(p.gen.rod.Context(ctx))
	if err != nil {
		out.close()
		return fmt.Errorf("make a context: %w", err)
	}
	own := *p.gen.rod
	own.BrowserContextID = c.BrowserContextID
	p.context, p.egress = &own, out
	p.gen.windows.owner(c.BrowserContextID, p)
	return p.newTab(ctx)
}

// dispose gives the page's context back with every window in it.
func (p *Page) dispose() {
	if p.tab != nil {
		p.tab.fail(&Closed{What: "the page"})
		p.tab.conn.on(p.tab.session, nil)
	}
	p.mu.Lock()
	for _, t := range p.adopted {
		t.fail(&Closed{What: "the page"})
		t.conn.on(t.session, nil)
	}
	p.mu.Unlock()
	if p.context == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	p.gen.windows.owner(p.context.BrowserContextID, nil)
	err := proto.TargetDisposeBrowserContext{BrowserContextID: p.context.BrowserContextID}.Call(p.gen.rod.Context(ctx))
	if err != nil {
		p.gen.spoil() // it may still hold the context: start anew before long
	}
	p.egress.close()
	p.context, p.egress = nil, nil
}

// Release gives the page back. It must not be used afterwards.
func (p *Page) Release() {
	if p.released {
		return
	}
	p.released = true
	if p.popup {
		p.tab.close()
		return
	}
	p.dispose()
	p.gen.forget(p)
	<-p.b.out
}

func (p *Page) usable() error {
	if p.released {
		return &Closed{What: "the page", Err: errors.New("it has been released")}
	}
	if p.broken {
		return &Closed{What: "the page", Err: errors.New("it must be reset before it is used again")}
	}
	return nil
}

// errPatience is the cause of a context that ended because the page's patience was over.
var errPatience = errors.New("waited long enough")

// patience limits what is waited for to the page's patience.
func (p *Page) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, p.patient, errPatience)
}

// slow turns an end of patience into a *Slow; other errors stay as they are.
func (p *Page) slow(err error, waitedFor string) error {
	if errors.Is(err, errPatience) {
		return &Slow{System: p.system.Name, WaitedFor: waitedFor, For: p.patient}
	}
	return err
}

// plain is an address without what may be personal in it.
func (p *Page) plain(url string) string {
	url, _, _ = strings.Cut(url, "?")
	url, _, _ = strings.Cut(url, "#")
	if p.b.cfg.Mask != nil {
		url = string(p.b.cfg.Mask([]byte(url)))
	}
	return url
}

// place finds the page of the selectors and the bare name that a name stands for.
func (p *Page) place(name string) (*selectors.Page, string, error) {
	page, bare, dotted := strings.Cut(name, ".")
	if !dotted {
		page, bare = p.at, name
		if page == "" {
			return nil, "", fmt.Errorf("%s: no page has been confirmed yet; say page.%s or call At first", p.system.File, name)
		}
	}
	def, err := p.system.Page(page)
	return def, bare, err
}

func (p *Page) element(name string) (*selectors.Page, *selectors.Element, spec, error) {
	page, bare, err := p.place(name)
	if err != nil {
		return nil, nil, spec{}, err
	}
	el, err := page.Element(bare)
	if err != nil {
		return nil, nil, spec{}, fmt.Errorf("%s: %w", p.system.File, err)
	}
	return page, el, spec{Name: bare, Frame: page.Frame, Ways: el.Ways}, nil
}
