package browser

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-rod/rod/lib/proto"
)

// Snapshot takes a picture of the page and its HTML, as evidence. Everything that
// looks like a CPR number is masked in the page before the picture is taken, in
// all frames; drawings and larger pictures, which cannot be read, are left out.
// The HTML goes through Config.Mask as well.
//
// It has a limit of its own (Config.SnapshotWait) and returns what it has got by
// then with the error. A page that cannot be put back as it was has to be Reset.
func (p *Page) Snapshot(ctx context.Context) (png, html []byte, err error) {
	if err := p.usable(); err != nil {
		return nil, nil, fmt.Errorf("take a snapshot: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.b.cfg.SnapshotWait, errPatience)
	defer cancel()
	if err := p.tab.call(ctx, "", "mask", nil, nil); err != nil {
		// Not masked, so nothing may be captured.
		return nil, nil, fmt.Errorf("take a snapshot: mask the page: %w", p.snapshotSlow(err))
	}
	png, html, err = p.capture(ctx)
	if e := p.tab.call(ctx, "", "unmask", nil, nil); e != nil && !errors.Is(e, errNavigated) {
		p.broken = true
		err = errors.Join(err, fmt.Errorf("put the page back: %w", p.snapshotSlow(e)))
	}
	if err != nil {
		return png, html, fmt.Errorf("take a snapshot: %w", err)
	}
	return png, html, nil
}

// capture takes HTML and picture of a page that is masked. The HTML comes first:
// it is the one that does not hang.
func (p *Page) capture(ctx context.Context) (png, html []byte, err error) {
	var text string
	if err := p.tab.call(ctx, "", "html", nil, &text); err != nil {
		return nil, nil, fmt.Errorf("read the page: %w", p.snapshotSlow(err))
	}
	html = []byte(text)
	if p.b.cfg.Mask != nil {
		html = p.b.cfg.Mask(html)
	}
	var shot proto.PageCaptureScreenshotResult
	if err := p.tab.do(ctx, proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng}, &shot); err != nil {
		return nil, html, fmt.Errorf("take the picture: %w", p.snapshotSlow(err))
	}
	// The page may have been replaced by one that is not masked.
	var still bool
	if err := p.tab.call(ctx, "", "masked", nil, &still); err != nil || !still {
		return nil, html, errors.Join(errors.New("the page went on meanwhile, the picture is thrown away"), err)
	}
	return shot.Data, html, nil
}

func (p *Page) snapshotSlow(err error) error {
	if errors.Is(err, errPatience) {
		return &Slow{System: p.system.Name, WaitedFor: "the page to be photographed", For: p.b.cfg.SnapshotWait}
	}
	return err
}
