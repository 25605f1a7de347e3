// Package rollekatalog reads who has which role from OS2rollekatalog over its REST
// interface, and takes a direct role away. Paths and fields are the open source's
// (OS2rollekatalog/OS2rollekatalog: ReadOnlyApi and RoleAssignmentApi, and the tests that
// document them).
//
// What it promises:
//   - An answer is used only if it is whole JSON of the form that was agreed.
//   - A role goes by the user's id in the catalogue and not by UUID: where two users
//     share an external UUID, taking it away by that would take it from both.
//   - Taking a role away is sent once. The catalogue answers 200 also where nothing went,
//     so only reading the user's roles again tells.
//   - The key that reads and the key that takes away are two.
//   - No error holds a key or what an answer said of a person.
package rollekatalog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// Name is what the system is called in errors and in the configuration.
const Name = "rollekatalog"

// Settings are how the catalogue is reached.
type Settings struct {
	URL     string                 // without /api and without a slash at its end
	Key     func() (string, error) // asked at each request; of a client that reads, or of one that takes away
	Domain  string                 // the catalogue's domain; "" is its primary one
	Roots   *x509.CertPool         // who may vouch for it; nil means whom the machine trusts
	Longest time.Duration          // of one request; 60 s if 0: a whole it-system is one answer
}

// largest is the most that is read of an answer, in bytes.
const largest = 64 << 20

// Catalogue is OS2rollekatalog with one key. Its methods may be called from several
// goroutines.
type Catalogue struct {
	settings Settings
	http     *resty.Client
}

// New builds the client. Nothing is reached yet. Requests are never repeated and never
// follow a redirect.
func New(s Settings) *Catalogue {
	if s.Longest == 0 {
		s.Longest = time.Minute
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 15 * time.Second, IdleConnTimeout: 30 * time.Second}
	c := resty.New().SetTransport(transport).SetTimeout(s.Longest).SetRetryCount(0).SetLogger(quiet{}).SetRedirectPolicy(resty.NoRedirectPolicy()).SetResponseBodyLimit(largest)
	return &Catalogue{settings: s, http: c}
}

// quiet drops what the HTTP library would print: the run log is the only log.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}

// CheckURL tells what is wrong with an address.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("url must be https://host, without /api")
	case u.Scheme == "http" && !local(u.Hostname()):
		return errors.New("url must begin with https://: the key does not travel without encryption")
	case strings.HasSuffix(u.Path, "/") || strings.HasSuffix(u.Path, "/api"):
		return errors.New("url must end without a slash and without /api")
	}
	return nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Close gives the connections back.
func (c *Catalogue) Close() { c.http.GetClient().CloseIdleConnections() }

// What a role can be assigned through (AssignedThrough in the source).
const (
	Direct    = "DIRECT"
	RoleGroup = "ROLEGROUP"
	Position  = "POSITION"
	OrgUnit   = "ORGUNIT"
	Title     = "TITLE"
)

// Holder is a user who has a role.
type Holder struct {
	UserID  string   `json:"userId"`
	Name    string   `json:"name"`
	Through []string `json:"assignedThrough"` // one or more of Direct, RoleGroup, ...
}

// Role is a userrole with everybody who has it, directly or not.
type Role struct {
	ID          int64     `json:"roleId"`
	Name        string    `json:"roleName"`
	Description string    `json:"roleDescription"`
	Holders     *[]Holder `json:"assignments"`
}

// Roles are the roles of an it-system, by its identifier, with those who have them.
func (c *Catalogue) Roles(ctx context.Context, system string) ([]Role, error) {
	var all []Role
	err := c.get(ctx, "/api/read/itsystem/"+url.PathEscape(system), map[string]string{"indirectRoles": "true", "withDescription": "true"}, &all)
	var no *Refused
	if errors.As(err, &no) && no.Status == http.StatusNotFound {
		return nil, changed("OS2rollekatalog kender ikke it-systemet "+system+". Ret systems.rollekatalog.service.systems i konfigurationen.", err)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if err := r.check(); err != nil {
			return nil, odd(err)
		}
	}
	return all, nil
}

// Assigned is one role with those who have it, directly or not.
func (c *Catalogue) Assigned(ctx context.Context, role int64) (Role, error) {
	var r Role
	if err := c.get(ctx, "/api/read/assigned/"+strconv.FormatInt(role, 10), map[string]string{"indirectRoles": "true", "withDescription": "true"}, &r); err != nil {
		return Role{}, err
	}
	if r.ID != role {
		return Role{}, odd(errors.New("the answer is about another role"))
	}
	return r, r.whole()
}

func (r Role) whole() error {
	if err := r.check(); err != nil {
		return odd(err)
	}
	return nil
}

// check refuses a role of which something is missing.
func (r Role) check() error {
	if r.ID == 0 || r.Name == "" || r.Holders == nil {
		return errors.New("a role without number, name or list of users")
	}
	for _, h := range *r.Holders {
		if h.UserID == "" || len(h.Through) == 0 {
			return errors.New("a user without id, or without what the role was assigned through")
		}
	}
	return nil
}

// UserRole is a role that a user has directly.
type UserRole struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// ErrNoUser is a user whom the catalogue does not have (any more).
var ErrNoUser = errors.New("the role catalogue has no such user")

// UserRoles are the roles that a user has directly. The robot logs the look-up before.
func (c *Catalogue) UserRoles(ctx context.Context, user string) ([]UserRole, error) {
	var all []UserRole
	err := c.get(ctx, "/api/read/user/"+url.PathEscape(user)+"/roles", nil, &all)
	var no *Refused
	if errors.As(err, &no) && no.Status == http.StatusNotFound {
		return nil, ErrNoUser
	}
	if err == nil && all == nil {
		err = odd(errors.New("null in place of a list"))
	}
	return all, err
}

// Deassign takes a direct role from a user, once. The answer does not say whether there
// was anything to take: UserRoles does. After an error not marked with runner.NotDone it
// may be gone.
func (c *Catalogue) Deassign(ctx context.Context, user string, role int64) error {
	_, err := c.send(ctx, http.MethodDelete, "/api/user/"+url.PathEscape(user)+"/deassign/userrole/"+strconv.FormatInt(role, 10), nil)
	return err
}

func (c *Catalogue) get(ctx context.Context, path string, query map[string]string, into any) error {
	resp, err := c.send(ctx, http.MethodGet, path, query)
	if err != nil {
		return err
	}
	if !strings.Contains(resp.Header().Get("Content-Type"), "json") {
		return odd(fmt.Errorf("an answer that is no JSON: %s", resp.Header().Get("Content-Type")))
	}
	if err := json.Unmarshal(resp.Body(), into); err != nil {
		return odd(errors.New("JSON of another form")) // the library's error may quote the answer
	}
	return nil
}
