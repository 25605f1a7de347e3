package reading

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// given is the folder of published invoices with the official verdicts, which is
// not part of the project.
func given(t testing.TB) string {
	dir := os.Getenv("BYSKRIVER_INVOICES")
	if dir == "" {
		t.Skip("BYSKRIVER_INVOICES names no folder of invoices with verdicts")
	}
	return dir
}

// Every published original gives an invoice with its main parts.
func TestOriginalsAreRead(t *testing.T) {
	dir := given(t)
	for _, sub := range []string{"oioubl-2", "oioubl-2-gobl", "peppol-bis3"} {
		files, err := filepath.Glob(filepath.Join(dir, sub, "*.xml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", sub, err)
		}
		for _, file := range files {
			inv, findings, err := ReadFile(context.Background(), file, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				t.Logf("%s: %+v", filepath.Base(file), f)
			}
			if inv.Number == "" || inv.IssueDate == "" || len(inv.Lines) == 0 || inv.Supplier.Name == "" || inv.Buyer.Name == "" || inv.Digest == "" {
				t.Errorf("%s: %+v", filepath.Base(file), inv)
			}
		}
	}
}

// BenchmarkRead reads a made-up invoice, padded to 20 KB with lines. cpu-ns/op is
// the processor time of this process: other work on the machine does not count.
func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"peppol-invoice", "oioubl-invoice"} {
		head, rest, _ := strings.Cut(source(b, name), "  <cac:InvoiceLine>")
		line, _, _ := strings.Cut("  <cac:InvoiceLine>"+rest, "</cac:InvoiceLine>")
		file := head
		for len(file) < 20<<10 {
			file += line + "</cac:InvoiceLine>\n"
		}
		file += "</Invoice>\n"
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			start := cpu(b)
			for b.Loop() {
				if _, _, err := Read(context.Background(), strings.NewReader(file), DefaultLimits()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpu(b)-start)/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpu is the processor time that this process has used.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
