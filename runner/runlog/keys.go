package runlog

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// originPrefix begins every origin.
const originPrefix = "byskriver/"

// checkOrigin wants "byskriver/" and the municipality's slug: small letters,
// digits and hyphens.
func checkOrigin(origin string) error {
	slug, ok := strings.CutPrefix(origin, originPrefix)
	ok = ok && slug != ""
	for _, r := range slug {
		ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-')
	}
	if !ok {
		return fmt.Errorf("log origin %q: expected %sSLUG, the slug in small letters a-z, digits and hyphens", origin, originPrefix)
	}
	return nil
}

// NewKey makes a key pair (Ed25519) for signing the checkpoints of an origin. The
// signer is a secret and is kept outside the database; the verifier is public and
// is what an auditor is given. Both are one line, in the forms of
// golang.org/x/mod/sumdb/note.
func NewKey(origin string) (signer, verifier string, err error) {
	if err := checkOrigin(origin); err != nil {
		return "", "", err
	}
	signer, verifier, err = note.GenerateKey(nil, origin)
	if err != nil {
		return "", "", fmt.Errorf("make a signing key: %w", err)
	}
	return signer, verifier, nil
}

// VerifierOf is the verifier key that belongs to a signing key.
func VerifierOf(signer string) (string, error) {
	s, err := note.NewSigner(strings.TrimSpace(signer))
	if err != nil {
		return "", errors.New("the signing key is not one line of the form PRIVATE+KEY+ORIGIN+HASH+SECRET")
	}
	parts := strings.SplitN(strings.TrimSpace(signer), "+", 5)
	secret, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(secret) != 1+ed25519.SeedSize {
		return "", errors.New("the signing key is not an Ed25519 key")
	}
	public := ed25519.NewKeyFromSeed(secret[1:]).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(s.Name(), public)
}

// readKeys makes the signer and the verifiers of an origin out of their texts.
func readKeys(origin, signer string, verifiers []string) (note.Signer, note.Verifiers, error) {
	var s note.Signer
	known := map[string]bool{}
	if signer != "" {
		own, err := VerifierOf(signer)
		if err != nil {
			return nil, nil, err
		}
		if s, err = note.NewSigner(strings.TrimSpace(signer)); err != nil {
			return nil, nil, errors.New("the signing key cannot be read")
		}
		if s.Name() != origin {
			return nil, nil, fmt.Errorf("the signing key is for %q, not for %q", s.Name(), origin)
		}
		known[own] = true
	}
	for _, text := range verifiers {
		known[strings.TrimSpace(text)] = true
	}
	var list []note.Verifier
	for text := range known {
		v, err := note.NewVerifier(text)
		if err != nil {
			return nil, nil, fmt.Errorf("verifier key %q: %w", text, err)
		}
		if v.Name() != origin {
			return nil, nil, fmt.Errorf("the verifier key %q is not for %q", text, origin)
		}
		list = append(list, v)
	}
	return s, note.VerifierList(list...), nil
}
