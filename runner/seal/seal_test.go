package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"byskriver/runner/seal"
)

// The secrets of these tests: bytes 0-31, and 32-63.
const (
	first  = "k20260101 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	second = "k20270101 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
)

func ring(t *testing.T, lines ...string) *seal.Ring {
	t.Helper()
	r, err := seal.ParseRing(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newKey(t *testing.T) seal.Key {
	t.Helper()
	k, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What was written with the first program must open, and business keys be found
// again, for as long as a store lives. These values must never change.
func TestWrittenInTheFirstYear(t *testing.T) {
	r := ring(t, first)
	const mac = "574ed770275f99eddf28ec58feb018680d20e4bd4f41b92b8835be65fb9a608f"
	if got := hex.EncodeToString(r.MAC("key", []byte("invoice"), []byte("8605010001"))); got != mac {
		t.Errorf("the code of a business key is %s, was %s", got, mac)
	}
	house, err := r.Derived("papers")
	if err != nil {
		t.Fatal(err)
	}
	paper, err := house.Open(unhex(t, "94fc8bb02394c3a88dce7db87c6a4a4765bc1a5e303f50dbe5956bbc9299959fcb80455a75e84ea025"), "paper/invoice/plans")
	if err != nil || string(paper) != "godkendt plan" {
		t.Errorf("a derived key opens %q, %v", paper, err)
	}
	item, err := r.Unwrap(unhex(t, "096b3230323630313031789bfe3e24fab6dc319869573df068fdf8f21e900cb7e35502c7ca5cb915edc17bc22d76efcd7741d932d926ac13cdf109d9da568583002849c54d14"), "content/invoice")
	if err != nil {
		t.Fatalf("a wrapped key: %v", err)
	}
	found, err := item.Open(unhex(t, "94ceff062f326fed8a2247b053d292feec5f737b9053ad7a3ddbb2a7813fd1f9693d49"), "found")
	if err != nil || string(found) != "indhold" {
		t.Errorf("an item's key opens %q, %v", found, err)
	}
}

func TestRotation(t *testing.T) {
	old := ring(t, first)
	k := newKey(t)
	wrapped, sealed := old.Wrap(k, "item"), k.Seal([]byte("faktura"), "found")
	house, _ := old.Derived("papers")
	paper := house.Seal([]byte("plan"), "paper")

	rotated := ring(t, second, first)
	got, err := rotated.Unwrap(wrapped, "item")
	if err != nil {
		t.Fatalf("what the old secret wrapped: %v", err)
	}
	if plain, err := got.Open(sealed, "found"); err != nil || string(plain) != "faktura" {
		t.Errorf("%q, %v", plain, err)
	}
	if !bytes.Equal(old.MAC("key", []byte("x")), rotated.MAC("key", []byte("x"))) {
		t.Error("business keys are not found again after a rotation")
	}
	house, _ = rotated.Derived("papers")
	if plain, err := house.Open(paper, "paper"); err != nil || string(plain) != "plan" {
		t.Errorf("the house's papers after a rotation: %q, %v", plain, err)
	}

	fresh := rotated.Wrap(k, "item")
	if !bytes.Contains(fresh, []byte("k20270101")) {
		t.Error("a new key is not wrapped by the current secret")
	}
	if _, err := old.Unwrap(fresh, "item"); !errors.Is(err, seal.ErrOpen) || !strings.Contains(err.Error(), `"k20270101"`) {
		t.Errorf("without the new secret: %v", err)
	}
	if _, err := ring(t, second).Unwrap(wrapped, "item"); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("without the old secret: %v", err)
	}
}

func TestContextBinds(t *testing.T) {
	r := ring(t, first)
	a, b := newKey(t), newKey(t)
	sealed := a.Seal([]byte("x"), "found")
	for name, open := range map[string]func() error{
		"another context": func() error { _, err := a.Open(sealed, "outcome"); return err },
		"another key":     func() error { _, err := b.Open(sealed, "found"); return err },
		"no key":          func() error { _, err := seal.Key{}.Open(sealed, "found"); return err },
		"cut off":         func() error { _, err := a.Open(sealed[:len(sealed)-1], "found"); return err },
		"nothing":         func() error { _, err := a.Open(nil, "found"); return err },
		"another item's":  func() error { _, err := r.Unwrap(r.Wrap(a, "one"), "two"); return err },
		"empty wrapping":  func() error { _, err := r.Unwrap(nil, ""); return err },
		"id too long":     func() error { _, err := r.Unwrap([]byte{200, 'k'}, ""); return err },
		"id alone":        func() error { _, err := r.Unwrap(append([]byte{9}, "k20260101"...), ""); return err },
	} {
		if err := open(); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if (seal.Key{}).Valid() || !a.Valid() {
		t.Error("Valid tells a key from none wrongly")
	}
}

func TestAnyChangedByteIsSeen(t *testing.T) {
	r := ring(t, first)
	k := newKey(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		context := rapid.String().Draw(t, "context")
		sealed, wrapped := k.Seal(plain, context), r.Wrap(k, context)
		if got, err := k.Open(sealed, context); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %x, %v", got, err)
		}
		got, err := r.Unwrap(wrapped, context)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := got.Open(sealed, context); err != nil || !bytes.Equal(again, plain) {
			t.Fatalf("the unwrapped key opens %x, %v", again, err)
		}
		flip := func(b []byte, what string) []byte {
			b = slices.Clone(b)
			b[rapid.IntRange(0, len(b)-1).Draw(t, what)] ^= 1 << rapid.IntRange(0, 7).Draw(t, what+" bit")
			return b
		}
		if _, err := k.Open(flip(sealed, "sealed"), context); !errors.Is(err, seal.ErrOpen) {
			t.Fatalf("changed sealed bytes: %v", err)
		}
		if _, err := r.Unwrap(flip(wrapped, "wrapped"), context); !errors.Is(err, seal.ErrOpen) {
			t.Fatalf("changed wrapped bytes: %v", err)
		}
	})
}

func TestMACKeepsPartsApart(t *testing.T) {
	r := ring(t, first)
	seen := map[string]string{}
	for name, mac := range map[string][]byte{
		"key ab c": r.MAC("key", []byte("ab"), []byte("c")), "key a bc": r.MAC("key", []byte("a"), []byte("bc")),
		"key abc": r.MAC("key", []byte("abc")), "keya bc": r.MAC("keya", []byte("bc")), "content ab c": r.MAC("content", []byte("ab"), []byte("c")),
		"key": r.MAC("key"), "key empty": r.MAC("key", nil),
	} {
		if other, twice := seen[string(mac)]; twice {
			t.Errorf("%q and %q give the same code", name, other)
		}
		seen[string(mac)] = name
	}
}

func TestKeyFilesThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "expected a line of the form ID BASE64"},
		"comments only": {"# nøgler\n\n", "expected a line of the form ID BASE64"},
		"no id":         {"# nøgler\nAAECAwQFBgc=", "line 2: expected ID BASE64"},
		"short":         {"k1 AAECAwQFBgc=", `line 1: the secret of key "k1" is not 32 bytes in base64`},
		"no base64":     {first + "\nk2 ø", `line 2: the secret of key "k2"`},
		"long id":       {strings.Repeat("k", 65) + first, "line 1: a key's id has at most 64 bytes"},
		"twice":         {first + "\n" + first, `line 2: key id "k20260101" stands twice`},
	} {
		_, err := seal.ParseRing(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "AAEC") {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
	ring(t, "# den nuværende først", "", "  "+second+" ", first, "")
}

func TestNewSecretsDiffer(t *testing.T) {
	a, b := seal.NewSecret("k1"), seal.NewSecret("k1")
	if a == b {
		t.Error("two secrets are the same")
	}
	ring(t, a)
}
