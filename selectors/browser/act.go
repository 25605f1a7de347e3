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
	Token    int       `json:"token,omitempty"` // by which the landing of a press is known
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
	Foreign int       `json:"foreign"` // steps to a frame of another site that must be entered first
	Lack    string    `json:"lack"`
	Shown   []reading `json:"shown"`
	Overlay *struct {
		Index int `json:"index"`
		Depth int `json:"depth"`
	} `json:"overlay"`

	at *place // where it was asked
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
	return deadline{end: time.Now().Add(p.patient), total: p.patient}
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
	at := &place{}
	for {
		asked := req
		asked.MS, asked.Specs, asked.Verify = int(d.left().Milliseconds()), at.here(req.Specs), at.here(req.Verify)
		out := &answer{at: at}
		err := p.ask(ctx, at, fn, asked, out, d)
		if err == nil && out.Foreign > 0 {
			at, err = p.enter(ctx, at, asked.Specs[0].Frame[:out.Foreign])
			if err == nil {
				continue
			}
		}
		switch {
		case errors.Is(err, errNavigated):
			if d.over() {
				return nil, p.slow(errPatience, page.Name+" to stay still")
			}
			at = &place{}
		case err != nil:
			return nil, p.slow(err, fmt.Sprintf("an answer from the page, to find %s on %s", specNames(req.Specs), page.Name))
		case out.Overlay != nil && !d.over():
			if err := p.clear(ctx, at, page, out.Overlay.Index, out.Overlay.Depth, d); err != nil {
				return nil, err
			}
		case !out.OK:
			return nil, p.unusable(ctx, page, req, out)
		default:
			p.report(page, req.Specs, out.Found)
			return out, nil
		}
	}
}

// ask calls a script once, with a limit that holds also when the page hangs.
func (p *Page) ask(ctx context.Context, at *place, fn string, req, out any, d deadline) error {
	ctx, cancel := context.WithTimeoutCause(ctx, d.left()+hang, errPatience)
	defer cancel()
	return p.tab.call(ctx, at.frame, fn, req, out)
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
				return &Slow{System: p.system.Name, WaitedFor: page.Name + "." + req.Specs[i].Name + " on a page that is still being sent", For: p.patient}
			}
			return p.screenChanged(ctx, page, req.Specs[i].Name, tried(req.Specs[i], f.Tried), out.State)
		}
	}
	for i, f := range out.Found {
		if f.Lack != "" {
			return &Slow{System: p.system.Name, WaitedFor: fmt.Sprintf("%s.%s, which is there but %s", page.Name, req.Specs[i].Name, f.Lack), For: p.patient}
		}
	}
	return &Slow{System: p.system.Name, WaitedFor: page.Name + "." + specNames(req.Specs), For: p.patient}
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
	name := page.Name + "." + s.Name
	req := request{Specs: []spec{s}, Use: use}
	for _, t := range p.typed {
		req.Verify = append(req.Verify, t.spec)
	}
	for {
		req.Token = p.tab.token()
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
		landed, err := p.mouse(ctx, out, req.Token, d)
		if err != nil {
			return false, p.slow(err, "the page to answer to the press on "+name)
		}
		if landed.Hit == "hit" {
			checked = landed.Checked
			break
		}
		if landed.gone || d.over() {
			return false, &Slow{System: p.system.Name, WaitedFor: fmt.Sprintf("%s to stay where it is (the press landed on %s)", name, landed.Hit), For: d.total}
		}
	}
	p.typed = nil
	limit, cancel := context.WithTimeoutCause(ctx, d.left(), errPatience)
	defer cancel()
	if err := p.tab.settled(limit); err != nil && !errors.Is(err, p.tab.gone) {
		return false, p.slow(err, "the page that follows after pressing "+name)
	}
	return checked, nil
}

// clear presses away an overlay that is in the way.
func (p *Page) clear(ctx context.Context, at *place, page *selectors.Page, index, depth int, d deadline) error {
	o := p.system.Overlays[index]
	s := spec{Name: "overlay " + o.Name, Frame: at.rest(page.Frame)[:depth], Ways: o.Close}
	out := &answer{at: at}
	req := request{Specs: []spec{s}, Use: "click", MS: 1000, Token: p.tab.token()}
	if err := p.ask(ctx, at, "aim", req, out, d); err != nil || !out.OK {
		return ignoreNavigated(err) // gone or moving: the next look tells
	}
	_, err := p.mouse(ctx, out, req.Token, d)
	return p.slow(err, "the page to answer to the press on "+s.Name)
}

func ignoreNavigated(err error) error {
	if errors.Is(err, errNavigated) {
		return nil
	}
	return err
}

// landing is where a press landed.
type landing struct {
	Hit     string `json:"hit"` // "hit", or the element that it landed on, or ""
	Checked bool   `json:"checked"`

	gone bool // the document has left since
}

// mouse moves the mouse to a point, presses the left button there and asks where
// that landed. All of it is sent at once; Chromium keeps the order of the events,
// and the script waits for them.
func (p *Page) mouse(ctx context.Context, aimed *answer, token int, d deadline) (landing, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.left()+hang, errPatience)
	defer cancel()
	x, y, over, err := p.outermost(ctx, aimed.at, aimed.Found[0].X, aimed.Found[0].Y)
	if err != nil || over != "" {
		return landing{Hit: over}, ignoreNavigated(err)
	}
	left := 1
	events := []proto.Request{
		proto.InputDispatchMouseEvent{Type: proto.InputDispatchMouseEventTypeMouseMoved, X: x, Y: y},
		proto.InputDispatchMouseEvent{Type: proto.InputDispatchMouseEventTypeMousePressed, X: x, Y: y, Button: proto.InputMouseButtonLeft, Buttons: &left, ClickCount: 1},
		proto.InputDispatchMouseEvent{Type: proto.InputDispatchMouseEventTypeMouseReleased, X: x, Y: y, Button: proto.InputMouseButtonLeft, ClickCount: 1},
	}
	var out landing
	err = p.tab.together(ctx, aimed.at.frame, events, "pressed", nil, &out)
	var closed *Closed
	if errors.As(err, &closed) && p.tab.told(token) == "hit" {
		return landing{Hit: "hit"}, nil // the press has closed its own window
	}
	if errors.Is(err, errNavigated) {
		out.gone = true
		if out.Hit = p.tab.told(token); out.Hit == "" {
			out.Hit = "a page that came by itself"
		}
		return out, nil
	}
	return out, err
}
