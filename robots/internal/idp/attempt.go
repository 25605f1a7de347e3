package idp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Attempt is one sign-in under way. Whoever began it keeps it, and has it finished
// once: it must be bound to the browser that began, and be forgotten when it is used.
type Attempt struct {
	URL      string    // where the person is sent
	State    string    // comes back with the person
	Nonce    string    // comes back in what the provider signs
	Verifier string    // shows the provider that who comes with the code is who asked
	Until    time.Time // when it is too old
}

// Person is whom the provider names.
type Person struct {
	Login   string    // the claim that the configuration chose
	Subject string    // the provider's own name for the person
	At      time.Time // when the person signed in at the provider; zero where it does not say
}

// Refused is a sign-in that came to nothing.
type Refused struct {
	Text string // one Danish sentence or two: what to do
	Err  error  // what was seen, for the log; holds no token
}

// Error says what was seen.
func (r *Refused) Error() string { return fmt.Sprintf("sign-in refused: %v", r.Err) }

// Unwrap gives what was seen.
func (r *Refused) Unwrap() error { return r.Err }

// What a person reads whose sign-in came to nothing.
const (
	textAgain   = "Log på lykkedes ikke. Prøv igen fra linket i mailen."
	textOld     = "Du var for længe om at logge på. Prøv igen."
	textDenied  = "Log på blev afbrudt. Prøv igen, når du er klar."
	textUnnamed = "Log på-tjenesten fortæller ikke, hvem du er. Ring til IT."
)

func refused(text, format string, args ...any) error {
	return &Refused{text, fmt.Errorf(format, args...)}
}

// Begin makes a new attempt. anew asks the provider to have the person type a password
// even where it knows him.
func (p *Provider) Begin(ctx context.Context, anew bool) (Attempt, error) {
	found, err := p.provider(ctx)
	if err != nil {
		return Attempt{}, err
	}
	c, err := p.config(found)
	if err != nil {
		return Attempt{}, err
	}
	a := Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Until: p.clock.Now().Add(patience)}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if anew {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	a.URL = c.AuthCodeURL(a.State, options...)
	return a, nil
}

// Finish takes what a person came back with. The error is a *Refused, or a
// *runner.Trouble where the provider does not answer.
func (p *Provider) Finish(ctx context.Context, a Attempt, back url.Values) (Person, error) {
	if !equal(a.State, back.Get("state")) {
		return Person{}, refused(textAgain, "the state is another than was sent")
	}
	if p.clock.Now().After(a.Until) {
		return Person{}, refused(textOld, "the attempt is older than %v", patience)
	}
	if iss := back.Get("iss"); iss != "" && iss != p.settings.Issuer {
		return Person{}, refused(textAgain, "the code comes from %q", iss)
	}
	if e := back.Get("error"); e != "" {
		return Person{}, refused(textDenied, "the provider says %.60q", e)
	}
	if back.Get("code") == "" {
		return Person{}, refused(textAgain, "no code came back")
	}
	found, err := p.provider(ctx)
	if err != nil {
		return Person{}, err
	}
	raw, err := p.exchange(ctx, found, a, back.Get("code"))
	if err != nil {
		return Person{}, err
	}
	token, err := p.verify(ctx, found, raw)
	if err != nil {
		return Person{}, err
	}
	return p.person(token, a)
}

// exchange fetches for a code what the provider has signed.
func (p *Provider) exchange(ctx context.Context, found *oidc.Provider, a Attempt, code string) (string, error) {
	c, err := p.config(found)
	if err != nil {
		return "", err
	}
	token, err := c.Exchange(oidc.ClientContext(ctx, p.http), code, oauth2.VerifierOption(a.Verifier))
	var no *oauth2.RetrieveError
	switch {
	case errors.As(err, &no) && no.Response != nil && no.Response.StatusCode < 500:
		return "", refused(textAgain, "the provider does not take the code: %.60q", no.ErrorCode)
	case err != nil:
		return "", trouble("log på-tjenesten svarer ikke. Prøv igen om lidt", errors.New("ask the provider about a code: "+short(err)))
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", refused(textAgain, "the provider signed nothing")
	}
	return raw, nil
}

// short is what an error says without what a provider may have put into its answer.
func short(err error) string {
	var no *oauth2.RetrieveError
	if errors.As(err, &no) && no.Response != nil {
		return no.Response.Status
	}
	return fmt.Sprintf("%.200s", err)
}

// verify sees whether the provider signed it, for this program, and it is still valid.
func (p *Provider) verify(ctx context.Context, found *oidc.Provider, raw string) (*oidc.IDToken, error) {
	// Only what is signed with a key of the provider's alone: never none, never a shared secret.
	config := &oidc.Config{ClientID: p.settings.Client, SupportedSigningAlgs: []string{oidc.RS256, oidc.PS256, oidc.ES256}, Now: func() time.Time { return p.clock.Now().Add(-leeway) }}
	token, err := found.VerifierContext(oidc.ClientContext(ctx, p.http), config).Verify(ctx, raw)
	if err != nil {
		return nil, refused(textAgain, "what the provider signed is not valid: %w", err)
	}
	return token, nil
}

// person reads whom the provider names. These are the checks of OpenID Connect Core 1.0
// section 3.1.3.7 that the library leaves to its user.
func (p *Provider) person(token *oidc.IDToken, a Attempt) (Person, error) {
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return Person{}, refused(textAgain, "read what the provider signed: %w", err)
	}
	azp, _ := claims["azp"].(string)
	now := p.clock.Now()
	switch {
	case !equal(a.Nonce, token.Nonce):
		return Person{}, refused(textAgain, "the nonce is another than was sent")
	case claims["azp"] != nil && azp != p.settings.Client, azp == "" && slices.ContainsFunc(token.Audience, func(s string) bool { return s != p.settings.Client }):
		return Person{}, refused(textAgain, "it was signed for another program")
	case token.IssuedAt.After(now.Add(leeway)), token.IssuedAt.Before(a.Until.Add(-patience - leeway)):
		return Person{}, refused(textAgain, "it was signed at %v", token.IssuedAt)
	case token.Subject == "":
		return Person{}, refused(textUnnamed, "no subject is named")
	}
	login, ok := claims[p.settings.Claim].(string)
	if !ok || !clean(login) {
		return Person{}, refused(textUnnamed, "the claim %q names nobody", p.settings.Claim)
	}
	who := Person{Login: login, Subject: token.Subject}
	if at, ok := claims["auth_time"].(float64); ok {
		who.At = time.Unix(int64(at), 0)
	}
	return who, nil
}
