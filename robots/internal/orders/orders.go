// Package orders speaks with the system in which leaders order certificates. It is
// a REST interface that the municipality can put before whatever form or portal its
// leaders use:
//
//	GET  /bestillinger                            the orders that have not ended
//	PUT  /bestillinger/{id}/status/{attest}       how one certificate of an order stands
//	GET  /bestillinger/{id}/status                all of them
//	PUT  /bestillinger/{id}/beskeder/{nøgle}      a message to the leader, once a key
//	GET  /bestillinger/{id}/beskeder              the keys of those sent
//
// A key of access stands in the header X-Api-Key. What is put twice is there once.
package orders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"byskriver/runner"
)

// Name is what the system is called in the configuration and in errors.
const Name = "orders"

// Settings are how the system is reached.
type Settings struct {
	URL     string
	Key     func() (string, error)
	Longest time.Duration // of one request; 30 s if 0
}

// System is the order system.
type System struct {
	settings Settings
	http     *resty.Client
}

// quiet keeps resty from writing past the program's own log, unmasked. What went
// wrong comes back as an error.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}

// New builds the client. Nothing is reached yet.
func New(s Settings) *System {
	if s.Longest == 0 {
		s.Longest = 30 * time.Second
	}
	c := resty.New().SetTimeout(s.Longest).SetRedirectPolicy(resty.NoRedirectPolicy()).SetResponseBodyLimit(64 << 20).SetLogger(quiet{})
	// Every request here may be repeated: what is put twice is there once.
	c.SetRetryCount(2).SetRetryWaitTime(200 * time.Millisecond).SetRetryMaxWaitTime(2 * time.Second).
		AddRetryCondition(func(r *resty.Response, err error) bool {
			return err != nil || r.StatusCode() >= 500 || r.StatusCode() == http.StatusTooManyRequests
		})
	return &System{s, c}
}

// Close gives the connections back.
func (s *System) Close() error {
	s.http.GetClient().CloseIdleConnections()
	return nil
}

// Open are the orders that have not ended, each as the system has it.
func (s *System) Open(ctx context.Context) ([]json.RawMessage, error) {
	var all struct {
		Orders *[]json.RawMessage `json:"bestillinger"`
	}
	if err := s.do(ctx, http.MethodGet, "/bestillinger", nil, &all); err != nil {
		return nil, err
	}
	if all.Orders == nil {
		return nil, outage("the list of orders has no orders in it", nil)
	}
	return *all.Orders, nil
}

// Status is how one certificate of an order stands, as its leader sees it.
type Status struct {
	Status string `json:"status"`
	Text   string `json:"tekst"`
	Ended  bool   `json:"afsluttet"` // nothing more comes of this certificate
}

// PutStatus says how a certificate of an order stands.
func (s *System) PutStatus(ctx context.Context, order, certificate string, st Status) error {
	return s.do(ctx, http.MethodPut, "/bestillinger/"+url.PathEscape(order)+"/status/"+url.PathEscape(certificate), st, nil)
}

// Status is how a certificate of an order stands; ok is false where nobody has said.
func (s *System) Status(ctx context.Context, order, certificate string) (st Status, ok bool, err error) {
	var all map[string]Status
	err = s.do(ctx, http.MethodGet, "/bestillinger/"+url.PathEscape(order)+"/status", nil, &all)
	st, ok = all[certificate]
	return st, ok, err
}

// Tell sends the leader of an order a message, once a key.
func (s *System) Tell(ctx context.Context, order, key, text string) error {
	return s.do(ctx, http.MethodPut, "/bestillinger/"+url.PathEscape(order)+"/beskeder/"+url.PathEscape(key), map[string]string{"tekst": text}, nil)
}

// Told reports whether the message of that key has been sent.
func (s *System) Told(ctx context.Context, order, key string) (bool, error) {
	var keys []string
	err := s.do(ctx, http.MethodGet, "/bestillinger/"+url.PathEscape(order)+"/beskeder", nil, &keys)
	return slices.Contains(keys, key), err
}

// do sends one request. What is certain not to have been taken is marked so.
func (s *System) do(ctx context.Context, method, path string, body, into any) error {
	key, err := s.settings.Key()
	if err != nil {
		return runner.NotDone(fmt.Errorf("reach the order system: %w", err))
	}
	r := s.http.R().SetContext(ctx).SetHeader("X-Api-Key", key).SetHeader("Accept", "application/json")
	if body != nil {
		r.SetBody(body)
	}
	resp, err := r.Execute(method, s.settings.URL+path)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return runner.NotDone(outage("it cannot be reached", err))
		}
		return outage("the connection was cut, or no answer came in time", err)
	}
	if err := judge(resp); err != nil {
		return fmt.Errorf("%s in the order system: %w", method, err)
	}
	if into == nil {
		return nil
	}
	if json.Unmarshal(resp.Body(), into) != nil {
		// The library's error may quote the answer, and so a person.
		return outage("the answer is not what was agreed", nil)
	}
	return nil
}

func judge(resp *resty.Response) error {
	status := resp.StatusCode()
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return runner.NotDone(&runner.Trouble{Kind: runner.SignInRefused, System: Name, Err: errors.New(strconv.Itoa(status)),
			Text: "Bestillingssystemet afviser robottens nøgle. Få driften til at se på den."})
	case status == http.StatusTooManyRequests:
		return runner.NotDone(outage("too many requests (429)", nil))
	case status >= 500:
		return outage("it fails: "+strconv.Itoa(status), nil)
	case status < 200 || status > 299:
		return runner.NotDone(fmt.Errorf("it refuses: %d", status))
	case !strings.Contains(resp.Header().Get("Content-Type"), "json"):
		return outage("an error page came instead of an answer", nil)
	}
	return nil
}

func outage(what string, err error) error {
	if err == nil {
		err = errors.New(what)
	}
	return &runner.Trouble{Kind: runner.Unavailable, System: Name, Err: err,
		Text: "Bestillingssystemet svarer ikke, som det skal. Robotten prøver igen senere."}
}
