package peppol

// digits is true for so many digits.
func digits(s string, length int) bool {
	if len(s) != length {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// danish is true for DK and eight digits.
func danish(s string) bool { return len(s) == 10 && s[:2] == "DK" && digits(s[2:], 8) }

// gs1 checks the last digit of a GS1 key, of any length: weights 3 and 1 from the
// right, the last digit filling the sum up to a whole ten.
func gs1(s string) bool {
	if s == "" || !digits(s, len(s)) {
		return false
	}
	sum := 0
	for i, weight := len(s)-1, 1; i >= 0; i, weight = i-1, 4-weight {
		sum += int(s[i]-'0') * weight
	}
	return sum%10 == 0
}

// norwegian checks nine digits: weights 2 to 7 from the right, modulus 11.
func norwegian(s string) bool {
	if !digits(s, 9) || s == "000000000" {
		return false
	}
	sum := 0
	for i := range 8 {
		sum += int(s[7-i]-'0') * (i%6 + 2)
	}
	return (11-sum%11)%11 == int(s[8]-'0')
}

// belgian checks ten digits: the last two are 97 less the rest of the first eight.
func belgian(s string) bool {
	if !digits(s, 10) {
		return false
	}
	return 97-number(s[:8])%97 == number(s[8:])
}

// swedish checks ten digits by Luhn's formula.
func swedish(s string) bool {
	if !digits(s, 10) {
		return false
	}
	sum := 0
	for i := range 9 {
		d := int(s[8-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return (10-sum%10)%10 == int(s[9]-'0')
}

// australian checks eleven digits: the first less one, weights 10 1 3 5 … 19,
// modulus 89.
func australian(s string) bool {
	if !digits(s, 11) {
		return false
	}
	sum := (int(s[0]-'0') - 1) * 10
	for i := 1; i < 11; i++ {
		sum += int(s[i]-'0') * (2*i - 1)
	}
	return sum%89 == 0
}

// number is what digits say.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}
