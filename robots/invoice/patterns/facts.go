package patterns

import (
	"math"
	"strings"
	"unicode"
)

// Facts are what is known of an invoice before it is coded. What an invoice does
// not say is empty, and counts for nothing.
type Facts struct {
	Supplier   string   `json:"supplier"`             // the supplier's number: CVR where there is one
	Name       string   `json:"name,omitempty"`       // the supplier's name
	Origin     string   `json:"origin,omitempty"`     // where in the municipality it belongs: EAN number, or department
	Number     string   `json:"number,omitempty"`     // the invoice number
	Ore        int64    `json:"ore"`                  // the amount in øre; negative for a credit note
	Kind       string   `json:"kind,omitempty"`       // what kind of supplier or document it is
	Taxed      bool     `json:"taxed,omitempty"`      // there is VAT on it
	Order      string   `json:"order,omitempty"`      // order number
	Contract   string   `json:"contract,omitempty"`   // contract number
	Reference  string   `json:"reference,omitempty"`  // person reference
	Accounting string   `json:"accounting,omitempty"` // the account string that the supplier was given
	Texts      []string `json:"texts,omitempty"`      // the lines' texts
}

// Day is a date as days since 1 January 1970.
type Day int32

// field is one thing that keys are made of.
type field int

const (
	bySupplier field = iota
	byName
	byOrigin
	byShape  // the invoice number with all digits alike and all letters alike
	byPrefix // the invoice number's first three characters
	byStem   // the invoice number without its last two characters
	byExact  // the amount to the øre
	byFine   // the amount in steps of some 7 %
	byCoarse // the amount in steps of some 40 %
	byKind
	byOrder
	byContract
	byReference
	byAccounting
	byText
	fieldCount
)

// prints are an invoice's fields as hashes; 0 where there is nothing.
type prints [fieldCount]uint64

func printsOf(f *Facts) prints {
	var p prints
	p[bySupplier] = hashText(f.Supplier)
	p[byName] = hashText(firstWord(f.Name))
	p[byOrigin] = hashText(f.Origin)
	p[byShape] = hashText(shape(f.Number))
	if n := []rune(f.Number); len(n) >= 4 {
		p[byPrefix] = hashText(string(n[:3]))
		p[byStem] = hashText(string(n[:len(n)-2]))
	}
	p[byExact] = mix(uint64(f.Ore) ^ 0x5bd1e995)
	p[byFine] = mix(uint64(steps(f.Ore, 10)) ^ 0xa1)
	p[byCoarse] = mix(uint64(steps(f.Ore, 2)) ^ 0xa2)
	kind := f.Kind
	if f.Taxed {
		kind += "+"
	}
	p[byKind] = hashText(kind)
	p[byOrder] = hashText(f.Order)
	p[byContract] = hashText(f.Contract)
	p[byReference] = hashText(f.Reference)
	p[byAccounting] = hashText(f.Accounting)
	p[byText] = hashText(wordsOf(f.Texts))
	return p
}

// steps puts an amount on a logarithmic scale with n steps to a doubling.
func steps(ore int64, n float64) int {
	switch {
	case ore == 0:
		return 0
	case ore < 0:
		return -1 - int(math.Log2(float64(-ore))*n)
	}
	return 1 + int(math.Log2(float64(ore))*n)
}

// shape is an invoice number with its digits as 9 and its letters as A.
func shape(number string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsLetter(r):
			return 'A'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, number)
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return strings.ToLower(w)
}

// wordsOf is what the lines say without the figures, which change from month to
// month.
func wordsOf(texts []string) string {
	var b strings.Builder
	for _, t := range texts {
		for _, w := range strings.FieldsFunc(strings.ToLower(t), func(r rune) bool { return !unicode.IsLetter(r) }) {
			b.WriteString(w)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// hashText is FNV-1a with a last stir; 0 for an empty text alone.
func hashText(s string) uint64 {
	if s == "" {
		return 0
	}
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return max(mix(h), 1)
}

// mix stirs a number (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}
