package runlog

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// The texts of this file are the formats. They can never change: entries and
// checkpoints that were written years ago must still verify. If a test here
// fails, the code is wrong. The hashes and commitments were computed outside this
// program, with Python's hmac, hashlib and base64.

const goldenLeaf = `byskriver 1
time 2026-03-02T05:15:00.250000Z
code item.done
run invoice-20260302-0515
item invoice-2026-000123
detail 1PWJ1CLhvjt+BltJuy5oTp7wZmvlZwVdGScLx5oyY4k=
subject on9h12FguKUVxVArDsCVQij9mdk/LDfsphYPtRLQc+0=
`

const goldenHouseLeaf = `byskriver 1
time 1970-01-01T00:00:00.000000Z
code run.started
run -
item -
detail 1PWJ1CLhvjt+BltJuy5oTp7wZmvlZwVdGScLx5oyY4k=
subject -
`

// goldenSalt is 0, 1, 2 ... 31.
func goldenSalt() []byte {
	salt := make([]byte, saltSize)
	for i := range salt {
		salt[i] = byte(i)
	}
	return salt
}

func goldenLeafValue(t *testing.T) Leaf {
	t.Helper()
	e := Entry{Text: "Bogført.", Fields: map[string]string{"voucher": "5001", "account": "22 <x>"}}
	d, err := e.detail().encode()
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"text":"Bogført.","fields":{"account":"22 <x>","voucher":"5001"}}`; string(d) != want {
		t.Errorf("the detail is %s, want %s", d, want)
	}
	return Leaf{
		At: begin, Code: "item.done", Run: "invoice-20260302-0515", Item: "invoice-2026-000123",
		Detail: Commit(goldenSalt(), d), Subject: Commit(goldenSalt(), []byte(testSubject)),
	}
}

func TestLeafBytes(t *testing.T) {
	leaf := goldenLeafValue(t)
	if got := string(leaf.Bytes()); got != goldenLeaf {
		t.Errorf("got\n%s\nwant\n%s", got, goldenLeaf)
	}
	if got, want := leaf.Hash().String(), "rSZGtS87GpqYLb7tubeAwjSpJpS599skP/6KFJ7DGIQ="; got != want {
		t.Errorf("the leaf's hash is %s, want %s", got, want)
	}
	if leaf.Hash() != tlog.RecordHash(leaf.Bytes()) {
		t.Error("the leaf's hash is not tlog's")
	}
	house := Leaf{At: time.UnixMicro(0), Code: "run.started", Detail: leaf.Detail}
	if got := string(house.Bytes()); got != goldenHouseLeaf {
		t.Errorf("got\n%s\nwant\n%s", got, goldenHouseLeaf)
	}
	for _, text := range []string{goldenLeaf, goldenHouseLeaf} {
		back, err := ParseLeaf([]byte(text))
		if err != nil || string(back.Bytes()) != text {
			t.Errorf("read back: %v\n%s", err, back.Bytes())
		}
	}
}

// TestLeafHasOneForm changes one byte of a leaf: what still reads is another leaf,
// and writes as those bytes.
func TestLeafHasOneForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(rapid.SampledFrom([]string{goldenLeaf, goldenHouseLeaf}).Draw(t, "leaf"))
		at := rapid.IntRange(0, len(b)).Draw(t, "at")
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			b = append(b[:at:at], append([]byte{rapid.Byte().Draw(t, "insert")}, b[at:]...)...)
		case 1:
			b = b[:at]
		default:
			b[min(at, len(b)-1)] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		if l, err := ParseLeaf(b); err == nil && string(l.Bytes()) != string(b) {
			t.Fatalf("%q reads as %q", b, l.Bytes())
		}
	})
}

// TestLeafReadsBack wants any legal leaf to read back as itself, and nothing that
// could break a line to be legal.
func TestLeafReadsBack(t *testing.T) {
	word := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z0-9æøåÆØÅ._:/+#-]{0,130}`))
	rapid.Check(t, func(t *rapid.T) {
		l := Leaf{
			At:   time.UnixMicro(rapid.Int64Range(-1000, maxTime+1000).Draw(t, "at")).UTC(),
			Code: word.Draw(t, "code"), Run: word.Draw(t, "run"), Item: word.Draw(t, "item"),
			Detail: Commitment{1},
		}
		if rapid.Bool().Draw(t, "subject") {
			l.Subject = Commitment{2}
		}
		legal := l.check() == nil
		back, err := ParseLeaf(l.Bytes())
		if legal && (err != nil || back != l) {
			t.Fatalf("%+v reads as %+v: %v", l, back, err)
		}
		if legal && strings.Count(string(l.Bytes()), "\n") != 7 {
			t.Fatalf("%q has other lines", l.Bytes())
		}
		if !legal && err == nil && back == l {
			t.Fatalf("%+v is not legal, but reads", l)
		}
	})
}

const goldenCheckpoint = `byskriver/nordborg
1204
qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=
time 2026-03-02T05:15:00.250000Z
`

// A key pair for this test alone.
const (
	goldenSigner   = "PRIVATE+KEY+byskriver/nordborg+479872cc+ARcvy0g5Ojzr5Kpz0mvzGm01AuNEQVtnbve3X3A8OOmO"
	goldenVerifier = "byskriver/nordborg+479872cc+AX1dCgDzMuoHKL5fN/Ippi+bzx3TASUSng0K8opYiJMA"
)

