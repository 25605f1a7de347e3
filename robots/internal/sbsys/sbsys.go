// Package sbsys files in SBSYS, the document system, over its REST interface: it
// finds a person's personnel case by CPR number, reads sub-cases (delforløb), notes
// and documents, and adds a note or a document. The endpoints and fields are those
// that the open clients of Odense (odense-rpa/sbsys-ng) and Aarhus
// (AAK-MBU/api-sbsys-client) use.
//
// SBSYS cannot keep up with a robot, so this client is slow on purpose: one writer,
// a least time between requests, and a breaker that leaves the system alone for a
// while after answers of 429 or 5xx, cut connections, and answers that took too
// long. A change is never sent twice: who calls looks first (see runner.Case.Once).
package sbsys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"

	"byskriver/runner"
)

// Name is what the system is called in the configuration and in errors.
const Name = "sbsys"

// Settings are how the system is reached, and how gently.
type Settings struct {
	URL          string // of the interface, without /api
	TokenURL     string
	User         string
	Password     func() (string, error) // asked at each sign-in
	Told         func(error) error      // told how each sign-in ended, and gives back what it was told; may be nil
	Client       string                 // the OAuth2 client's id
	ClientSecret func() (string, error)
	Active       []string      // the states (SagsTilstand) of a case that is in use
	Longest      time.Duration // of one request; 30 s if 0
	Gap          time.Duration // least time from one request to the next
	Slow         time.Duration // an answer that took longer counts as a failure; 10 s if 0
	Trips        int           // failures in a row that open the breaker; 3 if 0
	Rest         time.Duration // how long it then stays open; 2 min if 0
}

// System is SBSYS as one robot user sees it. Its methods may be called from several
// goroutines.
type System struct {
	settings Settings
	clock    runner.Clock
	http     *resty.Client
	pace     pace
	writer   chan struct{} // holds a token while somebody writes

	mu      sync.Mutex
	token   string
	expires time.Time
}

// quiet keeps resty from writing past the program's own log, unmasked. What went
// wrong comes back as an error.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}

// New builds the client. Nothing is reached yet.
func New(s Settings, clock runner.Clock) *System {
	def(&s.Longest, 30*time.Second)
	def(&s.Slow, 10*time.Second)
	def(&s.Trips, 3)
	def(&s.Rest, 2*time.Minute)
	c := resty.New().SetTimeout(s.Longest).SetRedirectPolicy(resty.NoRedirectPolicy()).SetResponseBodyLimit(16 << 20).SetLogger(quiet{})
	return &System{settings: s, clock: clock, http: c, writer: make(chan struct{}, 1),
		pace: pace{clock: clock, gap: s.Gap, slow: s.Slow, trips: s.Trips, rest: s.Rest}}
}

func def[T comparable](field *T, otherwise T) {
	var zero T
	if *field == zero {
		*field = otherwise
	}
}

// Close gives the connections back.
func (s *System) Close() error {
	s.http.GetClient().CloseIdleConnections()
	return nil
}

// Look signs in, and changes nothing.
func (s *System) Look(ctx context.Context) error {
	if err := s.pace.enter(ctx); err != nil {
		return err
	}
	_, err := s.bearer(ctx, true)
	return err
}

// Refused is the system's own refusal of a request, by its status. What it said is
// not kept: it may repeat what was sent.
type Refused struct{ Status int }

// Error names the status.
func (r *Refused) Error() string {
	return fmt.Sprintf("SBSYS refuses: %d %s", r.Status, http.StatusText(r.Status))
}

// call is one request.
type call struct {
	method, path string
	write        bool // it changes something: an answer that never came leaves that open
	prepare      func(*resty.Request)
}

// do sends a request and decodes the answer, which must be JSON: SBSYS may show an
// error page with status 200.
func (s *System) do(ctx context.Context, c call, into any) error {
	if c.write {
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return runner.NotDone(fmt.Errorf("wait to write in SBSYS: %w", ctx.Err()))
		}
	}
	body, err := s.send(ctx, c)
	if err != nil {
		return fmt.Errorf("%s %s: %w", c.method, c.path, err)
	}
	if into == nil {
		into = &struct{}{}
	}
	if err := json.Unmarshal(body, into); err != nil {
		s.pace.failed(0)
		// The library's error may quote the answer, which may quote a person.
		return fmt.Errorf("%s %s: %w", c.method, c.path, outage("the answer is not what was agreed (an error page, or other JSON)", nil))
	}
	return nil
}

