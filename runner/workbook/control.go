package workbook

import (
	"errors"
	"fmt"
	"math/big"
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

// codeLength letters of 20 make 60 bits, which nobody without the key can guess
// through an import.
const codeLength = 14

// codeOf is the code of a row: it fits only this number, revision, exception code
// and set of decisions.
func codeOf(ring *seal.Ring, number string, revision int, code string, choices []runner.Choice) string {
	parts := [][]byte{[]byte(number), []byte(strconv.Itoa(revision)), []byte(code)}
	for _, c := range choices {
		parts = append(parts, []byte(c.Action), []byte(c.Label), []byte(need(c.NeedsValue)+"/"+need(c.NeedsNote)))
	}
	n := new(big.Int).SetBytes(ring.MAC(macPurpose, parts...))
	base, digit := big.NewInt(int64(len(codeLetters))), new(big.Int)
	b := make([]byte, codeLength)
	for i := range b {
		n.DivMod(n, base, digit)
		b[i] = codeLetters[digit.Int64()]
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
	last  []runner.Choice   // the set asked for last, and its key: rows come in runs
	key   string
}

// setName is the key of the nth set, from 0.
func setName(n int) string { return fmt.Sprintf("V%04d", n+1) }

// keyOf is the key of a decision set. It refuses a set that people could not
// choose from, or that would not come back as it was.
func (s *sets) keyOf(choices []runner.Choice) (string, error) {
	if s.key != "" && same(choices, s.last) {
		return s.key, nil
	}
	text := fmt.Sprintf("%#v", choices)
	key, ok := s.keys[text]
	if !ok {
		if err := checkChoices(choices); err != nil {
			return "", err
		}
		if len(s.lists) == maxSets {
			return "", fmt.Errorf("more than %d different sets of decisions", maxSets)
		}
		s.lists = append(s.lists, choices)
		key = setName(len(s.lists) - 1)
		s.keys[text] = key
	}
	s.last, s.key = choices, key
	return key, nil
}

func same(a, b []runner.Choice) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
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
