package runner

import "bytes"

const masked = "******-****" // what stands where a CPR number stood

// Mask replaces everything in s that could be a CPR number: six digits that are a
// date (day + 60 in test numbers), with or without a hyphen or one blank four more,
// and no digit on either side. It rather masks too much than too little.
func Mask(s string) string { return string(MaskBytes([]byte(s))) }

// MaskBytes is Mask for bytes. The argument is not changed, but may be returned.
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

// cprDate reports whether digits are a CPR number's day (01-31, test 61-91) and month.
func cprDate(d []byte) bool {
	day := (int(d[0]-'0')*10 + int(d[1]-'0')) % 60
	month := int(d[2]-'0')*10 + int(d[3]-'0')
	return day >= 1 && day <= 31 && month >= 1 && month <= 12
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func digits(b []byte) bool { return len(bytes.TrimLeft(b, "0123456789")) == 0 }
