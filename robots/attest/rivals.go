package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"byskriver/robots/attest/judge"
	"byskriver/robots/internal/digitalpost"
	"byskriver/robots/internal/ident"
	"byskriver/robots/internal/pdftext"
)

// about is whose certificate a page seems to be, and of which type; Type is "" where
// that cannot be told.
type about struct {
	cpr ident.CPR
	typ string
}

// mailbox is what the messages that are kept are about. Two answers about one order
// may lie there before either of them is looked at: then neither may pass for the
// only one.
type mailbox struct {
	mu     sync.Mutex
	looked bool               // every message is in pages, as of the last time that work was collected
	pages  map[string][]about // by message
}

// lookAgain has the messages looked through anew when the next answer is judged.
func (b *mailbox) lookAgain() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looked = false
}

// forget drops a message that is deleted.
func (b *mailbox) forget(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.pages, name)
}

// rivals reports whether another message that nobody has decided about yet has the
// same number, and the same type or one that cannot be told. Whoever sent it.
func (r *Robot) rivals(ctx context.Context, name string, reading judge.Reading) (bool, error) {
	b := r.mailbox
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.looked {
		if err := r.lookThrough(ctx); err != nil {
			return false, fmt.Errorf("look for other answers about the same order: %w", err)
		}
		b.looked = true
	}
	for other, pages := range b.pages {
		for _, p := range pages {
			if other != name && p.cpr == reading.CPR && (p.typ == reading.Type || p.typ == "") {
				return true, nil
			}
		}
	}
	return false, nil
}

// lookThrough reads the messages that have not been read yet; the mailbox's lock is
// held. What it has read before an error it need not read again.
func (r *Robot) lookThrough(ctx context.Context) error {
	kept := map[string]bool{}
	err := r.drawer.Each(ctx, inPost, func(name string, data []byte) error {
		kept[name] = true
		if _, read := r.mailbox.pages[name]; read {
			return nil
		}
		var l letter
		if err := json.Unmarshal(data, &l); err != nil {
			return err
		}
		pages, err := r.pagesOf(ctx, l.Raw)
		if err == nil {
			r.mailbox.pages[name] = pages
		}
		return err
	})
	if err != nil {
		return err
	}
	for name := range r.mailbox.pages {
		if !kept[name] {
			delete(r.mailbox.pages, name)
		}
	}
	return nil
}

// pagesOf is what each PDF of a message is about, where that can be told.
func (r *Robot) pagesOf(ctx context.Context, raw []byte) ([]about, error) {
	m, err := digitalpost.Parse(raw)
	if err != nil {
		return nil, nil // people look at it
	}
	var all []about
	for _, f := range m.PDFs() {
		reading, err := r.readPDF(ctx, f.Data)
		if errors.Is(err, pdftext.ErrLocked) || errors.Is(err, pdftext.ErrBroken) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if reading.CPR != "" {
			all = append(all, about{reading.CPR, reading.Type})
		}
	}
	return all, nil
}

// readPDF reads a PDF as an answer.
func (r *Robot) readPDF(ctx context.Context, data []byte) (judge.Reading, error) {
	text, err := r.systems.PDF.Read(ctx, data, pdftext.Limits{})
	if err != nil {
		return judge.Reading{}, err
	}
	return judge.Read(judge.Page{Text: text.Text, Images: text.Images}, r.settings.Policy.Types, r.settings.Policy.Images), nil
}
