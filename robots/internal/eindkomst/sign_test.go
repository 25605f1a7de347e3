package eindkomst_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"byskriver/fixtures/town"
	register "byskriver/fixtures/town/eindkomst"
	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
)

// overheard is the first request that reaches the town, byte for byte.
func overheard(t *testing.T, p *place) []byte {
	t.Helper()
	var got []byte
	p.options.Road = p.road(proxy(t, p.town.URL(), func(body []byte) []byte {
		got = bytes.Clone(body)
		return body
	}))
	if _, err := p.client().LookUp(t.Context(), p.log, month(anna, february)); err != nil {
		t.Fatal(err)
	}
	return got
}

// proxy opens a door before the town through which requests go changed.
func proxy(t *testing.T, to string, change func([]byte) []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		onward, err := http.NewRequestWithContext(r.Context(), r.Method, to+r.URL.Path, bytes.NewReader(change(body)))
		if err != nil {
			t.Error(err)
			return
		}
		onward.Header = r.Header
		res, err := http.DefaultClient.Do(onward)
		if err != nil {
			t.Error(err)
			return
		}
		defer res.Body.Close()
		w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// xmlsec checks an envelope's signature with a program that is nobody's of ours.
func xmlsec(t *testing.T, p *place, envelope []byte) error {
	t.Helper()
	program, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Skip("xmlsec1 is not installed: make setup does it")
	}
	token := regexp.MustCompile(`<wsse:BinarySecurityToken[^>]*>([^<]*)<`).FindSubmatch(envelope)
	if token == nil {
		t.Fatal("no token in the envelope")
	}
	dir := t.TempDir()
	file, certificate, issuer := filepath.Join(dir, "envelope.xml"), filepath.Join(dir, "own.pem"), filepath.Join(dir, "issuer.pem")
	pair := certificates()
	for name, data := range map[string][]byte{file: envelope, certificate: pair[0], issuer: p.issuer.PEM()} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	block, _ := pem.Decode(pair[0])
	if string(token[1]) != base64.StdEncoding.EncodeToString(block.Bytes) {
		t.Error("the token is not our certificate")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	const wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	args := []string{"--verify"}
	// From 1.3 on it must be told that the key need not be named in the signature.
	if help, err := exec.CommandContext(ctx, program, "--help-verify").CombinedOutput(); err == nil && bytes.Contains(help, []byte("--lax-key-search")) {
		args = append(args, "--lax-key-search")
	}
	out, err := exec.CommandContext(ctx, program, append(args, "--trusted-pem", issuer, "--pubkey-cert-pem", certificate,
		"--verification-gmt-time", "2024-03-12 08:00:00",
		"--id-attr:Id", "http://schemas.xmlsoap.org/soap/envelope/:Body", "--id-attr:Id", wsu+":Timestamp",
		"--id-attr:Id", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd:BinarySecurityToken", file)...).CombinedOutput()
	if err == nil && !bytes.Contains(out, []byte("SignedInfo References (ok/all): 3/3")) {
		t.Errorf("xmlsec1 says %s", out)
	}
	if err != nil {
		t.Logf("xmlsec1 says %s", out)
	}
	return err
}

// A second opinion on our signature; and on the same envelope changed in any part
// that is signed.
func TestSignatureBeforeXMLSec(t *testing.T) {
	p := open(t)
	envelope := overheard(t, p)
	if err := xmlsec(t, p, envelope); err != nil {
		t.Fatalf("xmlsec1 does not take our signature: %v", err)
	}
	for name, change := range tampering() {
		other := change(envelope)
		if bytes.Equal(other, envelope) {
			t.Fatalf("%s: nothing is changed", name)
		}
		if err := xmlsec(t, p, other); err == nil {
			t.Errorf("%s: xmlsec1 takes it", name)
		}
	}
}

// tampering is what somebody on the way could change.
func tampering() map[string]func([]byte) []byte {
	swap := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
	}
	return map[string]func([]byte) []byte{
		"another citizen":   swap(anna, bo),
		"another month":     swap("202402", "202302"),
		"another purpose":   swap(">171<", ">172<"),
		"a later end":       swap("<wsu:Expires>2024", "<wsu:Expires>2034"),
		"another reference": swap("fleksloen-2024-000001", "fleksloen-2024-000002"),
		"another namespace": swap(`xmlns:p="http://rep.oio.dk/cpr.dk/xml/schemas/core/2005/03/18/"`, `xmlns:p="http://rep.oio.dk/cpr.dk/xml/schemas/core/2005/03/19/"`),
		"another digest": func(b []byte) []byte {
			i := bytes.Index(b, []byte("<ds:DigestValue>")) + len("<ds:DigestValue>")
			other := bytes.Clone(b)
			other[i] ^= 1
			return other
		},
		"another signature": func(b []byte) []byte {
			i := bytes.Index(b, []byte("<ds:SignatureValue>")) + len("<ds:SignatureValue>") + 40
			other := bytes.Clone(b)
			other[i] = map[bool]byte{true: 'B', false: 'A'}[other[i] == 'A']
			return other
		},
	}
}

// The town takes none of them either, and whoever is refused so stops.
func TestTamperedQuestions(t *testing.T) {
	changes := tampering()
	changes["without signature"] = func(b []byte) []byte {
		return regexp.MustCompile(`(?s)<ds:Signature>.*</ds:Signature>`).ReplaceAll(b, nil)
	}
	changes["the body moved, another in its place"] = func(b []byte) []byte {
		body := regexp.MustCompile(`(?s)<soap:Body.*</soap:Body>`).Find(b)
		forged := bytes.Replace(bytes.Replace(body, []byte(anna), []byte(bo), 1), []byte(`wsu:Id="body"`), nil, 1)
		return bytes.Replace(bytes.Replace(b, body, forged, 1), []byte("</wsse:Security>"), append([]byte("<wsse:Old>"), append(body, []byte("</wsse:Old></wsse:Security>")...)...), 1)
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			p.options.Road = p.road(proxy(t, p.town.URL(), change))
			_, err := p.client().LookUp(t.Context(), p.log, month(anna, february))
			isTrouble(t, err, runner.SignInRefused)
			if n := len(p.service.LookUps()); n != 0 {
				t.Errorf("the register took %d questions", n)
			}
		})
	}
}

