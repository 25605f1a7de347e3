// Package mail sends mail through the municipality's own server, by SMTP with
// STARTTLS. What it returns says what is known: that the server has taken the
// message, that it certainly has not, or that nobody can tell.
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"time"

	smtp "github.com/wneessen/go-mail"

	"byskriver/runner"
)

// Name is the mail server's name in the configuration.
const Name = "mail"

// Settings say where the server is and who sends.
type Settings struct {
	URL      string                 // smtp://HOST:PORT; STARTTLS is required but on this machine itself
	From     string                 // the address that mail comes from
	User     string                 // "" where the server asks for no password
	Password func() (string, error) // asked at each sign-in
	Told     func(error) error      // told how each sign-in ended, and gives back what it was told; may be nil
	Roots    *x509.CertPool         // whom to trust; nil is the machine's own
	Timeout  time.Duration          // the longest that one command may take; 30 s if 0
}

// Mailer sends mail.
type Mailer struct {
	settings Settings
	host     string
	port     int
}

// New checks the settings and builds a mailer. Nothing is reached.
func New(s Settings) (*Mailer, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Scheme != "smtp" || u.Hostname() == "" {
		return nil, fmt.Errorf("the mail server's url must be smtp://HOST:PORT, and %q is not", s.URL)
	}
	if _, err := mail.ParseAddress(s.From); err != nil {
		return nil, fmt.Errorf("the address %q that mail is to come from: %w", s.From, err)
	}
	m := &Mailer{settings: s, host: u.Hostname(), port: smtp.DefaultPortTLS}
	if u.Port() != "" {
		if m.port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, fmt.Errorf("the mail server's port: %w", err)
		}
	}
	if s.Timeout == 0 {
		m.settings.Timeout = 30 * time.Second
	}
	return m, nil
}

// Message is one mail.
type Message struct {
	ID      string // what it is known by, such as an item's number; part of its Message-ID
	To      string
	Subject string
	Text    string
	At      time.Time
	Files   []File
}

// File is a file that goes with a mail.
type File struct {
	Name string
	Data []byte
}

// Refused is the server's own answer that it does not take a message.
type Refused struct {
	Temporary bool   // it may be taken later: greylisting, a full box
	Code      int    // SMTP's
	Text      string // in the server's words
}

// Error is what the server said.
func (r *Refused) Error() string {
	return fmt.Sprintf("the mail server refuses the message: %d %s", r.Code, r.Text)
}

// Send sends one message. An error marked with runner.NotDone left it unsent: a
// *Refused is the server's answer, a *runner.Trouble a server that cannot be reached
// or does not take the password. After any other error it may have been sent.
func (m *Mailer) Send(ctx context.Context, msg Message) error {
	out, err := m.compose(msg)
	if err != nil {
		return runner.NotDone(err)
	}
	client, err := m.dial(ctx)
	if err != nil {
		return runner.NotDone(err)
	}
	err = client.Send(out)
	// What comes after the server has taken the message says nothing about it.
	if closed := client.Close(); closed != nil && err == nil && !out.IsDelivered() {
		err = closed
	}
	if out.IsDelivered() {
		return nil
	}
	return refusedBy(err)
}

// Look signs in and sends nothing.
func (m *Mailer) Look(ctx context.Context) error {
	client, err := m.dial(ctx)
	if err != nil {
		return err
	}
	return client.Close()
}

// dial connects and signs in.
func (m *Mailer) dial(ctx context.Context) (*smtp.Client, error) {
	client, err := m.client()
	if err != nil {
		return nil, err
	}
	if err = client.DialWithContext(ctx); err != nil {
		err = unreachable(err)
	}
	if s := m.settings; s.User != "" && s.Told != nil {
		err = s.Told(err)
	}
	return client, err
}

func (m *Mailer) client() (*smtp.Client, error) {
	s := m.settings
	policy := smtp.TLSMandatory
	if m.host == "localhost" {
		policy = smtp.TLSOpportunistic // a relay on this machine
	}
	options := []smtp.Option{smtp.WithPort(m.port), smtp.WithTimeout(s.Timeout), smtp.WithTLSPolicy(policy),
		smtp.WithTLSConfig(&tls.Config{ServerName: m.host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12})}
	if s.User != "" {
		password, err := s.Password()
		if err != nil {
			return nil, fmt.Errorf("read the mail server's password: %w", err)
		}
		options = append(options, smtp.WithSMTPAuth(smtp.SMTPAuthAutoDiscover), smtp.WithUsername(s.User), smtp.WithPassword(password))
	}
	return smtp.NewClient(m.host, options...)
}

func (m *Mailer) compose(msg Message) (*smtp.Msg, error) {
	out := smtp.NewMsg()
	if err := out.From(m.settings.From); err != nil {
		return nil, fmt.Errorf("write the sender: %w", err)
	}
	if err := out.To(msg.To); err != nil {
		return nil, fmt.Errorf("write the address %q: %w", runner.Mask(msg.To), err)
	}
	from, err := mail.ParseAddress(m.settings.From)
	if err != nil {
		return nil, err
	}
	_, domain, _ := bytes.Cut([]byte(from.Address), []byte("@"))
	out.SetMessageIDWithValue(msg.ID + "@" + string(domain))
	out.SetDateWithValue(msg.At)
	out.Subject(msg.Subject)
	out.SetBodyString(smtp.TypeTextPlain, msg.Text)
	for _, f := range msg.Files {
		out.AttachReadSeeker(f.Name, bytes.NewReader(f.Data))
	}
	return out, nil
}

// unreachable tells a password that is refused from a server that is not there.
func unreachable(err error) error {
	var said *textproto.Error
	if errors.As(err, &said) && (said.Code == 535 || said.Code == 534 || said.Code == 530) {
		return &runner.Trouble{Kind: runner.SignInRefused, System: Name, Text: "Mailserveren tager ikke imod robottens bruger og adgangskode. Få driften til at rette dem.", Err: err}
	}
	return &runner.Trouble{Kind: runner.Unavailable, System: Name, Text: "Mailserveren kan ikke nås.", Err: err}
}

// refusedBy reads what the server answered. An answer of its own is certain; a
// connection that ended without one is not.
func refusedBy(err error) error {
	var failed *smtp.SendError
	if !errors.As(err, &failed) {
		return fmt.Errorf("send the mail: %w", err)
	}
	code := failed.ErrorCode()
	if code < 400 {
		switch failed.Reason {
		case smtp.ErrConnCheck, smtp.ErrSMTPMailFrom, smtp.ErrSMTPRcptTo, smtp.ErrSMTPData, smtp.ErrGetSender, smtp.ErrGetRcpts:
			return runner.NotDone(&runner.Trouble{Kind: runner.Unavailable, System: Name, Text: "Mailserveren afbrød forbindelsen.", Err: err})
		}
		return fmt.Errorf("send the mail: %w", err)
	}
	return runner.NotDone(&Refused{Temporary: failed.IsTemp() || code < 500, Code: code, Text: runner.Mask(failed.Error())})
}
