package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/metrics"
	"byskriver/runner/store"
)

// The parts of the program that /healthz tells of.
const (
	partStore     = "store"
	partSchedules = "schedules"
	partLease     = "lease"
	partLog       = "log"
	partAlarms    = "alarms"
)

// How long a look at all parts may take, how old what is not yet signed or published may
// be, and how long a mail may be unsent.
const (
	lookTime    = 5 * time.Second
	logMayLag   = time.Minute
	mailMayWait = 15 * time.Minute
)

// health looks whether serve is in order. One look at a time is made, and who asks
// meanwhile gets its answer.
type health struct {
	server *server
	mu     sync.Mutex
	now    *looked // under way

	pendingAt   int64         // the log's size when entries were last seen to wait for a number
	pendingFrom time.Duration // since when it has been so, by Clock.Running
}

// looked is one look: what is wrong by part, "" where nothing is, when done is closed.
type looked struct {
	done chan struct{}
	ill  map[string]string
}

// parts says what is wrong with each part, within lookTime.
func (h *health) parts(ctx context.Context) map[string]string {
	h.mu.Lock()
	if h.now == nil {
		h.now = &looked{done: make(chan struct{})}
		go h.look(h.now)
	}
	now := h.now
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	select {
	case <-now.done:
		return now.ill
	case <-ctx.Done():
		return map[string]string{partStore: fmt.Sprintf("no answer within %v", lookTime)}
	}
}

func (h *health) look(l *looked) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	ill := map[string]string{}
	checks := map[string]func(context.Context) error{partStore: h.store, partSchedules: h.schedules, partLog: h.log}
	if h.server.house.store.Shared() {
		checks[partLease] = h.lease
	}
	if h.server.force.Load().Operations.Alarms != nil {
		checks[partAlarms] = h.alarms
	}
	for part, check := range checks {
		ill[part] = ""
		if err := check(ctx); err != nil {
			ill[part] = plainLine(err)
		}
	}
	h.mu.Lock()
	l.ill, h.now = ill, nil
	h.mu.Unlock()
	close(l.done)
}

// plainLine is an error as one line without CPR numbers.
func plainLine(err error) string {
	return strings.Join(strings.Fields(runner.Mask(err.Error())), " ")
}

func (h *health) store(ctx context.Context) error {
	return h.server.house.store.Beat(ctx, h.server.house.machine)
}

func (h *health) schedules(context.Context) error {
	dead, none := h.server.pulse.dead(h.server.clock.Running())
	switch {
	case none:
		return errors.New("no schedule is kept")
	case len(dead) > 0:
		return fmt.Errorf("does not turn any more: %s", strings.Join(dead, ", "))
	}
	return nil
}

func (h *health) lease(ctx context.Context) error {
	s := h.server
	err := s.house.store.Write(ctx, func(t *store.Tx) error { return t.HoldsLease("machine/"+s.house.machine, s.holder) })
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("machine %s does not hold its lease", s.house.machine)
	}
	return err
}

// log looks whether what was written is numbered, signed and lies in every folder.
func (h *health) log(ctx context.Context) error {
	s := h.server
	lag, err := s.house.log.Lag(ctx, s.house.store.Reader())
	if err != nil {
		return err
	}
	old := func(at time.Time) bool { return !at.IsZero() && s.clock.Now().Sub(at) > logMayLag }
	running := s.clock.Running()
	if lag.Pending == 0 || lag.Entries != h.pendingAt {
		h.pendingAt, h.pendingFrom = lag.Entries, running
	}
	switch {
	case running-h.pendingFrom > logMayLag:
		return fmt.Errorf("%d entries wait for their number since more than %v", lag.Pending, logMayLag)
	case old(lag.Unsigned):
		return fmt.Errorf("entries since %s are not covered by a signed checkpoint", lag.Unsigned.Format(time.RFC3339))
	}
	for _, f := range lag.Folders {
		switch {
		case f.Err != nil:
			return fmt.Errorf("the checkpoint in %s: %w", f.Folder, f.Err)
		case old(f.Since):
			return fmt.Errorf("the checkpoint in %s does not cover entries since %s", f.Folder, f.Since.Format(time.RFC3339))
		}
	}
	return nil
}

// ServeHTTP answers 200 where all is in order, else 503; a line a part.
func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ill := h.parts(r.Context())
	status := http.StatusOK
	var b strings.Builder
	for _, part := range slices.Sorted(maps.Keys(ill)) {
		if ill[part] == "" {
			fmt.Fprintf(&b, "ok %s\n", part)
			continue
		}
		status = http.StatusServiceUnavailable
		fmt.Fprintf(&b, "ill %s: %s\n", part, ill[part])
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, b.String()) // who asked may have gone
}

// beWatched opens the address of /healthz and /metrics, if the configuration names one.
func (s *server) beWatched(ctx context.Context) (shut func(), err error) {
	address := s.house.conf.Operations.Address
	if address == "" {
		return func() {}, nil
	}
	h := &health{server: s}
	figures, err := metrics.Handler(ctx, metrics.Options{Store: s.house.store, Log: s.house.log, Clock: s.clock, Version: s.house.version,
		Ill: h.parts, Expiries: func() []config.Expiry { return s.env.expiries(s.force.Load(), s.house.zone) }})
	if err != nil {
		return nil, fmt.Errorf("begin to count: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", h)
	mux.Handle("GET /metrics", figures)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("open operations.address: %w", err)
	}
	s.say(fmt.Sprintf("health and metrics at http://%s", listener.Addr()))
	server := &http.Server{Handler: mux, ReadTimeout: requestTime, WriteTimeout: requestTime, ReadHeaderTimeout: requestTime / 4,
		MaxHeaderBytes: 1 << 14, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.complain(fmt.Errorf("health and metrics can no longer be asked for: %w", err))
		}
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), closingTime)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			s.complain(fmt.Errorf("close operations.address: %w", errors.Join(err, server.Close())))
		}
	}, nil
}

// expiries are the certificates and passwords of the configuration with when each runs out.
func (e *env) expiries(c *config.Config, zone *time.Location) []config.Expiry {
	return append(e.fleet.Expiries(c), c.Passwords(zone)...)
}

// alarms looks whether alarms are watched for, and whether people can be told.
func (h *health) alarms(ctx context.Context) error {
	s := h.server
	oldest, unsent, err := s.house.store.OldestUnsent(ctx)
	if err != nil {
		return err
	}
	if unsent > 0 && s.clock.Now().Sub(oldest) > mailMayWait {
		return fmt.Errorf("%d mails are unsent since %s; byskriver alarms has them", unsent, oldest.UTC().Format(time.RFC3339))
	}
	return nil
}
