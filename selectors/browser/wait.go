package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/selectors"
)

// Seen is an outcome that showed.
type Seen struct {
	Name string // as it was asked for: a page, or page.message
	Text string // what the page says there, blanks run together
}

// outcome is something that can show, as the scripts take it.
type outcome struct {
	Name  string            `json:"name"`
	Frame []selectors.Frame `json:"frame"`
	Ways  []selectors.Way   `json:"ways"`

	page *selectors.Page
}

// outcomes looks up pages and messages by name.
func (p *Page) outcomes(names []string) ([]outcome, error) {
	if len(names) == 0 {
		return nil, errors.New("nothing was named to wait for")
	}
	var list []outcome
	for _, name := range names {
		if page, ok := p.system.Pages[name]; ok {
			list = append(list, outcome{Name: name, Frame: page.Frame, Ways: page.Probe, page: page})
			continue
		}
		page, bare, err := p.place(name)
		if err != nil {
			return nil, err
		}
		ways, ok := page.Messages[bare]
		if !ok {
			return nil, fmt.Errorf("%s: %q is neither a page nor a message of page %s", p.system.File, name, page.Name)
		}
		list = append(list, outcome{Name: name, Frame: page.Frame, Ways: ways, page: page})
	}
	return list, nil
}

// shows is how the scripts answer about outcomes.
type shows struct {
	OK  bool `json:"ok"`
	Got struct {
		Name string `json:"name"`
		Text string `json:"text"`
		Way  int    `json:"way"`
	} `json:"got"`
	State docState `json:"state"`
	Tried []struct {
		Name    string   `json:"name"`
		Tried   []string `json:"tried"`
		Foreign int      `json:"foreign"`
	} `json:"tried"`
}

// At makes sure that this is the page: it waits for the page's probe. The error
// is *ScreenChanged if a page answered that is not this one, *Slow if none was
// ready in time, *Unreachable if the system answered with an error of its own.
func (p *Page) At(ctx context.Context, page string) error {
	_, err := p.Which(ctx, page)
	return err
}

// Which waits until one of several pages is there and says which. The first in
// the list wins where the probes of several show.
func (p *Page) Which(ctx context.Context, pages ...string) (string, error) {
	for _, name := range pages {
		if _, err := p.system.Page(name); err != nil {
			return "", err
		}
	}
	seen, err := p.Wait(ctx, pages...)
	return seen.Name, err
}

// Wait waits until one of several outcomes shows: a page's probe, or a message
// named page.message. The first in the list wins.
func (p *Page) Wait(ctx context.Context, outcomes ...string) (Seen, error) {
	if err := p.usable(); err != nil {
		return Seen{}, fmt.Errorf("wait for %s: %w", strings.Join(outcomes, " or "), err)
	}
	list, err := p.outcomes(outcomes)
	if err == nil {
		var seen Seen
		if seen, err = p.wait(ctx, list, false, p.deadline()); err == nil {
			return seen, nil
		}
	}
	return Seen{}, fmt.Errorf("wait for %s: %w", strings.Join(outcomes, " or "), err)
}

// ClickTo presses an element and waits for one of several outcomes. What showed
// before the press does not count, unless the page shows it anew.
func (p *Page) ClickTo(ctx context.Context, name string, outcomes ...string) (Seen, error) {
	list, err := p.outcomes(outcomes)
	if err != nil {
		return Seen{}, fmt.Errorf("press %s: %w", name, err)
	}
	d := p.deadline()
	if err := p.ask(ctx, &place{}, "mark", map[string]any{"list": list}, nil, d); err != nil && !errors.Is(err, errNavigated) {
		return Seen{}, fmt.Errorf("press %s: %w", name, p.slow(err, "an answer from the page"))
	}
	if err := p.Click(ctx, name); err != nil {
		return Seen{}, err
	}
	seen, err := p.wait(ctx, list, true, p.deadline())
	if err != nil {
		return Seen{}, fmt.Errorf("after pressing %s, wait for %s: %w", name, strings.Join(outcomes, " or "), err)
	}
	return seen, nil
}

// ClickOnce is ClickTo for a press that changes something in the system. The
// request that it leads to is sent once: where the connection is cut before an
// answer, Chromium alone would send it again. After an error other than one that
// names what could not be found or pressed, it may have been sent.
func (p *Page) ClickOnce(ctx context.Context, name string, outcomes ...string) (Seen, error) {
	if p.egress != nil {
		defer p.egress.once()()
	}
	return p.ClickTo(ctx, name, outcomes...)
}

// WaitText waits until the page that was last confirmed says one of these texts
// somewhere, and returns the whole sentence around it.
func (p *Page) WaitText(ctx context.Context, texts ...string) (string, error) {
	if err := p.usable(); err != nil {
		return "", fmt.Errorf("wait for a text: %w", err)
	}
	page, err := p.system.Page(p.at)
	if err != nil {
		return "", fmt.Errorf("wait for a text: no page has been confirmed yet: %w", err)
	}
	var list []outcome
	for _, text := range texts {
		list = append(list, outcome{Name: fmt.Sprintf("%q", text), Frame: page.Frame,
			Ways: []selectors.Way{{By: selectors.ByText, Value: text}}, page: page})
	}
	seen, err := p.wait(ctx, list, false, p.deadline())
	if err != nil {
		return "", fmt.Errorf("wait for a text: %w", err)
	}
	return seen.Text, nil
}

