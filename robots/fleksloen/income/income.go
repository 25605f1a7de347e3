package income

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/eindkomst"
)

// Month is a month's income as it can be computed with, and what in the reports
// needs a person. Where there are findings the figures are only a help to them.
type Month struct {
	Month     eindkomst.Month `json:"month"`
	Employers []Employer      `json:"employers"`          // by SE number
	Findings  []Finding       `json:"findings,omitempty"` // in the order of the reports
	Left      int             `json:"left"`               // reports left out as the municipality's own subsidy
}

// Employer is what one employer reported for the month. An amount that was not
// reported is nil, which is not zero.
type Employer struct {
	SE              string           `json:"se"`
	Reports         int              `json:"reports"` // payments: heads (blanket 11000), and pay periods without one
	Wage            *decimal.Decimal `json:"wage"`
	OwnPension      *decimal.Decimal `json:"own_pension"`
	EmployerPension *decimal.Decimal `json:"employer_pension"`
}

// Empty reports whether nothing was reported that could count: no data, which is
// never a wage of zero.
func (m Month) Empty() bool { return len(m.Employers) == 0 && len(m.Findings) == 0 }

// Has reports whether an employer has reported.
func (m Month) Has(se string) bool {
	return slices.ContainsFunc(m.Employers, func(e Employer) bool { return e.SE == se })
}

// From reports whether those employers have reported and no others.
func (m Month) From(se []string) bool {
	return len(m.Employers) == len(se) && !slices.ContainsFunc(se, func(one string) bool { return !m.Has(one) })
}

// Sum is all employers' income together, with what is missing counted as nothing;
// known is false where something is missing.
func (m Month) Sum() (sum subsidy.Income, known bool) {
	known = len(m.Employers) > 0
	take := func(d *decimal.Decimal) decimal.Decimal {
		if d == nil {
			known = false
			return decimal.Zero
		}
		return *d
	}
	for _, e := range m.Employers {
		sum = sum.Plus(subsidy.Income{Wage: take(e.Wage), OwnPension: take(e.OwnPension), EmployerPension: take(e.EmployerPension)})
	}
	return sum, known
}

// Read reads the reports on a citizen for one month. Reports of other months must
// not be among them.
func Read(t Table, month eindkomst.Month, answer eindkomst.Answer) Month {
	r := &reader{table: t, out: Month{Month: month, Employers: []Employer{}}}
	for _, a := range answer.Advices {
		r.found(Told, "advis %s %s", a.ID, a.Text)
	}
	for _, report := range answer.Reports {
		r.report(report)
	}
	slices.SortFunc(r.out.Employers, func(a, b Employer) int { return strings.Compare(a.SE, b.SE) })
	r.whole()
	return r.out
}

type reader struct {
	table Table
	out   Month
	se    string     // the employer at hand
	heads []Employer // each payment by itself
}

func (r *reader) found(code, format string, args ...any) {
	f := Finding{Code: code, What: fmt.Sprintf(format, args...)}
	if !slices.Contains(r.out.Findings, f) {
		r.out.Findings = append(r.out.Findings, f)
	}
}

// report reads one employer's report of one pay period.
func (r *reader) report(p eindkomst.Report) {
	blanks, left := r.withoutOwn(p.Blanks)
	if left && len(blanks) == 0 {
		r.out.Left++
		return
	}
	r.se = p.SE
	r.period(p)
	e := r.employer(p.SE)
	payments := 0
	for _, b := range blanks {
		if r.table.head(b.Number) {
			payments++
		}
		r.head(e, b)
	}
	e.Reports += max(1, payments)
}

// head reads one payment. A pay period may hold several, each with amounts of its
// own, so that what one of them leaves out is not said by another.
func (r *reader) head(e *Employer, b eindkomst.Blank) {
	if known, ok := r.table.blanket(b.Number); ok && known.Gives == "" && !r.table.head(b.Number) {
		r.found(UnknownType, "blanket %d uden indkomsttype fra arbejdsgiver %s", b.Number, r.se)
	}
	head := Employer{SE: e.SE}
	r.blank(&head, b)
	r.heads = append(r.heads, head)
	for _, part := range []struct {
		from *decimal.Decimal
		to   **decimal.Decimal
	}{{head.Wage, &e.Wage}, {head.OwnPension, &e.OwnPension}, {head.EmployerPension, &e.EmployerPension}} {
		if part.from != nil {
			add(part.to, *part.from)
		}
	}
}

