package idp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/town"
	provider "byskriver/fixtures/town/idp"
	"byskriver/robots/internal/idp"
	"byskriver/runner"
	"byskriver/runner/clock"
)

const (
	redirect = "https://adgange.lilleby.example/logind/svar"
	secret   = "Havregrød & te: 50 %"
)

// bureau is a provider in a town, this program's client, and a person's browser.
type bureau struct {
	*testing.T
	town     *town.Town
	provider *provider.Provider
	client   *idp.Provider
	settings idp.Settings
	clock    *clock.Manual
	browser  *http.Client
}

func open(t *testing.T, alg, secret string) *bureau {
	t.Helper()
	p, err := provider.New(provider.Config{Alg: alg, Clients: []provider.Client{{ID: "byskriver", Secret: secret, Redirects: []string{redirect}}},
		People: []provider.Person{{User: "grethe", Password: "Anemone#44", Subject: "s-4711", Claims: map[string]any{"preferred_username": "LBY00101"}}}})
	if err != nil {
		t.Fatal(err)
	}
	tw, err := town.Start(town.Config{Systems: []town.System{p}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tw.Close() })
	b := &bureau{T: t, town: tw, provider: p, clock: clock.NewManual(time.Now())}
	b.settings = idp.Settings{Issuer: provider.Issuer(tw.URL()), Client: "byskriver", Redirect: redirect, Claim: "preferred_username", Scopes: []string{"profile"}, Longest: 2 * time.Second}
	if secret != "" {
		b.settings.Secret = func() (string, error) { return secret, nil }
	}
	if b.client, err = idp.New(b.settings, b.clock); err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.browser = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	t.Cleanup(func() { b.client.Close(); b.browser.CloseIdleConnections() })
	return b
}

func (b *bureau) begin() idp.Attempt {
	b.Helper()
	a, err := b.client.Begin(b.Context(), false)
	if err != nil {
		b.Fatal(err)
	}
	return a
}

var hidden = regexp.MustCompile(`name="request" value="([^"]+)"`)

// signIn is what a person does between Begin and Finish.
func (b *bureau) signIn(a idp.Attempt, password string) url.Values {
	b.Helper()
	resp, err := b.browser.Get(a.URL)
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		b.Fatal(err)
	}
	if m := hidden.FindSubmatch(body); m != nil {
		if resp, err = b.browser.PostForm(b.town.URL()+"/idp/signin", url.Values{"request": {string(m[1])}, "user": {"Grethe"}, "password": {password}}); err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
	at, err := resp.Location()
	if err != nil {
		return nil
	}
	return at.Query()
}

func TestSignIn(t *testing.T) {
	for _, c := range []struct{ alg, secret string }{{"RS256", secret}, {"ES256", secret}, {"RS256", ""}} {
		t.Run(c.alg+fmt.Sprint(c.secret == ""), func(t *testing.T) {
			t.Parallel()
			b := open(t, c.alg, c.secret)
			if err := b.client.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := b.signIn(b.begin(), "forkert"); got != nil {
				t.Fatalf("a wrong password gave %v", got)
			}
			a := b.begin()
			who, err := b.client.Finish(t.Context(), a, b.signIn(a, "Anemone#44"))
			if err != nil || who.Login != "LBY00101" || who.Subject != "s-4711" || time.Since(who.At) > time.Minute {
				t.Fatalf("%+v, %v", who, err)
			}
			// The provider knows the person now, and asks for no password.
			a = b.begin()
			if who, err = b.client.Finish(t.Context(), a, b.signIn(a, "")); err != nil || who.Login != "LBY00101" {
				t.Fatalf("%+v, %v", who, err)
			}
			if a, err = b.client.Begin(t.Context(), true); err != nil || b.signIn(a, "forkert") != nil {
				t.Fatalf("asked anew, and no password was asked for: %v", err)
			}
			if out := b.client.SignOut(t.Context()); out != b.town.URL()+"/idp/signout" {
				t.Fatalf("signs out at %q", out)
			}
		})
	}
}

