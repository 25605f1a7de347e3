// Package seal encrypts what the store keeps. There is one master secret, held
// outside the database; every item has keys of its own that it wraps. To destroy
// an item's wrapped key is to delete what was sealed with it, also in free
// database pages and old backups.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// KeySize is the length of every key in bytes (AES-256).
const KeySize = 32

// longestID is how long a secret's id may be: its length stands in one byte
// before each wrapped key.
const longestID = 64

// ErrOpen says that something sealed could not be opened: the wrong key, or
// bytes that were changed.
var ErrOpen = errors.New("sealed data does not open: wrong key or changed bytes")

// Ring holds the master secrets: the current one, which wraps, and earlier ones,
// which still unwrap.
type Ring struct {
	current string
	masters map[string]master
	macs    sync.Pool // of *macer: to begin one under a key costs as much as most of its use
}

// macer is an HMAC under the ring's MAC key, used again and again.
type macer struct {
	hash   hash.Hash
	length [8]byte // of the part that is being added
}

type master struct {
	wrap cipher.AEAD
	mac  []byte
	root []byte
}

// NewSecret makes a line for a key file: an id and 32 random bytes.
func NewSecret(id string) string {
	b := make([]byte, KeySize)
	rand.Read(b)
	return id + " " + base64.StdEncoding.EncodeToString(b)
}

// ParseRing reads a key file: a line a secret, "ID BASE64", the current one
// first; blank lines and lines that begin with # do not count. The MAC key is
// that of the oldest (last) secret, since business keys must be found again
// after a rotation.
func ParseRing(text string) (*Ring, error) {
	r := &Ring{masters: map[string]master{}}
	var oldest []byte
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		id, secret, err := parseSecret(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if _, twice := r.masters[id]; twice {
			return nil, fmt.Errorf("line %d: key id %q stands twice", i+1, id)
		}
		m, err := newMaster(secret)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		r.masters[id] = m
		oldest = m.root
		if r.current == "" {
			r.current = id
		}
	}
	if r.current == "" {
		return nil, errors.New("no key in it: expected a line of the form ID BASE64")
	}
	mac, err := derive(oldest, "mac")
	if err != nil {
		return nil, err
	}
	for id, m := range r.masters {
		m.mac = mac
		r.masters[id] = m
	}
	r.macs.New = func() any { return &macer{hash: hmac.New(sha256.New, mac)} }
	return r, nil
}

func parseSecret(line string) (id string, secret []byte, err error) {
	id, enc, ok := strings.Cut(line, " ")
	if !ok {
		return "", nil, errors.New("expected ID BASE64")
	}
	if len(id) > longestID {
		return "", nil, fmt.Errorf("a key's id has at most %d bytes, and this one has %d", longestID, len(id))
	}
	secret, err = base64.StdEncoding.DecodeString(strings.TrimSpace(enc))
	if err != nil || len(secret) != KeySize {
		return "", nil, fmt.Errorf("the secret of key %q is not %d bytes in base64", id, KeySize)
	}
	return id, secret, nil
}

func newMaster(secret []byte) (master, error) {
	k, err := derive(secret, "wrap")
	if err != nil {
		return master{}, err
	}
	a, err := newAEAD(k)
	return master{wrap: a, root: secret}, err
}

func derive(secret []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, "byskriver/1/"+purpose, KeySize)
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// MAC is an HMAC-SHA256 of the parts under the ring's MAC key. The purpose keeps
// equal texts in different places from giving equal codes.
func (r *Ring) MAC(purpose string, parts ...[]byte) []byte {
	m := r.macs.Get().(*macer)
	defer r.macs.Put(m)
	m.hash.Reset()
	m.frame([]byte(purpose))
	for _, p := range parts {
		m.frame(p)
	}
	return m.hash.Sum(nil)
}

// frame adds a part with its length before it, so that two parts can never read
// as one.
func (m *macer) frame(p []byte) {
	binary.BigEndian.PutUint64(m.length[:], uint64(len(p)))
	m.hash.Write(m.length[:])
	m.hash.Write(p)
}

// Derived is a key for one purpose of the house itself, such as "log", derived
// from the oldest secret so that it outlives rotations.
func (r *Ring) Derived(purpose string) (Key, error) {
	k, err := derive(r.masters[r.current].mac, "derived/"+purpose)
	if err != nil {
		return Key{}, err
	}
	return keyOf(k)
}

// Key seals and opens. Its zero value does neither.
type Key struct {
	raw  []byte
	aead cipher.AEAD
}

// NewKey makes a random key.
func NewKey() (Key, error) {
	b := make([]byte, KeySize)
	rand.Read(b)
	return keyOf(b)
}

func keyOf(raw []byte) (Key, error) {
	a, err := newAEAD(raw)
	if err != nil {
		return Key{}, err
	}
	return Key{raw: raw, aead: a}, nil
}

// Valid reports whether the key can seal and open.
func (k Key) Valid() bool { return k.aead != nil }

// Seal encrypts plain and binds it to the context, which Open must be given
// again. A random nonce stands before the ciphertext.
func (k Key) Seal(plain []byte, context string) []byte {
	return k.aead.Seal(nil, nil, plain, []byte(context))
}

// Open decrypts what Seal made. It returns ErrOpen if the key, the bytes or the
// context differ.
func (k Key) Open(sealed []byte, context string) ([]byte, error) {
	if k.aead == nil {
		return nil, ErrOpen
	}
	plain, err := k.aead.Open(nil, nil, sealed, []byte(context))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Wrap encrypts a key under the current master secret, bound to the context
// (such as the item's number). The result names the secret it needs.
func (r *Ring) Wrap(k Key, context string) []byte {
	id := r.current
	out := append([]byte{byte(len(id))}, id...)
	return append(out, r.masters[id].wrap.Seal(nil, nil, k.raw, []byte(context))...)
}

// Unwrap gives back a wrapped key. It returns ErrOpen if the bytes or the
// context differ, and names the secret if the ring does not hold it.
func (r *Ring) Unwrap(wrapped []byte, context string) (Key, error) {
	if len(wrapped) == 0 || len(wrapped) < 1+int(wrapped[0]) {
		return Key{}, ErrOpen
	}
	id := string(wrapped[1 : 1+int(wrapped[0])])
	m, ok := r.masters[id]
	if !ok {
		return Key{}, fmt.Errorf("the key file lacks key %q: %w", id, ErrOpen)
	}
	raw, err := m.wrap.Open(nil, nil, wrapped[1+len(id):], []byte(context))
	if err != nil {
		return Key{}, ErrOpen
	}
	return keyOf(raw)
}