const goldenSigned = goldenCheckpoint + `
— byskriver/nordborg R5hyzHoVwoy16VxpgD8GT+7WZ68obhmuV3pcYSKx6iFL/LHCmhJLGfNKj6FV4sOe5SWvaksdxWadIL8I1YZUn9rqvQ8=
`

func goldenLog(t *testing.T) *Log {
	h := newHouse(t, func(o *Options) { o.Signer = goldenSigner })
	return h.log
}

func TestCheckpointText(t *testing.T) {
	root, err := tlog.ParseHash("qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=")
	if err != nil {
		t.Fatal(err)
	}
	c := Checkpoint{Origin: testOrigin, Size: 1204, Root: root, At: begin}
	if c.Text() != goldenCheckpoint {
		t.Errorf("got\n%s\nwant\n%s", c.Text(), goldenCheckpoint)
	}
	signed, err := goldenLog(t).sign(c)
	if err != nil {
		t.Fatal(err)
	}
	if string(signed) != goldenSigned {
		t.Errorf("got\n%s\nwant\n%s", signed, goldenSigned)
	}
	v, err := note.NewVerifier(goldenVerifier)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := OpenCheckpoint([]byte(goldenSigned), testOrigin, note.VerifierList(v)); err != nil || back != c {
		t.Errorf("read back: %v %+v", err, back)
	}
	if own, err := VerifierOf(goldenSigner); err != nil || own != goldenVerifier {
		t.Errorf("the verifier is %q, %v", own, err)
	}
}

// TestStoredCheckpointHasOneForm changes a signed checkpoint in any one place.
func TestStoredCheckpointHasOneForm(t *testing.T) {
	l := goldenLog(t)
	if _, err := openStored([]byte(goldenSigned), testOrigin, l.verifiers); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(goldenSigned)
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		if rapid.Bool().Draw(t, "insert") {
			b = append(b[:at:at], append([]byte{rapid.Byte().Draw(t, "byte")}, b[at:]...)...)
		} else {
			b[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		if _, err := openStored(b, testOrigin, l.verifiers); err == nil && string(b) != goldenSigned {
			t.Fatalf("opened: %q", b)
		}
	})
	// The last four bits of the signature's base64 mean nothing: note.Open alone
	// takes this one.
	i := strings.LastIndex(goldenSigned, "=")
	padded := goldenSigned[:i-1] + other(goldenSigned[i-1]) + goldenSigned[i:]
	if _, err := OpenCheckpoint([]byte(padded), testOrigin, l.verifiers); err != nil {
		t.Fatalf("the test is wrong: %v", err)
	}
	if _, err := openStored([]byte(padded), testOrigin, l.verifiers); err == nil {
		t.Error("a changed padding bit was overlooked")
	}
}

// other is the base64 digit after c, whose high bits are the same for an even c.
func other(c byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return string(digits[strings.IndexByte(digits, c)^1])
}

func TestCheckpointOfAnotherIsRefused(t *testing.T) {
	signer, _, err := NewKey("byskriver/sydborg")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(signer)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := note.Sign(&note.Note{Text: strings.Replace(goldenCheckpoint, "nordborg", "sydborg", 1)}, s)
	if err != nil {
		t.Fatal(err)
	}
	own, err := note.NewSigner(goldenSigner)
	if err != nil {
		t.Fatal(err)
	}
	wrongOrigin, err := note.Sign(&note.Note{Text: strings.Replace(goldenCheckpoint, "nordborg", "sydborg", 1)}, own)
	if err != nil {
		t.Fatal(err)
	}
	l := goldenLog(t)
	for name, signed := range map[string][]byte{
		"another key": elsewhere, "another origin": wrongOrigin, "nothing": nil, "no signature": []byte(goldenCheckpoint),
	} {
		if c, err := OpenCheckpoint(signed, testOrigin, l.verifiers); err == nil {
			t.Errorf("%s: opened as %+v", name, c)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, origin := range []string{"", "byskriver/", "nordborg", "byskriver/Nordborg", "byskriver/nord borg", "byskriver/nord+borg", "byskriver/ærø"} {
		if _, _, err := NewKey(origin); err == nil {
			t.Errorf("origin %q was taken", origin)
		}
	}
	h := newHouse(t)
	other, otherVerifier, err := NewKey("byskriver/sydborg")
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"no ring":                    {Origin: testOrigin},
		"a signer of another":        {Ring: h.ring, Origin: testOrigin, Signer: other},
		"a verifier of another":      {Ring: h.ring, Origin: testOrigin, Verifiers: []string{otherVerifier}},
		"a verifier that is none":    {Ring: h.ring, Origin: testOrigin, Verifiers: []string{"x"}},
		"a signer that is none":      {Ring: h.ring, Origin: testOrigin, Signer: h.verifier},
		"a signer cut short":         {Ring: h.ring, Origin: testOrigin, Signer: h.signer[:len(h.signer)-5]},
		"an origin that can be none": {Ring: h.ring, Origin: "Nordborg"},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s was taken", name)
		} else if strings.Contains(err.Error(), h.signer[len(h.signer)-20:]) {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
	if _, err := base64.StdEncoding.DecodeString(strings.SplitN(h.signer, "+", 5)[4]); err != nil {
		t.Error(err)
	}
}
