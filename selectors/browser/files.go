package browser

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/go-rod/rod/lib/proto"
)

// Upload puts files into a file field, as if they had been chosen in the dialog
// that it opens. The field itself may be hidden, as it often is.
func (p *Page) Upload(ctx context.Context, name string, files ...string) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("upload to %s: %w", name, err)
	}
	page, _, s, err := p.element(name)
	if err != nil {
		return fmt.Errorf("upload to %s: %w", name, err)
	}
	var list, want []string
	for _, f := range files {
		abs, err := filepath.Abs(f)
		if err == nil {
			_, err = os.Stat(abs)
		}
		if err != nil {
			return fmt.Errorf("upload to %s: %w", name, err)
		}
		list, want = append(list, abs), append(want, filepath.Base(abs))
	}
	s.Hidden = true
	d := p.deadline()
	out, err := p.use(ctx, page, "ready", request{Specs: []spec{s}, Use: "upload"}, d)
	if err != nil {
		return fmt.Errorf("upload to %s: %w", name, err)
	}
	field, err := p.tab.handle(ctx, out.at.frame, "handle", nil)
	if err != nil {
		return fmt.Errorf("upload to %s: %w", name, err)
	}
	if err := p.tab.do(ctx, proto.DOMSetFileInputFiles{Files: list, ObjectID: field}, nil); err != nil {
		return fmt.Errorf("upload to %s: %w", name, err)
	}
	var got []string
	if err := p.ask(ctx, out.at, "files", nil, &got, d); err != nil {
		return fmt.Errorf("upload to %s: %w", name, err)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("upload to %s: %w", name, notTaken(p.system.Name, page.Name, s.Name, fmt.Sprint(want), fmt.Sprint(got), p.b.cfg.Mask))
	}
	return nil
}

// handle calls a script that answers with an element and returns Chromium's
// handle on it.
func (t *tab) handle(ctx context.Context, frame, fn string, arg any) (proto.RuntimeRemoteObjectID, error) {
	s, err := t.evaluate(ctx, frame, fn, arg, false)
	if err != nil {
		return "", err
	}
	r, err := t.remote(ctx, s, fn)
	if err != nil {
		return "", err
	}
	if r.ObjectID == "" {
		return "", errNavigated
	}
	return proto.RuntimeRemoteObjectID(r.ObjectID), nil
}

// File is what was downloaded.
type File struct {
	Path string // where it lies
	Name string // what the system calls it, without any folder
	URL  string
}

// Download presses an element and waits for the file that this brings, which it
// puts into dir under a name of Chromium's making.
func (p *Page) Download(ctx context.Context, name, dir string) (File, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return File{}, fmt.Errorf("download by %s: %w", name, err)
	}
	if err := p.usable(); err != nil {
		return File{}, fmt.Errorf("download by %s: %w", name, err)
	}
	allow := proto.BrowserSetDownloadBehavior{Behavior: proto.BrowserSetDownloadBehaviorBehaviorAllowAndName,
		BrowserContextID: p.context.BrowserContextID, DownloadPath: abs, EventsEnabled: true}
	if err := p.tab.root(ctx, allow); err != nil {
		return File{}, fmt.Errorf("download by %s: %w", name, err)
	}
	p.gen.downloads.forget(abs)
	if err := p.Click(ctx, name); err != nil {
		return File{}, fmt.Errorf("download by %s: %w", name, err)
	}
	limit, cancel := p.patience(ctx)
	defer cancel()
	for {
		got, changed := p.gen.downloads.in(abs)
		switch got.State {
		case "completed":
			return File{Path: filepath.Join(abs, got.GUID), Name: filepath.Base(filepath.Clean("/" + got.Name)), URL: p.plain(got.URL)}, nil
		case "canceled":
			return File{}, fmt.Errorf("download by %s: %w", name, &Unreachable{System: p.system.Name, URL: p.plain(got.URL), Reason: "the download was broken off"})
		}
		if err := p.await(limit, changed, "the file that "+name+" brings"); err != nil {
			return File{}, fmt.Errorf("download by %s: %w", name, err)
		}
	}
}

