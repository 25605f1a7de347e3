package spml

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"byskriver/runner"
)

// Refused is the service's own refusal of what was asked, in its own words, CPR numbers
// masked.
type Refused struct{ Text string }

// Error is what the service said.
func (r *Refused) Error() string { return "KSP/CICS's service refuses: " + r.Text }

func (s *Service) search(ctx context.Context, kind string) ([]entry, error) {
	r, err := s.ask(ctx, "Search", searching(kind, s.settings.LOS))
	return r.Entries, err
}

// ask sends one document, once, and gives its result if it is success.
func (s *Service) ask(ctx context.Context, verb, document string) (result, error) {
	resp, err := s.http.R().SetContext(ctx).SetHeader("Content-Type", "text/xml; charset=utf-8").
		SetHeader("SOAPAction", nsKMD+"/SPML"+verb+"Request").SetBody([]byte(envelope(verb, document))).Post(s.settings.URL)
	if err != nil {
		return result{}, unreached(ctx, err)
	}
	status := resp.StatusCode()
	soap := strings.Contains(resp.Header().Get("Content-Type"), "xml")
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return result{}, runner.NotDone(signIn(fmt.Errorf("HTTP status %d", status)))
	case !soap || status != http.StatusOK && status != http.StatusInternalServerError:
		return result{}, outage(fmt.Errorf("HTTP status %d, %s", status, resp.Header().Get("Content-Type")))
	}
	r, fault, err := read(verb, resp.Body())
	switch {
	case err != nil:
		return result{}, odd(err)
	case fault != nil:
		return result{}, outage(fmt.Errorf("SOAP fault %s", runner.Mask(fault.Code)))
	case r.Result != success:
		return result{}, runner.NotDone(&Refused{said(r.Message)})
	}
	return r, nil
}

// said is a text of the service as it may be repeated.
func said(text string) string {
	runes := []rune(runner.Mask(strings.Join(strings.Fields(text), " ")))
	if len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	if len(runes) == 0 {
		return "no reason given"
	}
	return string(runes)
}

// unreached is a request without an answer. What never got a connection was not taken.
func unreached(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var alert tls.AlertError
	var op *net.OpError
	plain := errors.New(runner.Mask(err.Error()))
	switch {
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return runner.NotDone(&runner.Trouble{Kind: runner.Unavailable, System: Name, Err: plain, Text: "Certifikatet på KSP/CICS' snitflade kan ikke godkendes. Få driften til at se på det."})
	case errors.As(err, &alert):
		return runner.NotDone(signIn(plain)) // it does not take our certificate
	case errors.As(err, &op) && op.Op == "dial":
		return runner.NotDone(outage(plain))
	}
	return outage(plain)
}

func signIn(err error) error {
	return &runner.Trouble{Kind: runner.SignInRefused, System: Name, Err: err,
		Text: "KSP/CICS' snitflade afviser kommunens certifikat. Se efter, at det gælder, og at det er knyttet til en bruger i KSP/CICS."}
}

func outage(err error) error {
	return &runner.Trouble{Kind: runner.Unavailable, System: Name, Err: err, Text: "KSP/CICS' snitflade svarer ikke, som den skal. Robotten prøver igen senere."}
}

func odd(err error) error {
	return &runner.Trouble{Kind: runner.ScreenChanged, System: Name, Err: err, Text: "Svaret fra KSP/CICS' snitflade ser ikke ud som ventet. Det er ikke brugt. Få driften til at se på det."}
}
