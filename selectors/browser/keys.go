package browser

import (
	"context"
	"fmt"

	"github.com/go-rod/rod/lib/proto"
)

// fillKeys types a value key by key, for fields that listen to keys.
func (p *Page) fillKeys(ctx context.Context, t typed) error {
	d := p.deadline()
	var wrong []mistyped
	for again := 0; again <= retypes; again++ {
		back, err := p.typeKeys(ctx, t, d)
		if err != nil {
			return fmt.Errorf("fill in %s: %w", t.page, err)
		}
		if wrong = p.compare([]typed{t}, back); len(wrong) == 0 {
			p.remember([]typed{t})
			return nil
		}
	}
	return fmt.Errorf("fill in %s: %w", t.page, notTaken(p.system.Name, t.page, t.element.Name, t.value, wrong[0].shows, p.b.cfg.Mask))
}

// typeKeys puts the focus into a field, empties it, sends every character as a
// key, leaves the field and reads it back.
func (p *Page) typeKeys(ctx context.Context, t typed, d deadline) ([]reading, error) {
	page, err := p.system.Page(t.page)
	if err != nil {
		return nil, err
	}
	req := request{Specs: []spec{t.spec}, Use: "fill", Values: []string{t.value}}
	ready, err := p.use(ctx, page, "focus", req, d)
	if err != nil {
		return nil, err
	}
	limit, cancel := context.WithTimeoutCause(ctx, d.left()+hang, errPatience)
	defer cancel()
	var back answer
	req.Specs = ready.at.here(req.Specs)
	if err := p.tab.together(limit, ready.at.frame, keys(t.value), "filled", req, &back); err != nil {
		return nil, p.slow(err, "the page to take what is typed into "+t.spec.Name)
	}
	return back.Shown, nil
}

// keys are the key events of a text.
func keys(text string) []proto.Request {
	var list []proto.Request
	for _, r := range text {
		c := string(r)
		list = append(list,
			proto.InputDispatchKeyEvent{Type: proto.InputDispatchKeyEventTypeKeyDown, Text: c, UnmodifiedText: c, Key: c},
			proto.InputDispatchKeyEvent{Type: proto.InputDispatchKeyEventTypeKeyUp, Key: c})
	}
	return list
}
