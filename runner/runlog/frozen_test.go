package runlog

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// frozen reads a file of the log of version 1.
func frozen(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "v1", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// frozenLog puts the log of version 1 into a database.
func frozenLog(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	for _, statement := range strings.Split(frozen(t, "log.sql"), "\n") {
		h.exec(statement)
	}
	h.ring = mustRing(t, frozen(t, "ring"))
	h.signer, h.verifier = frozen(t, "signer"), frozen(t, "verifier")
	for _, line := range strings.Fields(strings.ReplaceAll(frozen(t, "keys"), " ", "=")) {
		item, wrapped, _ := strings.Cut(line, "=")
		b, err := base64.StdEncoding.DecodeString(wrapped)
		if err != nil {
			t.Fatal(err)
		}
		key, err := h.ring.Unwrap(b, item)
		if err != nil {
			t.Fatal(err)
		}
		h.keys.held[item] = Held{Key: key, State: KeyThere}
	}
	h.keys.destroy("invoice-2026-000001")
	h.log = h.open()
	return h
}

// TestLogOfVersion1 reads, verifies and continues what version 1 wrote.
func TestLogOfVersion1(t *testing.T) {
	h := frozenLog(t)
	outside := VerifyOptions{Checkpoints: [][]byte{[]byte(frozen(t, "checkpoint"))}}
	r := h.verify(outside)
	if !r.OK() || r.Entries != 13 || r.Readable != 10 || r.Removed != 3 || r.Pending != 2 || r.Checkpoints != 4 || r.Outside != 1 || r.Signed != 13 {
		t.Fatalf("%+v\n%s", r, r.Text())
	}
	all := h.all(Filter{})
	if e := all[0]; e.Seq != 1 || e.Code != "item.done" || e.Text != "Faktura nr. 0 er bogført." || e.Fields["voucher"] != "5000" {
		t.Errorf("entry 1 reads %+v", e)
	}
	if e := all[4]; e.State != Gone || e.Item != "invoice-2026-000001" {
		t.Errorf("entry 5 reads %+v", e)
	}
	if got := h.lookUps(testSubject); len(got) != 4 {
		t.Errorf("%d look-ups", len(got))
	}
	h.append(sample(3))
	if err := h.log.Flush(context.Background(), h.db); err != nil {
		t.Fatal(err)
	}
	if r := h.verify(outside); !r.OK() || r.Entries != 16 || r.Signed != 16 {
		t.Errorf("continued: %s", r.Text())
	}
	if got := linesOf(t, h.lines.Bytes()); len(got) != 3 || got[0]["seq"] != 14.0 {
		t.Errorf("lines of what is new: %v", got)
	}
}
