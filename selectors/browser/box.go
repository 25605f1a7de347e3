package browser

import (
	"context"
	"strings"

	"github.com/go-rod/rod/lib/proto"
)

// Box is a box of the browser's own that a page has opened: an alert, a question
// or a warning before leaving.
type Box struct {
	Kind     string // alert, confirm, prompt or beforeunload
	Text     string
	Accepted bool
}

// Answer sets how questions (confirm, prompt) are answered that the selectors
// say nothing about; without it they are declined. Alerts are always
// acknowledged, and a page may always be left. It must not call the page.
func (p *Page) Answer(how func(Box) (accept bool, text string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = how
}

// Boxes are the boxes that have been opened and answered since the last call, by
// the page and by windows that it has opened.
func (p *Page) Boxes() []Box {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.boxes
	p.boxes = nil
	return list
}

// box answers a box that one of the page's tabs has opened; everything in that
// tab, and in those that it shares a process with, stands still until then.
func (p *Page) box(t *tab, e proto.PageJavascriptDialogOpening) {
	box := Box{Kind: string(e.Type), Text: e.Message}
	var text string
	box.Accepted, text = p.decide(box)
	p.mu.Lock()
	p.boxes = append(p.boxes, box)
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), p.b.cfg.Wait)
	defer cancel()
	// A box that has been closed meanwhile needs no answer.
	_ = t.do(ctx, proto.PageHandleJavaScriptDialog{Accept: box.Accepted, PromptText: text}, nil)
}

func (p *Page) decide(box Box) (bool, string) {
	if box.Kind == "alert" || box.Kind == "beforeunload" {
		return true, ""
	}
	for _, d := range p.system.Dialogs {
		if strings.Contains(box.Text, d.Text) {
			return d.Accept, ""
		}
	}
	p.mu.Lock()
	how := p.answer
	p.mu.Unlock()
	if how == nil {
		return false, ""
	}
	return how(box)
}
