package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/go-rod/rod/lib/cdp"
)

// writeLimit is how long Chromium may leave a message lying in the pipe before it
// counts as dead.
const writeLimit = 10 * time.Second

// conn speaks the DevTools protocol with Chromium over a pair of pipes. rod takes
// it as its client. It is our own for three reasons: no debugging port stands
// open on the machine, calls can be sent one after the other without waiting for
// answers, and an event is handled before the answer that follows it is seen.
type conn struct {
	out  *os.File
	done chan struct{} // closed when Chromium is gone

	writing sync.Mutex

	mu       sync.Mutex
	last     int
	pending  map[int]chan reply
	handlers map[string]handler
	err      error // why done was closed

	events chan *cdp.Event // what rod wants to see
}

// handler is told every event of one session. It must not block and must not
// call the browser.
type handler func(method string, params json.RawMessage)

type reply struct {
	result json.RawMessage
	err    error
}

// message is anything that Chromium sends.
type message struct {
	ID        int             `json:"id"`
	SessionID string          `json:"sessionId"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	Error     *cdp.Error      `json:"error"`
}

func newConn(in io.Reader, out *os.File) *conn {
	c := &conn{
		out:      out,
		done:     make(chan struct{}),
		pending:  map[int]chan reply{},
		handlers: map[string]handler{},
		events:   make(chan *cdp.Event, 64),
	}
	go c.read(in)
	return c
}

// Event is the stream of events that rod subscribes to.
func (c *conn) Event() <-chan *cdp.Event { return c.events }

// Call sends a request and waits for its answer.
func (c *conn) Call(ctx context.Context, session, method string, params any) ([]byte, error) {
	return c.send(session, method, params).wait(ctx)
}

// sent is a request on its way.
type sent struct {
	c      *conn
	id     int
	method string
	answer chan reply
	err    error
}

// send hands a request to Chromium without waiting. Requests arrive in the order
// in which send was called.
func (c *conn) send(session, method string, params any) *sent {
	s := &sent{c: c, method: method, answer: make(chan reply, 1)}
	c.writing.Lock()
	defer c.writing.Unlock()
	if s.id, s.err = c.expect(s.answer); s.err != nil {
		return s
	}
	data, err := json.Marshal(cdp.Request{ID: s.id, SessionID: session, Method: method, Params: params})
	if err != nil {
		c.forget(s.id)
		s.err = fmt.Errorf("encode %s: %w", method, err)
		return s
	}
	c.out.SetWriteDeadline(time.Now().Add(writeLimit))
	if _, err := c.out.Write(append(data, 0)); err != nil {
		c.forget(s.id)
		s.err = &Closed{What: "Chromium", Err: fmt.Errorf("send %s: %w", method, err)}
	}
	return s
}

func (c *conn) expect(answer chan reply) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	c.last++
	c.pending[c.last] = answer
	return c.last, nil
}

func (c *conn) forget(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, id)
}

// wait returns the answer to a request.
func (s *sent) wait(ctx context.Context) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	select {
	case r := <-s.answer:
		return r.result, r.err
	case <-ctx.Done():
		s.c.forget(s.id)
		return nil, fmt.Errorf("%s: %w", s.method, context.Cause(ctx))
	}
}

// on has h told every event of a session from now on; nil ends it.
func (c *conn) on(session string, h handler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h == nil {
		delete(c.handlers, session)
		return
	}
	c.handlers[session] = h
}

func (c *conn) read(in io.Reader) {
	r := bufio.NewReaderSize(in, 1<<16)
	for {
		data, err := r.ReadBytes(0)
		if err != nil {
			c.fail(&Closed{What: "Chromium", Err: fmt.Errorf("it ended or closed its pipe: %w", err)})
			return
		}
		var m message
		if err := json.Unmarshal(data[:len(data)-1], &m); err != nil {
			c.fail(&Closed{What: "Chromium", Err: fmt.Errorf("it sent something that is not a message: %w", err)})
			return
		}
		c.deliver(&m)
	}
}

func (c *conn) deliver(m *message) {
	c.mu.Lock()
	answer, h := c.pending[m.ID], c.handlers[m.SessionID]
	delete(c.pending, m.ID)
	c.mu.Unlock()
	switch {
	case m.ID != 0 && answer == nil: // nobody waits for it any more
	case m.ID != 0 && m.Error != nil:
		answer <- reply{err: m.Error}
	case m.ID != 0:
		answer <- reply{result: m.Result}
	default:
		if h != nil {
			h(m.Method, m.Params)
		}
		if m.Method == detached {
			c.detach(m.Params)
		}
		if forRod(m.Method) {
			c.events <- &cdp.Event{SessionID: m.SessionID, Method: m.Method, Params: m.Params}
		}
	}
}

// detached is told of a session when its window has gone.
const detached = "Target.detachedFromTarget"

// detach tells a session that it has ended. Chromium tells that to the session
// around it.
func (c *conn) detach(params json.RawMessage) {
	var e struct {
		SessionID string `json:"sessionId"`
	}
	if json.Unmarshal(params, &e) != nil {
		return
	}
	c.mu.Lock()
	h := c.handlers[e.SessionID]
	c.mu.Unlock()
	if h != nil && e.SessionID != "" {
		h(detached, params)
	}
}

// forRod are the events by which rod keeps its own books; all others would only
// be copied to every page and thrown away there.
func forRod(method string) bool {
	return method == "Target.targetDestroyed" || method == detached
}

// fail ends the connection: everybody who waits or asks later gets err.
func (c *conn) fail(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = err
	waiting := c.pending
	c.pending = map[int]chan reply{}
	c.mu.Unlock()
	for _, answer := range waiting {
		answer <- reply{err: err}
	}
	close(c.events)
	close(c.done)
}