// root sends a request that concerns the whole browser.
func (t *tab) root(ctx context.Context, req proto.Request) error {
	_, err := t.conn.Call(ctx, "", req.ProtoReq(), req)
	return err
}

// downloads are those that are under way or done, kept by what Chromium tells.
type downloads struct {
	mu      sync.Mutex
	list    []downloading
	changed chan struct{} // closed and replaced on every change
}

type downloading struct {
	GUID  string `json:"guid"`
	URL   string `json:"url"`
	Name  string `json:"suggestedFilename"`
	State string `json:"state"`
}

func (l *downloads) event(method string, params json.RawMessage) {
	if method != "Browser.downloadWillBegin" && method != "Browser.downloadProgress" {
		return
	}
	var e downloading
	if json.Unmarshal(params, &e) != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.list, func(o downloading) bool { return o.GUID == e.GUID })
	if i < 0 {
		l.list = append(l.list, e)
	} else {
		l.list[i].State = e.State
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// in is the newest download of which a file lies in dir. Chromium does not tell
// which page a download is for; each caller has a folder for itself.
func (l *downloads) in(dir string) (downloading, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range slices.Backward(l.list) {
		for _, name := range []string{d.GUID, d.GUID + ".crdownload"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return d, l.changed
			}
		}
	}
	return downloading{}, l.changed
}

// forget drops what was downloaded into dir before.
func (l *downloads) forget(dir string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = slices.DeleteFunc(l.list, func(d downloading) bool {
		_, err := os.Stat(filepath.Join(dir, d.GUID))
		return err == nil
	})
}

// fetchLimit is the size up to which Fetch reads, in bytes.
const fetchLimit = 64 << 20

// Fetch reads what lies at an address with the page's cookies, such as the PDF
// that a window of its own shows.
func (p *Page) Fetch(ctx context.Context, url string) ([]byte, error) {
	if err := p.usable(); err != nil {
		return nil, fmt.Errorf("fetch %s: %w", p.plain(url), err)
	}
	ctx, cancel := p.patience(ctx)
	defer cancel()
	var out proto.NetworkLoadNetworkResourceResult
	req := proto.NetworkLoadNetworkResource{FrameID: proto.PageFrameID(p.tab.top), URL: url,
		Options: &proto.NetworkLoadNetworkResourceOptions{IncludeCredentials: true}}
	if err := p.tab.do(ctx, req, &out); err != nil {
		return nil, fmt.Errorf("fetch %s: %w", p.plain(url), p.slow(err, "an answer from "+p.plain(url)))
	}
	if out.Resource == nil || !out.Resource.Success {
		return nil, &Unreachable{System: p.system.Name, URL: p.plain(url), Reason: why(out.Resource)}
	}
	data, err := p.tab.drain(ctx, out.Resource.Stream)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", p.plain(url), p.slow(err, "the rest of "+p.plain(url)))
	}
	return data, nil
}

func why(r *proto.NetworkLoadNetworkResourcePageResult) string {
	switch {
	case r == nil:
		return "no answer"
	case r.HTTPStatusCode != nil && *r.HTTPStatusCode >= 400:
		return fmt.Sprintf("HTTP %.0f", *r.HTTPStatusCode)
	}
	return r.NetErrorName
}

// drain reads a stream of Chromium's to its end.
func (t *tab) drain(ctx context.Context, stream proto.IOStreamHandle) ([]byte, error) {
	defer t.send(proto.IOClose{Handle: stream})
	var data []byte
	for {
		var part proto.IOReadResult
		if err := t.do(ctx, proto.IORead{Handle: stream}, &part); err != nil {
			return nil, err
		}
		chunk := []byte(part.Data)
		if part.Base64Encoded {
			var err error
			if chunk, err = base64.StdEncoding.DecodeString(part.Data); err != nil {
				return nil, fmt.Errorf("decode what came: %w", err)
			}
		}
		if data = append(data, chunk...); len(data) > fetchLimit {
			return nil, errors.New("it is larger than 64 MiB")
		}
		if part.EOF {
			return data, nil
		}
	}
}
