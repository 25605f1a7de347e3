package cli

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/town"
)

// traces are what could be left of a letter: its own words and its PDF's bytes, as
// they are and as they may be written.
func traces(l town.Letter) [][]byte {
	wide := &bytes.Buffer{}
	for _, u := range utf16.Encode([]rune(l.Mark)) {
		wide.Write([]byte{byte(u), byte(u >> 8)})
	}
	middle := l.PDF[len(l.PDF)/3 : len(l.PDF)/3+48]
	all := [][]byte{[]byte(l.Mark), wide.Bytes(), middle, []byte(l.ID + ".pdf")}
	for skip := range 3 { // base64 looks differently from each of three places
		text := base64.StdEncoding.EncodeToString(l.PDF[len(l.PDF)/3+skip : len(l.PDF)/3+skip+48])
		all = append(all, []byte(text[4:len(text)-4]))
	}
	return all
}

// nothingLeft looks through every file below the municipality's folder for anything
// of any letter.
func (b *bureau) nothingLeft() {
	b.t.Helper()
	b.search(func(path string, l town.Letter) { b.t.Errorf("%s holds bytes of a %s answer", path, l.Fate) })
}

// search tells of each file that holds anything of a letter.
func (b *bureau) search(found func(path string, l town.Letter)) {
	b.t.Helper()
	letters := b.town.Police().Letters()
	if step := len(letters) / 200; step > 1 { // of a year's letters every so manieth
		some := letters[:0]
		for i := 0; i < len(letters); i += step {
			some = append(some, letters[i])
		}
		letters = some
	}
	err := filepath.WalkDir(b.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, l := range letters {
			for _, trace := range traces(l) {
				if bytes.Contains(data, trace) {
					found(path, l)
					break
				}
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// temps are the files in the machine's folder for temporary files that were changed
// since a moment and hold anything of a letter.
func temps(t *testing.T, since time.Time, letters []town.Letter) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.ModTime().Before(since) || info.Size() > 64<<20 {
			continue // gone by now, another's folder, or older
		}
		data, err := os.ReadFile(filepath.Join(os.TempDir(), e.Name()))
		if err != nil {
			continue
		}
		for _, l := range letters {
			for _, trace := range traces(l) {
				if bytes.Contains(data, trace) {
					found = append(found, e.Name())
				}
			}
		}
	}
	return found
}

// The bytes of answers are nowhere a run leaves any: not in the store and its
// write-ahead log, the run log, the spool, folders, workbooks or temporary files; not
// while an answer is held, and least of all when it is deleted. The key of a deleted
// answer is gone from the store's files too.
func TestAttestLeavesNoBytes(t *testing.T) {
	began := time.Now()
	b := newBureau(t, "2026-03-02", 7, nil)
	b.sent([]town.Fate{town.FateClean, town.FateDecision, town.FateQuoted, town.FateScanned})
	for range 24 {
		b.later(1)
		b.deliver()
	}
	spooled := map[string]bool{}
	b.search(func(path string, _ town.Letter) {
		if filepath.Base(filepath.Dir(path)) != "post" {
			t.Errorf("before the run %s holds bytes of an answer", path)
		}
		spooled[path] = true
	})
	if len(spooled) != 4 {
		t.Fatalf("the search finds %d of the 4 answers in the folder: it is broken", len(spooled))
	}
	b.run()
	if n := len(b.drawer("post/")); n != 3 {
		t.Fatalf("%d answers are held, want 3; listed %q", n, b.codes())
	}
	b.nothingLeft()
	keys := b.wrapped("post/")
	export := &exportExceptionsCmd{Dir: filepath.Join(b.dir, "lister")}
	if err := export.Run(b.env()); err != nil {
		t.Fatal(err)
	}
	if err := (&backupCmd{File: filepath.Join(b.dir, "sikkerhed.db")}).Run(b.env()); err != nil {
		t.Fatal(err)
	}
	b.nothingLeft()
	if err := os.Remove(filepath.Join(b.dir, "sikkerhed.db")); err != nil {
		t.Fatal(err) // a backup holds the sealed bytes until it is thrown away
	}
	b.later(32)
	b.run()
	if n := len(b.drawer("post/")); n != 0 {
		t.Errorf("%d answers are held beyond the 30 days", n)
	}
	b.nothingLeft()
	for _, key := range keys {
		if b.inStore(key) {
			t.Error("the key of a deleted answer is still in the store's files")
		}
	}
	deleted := 0
	for _, l := range b.logged("drawer.deleted") {
		if strings.HasPrefix(l["name"], "post/") && l["rule"] == "opbevaringstid udløbet" {
			deleted++
		}
	}
	if deleted != 3 {
		t.Errorf("the run log tells of %d deletions, want 3", deleted)
	}
	if left := temps(t, began, b.town.Police().Letters()); len(left) > 0 {
		t.Errorf("temporary files hold bytes of answers: %v", left)
	}
}

// A certificate that is stored by policy lies in the case with its deletion date, and
// nowhere else.
func TestAttestStoreClean(t *testing.T) {
	b := newBureau(t, "2026-03-02", 8, func(o *attests.Options) {
		o.Policy = bytes.Replace(attests.Policy(), []byte("policy: note-only"), []byte("policy: store-clean\n  document_days: 365"), 1)
	})
	b.town.Script(town.Fault{On: town.Match{What: town.WhatUpload, Nth: 1}, Do: town.CutAfter(300 * time.Millisecond)}, // it did land
		town.Fault{On: town.Match{What: town.WhatUpload, Nth: 2}, Do: town.CutBefore()})
	b.sent([]town.Fate{town.FateClean, town.FateLate, town.FateDecision})
	for range 40 {
		b.later(1)
		b.deliver()
		b.run()
	}
	documents, notes := 0, 0
	for _, f := range b.town.SBSYS().Filed() {
		if !f.Upload {
			notes++
			continue
		}
		documents++
		if !strings.Contains(f.Heading, "slettes ") || !bytes.HasPrefix(f.Data, []byte("%PDF-")) {
			t.Errorf("filed %s with %d bytes", f.Heading, len(f.Data))
		}
		for _, l := range b.town.Police().Letters() {
			if !l.Fate.Clean() && bytes.Equal(l.PDF, f.Data) {
				t.Errorf("a %s certificate lies on the case", l.Fate)
			}
		}
	}
	if documents != 2 || notes != 2 {
		t.Errorf("%d documents and %d notes, want two of each", documents, notes)
	}
	b.nothingLeft()
}
