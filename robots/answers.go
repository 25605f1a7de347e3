package robots

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"byskriver/robots/internal/ident"
	"byskriver/robots/internal/mail"
	"byskriver/robots/invoice"
	"byskriver/robots/invoice/answer"
	"byskriver/runner/config"
)

// answersSection is robots.invoice.answers in the configuration: how an invoice is
// sent back to its supplier.
type answersSection struct {
	Sender    answer.Sender `yaml:"sender"`
	Outbox    string        `yaml:"outbox"`    // where replies and letters are laid
	Automatic bool          `yaml:"automatic"` // an invoice without EAN or reference goes back without a person
	Letter    string        `yaml:"letter"`    // the municipality's own letter; the program's if empty
	Mail      bool          `yaml:"mail"`      // letters are mailed too, by systems.mail
}

// openAnswers builds what the section says. The error joins all that is wrong.
func openAnswers(c *config.Config, section config.Robot, a *answersSection) (*invoice.Answers, error) {
	if a == nil {
		return nil, nil
	}
	var wrong []error
	say := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, section.Problem("robots.invoice.answers."+format, args...))
		}
	}
	say(a.Outbox != "", "outbox is missing: the folder that replies and letters are laid in")
	say(a.Sender.Name != "" && a.Sender.Unit != "", "sender needs name and unit: who answers, and who can be asked")
	say(a.Sender.Phone != "" || a.Sender.Mail != "", "sender needs phone or mail: how the supplier can ask")
	say(ident.ValidCVR(a.Sender.CVR), "sender.cvr is %q; it must be the municipality's CVR number", a.Sender.CVR)
	say(ident.ValidGLN(a.Sender.EAN), "sender.ean is %q; it must be an EAN number: 13 digits with a check digit", a.Sender.EAN)
	out := &invoice.Answers{Sender: a.Sender, Outbox: section.Path(a.Outbox), Automatic: a.Automatic}
	text := answer.Standard()
	if a.Letter != "" {
		own, err := os.ReadFile(section.Path(a.Letter))
		if err != nil {
			wrong = append(wrong, fmt.Errorf("read the letter to suppliers: %w", err))
		}
		text = string(own)
	}
	letter, err := answer.ParseLetter(text)
	if err != nil && len(wrong) == 0 {
		wrong = append(wrong, fmt.Errorf("%s: %w", section.Path(a.Letter), err))
	}
	out.Letter = letter
	if a.Mail {
		mailer, err := openMail(c)
		wrong = append(wrong, err)
		out.Mail = mailer
	}
	return out, errors.Join(wrong...)
}

// mailService is systems.mail.service in the configuration.
type mailService struct {
	From     string        `yaml:"from"`     // the address that mail comes from
	User     string        `yaml:"user"`     // empty where the server asks for no password
	Password config.Secret `yaml:"password"` // a reference
	Trust    string        `yaml:"trust"`    // a PEM file with whom to trust beside nobody else; the machine's own list if empty
}

// openMail builds the mailer of systems.mail. Nothing is reached.
func openMail(c *config.Config) (*mail.Mailer, error) {
	system, ok := c.Systems[mail.Name]
	if !ok || !system.Service.Given() {
		return nil, &config.Problem{File: c.File, Text: "systems.mail is missing, or has no service: mail is sent by it"}
	}
	var s mailService
	if err := system.Service.Decode(&s); err != nil {
		return nil, err
	}
	settings := mail.Settings{URL: system.URL, From: s.From, User: s.User, Timeout: system.LongestRequest}
	if s.User != "" {
		login, err := system.Service.Login("", s.User, s.Password, "systems.mail.service.password")
		if err != nil {
			return nil, err
		}
		settings.Password, settings.Told = login.Password, login.Told
	}
	if s.Trust != "" {
		pem, err := os.ReadFile(system.Service.Path(s.Trust))
		if err != nil {
			return nil, fmt.Errorf("read whom the mail server is trusted by: %w", err)
		}
		settings.Roots = x509.NewCertPool()
		if !settings.Roots.AppendCertsFromPEM(pem) {
			return nil, system.Service.Problem("systems.mail.service.trust names %s, which holds no certificate", s.Trust)
		}
	}
	mailer, err := mail.New(settings)
	if err != nil {
		return nil, system.Service.Problem("systems.mail: %v", err)
	}
	return mailer, nil
}

// lookMail signs in to the mail server, and sends nothing.
func lookMail(ctx context.Context, c *config.Config, seen func(page string)) error {
	mailer, err := openMail(c)
	if err != nil {
		return err
	}
	if err := mailer.Look(ctx); err != nil {
		return err
	}
	seen("mailserver")
	return nil
}
