package browser

import (
	"context"
	"fmt"
	"slices"

	"byskriver/selectors"

	"github.com/go-rod/rod/lib/proto"
)

// Field is a value for an element.
type Field struct {
	Name  string
	Value string
}

// retypes is how often a value that a field did not take is typed once more.
const retypes = 2

// Fill types a value into a field in place of what is there, leaves the field,
// and reads it back. A field that does not hold the value then (by its declared
// kind) is typed into anew; the error is *NotTaken if that does not help either.
func (p *Page) Fill(ctx context.Context, name, value string) error {
	return p.FillAll(ctx, Field{name, value})
}

// FillAll is Fill for many fields of one page, in the order given: they are found
// in one round trip, the values are sent without waiting for each other, and all
// are read back in another. Lists (select) take the option of that text.
func (p *Page) FillAll(ctx context.Context, fields ...Field) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("fill in a form: %w", err)
	}
	var batch []typed
	for _, f := range fields {
		page, el, s, err := p.element(f.Name)
		if err != nil {
			return fmt.Errorf("fill in a form: %w", err)
		}
		t := typed{page: page.Name, element: el, spec: s, value: f.Value}
		switch {
		case el.Keys:
			err = p.fillBatch(ctx, batch)
			if err == nil {
				err = p.fillKeys(ctx, t)
			}
			batch = nil
		case len(batch) > 0 && batch[0].page != t.page:
			err = p.fillBatch(ctx, batch)
			batch = []typed{t}
		default:
			batch = append(batch, t)
		}
		if err != nil {
			return err
		}
	}
	return p.fillBatch(ctx, batch)
}

// fillBatch fills fields of one page that take text at once.
func (p *Page) fillBatch(ctx context.Context, batch []typed) error {
	if len(batch) == 0 {
		return nil
	}
	for _, t := range batch {
		p.forget(t.page, t.spec.Name)
	}
	d := p.deadline()
	wrong, err := p.fillOnce(ctx, batch, d)
	if err != nil {
		return fmt.Errorf("fill in %s: %w", batch[0].page, err)
	}
	for _, w := range wrong {
		one := []typed{w.typed}
		for again := 0; again < retypes; again++ {
			left, err := p.fillOnce(ctx, one, d)
			if err != nil {
				return fmt.Errorf("fill in %s: %w", w.page, err)
			}
			if len(left) == 0 {
				one = nil
				break
			}
			w = left[0]
		}
		if one != nil {
			return fmt.Errorf("fill in %s: %w", w.page, notTaken(p.system.Name, w.page, w.element.Name, w.value, w.shows, p.b.cfg.Mask))
		}
	}
	p.remember(batch)
	return nil
}

// remember keeps what was typed, to be looked at once more before the next press.
func (p *Page) remember(batch []typed) {
	for _, t := range batch {
		p.forget(t.page, t.spec.Name)
		p.typed = append(p.typed, t)
	}
}

// forget drops what was typed into a field before.
func (p *Page) forget(page, name string) {
	p.typed = slices.DeleteFunc(p.typed, func(o typed) bool { return o.page == page && o.spec.Name == name })
}

// mistyped is a value that a field did not take.
type mistyped struct {
	typed
	shows string
}

// fillOnce types all values once and returns those that the fields do not hold.
func (p *Page) fillOnce(ctx context.Context, batch []typed, d deadline) ([]mistyped, error) {
	page, err := p.system.Page(batch[0].page)
	if err != nil {
		return nil, err
	}
	req := request{Use: "fill"}
	for _, t := range batch {
		req.Specs = append(req.Specs, t.spec)
		req.Values = append(req.Values, t.value)
	}
	ready, err := p.use(ctx, page, "fill", req, d)
	if err != nil {
		return nil, err
	}
	var texts []proto.Request
	for i, t := range batch {
		if t.value != "" && typable(ready.Found[i].Kind) {
			texts = append(texts, proto.InputInsertText{Text: t.value})
		}
	}
	limit, cancel := context.WithTimeoutCause(ctx, d.left()+hang, errPatience)
	defer cancel()
	var back answer
	req.Specs = ready.at.here(req.Specs)
	if err := p.tab.together(limit, ready.at.frame, texts, "filled", req, &back); err != nil {
		return nil, p.slow(err, "the page to take what is typed into "+specNames(req.Specs))
	}
	return p.compare(batch, back.Shown), nil
}

// typable reports whether a field of that type takes text. The script sets the
// others.
func typable(kind string) bool {
	switch kind {
	case "date", "time", "datetime-local", "month", "week", "color", "range", "select-one":
		return false
	}
	return true
}

func (p *Page) compare(batch []typed, back []reading) []mistyped {
	var wrong []mistyped
	for i, t := range batch {
		if i >= len(back) || !back[i].There || !p.same(t.element, t.value, back[i].Value) {
			m := mistyped{typed: t}
			if i < len(back) {
				m.shows = back[i].Value
			}
			wrong = append(wrong, m)
		}
	}
	return wrong
}

// same compares by the kind that the element is declared to hold.
func (p *Page) same(el *selectors.Element, want, shows string) bool {
	if own, ok := p.b.cfg.Kinds[el.Kind]; ok {
		return own(want, shows)
	}
	return selectors.Same(el.Kind, want, shows)
}

// stillTyped makes sure, before a press, that the fields still hold what was
// typed since the last one: some pages clear or replace it a moment later.
func (p *Page) stillTyped(back []reading) error {
	for i, t := range p.typed {
		if i < len(back) && back[i].There && !p.same(t.element, t.value, back[i].Value) {
			return notTaken(p.system.Name, t.page, t.element.Name, t.value, back[i].Value, p.b.cfg.Mask)
		}
	}
	return nil
}
