package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/go-rod/rod/lib/cdp"
	"github.com/go-rod/rod/lib/proto"
)

// tab is one window of Chromium that is driven: which documents it shows, and
// the scripts of ours in them.
type tab struct {
	conn    *conn
	session string
	top     string                                        // the outermost frame, and Chromium's name for the tab
	box     func(*tab, proto.PageJavascriptDialogOpening) // told, in a goroutine of its own, when a box has been opened

	mu      sync.Mutex
	worlds  map[string]int  // frame -> the context of our scripts in its document
	coming  map[string]bool // frames whose next document has been asked for
	changed chan struct{}   // closed and replaced whenever something above changes
	tokens  int             // given out so far
	landed  landed          // the last press that was told of
	// recorded is told what a person shows, while one does.
	recorded func(json.RawMessage)
	gone     error // why the tab is dead; set before dead is closed
	dead     chan struct{}
}

// landed is where the press with a token has landed. Scripts tell it without being
// asked, because the press may end their document.
type landed struct {
	Token int    `json:"token"`
	Hit   string `json:"hit"`

	Recorded json.RawMessage `json:"recorded"` // instead, an element that a person shows
}

// errNavigated says that the document went away while it was being asked. What
// was asked may be asked again of the next one.
var errNavigated = errors.New("the document went away")

// newTab prepares a tab that a session is attached to, and lets it run if it has
// been held back until then.
func newTab(ctx context.Context, c *conn, l link, box func(*tab, proto.PageJavascriptDialogOpening)) (*tab, error) {
	t := &tab{conn: c, session: l.session, top: l.target, box: box,
		worlds: map[string]int{}, coming: map[string]bool{}, changed: make(chan struct{}), dead: make(chan struct{})}
	c.on(l.session, t.event)
	var under []*sent
	for _, req := range []proto.Request{
		proto.PageEnable{},
		proto.PageAddScriptToEvaluateOnNewDocument{Source: script(), WorldName: world, RunImmediately: true},
		proto.RuntimeAddBinding{Name: "byskriverTell", ExecutionContextName: world},
		proto.RuntimeEnable{},
		proto.EmulationSetFocusEmulationEnabled{Enabled: true},
		proto.RuntimeRunIfWaitingForDebugger{},
	} {
		under = append(under, t.send(req))
	}
	for _, s := range under {
		if _, err := t.answer(ctx, s); err != nil {
			c.on(l.session, nil)
			return nil, fmt.Errorf("prepare a tab: %w", err)
		}
	}
	return t, nil
}

// send hands a request to this tab without waiting for the answer.
func (t *tab) send(req proto.Request) *sent { return t.conn.send(t.session, req.ProtoReq(), req) }

// do sends a request and waits for its answer, which is decoded into out unless
// that is nil.
func (t *tab) do(ctx context.Context, req proto.Request, out any) error {
	data, err := t.answer(ctx, t.send(req))
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("decode the answer to %s: %w", req.ProtoReq(), err)
	}
	return nil
}

// answer waits for the answer to a request, or for the end of the tab: one that
// has crashed answers nothing any more.
func (t *tab) answer(ctx context.Context, s *sent) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	select {
	case r := <-s.answer:
		return r.result, t.explain(r.err)
	case <-t.dead:
		t.conn.forget(s.id)
		return nil, t.gone
	case <-ctx.Done():
		t.conn.forget(s.id)
		return nil, fmt.Errorf("%s: %w", s.method, context.Cause(ctx))
	}
}

// explain says what an error of the protocol means for us.
func (t *tab) explain(err error) error {
	var e *cdp.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	for _, text := range []string{"context was destroyed", "Cannot find context", "navigated or closed", "Promise was collected", "Cannot find default execution context"} {
		if strings.Contains(e.Message, text) {
			return errNavigated
		}
	}
	if e.Code == cdp.ErrSessionNotFound.Code {
		return &Closed{What: "the page", Err: err}
	}
	return err
}

// tabEvent is what the events that tab keeps its books by say, together.
type tabEvent struct {
	FrameID     string `json:"frameId"`
	Disposition string `json:"disposition"`
	ContextID   int    `json:"executionContextId"`
	Frame       struct {
		ID string `json:"id"`
	} `json:"frame"`
	Context struct {
		ID      int    `json:"id"`
		Name    string `json:"name"`
		AuxData struct {
			FrameID string `json:"frameId"`
		} `json:"auxData"`
	} `json:"context"`
}

