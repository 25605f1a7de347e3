package ident

import "strings"

// NormalizeCVR gives the eight digits of a CVR or SE number that may be written
// with "DK" before it and blanks in it. It reports false if no eight digits are
// left; whether they pass the check, ValidCVR says.
func NormalizeCVR(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, s)
	if len(s) >= 2 && strings.EqualFold(s[:2], "DK") {
		s = strings.TrimPrefix(s[2:], "-")
	}
	if len(s) != 8 || !allDigits(s) {
		return "", false
	}
	return s, true
}

// ValidCVR reports whether eight digits pass modulus 11 with the weights
// 2 7 6 5 4 3 2 for the first seven: the check digit is 11 less the rest; rest 0
// gives 0, rest 1 gives no valid number (erhvervsstyrelsen.dk, modulus 11 of CVR
// numbers). SE numbers follow the same rule. P-numbers do not: a faulty
// generator was once used for them.
func ValidCVR(s string) bool {
	if len(s) != 8 || !allDigits(s) || s[0] == '0' {
		return false
	}
	return weigh(s, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// ValidGLN reports whether s is a GLN (EAN location number): 13 digits, weights
// 1 and 3 from the left, the last digit filling the sum up to a whole ten (GS1
// General Specifications, check digit of GTIN, GLN and SSCC).
func ValidGLN(s string) bool {
	return len(s) == 13 && allDigits(s) && weigh(s, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)%10 == 0
}
