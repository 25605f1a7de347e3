package invoice

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"byskriver/runner"
)

// Nothing is moved before it is settled, whatever its item's state is.
func TestPutAwayOnlyWhenSettled(t *testing.T) {
	b := newFolderBench(t)
	s := sampleOf(t, "inside-code")
	b.put(t, "a.xml", s.XML, time.Hour)
	b.collect(t)
	for _, state := range []runner.State{runner.Ready, runner.Waiting, runner.Failed, runner.Exception} {
		b.items[0].item.State = state
		if b.collect(t); !slices.Equal(b.dropped(t), []string{"a.xml"}) || len(b.done(t)) != 0 {
			t.Errorf("%s: dropped %v, done %v", state, b.dropped(t), b.done(t))
		}
	}
	b.items[0].item.State = runner.Done
	if b.collect(t); len(b.dropped(t)) != 0 || !slices.Equal(b.done(t), []string{"invoice-2026-000001 a.xml"}) {
		t.Errorf("settled: dropped %v, done %v", b.dropped(t), b.done(t))
	}
	if found := b.collect(t); len(found) != 0 {
		t.Errorf("found %v in an empty folder", found)
	}
}

// The same bytes under two names, also later, are one piece of work; each file
// keeps its place among the settled ones.
func TestSameBytesTwice(t *testing.T) {
	b := newFolderBench(t)
	s := sampleOf(t, "inside-code")
	b.put(t, "a.xml", s.XML, time.Hour)
	b.put(t, "b.xml", s.XML, time.Hour)
	if found := b.collect(t); len(found) != 2 || len(b.items) != 1 {
		t.Fatalf("found %d, %d items", len(found), len(b.items))
	}
	b.settle()
	b.collect(t)
	for range 2 {
		b.put(t, "a.xml", s.XML, time.Hour)
		b.collect(t)
	}
	want := []string{"invoice-2026-000001 (2) a.xml", "invoice-2026-000001 (3) a.xml", "invoice-2026-000001 a.xml", "invoice-2026-000001 b.xml"}
	if got := b.done(t); !slices.Equal(got, want) || len(b.dropped(t)) != 0 {
		t.Errorf("settled %v, left %v", got, b.dropped(t))
	}
}

