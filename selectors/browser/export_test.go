package browser

import (
	"context"

	"byskriver/selectors"

	"github.com/go-rod/rod/lib/proto"
)

// Crash has Chromium end the page's renderer as if it had run into an error.
func (p *Page) Crash() { p.tab.conn.send(p.tab.session, "Page.crash", nil) }

// PID is the process group of the Chromium that new pages come from.
func (b *Browser) PID() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now.process.pid
}

// RecordWith is Record with a hand that does what a person would.
func RecordWith(ctx context.Context, cfg Config, system *selectors.System, url string, hand func(*Page) error, each func(Recorded) (bool, error)) error {
	b, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer b.Close()
	r, err := newRecorder(ctx, b, url)
	if err != nil {
		return err
	}
	defer r.page.Release()
	r.page.system = system
	if err := hand(r.page); err != nil {
		return err
	}
	return r.run(ctx, each)
}

// CtrlPress presses an element with the mouse while Ctrl is held.
func (p *Page) CtrlPress(ctx context.Context, name string) error {
	page, _, s, err := p.element(name)
	if err != nil {
		return err
	}
	d := p.deadline()
	out, err := p.use(ctx, page, "ready", request{Specs: []spec{s}, Use: "click"}, d)
	if err != nil {
		return err
	}
	ctrl, left, f := 2, 1, out.Found[0]
	return p.input(ctx, []proto.Request{
		proto.InputDispatchMouseEvent{Type: "mouseMoved", X: f.X, Y: f.Y, Modifiers: ctrl},
		proto.InputDispatchMouseEvent{Type: "mousePressed", X: f.X, Y: f.Y, Button: "left", Buttons: &left, ClickCount: 1, Modifiers: ctrl},
		proto.InputDispatchMouseEvent{Type: "mouseReleased", X: f.X, Y: f.Y, Button: "left", ClickCount: 1, Modifiers: ctrl},
	}, d)
}
