// Package grants codes an invoice by the citizen's grant (bevilling), as Rudersdal
// Kommune does: the CPR number from the invoice, the citizen's grants from the
// case system, and by exclusion on supplier, period and amount the only one that
// can match. The invoice's text is never interpreted. The municipality's support
// sheet says where such a grant is coded, and when the invoice has been posted the
// grant is marked as paid.
//
// FindGrant and CodeGrant are pure, so that a decision can be replayed. Exclude
// only what surely does not fit: a grant without a fixed amount, or one that the
// rules do not understand, stays among those that can match.
package grants

import (
	"time"

	"github.com/shopspring/decimal"
)

// Grant is a citizen's grant as the case system has it. Dates are YYYY-MM-DD. Its
// JSON names are recorded with decisions and never change. It does not say whose
// it is.
type Grant struct {
	Number    string          `json:"number"`
	Section   string          `json:"section"`             // paragraf
	Kind      string          `json:"kind,omitempty"`      // art; not in the case system's list
	Ownership string          `json:"ownership,omitempty"` // ejerforhold; not in the list
	Target    string          `json:"target,omitempty"`    // målgruppe; not in the list
	Measure   string          `json:"measure"`             // foranstaltning
	Supplier  string          `json:"supplier"`
	CVR       string          `json:"cvr"`
	From      string          `json:"from"`
	To        string          `json:"to,omitempty"` // "" where it holds until further notice
	Amount    decimal.Decimal `json:"amount"`       // kroner for each interval; meaningless unless Fixed
	Fixed     bool            `json:"fixed"`
	Interval  string          `json:"interval"` // the case system's word, such as Måned
	Status    string          `json:"status"`   // the case system's word, such as Aktiv
}

// Paid is one mark that a grant is paid for a period, both days included.
type Paid struct {
	From    string          `json:"from"`
	To      string          `json:"to"`
	Amount  decimal.Decimal `json:"amount"`
	Invoice string          `json:"invoice"`
	Voucher string          `json:"voucher"`
	By      string          `json:"by,omitempty"`
}

// Settings are the municipality's own choices.
type Settings struct {
	Sheet string // the support sheet's file
	// WithVAT: amounts in the case system are with VAT, and are held against what is
	// to be paid; otherwise against the net sum. Nothing here guesses it.
	WithVAT bool
	// WithoutPeriod is what an invoice bills that names no period.
	WithoutPeriod WithoutPeriod
	Purpose       string        // of the look-ups, in Danish, for the log
	Patience      time.Duration // how long to try to mark a grant before a person is asked
}

// WithoutPeriod is how an invoice without a period is read.
type WithoutPeriod string

// The ways to read an invoice without a period.
const (
	RefuseWithout WithoutPeriod = "refuse"       // a person sees to it
	IssueMonth    WithoutPeriod = "issue_month"  // the calendar month of its date
	MonthBefore   WithoutPeriod = "month_before" // the month before that
)

// DefaultPurpose is what the log says of a look-up unless the configuration says
// something else.
const DefaultPurpose = "Kontering af faktura efter borgerens bevilling"

// The case system's words for how a grant stands.
const (
	statusActive = "Aktiv"
	statusEnded  = "Ophørt" // with a last day; it may still be paid for the time before
	statusDraft  = "Kladde"
	statusVoid   = "Annulleret"
)

// Refusal is why an invoice about a citizen goes to a person.
type Refusal struct {
	Code string `json:"code"`
	Text string `json:"text"` // Danish: why, and what to do next; no CPR number
}

// The codes. They are stable: logs and lists are kept by them.
const (
	codePeople     = "BEVILLING-FLERE-BORGERE"
	codeCredit     = "BEVILLING-KREDITNOTA"
	codeCurrency   = "BEVILLING-VALUTA"
	codePeriod     = "BEVILLING-PERIODE"
	codeNobody     = "BEVILLING-BORGER-UKENDT"
	codeNone       = "BEVILLING-INGEN"
	codeSeveral    = "BEVILLING-FLERE"
	codeNotFixed   = "BEVILLING-VARIABEL"
	codeUnclear    = "BEVILLING-UKLAR"
	codePaid       = "BEVILLING-BETALT"
	codeNoRow      = "BEVILLING-STØTTEARK"
	codeNoSheet    = "BEVILLING-ARK-MANGLER"
	codeWaitMark   = "BEVILLING-AFVENTER"
	codeNotMarked  = "BEVILLING-IKKE-MARKERET"
	byHand         = " Kontér fakturaen selv, og markér bevillingen betalt i fagsystemet."
	findYourself   = " Find bevillingen, kontér fakturaen selv, og markér bevillingen betalt i fagsystemet."
	chooseYourself = " Afgør, hvilken det er, kontér fakturaen selv, og markér bevillingen betalt i fagsystemet."
)
