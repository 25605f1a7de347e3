package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"byskriver/selectors"

	"github.com/go-rod/rod/lib/proto"
)

// spec is a name with the ways to find it, as the scripts take it.
type spec struct {
	Name    string            `json:"name"`
	Frame   []selectors.Frame `json:"frame"`
	Ways    []selectors.Way   `json:"ways"`
	Hidden  bool              `json:"hidden,omitempty"`  // need not be visible
	Columns map[string]string `json:"columns,omitempty"` // a cell of a table:
	Where   map[string]string `json:"where,omitempty"`   // of the row that holds this
	Column  string            `json:"column,omitempty"`  // in this column
}

// request is what the scripts for using elements are asked.
type request struct {
	Specs    []spec    `json:"specs"`
	Use      string    `json:"use"` // read, fill, choose, check, click or upload
	MS       int       `json:"ms"`  // how long to wait, in milliseconds
	Values   []string  `json:"values,omitempty"`
	Leave    bool      `json:"leave,omitempty"`
	Verify   []spec    `json:"verify,omitempty"`
	Overlays []overlay `json:"overlays,omitempty"`
}

type overlay struct {
	Name string          `json:"name"`
	Ways []selectors.Way `json:"ways"`
}

// answer is how they answer.
type answer struct {
	OK      bool      `json:"ok"`
	State   docState  `json:"state"`
	Found   []found   `json:"found"`
	Lack    string    `json:"lack"`
	Shown   []reading `json:"shown"`
	Overlay *struct {
		Index int `json:"index"`
		Depth int `json:"depth"`
	} `json:"overlay"`
}

type docState struct {
	Ready  string `json:"ready"` // loading, interactive or complete
	URL    string `json:"url"`
	Status int    `json:"status"` // of the answer that brought the document; 0 if not known
}

// found is how one name stands.
type found struct {
	Way     int      `json:"way"` // which way serves; -1 if none
	Tried   []string `json:"tried"`
	Lack    string   `json:"lack"` // why it cannot be used, or ""
	X       float64  `json:"x"`
	Y       float64  `json:"y"`
	Foreign int      `json:"foreign"`
	Value   string   `json:"value"`
	Text    string   `json:"text"`
	Checked bool     `json:"checked"`
	Kind    string   `json:"kind"` // an input's type
}

type reading struct {
	There bool   `json:"there"`
	Value string `json:"value"`
}

// deadline is how much is left of the patience for one action.
type deadline struct {
	end   time.Time
	total time.Duration
}

func (p *Page) deadline() deadline {
	return deadline{end: time.Now().Add(p.b.cfg.Wait), total: p.b.cfg.Wait}
}

func (d deadline) left() time.Duration { return max(time.Until(d.end), 0) }
func (d deadline) over() bool          { return time.Until(d.end) <= 0 }

// hang is how much longer than asked a script may take before the page counts
// as hanging.
const hang = 2 * time.Second

// use asks a script until everything in the request can be used, over as many
// documents as come and go meanwhile.
func (p *Page) use(ctx context.Context, page *selectors.Page, fn string, req request, d deadline) (*answer, error) {
	for _, o := range p.system.Overlays {
		req.Overlays = append(req.Overlays, overlay{Name: o.Name, Ways: o.Close})
	}
	for {
		req.MS = int(d.left().Milliseconds())
		out := &answer{}
		err := p.ask(ctx, fn, req, out, d)
		switch {
		case errors.Is(err, errNavigated):
			if d.over() {
				return nil, p.slow(errPatience, page.Name+" to stay still")
			}
			continue
		case err != nil:
			return nil, p.slow(err, fmt.Sprintf("an answer from the page, to find %s on %s", specNames(req.Specs), page.Name))
		case out.Overlay != nil && !d.over():
			if err := p.clear(ctx, page, out.Overlay.Index, out.Overlay.Depth, d); err != nil {
				return nil, err
			}
			continue
		case !out.OK:
			return nil, p.unusable(ctx, page, req, out)
		}
		p.report(page, req.Specs, out.Found)
		return out, nil
	}
}

// ask calls a script once, with a limit that holds also when the page hangs.
func (p *Page) ask(ctx context.Context, fn string, req, out any, d deadline) error {
	ctx, cancel := context.WithTimeoutCause(ctx, d.left()+hang, errPatience)
	defer cancel()
	return p.tab.call(ctx, "", fn, req, out)
}

// report tells of every name that a later way than the first has served.
func (p *Page) report(page *selectors.Page, specs []spec, list []found) {
	for i, f := range list {
		if f.Way > 0 && i < len(specs) && f.Way < len(specs[i].Ways) {
			p.b.drifted(Drift{System: p.system.Name, Page: page.Name, Name: specs[i].Name,
				Way: f.Way, Served: specs[i].Ways[f.Way].String()})
		}
	}
}

