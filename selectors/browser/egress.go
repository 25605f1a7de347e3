package browser

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"
)

// egress is the only way out of a page: a proxy of its own, on this machine.
//
// It is there because Chromium sends a request again, by itself and without a
// word, when a connection that it has kept open is closed before the first byte
// of an answer, a POST too (net/http/http_network_transaction.cc,
// ShouldResendRequest). A posting whose answer was cut off would be made twice.
// So plain requests that change something are sent on by us, on a connection of
// their own, and answered with 502 where no answer comes. Encrypted tunnels we
// cannot look into: for the time of a press that changes something (single) each
// host gets one new tunnel and, if that is cut, no other.
type egress struct {
	listener net.Listener
	server   *http.Server
	reads    *httputil.ReverseProxy // keeps connections: a GET may be sent again
	changes  *httputil.ReverseProxy // never does
	dialer   net.Dialer
	kept     []*http.Transport // whose connections end with us

	mu      sync.Mutex
	changed *sync.Cond // told when single or a host's state changes
	tunnels map[*tunnel]bool
	hosts   map[string]hostState // while single
	single  bool
	closed  bool
}

// hostState is how a host's one tunnel stands while the egress is single.
type hostState int

const (
	untried hostState = iota
	open
	cut
)

// tunnel is one encrypted connection through the egress.
type tunnel struct{ client, server net.Conn }

func (t *tunnel) close() { _, _ = t.client.Close(), t.server.Close() }

const dialLimit = 20 * time.Second

// openEgress begins to listen, on this machine only.
func openEgress() (*egress, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the page's way out: %w", err)
	}
	e := &egress{listener: l, tunnels: map[*tunnel]bool{}, dialer: net.Dialer{Timeout: dialLimit}}
	e.changed = sync.NewCond(&e.mu)
	e.reads, e.changes = e.forward(false), e.forward(true)
	quiet := log.New(io.Discard, "", 0) // what goes wrong is told to the page
	e.server = &http.Server{Handler: e, ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	go func() { _ = e.server.Serve(l) }() // ends with close
	return e, nil
}

// forward sends requests on, with or without kept connections. Go's transport
// sends nothing again on a connection that was not kept.
func (e *egress) forward(fresh bool) *httputil.ReverseProxy {
	way := &http.Transport{DisableKeepAlives: fresh, DialContext: e.dialer.DialContext, DisableCompression: true}
	e.kept = append(e.kept, way)
	return &httputil.ReverseProxy{
		Rewrite:       func(*httputil.ProxyRequest) {},
		Transport:     way,
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, reason(err), http.StatusBadGateway)
		},
	}
}

// reason says in few words why no answer came.
func reason(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return "the connection was refused"
	}
	return "the connection was closed without an answer"
}

// ServeHTTP sends one request on.
func (e *egress) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodConnect:
		e.connect(w, r)
	case http.MethodGet, http.MethodHead:
		e.reads.ServeHTTP(w, r)
	default:
		// Otherwise the server closes the request's body when the answer begins,
		// which now and then cuts off a request that is about to see its end.
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			http.Error(w, "the request cannot be sent on", http.StatusBadGateway)
			return
		}
		e.changes.ServeHTTP(w, r)
	}
}

// connect opens a tunnel and carries bytes both ways until either side ends.
func (e *egress) connect(w http.ResponseWriter, r *http.Request) {
	only, ok := e.admit(r.Host)
	if !ok {
		http.Error(w, "the connection was cut", http.StatusBadGateway)
		return
	}
	if only {
		defer e.leave(r.Host)
	}
	server, err := e.dialer.DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(w, reason(err), http.StatusBadGateway)
		return
	}
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		server.Close()
		return
	}
	t := &tunnel{client, server}
	e.mu.Lock()
	e.tunnels[t] = true
	e.mu.Unlock()
	defer func() {
		t.close()
		e.mu.Lock()
		delete(e.tunnels, t)
		e.mu.Unlock()
	}()
	if _, err := client.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		return
	}
	ended := make(chan struct{}, 2)
	go func() { _, _ = io.Copy(server, buffered); ended <- struct{}{} }()
	go func() { _, _ = io.Copy(client, server); ended <- struct{}{} }()
	<-ended
}

// admit lets a tunnel be opened. While single, a second one to the same host
// waits for the end of that time, and is refused once the first has been cut.
// only is true for that first one.
func (e *egress) admit(host string) (only, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.single && e.hosts[host] == open && !e.closed {
		e.changed.Wait()
	}
	if e.closed || e.single && e.hosts[host] == cut {
		return false, false
	}
	if e.single {
		e.hosts[host] = open
	}
	return e.single, true
}

// leave says that a host's one tunnel has ended.
func (e *egress) leave(host string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.single {
		e.hosts[host] = cut
		e.changed.Broadcast()
	}
}

// once closes the tunnels that are open and begins a time in which a request can
// be sent once only. The function that it returns ends that time.
func (e *egress) once() (end func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for t := range e.tunnels {
		t.close()
		delete(e.tunnels, t)
	}
	e.single, e.hosts = true, map[string]hostState{}
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.single = false
		e.changed.Broadcast()
	}
}

func (e *egress) address() string { return e.listener.Addr().String() }

func (e *egress) close() {
	_ = e.server.Close()
	for _, t := range e.kept {
		t.CloseIdleConnections()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.changed.Broadcast()
	for t := range e.tunnels {
		t.close()
	}
}
