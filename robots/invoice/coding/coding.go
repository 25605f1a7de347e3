// Package coding holds what the invoice robot's ways to code an invoice share:
// what a coding is, what a way is asked and answers, and in which order the
// answers count. A way (a payment plan, a citizen's grant, a pattern in what was
// posted before) is a Coder; the robot asks them all and Order decides.
package coding

import (
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/plans"
)

// Coding is what is entered in the portal's form. Its JSON names are recorded for
// replay and never change.
type Coding struct {
	Account    string          `json:"account"`
	PSP        string          `json:"psp,omitempty"`         // either this
	CostCentre string          `json:"cost_centre,omitempty"` // or this
	VATCode    string          `json:"vat_code"`
	Amount     decimal.Decimal `json:"amount"` // DKK, net or gross as the way says; below zero for a credit note
	Text       string          `json:"text"`   // at most plans.MaxText characters, CPR numbers masked
	Action     plans.Action    `json:"action"`
	NextAgent  string          `json:"next_agent,omitempty"`
}

// Same reports whether two codings say the same.
func (c Coding) Same(o Coding) bool {
	return c.Agrees(o) && c.Text == o.Text && c.Action == o.Action && c.NextAgent == o.NextAgent
}

// Agrees reports whether two codings put the same amount in the same place. What
// is written beside it and who sees it next may differ.
func (c Coding) Agrees(o Coding) bool {
	return c.Account == o.Account && c.PSP == o.PSP && c.CostCentre == o.CostCentre && c.VATCode == o.VATCode && c.Amount.Equal(o.Amount)
}

// Value is the place that is coded on, as a person would write it in the
// workbook's Værdi.
func (c Coding) Value() string {
	place := c.PSP
	if place == "" {
		place = c.CostCentre
	}
	return strings.TrimSpace(c.Account + " " + place + " " + c.VATCode)
}
