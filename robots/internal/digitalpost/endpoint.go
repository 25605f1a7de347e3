package digitalpost

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// Largest is the largest message that is taken, in bytes: MeMo's own limit is about
// 100 MB, and a certificate has a few pages.
const Largest = 20 << 20

// Keep stores a message so that a crash cannot lose it, and returns when that is so.
type Keep func(ctx context.Context, m Message, raw []byte) error

// ErrOther says that a message of that id was taken before and said something else.
var ErrOther = errors.New("a message of that id was taken before with other content")

// Endpoint is what the post distributor calls: it takes a message by POST, and
// answers 200 when it is kept, never before. The same message again is 200 as well.
func Endpoint(path string, keep Keep) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, Largest))
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large):
			http.Error(w, "the message is too large", http.StatusRequestEntityTooLarge)
			return
		case err != nil:
			http.Error(w, "the message did not arrive whole", http.StatusBadRequest)
			return
		}
		m, err := Parse(raw)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		switch err := keep(r.Context(), m, raw); {
		case errors.Is(err, ErrOther):
			http.Error(w, "a message of that id was taken before", http.StatusConflict)
		case err != nil:
			http.Error(w, "the message could not be kept; send it again", http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusOK)
		}
	})
	return mux
}

// MutualTLS is the endpoint's side of mutual TLS: clients must show a certificate
// that one of the given authorities has signed and whose common name is among names.
func MutualTLS(own tls.Certificate, authorities []byte, names []string) (*tls.Config, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authorities) {
		return nil, errors.New("no certificate authority in PEM")
	}
	if len(names) == 0 {
		return nil, errors.New("no client is named that may call")
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
		VerifyConnection: func(s tls.ConnectionState) error {
			if cn := s.PeerCertificates[0].Subject.CommonName; !slices.Contains(names, cn) {
				return fmt.Errorf("the client %q may not call here", cn)
			}
			return nil
		}}, nil
}
