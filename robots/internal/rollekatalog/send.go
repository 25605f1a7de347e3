package rollekatalog

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/go-resty/resty/v2"

	"byskriver/runner"
)

// Refused is the catalogue's own refusal of a request, by its status. What it said is
// not kept: it may repeat what was sent.
type Refused struct{ Status int }

// Error names the status.
func (r *Refused) Error() string {
	return fmt.Sprintf("the role catalogue refuses: %d %s", r.Status, http.StatusText(r.Status))
}

// send sends one request, once.
func (c *Catalogue) send(ctx context.Context, method, path string, query map[string]string) (*resty.Response, error) {
	key, err := c.settings.Key()
	if err != nil {
		return nil, runner.NotDone(fmt.Errorf("get the key of the role catalogue: %w", err))
	}
	r := c.http.R().SetContext(ctx).SetHeader("ApiKey", key).SetHeader("Accept", "application/json").SetQueryParams(query)
	if c.settings.Domain != "" {
		r.SetQueryParam("domain", c.settings.Domain)
	}
	resp, err := r.Execute(method, c.settings.URL+path)
	if err != nil {
		return nil, unreached(ctx, err)
	}
	switch status := resp.StatusCode(); {
	case status == http.StatusOK:
		return resp, nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return nil, runner.NotDone(&runner.Trouble{Kind: runner.SignInRefused, System: Name, Err: &Refused{status},
			Text: "OS2rollekatalog afviser robottens nøgle, eller nøglen må ikke det, den bruges til. Få den set efter under API-klienter i rollekataloget."})
	case status == http.StatusTooManyRequests:
		return nil, runner.NotDone(outage(&Refused{status}))
	case status >= 500:
		return nil, outage(&Refused{status})
	case status >= 300 && status < 400:
		return nil, runner.NotDone(odd(&Refused{status}))
	default:
		return nil, runner.NotDone(&Refused{status})
	}
}

// unreached is a request without an answer. What could not be dialled was not taken.
func unreached(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var op *net.OpError
	told := outage(errors.New(runner.Mask(err.Error())))
	switch {
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return runner.NotDone(&runner.Trouble{Kind: runner.Unavailable, System: Name, Err: errors.New(runner.Mask(err.Error())),
			Text: "OS2rollekatalogs certifikat kan ikke godkendes. Få driften til at se på det."})
	case errors.As(err, &op) && op.Op == "dial":
		return runner.NotDone(told)
	}
	return told
}

func outage(err error) error {
	return &runner.Trouble{Kind: runner.Unavailable, System: Name, Err: err, Text: "OS2rollekatalog svarer ikke, som det skal. Robotten prøver igen senere."}
}

// odd is an answer that is not the catalogue's as we know it.
func odd(err error) error {
	return changed("Svaret fra OS2rollekatalog ser ikke ud som ventet. Det er ikke brugt. Få driften til at se på det.", err)
}

func changed(text string, err error) error {
	return &runner.Trouble{Kind: runner.ScreenChanged, System: Name, Text: text, Err: err}
}
