package invoice

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/ident"
	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
)

// Input is all that a decision about an invoice is made from. It is recorded
// with the decision, so its JSON names never change.
type Input struct {
	Invoice  reading.Invoice   `json:"invoice"`
	Findings []reading.Finding `json:"findings"`
	Unit     *Unit             `json:"unit"`     // the unit with the invoice's EAN, or nil
	Same     []Same            `json:"same"`     // other items with the same supplier and number
	Vouchers []Voucher         `json:"vouchers"` // the portal's, waiting for a coding
	Waited   bool              `json:"waited"`   // the patience with a missing voucher has ended
	Plans    plans.Input       `json:"plans"`
	NoPlans  bool              `json:"no_plans,omitempty"` // no plan sheet has ever been approved
	Known    *Known            `json:"known,omitempty"`    // of the supplier and its accounts
	Alike    []Same            `json:"alike,omitempty"`    // other items that may be this one under another number
	Limits   *Limits           `json:"limits,omitempty"`   // the municipality's own
	Answered string            `json:"answered,omitempty"` // the questions that a person has answered with Fortsæt, with commas between
	Credits  bool              `json:"credits,omitempty"`  // credit notes are matched to their invoices
	Credit   *Credited         `json:"credit,omitempty"`   // the invoice that this one takes back, once it has been looked for
	Others   []string          `json:"others,omitempty"`   // the ways to code beside the plans that this robot has
	Posted   []PostedVoucher   `json:"posted,omitempty"`   // what the portal has posted under the invoice's number on other vouchers, once it has been asked
	Answers  []coding.Answer   `json:"answers,omitempty"`  // theirs, in the same order, once they have been asked
}

// Same is another item with the same supplier and, punctuation and case aside,
// the same invoice number.
type Same struct {
	Item    string `json:"item"`
	Earlier bool   `json:"earlier"` // noted before this one
	Settled bool   `json:"settled"` // by robot or person
	// Form says in what they are the same; "" where it was not noted.
	Form string `json:"form,omitempty"`
}

// The forms in which two invoices of a supplier can be the same. The first three
// stop an invoice, the last two have a person asked.
const (
	formAmount  = "amount"  // number and amount
	formNumber  = "number"  // the number, with another amount
	formWritten = "written" // the number, written otherwise
	formAlike   = "alike"   // amount and period or citizens, another number
	formNear    = "near"    // period or citizens, and a number that is another by one sign
)

// Verdict is a coding, a wait, a refusal, or that the other ways must be asked;
// exactly one of them. By whom a coding is: Plan, or Way with By, or a person.
type Verdict struct {
	Coding    *Coding         `json:"coding,omitempty"`
	Plan      string          `json:"plan,omitempty"` // the plan that the coding is from
	Way       string          `json:"way,omitempty"`  // the other way that the coding is from
	By        string          `json:"by,omitempty"`
	Why       string          `json:"why,omitempty"` // Danish: why it is coded so
	Proof     json.RawMessage `json:"proof,omitempty"`
	Ask       bool            `json:"ask,omitempty"`        // the controls are passed: ask the ways in Others
	Wait      bool            `json:"wait,omitempty"`       // for the voucher
	WaitPlans bool            `json:"wait_plans,omitempty"` // for the first approval of a plan sheet
	Refusal   *Refusal        `json:"refusal,omitempty"`
}

// Refusal is why an invoice goes to a person.
type Refusal struct {
	Code     string         `json:"code"`
	Text     string         `json:"text"`               // Danish: why, and what to do next
	Proposal string         `json:"proposal,omitempty"` // as Værdi takes it, where there is one
	MayPost  bool           `json:"may_post,omitempty"` // a person may have the robot post it
	Reasons  []plans.Reason `json:"reasons,omitempty"`  // why it fell outside its plan
	Asks     bool           `json:"asks,omitempty"`     // a person may say that it is all right, and the robot goes on
}

// control is one row of the table: what stops an invoice before coding.
type control struct {
	code   string
	broken func(Input) (figure string, broken bool)
	text   string // {x} is the figure
	asks   bool   // a person may answer that it is all right, and the robot goes on
}