// event hears what happens in the tab. It runs in the connection's reader: an
// event is in the books before the answer that came after it is seen.
func (t *tab) event(method string, params json.RawMessage) {
	switch method {
	case "Page.javascriptDialogOpening":
		var box proto.PageJavascriptDialogOpening
		if json.Unmarshal(params, &box) == nil {
			go t.box(t, box)
		}
	case "Runtime.bindingCalled":
		t.note(params)
	case detached:
		t.fail(&Closed{What: "the page", Err: errors.New("its window has gone")})
	case "Inspector.targetCrashed":
		t.fail(&Closed{What: "the page", Err: errors.New("it crashed")})
	case "Runtime.executionContextCreated", "Runtime.executionContextDestroyed", "Runtime.executionContextsCleared",
		"Page.frameRequestedNavigation", "Page.frameNavigated", "Page.frameStoppedLoading", "Page.frameDetached", "Page.navigatedWithinDocument":
		var e tabEvent
		if err := json.Unmarshal(params, &e); err != nil {
			t.fail(&Closed{What: "the page", Err: fmt.Errorf("it sent a %s that cannot be read: %w", method, err)})
			return
		}
		t.book(method, e)
	}
}

// book keeps the books of documents: which there are, and which are coming.
func (t *tab) book(method string, e tabEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch method {
	case "Runtime.executionContextCreated":
		if e.Context.Name == world {
			t.worlds[e.Context.AuxData.FrameID] = e.Context.ID
		}
	case "Runtime.executionContextDestroyed":
		maps.DeleteFunc(t.worlds, func(_ string, id int) bool { return id == e.ContextID })
	case "Runtime.executionContextsCleared":
		clear(t.worlds)
	case "Page.frameRequestedNavigation":
		if e.Disposition == "" || e.Disposition == "currentTab" {
			t.coming[e.FrameID] = true
		}
	case "Page.frameNavigated":
		delete(t.coming, e.Frame.ID)
	default: // stopped, detached, or another place in the same document
		delete(t.coming, e.FrameID)
	}
	t.tell()
}

// note takes down what our scripts tell without being asked.
func (t *tab) note(params json.RawMessage) {
	var e struct {
		Name    string `json:"name"`
		Payload string `json:"payload"`
	}
	var l landed
	if json.Unmarshal(params, &e) != nil || json.Unmarshal([]byte(e.Payload), &l) != nil {
		return // not ours: a page may call anything
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.Recorded == nil {
		t.landed = l
	} else if t.recorded != nil {
		t.recorded(l.Recorded)
	}
}

// token is a number by which the next press will be known.
func (t *tab) token() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens++
	return t.tokens
}

// told is where the press with that token landed, "" if that was not told.
func (t *tab) told(token int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.landed.Token != token {
		return ""
	}
	return t.landed.Hit
}

// tell wakes everybody who waits for a change of the books.
func (t *tab) tell() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// fail marks the tab as dead.
func (t *tab) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone == nil {
		t.gone = err
		close(t.dead)
		t.tell()
	}
}

func (t *tab) isDead() bool {
	select {
	case <-t.dead:
		return true
	default:
		return false
	}
}

// until waits for something to be true of the books.
func (t *tab) until(ctx context.Context, holds func() bool) error {
	for {
		t.mu.Lock()
		gone, ok, changed := t.gone, holds(), t.changed
		t.mu.Unlock()
		switch {
		case gone != nil:
			return gone
		case ok:
			return nil
		}
		select {
		case <-changed:
		case <-t.conn.done:
			return t.conn.err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// settled waits until no document that was asked for is still on its way.
func (t *tab) settled(ctx context.Context) error {
	return t.until(ctx, func() bool { return len(t.coming) == 0 })
}

// close closes the tab in Chromium. Its context of cookies stays.
func (t *tab) close() {
	t.fail(&Closed{What: "the page"})
	t.conn.on(t.session, nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	// The target may be gone already; then there is nothing to close.
	_, _ = t.conn.Call(ctx, "", "Target.closeTarget", proto.TargetCloseTarget{TargetID: proto.TargetTargetID(t.top)})
}
