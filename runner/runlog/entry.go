package runlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"byskriver/runner"
)

// Entry is one thing that happened, as its writer tells it.
type Entry struct {
	// At is when it happened; zero means now. Kept in UTC to the microsecond.
	At time.Time
	// Code says what happened, such as "item.done". It, Run and Item stand in the
	// leaf for ever and must hold no personal data; see checkWord for what they are
	// made of. Codes that begin with "log." are the log's own.
	Code string
	Run  string // the run's id, or ""
	Item string // the item's number, or ""
	// Text is for people. CPR numbers in it are masked before it is written, and
	// what is longer than maxText bytes is cut.
	Text string
	// Fields are for programs. Values are treated as Text is, but for SHA-256 digests
	// (64 small hexadecimal digits): one in two hundred of those has ten digits in it
	// that read as a CPR number, and would be spoilt. Names are made of the same
	// characters as Code.
	Fields map[string]string
	// Subject is the CPR number, ten digits, of the person who was looked up; empty
	// in all other entries. It is sealed, and found again by BySubject only.
	Subject string
}

// Limits of an entry, in bytes. They bound what one entry can cost; the format
// does not depend on them, except that a word is never longer than maxWord.
const (
	maxWord   = 120
	maxText   = 16 << 10
	maxFields = 64
)

// ownPrefix begins the codes of entries that the log writes about itself.
const ownPrefix = "log."

// The log's own entries.
const (
	CodeRemoved      = "log.removed"      // sealed parts were removed by policy
	CodeRejected     = "log.rejected"     // a pending row was found that byskriver did not write
	CodeAcknowledged = "log.acknowledged" // somebody has looked into a rejected row
)

// checkWord says what is wrong with a text that is to stand in a leaf. The
// alphabet is a closed list, so that it means the same for ever: ASCII letters
// and digits, the Danish letters in composed form, and . _ : / + # -. A lone hyphen stands for
// nothing in the leaf and is no word.
func checkWord(s string) error {
	if s == "" || s == "-" || len(s) > maxWord {
		return fmt.Errorf("%q must be 1 to %d bytes and not a lone hyphen", s, maxWord)
	}
	for _, r := range s {
		if !wordRune(r) {
			return fmt.Errorf("%q has %q in it: allowed are letters, digits and . _ : / + # -", s, r)
		}
	}
	return nil
}

func wordRune(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	}
	switch r {
	case '.', '_', ':', '/', '+', '#', '-', 'æ', 'ø', 'å', 'Æ', 'Ø', 'Å':
		return true
	}
	return false
}

// check says what is wrong with an entry that somebody wants written.
func (e Entry) check() error {
	if err := lastingWord("code", e.Code); err != nil {
		return err
	}
	if strings.HasPrefix(e.Code, ownPrefix) {
		return fmt.Errorf("code %q: codes that begin with %s are the log's own", e.Code, ownPrefix)
	}
	for name, word := range map[string]string{"run": e.Run, "item": e.Item} {
		if word == "" {
			continue
		}
		if err := lastingWord(name, word); err != nil {
			return err
		}
	}
	if len(e.Fields) > maxFields {
		return fmt.Errorf("%d fields; an entry holds %d", len(e.Fields), maxFields)
	}
	for name := range e.Fields {
		if err := lastingWord("field name", name); err != nil {
			return err
		}
	}
	return checkSubject(e.Subject)
}

// lastingWord refuses what can never be removed again and must therefore not be
// personal: a word that reads as a CPR number. The word itself is not repeated.
func lastingWord(name, word string) error {
	if runner.Mask(word) != word {
		return fmt.Errorf("the %s reads as a CPR number, which the log never holds in the open", name)
	}
	if err := checkWord(word); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func checkSubject(s string) error {
	if s == "" {
		return nil
	}
	ok := len(s) == 10
	for _, r := range s {
		ok = ok && r >= '0' && r <= '9'
	}
	if !ok {
		return errors.New("the subject is not a CPR number of ten digits")
	}
	return nil
}

// detail is the part of an entry that people and programs read. Its JSON is what
// the detail commitment is made over, byte for byte as it was written.
type detail struct {
	Text   string            `json:"text"`
	Fields map[string]string `json:"fields,omitempty"`
}

// detail is the entry's text and fields, masked and cut.
func (e Entry) detail() detail {
	d := detail{Text: fit(e.Text)}
	if len(e.Fields) > 0 {
		d.Fields = make(map[string]string, len(e.Fields))
		for name, value := range e.Fields {
			if !isDigest(value) {
				value = fit(value)
			}
			d.Fields[name] = value
		}
	}
	return d
}

func (d detail) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("encode text and fields: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func decodeDetail(b []byte) (detail, error) {
	var d detail
	if err := json.Unmarshal(b, &d); err != nil {
		return detail{}, fmt.Errorf("decode text and fields: %w", err)
	}
	return d, nil
}

// isDigest reports whether a value is a SHA-256 in hexadecimal.
func isDigest(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return len(s) == 2*sha256.Size
}

// fit masks a text and cuts it to maxText bytes at a rune's edge. It masks first,
// so that no half of a CPR number is left at the cut.
func fit(s string) string {
	s = runner.Mask(strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s [... %d bytes cut]", s[:cut], len(s)-cut)
}
