package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A log that only grows is signed each time, also when nothing has happened; the
// municipality's own check takes the checkpoint with both signatures.
func TestLogThatGrows(t *testing.T) {
	k := newKeys(t)
	r, a := newRegister(t, k), newAuditor(t, k, "revision/lilleby")
	var size int64
	for _, n := range []int{3, 1, 0, 40, 300} {
		r.write(numbered(n)...)
		signed := a.want(0, "sign", a.dir, r.grown(size))
		w, err := open(a.dir)
		if err != nil {
			t.Fatal(err)
		}
		if w.last.size < size+int64(n) || !strings.Contains(signed, "— revision/lilleby ") || !strings.Contains(signed, "— "+origin+" ") {
			t.Fatalf("after %d more: %d entries, %s", n, w.last.size, signed)
		}
		size = w.last.size
	}
	out := a.want(0, "verify", a.dir, r.entry(17))
	if !strings.Contains(out, "Post 17 står i loggen") || !strings.Contains(out, "code note.test") || !strings.Contains(out, "selv skrevet under") {
		t.Errorf("%s", out)
	}
}

// An insider with the database and every key, who writes another past that is whole
// in itself, is found by the witness.
func TestInsider(t *testing.T) {
	k := newKeys(t)
	for _, c := range []struct {
		name  string
		texts []string
	}{
		{"changed", numbered(25, 7)},
		{"changed the last", numbered(25, 20)},
		{"dropped", append(numbered(25)[:6], numbered(25)[7:]...)},
		{"inserted", append(append(numbered(6), "ny"), numbered(25)[6:]...)},
		{"reordered", append(append(numbered(5), "post 7", "post 6"), numbered(25)[7:]...)},
		{"truncated", numbered(19)},
		{"rolled back to an older copy", numbered(12)},
		{"written anew, word by word", numbered(20)},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, r := newAuditor(t, k, "revision"), newRegister(t, k)
			r.write(numbered(20)...)
			a.want(0, "sign", a.dir, r.grown(0))
			w, err := open(a.dir)
			if err != nil {
				t.Fatal(err)
			}
			forged := newRegister(t, k)
			forged.write(c.texts...)
			since := min(w.last.size, int64(len(c.texts)))
			out := a.want(3, "sign", a.dir, forged.grown(since))
			if !strings.Contains(out, "går ikke videre") {
				t.Errorf("%s", out)
			}
			if _, err := os.Stat(filepath.Join(a.dir, "bevis-på-omskrivning")); err != nil {
				t.Error("what the log signed of another past is not kept:", err)
			}
			// The true log is still believed.
			r.write("videre")
			a.want(0, "sign", a.dir, r.grown(w.last.size))
		})
	}
}

// A log that shows two auditors two pasts is found when they compare.
func TestFork(t *testing.T) {
	k := newKeys(t)
	one, two := newRegister(t, k), newRegister(t, k)
	a, b := newAuditor(t, k, "revision"), newAuditor(t, k, "borger")
	one.write(numbered(20)...)
	two.write(numbered(30, 11)...)
	a.want(0, "sign", a.dir, one.grown(0))
	b.want(0, "sign", b.dir, two.grown(0))
	kept := filepath.Join(a.dir, fileLast)
	size, err := open(a.dir)
	if err != nil {
		t.Fatal(err)
	}
	b.want(3, "compare", b.dir, kept, two.grown(size.last.size))
	// Nor does a proof help that ends elsewhere than at what was signed.
	two.write("mere")
	b.want(1, "compare", b.dir, kept, two.grown(size.last.size))
	// Of one log the two are told to be of one.
	c := newAuditor(t, k, "ministeriet")
	one.write(numbered(9)...)
	c.want(0, "sign", c.dir, one.grown(0))
	if out := c.want(0, "compare", c.dir, kept, one.grown(size.last.size)); !strings.Contains(out, "samme log") {
		t.Errorf("%s", out)
	}
}

// A proof in which anything is changed is none.
func TestChangedProof(t *testing.T) {
	k := newKeys(t)
	r, a := newRegister(t, k), newAuditor(t, k, "revision")
	r.write(numbered(21)...)
	good, err := os.ReadFile(r.entry(9))
	if err != nil {
		t.Fatal(err)
	}
	a.want(0, "verify", a.dir, file(t, good))
	lines := bytes.SplitAfter(good, []byte("\n"))
	for i := range lines {
		if len(bytes.TrimSpace(lines[i])) == 0 {
			continue
		}
		var changed []byte
		for j, line := range lines {
			if j != i {
				changed = append(changed, line...)
			}
		}
		a.want(1, "verify", a.dir, file(t, changed))
	}
	leaf := base64.StdEncoding.EncodeToString([]byte("byskriver 1\ntime 2026-03-02T05:15:00.000000Z\ncode item.done\nrun -\nitem -\ndetail -\nsubject -\n"))
	a.want(1, "verify", a.dir, file(t, bytes.Replace(good, lines[2], []byte("leaf "+leaf+"\n"), 1)))
	a.want(1, "verify", a.dir, file(t, bytes.Replace(good, []byte("number 9"), []byte("number 10"), 1)))
	a.want(1, "sign", a.dir, file(t, good))
	a.want(1, "verify", a.dir, file(t, bytes.Repeat([]byte("x"), maxProof+1)))
}

// Neither another's signature nor the witness's own stands for the log's.
func TestOthersSignatures(t *testing.T) {
	k := newKeys(t)
	r, a := newRegister(t, k), newAuditor(t, k, "revision")
	r.write(numbered(5)...)
	strangers := newAuditor(t, newKeys(t), "revision")
	strangers.want(1, "sign", strangers.dir, r.grown(0))
	w, err := open(a.dir)
	if err != nil {
		t.Fatal(err)
	}
	own, err := note.Sign(&note.Note{Text: origin + "\n0\n" + (tlog.Hash{}).String() + "\ntime 2026-03-02T05:15:00.000000Z\n"}, w.own)
	if err != nil {
		t.Fatal(err)
	}
	a.want(1, "sign", a.dir, file(t, append([]byte("byskriver-growth 1\nfrom 0\n\n"), own...)))
	private, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil || public == k.public {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.dir, fileKey), []byte(strings.Replace(private, "PRIVATE", "PUBLIC", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := a.want(1, "sign", a.dir, r.grown(0)); strings.Contains(out, private[20:]) {
		t.Errorf("the key is in what was said: %s", out)
	}
}

// A witness is made once in a folder.
func TestInitTwice(t *testing.T) {
	k := newKeys(t)
	a := newAuditor(t, k, "revision")
	a.want(1, "init", "--log", file(t, []byte(k.public)), "--name", "anden", a.dir)
	a.want(1, "init", "--log", file(t, []byte("ingen nøgle")), "--name", "anden", filepath.Join(t.TempDir(), "x"))
	a.want(1, "init", "--log", file(t, []byte(k.public)), "--name", origin, filepath.Join(t.TempDir(), "x"))
	a.want(2, "sign")
	a.want(2, "fly")
}
