package robots

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"byskriver/robots/access"
	"byskriver/robots/attest"
	"byskriver/robots/internal/eindkomst"
	"byskriver/robots/internal/mail"
	"byskriver/robots/internal/spml"
	"byskriver/runner/config"
)

// Expiries are the certificates that the configuration names, with when each runs out. One
// that cannot be read has an error in place of a time.
func (Fleet) Expiries(c *config.Config) []config.Expiry {
	var all []config.Expiry
	add := func(name string, at time.Time, err error) {
		all = append(all, config.Expiry{Kind: config.ExpiryCertificate, Name: name, At: at, Err: err})
	}
	if p := c.Store.Postgres; p != nil && p.CA != "" {
		at, err := firstEnd(p.CA)
		add("store.postgres.ca", at, err)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Systems)) {
		switch name {
		case eindkomst.Name:
			at, err := eindkomstEnd(c.Systems[name].Service)
			add("systems.eindkomst.service", at, err)
		case spml.Name:
			for _, of := range spmlEnds(c.Systems[name].Service) {
				add(of.Name, of.At, of.Err)
			}
		case mail.Name:
			if file := trusted(c.Systems[name].Service); file != "" {
				at, err := firstEnd(file)
				add("systems.mail.service.trust", at, err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Robots)) {
		for at, file := range ownCertificates(name, c.Robots[name]) {
			end, err := firstEnd(file)
			add("robots."+name+"."+at, end, err)
		}
	}
	return all
}

// ownCertificates are the certificate files of what a robot serves, by key.
func ownCertificates(name string, section config.Robot) map[string]string {
	switch name {
	case attest.Name:
		var in attestSection
		if section.Decode(&in) == nil && in.Endpoint != nil && in.Endpoint.Certificate != "" {
			return map[string]string{"endpoint.certificate": section.Path(in.Endpoint.Certificate), "endpoint.clients": section.Path(in.Endpoint.Clients)}
		}
	case access.Name:
		var in accessSection
		if section.Decode(&in) == nil && in.Page != nil && in.Page.Certificate != "" {
			return map[string]string{"page.certificate": section.Path(in.Page.Certificate)}
		}
	}
	return nil
}

func eindkomstEnd(section config.Section) (time.Time, error) {
	var in eindkomstSection
	if err := section.Decode(&in); err != nil {
		return time.Time{}, err
	}
	identity, err := in.identity(section)
	if err != nil {
		return time.Time{}, err
	}
	return identity.Expires(), nil
}

// spmlEnds is when the certificates run out of who reads over KSP/CICS's service and of who
// changes.
func spmlEnds(section config.Section) []config.Expiry {
	const key = "systems.spml.service.certificate"
	var in spmlSection
	if err := section.Decode(&in); err != nil {
		return []config.Expiry{{Name: key, Err: err}}
	}
	end := func(certificate config.Secret, key string) config.Expiry {
		e := config.Expiry{Name: key}
		secret, err := section.Secret(certificate, key)
		if e.Err = err; err != nil {
			return e
		}
		text, err := secret.Bytes()
		if e.Err = err; err == nil {
			e.At, e.Err = firstEndIn(text)
		}
		return e
	}
	all := []config.Expiry{end(in.Certificate, key)}
	if in.Corrector != nil {
		all = append(all, end(in.Corrector.Certificate, "systems.spml.service.corrector.certificate"))
	}
	return all
}

func trusted(section config.Section) string {
	var in mailService
	if section.Decode(&in) != nil || in.Trust == "" {
		return ""
	}
	return section.Path(in.Trust)
}

// firstEnd is when the first of a file's certificates runs out.
func firstEnd(file string) (time.Time, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return time.Time{}, fmt.Errorf("read a certificate: %w", err)
	}
	end, err := firstEndIn(text)
	if err != nil {
		return end, fmt.Errorf("%s: %w", file, err)
	}
	return end, nil
}

func firstEndIn(text []byte) (end time.Time, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return end, fmt.Errorf("read a certificate: %w", err)
		}
		if end.IsZero() || c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	if end.IsZero() {
		err = errors.New("there is no certificate in it")
	}
	return end, err
}

// Mail is the road to the mail server of systems.mail. send returns nil once the server
// has taken the message.
func (Fleet) Mail(c *config.Config) (send func(ctx context.Context, id, to, subject, text string, at time.Time) error, err error) {
	mailer, err := openMail(c)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, id, to, subject, text string, at time.Time) error {
		return mailer.Send(ctx, mail.Message{ID: id, To: to, Subject: subject, Text: text, At: at})
	}, nil
}
