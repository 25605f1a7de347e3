package workbook

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"byskriver/runner"
	"byskriver/runner/seal"
)

// macPurpose keeps row codes apart from every other code made with the ring. The
// number is the version of what codeOf puts together.
const macPurpose = "workbook/row/1"

// codeLetters are the letters of a row code: no digits, so that it can never read
// as a CPR number, and no vowels, so that it can never read as a word.
const codeLetters = "BCDFGHJKLMNPQRSTVWXZ"

// codeHalf letters are made of each of the MAC's first two words of eight bytes:
// in all 60 bits, which nobody without the key can guess through an import.
const codeHalf = 7

// codeOf is the code of a row: it fits only this number, revision, exception code
// and set of decisions.
func codeOf(ring *seal.Ring, number string, revision int, code, set string) string {
	mac := ring.MAC(macPurpose, []byte(number), []byte(strconv.Itoa(revision)), []byte(code), []byte(set))
	var b [2 * codeHalf]byte
	for i := range b {
		if i%codeHalf == 0 {
			mac = mac[8*(i/codeHalf):]
		}
		n := binary.BigEndian.Uint64(mac)
		b[i] = codeLetters[n%uint64(len(codeLetters))]
		binary.BigEndian.PutUint64(mac, n/uint64(len(codeLetters)))
	}
	return string(b[:])
}

// setText is a decision set as one text, the same for the same set for ever: it
// is part of what a row's code covers.
func setText(choices []runner.Choice) string {
	var b []byte
	for _, c := range choices {
		for _, s := range []string{c.Action, c.Label, need(c.NeedsValue), need(c.NeedsNote)} {
			b = append(strconv.AppendQuote(b, s), ' ')
		}
		b = append(b, '\n')
	}
	return string(b)
}

func need(yesno bool) string {
	if yesno {
		return yes
	}
	return ""
}

// keyLength is the length of a decision set's key, such as V0001. The drop-down's
// formula takes that many characters from the left of Kontrol.
const keyLength = 5

const maxSets = 9999

// sets numbers the decision sets of a book, each once.
type sets struct {
	keys  map[string]string // the set as text to its key
	lists [][]runner.Choice // in the order of their keys
	last  []runner.Choice   // the set that was asked for last, with its key and
	key   string            // text: rows with the same set come in runs
	text  string
}

// setName is the key of the nth set, from 0.
func setName(n int) string { return fmt.Sprintf("V%04d", n+1) }

// of is the key and the text of a decision set. It refuses a set that people
// could not choose from, or that would not come back as it was.
func (s *sets) of(choices []runner.Choice) (key, text string, err error) {
	if s.key != "" && slices.Equal(choices, s.last) {
		return s.key, s.text, nil
	}
	text = setText(choices)
	key, ok := s.keys[text]
	if !ok {
		if err := checkChoices(choices); err != nil {
			return "", "", err
		}
		if len(s.lists) == maxSets {
			return "", "", fmt.Errorf("more than %d different sets of decisions", maxSets)
		}
		key = setName(len(s.lists))
		s.keys[text] = key
		s.lists = append(s.lists, choices)
	}
	s.last, s.key, s.text = choices, key, text
	return key, text, nil
}

// maxLabel is how long a choice's label may be, in UTF-16 code units: Excel's
// limit for a text in a validation list.
const maxLabel = 255

func checkChoices(choices []runner.Choice) error {
	if len(choices) == 0 {
		return errors.New("no decision is allowed")
	}
	seen := map[string]bool{}
	for _, c := range choices {
		switch name := folded(c.Label); {
		case name == "" || c.Action == "":
			return fmt.Errorf("a decision lacks action or label: %+v", c)
		case seen[name]:
			return fmt.Errorf("the decision %q stands twice", c.Label)
		case !fits(c.Label) || !fits(c.Action) || units(c.Label) > maxLabel:
			return fmt.Errorf("the decision %q cannot stand in a cell unchanged", c.Label)
		default:
			seen[name] = true
		}
	}
	return nil
}

// fits reports whether s comes back from a cell just as it is, without being
// masked, cleaned, cut or trimmed.
func fits(s string) bool { return s == strings.TrimSpace(s) && unguard(cellText(s)) == s }
