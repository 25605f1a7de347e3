// Package subsidy computes fleksløntilskud by LAB § 123: pure arithmetic on
// decimals, and the steps of it in words. It decides nothing about whether a
// citizen may have it.
package subsidy

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Rounding is how the parts of a calculation are rounded. No rule of the law was
// found, so the municipality chooses, and every calculation says which.
type Rounding string

// The roundings.
const (
	None  Rounding = "none"  // nothing is rounded but the result, to the øre
	Krone Rounding = "krone" // each reduction to the krone, as Billund Kommune's published example does
)

// Check is an error where the rounding is none of the known ones.
func (r Rounding) Check() error {
	if r != None && r != Krone {
		return fmt.Errorf("rounding %q is unknown: write none (nothing is rounded but the result) or krone (each reduction to the krone)", string(r))
	}
	return nil
}

// danish is the rounding in the words of the calculation sheet.
func (r Rounding) danish() string {
	if r == Krone {
		return "hvert fradrag afrundet til hele kroner"
	}
	return "ingen afrunding af mellemregninger"
}

// Rate is what a year's subsidy is computed from, in kroner a month.
type Rate struct {
	Year            int             `json:"year"`
	Maximum         decimal.Decimal `json:"maximum"`          // M: 98 % of the highest dagpenge
	Threshold       decimal.Decimal `json:"threshold"`        // G: over it 55 % are taken instead of 30 %
	MaximumSource   string          `json:"maximum_source"`   // where M was read
	ThresholdSource string          `json:"threshold_source"` // where G was read
}

// Income is a month's income as § 123 counts it, in kroner. Wage is the AM-liable
// income (felt 13), which is net of own pension and ATP.
type Income struct {
	Wage            decimal.Decimal `json:"wage"`
	OwnPension      decimal.Decimal `json:"own_pension"`
	EmployerPension decimal.Decimal `json:"employer_pension"`
}

// Sum is L: wage and both pension contributions (BEK 227 § 1).
func (i Income) Sum() decimal.Decimal { return i.Wage.Add(i.OwnPension).Add(i.EmployerPension) }

// Plus adds another employer's income: § 123 counts all wage together.
func (i Income) Plus(o Income) Income {
	return Income{Wage: i.Wage.Add(o.Wage), OwnPension: i.OwnPension.Add(o.OwnPension), EmployerPension: i.EmployerPension.Add(o.EmployerPension)}
}

// Step is one line of a calculation.
type Step struct {
	Text   string          `json:"step"`   // Danish: what the line is
	Amount decimal.Decimal `json:"amount"` // kroner
	From   string          `json:"from"`   // Danish: where the number came from, or the rule
}

// Result is a computed subsidy, in kroner with whole øre.
type Result struct {
	Subsidy decimal.Decimal `json:"subsidy"` // T
	Total   decimal.Decimal `json:"total"`   // T + L
	Income  decimal.Decimal `json:"income"`  // L
	Binds   bool            `json:"binds"`   // the lønloft made it smaller
	Floored bool            `json:"floored"` // the formula gave nothing or less than nothing
	Steps   []Step          `json:"steps"`
}

// The shares of § 123: 30 % of the wage up to the threshold, 55 % of what is over.
func low() decimal.Decimal  { return decimal.New(30, -2) }
func high() decimal.Decimal { return decimal.New(55, -2) }

// Compute is T = M - 0,30 min(L, G) - 0,55 max(0, L-G), no more than lønloft - L
// and no less than zero. A lønloft of nil is left out, for those who must see what
// comes before it.
func Compute(r Rate, i Income, loenloft *decimal.Decimal, rounding Rounding) Result {
	l := i.Sum()
	c := &calculation{rounding: rounding}
	c.income(i, l)
	c.add(fmt.Sprintf("Højeste fleksløntilskud %d", r.Year), r.Maximum, "sats: "+r.MaximumSource)
	t := r.Maximum
	t = t.Sub(c.reduction("30 % af løn op til "+Danish(r.Threshold), low(), decimal.Min(l, r.Threshold), "§ 123; grænse: "+r.ThresholdSource))
	if over := l.Sub(r.Threshold); over.IsPositive() {
		t = t.Sub(c.reduction("55 % af løn over "+Danish(r.Threshold), high(), over, "§ 123"))
	}
	t = t.Round(2)
	c.add("Tilskud før lønloft", t, "afrunding: "+rounding.danish())
	out := Result{Income: l}
	if loenloft != nil {
		t, out.Binds = c.ceiling(t, l, *loenloft)
	}
	if !t.IsPositive() {
		out.Floored = true
		if t.IsNegative() {
			t = decimal.Zero
			c.add("Tilskud kan ikke være under nul", t, "afledt af § 123")
		}
	}
	c.add("Fleksløntilskud", t, "§ 123")
	out.Subsidy, out.Total = t, t.Add(l)
	c.add("Løn og tilskud i alt", out.Total, "sum")
	out.Steps = c.steps
	return out
}

// calculation writes the steps as they are made.
type calculation struct {
	rounding Rounding
	steps    []Step
}

func (c *calculation) add(text string, amount decimal.Decimal, from string) {
	c.steps = append(c.steps, Step{Text: text, Amount: amount, From: from})
}

func (c *calculation) income(i Income, l decimal.Decimal) {
	c.add("Løn (AM-pligtig)", i.Wage, "eIndkomst felt 057")
	c.add("Eget pensionsbidrag", i.OwnPension, "eIndkomst felt 197")
	c.add("Arbejdsgivers pensionsbidrag", i.EmployerPension, "eIndkomst felt 198")
	c.add("Løn i alt", l, "BEK 227 § 1")
}

// reduction is a share of an amount, as it is taken off.
func (c *calculation) reduction(text string, share, of decimal.Decimal, from string) decimal.Decimal {
	part := share.Mul(of)
	if c.rounding == Krone {
		part = part.Round(0)
	}
	c.add("Fradrag: "+text, part.Neg(), from)
	return part
}

// ceiling keeps wage and subsidy together within full pay in the post.
func (c *calculation) ceiling(t, l, loenloft decimal.Decimal) (decimal.Decimal, bool) {
	room := loenloft.Sub(l)
	c.add("Lønloft", loenloft, "sagen")
	c.add("Plads under lønloftet", room, "lønloft minus løn i alt")
	if t.LessThanOrEqual(room) {
		return t, false
	}
	c.add("Tilskud nedsat til lønloftet", room, "§ 123")
	return room, true
}

// Danish is an amount as people read it: 15.272,00 kr.
func Danish(d decimal.Decimal) string {
	s := d.Abs().StringFixed(2)
	whole, cents := s[:len(s)-3], s[len(s)-2:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	if d.Round(2).IsNegative() {
		whole = "-" + whole
	}
	return whole + "," + cents + " kr."
}
