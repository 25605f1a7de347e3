package invoice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"text/template"
	"time"

	"byskriver/robots/internal/ident"
	"byskriver/robots/internal/mail"
	"byskriver/robots/invoice/answer"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// Answers say how an invoice is sent back. Without them nothing is.
type Answers struct {
	Sender    answer.Sender
	Outbox    string // the folder that replies and letters are laid in
	Automatic bool   // an invoice without EAN or reference is sent back without a person
	Letter    *template.Template
	Mail      Mailer // nil where letters are not mailed
}

// Mailer sends a letter. What its errors say is as mail.Mailer has it.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// ActionReject is a person's decision to send the invoice back: Afvis, with the
// reason to the supplier in Bemærkning.
const ActionReject = "reject"

// The steps of sending an invoice back.
const (
	stepReply = "reject"      // reply and letter are laid in the outbox
	stepMail  = "reject-mail" // the letter is mailed
)

// automatic are the exceptions for which the municipality may let the robot send
// an invoice back by itself, and what the supplier is told (BEK 206/2011, 354/2010).
var automatic = map[string]string{
	"EAN-MANGLER":       "Der står intet EAN-nummer for modtageren i fakturaen.",
	"REFERENCE-MANGLER": "Der står hverken personreference (bruger-id) eller ordrenummer i fakturaen.",
}

// sentBack is what a reply is to say. It is stored before anything is sent, so that
// the same reply is meant after a stop.
type sentBack struct {
	On     string    `json:"on"` // YYYY-MM-DD
	At     time.Time `json:"at"`
	Code   string    `json:"code,omitempty"`
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"` // the person who decided; "" for the robot
	To     string    `json:"to,omitempty"` // where the letter is mailed
}

// bound reports whether a supplier is bound by the Danish rules on electronic
// invoices: a firm with a Danish CVR number and no address abroad.
func bound(s reading.Supplier) bool {
	return ident.ValidCVR(s.CVR) && (s.Country == "" || s.Country == "DK")
}

// rejects reports whether the robot sends this invoice back by itself.
func (r *Robot) rejects(v *Refusal, inv reading.Invoice) bool {
	_, may := automatic[v.Code]
	return may && r.settings.Answers != nil && r.settings.Answers.Automatic && bound(inv.Supplier) && inv.Kind == reading.InvoiceKind
}

// returned carries out Afvis and Slet, and goes on with an invoice that is on its
// way back: one for which a reply was sent is never coded. done is false for others.
func (r *Robot) returned(ctx context.Context, c runner.Case, content Content) (done bool, err error) {
	d := c.Item().Decision
	if d != nil && d.Action == ActionDelete {
		return true, r.deleteByPerson(ctx, c, content, *d)
	}
	var begun sentBack
	switch ok, err := c.Begun(ctx, stepReply, &begun); {
	case err != nil:
		return true, err
	case ok && r.settings.Answers != nil:
		return true, r.reject(ctx, c, content, begun)
	case ok:
		return true, noAnswers()
	case d != nil && d.Action == ActionReject:
		return true, r.rejectByPerson(ctx, c, content, *d)
	}
	return false, nil
}

func noAnswers() error {
	return runner.Refuse("SVAR-MANGLER", "Robotten er ikke sat op til at sende fakturaer tilbage. Afvis fakturaen selv, og vælg Behandlet manuelt.", "")
}

// rejectByPerson carries out Afvis.
func (r *Robot) rejectByPerson(ctx context.Context, c runner.Case, content Content, d runner.Decision) error {
	if r.settings.Answers == nil {
		return noAnswers()
	}
	return r.reject(ctx, c, content, sentBack{Reason: d.Note, By: d.By})
}

// reject sends the invoice back once, by every way there is, and leaves the voucher
// in the portal to a person: to delete it is never the robot's.
func (r *Robot) reject(ctx context.Context, c runner.Case, content Content, s sentBack) error {
	var begun sentBack
	if ok, err := c.Begun(ctx, stepReply, &begun); err != nil {
		return err
	} else if ok {
		s = begun
	} else {
		day, err := today(c.Now())
		if err != nil {
			return err
		}
		s.On, s.At, s.To = string(day), c.Now(), mailTo(content.Invoice.Supplier)
	}
	files, letter, err := r.reply(c.Item().Number, *content.Invoice, s)
	if err != nil {
		return err
	}
	if err := r.layOut(ctx, c, s, files); err != nil {
		return err
	}
	if err := r.mailOut(ctx, c, s, letter, files); err != nil {
		return err
	}
	if _, err := leave(ctx, c, markRejected, numberKey(*content.Invoice)); err != nil {
		return err
	}
	if _, err := leave(ctx, c, markReturned, c.Item().Number); err != nil {
		return err
	}
	return r.rejected(ctx, c, *content.Invoice, s)
}

// rejected ends a rejection: where the invoice has a voucher in the portal, a person
// has to delete it there.
func (r *Robot) rejected(ctx context.Context, c runner.Case, inv reading.Invoice, s sentBack) error {
	found, err := r.vouchers(ctx, c, Content{Invoice: &inv})
	if err != nil || len(found) == 0 {
		return err
	}
	return runner.Refuse("AFVIST-BILAG", fmt.Sprintf("Fakturaen er sendt tilbage til leverandøren den %s. Bilag %s ligger stadig i portalen. Slet det dér, og vælg Slet med en bemærkning om hvorfor.", s.On, numbersOf(found)),
		"", deletion(), runner.Manual())
}

func mailTo(s reading.Supplier) string {
	if to := s.Contact.Mail; runner.Mask(to) == to {
		return to
	}
	return ""
}