// unusable is the error for a request that found no end. Something that is not
// there at all on a page that has been read means that the screen has changed;
// something that is there and cannot be used, or a page that is still being
// read, means that it was slow.
func (p *Page) unusable(ctx context.Context, page *selectors.Page, req request, out *answer) error {
	if out.State.Status >= 500 {
		return &Unreachable{System: p.system.Name, URL: p.plain(out.State.URL), Reason: fmt.Sprintf("HTTP %d", out.State.Status)}
	}
	for i, f := range out.Found {
		if f.Way < 0 {
			if out.State.Ready == "loading" {
				return &Slow{System: p.system.Name, WaitedFor: page.Name + "." + req.Specs[i].Name + " on a page that is still being sent", For: p.b.cfg.Wait}
			}
			return p.screenChanged(ctx, page, req.Specs[i].Name, tried(req.Specs[i], f.Tried), out.State)
		}
	}
	for i, f := range out.Found {
		if f.Lack != "" {
			return &Slow{System: p.system.Name, WaitedFor: fmt.Sprintf("%s.%s, which is there but %s", page.Name, req.Specs[i].Name, f.Lack), For: p.b.cfg.Wait}
		}
	}
	return &Slow{System: p.system.Name, WaitedFor: page.Name + "." + specNames(req.Specs), For: p.b.cfg.Wait}
}

// tried joins the ways with what each of them found.
func tried(s spec, results []string) []string {
	if len(s.Ways) == 0 {
		return results
	}
	var list []string
	for i, w := range s.Ways {
		text := w.String()
		if i < len(results) {
			text += " " + results[i]
		}
		list = append(list, text)
	}
	return list
}

func specNames(list []spec) string {
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// screenChanged is the error for something that is not there, with what shows
// instead, as far as the system's own probes know it.
func (p *Page) screenChanged(ctx context.Context, page *selectors.Page, name string, tried []string, at docState) error {
	e := &ScreenChanged{System: p.system.Name, Page: page.Name, Name: name, Tried: tried, URL: p.plain(at.URL)}
	e.Shows = p.showing(ctx)
	return e
}

// press presses what spec names and waits until every document that this has
// asked for is there.
func (p *Page) press(ctx context.Context, page *selectors.Page, s spec, use string) (checked bool, err error) {
	d := p.deadline()
	req := request{Specs: []spec{s}, Use: use}
	for _, t := range p.typed {
		req.Verify = append(req.Verify, t.spec)
	}
	var hit struct {
		Hit     string `json:"hit"`
		Checked bool   `json:"checked"`
	}
	for {
		out, err := p.use(ctx, page, "aim", req, d)
		if err != nil {
			return false, err
		}
		if use == "check" && out.Found[0].Checked {
			return true, nil
		}
		if err := p.stillTyped(out.Shown); err != nil {
			return false, err
		}
		if err := p.mouse(ctx, out.Found[0].X, out.Found[0].Y, d); err != nil {
			return false, p.slow(err, "the page to take the press on "+page.Name+"."+s.Name)
		}
		err = p.ask(ctx, "pressed", nil, &hit, d)
		if errors.Is(err, errNavigated) {
			hit.Hit = "hit" // the document that was pressed has left already
		} else if err != nil {
			return false, p.slow(err, "the page to answer after the press on "+page.Name+"."+s.Name)
		}
		if hit.Hit == "hit" {
			break
		}
		if d.over() {
			return false, &Slow{System: p.system.Name, WaitedFor: fmt.Sprintf("%s.%s to stay where it is (the press landed on %s)", page.Name, s.Name, hit.Hit), For: d.total}
		}
	}
	p.typed = nil
	limit, cancel := context.WithTimeoutCause(ctx, d.left(), errPatience)
	defer cancel()
	if err := p.tab.settled(limit); err != nil {
		return false, p.slow(err, "the page that follows after pressing "+page.Name+"."+s.Name)
	}
	return hit.Checked, nil
}

// clear presses away an overlay that is in the way.
func (p *Page) clear(ctx context.Context, page *selectors.Page, index, depth int, d deadline) error {
	o := p.system.Overlays[index]
	s := spec{Name: "overlay " + o.Name, Frame: page.Frame[:depth], Ways: o.Close}
	out := &answer{}
	if err := p.ask(ctx, "aim", request{Specs: []spec{s}, Use: "click", MS: 1000}, out, d); err != nil || !out.OK {
		return ignoreNavigated(err) // gone or moving: the next look tells
	}
	if err := p.mouse(ctx, out.Found[0].X, out.Found[0].Y, d); err != nil {
		return p.slow(err, "the page to take the press on "+s.Name)
	}
	return ignoreNavigated(p.ask(ctx, "pressed", nil, nil, d))
}

func ignoreNavigated(err error) error {
	if errors.Is(err, errNavigated) {
		return nil
	}
	return err
}

// mouse moves the mouse to a point and presses the left button there. The three
// events are sent at once; Chromium keeps their order.
func (p *Page) mouse(ctx context.Context, x, y float64, d deadline) error {
	ctx, cancel := context.WithTimeoutCause(ctx, d.left()+hang, errPatience)
	defer cancel()
	left := 1
	events := []proto.InputDispatchMouseEvent{
		{Type: proto.InputDispatchMouseEventTypeMouseMoved, X: x, Y: y},
		{Type: proto.InputDispatchMouseEventTypeMousePressed, X: x, Y: y, Button: proto.InputMouseButtonLeft, Buttons: &left, ClickCount: 1},
		{Type: proto.InputDispatchMouseEventTypeMouseReleased, X: x, Y: y, Button: proto.InputMouseButtonLeft, ClickCount: 1},
	}
	var under []*sent
	for _, e := range events {
		under = append(under, p.tab.send(e))
	}
	for _, s := range under {
		if _, err := p.tab.answer(ctx, s); err != nil && !errors.Is(err, errNavigated) {
			return err
		}
	}
	return nil
}