// employer is the employer's line, made if it is not there yet.
func (r *reader) employer(se string) *Employer {
	i := slices.IndexFunc(r.out.Employers, func(e Employer) bool { return e.SE == se })
	if i < 0 {
		r.out.Employers = append(r.out.Employers, Employer{SE: se})
		i = len(r.out.Employers) - 1
	}
	return &r.out.Employers[i]
}

// withoutOwn takes the municipality's own subsidy (indtægtsart 0083) out of a
// report: left is true where something was taken out. A blanket that has nothing
// else below it goes with it, whatever its income type.
func (r *reader) withoutOwn(blanks []eindkomst.Blank) (kept []eindkomst.Blank, left bool) {
	for _, b := range blanks {
		if r.own(b) {
			left = true
			continue
		}
		below, some := r.withoutOwn(b.Blanks)
		left = left || some
		if some && len(below) == 0 {
			continue
		}
		b.Blanks = below
		kept = append(kept, b)
	}
	return kept, left
}

func (r *reader) own(b eindkomst.Blank) bool {
	return slices.ContainsFunc(b.Fields, func(f eindkomst.Field) bool {
		e, ok := r.table.field(b.Number, f.ID)
		if !ok || e.Is != Art {
			return false
		}
		a, ok := r.table.art(strings.TrimSpace(f.Value))
		return ok && a.Is == Own
	})
}

// period makes sure that the pay period is the month.
func (r *reader) period(p eindkomst.Report) {
	switch m := r.out.Month; {
	case p.From.IsZero() || p.To.IsZero():
		r.found(NotAMonth, "arbejdsgiver %s har ikke oplyst en lønperiode", p.SE)
	case p.From == m.First() && p.To == m.Last():
	case eindkomst.MonthOf(p.From) == eindkomst.MonthOf(p.To) && p.From == eindkomst.MonthOf(p.From).First() && p.To == eindkomst.MonthOf(p.To).Last():
		r.found(OtherMonth, "arbejdsgiver %s har indberettet lønperioden %s til %s", p.SE, p.From, p.To)
	default:
		r.found(NotAMonth, "arbejdsgiver %s har indberettet lønperioden %s til %s", p.SE, p.From, p.To)
	}
}

// blank reads a blanket and what belongs to it.
func (r *reader) blank(e *Employer, b eindkomst.Blank) {
	switch known, ok := r.table.blanket(b.Number); {
	case !ok:
		r.found(UnknownBlanket, "blanket %d fra arbejdsgiver %s", b.Number, r.se)
		return
	case known.Gives != "":
		r.found(known.Gives, "blanket %d (%s) fra arbejdsgiver %s", b.Number, known.Name, r.se)
		return
	}
	if id, twice := b.Repeated(); twice {
		r.found(Twice, "felt %03d på blanket %d fra arbejdsgiver %s", id, b.Number, r.se)
	}
	for _, f := range b.Fields {
		r.field(e, b.Number, f)
	}
	r.unsaid(b)
	for _, below := range b.Blanks {
		r.blank(e, below)
	}
}

// unsaid looks up what a blanket leaves out: a report without an income type is as
// unknown as one with an unknown type, and income without an art has the empty one.
func (r *reader) unsaid(b eindkomst.Blank) {
	for _, e := range r.table.Fields {
		if e.Blanket != b.Number || e.Is != KindOfIncome && e.Is != Art {
			continue
		}
		value, ok := b.Field(e.Field)
		switch {
		case e.Is == KindOfIncome && strings.TrimSpace(value) == "":
			r.found(UnknownType, "ingen indkomsttype fra arbejdsgiver %s", r.se)
		case e.Is == Art && !ok:
			r.listed(r.table.art, "", UnknownArt, "indtægtsart")
		}
	}
}