// turn is how long each document is watched where outcomes may show in several
// that no one script can see together.
const turn = 100 * time.Millisecond

// wait waits for one of the outcomes over as many documents as come and go.
func (p *Page) wait(ctx context.Context, list []outcome, fresh bool, d deadline) (Seen, error) {
	groups := []watched{{at: &place{}, list: list}}
	for {
		var last shows
		for i := 0; i < len(groups); i++ {
			g := &groups[i]
			limit := d.left()
			if len(groups) > 1 {
				limit = min(limit, turn)
			}
			out := shows{}
			err := p.ask(ctx, g.at, "shows", map[string]any{"list": g.here(), "fresh": fresh, "ms": limit.Milliseconds()}, &out, d)
			if err == nil && !out.OK {
				groups, err = p.split(ctx, groups, i, out)
			}
			switch {
			case errors.Is(err, errNavigated):
				groups = []watched{{at: &place{}, list: list}}
			case err != nil:
				return Seen{}, p.slow(err, outcomeNames(list)+" on a page that does not answer")
			case out.OK:
				return p.saw(list, out)
			default:
				last.State, last.Tried = out.State, append(last.Tried, out.Tried...)
			}
		}
		if d.over() {
			return Seen{}, p.notShown(ctx, list, last, fresh, d)
		}
	}
}

// watched are the outcomes that show in documents which one place can see.
type watched struct {
	at   *place
	list []outcome
}

func (g *watched) here() []outcome {
	out := make([]outcome, len(g.list))
	for i, o := range g.list {
		o.Frame = g.at.rest(o.Frame)
		out[i] = o
	}
	return out
}

// split gives outcomes that show in a frame of another site a group of their own.
func (p *Page) split(ctx context.Context, groups []watched, i int, out shows) ([]watched, error) {
	g := groups[i]
	var stay []outcome
	for k, t := range out.Tried {
		if t.Foreign == 0 {
			stay = append(stay, g.list[k])
			continue
		}
		at, err := p.enter(ctx, g.at, g.at.rest(g.list[k].Frame)[:t.Foreign])
		if err != nil {
			return groups, err
		}
		groups = append(groups, watched{at: at, list: []outcome{g.list[k]}})
	}
	if len(stay) == len(g.list) {
		return groups, nil
	}
	groups[i].list = stay
	if len(stay) == 0 {
		groups = slices.Delete(groups, i, i+1)
	}
	return groups, nil
}

// saw notes which page is confirmed and reports drift of its probe.
func (p *Page) saw(list []outcome, out shows) (Seen, error) {
	for _, o := range list {
		if o.Name == out.Got.Name {
			p.at = o.page.Name
			if o.Name != o.page.Name {
				continue // a message may be said in several ways; that is no drift
			}
			p.report(o.page, []spec{{Name: o.Name, Ways: o.Ways}}, []found{{Way: out.Got.Way}})
		}
	}
	return Seen{Name: out.Got.Name, Text: out.Got.Text}, nil
}

// notShown is the error for outcomes that did not come.
func (p *Page) notShown(ctx context.Context, list []outcome, out shows, fresh bool, d deadline) error {
	if out.State.Status >= 500 {
		return &Unreachable{System: p.system.Name, URL: p.plain(out.State.URL), Reason: fmt.Sprintf("HTTP %d", out.State.Status)}
	}
	if out.State.Ready == "loading" || fresh || len(list) > 0 && list[0].Name != list[0].page.Name {
		return &Slow{System: p.system.Name, WaitedFor: outcomeNames(list), For: d.total}
	}
	var all []string
	for i, t := range out.Tried {
		if len(list) > 1 {
			all = append(all, t.Name+": "+strings.Join(tried(spec{Ways: list[i].Ways}, t.Tried), ", "))
		} else {
			all = append(all, tried(spec{Ways: list[i].Ways}, t.Tried)...)
		}
	}
	return p.screenChanged(ctx, list[0].page, "", all, out.State)
}

func outcomeNames(list []outcome) string {
	var names []string
	for _, o := range list {
		names = append(names, o.Name)
	}
	return strings.Join(names, " or ")
}

// showing lists the system's pages whose probes show now.
func (p *Page) showing(ctx context.Context) []string {
	var names []string
	for name, page := range p.system.Pages {
		limit, cancel := context.WithTimeout(ctx, time.Second)
		var out shows
		err := p.tab.call(limit, "", "shows", map[string]any{"list": []outcome{{Name: name, Frame: page.Frame, Ways: page.Probe}}, "ms": 0}, &out)
		cancel()
		if err == nil && out.OK {
			names = append(names, name)
		}
	}
	return names
}
