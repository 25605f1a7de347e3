package runlog

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"byskriver/runner/seal"
)

// Sealed is an entry ready to be written: masked, committed to, sealed and
// marked. It is written once; a copy of it that is written too is found and
// rejected.
type Sealed struct{ body []byte }

// sealedEntry is a Sealed taken apart.
type sealedEntry struct {
	leaf       Leaf
	leafBytes  []byte
	hash       tlog.Hash
	detail     []byte // sealed salt and detail
	subject    []byte // sealed salt and CPR number; nil if none
	subjectMAC []byte // finds a person's look-ups; nil if none
}

// What sealed parts are bound to, before the leaf's hash.
const (
	detailContext  = "byskriver/log/1/detail/"
	subjectContext = "byskriver/log/1/subject/"
)

// Seal makes entries of one item ready to be written, with the item's log key;
// entries without an item are sealed with the house's own key, whatever key is
// given. It needs no transaction, so that the work is done before one is begun.
func (l *Log) Seal(key seal.Key, entries ...Entry) ([]Sealed, error) {
	all := make([]Sealed, 0, len(entries))
	for _, e := range entries {
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("log entry %s: %w", printable(e.Code), err)
		}
		s, err := l.seal(key, e, e.detail())
		if err != nil {
			return nil, fmt.Errorf("log entry %s: %w", e.Code, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// printable is a code as an error may show it, whatever was handed in.
func printable(code string) string {
	if lastingWord("code", code) != nil {
		return "with an impossible code"
	}
	return code
}

func (l *Log) seal(key seal.Key, e Entry, d detail) (Sealed, error) {
	if e.Item == "" {
		key = l.house
	}
	if !key.Valid() {
		return Sealed{}, errors.New("the item's log key is missing")
	}
	if e.At.IsZero() {
		e.At = l.clock.Now()
	}
	text, err := d.encode()
	if err != nil {
		return Sealed{}, err
	}
	detail, detailC, err := l.salted(text)
	if err != nil {
		return Sealed{}, err
	}
	var subject []byte
	var subjectC Commitment
	if e.Subject != "" {
		if subject, subjectC, err = l.salted([]byte(e.Subject)); err != nil {
			return Sealed{}, err
		}
	}
	leaf := Leaf{
		At: e.At.UTC().Truncate(time.Microsecond), Code: e.Code, Run: e.Run, Item: e.Item,
		Detail: detailC, Subject: subjectC,
	}
	if err := leaf.check(); err != nil {
		return Sealed{}, err
	}
	s := sealedEntry{leaf: leaf, leafBytes: leaf.Bytes()}
	s.hash = tlog.RecordHash(s.leafBytes)
	s.detail = key.Seal(detail, detailContext+string(s.hash[:]))
	if subject != nil {
		s.subject = key.Seal(subject, subjectContext+string(s.hash[:]))
		s.subjectMAC = l.subjectMAC(e.Subject)
	}
	return Sealed{body: l.pack(s)}, nil
}

// salted puts a fresh salt before a text and commits to the text under it.
func (l *Log) salted(text []byte) ([]byte, Commitment, error) {
	b := make([]byte, saltSize, saltSize+len(text))
	if _, err := io.ReadFull(l.random, b); err != nil {
		return nil, Commitment{}, fmt.Errorf("make a salt: %w", err)
	}
	return append(b, text...), Commit(b, text), nil
}

// unsalt takes apart what salted put together, and checks it against the
// commitment.
func unsalt(b []byte, c Commitment) ([]byte, error) {
	if len(b) < saltSize {
		return nil, errors.New("shorter than its salt")
	}
	text := b[saltSize:]
	if Commit(b[:saltSize], text) != c {
		return nil, errors.New("does not agree with the commitment in the leaf")
	}
	return text, nil
}

// subjectMAC is what a person's look-ups are found by.
func (l *Log) subjectMAC(cpr string) []byte { return l.ring.MAC("subject", []byte(cpr)) }

// entryMAC marks a numbered entry as byskriver's own, at its number.
func (l *Log) entryMAC(seq int64, leaf tlog.Hash) []byte {
	return l.ring.MAC("log entry", integer(seq), leaf[:])
}

// integer is an integer as it stands in a MAC.
func integer(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// packVersion begins a pending row. Rows live for about a second, but an upgrade
// may come between.
const packVersion = 1

// packHead is the length of what stands before the parts: version and MAC.
const packHead = 1 + sha256.Size

// pack lays an entry out as a pending row: the version, a MAC of the rest, and
// the parts, each after its length.
func (l *Log) pack(s sealedEntry) []byte {
	parts := [...][]byte{s.leafBytes, s.detail, s.subject, s.subjectMAC}
	size := packHead
	for _, part := range parts {
		size += binary.MaxVarintLen16 + len(part)
	}
	b := make([]byte, packHead, size)
	b[0] = packVersion
	for _, part := range parts {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	copy(b[1:], l.ring.MAC("log pending", b[packHead:]))
	return b
}

// unpack reads a pending row. An error says why it is none of ours.
func (l *Log) unpack(body []byte) (sealedEntry, error) {
	if len(body) < packHead || body[0] != packVersion {
		return sealedEntry{}, errors.New("not a row of version 1")
	}
	rest := body[packHead:]
	if !hmac.Equal(body[1:packHead], l.ring.MAC("log pending", rest)) {
		return sealedEntry{}, errors.New("its MAC does not fit")
	}
	var parts [4][]byte
	for i := range parts {
		n, w := binary.Uvarint(rest)
		if w <= 0 || n > uint64(len(rest)-w) {
			return sealedEntry{}, errors.New("cut short")
		}
		if n > 0 {
			parts[i] = rest[w : w+int(n)]
		}
		rest = rest[w+int(n):]
	}
	leaf, err := ParseLeaf(parts[0])
	if err != nil {
		return sealedEntry{}, err
	}
	return sealedEntry{
		leaf: leaf, leafBytes: parts[0], hash: tlog.RecordHash(parts[0]),
		detail: parts[1], subject: parts[2], subjectMAC: parts[3],
	}, nil
}

// own is an entry that the log writes about itself, ready to be numbered. Its
// text and fields are made by this package from numbers and codes and are not
// masked, since a row of entry numbers may read as a CPR number.
func (l *Log) own(code, text string, fields map[string]string) (sealedEntry, error) {
	if !strings.HasPrefix(code, ownPrefix) {
		return sealedEntry{}, fmt.Errorf("%s is no code of the log's own", code)
	}
	s, err := l.seal(l.house, Entry{Code: code}, detail{Text: text, Fields: fields})
	if err != nil {
		return sealedEntry{}, err
	}
	return l.unpack(s.body)
}
