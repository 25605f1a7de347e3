// Package idp has staff sign in at the municipality's identity provider, by OpenID
// Connect's code flow with PKCE, state and nonce (OpenID Connect Core 1.0 section 3.1,
// RFC 7636, RFC 9207). What comes back is whom the provider names, by a claim that the
// configuration chooses, and no more: passwords are never seen here, and no token is
// kept.
package idp

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"byskriver/runner"
)

// Name is what the system is called in the configuration and in errors.
const Name = "idp"

// Settings are how the provider is reached, and how it names people.
type Settings struct {
	Issuer   string                 // the provider's own name, an https address; http on this machine only
	Client   string                 // what the provider calls this program
	Secret   func() (string, error) // nil where the provider has given none: PKCE alone then
	Redirect string                 // the whole address that people come back to, as registered at the provider
	Claim    string                 // what names the directory's user, such as preferred_username
	Scopes   []string               // beside openid
	Roots    []byte                 // PEM: who vouches for the provider's certificate; the machine's own list if empty
	Longest  time.Duration          // of one request; 15 s if 0
}

// How far clocks may differ, how long a person may take to sign in, how long what the
// provider says of itself is believed, and the most that it may say.
const (
	leeway   = time.Minute
	patience = 10 * time.Minute
	believed = time.Hour
	maxBody  = 1 << 20
)

// Check says all that is wrong with the settings.
func (s Settings) Check() error {
	var wrong []error
	for _, a := range []struct{ name, url string }{{"issuer", s.Issuer}, {"redirect", s.Redirect}} {
		if u, err := url.Parse(a.url); err != nil || !secure(u) || u.RawQuery != "" || u.Fragment != "" {
			wrong = append(wrong, fmt.Errorf("%s must be a whole https address without ? and # (http is for 127.0.0.1 alone)", a.name))
		}
	}
	if s.Client == "" || s.Claim == "" {
		wrong = append(wrong, errors.New("client and claim must be set: what the provider calls this program, and the claim that names the directory's user"))
	}
	if len(s.Roots) > 0 && !x509.NewCertPool().AppendCertsFromPEM(s.Roots) {
		wrong = append(wrong, errors.New("roots holds no certificate in PEM"))
	}
	return errors.Join(wrong...)
}

// secure reports whether nobody on the way can read or change what is sent there.
func secure(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()))
}

// Provider is the identity provider as a client sees it.
type Provider struct {
	settings Settings
	clock    runner.Clock
	http     *http.Client

	mu    sync.Mutex
	known *oidc.Provider // what it says of itself
	until time.Time      // how long that is believed
}

// New builds the client. Nothing is reached yet.
func New(s Settings, clock runner.Clock) (*Provider, error) {
	if s.Longest == 0 {
		s.Longest = 15 * time.Second
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(s.Roots) > 0 {
		conf.RootCAs = x509.NewCertPool()
		conf.RootCAs.AppendCertsFromPEM(s.Roots)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: conf, ForceAttemptHTTP2: true, MaxIdleConns: 4, IdleConnTimeout: time.Minute}
	p := &Provider{settings: s, clock: clock}
	p.http = &http.Client{Transport: limited{transport}, Timeout: s.Longest, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("the provider sends its clients elsewhere")
	}}
	return p, nil
}

// Close gives the connections back.
func (p *Provider) Close() error {
	p.http.CloseIdleConnections()
	return nil
}

// limited cuts answers that are longer than any honest one.
type limited struct{ http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxBody)
	}
	return resp, err
}

// CloseIdleConnections gives the connections back.
func (l limited) CloseIdleConnections() {
	if c, ok := l.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// provider is what the provider says of itself, asked for once an hour.
func (p *Provider) provider(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil && p.clock.Now().Before(p.until) {
		return p.known, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.http), p.settings.Issuer)
	if err != nil {
		return nil, trouble("log på-tjenesten svarer ikke, som den skal. Prøv igen om lidt", fmt.Errorf("ask %s about itself: %w", p.settings.Issuer, err))
	}
	var said struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&said); err != nil {
		return nil, trouble("log på-tjenesten svarer ikke, som den skal. Prøv igen om lidt", err)
	}
	for _, address := range []string{found.Endpoint().AuthURL, found.Endpoint().TokenURL, said.Keys} {
		if u, err := url.Parse(address); err != nil || !secure(u) {
			return nil, trouble("log på-tjenesten oplyser en adresse, der ikke er sikker", fmt.Errorf("address %q is not https", address))
		}
	}
	p.known, p.until = found, p.clock.Now().Add(believed)
	return found, nil
}

func trouble(text string, err error) error {
	return &runner.Trouble{Kind: runner.Unavailable, System: Name, Text: text, Err: err}
}

// config is the flow's for one use.
func (p *Provider) config(found *oidc.Provider) (*oauth2.Config, error) {
	c := &oauth2.Config{ClientID: p.settings.Client, Endpoint: found.Endpoint(), RedirectURL: p.settings.Redirect, Scopes: append([]string{oidc.ScopeOpenID}, p.settings.Scopes...)}
	c.Endpoint.AuthStyle = oauth2.AuthStyleInParams // RFC 6749 section 2.3.1: a guess would send each code twice
	if p.settings.Secret == nil {
		return c, nil
	}
	secret, err := p.settings.Secret()
	if err != nil {
		return nil, fmt.Errorf("read the secret that %s knows this program by: %w", p.settings.Issuer, err)
	}
	c.ClientSecret = secret
	if slices.Contains(methods(found), "client_secret_basic") || len(methods(found)) == 0 { // the default of OpenID Connect Discovery 1.0 section 3
		c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return c, nil
}

// methods are the ways in which the provider lets clients prove themselves.
func methods(found *oidc.Provider) []string {
	var said struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if found.Claims(&said) != nil {
		return nil
	}
	return said.Methods
}

// Look asks the provider about itself and its keys, and changes nothing.
func (p *Provider) Look(ctx context.Context) error {
	found, err := p.provider(ctx)
	if err != nil {
		return err
	}
	var said struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&said); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, said.Keys, nil)
	if err != nil {
		return err
	}
	resp, err := p.http.Do(r)
	if err != nil {
		return trouble("log på-tjenestens nøgler kan ikke hentes", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return trouble("log på-tjenestens nøgler kan ikke hentes", fmt.Errorf("the answer is %s", resp.Status))
	}
	return nil
}

// SignOut is where a person ends the sign-in at the provider itself; "" where the
// provider has no such page.
func (p *Provider) SignOut(ctx context.Context) string {
	found, err := p.provider(ctx)
	if err != nil {
		return ""
	}
	var said struct {
		End string `json:"end_session_endpoint"`
	}
	if found.Claims(&said) != nil {
		return ""
	}
	if u, err := url.Parse(said.End); err != nil || !secure(u) {
		return ""
	}
	return said.End
}

func equal(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

func clean(s string) bool {
	return s != "" && len(s) <= 256 && s == strings.TrimSpace(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' })
}
