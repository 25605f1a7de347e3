package browser

// Crash has Chromium end the page's renderer as if it had run into an error.
func (p *Page) Crash() { p.tab.conn.send(p.tab.session(), "Page.crash", nil) }

// PID is the process group of the Chromium that new pages come from.
func (b *Browser) PID() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now.process.pid
}
