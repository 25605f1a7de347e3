package plans

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"
)

// maxAmount bounds every amount, in DKK. A larger one is a typing error, and a
// decimal with a giant exponent costs memory to compare.
var maxAmount = decimal.New(1, 12)

// sane reports whether an amount can be compared and written without care.
func sane(d decimal.Decimal) bool {
	return d.Exponent() >= -20 && d.Exponent() <= 12 && d.NumDigits() <= 40 &&
		d.Abs().LessThan(maxAmount)
}

// wholeOre reports whether an amount has no more than two decimals.
func wholeOre(d decimal.Decimal) bool { return d.Equal(d.Round(2)) }

// amount writes 1234.5 as 1.234,50.
func amount(d decimal.Decimal) string {
	s := d.StringFixed(2)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	kroner, ore, _ := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range kroner {
		if i > 0 && (len(kroner)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(r)
	}
	return sign + b.String() + "," + ore
}

// kr is an amount in Danish kroner.
func kr(d decimal.Decimal) string { return amount(d) + " kr." }

// danishAmount reads 1.234,50, 1234,5 or 1234. A dot is taken as a thousands
// mark only where it stands as one, so that 1234.50 is an error and not 123450.
func danishAmount(s string) (decimal.Decimal, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	kroner, ore, hasOre := strings.Cut(digits, ",")
	if hasOre && (len(ore) < 1 || len(ore) > 2 || !allDigits(ore)) {
		return decimal.Decimal{}, false
	}
	groups := strings.Split(kroner, ".")
	for i, g := range groups {
		if !allDigits(g) || g == "" || i > 0 && len(g) != 3 || len(groups) > 1 && i == 0 && len(g) > 3 {
			return decimal.Decimal{}, false
		}
	}
	plain := strings.Join(groups, "")
	if len(plain) > 12 {
		return decimal.Decimal{}, false
	}
	if hasOre {
		plain += "." + ore
	}
	d, err := decimal.NewFromString(plain)
	if err != nil {
		return decimal.Decimal{}, false
	}
	if negative {
		d = d.Neg()
	}
	return d, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// clean is a cell's text as it counts: composed letters, no control or invisible
// characters (which could make two texts look alike to the person who approves),
// single blanks.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

// fold is a text made ready for comparison without regard to case.
func fold(s string) string { return strings.ToLower(clean(s)) }

// listing joins words as Danish does: a, b og c.
func listing(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " og " + words[len(words)-1]
}

// whole writes a whole number.
func whole(n int) string { return strconv.Itoa(n) }

// count writes a number with its noun: 1 plan, 2 planer.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// quoted puts a text in Danish quotation marks, shortened where it is long.
func quoted(s string) string { return "»" + short(s) + "«" }

// short cuts a text that others wrote to what a sentence can carry.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
