package plans

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"
)

// Sheet is one version of the municipality's payment plans. It encodes to JSON
// with stable names and order (plans by number, checks by criterion and value),
// so that an approved version can be stored and replayed.
type Sheet struct {
	Plans  []Plan   `json:"plans"`
	Always []Always `json:"always"`
	Meta   Meta     `json:"meta"`
}

// Meta tells where a sheet came from. It is no part of what is approved.
type Meta struct {
	FileDigest     string `json:"file_digest"`      // SHA-256 of the file, in hex
	LastModifiedBy string `json:"last_modified_by"` // who saved it last, as the file says; proves nothing
	Modified       string `json:"modified"`         // when, as the file says (RFC 3339), or ""
	HiddenRows     int    `json:"hidden_rows"`      // rows that count although nobody sees them
}

// Plan is one row of the sheet: invoices of one supplier that are coded alike.
type Plan struct {
	Number     string          `json:"number"`
	Supplier   string          `json:"supplier"`
	CVR        string          `json:"cvr"`         // eight digits
	EAN        string          `json:"ean"`         // thirteen digits; "" means any
	Account    string          `json:"account"`     // artskonto
	PSP        string          `json:"psp"`         // XG-, XA- or XM- and ten digits; "" if CostCentre is given
	CostCentre string          `json:"cost_centre"` // ten digits; "" if PSP is given
	VATCode    string          `json:"vat_code"`
	Basis      Basis           `json:"basis"`
	Text       string          `json:"text"` // at most MaxText characters; may hold placeholders
	From       decimal.Decimal `json:"from"` // DKK incl. VAT, included
	To         decimal.Decimal `json:"to"`   // DKK incl. VAT, included
	Interval   Interval        `json:"interval"`
	PerMonth   int             `json:"per_month"` // most invoices in a calendar month; 0 means no limit
	PerYear    int             `json:"per_year"`  // most invoices in a calendar year; 0 means no limit
	ValidFrom  Date            `json:"valid_from"`
	ValidTo    Date            `json:"valid_to"` // included
	Action     Action          `json:"action"`
	NextAgent  string          `json:"next_agent"` // who it is forwarded to
	Area       string          `json:"area"`
	Note       string          `json:"note"`
}

// Basis is which of the invoice's amounts is coded. It is the municipality's own
// setting for each plan; nothing here guesses it.
type Basis string

// The bases.
const (
	Net   Basis = "net"   // excluding VAT
	Gross Basis = "gross" // including VAT
)

// Interval is how often a plan expects an invoice.
type Interval string

// The intervals.
const (
	Monthly    Interval = "month"
	Quarterly  Interval = "quarter"
	HalfYearly Interval = "halfyear"
	Yearly     Interval = "year"
	NoInterval Interval = "none"
)

// Action is how far the robot may go. Coding is not approving.
type Action string

// The actions.
const (
	ActionCode    Action = "code"
	ActionForward Action = "forward" // code, then forward to NextAgent
	ActionApprove Action = "approve" // code and approve
)

// Always is one row of the list of what a person always looks at.
type Always struct {
	Criterion Criterion `json:"criterion"`
	// Value is eight digits (ByCVR), a word or words (ByWord), or an amount in DKK
	// with a decimal point (ByAmount).
	Value  string `json:"value"`
	Reason string `json:"reason"` // Danish, shown to the person who gets the invoice
}

// Criterion is what an Always row looks at.
type Criterion string

// The criteria.
const (
	ByCVR    Criterion = "cvr"
	ByWord   Criterion = "word"
	ByAmount Criterion = "over"
)

// choice is a code and the word that staff write for it in the sheet.
type choice struct{ code, word string }

var (
	bases     = []choice{{string(Net), "Netto"}, {string(Gross), "Brutto"}}
	intervals = []choice{
		{string(Monthly), "Måned"}, {string(Quarterly), "Kvartal"}, {string(HalfYearly), "Halvår"},
		{string(Yearly), "År"}, {string(NoInterval), "Intet"},
	}
	actions = []choice{
		{string(ActionCode), "Kontér"}, {string(ActionForward), "Kontér og videresend"}, {string(ActionApprove), "Kontér og godkend"},
	}
	criteria = []choice{
		{string(ByCVR), "CVR"}, {string(ByWord), "Ord i tekst"}, {string(ByAmount), "Beløb over"},
	}
)

// wordOf is the Danish word for a code, or the code itself if it is unknown.
func wordOf(choices []choice, code string) string {
	for _, c := range choices {
		if c.code == code {
			return c.word
		}
	}
	return code
}

func known(choices []choice, code string) bool {
	for _, c := range choices {
		if c.code == code {
			return true
		}
	}
	return false
}

func words(choices []choice) []string {
	out := make([]string, len(choices))
	for i, c := range choices {
		out[i] = c.word
	}
	return out
}

// options tells which words there are to choose from.
func options(choices []choice) string {
	var out []string
	for _, c := range choices {
		out = append(out, quoted(c.word))
	}
	return "Vælg mellem " + listing(out) + "."
}

// For gives the plans of one supplier, in the sheet's order. The CVR number is
// eight digits.
func (s Sheet) For(cvr string) []Plan {
	var out []Plan
	for _, p := range s.Plans {
		if p.CVR == cvr {
			out = append(out, p)
		}
	}
	return out
}

// ContentDigest is the SHA-256, in hex, of what the sheet says: its plans and
// checks, not the file that they stood in. Two files that say the same have the
// same digest.
func (s Sheet) ContentDigest() (string, error) {
	s.Meta = Meta{}
	b, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode the payment plans: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
