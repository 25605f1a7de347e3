package runner

import "bytes"

// masked is what stands where a CPR number stood.
const masked = "******-****"

// Mask replaces everything in s that could be a CPR number: six digits that are a
// date (test numbers with day + 60 included), then, with or without a hyphen or
// one blank, four digits, with no further digit on either side. It rather masks
// too much: an account number that reads as a date is masked too.
func Mask(s string) string { return string(MaskBytes([]byte(s))) }

// MaskBytes is Mask for bytes. The argument is not changed; where nothing is
// masked it is returned as it is.
func MaskBytes(b []byte) []byte {
	var out []byte
	kept := 0
	for i := 0; i+10 <= len(b); {
		n := cprLength(b, i)
		if n == 0 {
			i++
			continue
		}
		out = append(append(out, b[kept:i]...), masked...)
		i += n
		kept = i
	}
	if out == nil {
		return b
	}
	return append(out, b[kept:]...)
}

// cprLength is how many bytes a CPR number at b[i] takes, or 0 if none starts there.
func cprLength(b []byte, i int) int {
	if !digit(b[i]) || i > 0 && digit(b[i-1]) || !digits(b[i:i+6]) || !cprDate(b[i:i+6]) {
		return 0
	}
	j := i + 6
	if b[j] == '-' || b[j] == ' ' {
		j++
	} else if sep := []byte("\u2013"); bytes.HasPrefix(b[j:], sep) {
		j += len(sep)
	}
	if j+4 > len(b) || !digits(b[j:j+4]) || j+4 < len(b) && digit(b[j+4]) {
		return 0
	}
	return j + 4 - i
}

// cprDate reports whether six digits are a day and month that a CPR number can
// begin with: days 01-31, or 61-91 in test numbers.
func cprDate(d []byte) bool {
	day := int(d[0]-'0')*10 + int(d[1]-'0')
	month := int(d[2]-'0')*10 + int(d[3]-'0')
	if day > 60 {
		day -= 60
	}
	return day >= 1 && day <= 31 && month >= 1 && month <= 12
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func digits(b []byte) bool {
	for _, c := range b {
		if !digit(c) {
			return false
		}
	}
	return true
}
