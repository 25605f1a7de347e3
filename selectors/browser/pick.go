package browser

import (
	"context"
	"fmt"
	"strings"

	"byskriver/selectors"

	"github.com/go-rod/rod/lib/proto"
)

// Pick types into a field that offers suggestions, presses the suggestion that
// has this whole text, and makes sure that the field shows it then. The field's
// kind says what counts as showing it.
func (p *Page) Pick(ctx context.Context, name, text, suggestion string) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("pick in %s: %w", name, err)
	}
	page, el, s, err := p.element(name)
	if err != nil {
		return fmt.Errorf("pick in %s: %w", name, err)
	}
	p.forget(page.Name, s.Name)
	d := p.deadline()
	if _, err := p.use(ctx, page, "focus", request{Specs: []spec{s}, Use: "fill"}, d); err != nil {
		return fmt.Errorf("pick in %s: %w", name, err)
	}
	events := []proto.Request{proto.InputInsertText{Text: text}}
	if el.Keys {
		events = keys(text)
	}
	if err := p.input(ctx, events, d); err != nil {
		return fmt.Errorf("pick in %s: %w", name, p.slow(err, "the page to take what is typed"))
	}
	option := spec{Name: "suggestion " + suggestion, Frame: page.Frame, Ways: []selectors.Way{
		{By: selectors.ByRole, Value: "option", Name: suggestion}, {By: selectors.ByText, Value: suggestion}}}
	if _, err := p.press(ctx, page, option, "click"); err != nil {
		return fmt.Errorf("pick in %s: %w", name, err)
	}
	out, err := p.use(ctx, page, "ready", request{Specs: []spec{s}, Use: "read"}, d)
	if err != nil {
		return fmt.Errorf("pick in %s: %w", name, err)
	}
	if got := out.Found[0].Value; !p.same(el, suggestion, got) {
		return fmt.Errorf("pick in %s: %w", name, notTaken(p.system.Name, page.Name, el.Name, suggestion, got, p.b.cfg.Mask))
	}
	p.remember([]typed{{page: page.Name, element: el, spec: s, value: suggestion}})
	return nil
}

// ClickText presses what says exactly this on the page that was last confirmed,
// for things whose text is only known while the robot runs, such as a day in a
// calendar. Everything else has a name in the selectors.
func (p *Page) ClickText(ctx context.Context, text string) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("press a text: %w", err)
	}
	page, err := p.system.Page(p.at)
	if err != nil {
		return fmt.Errorf("press a text: no page has been confirmed yet: %w", err)
	}
	text = strings.Join(strings.Fields(text), " ")
	s := spec{Name: "the text " + text, Frame: page.Frame, Ways: []selectors.Way{{By: selectors.ByText, Value: text}}}
	if _, err := p.press(ctx, page, s, "click"); err != nil {
		return fmt.Errorf("press a text: %w", err)
	}
	return nil
}

// input sends input events all at once and waits until the page has taken them.
func (p *Page) input(ctx context.Context, events []proto.Request, d deadline) error {
	ctx, cancel := context.WithTimeoutCause(ctx, d.left()+hang, errPatience)
	defer cancel()
	var under []*sent
	for _, e := range events {
		under = append(under, p.tab.send(e))
	}
	for _, s := range under {
		if _, err := p.tab.answer(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
