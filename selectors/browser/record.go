package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"byskriver/selectors"

	"github.com/go-rod/rod/lib/proto"
)

// Recorded is an element that a person has shown.
type Recorded struct {
	Name  string            `json:"name"`  // a proposal, from what stands beside it
	Frame []selectors.Frame `json:"frame"` // the way to it through iframes
	Ways  []selectors.Way   `json:"ways"`  // three if there are; each leads to it alone
	Title string            `json:"title"` // of its document
}

// Record opens a browser at an address (visible if cfg.Headful) and tells each of
// every element that the person there presses with Ctrl held down. Presses
// without Ctrl use the page as always, so that one can sign in and move on. It
// ends when each wants no more, when the window is closed, or with ctx.
func Record(ctx context.Context, cfg Config, url string, each func(Recorded) (more bool, err error)) error {
	b, err := Start(ctx, cfg)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	r, err := newRecorder(ctx, b, url)
	if err == nil {
		err = r.run(ctx, each)
		r.page.Release()
	}
	if err != nil {
		err = fmt.Errorf("record: %w", err)
	}
	return errors.Join(err, b.Close())
}

// recorder is a page that a person points at.
type recorder struct {
	page  *Page
	heard chan Recorded
}

func newRecorder(ctx context.Context, b *Browser, url string) (*recorder, error) {
	p, err := b.Page(ctx, &selectors.System{Name: "record"})
	if err != nil {
		return nil, err
	}
	r := &recorder{page: p, heard: make(chan Recorded, 16)}
	p.tab.listen(r.heard)
	err = p.tab.do(ctx, proto.PageAddScriptToEvaluateOnNewDocument{Source: "by.record()", WorldName: world}, nil)
	if err == nil {
		err = p.Open(ctx, url)
	}
	if err != nil {
		p.Release()
		return nil, err
	}
	return r, nil
}

// run tells each of what is shown, until that is enough or the person has closed
// the window.
func (r *recorder) run(ctx context.Context, each func(Recorded) (more bool, err error)) error {
	for {
		select {
		case shown := <-r.heard:
			if more, err := each(shown); err != nil || !more {
				return err
			}
		case <-r.page.tab.dead:
			return nil
		case <-r.page.tab.conn.done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// listen has what a person shows sent to a channel. What finds it full is lost:
// nobody points that fast.
func (t *tab) listen(heard chan<- Recorded) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recorded = func(data json.RawMessage) {
		var r Recorded
		if json.Unmarshal(data, &r) != nil {
			return
		}
		select {
		case heard <- r:
		default:
		}
	}
}

// YAML is the entry for the selectors file, to be put under elements: of its
// page. The way through frames stands above it as a remark.
func (r Recorded) YAML() string {
	var b strings.Builder
	if len(r.Frame) > 0 {
		steps := make([]string, len(r.Frame))
		for i, f := range r.Frame {
			steps[i] = strconv.Quote(f.String())
		}
		fmt.Fprintf(&b, "# frame: [%s]\n", strings.Join(steps, ", "))
	}
	fmt.Fprintf(&b, "%s:\n", slug(r.Name))
	for _, w := range r.Ways {
		if w.Name != "" {
			fmt.Fprintf(&b, "  - {%s: %s, name: %s}\n", w.By, strconv.Quote(w.Value), strconv.Quote(w.Name))
		} else {
			fmt.Fprintf(&b, "  - {%s: %s}\n", w.By, strconv.Quote(w.Value))
		}
	}
	return b.String()
}

// slug makes a name for the file out of what a person reads.
func slug(s string) string {
	s = strings.NewReplacer("æ", "ae", "ø", "oe", "å", "aa").Replace(strings.ToLower(s))
	s = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, s), "_")
	for strings.Contains(s, "__") {
		s = strings.ReplaceAll(s, "__", "_")
	}
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "element_" + s
	}
	return strings.Trim(s, "_")
}
