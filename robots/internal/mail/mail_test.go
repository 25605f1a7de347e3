package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/town/post"
	"byskriver/runner"
)

// open is a mail server and a mailer that knows its password.
func open(t *testing.T, c post.Config, change ...func(*Settings)) (*post.Office, *Mailer) {
	t.Helper()
	o, err := post.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(o.Roots()) {
		t.Fatal("no certificate")
	}
	user, password := o.User()
	s := Settings{URL: o.URL(), From: "Lilleby Kommune <faktura@lilleby.example>", User: user, Password: func() (string, error) { return password, nil }, Roots: roots, Timeout: 5 * time.Second}
	for _, f := range change {
		f(&s)
	}
	m, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return o, m
}

func message() Message {
	return Message{ID: "invoice-2026-000007", To: "bogholderi@moelby.example", Subject: "Faktura F-100 er sendt tilbage", Text: "Kære leverandør\n",
		At: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Files: []File{{Name: "svar.xml", Data: []byte("<svar/>")}}}
}

func TestSend(t *testing.T) {
	o, m := open(t, post.Config{Slow: 10 * time.Millisecond})
	if err := m.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	all := o.Letters()
	if len(all) != 1 || all[0].From != "faktura@lilleby.example" || all[0].To[0] != "bogholderi@moelby.example" {
		t.Fatalf("taken: %+v", all)
	}
	for _, want := range []string{"Message-ID: <invoice-2026-000007@lilleby.example>", "Date: Sat, 21 Nov 2026 12:00:00 +0000", "Subject: Faktura F-100 er sendt tilbage", "svar.xml"} {
		if !strings.Contains(all[0].Data, want) {
			t.Errorf("%q is not in %s", want, all[0].Data)
		}
	}
}

// What a server answers is certain; whether it may be tried again is its own word.
func TestRefused(t *testing.T) {
	o, m := open(t, post.Config{Greylist: 1, Unknown: []string{"ingen@moelby.example"}})
	err := m.Send(t.Context(), message())
	var r *Refused
	if !errors.As(err, &r) || !r.Temporary || r.Code != 451 || !runner.IsNotDone(err) {
		t.Fatalf("greylisted: %v", err)
	}
	if err := m.Send(t.Context(), message()); err != nil || len(o.Letters()) != 1 {
		t.Errorf("the second time: %v", err)
	}
	gone := message()
	gone.To = "ingen@moelby.example"
	if err := m.Send(t.Context(), gone); !errors.As(err, &r) || r.Temporary || r.Code != 550 || !runner.IsNotDone(err) || len(o.Letters()) != 1 {
		t.Errorf("nobody there: %v", err)
	}
}

// A connection that ends after the message without an answer: nobody can tell.
func TestCutAfterTheMessage(t *testing.T) {
	o, m := open(t, post.Config{Cut: true})
	err := m.Send(t.Context(), message())
	if err == nil || runner.IsNotDone(err) || len(o.Letters()) != 1 {
		t.Errorf("got %v, NotDone %v, %d letters", err, runner.IsNotDone(err), len(o.Letters()))
	}
}

func TestServerInTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Settings)
		kind   runner.TroubleKind
	}{
		"wrong password":   {func(s *Settings) { s.Password = func() (string, error) { return "forkert", nil } }, runner.SignInRefused},
		"another's server": {func(s *Settings) { s.Roots = x509.NewCertPool() }, runner.Unavailable},
		"nobody there":     {func(s *Settings) { s.URL = "smtp://127.0.0.1:1" }, runner.Unavailable},
	} {
		o, m := open(t, post.Config{}, c.change)
		err := m.Send(t.Context(), message())
		var trouble *runner.Trouble
		if !errors.As(err, &trouble) || trouble.Kind != c.kind || !runner.IsNotDone(err) || len(o.Letters()) != 0 {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "Posthus") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, s := range []Settings{{URL: "https://post", From: "a@b.example"}, {URL: "smtp://", From: "a@b.example"}, {URL: "smtp://post:587", From: "nobody"}} {
		if _, err := New(s); err == nil {
			t.Errorf("%+v was taken", s)
		}
	}
	_, m := open(t, post.Config{})
	bad := message()
	bad.To = "nobody"
	if err := m.Send(t.Context(), bad); err == nil || !runner.IsNotDone(err) {
		t.Errorf("a wrong address: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Send(ended, message()); err == nil || !runner.IsNotDone(err) {
		t.Errorf("an ended run: %v", err)
	}
}