// controls are asked in this order; the first that is broken decides. The order
// and the account for them: form (momsbekendtgørelsen § 58 and the formats' own
// rules), EAN, then reference and order (BEK 206/2011, 354/2010, 346/2019), then
// the supplier and the amount, then whether it has been here before, then who gets
// the money, then what only a person can place.
var controls = []control{
	{"EAN-MANGLER", noEAN, "Fakturaen har intet EAN-nummer. Bed leverandøren om en ny faktura med EAN-nummer.", false},
	{"EAN-UKENDT", unknownEAN, "EAN-nummer {x} er ikke et af kommunens. Find den rette modtager, eller afvis fakturaen.", false},
	{"EAN-LUKKET", closedEAN, "EAN-nummeret tilhører {x}, som er lukket. Find den enhed, der har overtaget.", false},
	{"REFERENCE-MANGLER", noReference, "Fakturaen har hverken personreference eller ordrenummer. Bed leverandøren om en ny faktura med reference.", false},
	{"CVR-MANGLER", noCVR, "Leverandøren har ikke oplyst noget dansk CVR-nummer. Behandl fakturaen manuelt.", false},
	{"CVR-FORKERT", wrongCVR, "Leverandørens CVR-nummer {x} findes ikke (kontrolcifferet passer ikke). Afklar, hvem der har sendt fakturaen.", false},
	{"LEVERANDØR-UKENDT", unknownSupplier, "{x} er ikke blandt kommunens kreditorer. Undersøg, hvem der har bestilt, og få leverandøren oprettet, før fakturaen konteres.", false},
	{"LEVERANDØR-LUKKET", closedSupplier, "{x} er spærret som kreditor. Undersøg hvorfor, før fakturaen konteres.", false},
	{"BELØB-LOFT", overLimit, "Fakturaen er på {x} kr., og så store beløb konterer robotten ikke selv. Kontér den selv.", false},
	{"MOMS-OMVENDT", reverseCharge, "Fakturaen er med omvendt betalingspligt, så kommunen selv skal beregne momsen. Kontér den selv.", false},
	{"MOMS-FORKERT", wrongVAT, "Momsen passer ikke til satsen: {x} kr. Bed leverandøren om en rettet faktura.", false},
	{"FAKTURA-DOBBELT", twice, "Fakturanummeret er set før fra samme leverandør: {x}. Undersøg, om fakturaen er sendt to gange.", false},
	{"FAKTURA-NUMMER", numberTwice, "Leverandøren har brugt fakturanummeret før, men på et andet beløb: {x}. Undersøg, hvilken faktura der gælder.", false},
	{"FAKTURA-SKRIVEMÅDE", writtenTwice, "Fakturanummeret er kun skrevet anderledes end et, der er set før fra samme leverandør: {x}. Undersøg, om fakturaen er sendt to gange.", false},
	{"FACTORING", factoring, "Pengene skal til en anden end leverandøren ({x}). Kontrollér overdragelsen, før fakturaen konteres.", false},
	{"BETALING-NY", newAccount, "Leverandøren har ikke før brugt det sted, pengene skal hen ({x}). Ring til leverandøren på et nummer, I kender i forvejen, og få det bekræftet, før fakturaen konteres.", false},
	{"FIK-NY", newFIK, "Leverandøren har ikke før brugt FIK-kreditornummer {x}. Få det bekræftet hos leverandøren på et nummer, I kender i forvejen, før fakturaen konteres.", false},
	{"KOPI", isCopy, "Fakturaen er mærket som kopi. Undersøg, om originalen er behandlet.", false},
	{"RYKKER", reminder, "Fakturaen ser ud til at være en rykker (»{x}«). Undersøg, om den oprindelige faktura er betalt. Er det ikke en rykker, så vælg Fortsæt.", true},
	{"FAKTURA-LIGNER", alikeAmount, "Der er en anden faktura fra leverandøren på samme beløb for den samme periode eller borger: {x}. Sammenlign de to. Er det to forskellige, så vælg Fortsæt.", true},
	{"FAKTURA-NÆSTEN", nearNumber, "Der er en anden faktura fra leverandøren for den samme periode eller borger med næsten samme nummer: {x}. Sammenlign de to. Er det to forskellige, så vælg Fortsæt.", true},
	{"REGNSKABSÅR", otherYear, "Fakturaen vedrører {x}, og det er ikke klart, hvilket regnskabsår den hører til. Afgør året, og kontér fakturaen selv.", false},
	{"BORGER", citizen, "Fakturaen nævner en borgers personnummer. Find borgerens bevilling, og kontér fakturaen selv.", false},
}

