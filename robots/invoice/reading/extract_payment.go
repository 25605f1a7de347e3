package reading

import (
	"strings"

	"byskriver/robots/internal/ident"
	"byskriver/robots/invoice/reading/ubl"
)

// The payment means of UN/ECE 4461 that Danish invoices use, and OIOUBL's own 93
// and 97 (Peppol BIS 3, rule DK-R-005, allows the same).
const (
	meansIBAN     = "31"
	meansAccount  = "42"
	meansDirect   = "49"
	meansGiro     = "50"
	meansSEPA     = "58"
	meansDirectEU = "59"
	meansFIK      = "93"
	meansNemKonto = "97"
)

func payments(doc document) []Payment {
	var out []Payment
	who := payee(doc.root.Get("PayeeParty"))
	doc.root.Each(func(n *ubl.Node) bool {
		p := Payment{
			Code:    n.Get("PaymentMeansCode").Value(),
			Channel: n.Get("PaymentChannelCode").Value(),
			Due:     date(n.Get("PaymentDueDate")),
			Mandate: n.Find("PaymentMandate", "ID").Value(),
			Payee:   who,
		}
		reference(&p, n)
		account(&p, n)
		out = append(out, p)
		return true
	}, "PaymentMeans")
	if len(out) == 0 && who != (Payee{}) {
		out = []Payment{{Payee: who}} // somebody else is to be paid, and it is not said how
	}
	return out
}

// reference reads what the payer is to quote. OIOUBL splits a payment form into
// PaymentID (its type), InstructionID and the creditor's account; Peppol writes
// "71#123...".
func reference(p *Payment, n *ubl.Node) {
	id := n.Get("PaymentID").Value()
	instruction := n.Get("InstructionID").Value()
	slip, ok := ident.ParseSlip(id)
	switch {
	case p.Code == meansNemKonto:
		p.NemKonto = instruction
		p.Text = id
	case ok && (p.Code == meansFIK || p.Code == meansGiro):
		p.SlipType, p.SlipID, p.Creditor = slip.Type, slip.ID, slip.Creditor
		if p.SlipID == "" {
			p.SlipID = instruction
		}
	case id != "":
		p.Text = id
	default:
		p.Text = joined(n, "InstructionNote")
	}
}

// account reads where the money goes.
func account(p *Payment, n *ubl.Node) {
	acc := n.Get("PayeeFinancialAccount")
	id := acc.Get("ID").Value()
	branch := acc.Get("FinancialInstitutionBranch", "ID").Value()
	if acc == nil {
		acc = n.Get("CreditAccount")
		id = acc.Get("AccountID").Value()
	} else if credit := n.Get("CreditAccount", "AccountID").Value(); credit != "" && p.Code == meansFIK {
		id = credit
	}
	compact := strings.Join(strings.Fields(id), "")
	switch {
	case p.SlipType != "":
		if p.Creditor == "" {
			p.Creditor = compact
		}
	case p.Code == meansIBAN || p.Code == meansSEPA || p.Code == meansDirectEU || looksIBAN(compact):
		p.IBAN, p.BIC = compact, bic(acc, branch)
	default:
		p.Account, p.Registration = compact, branch
	}
}

// bic is the bank's SWIFT code: OIOUBL gives it for the institution, Peppol for
// the branch.
func bic(acc *ubl.Node, branch string) string {
	if s := acc.Get("FinancialInstitutionBranch", "FinancialInstitution", "ID").Value(); s != "" {
		return s
	}
	return branch
}

// looksIBAN reports whether an account has the form of an IBAN (ISO 13616): two
// letters, two digits, 11 to 30 further letters and digits.
func looksIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	for i := 0; i < len(s); i++ {
		letter := s[i] >= 'A' && s[i] <= 'Z'
		number := s[i] >= '0' && s[i] <= '9'
		if i < 2 && !letter || (i == 2 || i == 3) && !number || !letter && !number {
			return false
		}
	}
	return true
}

func payee(party *ubl.Node) Payee {
	if party == nil {
		return Payee{}
	}
	p := Payee{Name: partyName(party), CVR: partyCVR(party), ID: party.Find("PartyIdentification", "ID").Value()}
	if p.ID == "" {
		p.ID = party.Find("PartyLegalEntity", "CompanyID").Value()
	}
	return p
}
