package terminal_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"byskriver/fixtures/town/mainframe"
	"byskriver/selectors/terminal"
)

// certificate makes one for 127.0.0.1, and a file that vouches for it.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}

func TestSecureHostIsBelievedByItsCertificateOnly(t *testing.T) {
	config, file := certificate(t)
	host, err := mainframe.Start(mainframe.Config{Seed: 1, TLS: config})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	for name, c := range map[string]struct {
		cfg terminal.Config
		ok  bool
	}{
		"vouched for": {terminal.Config{Secure: true, CAFile: file}, true},
		"a stranger":  {terminal.Config{Secure: true}, false},
		"in the open": {terminal.Config{}, false},
	} {
		c.cfg.Connect = 3 * time.Second
		term, err := terminal.Dial(t.Context(), c.cfg, host.Addr())
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if term != nil {
			term.Close()
		}
	}
}
