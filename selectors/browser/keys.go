package browser

import (
	"context"
	"fmt"

	"github.com/go-rod/rod/lib/proto"
)

// fillKeys types a value key by key, for fields that listen to keys.
func (p *Page) fillKeys(ctx context.Context, t typed) error {
	d := p.deadline()
	var last []mistyped
	for again := 0; again <= retypes; again++ {
		if err := p.typeKeys(ctx, t, d); err != nil {
			return fmt.Errorf("fill in %s: %w", t.page, err)
		}
		var back answer
		if err := p.ask(ctx, "filled", request{Specs: []spec{t.spec}, Leave: true}, &back, d); err != nil {
			return fmt.Errorf("fill in %s: %w", t.page, p.slow(err, "the page to show what was typed into "+t.spec.Name))
		}
		if last = p.compare([]typed{t}, back.Shown); len(last) == 0 {
			p.remember([]typed{t})
			return nil
		}
	}
	return fmt.Errorf("fill in %s: %w", t.page, notTaken(p.system.Name, t.page, t.element.Name, t.value, last[0].shows, p.b.cfg.Mask))
}

// typeKeys puts the focus into a field, empties it and sends every character as
// a key, all at once; Chromium keeps their order.
func (p *Page) typeKeys(ctx context.Context, t typed, d deadline) error {
	page, err := p.system.Page(t.page)
	if err != nil {
		return err
	}
	if _, err := p.use(ctx, page, "focus", request{Specs: []spec{t.spec}, Use: "fill"}, d); err != nil {
		return err
	}
	var under []*sent
	for _, r := range t.value {
		text := string(r)
		under = append(under,
			p.tab.send(proto.InputDispatchKeyEvent{Type: proto.InputDispatchKeyEventTypeKeyDown, Text: text, UnmodifiedText: text, Key: text}),
			p.tab.send(proto.InputDispatchKeyEvent{Type: proto.InputDispatchKeyEventTypeKeyUp, Key: text}))
	}
	limit, cancel := context.WithTimeoutCause(ctx, d.left()+hang, errPatience)
	defer cancel()
	for _, s := range under {
		if _, err := p.tab.answer(limit, s); err != nil {
			return p.slow(err, "the page to take what is typed into "+t.spec.Name)
		}
	}
	return nil
}
