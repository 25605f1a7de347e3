package eindkomst

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// Identity is the municipality's OCES3 organisation certificate with its key: what
// each question is signed with.
type Identity struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

// smallestKey is the fewest bits that an RSA key may have.
const smallestKey = 2048

// ParsePEM reads a certificate and a key in PEM. Of several certificates it takes
// the one that the key belongs to.
func ParsePEM(certificate, key []byte) (*Identity, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err == nil {
		return newIdentity(pair.Leaf, pair.PrivateKey)
	}
	// The order in which certificates stand in a file is nobody's promise.
	for _, one := range split(certificate) {
		if pair, again := tls.X509KeyPair(one, key); again == nil {
			return newIdentity(pair.Leaf, pair.PrivateKey)
		}
	}
	return nil, fmt.Errorf("read the certificate and its key: %w", err)
}

func split(certificates []byte) [][]byte {
	var each [][]byte
	for {
		block, rest := pem.Decode(certificates)
		if block == nil {
			return each
		}
		each, certificates = append(each, pem.EncodeToMemory(block)), rest
	}
}

// ParsePKCS12 reads a .p12 or .pfx file, as certificates are handed out.
func ParsePKCS12(data []byte, password string) (*Identity, error) {
	key, certificate, _, err := pkcs12.DecodeChain(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, errors.New("read the PKCS#12 file: its password is not the one that is configured")
	}
	if err != nil {
		return nil, fmt.Errorf("read the PKCS#12 file: %w", err)
	}
	return newIdentity(certificate, key)
}

func newIdentity(certificate *x509.Certificate, key any) (*Identity, error) {
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the certificate's key is %T; questions are signed with RSA", key)
	}
	public, ok := certificate.PublicKey.(*rsa.PublicKey)
	if !ok || !public.Equal(&private.PublicKey) {
		return nil, errors.New("the key does not belong to the certificate")
	}
	if bits := private.N.BitLen(); bits < smallestKey {
		return nil, fmt.Errorf("the key has %d bits; %d are the fewest", bits, smallestKey)
	}
	return &Identity{certificate: certificate, key: private}, nil
}

// Expires is when the certificate ends.
func (i *Identity) Expires() time.Time { return i.certificate.NotAfter }

// Subject is whom the certificate is made out to.
func (i *Identity) Subject() string { return i.certificate.Subject.String() }

// valid says why the certificate cannot be used now, or nothing.
func (i *Identity) valid(now time.Time) error {
	switch {
	case now.After(i.certificate.NotAfter):
		return fmt.Errorf("the certificate ended %s", i.certificate.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(i.certificate.NotBefore):
		return fmt.Errorf("the certificate begins only %s", i.certificate.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// Authorities reads the certificates, in PEM, of those who may vouch for the
// service's own certificate.
func Authorities(data []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if len(bytes.TrimSpace(data)) == 0 || !pool.AppendCertsFromPEM(data) {
		return nil, errors.New("there is no certificate in PEM in it")
	}
	return pool, nil
}
