package invoice

import (
	"slices"
	"strings"

	"byskriver/robots/invoice/reading"
)

// Known is what is known of an invoice's supplier beforehand.
type Known struct {
	Listed   bool      `json:"listed,omitempty"`   // the municipality keeps a list of creditors
	Creditor *Creditor `json:"creditor,omitempty"` // the supplier's place in it
	Before   bool      `json:"before,omitempty"`   // an invoice of the supplier has been posted before
	Payees   []string  `json:"payees,omitempty"`   // of this invoice's payees, those that an invoice was posted with before
}

// payeesOf are the places that an invoice wants its money in, each written in one
// way: "konto 9990 0044122236", "iban …", "fik …", "giro …", "nemkonto …". A Danish
// IBAN is the account in it. The NemKonto of the supplier's CVR number is its own, and
// not among them. That of an SE number is: whose it is, only the invoice itself says.
func payeesOf(inv reading.Invoice) (all []string) {
	add := func(p string) {
		if p != "" && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	for _, p := range inv.Payments {
		add(payeeOf(p, inv.Supplier))
	}
	return all
}

func payeeOf(p reading.Payment, s reading.Supplier) string {
	switch {
	case p.NemKonto != "":
		if number := nemKonto(p.NemKonto); number != s.CVR {
			return payeeNemKonto(number)
		}
		return ""
	case p.IBAN != "":
		return payeeIBAN(p.IBAN)
	case p.SlipType == "71" || p.SlipType == "73" || p.SlipType == "75":
		return named("fik ", p.Creditor)
	case p.SlipType != "":
		return named("giro ", strings.TrimLeft(p.Creditor, "0"))
	case p.Account != "":
		return payeeAccount(p.Registration, p.Account)
	}
	return ""
}

// nemKonto is the number that a NemKonto is asked for by, without DK and blanks.
func nemKonto(s string) string {
	return strings.TrimPrefix(strings.ToUpper(strings.Join(strings.Fields(s), "")), "DK")
}

func payeeNemKonto(number string) string { return named("nemkonto ", number) }

func named(what, number string) string {
	if number == "" {
		return ""
	}
	return what + number
}

// payeeAccount writes a Danish account with ten digits, as banks pad it.
func payeeAccount(registration, account string) string {
	account = strings.TrimLeft(account, "0")
	return "konto " + registration + " " + strings.Repeat("0", max(0, 10-len(account))) + account
}

// danishIBAN is the length of a Danish IBAN: DK, two check digits, four of the
// bank and ten of the account (ISO 13616 registry, Denmark).
const danishIBAN = 18

func payeeIBAN(iban string) string {
	iban = strings.ToUpper(strings.Join(strings.Fields(iban), ""))
	if strings.HasPrefix(iban, "DK") && len(iban) == danishIBAN {
		return payeeAccount(iban[4:8], iban[8:])
	}
	return "iban " + iban
}

// newPayees are those of the invoice's payees that nobody knows for the supplier:
// neither the list of creditors nor an invoice that was posted before. Where
// nothing at all is known of the supplier's accounts, the first is learnt.
func newPayees(in Input) (unknown []string) {
	k := in.Known
	if k == nil {
		return nil
	}
	var listed []string
	if k.Creditor != nil {
		listed = k.Creditor.Payees
	}
	if len(listed) == 0 && !k.Before {
		return nil
	}
	for _, p := range payeesOf(in.Invoice) {
		if !slices.Contains(listed, p) && !slices.Contains(k.Payees, p) {
			unknown = append(unknown, p)
		}
	}
	return unknown
}

func isFIK(payee string) bool { return strings.HasPrefix(payee, "fik ") }

func newAccount(in Input) (string, bool) {
	unknown := slices.DeleteFunc(newPayees(in), isFIK)
	return strings.Join(unknown, ", "), len(unknown) > 0
}

func newFIK(in Input) (string, bool) {
	unknown := slices.DeleteFunc(newPayees(in), func(p string) bool { return !isFIK(p) })
	for i, p := range unknown {
		unknown[i] = strings.TrimPrefix(p, "fik ")
	}
	return strings.Join(unknown, ", "), len(unknown) > 0
}

func unknownSupplier(in Input) (string, bool) {
	return in.Invoice.Supplier.Name, in.Known != nil && in.Known.Listed && in.Known.Creditor == nil
}

func closedSupplier(in Input) (string, bool) {
	if in.Known == nil || in.Known.Creditor == nil {
		return "", false
	}
	return in.Known.Creditor.Name, !in.Known.Creditor.Active
}