// Decide holds an invoice against the controls, the payment plans and the
// portal's vouchers. It is pure.
func Decide(in Input) Verdict {
	mayPost := len(in.Vouchers) == 1 && !reading.Fatal(in.Findings)
	if reading.Fatal(in.Findings) {
		return Verdict{Refusal: formRefusal(in.Findings)}
	}
	for _, c := range controls {
		if x, broken := c.broken(in); broken && !(c.asks && isAnswered(in.Answered, c.code)) {
			return Verdict{Refusal: &Refusal{Code: c.code, Text: strings.ReplaceAll(c.text, "{x}", x), MayPost: mayPost, Asks: c.asks}}
		}
	}
	return byWays(in)
}

func planRefusal(r plans.Refusal, mayPost bool) *Refusal {
	out := &Refusal{Code: r.Code, Text: r.Text, Reasons: r.Reasons, MayPost: mayPost}
	if n := r.Nearest; n != nil {
		c := Coding{Account: n.Account.Account, PSP: n.PSP, CostCentre: n.CostCentre, VATCode: n.VATCode}
		out.Proposal = c.Value() + " (som plan " + n.Plan + ")"
	}
	return out
}

func codingOf(c plans.Coding) *Coding {
	return &Coding{Account: c.Account.Account, PSP: c.PSP, CostCentre: c.CostCentre, VATCode: c.VATCode,
		Amount: c.Amount, Text: c.Text, Action: c.Action, NextAgent: c.NextAgent}
}

func severalVouchers(found []Voucher) *Refusal {
	return &Refusal{Code: "BILAG-FLERE", Text: fmt.Sprintf("Der ligger %d bilag i portalen for samme leverandør, fakturanummer og beløb: %s. Afgør, hvilket der er det rette, og slet det andet.",
		len(found), numbersOf(found))}
}

func missingVoucher(in Input) Verdict {
	if !in.Waited {
		return Verdict{Wait: true}
	}
	return Verdict{Refusal: &Refusal{Code: "BILAG-MANGLER", Text: fmt.Sprintf("Der er intet bilag i portalens indbakke for faktura %s fra %s på beløbet. Undersøg, om det er behandlet af en anden eller ikke er nået frem.",
		in.Invoice.Number, in.Invoice.Supplier.Name)}}
}

// missingPlans is for the time before anybody has approved a plan sheet: that a
// supplier has no plan then says nothing of the supplier. It waits as long as for
// a voucher, so that no invoice lies unseen.
func missingPlans(in Input, mayPost bool) Verdict {
	if !in.Waited {
		return Verdict{WaitPlans: true}
	}
	return Verdict{Refusal: &Refusal{Code: codeNoPlans, MayPost: mayPost,
		Text: "Kommunens betalingsplaner er endnu ikke godkendt, så robotten kan ikke kontere fakturaen. Få dem godkendt, og vælg Prøv igen, eller kontér fakturaen selv."}}
}

// codeNoPlans says that no plan sheet has been approved yet.
const codeNoPlans = "PLANER-MANGLER"

func noEAN(in Input) (string, bool) { return "", in.Invoice.Buyer.EAN == "" }

func unknownEAN(in Input) (string, bool) { return in.Invoice.Buyer.EAN, in.Unit == nil }

func closedEAN(in Input) (string, bool) { return in.Unit.Name, !in.Unit.Active }

func noReference(in Input) (string, bool) {
	return "", strings.TrimSpace(in.Invoice.Buyer.Reference) == "" && strings.TrimSpace(in.Invoice.Buyer.Order) == ""
}

func noCVR(in Input) (string, bool) { return "", in.Invoice.Supplier.CVR == "" }

func wrongCVR(in Input) (string, bool) {
	return in.Invoice.Supplier.CVR, !ident.ValidCVR(in.Invoice.Supplier.CVR)
}

