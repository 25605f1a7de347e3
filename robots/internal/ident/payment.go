package ident

import "strings"

// Slip is a Danish payment form ("indbetalingskort") as its code line names it.
type Slip struct {
	Type     string // 01, 04, 15, 71, 73 or 75
	ID       string // the payer's reference: 15 digits for 71, 16 for 04, 15 and 75, "" for 01 and 73
	Creditor string // 8 digits (71, 73, 75), or a giro account of up to 8 (01, 04, 15)
}

// slipIDs is how many digits the payment reference of each type has.
var slipIDs = map[string]int{"01": 0, "04": 16, "15": 16, "71": 15, "73": 0, "75": 16}

// FIK reports whether the type is one of the joint forms (71, 73, 75), whose
// payee is a creditor number and not an account.
func (s Slip) FIK() bool { return s.Type == "71" || s.Type == "73" || s.Type == "75" }

// Fault says in one short English word what is wrong with the form, or "":
// "type", "length" (of the reference), "digits", "check" (the reference's check
// digit), "creditor".
func (s Slip) Fault() string {
	want, known := slipIDs[s.Type]
	switch {
	case !known:
		return "type"
	case len(s.ID) != want:
		return "length"
	case want > 0 && !allDigits(s.ID):
		return "digits"
	case want > 0 && !Modulus10(s.ID):
		return "check"
	case s.FIK() && (len(s.Creditor) != 8 || !allDigits(s.Creditor)):
		return "creditor"
	case !s.FIK() && (len(s.Creditor) > 8 || !allDigits(s.Creditor)):
		return "creditor"
	}
	return ""
}

// Modulus10 reports whether the last of the digits is the modulus-10 check digit
// of those before it: weights 2 and 1 in turn from the right, the digits of each
// product added (Betalingsservice/Nets, "Vejledning til indbetalingskort").
func Modulus10(s string) bool {
	if !allDigits(s) {
		return false
	}
	sum := 0
	for i := 0; i < len(s); i++ {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// ParseSlip reads a payment reference in the forms that invoices use:
// "+71<123456789012345+12345678<", "71<123...+12345678", and the Peppol form
// "71#123456789012345" (the creditor then stands elsewhere).
func ParseSlip(s string) (Slip, bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSuffix(strings.TrimPrefix(s, "+"), "<")
	if len(s) < 2 {
		return Slip{}, false
	}
	out := Slip{Type: s[:2]}
	if _, ok := slipIDs[out.Type]; !ok {
		return Slip{}, false
	}
	rest := s[2:]
	if rest != "" && rest[0] != '<' && rest[0] != '#' && rest[0] != '+' {
		return Slip{}, false
	}
	rest = strings.TrimLeft(rest, "<#")
	out.ID, out.Creditor, _ = strings.Cut(rest, "+")
	return out, true
}