// field reads one field. An empty one says nothing, unless it is the art, whose
// emptiness the table knows.
func (r *reader) field(e *Employer, blanket int, f eindkomst.Field) {
	value := strings.TrimSpace(f.Value)
	known, ok := r.table.field(blanket, f.ID)
	if !ok {
		r.found(UnknownField, "felt %03d på blanket %d fra arbejdsgiver %s", f.ID, blanket, r.se)
		return
	}
	if value == "" && known.Is != Art {
		return
	}
	switch known.Is {
	case Noted:
	case KindOfIncome:
		r.listed(r.table.kind, value, UnknownType, "indkomsttype")
	case Art:
		r.listed(r.table.art, value, UnknownArt, "indtægtsart")
	case Reversal:
		// I is an ordinary report, T takes one back; anything else is not known.
		if value != "I" {
			r.found(Reversed, "felt %03d er »%s« hos arbejdsgiver %s", f.ID, value, r.se)
		}
	case Correction:
		r.found(Corrected, "felt %03d er »%s« hos arbejdsgiver %s", f.ID, value, r.se)
	case TaxMonth:
		if value != r.out.Month.Code() {
			r.found(OtherMonth, "skattemåneden er »%s« hos arbejdsgiver %s", value, r.se)
		}
	default:
		r.amount(e, known, f.ID, value)
	}
}

// listed looks an income type or art up.
func (r *reader) listed(in func(string) (Entry, bool), value, unknown, what string) {
	switch known, ok := in(value); {
	case !ok:
		r.found(unknown, "%s »%s« fra arbejdsgiver %s", what, value, r.se)
	case known.Gives != "":
		r.found(known.Gives, "%s %s (%s) fra arbejdsgiver %s", what, value, known.Name, r.se)
	}
}

// amount reads a field that holds kroner. Zero in a field that would go to a
// person is as good as an empty one.
func (r *reader) amount(e *Employer, known Entry, id int, value string) {
	d, err := subsidy.ParseAmount(value)
	switch {
	case err != nil:
		r.found(Unreadable, "felt %03d (%s) er »%s« hos arbejdsgiver %s", id, known.Name, value, r.se)
		return
	case d.IsNegative():
		r.found(Negative, "felt %03d (%s) er %s hos arbejdsgiver %s", id, known.Name, subsidy.Danish(d), r.se)
	case known.Gives != "" && !d.IsZero():
		r.found(known.Gives, "felt %03d (%s) er %s hos arbejdsgiver %s", id, known.Name, subsidy.Danish(d), r.se)
	}
	switch known.Is {
	case Wage:
		add(&e.Wage, d)
	case OwnPension:
		add(&e.OwnPension, d)
	case EmployerPension:
		add(&e.EmployerPension, d)
	}
}

func add(to **decimal.Decimal, d decimal.Decimal) {
	if *to != nil {
		d = (*to).Add(d)
	}
	*to = &d
}

// whole says what is missing or too many over all reports.
func (r *reader) whole() {
	if n := len(r.out.Employers); n > 1 {
		r.found(Employers, "%d arbejdsgivere: %s", n, strings.Join(names(r.out.Employers), ", "))
	}
	for _, e := range r.out.Employers {
		if e.Reports > 1 {
			r.found(Payments, "arbejdsgiver %s har indberettet %d gange", e.SE, e.Reports)
		}
		if e.Wage == nil {
			r.found(NoWage, "arbejdsgiver %s har ikke oplyst løn (felt 057)", e.SE)
		}
		if e.OwnPension == nil || e.EmployerPension == nil {
			r.found(Pension, "arbejdsgiver %s har ikke oplyst %s", e.SE, missingPension(e))
		}
	}
	for _, e := range r.heads {
		if e.Wage != nil && (e.OwnPension == nil || e.EmployerPension == nil) {
			r.found(Pension, "arbejdsgiver %s har ikke oplyst %s", e.SE, missingPension(e))
		}
	}
}

func names(all []Employer) (se []string) {
	for _, e := range all {
		se = append(se, e.SE)
	}
	return se
}

func missingPension(e Employer) string {
	switch {
	case e.OwnPension != nil:
		return "arbejdsgivers pensionsbidrag (felt 198)"
	case e.EmployerPension != nil:
		return "eget pensionsbidrag (felt 197)"
	}
	return "pensionsbidrag (felt 197 og 198)"
}
