package reading

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// source is a made-up invoice to make others of.
func source(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func codes(findings []Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Code)
	}
	return strings.Join(out, " ")
}

// What would cost without bound is refused, and quickly.
func TestLimits(t *testing.T) {
	invoice := source(t, "oioubl-invoice")
	small := DefaultLimits()
	small.Bytes, small.Elements, small.Token = 1<<20, 10_000, 1<<16
	cases := []struct {
		name, file, code string
		lim              Limits
	}{
		{"deep", strings.Repeat("<a>", 200_000), "FORM-DOKUMENT", DefaultLimits()},
		{"deep invoice", strings.Replace(invoice, "<cac:Item>", strings.Repeat("<cac:Item>", 100), 1), "FORM-DYBDE", DefaultLimits()},
		{"many", strings.Replace(invoice, "<cac:Item>", strings.Repeat("<cac:Item/>", 20_000)+"<cac:Item>", 1), "FORM-ANTAL", small},
		{"long text", strings.Replace(invoice, "2026-1001", strings.Repeat("9", 1<<17), 1), "FORM-LÆNGDE", small},
		{"long attribute", strings.Replace(invoice, `schemeID="GLN"`, `schemeID="`+strings.Repeat("G", 1<<17)+`"`, 1), "FORM-LÆNGDE", small},
		{"long comment", strings.Replace(invoice, "<cac:Item>", "<!--"+strings.Repeat("c", 1<<17)+"--><cac:Item>", 1), "FORM-LÆNGDE", small},
		{"long name", strings.Replace(invoice, "<cac:Item>", "<"+strings.Repeat("n", 1<<17)+">", 1), "FORM-LÆNGDE", small},
		{"many attributes", strings.Replace(invoice, `schemeID="GLN"`, attributes(1000), 1), "FORM-ANTAL", DefaultLimits()},
		{"large", invoice + strings.Repeat(" ", 2<<20), "FORM-STØRRELSE", small},
		{"large to the eye", strings.Repeat(" ", 2<<20), "FORM-STØRRELSE", small},
	}
	for _, c := range cases {
		start := cpu(t)
		_, findings, err := Read(context.Background(), strings.NewReader(c.file), c.lim)
		if err != nil || codes(findings) != c.code || !Fatal(findings) {
			t.Errorf("%s: %v %v", c.name, codes(findings), err)
		}
		if d := cpu(t) - start; d > 2*time.Second {
			t.Errorf("%s took %v", c.name, d)
		}
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d="1"`, i)
	}
	return b.String()
}

// A file that is larger than the limit is refused by its size, unread.
func TestLargeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.xml")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(200 << 20); err != nil {
		t.Fatal(err)
	}
	f.Close()
	start := time.Now()
	inv, findings, err := ReadFile(context.Background(), path, DefaultLimits())
	if err != nil || codes(findings) != "FORM-STØRRELSE" || inv.Size != 200<<20 {
		t.Errorf("%v %v %d", findings, err, inv.Size)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
}

// attached is an invoice with an attachment of so many bytes of base64, made while
// it is read.
func attached(t testing.TB, bytes int64) io.Reader {
	head, tail, ok := strings.Cut(source(t, "peppol-invoice"), "JVBERi0xLjQKJSBvcGRpZ3RldAo=")
	if !ok {
		t.Fatal("no attachment")
	}
	return io.MultiReader(strings.NewReader(head), io.LimitReader(letters{}, bytes), strings.NewReader(tail))
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	n := len(p) / 12 * 12
	for i := range n {
		p[i] = "JVBERi0xLjQK"[i%12]
	}
	return n, nil
}

// Embedded attachments of tens of megabytes cost no memory: the invoice is read in
// far less than the attachment's size.
func TestAttachmentMemory(t *testing.T) {
	const size = 99 << 20 // with the rest just under the limit of 100 MiB
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	inv, findings, err := Read(context.Background(), attached(t, size), DefaultLimits())
	runtime.ReadMemStats(&after)
	if err != nil || Fatal(findings) || inv.Number != "SR-88" || len(inv.Attached) != 1 || inv.Attached[0].Encoded != size {
		t.Fatalf("%v %v %+v", err, codes(findings), inv.Attached)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
		t.Errorf("%d bytes allocated in all for an attachment of %d", used, size)
	}
}

// An attachment that is no base64 is a fault of form, by its name; one that is, in
// whatever lines, is none.
func TestBrokenAttachment(t *testing.T) {
	head, tail, ok := strings.Cut(source(t, "peppol-invoice"), "JVBERi0xLjQKJSBvcGRpZ3RldAo=")
	if !ok {
		t.Fatal("no attachment")
	}
	for content, broken := range map[string]bool{
		"JVBERi0xLjQK": false, "JVBE\n  Ri0x\r\n\tLjQK": false, "JVBERi0xLg==": false, "<![CDATA[JVBE]]>": false, "JVBE&#10;Ri0x": false,
		"JVBERi0xLjQ": true, "JVBERi0xLjQK!": true, "%PDF-1.4": true, "JVBERi0x=LjQK": true, "JVBE====": true, "<![CDATA[JVB]E]]>": true,
	} {
		_, findings, err := Read(context.Background(), strings.NewReader(head+content+tail), DefaultLimits())
		if err != nil || (codes(findings) == "FORM-BILAG") != broken || Fatal(findings) != broken {
			t.Errorf("%q: %v %v", content, codes(findings), err)
		}
	}
}

// Where somebody else is to be paid and it is not said how, that is kept.
func TestPayeeWithoutPaymentMeans(t *testing.T) {
	text := source(t, "oioubl-creditnote")
	at := strings.Index(text, "</cac:AccountingCustomerParty>") + len("</cac:AccountingCustomerParty>")
	payee := `<cac:PayeeParty><cac:PartyName><cbc:Name>Lilleby Factor A/S</cbc:Name></cac:PartyName></cac:PayeeParty>`
	var without strings.Builder
	rest := text[:at] + payee + text[at:]
	for {
		before, after, ok := strings.Cut(rest, "<cac:PaymentMeans>")
		without.WriteString(before)
		if !ok {
			break
		}
		_, rest, _ = strings.Cut(after, "</cac:PaymentMeans>")
	}
	inv, _, err := Read(context.Background(), strings.NewReader(without.String()), DefaultLimits())
	if err != nil || len(inv.Payments) != 1 || inv.Payments[0].Payee.Name != "Lilleby Factor A/S" || inv.Payments[0].Code != "" {
		t.Errorf("%+v, %v", inv.Payments, err)
	}
}

// Time grows with the number of lines, or of whatever else there is many of, and
// not with its square.
func TestMany(t *testing.T) {
	for _, c := range []struct{ file, part string }{
		{"oioubl-invoice", "InvoiceLine"}, {"peppol-invoice", "InvoiceLine"}, {"oioubl-invoice", "TaxTotal"}, {"peppol-invoice", "TaxTotal"},
		{"oioubl-invoice", "TaxSubtotal"}, {"peppol-invoice", "TaxSubtotal"}, {"oioubl-duties", "AllowanceCharge"}, {"oioubl-invoice", "PaymentMeans"},
		{"oioubl-invoice", "PaymentTerms"}, {"peppol-invoice", "LegalMonetaryTotal"}, {"oioubl-invoice", "LegalMonetaryTotal"}, {"oioubl-invoice", "Contact"},
	} {
		few, many := repeated(t, c.file, c.part, 500), repeated(t, c.file, c.part, 4000)
		if ratio := float64(many) / float64(max(few, 20*time.Millisecond)); ratio > 24 {
			t.Errorf("%s, %s: 500 took %v, 4,000 took %v", c.file, c.part, few, many)
		}
	}
}

// repeated is the time that it takes to read a file with its first part repeated.
func repeated(t *testing.T, file, part string, times int) time.Duration {
	text := source(t, file)
	from := strings.Index(text, "<cac:"+part+">")
	end := "</cac:" + part + ">"
	to := strings.Index(text[from:], end) + from + len(end)
	text = text[:from] + strings.Repeat(text[from:to], times) + text[to:]
	start := cpu(t)
	_, findings, err := Read(context.Background(), strings.NewReader(text), DefaultLimits())
	if err != nil {
		t.Errorf("%s, %s: %v %v", file, part, codes(findings), err)
	}
	return cpu(t) - start
}

// However much is wrong, so many findings are given, one of them fatal.
func TestFindingsAreBounded(t *testing.T) {
	file := strings.Replace(source(t, "peppol-invoice"), "<cac:InvoiceLine>", strings.Repeat("<cac:InvoiceLine/>", 5000)+"<cac:InvoiceLine>", 1)
	lim := DefaultLimits()
	_, findings, err := Read(context.Background(), strings.NewReader(file), lim)
	if err != nil || !Fatal(findings) || len(findings) > lim.Findings+10 {
		t.Errorf("%d findings, %v", len(findings), err)
	}
}

type failing struct{ after io.Reader }

var errDisk = errors.New("disk gone")

func (f failing) Read(p []byte) (int, error) {
	n, err := f.after.Read(p)
	if err == io.EOF {
		err = errDisk
	}
	return n, err
}

// A reader that fails is an error and no finding: the file may be good.
func TestReaderFails(t *testing.T) {
	half := source(t, "oioubl-invoice")[:4000]
	for _, r := range []io.Reader{failing{strings.NewReader(half)}, failing{strings.NewReader("")}} {
		if _, findings, err := Read(context.Background(), r, DefaultLimits()); !errors.Is(err, errDisk) || findings != nil {
			t.Errorf("%v %v", findings, err)
		}
	}
	if _, _, err := ReadFile(context.Background(), filepath.Join(t.TempDir(), "none"), DefaultLimits()); err == nil {
		t.Error("a file that is not there gave no error")
	}
}

// A context that has ended stops the reading.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Read(ctx, strings.NewReader(source(t, "oioubl-invoice")), DefaultLimits()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// No text that a finding or a place is made of shows a CPR number.
func TestNoCPRInFindings(t *testing.T) {
	for _, name := range []string{"oioubl-invoice", "peppol-invoice"} {
		for _, part := range []string{"<cbc:IssueDate>2026-", "DKK\">", "schemeID=\"", "<cbc:ID>", "<cac:Item>"} {
			file := strings.ReplaceAll(source(t, name), part, part+"860501-0001 ")
			_, findings, err := Read(context.Background(), strings.NewReader(file), DefaultLimits())
			if err != nil || len(findings) == 0 && part != "<cbc:ID>" {
				t.Fatalf("%s %s: %v", name, part, err)
			}
			for _, f := range findings {
				if strings.Contains(f.Text+f.Where, "860501") {
					t.Errorf("%s: %+v", part, f)
				}
			}
		}
	}
}

// Every code has a text with one place for a value or none, and is named where it
// is used.
func TestForms(t *testing.T) {
	for code, text := range forms {
		if !strings.HasPrefix(code, "FORM-") || strings.Count(text, "%") > 1 || strings.Count(text, "%s") != strings.Count(text, "%") || !strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q", code, text)
		}
	}
	for kind, code := range faultCodes {
		if forms[code] == "" {
			t.Errorf("%s has no text", kind)
		}
	}
	for kind, code := range schemaCodes {
		if forms[code] == "" {
			t.Errorf("%s has no text", kind)
		}
	}
	for _, r := range remarks {
		if forms[r.code] == "" {
			t.Errorf("%s has no text", r.code)
		}
	}
}

// FuzzRead: nothing makes the reader panic or hang, and what it calls good has what
// the rest of the house asks for.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds")
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		inv, findings, err := Read(context.Background(), bytes.NewReader(file), DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		// A tree costs many times what its tags do; a file of a megabyte stays far below
		// what one machine has.
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(8<<20+400*len(file)); used > most {
			t.Errorf("%d bytes allocated for a file of %d", used, len(file))
		}
		if Fatal(findings) {
			return
		}
		if inv.Format == "" || inv.Kind == "" || inv.Number == "" || inv.IssueDate == "" || inv.Currency == "" || len(inv.Lines) == 0 || inv.Digest == "" ||
			inv.Supplier.Name+inv.Supplier.CVR+inv.Supplier.Endpoint.ID == "" || inv.Buyer.Name+inv.Buyer.CVR+inv.Buyer.Endpoint.ID == "" {
			t.Errorf("called good: %+v", inv)
		}
	})
}

// What the rest of the house asks for is asked for even where no rule does; but a
// fatal finding is enough.
func TestComplete(t *testing.T) {
	if got := complete(Invoice{}, nil); len(got) != len(needed) || !Fatal(got) {
		t.Errorf("%v", codes(got))
	}
	fatal := []Finding{{Code: "X", Fatal: true}}
	if got := complete(Invoice{}, fatal); len(got) != 1 {
		t.Errorf("%v", codes(got))
	}
	if got := complete(invoice(t, "oioubl-invoice"), nil); got != nil {
		t.Errorf("%v", codes(got))
	}
}