// reverseCharge asks for a tax that the buyer has to reckon: ReverseCharge in
// OIOUBL (code list urn:oioubl:codelist:taxcategoryid-1.1), AE in Peppol (UNCL5305).
func reverseCharge(in Input) (string, bool) {
	for _, t := range in.Invoice.Taxes {
		if t.Category == "ReverseCharge" || t.Category == "AE" {
			return "", true
		}
	}
	return "", false
}

// vatTolerance is by how many øre a tax may differ from its base at its rate:
// suppliers round line by line.
const vatTolerance = 100

// wrongVAT reckons each VAT amount from its base and rate. The scheme is 63 in
// OIOUBL (taxschemeid-1.5) and VAT in Peppol.
func wrongVAT(in Input) (string, bool) {
	hundred := decimal.New(100, 0)
	for _, t := range in.Invoice.Taxes {
		if t.Scheme != "63" && t.Scheme != "VAT" {
			continue // a duty of another kind is not reckoned by a rate alone
		}
		want := t.Base.Mul(t.Percent).Div(hundred)
		if t.Amount.Sub(want).Abs().GreaterThan(decimal.New(vatTolerance, -2)) {
			return fmt.Sprintf("%s %% af %s kr. er %s kr., men der står %s", danish(t.Percent), kroner(t.Base), kroner(want), kroner(t.Amount)), true
		}
	}
	return "", false
}

func kroner(d decimal.Decimal) string { return strings.ReplaceAll(d.StringFixed(2), ".", ",") }

func danish(d decimal.Decimal) string { return strings.ReplaceAll(d.String(), ".", ",") }

// twice looks for the same invoice in items that came before, or that have been
// settled since, and in what the portal has posted. Of two that wait, the later one is
// held back.
func twice(in Input) (string, bool) {
	return either(itemsOf(in.Same, "", formAmount), postedOf(in, func(p PostedVoucher) bool { return p.Voucher.Amount.Equal(in.Invoice.Payable) }))
}

func numberTwice(in Input) (string, bool) {
	return either(itemsOf(in.Same, formNumber), postedOf(in, func(p PostedVoucher) bool { return !p.Voucher.Amount.Equal(in.Invoice.Payable) }))
}

// postedOf names the vouchers that the invoice's number is posted on, for a sentence.
func postedOf(in Input, some func(PostedVoucher) bool) string {
	var all []string
	for _, p := range in.Posted {
		if name := "bilag " + p.Voucher.Number; some(p) && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

// either joins what is found in two places.
func either(a, b string) (string, bool) {
	if a != "" && b != "" {
		return a + ", " + b, true
	}
	return a + b, a+b != ""
}

func writtenTwice(in Input) (string, bool) { return anyOf(in.Same, formWritten) }

func alikeAmount(in Input) (string, bool) { return anyOf(in.Alike, formAlike) }

func nearNumber(in Input) (string, bool) { return anyOf(in.Alike, formNear) }

func anyOf(all []Same, forms ...string) (string, bool) {
	items := itemsOf(all, forms...)
	return items, items != ""
}

// factored is the type code of an invoice whose claim has been sold (UN/ECE 1001
// code 393).
const factored = "393"

func factoring(in Input) (string, bool) {
	for _, p := range in.Invoice.Payments {
		if p.Payee != (reading.Payee{}) && (p.Payee.CVR == "" || p.Payee.CVR != in.Invoice.Supplier.CVR) {
			return strings.TrimSpace(p.Payee.Name + " " + cmp.Or(p.Payee.CVR, p.Payee.ID)), true
		}
	}
	return "factoringselskab", in.Invoice.TypeCode == factored
}

func isCopy(in Input) (string, bool) { return "", in.Invoice.Copy }

// citizen asks whether the invoice names a person. Ten digits that stand in a
// text count too: they may be something else, but that is for a person to see.
// With other ways than plans, one of them must have coded by the person: Order.
func citizen(in Input) (string, bool) {
	return "", len(in.Invoice.Citizens) > 0 && len(in.Others) == 0
}

// sameNumber is an invoice number without what suppliers write differently from
// time to time: case, blanks, punctuation and leading zeros.
func sameNumber(n string) string {
	n = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r > 127:
			return r
		}
		return -1
	}, n)
	return strings.TrimLeft(strings.ToUpper(n), "0")
}