func TestANewKeyIsFetched(t *testing.T) {
	t.Parallel()
	b := open(t, "ES256", secret)
	for range 2 {
		a := b.begin()
		if _, err := b.client.Finish(t.Context(), a, b.signIn(a, "Anemone#44")); err != nil {
			t.Fatal(err)
		}
		if err := b.provider.Rotate(true); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLies has the provider say what a client must not believe.
func TestLies(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := open(t, "ES256", secret)
	for _, lie := range []provider.Lie{
		provider.Unsigned(), provider.Symmetric(), provider.Foreign(), provider.Withheld(),
		provider.Claiming("nonce", "en anden"), provider.Claiming("nonce", nil), provider.Claiming("aud", "et andet system"),
		provider.Claiming("aud", []string{"byskriver", "et andet system"}), provider.Claiming("azp", "et andet system"),
		provider.Claiming("iss", "https://idp.example"), provider.Claiming("exp", now.Add(-2*time.Minute).Unix()),
		provider.Claiming("iat", now.Add(-time.Hour).Unix()), provider.Claiming("iat", now.Add(time.Hour).Unix()),
		provider.Claiming("sub", ""), provider.Claiming("preferred_username", nil), provider.Claiming("preferred_username", ""),
		provider.Claiming("preferred_username", []string{"LBY00101"}), provider.Claiming("preferred_username", 101),
		provider.Claiming("preferred_username", "LBY00101\x00"), provider.Claiming("preferred_username", strings.Repeat("x", 300)),
	} {
		b.provider.Lie(lie)
		a := b.begin()
		who, err := b.client.Finish(t.Context(), a, b.signIn(a, "Anemone#44"))
		var refused *idp.Refused
		if !errors.As(err, &refused) || refused.Text == "" {
			t.Errorf("%s: believed %+v, %v", lie.Name, who, err)
		}
	}
	b.provider.Lie(provider.Claiming("aud", []string{"byskriver", "et andet system"}), provider.Claiming("azp", "byskriver"))
	a := b.begin()
	if _, err := b.client.Finish(t.Context(), a, b.signIn(a, "Anemone#44")); err != nil {
		t.Error(err)
	}
}

// TestWhatComesBack has the browser come back with what was not asked for.
func TestWhatComesBack(t *testing.T) {
	t.Parallel()
	b := open(t, "ES256", secret)
	other := b.begin()
	for name, change := range map[string]func(a *idp.Attempt, q url.Values){
		"another state":    func(_ *idp.Attempt, q url.Values) { q.Set("state", other.State) },
		"no state":         func(a *idp.Attempt, q url.Values) { a.State = ""; q.Del("state") },
		"another provider": func(_ *idp.Attempt, q url.Values) { q.Set("iss", "https://idp.example") },
		"an error":         func(_ *idp.Attempt, q url.Values) { q.Set("error", "access_denied") },
		"no code":          func(_ *idp.Attempt, q url.Values) { q.Del("code") },
		"a made-up code":   func(_ *idp.Attempt, q url.Values) { q.Set("code", "x") },
		"another verifier": func(a *idp.Attempt, _ url.Values) { a.Verifier = other.Verifier },
		"a code used before": func(a *idp.Attempt, q url.Values) {
			if _, err := b.client.Finish(t.Context(), *a, q); err != nil {
				t.Fatal(err)
			}
		},
		"too late": func(a *idp.Attempt, _ url.Values) { a.Until = b.clock.Now().Add(-time.Second) },
	} {
		a := b.begin()
		q := b.signIn(a, "Anemone#44")
		change(&a, q)
		var refused *idp.Refused
		if who, err := b.client.Finish(t.Context(), a, q); !errors.As(err, &refused) || strings.Contains(err.Error(), q.Get("code")) && len(q.Get("code")) > 1 {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}

// TestTroubles has the provider not answer as it should: a person is told so, and
// another try may have luck.
func TestTroubles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		do   town.Action
	}{{provider.WhatDiscovery, town.Fail()}, {provider.WhatDiscovery, town.CutAfter(0)}, {provider.WhatKeys, town.Maintenance()}, {provider.WhatToken, town.Fail()}, {provider.WhatToken, town.CutBefore()}, {provider.WhatToken, town.Never()}} {
		b := open(t, "ES256", secret)
		a := b.begin()
		q := b.signIn(a, "Anemone#44")
		b.town.Script(town.Fault{On: town.Match{System: provider.Name, What: c.what}, Do: c.do})
		b.clock.Advance(61 * time.Minute)
		a.Until = b.clock.Now().Add(10 * time.Minute)
		who, err := b.client.Finish(t.Context(), a, q)
		var trouble *runner.Trouble
		if c.what == provider.WhatKeys { // the library does not tell this from a bad signature
			if err == nil {
				t.Errorf("%s %s: %+v", c.what, c.do, who)
			}
			if err := b.client.Look(t.Context()); !errors.As(err, &trouble) {
				t.Errorf("look: %v", err)
			}
		} else if !errors.As(err, &trouble) || trouble.Kind != runner.Unavailable {
			t.Errorf("%s %s: %+v, %v", c.what, c.do, who, err)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, s := range []idp.Settings{
		{Issuer: "http://idp.lilleby.example", Client: "b", Redirect: redirect, Claim: "upn"},
		{Issuer: "https://idp.lilleby.example?x=1", Client: "b", Redirect: redirect, Claim: "upn"},
		{Issuer: "https://idp.lilleby.example", Client: "b", Redirect: "/svar", Claim: "upn"},
		{Issuer: "https://idp.lilleby.example", Redirect: redirect, Claim: "upn"},
		{Issuer: "https://idp.lilleby.example", Client: "b", Redirect: redirect},
		{Issuer: "https://idp.lilleby.example", Client: "b", Redirect: redirect, Claim: "upn", Roots: []byte("ingen")},
	} {
		if _, err := idp.New(s, clock.NewManual(time.Now())); err == nil {
			t.Errorf("taken: %+v", s)
		}
	}
}
