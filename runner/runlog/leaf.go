package runlog

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Commitment is the HMAC-SHA256 of a text under a fresh random salt of saltSize
// bytes. Without the salt it tells nothing about the text, not even to somebody
// who tries all CPR numbers; with it, it fits no other text. The zero value
// stands for no commitment.
type Commitment [sha256.Size]byte

// saltSize is the length of a salt in bytes. It is that of an HMAC-SHA256 key,
// so that no two salts stand for the same key.
const saltSize = 32

// Commit makes the commitment to a text.
func Commit(salt, text []byte) Commitment {
	h := hmac.New(sha256.New, salt)
	h.Write(text)
	var c Commitment
	h.Sum(c[:0])
	return c
}

// Leaf is the part of an entry that can never be removed: what the tree hashes.
type Leaf struct {
	At      time.Time
	Code    string
	Run     string     // "" if none
	Item    string     // "" if none
	Detail  Commitment // to text and fields
	Subject Commitment // to the CPR number; zero if none
}

// The leaf's form, version 1. These texts can never change.
const (
	leafVersion = "byskriver 1\n"
	leafTime    = "2006-01-02T15:04:05.000000Z"
	leafNone    = "-"
)

// maxTime is the last moment a leaf can name, in UTC microseconds: the end of
// the year 9999. The first is 1970.
const maxTime = 253402300799999999

// Bytes is the leaf as the tree hashes it: seven lines, each but the first a name
// and a value.
//
//	byskriver 1
//	time 2026-03-02T05:15:00.250000Z
//	code item.done
//	run invoice-20260302-0515
//	item invoice-2026-000123
//	detail cD9M...=
//	subject -
func (l Leaf) Bytes() []byte { return l.append(make([]byte, 0, 256)) }

func (l Leaf) append(b []byte) []byte {
	b = append(b, leafVersion...)
	b = append(b, "time "...)
	b = l.At.UTC().AppendFormat(b, leafTime)
	b = append(b, "\ncode "...)
	b = appendWord(b, l.Code)
	b = append(b, "\nrun "...)
	b = appendWord(b, l.Run)
	b = append(b, "\nitem "...)
	b = appendWord(b, l.Item)
	b = append(b, "\ndetail "...)
	b = appendCommitment(b, l.Detail)
	b = append(b, "\nsubject "...)
	b = appendCommitment(b, l.Subject)
	return append(b, '\n')
}

func appendWord(b []byte, word string) []byte {
	if word == "" {
		word = leafNone
	}
	return append(b, word...)
}

func appendCommitment(b []byte, c Commitment) []byte {
	if c == (Commitment{}) {
		return append(b, leafNone...)
	}
	return base64.StdEncoding.AppendEncode(b, c[:])
}

// Hash is the leaf's hash in the tree: SHA-256 of a zero byte and Bytes (RFC 6962,
// section 2.1). It is tlog.RecordHash without its allocations, for verifying
// millions.
func (l Leaf) Hash() tlog.Hash {
	return sha256.Sum256(l.append(make([]byte, 1, 512)))
}

// check says whether the leaf can be written so that it reads back as itself.
func (l Leaf) check() error {
	if us := l.At.UnixMicro(); us < 0 || us > maxTime {
		return errors.New("the time is not between 1970 and 9999")
	}
	if err := checkWord(l.Code); err != nil {
		return fmt.Errorf("code: %w", err)
	}
	for _, word := range [...]string{l.Run, l.Item} {
		if word == "" {
			continue
		}
		if err := checkWord(word); err != nil {
			return fmt.Errorf("run or item: %w", err)
		}
	}
	if l.Detail == (Commitment{}) {
		return errors.New("no commitment to the detail")
	}
	return nil
}

// ParseLeaf reads what Bytes wrote, and nothing else.
func ParseLeaf(b []byte) (Leaf, error) {
	rest, ok := strings.CutPrefix(string(b), leafVersion)
	lines := strings.Split(rest, "\n")
	if !ok || len(lines) != 7 {
		return Leaf{}, errors.New("not a leaf of version 1")
	}
	var v [6]string
	for i, name := range [...]string{"time ", "code ", "run ", "item ", "detail ", "subject "} {
		if v[i], ok = strings.CutPrefix(lines[i], name); !ok {
			return Leaf{}, fmt.Errorf("leaf: line %d is not the %s line", i+2, strings.TrimSpace(name))
		}
	}
	at, err := time.Parse(leafTime, v[0])
	if err != nil {
		return Leaf{}, fmt.Errorf("leaf: %w", err)
	}
	l := Leaf{At: at, Code: v[1], Run: parseWord(v[2]), Item: parseWord(v[3])}
	if l.Detail, err = parseCommitment(v[4]); err != nil {
		return Leaf{}, err
	}
	if l.Subject, err = parseCommitment(v[5]); err != nil {
		return Leaf{}, err
	}
	if err := l.check(); err != nil {
		return Leaf{}, fmt.Errorf("leaf: %w", err)
	}
	if string(l.Bytes()) != string(b) {
		return Leaf{}, errors.New("leaf: not in its one canonical form")
	}
	return l, nil
}

func parseWord(s string) string {
	if s == leafNone {
		return ""
	}
	return s
}

func parseCommitment(s string) (c Commitment, err error) {
	if s == leafNone {
		return c, nil
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != len(c) {
		return c, errors.New("leaf: a commitment is not 32 bytes in base64")
	}
	return Commitment(b), nil
}
