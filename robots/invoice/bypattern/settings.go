// Package bypattern is the way to code an invoice by patterns in what was posted
// before. It reads the postings that the municipality delivers, has package
// patterns learn from them every night, and asks it about each invoice.
package bypattern

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"byskriver/robots/invoice/patterns"
	"byskriver/robots/invoice/plans"
)

// Settings are the municipality's own choices.
type Settings struct {
	History   string  // the folder with the postings: CSV and Excel files
	Columns   Columns // what the postings' columns are called
	Chart     string  // the chart of open accounts and places
	Suppliers string  // the suppliers that may be coded by pattern; "" is all
	State     string  // the file that the model is kept in
	Basis     plans.Basis
	Action    plans.Action
	NextAgent string
	LimitOre  int64         // the largest amount that is coded by pattern, in øre
	Delay     patterns.Day  // days from an invoice's arrival to its posting, where the postings do not say
	Gather    time.Duration // how long a day's like invoices are gathered before the first is coded
	Patience  time.Duration // how long to wait for the answers to the day's check
	Units     func(ean string) (name string)
	Learn     patterns.Settings
}

// Columns are the headings of the postings' columns, by what is in them. One that
// is "" is not there; those that must be are said to be missing.
type Columns struct {
	Supplier   string `yaml:"supplier"` // the supplier's CVR number
	Name       string `yaml:"name"`
	Unit       string `yaml:"unit"`   // EAN number
	Number     string `yaml:"number"` // the invoice's
	Amount     string `yaml:"amount"` // kroner, net or gross as basis says
	Account    string `yaml:"account"`
	PSP        string `yaml:"psp"`
	CostCentre string `yaml:"cost_centre"`
	VATCode    string `yaml:"vat_code"`
	Posted     string `yaml:"posted"`  // the day of the posting
	Arrived    string `yaml:"arrived"` // the day the invoice came
	Order      string `yaml:"order"`
	Contract   string `yaml:"contract"`
	Reference  string `yaml:"reference"`
	Accounting string `yaml:"accounting"`
	Text       string `yaml:"text"`
}

// DefaultColumns are the headings of the documented form.
func DefaultColumns() Columns {
	return Columns{Supplier: "CVR", Name: "Leverandør", Unit: "EAN", Number: "Fakturanr.", Amount: "Beløb", Account: "Artskonto", PSP: "PSP-element",
		CostCentre: "Omkostningssted", VATCode: "Momskode", Posted: "Bogført", Arrived: "Modtaget", Order: "Ordrenr.", Contract: "Kontrakt",
		Reference: "Reference", Accounting: "Kontostreng", Text: "Tekst"}
}

// DefaultSettings are those that do not depend on the municipality.
func DefaultSettings() Settings {
	return Settings{Columns: DefaultColumns(), Action: plans.ActionCode, Delay: 30, Gather: 2 * time.Minute, Patience: 48 * time.Hour, Learn: patterns.DefaultSettings()}
}

// Check says what is wrong with the settings, in the words of the configuration's
// keys. The error joins all of it.
func (s Settings) Check() error {
	var wrong []error
	say := func(broken bool, format string, args ...any) {
		if broken {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	say(s.History == "", "history is missing: the folder with the postings that it learns from")
	say(s.Chart == "", "chart is missing: the list of open accounts")
	say(s.State == "", "state is missing: the file in which what was learnt is kept")
	say(s.Basis != plans.Net && s.Basis != plans.Gross, "basis must be net or gross: which amount the postings have and invoices are coded with")
	say(!slices.Contains([]plans.Action{plans.ActionCode, plans.ActionForward, plans.ActionApprove}, s.Action), "action must be code, forward or approve, not %q", s.Action)
	say((s.Action == plans.ActionForward) != (s.NextAgent != ""), "next_agent belongs to action: forward, and must be given there")
	say(s.LimitOre <= 0, "limit is missing: the largest amount in kroner that is coded by pattern")
	say(s.Learn.Promise <= 0.5 || s.Learn.Promise >= 1, "promise must be between 50 and 100, such as 98.5: how many of a hundred codings must be right")
	say(s.Learn.Window < 30 || s.Learn.Window > 366, "window must be 30 to 366 days")
	say(s.Delay < 0 || s.Delay > 120, "delay must be 0 to 120 days")
	say(s.Learn.Least < 1, "least must be at least 1")
	c := s.Learn.Checks
	say(c.Group < 2 || c.First < 1 || c.First > c.Group || c.AfterMiss < c.First || c.Recover < 1 || c.Hold < 0,
		"check must have group of at least 2, first from 1 to group, after_miss of at least first, recover of at least 1 and hold of at least 0")
	return errors.Join(wrong...)
}
