package reading

import (
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/ident"
)

// remarks are what the official rules do not look at and a caseworker wants to
// know. None is fatal. value is what goes into the text.
var remarks = []struct {
	code string
	find func(Invoice) []string
}{
	{"FORM-CVR", wrongCVR},
	{"FORM-EAN", wrongEAN},
	{"FORM-KORT", wrongSlips},
	{"FORM-IBAN", wrongIBAN},
	{"FORM-MOMS", wrongVAT},
}

// remark adds what is worth a remark to the findings.
func remark(inv Invoice, findings []Finding) []Finding {
	for _, r := range remarks {
		for _, value := range r.find(inv) {
			f := formal(r.code, "", value)
			f.Fatal = false
			findings = append(findings, f)
		}
	}
	return findings
}

// mostRemarks of one kind are made.
const mostRemarks = 5

func wrongCVR(inv Invoice) []string {
	var out []string
	for _, cvr := range []string{inv.Supplier.CVR, inv.Buyer.CVR} {
		if cvr != "" && !ident.ValidCVR(cvr) {
			out = append(out, cvr)
		}
	}
	return out
}

func wrongEAN(inv Invoice) []string {
	if ean := inv.Buyer.EAN; inv.Format == OIOUBL && ean != "" && !ident.ValidGLN(ean) {
		return []string{clip(ean)}
	}
	return nil
}

// slipFaults are the words for what package ident finds wrong with a form.
var slipFaults = map[string]string{
	"type":     "korttypen findes ikke",
	"length":   "betalings-id'et har ikke det antal cifre, som korttypen skal have",
	"digits":   "betalings-id'et er ikke kun cifre",
	"check":    "betalings-id'ets kontrolciffer passer ikke",
	"creditor": "kreditornummeret er forkert",
}

func wrongSlips(inv Invoice) []string {
	var out []string
	for _, p := range inv.Payments {
		if p.SlipType == "" || len(out) == mostRemarks {
			continue
		}
		if fault := (ident.Slip{Type: p.SlipType, ID: p.SlipID, Creditor: p.Creditor}).Fault(); fault != "" {
			out = append(out, slipFaults[fault])
		}
	}
	return out
}

func wrongIBAN(inv Invoice) []string {
	var out []string
	for _, p := range inv.Payments {
		if p.IBAN != "" && len(out) < mostRemarks && !validIBAN(p.IBAN) {
			out = append(out, clip(p.IBAN))
		}
	}
	return out
}

// validIBAN checks the form and the check digits (ISO 13616: the first four
// characters moved to the end, letters as 10 to 35, the rest by 97 must be 1).
func validIBAN(s string) bool {
	if !looksIBAN(s) {
		return false
	}
	var digits strings.Builder
	for _, r := range s[4:] + s[:4] {
		if r >= 'A' {
			digits.WriteByte(byte('1' + (r-'A')/10))
			r = '0' + (r-'A')%10
		}
		digits.WriteRune(r)
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(n, big.NewInt(97)).Int64() == 1
}

// wrongVAT computes the rows of the tax total; 1.00 to either side is accepted.
// Peppol's own rules do that.
func wrongVAT(inv Invoice) []string {
	if inv.Format == Peppol {
		return nil
	}
	var out []string
	for _, t := range inv.Taxes {
		want := t.Base.Mul(t.Percent).Shift(-2)
		if (t.Scheme == "63" || t.Scheme == "VAT") && len(out) < mostRemarks && t.Amount.Sub(want).Abs().GreaterThan(decimal.NewFromInt(1)) {
			out = append(out, t.Amount.StringFixed(2)+" i stedet for "+want.StringFixed(2))
		}
	}
	return out
}
