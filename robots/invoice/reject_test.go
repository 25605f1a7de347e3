package invoice

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/town/post"
	"byskriver/robots/internal/mail"
	"byskriver/robots/invoice/answer"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// answering is a bench whose robot sends invoices back, through a mail server.
func answering(t *testing.T, automatic bool, c post.Config, vouchers ...Voucher) (*bench, *post.Office) {
	t.Helper()
	office, err := post.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := office.Close(); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(office.Roots())
	user, password := office.User()
	mailer, err := mail.New(mail.Settings{URL: office.URL(), From: "faktura@lilleby.example", User: user, Password: func() (string, error) { return password, nil }, Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	letter, err := answer.ParseLetter(answer.Standard())
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, newDesk(vouchers...))
	b.robot.settings.Answers = &Answers{Outbox: t.TempDir(), Automatic: automatic, Letter: letter, Mail: mailer,
		Sender: answer.Sender{Name: "Lilleby Kommune", CVR: "94133335", EAN: townHall, Unit: "Økonomi", Mail: "faktura@lilleby.example"}}
	return b, office
}

// bare is an invoice without reference, from a supplier with an address.
func bare(change ...func(*reading.Invoice)) reading.Invoice {
	return changed(func(i *reading.Invoice) {
		i.Buyer.Reference, i.Buyer.Order = "", ""
		i.Supplier.Endpoint = reading.Identifier{Scheme: "DK:CVR", ID: "DK" + supplierCVR}
		i.Supplier.Contact.Mail, i.Supplier.Country = "bogholderi@moelby.example", "DK"
		for _, f := range change {
			f(i)
		}
	})
}

func outbox(t *testing.T, b *bench) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := os.ReadDir(b.robot.settings.Answers.Outbox)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(b.robot.settings.Answers.Outbox, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name()] = string(data)
	}
	return all
}

func TestSentBackByItself(t *testing.T) {
	b, office := answering(t, true, post.Config{})
	c := b.add(found(t, bare()))
	if err := b.work(t, b.robot, c); err != nil {
		t.Fatal(err)
	}
	files := outbox(t, b)
	if len(files) != 2 || !strings.Contains(files["invoice-2026-000001.xml"], ">BusinessReject<") || !strings.Contains(files["invoice-2026-000001.txt"], "personreference (bruger-id)") {
		t.Errorf("the outbox has %v", files)
	}
	if l := office.Letters(); len(l) != 1 || l[0].To[0] != "bogholderi@moelby.example" || !strings.Contains(l[0].Data, "invoice-2026-000001.xml") {
		t.Errorf("mailed %+v", l)
	}
	if err := b.work(t, b.robot, c); err != nil || len(office.Letters()) != 1 {
		t.Errorf("worked again: %v, %d letters", err, len(office.Letters()))
	}
	if !slices.ContainsFunc(b.counting(), func(m runner.Mark) bool { return m.Kind == markReturned && m.Key == c.item.Number && m.Sticky }) {
		t.Errorf("nothing says of the item that it was sent back: %+v", b.counting())
	}
	again := b.another(t, "F-100", func(i *reading.Invoice) { i.UUID = "corrected" })
	if code := b.outcome(t, again); code != "" || b.desk.count() != 1 {
		t.Errorf("the corrected one, with the same number: %s", code)
	}
}

// Who decides is the municipality's; foreign suppliers, credit notes and all other
// reasons are a person's always.
func TestSentBackByAPersonOtherwise(t *testing.T) {
	for name, c := range map[string]struct {
		automatic bool
		inv       reading.Invoice
		code      string
	}{
		"the municipality wants a person": {false, bare(), "REFERENCE-MANGLER"},
		"foreign by address":              {true, bare(func(i *reading.Invoice) { i.Supplier.Country = "SE" }), "REFERENCE-MANGLER"},
		"foreign by number":               {true, bare(func(i *reading.Invoice) { i.Supplier.CVR = "" }), "REFERENCE-MANGLER"},
		"a credit note":                   {true, bare(func(i *reading.Invoice) { i.Kind = reading.CreditNoteKind }), "REFERENCE-MANGLER"},
		"another reason":                  {true, changed(func(i *reading.Invoice) { i.Buyer.EAN = nobodys }), "EAN-UKENDT"},
	} {
		b, office := answering(t, c.automatic, post.Config{})
		r := refused(t, b.work(t, b.robot, b.add(found(t, c.inv))))
		if r.Code != c.code || len(office.Letters()) != 0 || len(outbox(t, b)) != 0 || !strings.Contains(strings.Join(choicesOf(r), " "), "reject") {
			t.Errorf("%s: %+v, %d letters", name, r, len(office.Letters()))
		}
	}
	b := newBench(t, newDesk())
	r := refused(t, b.work(t, b.robot, b.add(found(t, bare()))))
	if strings.Contains(strings.Join(choicesOf(r), " "), "reject") {
		t.Errorf("Afvis is offered where nothing can be sent: %v", choicesOf(r))
	}
}

