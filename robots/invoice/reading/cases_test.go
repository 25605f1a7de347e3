package reading

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what was read into testdata/*.want instead of comparing")

// rendered is what a case expects: a line a finding, fatal ones with "!", then the
// invoice unless a fatal finding makes it worthless.
func rendered(inv Invoice, findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		mark := "?"
		if f.Fatal {
			mark = "!"
		}
		fmt.Fprintf(&b, "%s %s %s\n  %s\n", mark, f.Code, f.Where, f.Text)
	}
	if !Fatal(findings) {
		text, err := json.MarshalIndent(inv, "", " ")
		if err != nil {
			panic(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.String()
}

// Every file in testdata is read as the .want beside it says.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) < 70 {
		t.Fatalf("%d files in testdata, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".xml")
		t.Run(name, func(t *testing.T) {
			inv, findings, err := ReadFile(context.Background(), file, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			got := rendered(inv, findings)
			want := strings.TrimSuffix(file, ".xml") + ".want"
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			expected, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(expected) {
				t.Errorf("got\n%s\nwant\n%s", got, expected)
			}
			if bad := strings.HasPrefix(name, "bad-") || strings.HasPrefix(name, "schema-") || strings.HasPrefix(name, "rule-"); bad != Fatal(findings) {
				t.Errorf("fatal: %v", Fatal(findings))
			}
		})
	}
}

// What is recorded as JSON comes back as it was.
func TestRecorded(t *testing.T) {
	for _, name := range []string{"oioubl-invoice", "oioubl-duties", "oioubl-creditnote", "peppol-invoice", "peppol-creditnote"} {
		inv, _, err := ReadFile(context.Background(), "testdata/"+name+".xml", DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		first, err := json.Marshal(inv)
		if err != nil {
			t.Fatal(err)
		}
		var back Invoice
		if err := json.Unmarshal(first, &back); err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(back)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s: %v\n%s\n%s", name, err, first, second)
		}
	}
}

// The same invoice in another encoding, or written otherwise in XML, reads the same.
func TestSameInvoice(t *testing.T) {
	plain := invoice(t, "oioubl-invoice")
	for _, name := range []string{"latin1", "utf16-le", "utf16-be", "utf8-bom", "prefixed", "comments", "whitespace"} {
		other := invoice(t, name)
		if other.Digest == plain.Digest {
			t.Errorf("%s has the same digest", name)
		}
		other.Digest, other.Size = plain.Digest, plain.Size
		a, _ := json.Marshal(plain)
		b, _ := json.Marshal(other)
		if !bytes.Equal(a, b) {
			t.Errorf("%s\n%s\n%s", name, b, a)
		}
	}
}

func invoice(t *testing.T, name string) Invoice {
	t.Helper()
	inv, findings, err := ReadFile(context.Background(), "testdata/"+name+".xml", DefaultLimits())
	if err != nil || Fatal(findings) {
		t.Fatalf("%s: %v %v", name, err, findings)
	}
	return inv
}