// A question that was copied on its way is of no use to whoever has it.
func TestReplayedQuestion(t *testing.T) {
	p := open(t)
	envelope := overheard(t, p)
	again := func() string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.town.URL()+register.Path, bytes.NewReader(envelope))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("SOAPAction", `"getIndkomstOplysningPersonHent"`)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusInternalServerError {
			t.Errorf("status %d, %v", res.StatusCode, err)
		}
		return string(body)
	}
	if said := again(); !strings.Contains(said, "used before") {
		t.Errorf("it says %s", said)
	}
	p.clock.Advance(6 * time.Minute)
	if said := again(); !strings.Contains(said, "the timestamp is not of now") {
		t.Errorf("six minutes later it says %s", said)
	}
}

func TestOwnCertificateThatEnded(t *testing.T) {
	p := open(t)
	p.clock.Advance(41 * 24 * time.Hour)
	_, err := p.client().LookUp(t.Context(), p.log, month(anna, february))
	isTrouble(t, err, runner.SignInRefused)
	if len(p.town.Journal()) != 0 {
		t.Error("the service is asked all the same")
	}
	stranger, err := register.NewAuthority(start())
	if err != nil {
		t.Fatal(err)
	}
	q := open(t)
	certificate, key, err := stranger.Issue("Lilleby Kommune", start().AddDate(-1, 0, 0), start().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if q.identity, err = eindkomst.ParsePEM(certificate, key); err != nil {
		t.Fatal(err)
	}
	q.options.Road = q.road(q.town.URL())
	_, err = q.client().LookUp(t.Context(), q.log, month(anna, february))
	isTrouble(t, err, runner.SignInRefused)
}

func TestIdentityFiles(t *testing.T) {
	pair := certificates()
	chain := append(bytes.Clone(issuers().PEM()), pair[0]...)
	own, err := eindkomst.ParsePEM(chain, pair[1])
	if err != nil {
		t.Fatalf("the issuer's certificate first: %v", err)
	}
	block, _ := pem.Decode(pair[0])
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	block, _ = pem.Decode(pair[1])
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]*pkcs12.Encoder{"modern": pkcs12.Modern, "legacy": pkcs12.Legacy} {
		file, err := form.Encode(key, certificate, nil, "hemmelig123")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := eindkomst.ParsePKCS12(file, "hemmelig123"); err != nil || got.Subject() != own.Subject() || !got.Expires().Equal(certificate.NotAfter) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := eindkomst.ParsePKCS12(file, "hemmelig124"); err == nil || !strings.Contains(err.Error(), "password is not") || strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("%s, wrong password: %v", name, err)
		}
	}
	_, other, err := issuers().Issue("Andenby Kommune", start(), start().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2][]byte{"another's key": {pair[0], other}, "no key": {pair[0], nil}, "no certificate": {nil, pair[1]},
		"a curve's key": {pair[0], pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}} {
		if _, err := eindkomst.ParsePEM(c[0], c[1]); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestOverTLS(t *testing.T) {
	p := open(t)
	p.service.File(wage(anna, "202402", "15600.00"))
	roots, err := eindkomst.Authorities(p.issuer.PEM())
	if err != nil {
		t.Fatal(err)
	}
	// The certificates are of 2024; TLS goes by the machine's clock.
	secure, err := p.issuer.TLS(time.Now().AddDate(0, 0, -1), time.Now().AddDate(0, 0, 20))
	if err != nil {
		t.Fatal(err)
	}
	secured, err := town.Start(town.Config{Clock: p.clock, Systems: []town.System{p.service}, TLS: secure})
	if err != nil {
		t.Fatal(err)
	}
	defer secured.Close()
	trusting := eindkomst.NewDirect(eindkomst.DirectOptions{URL: secured.SecureURL() + register.Path, Identity: p.identity, Now: p.clock.Now, Roots: roots})
	p.options.Road = trusting
	if got, err := p.client().LookUp(t.Context(), p.log, month(anna, february)); err != nil || len(got.Reports) != 1 {
		t.Errorf("%d reports, %v", len(got.Reports), err)
	}
	asked := len(secured.Journal())
	seen, err := trusting.Look(t.Context())
	if err != nil || !strings.HasPrefix(seen.TLS, "TLS 1.") || !strings.Contains(seen.Own, "Lilleby Kommune") {
		t.Errorf("%+v, %v", seen, err)
	}
	if n := len(secured.Journal()); n != asked {
		t.Errorf("looking at the service made %d requests", n-asked)
	}
	if w := seen.Warnings(time.Now()); len(w) != 2 || !strings.HasPrefix(w[0], "kommunens certifikat til eIndkomst udløber 21-04-2024") || !strings.HasPrefix(w[1], "eIndkomsts eget certifikat udløber") {
		t.Errorf("warnings: %q", w)
	}
	if w := seen.Warnings(start()); len(w) != 0 {
		t.Errorf("40 days before the end: %q", w)
	}
	// Without the issuer nobody is asked.
	p.options.Road = p.road(secured.SecureURL())
	_, err = p.client().LookUp(t.Context(), p.log, month(anna, february))
	isTrouble(t, err, runner.Unavailable)
	_, err = p.options.Road.Look(t.Context())
	isTrouble(t, err, runner.Unavailable)
	if n := len(secured.Journal()); n != asked {
		t.Errorf("a service that nobody vouches for got %d requests", n-asked)
	}
}
