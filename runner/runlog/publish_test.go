package runlog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// linesOf reads JSON lines.
func linesOf(t *testing.T, b []byte) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, line := range bytes.Split(bytes.TrimSpace(b), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, m)
	}
	return all
}

func TestLines(t *testing.T) {
	h := newHouse(t)
	h.append(Entry{Code: "item.done", Run: "r1", Item: "i", Text: "Bogført <5>.", Fields: map[string]string{"voucher": "5001"}}, Entry{Code: "run.ended"})
	if h.lines.Len() != 0 {
		t.Fatal("a line was written before its entry had a number")
	}
	h.flush()
	want := `{"code":"item.done","fields":{"voucher":"5001"},"item":"i","level":"info","run":"r1","seq":1,"text":"Bogført <5>.","time":"2026-03-02T05:15:00.250000Z"}
{"code":"run.ended","level":"info","seq":2,"text":"","time":"2026-03-02T05:15:00.250000Z"}
`
	if got := h.lines.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	h.flush()
	h.log = h.open()
	h.flush()
	if got := h.lines.String(); got != want {
		t.Errorf("written again:\n%s", got)
	}
}

// TestLinesAreMaskedAsBytes hands the writer what Append would have masked.
func TestLinesAreMaskedAsBytes(t *testing.T) {
	var out bytes.Buffer
	w := newLineWriter(&out)
	err := w.write([]Logged{{Seq: 1, At: begin, Code: "a", State: Readable, Text: "om " + testSubject, Fields: map[string]string{"who": "860501" + "-" + "0001"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Contains(got, "860501") || strings.Count(got, "******-****") != 2 {
		t.Error(got)
	}
}

// flaky is a writer that fails after so many bytes, or in its Sync.
type flaky struct {
	bytes.Buffer
	room    int
	syncErr error
	synced  int
}

func (f *flaky) Write(b []byte) (int, error) {
	if len(b) > f.room {
		n, _ := f.Buffer.Write(b[:f.room])
		f.room = 0
		return n, errors.New("disk full")
	}
	f.room -= len(b)
	return f.Buffer.Write(b)
}

func (f *flaky) Sync() error { f.synced++; return f.syncErr }

// TestNoLineIsLost fails in every way, and starts again.
func TestNoLineIsLost(t *testing.T) {
	for name, broken := range map[string]*flaky{
		"full": {room: 500}, "full at once": {room: 0}, "not on disk": {room: 1 << 30, syncErr: errors.New("no sync")},
	} {
		h := newHouse(t)
		h.log = h.open(func(o *Options) { o.Lines = broken })
		h.append(sample(0), sample(1), sample(2), sample(3), sample(4))
		if err := h.log.Flush(context.Background(), h.db); err == nil {
			t.Errorf("%s: no error", name)
		}
		if r := h.verify(); !r.OK() || r.Entries != 5 || r.Signed != 5 {
			t.Errorf("%s: %s", name, r.Text())
		}
		broken.room, broken.syncErr = 1<<30, nil
		broken.Buffer.Reset()
		h.flush()
		got := linesOf(t, broken.Bytes())
		if len(got) != 5 || got[0]["seq"] != 1.0 || got[4]["seq"] != 5.0 || broken.synced == 0 {
			t.Errorf("%s: after a new start: %v", name, got)
		}
	}
}

// TestProcessWithoutLinesLeavesThem has one process number and another write.
func TestProcessWithoutLinesLeavesThem(t *testing.T) {
	h := newHouse(t)
	quiet := h.open(func(o *Options) { o.Lines = nil })
	for i := range 2500 {
		if i%500 == 0 {
			h.append(sample(i))
		}
	}
	if err := quiet.Flush(context.Background(), h.db); err != nil {
		t.Fatal(err)
	}
	h.append(sample(6))
	h.flush()
	if got := linesOf(t, h.lines.Bytes()); len(got) != 6 {
		t.Errorf("%d lines", len(got))
	}
	h.remove(Removal{Items: []string{"invoice-2026-000001"}, Policy: "p", By: "b"})
	h.exec(`UPDATE log_lines SET written = 0`)
	if err := h.log.Publish(context.Background(), h.db); !errors.Is(err, ErrChanged) {
		t.Errorf("a changed count was believed: %v", err)
	}
}

// TestRemovedEntriesHaveALineToo writes lines late.
func TestRemovedEntriesHaveALineToo(t *testing.T) {
	h := newHouse(t)
	h.append(sample(0))
	h.remove(Removal{Items: []string{"invoice-2026-000000"}, Policy: "p", By: "b"})
	h.flush()
	got := linesOf(t, h.lines.Bytes())
	if len(got) != 2 || got[0]["state"] != "removed" || got[0]["text"] != "" || got[1]["code"] != CodeRemoved {
		t.Errorf("%v", got)
	}
}

func TestCheckpointFiles(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	h := newHouse(t)
	with := func(o *Options) { o.Folders = []string{a, b} }
	h.log = h.open(with)
	h.fill(30, 10)
	_, newest, err := h.log.Newest(context.Background(), h.db)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{a, b} {
		got, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
		if err != nil || !bytes.Equal(got, newest) {
			t.Errorf("%v %s", err, got)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	if r := h.verify(); r.Outside != 2 || !r.OK() {
		t.Error(r.Text())
	}
	if err := os.WriteFile(filepath.Join(b, "checkpoint"), []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.log.Flush(context.Background(), h.db); err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("got %v", err)
	}
	if got := codes(h.verify()); got != "outside-invalid" {
		t.Errorf("got %q", got)
	}
	h.log = h.open(func(o *Options) { o.Folders = []string{a, filepath.Join(b, "missing")} })
	h.append(sample(1))
	if err := h.log.Flush(context.Background(), h.db); err == nil {
		t.Error("a folder that is not there was passed over")
	}
	if n := len(linesOf(t, h.lines.Bytes())); n != 31 {
		t.Errorf("a folder kept lines back: %d", n)
	}
}

// TestRolledBackDatabaseIsNotSignedOn puts an older copy of the database in
// place. In the folder lies a later checkpoint; the process is new.
func TestRolledBackDatabaseIsNotSignedOn(t *testing.T) {
	dir := t.TempDir()
	with := func(o *Options) { o.Folders = []string{dir} }
	for name, after := range map[string]int{"shorter": 0, "as long": 20, "longer": 45} {
		h := newHouse(t)
		h.log = h.open(with)
		h.fill(30, 10)
		old := filepath.Join(t.TempDir(), "old.db")
		h.exec("VACUUM INTO ?", old)
		h.fill(20, 10)
		h.db = openDB(t, old, "")
		h.log = h.open(with)
		if err := h.log.Publish(context.Background(), h.db); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: published over a later checkpoint: %v", name, err)
		}
		h.log = h.open() // numbers on, knowing of no folder
		h.fill(after, 10)
		h.log = h.open(with)
		h.append(sample(7))
		size := value[int64](h, `SELECT size FROM log_head`)
		if err := h.log.Flush(context.Background(), h.db); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", name, err)
		}
		if now := value[int64](h, `SELECT size FROM log_head`); now != size {
			t.Errorf("%s: numbered on", name)
		}
		if got := codes(h.verify()); after == 0 && got != "log-truncated 50" || after > 0 && got != "outside-mismatch 1-50" {
			t.Errorf("%s: verify says %q", name, got)
		}
		if err := os.Remove(filepath.Join(dir, "checkpoint")); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSameProcessNoticesARollback keeps what it signed in mind, with no folder.
func TestSameProcessNoticesARollback(t *testing.T) {
	h := newHouse(t)
	h.fill(10, 10)
	old := filepath.Join(t.TempDir(), "old.db")
	h.exec("VACUUM INTO ?", old)
	h.fill(10, 10)
	h.db = openDB(t, old, "")
	h.append(sample(3))
	if err := h.log.Flush(context.Background(), h.db); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v", err)
	}
}

func TestWithoutASignerNothingIsSigned(t *testing.T) {
	h := newHouse(t)
	h.fill(5, 5)
	l := h.open(func(o *Options) { o.Signer, o.Verifiers = "", []string{h.verifier} })
	if r, err := l.Verify(context.Background(), h.db, VerifyOptions{}); err != nil || !r.OK() {
		t.Errorf("%v %s", err, r.Text())
	}
	h.append(sample(0))
	if err := l.Flush(context.Background(), h.db); err == nil || !strings.Contains(err.Error(), "no signing key") {
		t.Errorf("got %v", err)
	}
}

func TestPending(t *testing.T) {
	h := newHouse(t)
	for i, want := range []bool{false, true, false} {
		switch i {
		case 1:
			h.append(sample(0))
		case 2:
			h.flush()
		}
		got, err := h.log.Pending(context.Background(), h.db)
		if err != nil || got != want {
			t.Errorf("%d: %v %v", i, got, err)
		}
	}
}

func TestMigrations(t *testing.T) {
	for _, d := range []Dialect{SQLite, PostgreSQL} {
		steps, err := Migrations(d)
		if err != nil || len(steps) != schemaVersions {
			t.Fatalf("%s: %v", d, err)
		}
		for _, s := range steps[0].Statements {
			if !strings.Contains(s, " log_") || strings.Count(s, ";") != 1 || !strings.HasSuffix(s, ";") {
				t.Errorf("%s: not one statement about the log: %s", d, s)
			}
		}
		if n := len(steps[0].Statements); n != 12 {
			t.Errorf("%s: %d statements", d, n)
		}
	}
	if _, err := Migrations("oracle"); err == nil {
		t.Error("an unknown database has a schema")
	}
}