// send sends a request, with a new token where the old one is refused. What is
// certain not to have been taken is marked so.
func (s *System) send(ctx context.Context, c call) ([]byte, error) {
	for again := false; ; again = true {
		if err := s.pace.enter(ctx); err != nil {
			return nil, runner.NotDone(err)
		}
		token, err := s.bearer(ctx, again)
		if err != nil {
			return nil, runner.NotDone(err)
		}
		r := s.http.R().SetContext(ctx).SetAuthToken(token).SetHeader("Accept", "application/json")
		if c.prepare != nil {
			c.prepare(r)
		}
		began := s.clock.Now()
		resp, err := r.Execute(c.method, s.settings.URL+c.path)
		took := s.clock.Now().Sub(began)
		if err != nil {
			return nil, s.lost(err)
		}
		if resp.StatusCode() == http.StatusUnauthorized && !again {
			continue
		}
		return resp.Body(), s.judge(resp, took)
	}
}

// lost is a request without an answer.
func (s *System) lost(err error) error {
	s.pace.failed(0)
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return runner.NotDone(outage("it cannot be reached", err))
	}
	return outage("the connection was cut, or no answer came in time", err)
}

// judge tells a good answer from the others. One that took too long is good, and
// counts as a failure of the system nonetheless.
func (s *System) judge(resp *resty.Response, took time.Duration) error {
	status := resp.StatusCode()
	switch {
	case status == http.StatusTooManyRequests:
		s.pace.failed(retryAfter(resp.Header().Get("Retry-After")))
		return runner.NotDone(outage("too many requests (429)", nil))
	case status >= 500:
		s.pace.failed(0)
		return outage("it fails: "+strconv.Itoa(status), nil)
	case status < 200 || status > 299:
		s.pace.answered(took)
		return runner.NotDone(&Refused{status})
	}
	if !strings.Contains(resp.Header().Get("Content-Type"), "json") {
		s.pace.failed(0)
		return outage("an error page came instead of an answer", nil)
	}
	s.pace.answered(took)
	return nil
}

// retryAfter reads the header's seconds.
func retryAfter(header string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(header))
	if err != nil || n < 0 || n > 3600 {
		return 0
	}
	return time.Duration(n) * time.Second
}

func outage(what string, err error) error {
	if err == nil {
		err = errors.New(what)
	}
	return &runner.Trouble{Kind: runner.Unavailable, System: Name, Err: err,
		Text: "SBSYS svarer ikke, som det skal. Robotten lader det være i fred og prøver igen senere."}
}

// token is the answer of the sign-in.
type token struct {
	Access  string `json:"access_token"`
	Expires int    `json:"expires_in"` // seconds
}

// bearer is a token that holds for a minute more, a new one where fresh is asked.
func (s *System) bearer(ctx context.Context, fresh bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if !fresh && s.token != "" && now.Before(s.expires) {
		return s.token, nil
	}
	password, err := s.settings.Password()
	if err != nil {
		return "", fmt.Errorf("sign in to SBSYS: %w", err)
	}
	t, err := s.signIn(ctx, password)
	if s.settings.Told != nil {
		err = s.settings.Told(err)
	}
	if err != nil {
		return "", err
	}
	s.token, s.expires = t.Access, now.Add(time.Duration(t.Expires)*time.Second-time.Minute)
	return s.token, nil
}

// signIn asks for a token.
func (s *System) signIn(ctx context.Context, password string) (t token, err error) {
	secret, err := s.settings.ClientSecret()
	if err != nil {
		return t, fmt.Errorf("sign in to SBSYS: %w", err)
	}
	resp, err := s.http.R().SetContext(ctx).SetHeader("Accept", "application/json").SetFormData(map[string]string{"grant_type": "password",
		"client_id": s.settings.Client, "client_secret": secret, "username": s.settings.User, "password": password}).Post(s.settings.TokenURL)
	if err != nil {
		return t, s.lost(err)
	}
	if st := resp.StatusCode(); st == http.StatusBadRequest || st == http.StatusUnauthorized || st == http.StatusForbidden {
		return t, &runner.Trouble{Kind: runner.SignInRefused, System: Name, Err: &Refused{st},
			Text: "SBSYS afviser robottens bruger. Få driften til at se på brugernavn, adgangskode og klient."}
	}
	if err := s.judge(resp, resp.Time()); err != nil {
		return t, fmt.Errorf("sign in to SBSYS: %w", err)
	}
	if err := json.Unmarshal(resp.Body(), &t); err != nil || t.Access == "" {
		s.pace.failed(0)
		return t, outage("the sign-in gives no token", nil)
	}
	return t, nil
}