// Afvis sends the person's own reason. The voucher stays for a person to delete.
func TestAfvis(t *testing.T) {
	b, office := answering(t, false, post.Config{}, voucher())
	c := b.add(found(t, bare()))
	refused(t, b.work(t, b.robot, c))
	c.item.Decision = &runner.Decision{Action: ActionReject, Note: "Vi har ikke bestilt varen.", By: "Karen Holm"}
	r := refused(t, b.work(t, b.robot, c))
	if r.Code != "AFVIST-BILAG" || !strings.Contains(r.Text, "1900000007") || strings.Join(choicesOf(r), " ") != "delete manual" {
		t.Errorf("got %+v", r)
	}
	if l := office.Letters(); len(l) != 1 || !strings.Contains(outbox(t, b)["invoice-2026-000001.txt"], "Vi har ikke bestilt varen.") {
		t.Errorf("%d letters, %v", len(l), outbox(t, b))
	}
	c.item.Decision = &runner.Decision{Action: runner.ActionRetry, By: "Karen Holm"}
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "AFVIST-BILAG" || len(office.Letters()) != 1 || b.desk.count() != 0 {
		t.Errorf("tried again: %+v, %d letters", r, len(office.Letters()))
	}
	c.item.Decision = &runner.Decision{Action: ActionDelete, Note: "Afvist, leverandøren sender en ny.", By: "Karen Holm", At: noon, Source: "uge 47.xlsx"}
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "SLET-BILAG" {
		t.Errorf("the voucher is still there: %+v", r)
	}
	b.desk.inbox = nil
	c.item.Decision = &runner.Decision{Action: ActionDelete, Note: "Afvist, leverandøren sender en ny.", By: "Karen Holm", At: noon, Source: "uge 47.xlsx"}
	if err := b.work(t, b.robot, c); err != nil || b.desk.posts != 0 {
		t.Errorf("deleted: %v", err)
	}
}

// A deletion is documented before it counts, and never without a reason.
func TestSlet(t *testing.T) {
	b := newBench(t, newDesk())
	c := b.add(found(t, changed(func(i *reading.Invoice) { i.Copy = true })))
	c.item.Source = "faktura.xml"
	refused(t, b.work(t, b.robot, c))
	c.item.Decision = &runner.Decision{Action: ActionDelete, By: "Karen Holm"}
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "SLET-BEMÆRKNING" || len(c.kept) != 0 {
		t.Errorf("without a reason: %+v", r)
	}
	c.item.Decision = &runner.Decision{Action: ActionDelete, Note: "Kopi; borger " + testPerson, By: "Karen Holm", At: noon, Source: "uge 47.xlsx"}
	if err := b.work(t, b.robot, c); err != nil || len(c.papers) != 1 {
		t.Fatalf("%v, kept %v", err, c.kept)
	}
	var d deleted
	if err := json.Unmarshal(c.papers[0].Data, &d); err != nil {
		t.Fatal(err)
	}
	want := deleted{Item: "invoice-2026-000001", File: "faktura.xml", Digest: "0011", Size: 4711, Supplier: "Mølbygaard Kontorforsyning ApS", CVR: supplierCVR,
		Number: "F-100", Issued: "2026-11-02", Payable: "1250.00", Currency: "DKK", Why: "Kopi; borger ******-****", By: "Karen Holm", At: noon, Source: "uge 47.xlsx"}
	if d != want {
		t.Errorf("kept %+v\nwant %+v", d, want)
	}
}

