package eindkomst

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"byskriver/runner"
)

// Seen is what a look at the service showed. Nobody was looked up.
type Seen struct {
	TLS        string    // the connection's protocol, such as "TLS 1.3"; "" on a road without
	ServiceEnd time.Time // when the service's own certificate ends; zero without TLS
	OwnEnd     time.Time // when the municipality's certificate ends
	Own        string    // whom that is made out to
}

// soon is how long before its end a certificate is worth a warning.
const soon = 30 * 24 * time.Hour

// Warnings are what is about to go wrong, in Danish.
func (s Seen) Warnings(now time.Time) []string {
	var all []string
	warn := func(whose string, end time.Time) {
		if !end.IsZero() && end.Sub(now) < soon {
			all = append(all, fmt.Sprintf("%s udløber %s, om %d dage", whose, end.UTC().Format("02-01-2006"), int(end.Sub(now).Hours()/24)))
		}
	}
	warn("kommunens certifikat til eIndkomst", s.OwnEnd)
	warn("eIndkomsts eget certifikat", s.ServiceEnd)
	return all
}

// Look connects to the service and ends the connection again. The service has no
// question without a citizen in it, so a look goes no further than the handshake.
func (d *Direct) Look(ctx context.Context) (Seen, error) {
	seen := Seen{OwnEnd: d.identity.Expires(), Own: d.identity.Subject()}
	if err := d.identity.valid(d.now()); err != nil {
		return seen, signIn("Kommunens certifikat til eIndkomst gælder ikke i dag. Forny det, og ret systems.eindkomst i konfigurationen.", err)
	}
	u, err := url.Parse(d.url)
	if err != nil {
		return seen, fmt.Errorf("look at %s: %w", Name, err)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	if u.Scheme != "https" {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return seen, unreached(ctx, err)
		}
		return seen, conn.Close()
	}
	conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: d.roots, MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}}).DialContext(ctx, "tcp", address)
	if err != nil {
		return seen, unreached(ctx, err)
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState()
	seen.TLS, seen.ServiceEnd = tls.VersionName(state.Version), state.PeerCertificates[0].NotAfter
	return seen, nil
}

// CheckURL says what is wrong with the service's address: a question goes in the
// open to this machine only.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return errors.New("it is no whole address")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()):
		return nil
	}
	return fmt.Errorf("%s must begin with https://: a citizen's number is in each question", runner.Mask(address))
}
