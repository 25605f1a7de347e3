package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"byskriver/selectors"
)

// Click presses an element as a mouse would and waits until every document that
// this asked for is there. What the page then shows is for At, Which or Wait.
func (p *Page) Click(ctx context.Context, name string) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("press %s: %w", name, err)
	}
	page, _, s, err := p.element(name)
	if err == nil {
		_, err = p.press(ctx, page, s, "click")
	}
	if err != nil {
		return fmt.Errorf("press %s: %w", name, err)
	}
	return nil
}

// ClickRow presses what stands in a column of the one row of a table that holds
// these values: the link or button there, or the cell itself.
func (p *Page) ClickRow(ctx context.Context, table string, where map[string]string, column string) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("press in %s: %w", table, err)
	}
	page, t, s, err := p.table(table)
	if err != nil {
		return fmt.Errorf("press in %s: %w", table, err)
	}
	s.Where, s.Column = where, column
	for name := range where {
		if _, ok := t.Columns[name]; !ok {
			return fmt.Errorf("press in %s: %s: table %s has no column %q", table, p.system.File, t.Name, name)
		}
	}
	if _, ok := t.Columns[column]; !ok {
		return fmt.Errorf("press in %s: %s: table %s has no column %q", table, p.system.File, t.Name, column)
	}
	if _, err := p.press(ctx, page, s, "click"); err != nil {
		return fmt.Errorf("press in %s: %w", table, err)
	}
	return nil
}

// Check presses a check box or radio button unless it is checked already, and
// makes sure that it is then.
func (p *Page) Check(ctx context.Context, name string) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("check %s: %w", name, err)
	}
	page, _, s, err := p.element(name)
	if err != nil {
		return fmt.Errorf("check %s: %w", name, err)
	}
	checked, err := p.press(ctx, page, s, "check")
	if err == nil && !checked {
		err = notTaken(p.system.Name, page.Name, s.Name, "checked", "unchecked", func(b []byte) []byte { return b })
	}
	if err != nil {
		return fmt.Errorf("check %s: %w", name, err)
	}
	return nil
}

// Choose takes the option of a list that has this text, or failing that this
// value.
func (p *Page) Choose(ctx context.Context, name, option string) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("choose in %s: %w", name, err)
	}
	page, el, s, err := p.element(name)
	if err != nil {
		return fmt.Errorf("choose in %s: %w", name, err)
	}
	out, err := p.use(ctx, page, "choose", request{Specs: []spec{s}, Use: "choose", Values: []string{option}}, p.deadline())
	if err == nil && out.Lack != "" {
		err = p.screenChanged(ctx, page, s.Name, []string{fmt.Sprintf("option %q: %s", option, out.Lack)}, out.State)
	}
	if err == nil && (len(out.Shown) != 1 || out.Shown[0].Value != strings.Join(strings.Fields(option), " ")) {
		err = notTaken(p.system.Name, page.Name, el.Name, option, out.Shown[0].Value, p.b.cfg.Mask)
	}
	if err != nil {
		return fmt.Errorf("choose in %s: %w", name, err)
	}
	return nil
}

// Text is what an element says, blanks run together.
func (p *Page) Text(ctx context.Context, name string) (string, error) {
	f, err := p.read(ctx, name)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return f.Text, nil
}

// Value is what a field holds.
func (p *Page) Value(ctx context.Context, name string) (string, error) {
	f, err := p.read(ctx, name)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return f.Value, nil
}

func (p *Page) read(ctx context.Context, name string) (found, error) {
	if err := p.usable(); err != nil {
		return found{}, err
	}
	page, _, s, err := p.element(name)
	if err != nil {
		return found{}, err
	}
	out, err := p.use(ctx, page, "ready", request{Specs: []spec{s}, Use: "read"}, p.deadline())
	if err != nil {
		return found{}, err
	}
	return out.Found[0], nil
}

func (p *Page) table(name string) (*selectors.Page, *selectors.Table, spec, error) {
	page, bare, err := p.place(name)
	if err != nil {
		return nil, nil, spec{}, err
	}
	t, err := page.Table(bare)
	if err != nil {
		return nil, nil, spec{}, fmt.Errorf("%s: %w", p.system.File, err)
	}
	ways := t.Find
	if ways == nil {
		ways = []selectors.Way{}
	}
	return page, t, spec{Name: bare, Frame: page.Frame, Ways: ways, Columns: t.Columns}, nil
}

// Rows reads a table: one map a row, by the names that the selectors give its
// columns. Two readings a frame apart have to agree, so that a table that is
// being drawn anew is not read half old and half new. Rows that one cell fills
// from side to side (remarks such as "Ingen bilag fundet") are left out.
func (p *Page) Rows(ctx context.Context, table string) ([]map[string]string, error) {
	if err := p.usable(); err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	page, t, s, err := p.table(table)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	d, at := p.deadline(), &place{}
	for {
		var out tableAnswer
		here := at.here([]spec{s})[0]
		err := p.ask(ctx, at, "rows", map[string]any{"table": here, "ms": d.left().Milliseconds()}, &out, d)
		if err == nil && out.Foreign > 0 {
			if at, err = p.enter(ctx, at, here.Frame[:out.Foreign]); err == nil {
				continue
			}
		}
		switch {
		case errors.Is(err, errNavigated) && !d.over():
			at = &place{}
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", table, p.slow(err, "an answer from the page"))
		case out.OK:
			return out.Rows, nil
		case out.Why == "changing all the time" || out.Why == "busy" || out.Why == "still being sent":
			return nil, fmt.Errorf("read %s: %w", table, &Slow{System: p.system.Name, WaitedFor: page.Name + "." + t.Name + " to stand still (" + out.Why + ")", For: d.total})
		default:
			return nil, fmt.Errorf("read %s: %w", table, p.screenChanged(ctx, page, t.Name, []string{out.Why}, out.State))
		}
	}
}

// tableAnswer is how the script for reading a table answers.
type tableAnswer struct {
	OK      bool                `json:"ok"`
	Why     string              `json:"why"` // what is wrong, if not OK
	Rows    []map[string]string `json:"rows"`
	State   docState            `json:"state"`
	Foreign int                 `json:"foreign"`
}
