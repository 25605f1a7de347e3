// Package spml reads and changes authorisations in KSP/CICS over the service that it has
// beside its screens: SPML 1.0 in SOAP 1.1, by the municipality's certificate. It gives
// users with CPR number, unit and profiles by the LOS short name of a unit; what a profile
// holds and when somebody last signed in it does not give: those stand on the screens.
//
// Envelopes, actions and attributes are those of open clients of the service
// (OS2rollekatalog and the OS2 person register: KspCicsService); SPML's words are OASIS's
// (Service Provisioning Markup Language 1.0, 2003).
//
// What it promises:
//   - A change is an add or a delete of one named profile, never a replace, which would
//     wipe every profile that it does not name.
//   - A request is sent once. The service says failure with HTTP 200, so its result is
//     read, and after a change the user is read again by whoever asked for it.
//   - No error holds a CPR number or a key.
package spml

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"byskriver/runner"
)

// Name is what the system is called in errors and in the configuration.
const Name = "spml"

// Settings are how the service is reached.
type Settings struct {
	URL         string
	Certificate tls.Certificate // the municipality's, known to KSP/CICS
	LOS         string          // the short name of the unit that all users are under
	Roots       *x509.CertPool  // who may vouch for the service; nil means whom the machine trusts
	Longest     time.Duration   // of one request; 2 min if 0: a whole municipality is one answer
}

// CheckURL tells what is wrong with an address.
func CheckURL(address string) error {
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "https" {
		return errors.New("url must be https://host/...: the service knows the municipality by its certificate")
	}
	return nil
}

// Service is the service as one certificate sees it. Its methods may be called from
// several goroutines.
type Service struct {
	settings Settings
	http     *resty.Client
}

const largest = 256 << 20 // of an answer, in bytes

// New builds the client. Nothing is reached yet.
func New(s Settings) *Service {
	if s.Longest == 0 {
		s.Longest = 2 * time.Minute
	}
	secure := &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{s.Certificate}}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: secure, TLSHandshakeTimeout: 15 * time.Second, IdleConnTimeout: 30 * time.Second}
	return &Service{settings: s, http: resty.New().SetTransport(transport).SetTimeout(s.Longest).SetRetryCount(0).SetLogger(quiet{}).
		SetRedirectPolicy(resty.NoRedirectPolicy()).SetResponseBodyLimit(largest)}
}

type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}

// Until is when the municipality's certificate ends; zero where it does not say.
func (s *Service) Until() time.Time {
	if s.settings.Certificate.Leaf == nil {
		return time.Time{}
	}
	return s.settings.Certificate.Leaf.NotAfter
}

// Close gives the connections back.
func (s *Service) Close() { s.http.GetClient().CloseIdleConnections() }

// Authorisation is a profile, and the LOS short name of the unit that owns it.
type Authorisation struct {
	Profile string `json:"profile"`
	LOS     string `json:"los"`
}

// String is the form that the service writes.
func (a Authorisation) String() string { return a.Profile + ";" + a.LOS }

// User is somebody in KSP/CICS.
type User struct {
	ID, CPR, LOS   string // CPR is "" where there is none
	Authorisations []Authorisation
}

// Profile is a brugerprofil of a unit.
type Profile struct {
	Authorisation
	Description string
}

// Users are everybody under the municipality's unit.
func (s *Service) Users(ctx context.Context) ([]User, error) {
	entries, err := s.search(ctx, typeUser)
	if err != nil {
		return nil, err
	}
	var all []User
	seen := map[string]bool{}
	for _, e := range entries {
		u := User{ID: e.ID, CPR: strings.ReplaceAll(e.one("PersonCivilRegistrationIdentifier"), "-", ""), LOS: e.one("departmentNumber")}
		if u.ID == "" || seen[u.ID] {
			return nil, odd(errors.New("a user without an id, or with another's"))
		}
		seen[u.ID] = true
		if u.Authorisations, err = authorisations(e.all("authorisations")); err != nil {
			return nil, odd(err)
		}
		all = append(all, u)
	}
	return all, nil
}

// authorisations reads »profil;LOSkort«.
func authorisations(texts []string) ([]Authorisation, error) {
	var all []Authorisation
	for _, text := range texts {
		i := strings.LastIndex(text, ";")
		if i <= 0 || i == len(text)-1 {
			return nil, errors.New("an authorisation that is not profile;unit")
		}
		all = append(all, Authorisation{text[:i], text[i+1:]})
	}
	return all, nil
}

// Profiles are the profiles under the municipality's unit.
func (s *Service) Profiles(ctx context.Context) ([]Profile, error) {
	entries, err := s.search(ctx, typeProfile)
	if err != nil {
		return nil, err
	}
	var all []Profile
	for _, e := range entries {
		p := Profile{Authorisation{e.ID, e.one("departmentNumber")}, e.one("userProfileDescription")}
		if p.Profile == "" || p.LOS == "" {
			return nil, odd(errors.New("a profile without a name or a unit"))
		}
		all = append(all, p)
	}
	return all, nil
}

// ErrNoUser is a user whom the service does not have (any more).
var ErrNoUser = errors.New("the service has no such user")

// User finds one user among all: the service finds by unit alone.
func (s *Service) User(ctx context.Context, id string) (User, error) {
	all, err := s.Users(ctx)
	if err != nil {
		return User{}, err
	}
	i := slices.IndexFunc(all, func(u User) bool { return u.ID == id })
	if i < 0 {
		return User{}, ErrNoUser
	}
	return all[i], nil
}

// Look asks for the profiles, changing nothing, and tells how many there are.
func (s *Service) Look(ctx context.Context) (profiles int, err error) {
	all, err := s.Profiles(ctx)
	return len(all), err
}

// Delete takes one authorisation from a user, by »delete«. After an error not marked
// with runner.NotDone it may be gone.
func (s *Service) Delete(ctx context.Context, user string, a Authorisation) error {
	return s.change(ctx, user, "delete", a)
}

// Add gives a user one authorisation, by »add«.
func (s *Service) Add(ctx context.Context, user string, a Authorisation) error {
	return s.change(ctx, user, "add", a)
}

func (s *Service) change(ctx context.Context, user, operation string, a Authorisation) error {
	if user == "" || a.Profile == "" || a.LOS == "" {
		return runner.NotDone(fmt.Errorf("%s an authorisation: user, profile and unit must all be named", operation))
	}
	_, err := s.ask(ctx, "Modify", modification(user, operation, a.String()))
	return err
}