// reply writes the files for the outbox, and the letter.
func (r *Robot) reply(item string, inv reading.Invoice, s sentBack) ([]mail.File, answer.Letter, error) {
	a := r.settings.Answers
	reply := answer.Reply{ID: item, On: s.On, Invoice: inv, Sender: a.Sender, EAN: a.Sender.EAN, Code: s.Code, Reason: s.Reason, Danish: bound(inv.Supplier)}
	if u := r.unit(inv.Buyer.EAN); u != nil {
		reply.EAN = u.EAN
	}
	letter, err := reply.Letter(a.Letter)
	if err != nil {
		return nil, letter, err
	}
	files := []mail.File{{Name: item + ".txt", Data: []byte(letter.Subject + "\n\n" + letter.Text)}}
	doc, err := reply.Document()
	switch {
	case errors.Is(err, answer.ErrPersonal):
		return nil, letter, runner.Refuse("SVAR-PERSONNUMMER", "Et svar til leverandøren ville komme til at indeholde noget, der ligner et personnummer. Svar leverandøren selv, og vælg Behandlet manuelt.", "", runner.Manual())
	case errors.Is(err, answer.ErrNoAddress): // the letter goes alone
	case err != nil:
		return nil, letter, err
	default:
		files = append(files, mail.File{Name: item + ".xml", Data: doc})
	}
	return files, letter, nil
}

// layOut lays the files in the outbox. Whoever takes them there may have done so
// before a stop was over: then nobody can tell, and a person looks.
func (r *Robot) layOut(ctx context.Context, c runner.Case, s sentBack, files []mail.File) error {
	written := false
	receipt := map[string]string{}
	for _, f := range files {
		sum := sha256.Sum256(f.Data)
		receipt[f.Name] = hex.EncodeToString(sum[:])
	}
	find := func(context.Context) (runner.Sight, error) {
		if written || r.inOutbox(files) {
			return runner.Sight{Certainty: runner.Present, Receipt: receipt}, nil
		}
		return runner.Sight{Certainty: runner.CannotTell, Text: "Robotten blev afbrudt, mens den sendte fakturaen tilbage, og det kan ikke ses, om svaret er afsendt fra udbakken."}, nil
	}
	do := func(context.Context) error {
		for _, f := range files {
			if err := writeWhole(filepath.Join(r.settings.Answers.Outbox, f.Name), f.Data); err != nil {
				return err
			}
		}
		written = true
		return nil
	}
	_, err := c.Once(ctx, runner.Step{Name: stepReply, System: "outbox", Plan: s}, find, do)
	return err
}

// inOutbox reports whether all the files lie in the outbox as they are meant.
func (r *Robot) inOutbox(files []mail.File) bool {
	for _, f := range files {
		have, err := os.ReadFile(filepath.Join(r.settings.Answers.Outbox, f.Name))
		if err != nil || !bytes.Equal(have, f.Data) {
			return false
		}
	}
	return true
}

// writeWhole writes a file beside its place and renames it, so that nobody sees half
// of it.
func writeWhole(path string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return runner.NotDone(fmt.Errorf("make the outbox: %w", err))
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return runner.NotDone(fmt.Errorf("write into the outbox: %w", err))
	}
	defer func() {
		if gone := os.Remove(temp.Name()); err == nil && !errors.Is(gone, fs.ErrNotExist) {
			err = gone
		}
	}()
	_, werr := temp.Write(data)
	if err := errors.Join(werr, temp.Chmod(0o640), temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("write into the outbox: %w", err)
	}
	return os.Rename(temp.Name(), path)
}

// retryMail is how long to wait for a server that puts mail off: greylisting is over
// within some minutes.
const retryMail = 10 * time.Minute

// mailOut mails the letter with the reply.
func (r *Robot) mailOut(ctx context.Context, c runner.Case, s sentBack, letter answer.Letter, files []mail.File) error {
	if r.settings.Answers.Mail == nil || s.To == "" {
		return nil
	}
	sent := false
	find := func(context.Context) (runner.Sight, error) {
		if sent {
			return runner.Sight{Certainty: runner.Present, Receipt: map[string]string{"to": s.To}}, nil
		}
		return runner.Sight{Certainty: runner.CannotTell, Text: "Det kan ikke ses, om mailen til leverandøren er sendt. Svaret ligger i udbakken."}, nil
	}
	do := func(ctx context.Context) error {
		attached := slices.DeleteFunc(slices.Clone(files), func(f mail.File) bool { return filepath.Ext(f.Name) != ".xml" })
		err := r.settings.Answers.Mail.Send(ctx, mail.Message{ID: c.Item().Number, To: s.To, Subject: letter.Subject, Text: letter.Text, At: s.At, Files: attached})
		sent = err == nil
		return err
	}
	_, err := c.Once(ctx, runner.Step{Name: stepMail, System: mail.Name, Plan: s}, find, do)
	var refused *mail.Refused
	if !errors.As(err, &refused) {
		return err
	}
	if refused.Temporary && c.Now().Sub(s.At) < r.settings.Patience {
		return runner.Later(c.Now().Add(retryMail), "SVAR-VENTER", "Leverandørens mailserver tager ikke imod endnu. Robotten prøver igen.")
	}
	return runner.Refuse("SVAR-AFVIST", fmt.Sprintf("Svaret til leverandøren ligger i udbakken, men mailen til %s blev ikke modtaget. Send brevet %s.txt på en anden måde, og vælg Behandlet manuelt.", runner.Mask(s.To), c.Item().Number),
		"", runner.Retry(), runner.Manual())
}

func rejection() runner.Choice {
	return runner.Choice{Action: ActionReject, Label: "Afvis", NeedsNote: true}
}
