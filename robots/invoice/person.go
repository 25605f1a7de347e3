package invoice

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// PersonInput is what a person's decision to post is carried out from.
type PersonInput struct {
	Input
	Value string `json:"value"` // the workbook's Værdi
	By    string `json:"by"`
}

// valueForm is how a person writes a coding in Værdi.
const valueForm = "artskonto, PSP-element eller omkostningssted, momskode og netto eller brutto, for eksempel: 49000010 XG-5385000001 K1 netto"

var (
	accountWord = regexp.MustCompile(`^[0-9]{4,10}$`)
	pspWord     = regexp.MustCompile(`^X[GAM]-[0-9]{10}$`)
	centreWord  = regexp.MustCompile(`^[0-9]{10}$`)
	vatWord     = regexp.MustCompile(`^[A-Z0-9]{1,4}$`)
)

// parseValue reads a coding from Værdi. The error's text is Danish.
func parseValue(value string) (c Coding, basis plans.Basis, err error) {
	words := strings.Fields(strings.ToUpper(strings.NewReplacer(",", " ", ";", " ").Replace(value)))
	if len(words) != 4 {
		return c, "", fmt.Errorf("skriv fire ting i Værdi: %s", valueForm)
	}
	c = Coding{Account: words[0], VATCode: words[2], Action: plans.ActionCode}
	switch {
	case !accountWord.MatchString(words[0]):
		return c, "", fmt.Errorf("»%s« er ikke en artskonto; skriv %s", words[0], valueForm)
	case pspWord.MatchString(words[1]):
		c.PSP = words[1]
	case centreWord.MatchString(words[1]):
		c.CostCentre = words[1]
	default:
		return c, "", fmt.Errorf("»%s« er hverken et PSP-element (XG-, XA- eller XM- og 10 cifre) eller et omkostningssted (10 cifre)", words[1])
	}
	if !vatWord.MatchString(words[2]) {
		return c, "", fmt.Errorf("»%s« er ikke en momskode", words[2])
	}
	switch words[3] {
	case "NETTO":
		basis = plans.Net
	case "BRUTTO":
		basis = plans.Gross
	default:
		return c, "", errors.New("skriv netto eller brutto til sidst i Værdi, så det er klart, hvilket beløb der konteres")
	}
	return c, basis, nil
}

// CheckDecision says, while the workbook is read, whether a decision can be
// carried out. The error's text is shown to the person.
func (r *Robot) CheckDecision(_ runner.Item, d runner.Decision) error {
	note := strings.TrimSpace(d.Note)
	switch {
	case d.Action == ActionPost:
		_, _, err := parseValue(d.Value)
		return err
	case d.Action == ActionReject && note == "":
		return errors.New("skriv i Bemærkning, hvorfor fakturaen afvises; leverandøren får teksten")
	case d.Action == ActionReject && runner.Mask(note) != note:
		return errors.New("i Bemærkning må der ikke stå et personnummer, for teksten sendes til leverandøren")
	case d.Action == ActionDelete && note == "":
		return errors.New("skriv i Bemærkning, hvorfor fakturaen slettes")
	}
	return nil
}

// decideByPerson carries out a person's coding. The person answers for the
// account; that the voucher is the invoice's own, and alone, is still required.
func decideByPerson(in PersonInput) Verdict {
	refuse := func(code, text string) Verdict {
		return Verdict{Refusal: &Refusal{Code: code, Text: text, MayPost: len(in.Vouchers) == 1}}
	}
	c, basis, err := parseValue(in.Value)
	switch {
	case err != nil:
		return refuse("VÆRDI-FORKERT", "Konteringen i Værdi kan ikke bruges: "+err.Error()+".")
	case reading.Fatal(in.Findings):
		return Verdict{Refusal: formRefusal(in.Findings)}
	case len(in.Vouchers) > 1:
		return Verdict{Refusal: severalVouchers(in.Vouchers)}
	case len(in.Vouchers) == 0:
		return missingVoucher(in.Input)
	case in.Invoice.Currency != "DKK":
		return refuse("VALUTA", "Fakturaen er i "+in.Invoice.Currency+" og kan kun konteres i portalen selv.")
	}
	c.Amount = in.Invoice.Net
	if basis == plans.Gross {
		c.Amount = in.Invoice.Payable
	}
	if in.Invoice.Kind == reading.CreditNoteKind {
		c.Amount = c.Amount.Neg()
	}
	c.Text = postingText("Faktura " + in.Invoice.Number + ", konteret af " + in.By)
	return Verdict{Coding: &c}
}

// postingText fits a text into the portal's field.
func postingText(s string) string {
	r := []rune(runner.Mask(s))
	return strings.TrimSpace(string(r[:min(len(r), plans.MaxText)]))
}

// Pays is what a decision lets be paid, in øre: the whole invoice, where it is to be coded.
func (r *Robot) Pays(item runner.Item, d runner.Decision) (int64, error) {
	var content Content
	if d.Action != ActionPost && answered(&d) == "" {
		return 0, nil
	}
	if err := json.Unmarshal(item.Content, &content); err != nil {
		return 0, fmt.Errorf("read what item %s carries: %w", item.Number, err)
	}
	if content.Invoice == nil {
		return 0, nil
	}
	return content.Invoice.Payable.Abs().Shift(2).Ceil().IntPart(), nil
}

// basisOf is which of the invoice's amounts a coding takes, as Værdi has it.
func basisOf(c Coding, inv reading.Invoice) string {
	if c.Amount.Abs().Equal(inv.Payable.Abs()) {
		return "brutto"
	}
	return "netto"
}
