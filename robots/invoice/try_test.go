package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"byskriver/fixtures/invoices"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// newTryBench is a bench as try has it: the sixty's sheet and EAN numbers, nothing
// approved, and a portal that must not be asked.
func newTryBench(t testing.TB) *bench {
	t.Helper()
	b := newFolderBench(t)
	b.papers = nil
	b.desk.finding = func() { t.Error("the portal is asked") }
	path := filepath.Join(t.TempDir(), "enheder.yaml")
	if err := invoices.WriteUnits(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.robot.settings.Units, err = ParseUnits(path, data); err != nil {
		t.Fatal(err)
	}
	return b
}

// try tries a file of that content.
func (b *bench) try(t testing.TB, name string, data []byte) (Tried, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	answer, err := b.robot.Try(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	line, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	tried := answer.(Tried)
	if tried.File != file {
		t.Errorf("file %q, want it as given", tried.File)
	}
	return tried, string(line)
}

// beyondTry are the samples whose outcome follows from what try does not look at:
// what plans have taken before, what has been seen before, and the portal's inbox.
// By the sample's number; all of them would be done alone.
var beyondTry = map[string]string{
	"K-533":   "the plan's count of the month",
	"786":     "the plan's count of the year",
	"P0933":   "the distance to the invoice before",
	"5512":    "the number was seen before (the second of the two)",
	"F5540-1": "the number was seen before, written otherwise",
	"44131":   "the voucher has not come to the inbox",
	"44138":   "two vouchers in the inbox",
}

func TestTheSixty(t *testing.T) {
	b := newTryBench(t)
	beyond := 0
	for _, s := range samples() {
		got, line := b.try(t, s.File, s.XML)
		want := s.Want
		if beyondTry[s.Number] != "" && want != invoices.Done {
			beyond++
			want = invoices.Done
		}
		if got.Outcome.State != want {
			t.Errorf("%s (%s): %s %s %s, want %s", s.File, s.Why, got.Outcome.State, got.Outcome.Code, got.Outcome.Text, want)
		}
		if done := got.Outcome.State == invoices.Done; done != (got.Outcome.Code == "") || done != (got.Outcome.Account != "") || done != strings.HasPrefix(got.Outcome.By, "LK-") {
			t.Errorf("%s: outcome %+v", s.File, got.Outcome)
		}
		if p := got.Outcome.By; want == invoices.Done && strings.Contains(s.Why, "plan LK-") && !strings.Contains(s.Why, p) {
			t.Errorf("%s: by %s, want %s", s.File, p, s.Why)
		}
		said := strings.ReplaceAll(line, got.File, s.File) // a temporary folder's own digits may read as one
		if strings.Contains(said, "640371") || runner.Mask(said) != said {
			t.Errorf("%s: a CPR number in %s", s.File, said)
		}
		if s.Format != "" && (got.Number != s.Number || got.Payable != s.Payable || got.VAT != s.VAT || got.IssueDate != s.IssueDate ||
			got.Currency != s.Currency || got.Supplier.CVR != s.CVR || got.Supplier.Name != s.Supplier || got.Buyer.EAN != s.EAN) {
			t.Errorf("%s: got %+v\nwant %+v", s.File, got, s.Number)
		}
	}
	if beyond != len(beyondTry) {
		t.Errorf("%d samples are beyond try, %d are listed", beyond, len(beyondTry))
	}
}

// wantCodes are the codes of the sixty that are exceptions in themselves.
var wantCodes = map[string]string{
	"above-amount": "PLAN-BELØB-OVER", "below-amount": "PLAN-BELØB-UNDER", "plan-expired": "PLAN-UDLØBET", "plan-not-begun": "PLAN-IKKE-BEGYNDT",
	"no-plan": "PLAN-INGEN", "other-ean": "PLAN-EAN", "ean-missing": "EAN-MANGLER", "ean-unknown": "EAN-UKENDT", "ean-inactive": "EAN-LUKKET",
	"reference-missing": "REFERENCE-MANGLER", "cvr-wrong": "CVR-FORKERT", "credit-note": "PLAN-KREDITNOTA", "foreign-currency": "PLAN-VALUTA",
	"reverse-charge": "MOMS-OMVENDT", "always-supplier": "PLAN-ALTID-KONTROL", "always-word": "PLAN-ALTID-KONTROL", "citizen": "BORGER",
	"factoring": "FACTORING", "empty-file": "FORM-TOM", "half-file": "FORM-AFBRUDT", "not-an-invoice": "FORM-DOKUMENT", "unknown-format": "FORM-FORMAT",
}

func TestTheSixtysCodes(t *testing.T) {
	b := newTryBench(t)
	for kind, want := range wantCodes {
		s := sampleOf(t, kind)
		if got, _ := b.try(t, s.File, s.XML); got.Outcome.Code != want {
			t.Errorf("%s: %s (%s), want %s", kind, got.Outcome.Code, got.Outcome.Text, want)
		}
	}
	for kind, fatal := range map[string]bool{"total-wrong": true, "vat-wrong": false, "line-sum-wrong": true} {
		s := sampleOf(t, kind)
		got, _ := b.try(t, s.File, s.XML)
		if reading.Fatal([]reading.Finding{{Fatal: got.Outcome.Code != "MOMS-FORKERT"}}) != fatal || len(got.Outcome.Text) < 20 {
			t.Errorf("%s: %+v", kind, got.Outcome)
		}
	}
}

// The shape is what others read: every name, in this order, nothing else.
func TestTriedShape(t *testing.T) {
	b := newTryBench(t)
	s := sampleOf(t, "inside-code")
	_, line := b.try(t, "a.xml", s.XML)
	shape := regexp.MustCompile(`^\{"file":"[^"]*/a\.xml","format":"oioubl-2","kind":"invoice","number":"20714","issueDate":"2026-08-04","currency":"DKK",` +
		`"payable":"4800\.00","net":"3840\.00","vat":"960\.00","supplier":\{"cvr":"94120012","name":"Glansbjerg Rengøring ApS"\},` +
		`"buyer":\{"ean":"5798999901013","reference":"LBY00103","order":"LK-[0-9]{4}"\},"findings":\[\],` +
		`"outcome":\{"state":"done","code":"","text":"","account":"49000020 XG-3301000010 K1","by":"LK-101"\}\}$`)
	if !shape.MatchString(line) {
		t.Errorf("got %s", line)
	}
	_, line = b.try(t, "a.xml", nil)
	empty := regexp.MustCompile(`^\{"file":"[^"]*","format":"","kind":"","number":"","issueDate":"","currency":"","payable":"0\.00","net":"0\.00","vat":"0\.00",` +
		`"supplier":\{"cvr":"","name":""\},"buyer":\{"ean":"","reference":"","order":""\},"findings":\[\{"code":"FORM-TOM","text":"[^"]+","fatal":true\}\],` +
		`"outcome":\{"state":"exception","code":"FORM-TOM","text":"[^"]+","account":"","by":""\}\}$`)
	if !empty.MatchString(line) {
		t.Errorf("got %s", line)
	}
}

func TestPointed(t *testing.T) {
	for in, want := range map[string]string{"0": "0.00", "1250": "1250.00", "1250.5": "1250.50", "1250.50": "1250.50", "1250.500": "1250.50",
		"-3.1": "-3.10", "1.005": "1.005", "1.0050": "1.005", "99999999999999999999": "99999999999999999999.00"} {
		if got := pointed(kr(in)); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

// A CPR number is masked wherever a file can put one.
func TestTryMasks(t *testing.T) {
	b := newTryBench(t)
	s := sampleOf(t, "inside-code")
	for _, old := range []string{s.Number, s.Supplier, "LBY00103", s.Lines[0]} {
		xml := strings.ReplaceAll(string(s.XML), ">"+old+"<", ">"+testPerson+"<")
		if xml == string(s.XML) {
			t.Fatalf("%q is not in the sample", old)
		}
		if got, line := b.try(t, "a.xml", []byte(xml)); strings.Contains(line, testPerson) || got.Outcome.State != invoices.Exception {
			t.Errorf("%q: %s", old, line)
		}
	}
}

func TestTriedInWords(t *testing.T) {
	b := newTryBench(t)
	s := sampleOf(t, "inside-code")
	if got, _ := b.try(t, "a.xml", s.XML); !strings.HasSuffix(got.String(), "/a.xml: faktura 20714 fra Glansbjerg Rengøring ApS konteres på 49000020 XG-3301000010 K1 (plan LK-101)") {
		t.Errorf("got %q", got)
	}
	if got, _ := b.try(t, "a.xml", nil); !strings.Contains(got.String(), "til et menneske, FORM-TOM: Filen er tom.") {
		t.Errorf("got %q", got)
	}
}

func TestTryOfWhatCannotBeTried(t *testing.T) {
	b := newTryBench(t)
	answer, err := b.robot.Try(t.Context(), filepath.Join(t.TempDir(), "findes-ikke.xml"))
	if err != nil || answer.(Tried).Outcome.Code != "FIL-ULÆSELIG" {
		t.Errorf("a missing file: %+v, %v", answer, err)
	}
	if answer, err = b.robot.Try(t.Context(), t.TempDir()); err != nil || answer.(Tried).Outcome.Code != "FIL-ULÆSELIG" {
		t.Errorf("a folder: %+v, %v", answer, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.robot.Try(ended, "a.xml"); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended run: %v", err)
	}
	if err := os.WriteFile(b.robot.settings.Plans, []byte("intet ark"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := b.robot.Try(t.Context(), "a.xml"); err == nil || !strings.Contains(err.Error(), "the payment plan sheet cannot be used") {
		t.Errorf("a sheet that cannot be used: %v", err)
	}
	if err := os.Remove(b.robot.settings.Plans); err != nil {
		t.Fatal(err)
	}
	s := sampleOf(t, "inside-code")
	if got, _ := b.try(t, "a.xml", s.XML); got.Outcome.Code != "PLAN-INGEN" {
		t.Errorf("no sheet: %+v", got.Outcome)
	}
}
