package invoice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/runner"
)

// contentOf is what a found piece of work carries.
func contentOf(t testing.TB, f runner.Found) Content {
	t.Helper()
	var c Content
	if err := json.Unmarshal(f.Content, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCollectsAnInvoice(t *testing.T) {
	b := newFolderBench(t)
	s := sampleOf(t, "inside-code")
	b.robot.seen.settings.Units = []Unit{{EAN: townHall, Area: "Økonomi"}, {EAN: s.EAN, Area: "Skole"}}
	b.put(t, s.File, s.XML, time.Hour)
	found := b.collect(t)
	if len(found) != 1 || found[0].Area != "Skole" {
		t.Fatalf("found %d pieces of work", len(found))
	}
	f := found[0]
	inv := contentOf(t, f).Invoice
	due, err := time.Parse(time.DateOnly, inv.DueDate)
	if err != nil || inv.Number != s.Number || f.Key != "invoice/"+s.CVR+"/invoice/"+s.Number || f.Label != s.Number || f.Source != s.File || !f.Due.Equal(due) {
		t.Errorf("found %+v of %+v, %v", f, inv, err)
	}
	if got := b.dropped(t); !slices.Equal(got, []string{s.File}) {
		t.Errorf("the drop folder has %v", got)
	}
}

// A file is left alone until it has been quiet for as long as the setting says.
func TestHalfWrittenFilesAreLeftAlone(t *testing.T) {
	b := newFolderBench(t)
	s := sampleOf(t, "inside-code")
	b.put(t, "a.xml", s.XML[:len(s.XML)/2], 10*time.Second-time.Millisecond)
	if found := b.collect(t); len(found) != 0 {
		t.Fatalf("found %v in a file that is being written", found)
	}
	b.put(t, "a.xml", s.XML, 0)
	b.clock.Advance(9 * time.Second)
	if found := b.collect(t); len(found) != 0 {
		t.Fatalf("found %v nine seconds after the last change", found)
	}
	b.clock.Advance(time.Second)
	if found := b.collect(t); len(found) != 1 || contentOf(t, found[0]).Invoice == nil {
		t.Errorf("found %v after ten seconds", found)
	}
}

// A time stamp from a clock that runs ahead holds a file up for a day, not for ever.
func TestTimeStampAhead(t *testing.T) {
	b := newFolderBench(t)
	s := sampleOf(t, "inside-code")
	b.put(t, "a.xml", s.XML, -time.Hour)
	if found := b.collect(t); len(found) != 0 {
		t.Errorf("found %v with a time an hour ahead", found)
	}
	b.age(t, "a.xml", -1000*time.Hour)
	if found := b.collect(t); len(found) != 1 {
		t.Errorf("found %v with a time a month ahead", found)
	}
}

// Names of files that are still being sent are left alone for a day; then a person
// hears of them.
func TestUnfinishedNames(t *testing.T) {
	s := sampleOf(t, "inside-code")
	for _, name := range []string{"a.xml.tmp", "a.xml.PART", "a.partial", "a.filepart", "a.crdownload", "a.xml~", ".a.xml", "~$a.xml"} {
		b := newFolderBench(t)
		b.put(t, name, s.XML, 24*time.Hour)
		if found := b.collect(t); len(found) != 0 {
			t.Errorf("%s: found %v within a day", name, found)
		}
		b.clock.Advance(time.Second)
		found := b.collect(t)
		if len(found) != 1 || contentOf(t, found[0]).Invoice != nil || contentOf(t, found[0]).Findings[0].Code != "FIL-UFÆRDIG" {
			t.Errorf("%s: found %v after a day", name, found)
		}
	}
	for _, name := range []string{"tmp.xml", "a.part.xml", "a~b.xml"} {
		b := newFolderBench(t)
		b.put(t, name, s.XML, time.Hour)
		if found := b.collect(t); len(found) != 1 {
			t.Errorf("%s: found %v, want the invoice", name, found)
		}
	}
}

// Whatever is wrong with a file, it is found, says what is wrong, and stays.
func TestOddFiles(t *testing.T) {
	s := sampleOf(t, "inside-code")
	for _, c := range []struct {
		name, code string
		data       []byte
	}{
		{"empty", "FORM-TOM", nil},
		{"half a file", "FORM-AFBRUDT", s.XML[:len(s.XML)*2/3]},
		{"not XML", "FORM-XML", []byte("%PDF-1.4\nintet her\n")},
		{"other XML", "FORM-DOKUMENT", []byte(`<?xml version="1.0"?><html><body/></html>`)},
		{"zeros", "FORM-XML", make([]byte, 5000)},
		{"entity bomb", "FORM-DTD", []byte(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Invoice>&b;</Invoice>`)},
		{"deep", "FORM-DYBDE", []byte(strings.Repeat("<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>", 500))},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newFolderBench(t)
			b.put(t, "a.xml", c.data, time.Hour)
			found := b.collect(t)
			if len(found) != 1 {
				t.Fatalf("found %v", found)
			}
			content := contentOf(t, found[0])
			if content.Invoice != nil || len(content.Findings) == 0 || content.Findings[0].Code != c.code || found[0].Source != "a.xml" {
				t.Errorf("got %+v, want %s", content, c.code)
			}
			if got := b.dropped(t); len(got) != 1 {
				t.Errorf("the drop folder has %v", got)
			}
			r := refused(t, b.work(t, b.robot, b.items[0]))
			if r.Code != c.code || strings.Join(choicesOf(r), " ") != "manual" {
				t.Errorf("worked to %+v", r)
			}
		})
	}
}

// A file of 200 MB is told apart without being read: a sparse one would otherwise
// take its time, and one that is not sparse the memory.
func TestHugeFile(t *testing.T) {
	b := newFolderBench(t)
	b.put(t, "a.xml", nil, 0)
	if err := os.Truncate(b.drop("a.xml"), 200<<20); err != nil {
		t.Fatal(err)
	}
	b.age(t, "a.xml", time.Hour)
	first := b.collect(t)
	if len(first) != 1 || contentOf(t, first[0]).Findings[0].Code != "FORM-STØRRELSE" || contentOf(t, first[0]).Invoice != nil {
		t.Fatalf("found %v", first)
	}
	b.age(t, "a.xml", 30*time.Minute) // another one under the same name
	if second := b.collect(t); len(second) != 1 || second[0].Key == first[0].Key {
		t.Errorf("another file of that name is taken for the first: %v", second)
	}
}

func TestOddNames(t *testing.T) {
	s := sampleOf(t, "inside-code")
	long := strings.Repeat("æ", 125) + ".xml"
	for _, name := range []string{"to ord og  flere.xml", "blåbærgrød på ø.xml", "linje\nskift.xml", "-rf", "--help.xml", "a'b\"c;d|e.xml", "uden endelse",
		"bagefter.xml ", "ugyldig\xff\xfe.xml", "*.xml", long} {
		b := newFolderBench(t)
		b.put(t, name, s.XML, time.Hour)
		found := b.collect(t)
		if len(found) != 1 || contentOf(t, found[0]).Invoice == nil {
			t.Errorf("%q: found %v", name, found)
			continue
		}
		b.settle()
		b.collect(t)
		done := b.done(t)
		if len(done) != 1 || len(b.dropped(t)) != 0 || !strings.HasPrefix(done[0], "invoice-2026-000001 "+name[:1]) {
			t.Errorf("%q: settled as %q, left %q", name, done, b.dropped(t))
			continue
		}
		if got, err := os.ReadFile(b.robot.settings.Done + "/" + done[0]); err != nil || !bytes.Equal(got, s.XML) {
			t.Errorf("%q: what was put away is %d bytes, %v", name, len(got), err)
		}
		if name == long && !strings.HasSuffix(done[0], "æ.xml") {
			t.Errorf("a long name became %q", done[0])
		}
	}
}

func TestLinksAndFolders(t *testing.T) {
	b := newFolderBench(t)
	s := sampleOf(t, "inside-code")
	if err := os.WriteFile(b.drop("../udenfor.xml"), s.XML, 0o644); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(max(0, time.Since(noon)) + time.Hour) // a link has the time at which it was made
	link, dir, hidden := b.drop("genvej.xml"), b.drop("mappe"), b.drop(".skjult")
	if err := errors.Join(os.Symlink("../udenfor.xml", link), os.Mkdir(dir, 0o755), os.Mkdir(hidden, 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/inde.xml", s.XML, 0o644); err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, f := range b.collect(t) {
		codes[f.Source] = contentOf(t, f).Findings[0].Code
	}
	if len(codes) != 2 || codes["genvej.xml"] != "FIL-ART" || codes["mappe"] != "FIL-MAPPE" {
		t.Errorf("found %v", codes)
	}
	b.settle()
	b.collect(t)
	if got := b.dropped(t); !slices.Equal(got, []string{".skjult", "mappe"}) {
		t.Errorf("left in the drop folder: %v", got)
	}
	if _, err := os.Stat(dir + "/inde.xml"); err != nil {
		t.Errorf("what lay in the folder: %v", err)
	}
	if got, err := os.ReadFile(b.drop("../udenfor.xml")); err != nil || !bytes.Equal(got, s.XML) {
		t.Errorf("what the link pointed at: %v", err)
	}
}

// vanishing is an entry whose file is gone when it is looked at.
type vanishing struct {
	fs.DirEntry
	path string
}

func (v vanishing) Info() (fs.FileInfo, error) {
	if err := os.Remove(v.path); err != nil {
		return nil, err
	}
	return v.DirEntry.Info()
}

// goneWhileRead is an entry whose file goes right after it has been looked at.
type goneWhileRead struct{ vanishing }

func (v goneWhileRead) Info() (fs.FileInfo, error) {
	info, err := v.DirEntry.Info()
	return info, errors.Join(err, os.Remove(v.path))
}

func TestFilesThatVanish(t *testing.T) {
	b := newFolderBench(t)
	s := sampleOf(t, "inside-code")
	for name, wrap := range map[string]func(vanishing) fs.DirEntry{
		"before it is looked at": func(v vanishing) fs.DirEntry { return v },
		"before it is read":      func(v vanishing) fs.DirEntry { return goneWhileRead{v} },
	} {
		b.put(t, "a.xml", s.XML, time.Hour)
		entries, err := os.ReadDir(b.robot.settings.Drop)
		if err != nil {
			t.Fatal(err)
		}
		if work, ok, err := b.robot.seen.look(t.Context(), wrap(vanishing{entries[0], b.drop("a.xml")})); ok || err != nil {
			t.Errorf("%s: %+v, %v, %v", name, work, ok, err)
		}
	}
}

// The plan sheet that is missing, and one file that cannot be put away, are told
// of, and hold up nothing else. A store that takes nothing more ends it at once.
func TestOneTroubleHoldsUpNothingElse(t *testing.T) {
	b := newFolderBench(t)
	all := samples()
	b.put(t, "1.xml", all[0].XML, time.Hour)
	b.put(t, "2.xml", all[1].XML, time.Hour)
	if err := os.Remove(b.robot.settings.Plans); err != nil {
		t.Fatal(err)
	}
	found, err := b.tryCollect(t)
	if len(found) != 2 || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "payment plan sheet") {
		t.Fatalf("found %d, %v", len(found), err)
	}
	b.settle()
	b.robot.settings.Done = b.drop("1.xml") // no folder can be made there
	if found, err = b.tryCollect(t); len(found) != 2 || err == nil || !strings.Contains(err.Error(), `collect "1.xml"`) {
		t.Errorf("found %d, %v", len(found), err)
	}
	full := errors.New("no space left on device")
	asked := 0
	err = b.robot.Collect(t.Context(), func(runner.Found) (runner.Standing, error) { asked++; return runner.Standing{}, full })
	if asked != 1 || !errors.Is(err, full) {
		t.Errorf("asked %d times, %v", asked, err)
	}
	if got := b.dropped(t); len(got) != 2 {
		t.Errorf("left in the drop folder: %v", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.robot.Collect(ended, func(runner.Found) (runner.Standing, error) { t.Error("asked"); return runner.Standing{}, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended run collects: %v", err)
	}
}