// Two invoices that came under the same name, one after the other, both stay.
func TestSameNameTwice(t *testing.T) {
	b := newFolderBench(t)
	all := samples()
	for _, s := range all[:2] {
		b.put(t, "faktura.xml", s.XML, time.Hour)
		b.collect(t)
		b.settle()
		b.collect(t)
	}
	want := []string{"invoice-2026-000001 faktura.xml", "invoice-2026-000002 faktura.xml"}
	if got := b.done(t); !slices.Equal(got, want) {
		t.Fatalf("settled %v, want %v", got, want)
	}
	for i, name := range want {
		if got, err := os.ReadFile(filepath.Join(b.robot.settings.Done, name)); err != nil || !bytes.Equal(got, all[i].XML) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// A file that takes the place of a settled one between two looks is not carried
// off in its stead.
func TestReplacedWhileSettling(t *testing.T) {
	b := newFolderBench(t)
	all := samples()
	b.put(t, "a.xml", all[0].XML, time.Hour)
	b.collect(t)
	replace := func(f runner.Found) (runner.Standing, error) {
		b.put(t, "ny.xml", all[1].XML, 30*time.Minute)
		return runner.Standing{Number: "invoice-2026-000001", State: runner.Done}, os.Rename(b.drop("ny.xml"), b.drop("a.xml"))
	}
	if err := b.robot.Collect(t.Context(), replace); err != nil {
		t.Fatal(err)
	}
	if len(b.done(t)) != 0 || !slices.Equal(b.dropped(t), []string{"a.xml"}) {
		t.Fatalf("dropped %v, done %v", b.dropped(t), b.done(t))
	}
	if found := b.collect(t); len(found) != 1 || contentOf(t, found[0]).Invoice.Number != all[1].Number {
		t.Errorf("the new file is read as %v", found)
	}
	gone := func(runner.Found) (runner.Standing, error) {
		return runner.Standing{Number: "x", State: runner.Done}, os.Remove(b.drop("a.xml"))
	}
	if err := b.robot.Collect(t.Context(), gone); err != nil {
		t.Errorf("a settled file that is gone: %v", err)
	}
}

// A file that a person has said is dealt with is put away; another one that comes
// under its name is told of again.
func TestOddFileOfTheSameName(t *testing.T) {
	b := newFolderBench(t)
	for n := range 2 {
		b.put(t, "a.xml.part", []byte("<"), 30*time.Hour)
		b.collect(t)
		if len(b.items) != n+1 || b.items[n].item.State != runner.Ready || b.items[n].item.Twin != "" {
			t.Fatalf("file %d: %d items", n+1, len(b.items))
		}
		b.settle()
		if b.collect(t); len(b.dropped(t)) != 0 || len(b.done(t)) != n+1 {
			t.Errorf("file %d: dropped %v, done %v", n+1, b.dropped(t), b.done(t))
		}
		b.clock.Advance(time.Hour)
	}
}

// What a file says is remembered until it changes, also in size or time alone.
func TestChangedFileIsReadAgain(t *testing.T) {
	b := newFolderBench(t)
	all := samples()
	b.put(t, "a.xml", all[0].XML, time.Hour)
	b.collect(t)
	b.put(t, "a.xml", all[1].XML, time.Minute)
	if found := b.collect(t); len(found) != 1 || contentOf(t, found[0]).Invoice.Number != all[1].Number {
		t.Errorf("found %v", found)
	}
	if len(b.items) != 2 {
		t.Errorf("%d items, want one for each content", len(b.items))
	}
}

// A file that the robot may not read is told of, stays, and is read when it may.
func TestUnreadableFile(t *testing.T) {
	b := newFolderBench(t)
	s := sampleOf(t, "inside-code")
	b.put(t, "a.xml", s.XML, time.Hour)
	if err := os.Chmod(b.drop("a.xml"), 0); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Dir(b.robot.settings.Drop), b.robot.settings.Drop, filepath.Dir(b.robot.settings.Plans)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var found []runner.Found
	var err error
	asNobody(t, func() { err = b.robot.Collect(t.Context(), b.finder(&found)) })
	if err != nil || len(found) != 1 || contentOf(t, found[0]).Findings[0].Code != "FIL-ULÆSELIG" {
		t.Fatalf("found %v, %v", found, err)
	}
	if got := b.dropped(t); !slices.Equal(got, []string{"a.xml"}) {
		t.Errorf("left %v", got)
	}
	if err := os.Chmod(b.drop("a.xml"), 0o644); err != nil {
		t.Fatal(err)
	}
	if found := b.collect(t); len(found) != 1 || contentOf(t, found[0]).Invoice == nil {
		t.Errorf("when it may be read: %v", found)
	}
}

// asNobody runs do without root's right to read everything. The thread whose
// rights were given up ends with it.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		do()
		return
	}
	const nobody = 65534
	ended := make(chan error)
	go func() {
		runtime.LockOSThread()
		_, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		if is, _, _ := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); is != nobody {
			ended <- errno
			return
		}
		do()
		close(ended)
	}()
	if err, refused := <-ended; refused {
		t.Fatalf("root's rights cannot be given up here: %v", err)
	}
}

func TestSettledNameFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune("aæ €.x\n-")), 1, 255, 255).Draw(t, "name")
		nth := rapid.IntRange(1, 1000).Draw(t, "nth")
		got := settledName("invoice-2026-000123", nth, name)
		if len(got) > 255 || !utf8.ValidString(got) || !strings.HasPrefix(got, "invoice-2026-000123 ") {
			t.Fatalf("%q became %q", name, got)
		}
		if nth > 1 == !strings.Contains(got, "("+strconv.Itoa(nth)+") ") {
			t.Fatalf("%q, nth %d, became %q", name, nth, got)
		}
	})
}