// Greylisting is waited for; an address that is refused for good is a person's, and
// the reply lies in the outbox.
func TestAwkwardMailServers(t *testing.T) {
	b, office := answering(t, true, post.Config{Greylist: 2})
	c := b.add(found(t, bare()))
	for try := range 2 {
		var later *runner.Postponed
		if err := b.work(t, b.robot, c); !errors.As(err, &later) || later.Code != "SVAR-VENTER" || !later.Until.Equal(b.clock.Now().Add(10*time.Minute)) {
			t.Fatalf("try %d: %v", try, err)
		}
		b.clock.Advance(10 * time.Minute)
	}
	if err := b.work(t, b.robot, c); err != nil || len(office.Letters()) != 1 {
		t.Errorf("after greylisting: %v, %d letters", err, len(office.Letters()))
	}
	b, _ = answering(t, true, post.Config{Greylist: 1000})
	c = b.add(found(t, bare()))
	_ = b.work(t, b.robot, c) // waits
	b.clock.Advance(48 * time.Hour)
	if r := refused(t, b.work(t, b.robot, c)); r.Code != "SVAR-AFVIST" || len(outbox(t, b)) != 2 {
		t.Errorf("put off for ever: %+v", r)
	}
	b, office = answering(t, true, post.Config{Unknown: []string{"bogholderi@moelby.example"}})
	if r := refused(t, b.work(t, b.robot, b.add(found(t, bare())))); r.Code != "SVAR-AFVIST" || len(office.Letters()) != 0 || len(outbox(t, b)) != 2 {
		t.Errorf("nobody there: %+v", r)
	}
	b, office = answering(t, true, post.Config{Cut: true})
	c = b.add(found(t, bare()))
	if err := b.work(t, b.robot, c); err == nil {
		t.Error("a cut connection counts as sent")
	}
	if r := refused(t, b.work(t, b.robot, c)); r.Code != runner.CodeUncertain || len(office.Letters()) != 1 {
		t.Errorf("after a cut connection: %+v, %d letters", r, len(office.Letters()))
	}
}

// Stopped at any moment, an invoice is sent back once, or a person is asked.
func TestStoppedWhileSendingBack(t *testing.T) {
	for _, c := range []struct {
		crash   string
		code    string // of the run after it
		letters int
	}{{"intent", runner.CodeUncertain, 0}, {"done", "", 1}} {
		b, office := answering(t, true, post.Config{})
		item := b.add(found(t, bare()))
		b.crashAt = c.crash
		if err := b.work(t, b.robot, item); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		b.crashAt = ""
		if code := b.outcome(t, item); code != c.code || len(office.Letters()) != c.letters {
			t.Errorf("%s: %q, %d letters", c.crash, code, len(office.Letters()))
		}
	}
}

// No CPR number leaves by any way.
func TestNoCPRNumberIsSentBack(t *testing.T) {
	for name, change := range map[string]func(*reading.Invoice){
		"in the supplier's name": func(i *reading.Invoice) { i.Supplier.Name = "Hansen " + testPerson },
		"as the number":          func(i *reading.Invoice) { i.Number = testPerson },
		"in the address":         func(i *reading.Invoice) { i.Supplier.Contact.Mail = testPerson + "@moelby.example" },
	} {
		b, office := answering(t, true, post.Config{})
		_ = b.work(t, b.robot, b.add(found(t, bare(change)))) // sent or refused
		for _, text := range outbox(t, b) {
			if strings.Contains(text, testPerson) {
				t.Errorf("%s: the outbox has it", name)
			}
		}
		for _, l := range office.Letters() {
			if strings.Contains(l.Data+l.To[0], testPerson) {
				t.Errorf("%s: it was mailed", name)
			}
		}
	}
	b, _ := answering(t, true, post.Config{})
	err := b.robot.CheckDecision(runner.Item{}, runner.Decision{Action: ActionReject, Note: "Borger " + testPerson})
	if err == nil || !strings.Contains(err.Error(), "personnummer") {
		t.Errorf("a note with a CPR number: %v", err)
	}
	for _, action := range []string{ActionReject, ActionDelete} {
		if b.robot.CheckDecision(runner.Item{}, runner.Decision{Action: action, Note: " "}) == nil || b.robot.CheckDecision(runner.Item{}, runner.Decision{Action: action, Note: "Fordi."}) != nil {
			t.Errorf("%s: a reason makes no difference", action)
		}
	}
}

// A shadow run sends nothing.
func TestShadowSendsNothing(t *testing.T) {
	b, office := answering(t, true, post.Config{})
	b.shadow = true
	if err := b.work(t, b.robot, b.add(found(t, bare()))); err != nil || len(office.Letters()) != 0 || len(outbox(t, b)) != 0 {
		t.Errorf("%v, %d letters", err, len(office.Letters()))
	}
}

var _ Mailer = (*mail.Mailer)(nil)
