package reading

import (
	"context"
	"os"
	"path/filepath"
	"testing"
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

func BenchmarkRead(b *testing.B) {
	file := filepath.Join(given(b), "peppol-bis3", "Allowance-example.xml")
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ReadFile(context.Background(), file, DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}
