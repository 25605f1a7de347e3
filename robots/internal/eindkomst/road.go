package eindkomst

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/go-resty/resty/v2"

	"byskriver/runner"
)

// Road carries a question to the service and its answer back: the one place that
// knows how we prove who we are. Direct is the road to Skatteforvaltningen itself;
// SF0770_A through Serviceplatformen, with its token, is another one beside it.
type Road interface {
	// Ask sends the content of a body and returns the answer's whole envelope.
	Ask(ctx context.Context, question *etree.Element) ([]byte, error)
	// Look reaches the service without asking about anybody, and tells what it saw.
	Look(ctx context.Context) (Seen, error)
}

// Direct is the road straight to Skatteforvaltningen: SOAP 1.1, signed with an
// OCES3 certificate.
type Direct struct {
	url      string
	identity *Identity
	roots    *x509.CertPool
	largest  int64
	longest  time.Duration
	now      func() time.Time
	http     *resty.Client
}

// DirectOptions is what the road needs.
type DirectOptions struct {
	URL      string         // of the service, such as https://…/IndkomstOplysningPersonHentV2ServicePort
	Identity *Identity      // what questions are signed with
	Roots    *x509.CertPool // who may vouch for the service; nil means those that the machine trusts
	Largest  int64          // the largest answer, in bytes; 0 means 10 MiB
	Longest  time.Duration  // the longest that one question may take; 0 means a minute
	Now      func() time.Time
}

// largestAnswer is the most that is read of an answer, in bytes. Another user of
// the service allows 10,240,000.
const largestAnswer = 10 << 20

// NewDirect builds the road. Nothing is reached yet. Requests are never repeated
// and never follow a redirect: each is one look-up of a citizen.
func NewDirect(o DirectOptions) *Direct {
	if o.Largest == 0 {
		o.Largest = largestAnswer
	}
	if o.Longest == 0 {
		o.Longest = time.Minute
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     30 * time.Second,
		TLSHandshakeTimeout: 15 * time.Second,
	}
	client := resty.New().SetTransport(transport).SetRetryCount(0).SetLogger(quiet{}).
		SetDoNotParseResponse(true).SetRedirectPolicy(resty.NoRedirectPolicy())
	return &Direct{url: o.URL, identity: o.Identity, roots: o.Roots, largest: o.Largest, longest: o.Longest, now: o.Now, http: client}
}

// quiet drops what the HTTP library would print: the run log is the only log.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}

// Ask signs the question, sends it once and returns the answer's envelope.
func (d *Direct) Ask(ctx context.Context, question *etree.Element) ([]byte, error) {
	now := d.now()
	if err := d.identity.valid(now); err != nil {
		return nil, signIn("Kommunens certifikat til eIndkomst gælder ikke i dag. Forny det, og ret systems.eindkomst i konfigurationen.", err)
	}
	envelope, err := d.identity.envelope(question, now)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, d.longest)
	defer cancel()
	// Bytes, never a reader: the library would send an empty body if it had to send
	// a reader twice.
	res, err := d.http.R().SetContext(ctx).SetHeader("Content-Type", "text/xml; charset=utf-8").
		SetHeader("SOAPAction", `"`+soapAction+`"`).SetHeader("Accept", "text/xml").SetBody(envelope).Post(d.url)
	if err != nil {
		return nil, unreached(ctx, err)
	}
	defer res.RawBody().Close()
	body, err := io.ReadAll(io.LimitReader(res.RawBody(), d.largest+1))
	if err != nil {
		return nil, unavailable("eIndkomst afbrød forbindelsen midt i svaret.", fmt.Errorf("read the answer: %w", plain(err)))
	}
	if int64(len(body)) > d.largest {
		return nil, &TooLarge{Err: fmt.Errorf("the answer is larger than %d bytes", d.largest)}
	}
	return body, judge(res.StatusCode(), res.Header(), body)
}

// judge tells an answer of the service from one of something before it. A fault
// comes with 500 and is an answer.
func judge(status int, header http.Header, body []byte) error {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	soap := err == nil && (kind == "text/xml" || kind == "application/xml" || kind == "application/soap+xml")
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return signIn("eIndkomst afviser robottens adgang. Få certifikatet og aftalen set efter, før robotten startes igen.", fmt.Errorf("HTTP status %d", status))
	case soap && (status == http.StatusOK || status == http.StatusInternalServerError):
		return nil
	case status == http.StatusOK && looksLikeHTML(body):
		return unavailable("eIndkomst svarede med en webside i stedet for data. Prøv igen senere.", errors.New("a web page came with HTTP status 200"))
	case status == http.StatusOK:
		return unavailable("eIndkomst svarede med noget andet end data. Prøv igen senere.", fmt.Errorf("content type %q came with HTTP status 200", kind))
	}
	return unavailable(fmt.Sprintf("eIndkomst er ikke til at få svar af (HTTP %d). Prøv igen senere.", status), fmt.Errorf("HTTP status %d", status))
}

func looksLikeHTML(body []byte) bool {
	start := strings.ToLower(string(bytes.TrimSpace(body[:min(len(body), 512)])))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// unreached says in the runner's words that there was no answer.
func unreached(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return unavailable("eIndkomsts eget certifikat kan ikke godkendes. Få driften til at se på det, før nogen slås op.", plain(err))
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable("eIndkomst svarer for langsomt.", plain(err))
	}
	return unavailable("eIndkomst svarer ikke.", plain(err))
}

// plain is an error with nothing of what was asked in it.
func plain(err error) error { return errors.New(runner.Mask(err.Error())) }
