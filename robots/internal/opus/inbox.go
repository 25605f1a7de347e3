package opus

import "byskriver/selectors/browser"

// wanted is what the inbox is searched for; the zero value is nothing.
type wanted struct{ cvr, invoice, amount string }

func wantedOf(v Voucher) wanted { return wanted{v.CVR, v.Invoice, danish(v.Amount)} }

// answered is what a page's inbox shows. The zero value is a page that stands
// elsewhere.
type answered struct {
	open bool                // the inbox stands open with an answer to a search
	to   wanted              // that search, where its answer is whole on one page
	rows []map[string]string // and that answer
}

// row is the row of an answer that names a voucher, or nil.
func row(rows []map[string]string, number string) map[string]string {
	for _, r := range rows {
		if r["number"] == number {
			return r
		}
	}
	return nil
}

func (p *Portal) shows(page *browser.Page, w wanted) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown[page].to == w
}

// take takes what a page shows from the pages that nobody works on.
func (p *Portal) take(page *browser.Page) answered {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.shown[page]
	delete(p.shown, page)
	return a
}

// leave notes what a page shows that has been worked on. What another page shows
// of the same search is older, and no longer looked at.
func (p *Portal) leave(page *browser.Page, a answered) {
	if !a.open {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for other, older := range p.shown {
		if older.to == a.to {
			p.shown[other] = answered{open: true}
		}
	}
	p.shown[page] = a
}
