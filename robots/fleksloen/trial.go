package fleksloen

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
	"byskriver/schedules"
)

// trial is a file of cases to try.
type trial struct {
	rates subsidy.Rates
	cases []trialCase
}

// trialCase is one case of such a file.
type trialCase struct {
	ID            string
	Month         eindkomst.Month // that the subsidy is for
	Loenloft      *decimal.Decimal
	LoenloftSince schedules.Date
	Answer        eindkomst.Answer // the file's reports
	figures       *figures         // or else its figures
	Employers     []string
	Previous      *trialMonth // nil: there was no month before
}

// trialMonth is what the file says of the month before.
type trialMonth struct {
	Income    subsidy.Income
	Subsidy   *decimal.Decimal // nil: as the formula gives it
	Employers []string
}

// parseTrial reads the file strictly. The error joins every mistake, each with its
// line.
func parseTrial(file string, data []byte) (trial, error) {
	r := &trialReader{file: file, data: data}
	out := trial{rates: subsidy.Rates{}}
	if !json.Valid(data) {
		var any json.RawMessage
		err := json.Unmarshal(data, &any)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			r.wrong(int(syntax.Offset), "this is no JSON: %v", err)
		}
		return out, errors.Join(append(r.found, errNoTrial(file, len(r.found)))...)
	}
	for _, m := range r.object(data, 0, "the file", "rates", "cases") {
		switch m.key {
		case "rates":
			for _, e := range r.array(m) {
				r.rate(out.rates, e)
			}
		case "cases":
			for _, e := range r.array(m) {
				out.cases = append(out.cases, r.oneCase(e))
			}
		}
	}
	if len(r.found) == 0 && len(out.cases) == 0 {
		r.wrong(0, "there are no cases in it")
	}
	return out, errors.Join(r.found...)
}

func errNoTrial(file string, told int) error {
	if told > 0 {
		return nil
	}
	return fmt.Errorf("%s: this is no JSON", file)
}

func (r *trialReader) rate(into subsidy.Rates, m member) {
	rate := subsidy.Rate{MaximumSource: "filens sats", ThresholdSource: "filens sats"}
	year := false
	for _, f := range r.object(m.raw, m.at, "a rate", "year", "maximum", "threshold") {
		switch f.key {
		case "year":
			n, err := strconv.Atoi(strings.Trim(string(f.raw), `"`))
			if err != nil || n < 2000 || n > 2099 {
				r.wrong(f.at, "year %s is no year such as 2024", f.raw)
			}
			rate.Year, year = n, true
		case "maximum":
			rate.Maximum = r.money(f)
		case "threshold":
			rate.Threshold = r.money(f)
		}
	}
	if _, twice := into[rate.Year]; twice {
		r.wrong(m.at, "the year %d has two rates", rate.Year)
	}
	if !year {
		r.wrong(m.at, "a rate lacks year")
	}
	into[rate.Year] = rate
}

// money is an amount that must be there.
func (r *trialReader) money(f member) decimal.Decimal {
	d := r.amount(f)
	if d == nil {
		return decimal.Zero
	}
	return *d
}

func (r *trialReader) oneCase(m member) trialCase {
	c := trialCase{}
	own := figures{}
	reported := false
	for _, f := range r.object(m.raw, m.at, "a case", "id", "month", "wage", "ownPension", "employerPension", "reports", "loenloft", "loenloftSince", "employers", "previousMonth") {
		switch f.key {
		case "id":
			c.ID = r.id(f)
		case "month":
			c.Month = r.month(f)
		case "loenloft":
			c.Loenloft = r.amount(f)
		case "loenloftSince":
			c.LoenloftSince = r.date(f)
		case "reports":
			if string(f.raw) != "null" {
				reported = true
				c.Answer = r.reports(f)
			}
		case "previousMonth":
			c.Previous = r.previous(f)
		default:
			own.take(r, f)
		}
	}
	switch {
	case c.ID == "":
		r.wrong(m.at, "a case lacks id")
	case c.Month.IsZero():
		r.wrong(m.at, "case %s lacks month", c.ID)
	case reported && own.any():
		r.wrong(m.at, "case %s has both reports and figures; give one of them", c.ID)
	}
	c.Employers = own.employers
	if !reported {
		c.figures = &own
	}
	return c
}

// figures are the amounts of a month as a case or its month before gives them.
type figures struct {
	wage, own, employer *decimal.Decimal
	employers           []string
}

func (f *figures) take(r *trialReader, m member) {
	switch m.key {
	case "wage":
		f.wage = r.amount(m)
	case "ownPension":
		f.own = r.amount(m)
	case "employerPension":
		f.employer = r.amount(m)
	case "employers":
		f.employers = r.employers(m)
	}
}

func (f figures) any() bool { return f.wage != nil || f.own != nil || f.employer != nil }

func (f figures) income() (i subsidy.Income) {
	for _, one := range []struct {
		from *decimal.Decimal
		to   *decimal.Decimal
	}{{f.wage, &i.Wage}, {f.own, &i.OwnPension}, {f.employer, &i.EmployerPension}} {
		if one.from != nil {
			*one.to = *one.from
		}
	}
	return i
}

// aloneEmployer stands for the employer where a file names none.
const aloneEmployer = "1"

// reports makes the reports that say the same as the figures: all of it from the
// first employer. Without figures nothing was reported.
func (f figures) reports(income eindkomst.Month) []eindkomst.Report {
	if !f.any() {
		return nil
	}
	names := f.employers
	if len(names) == 0 {
		names = []string{aloneEmployer}
	}
	zero := decimal.Zero
	var all []eindkomst.Report
	for i, se := range names {
		part := f
		if i > 0 {
			part = figures{wage: &zero, own: &zero, employer: &zero}
		}
		all = append(all, part.report(se, income))
	}
	return all
}

func (f figures) report(se string, income eindkomst.Month) eindkomst.Report {
	var fields []eindkomst.Field
	for id, d := range map[int]*decimal.Decimal{eindkomst.FieldWage: f.wage, eindkomst.FieldOwnPension: f.own, eindkomst.FieldEmployerPension: f.employer} {
		if d != nil {
			fields = append(fields, eindkomst.Field{ID: id, Value: d.StringFixed(2)})
		}
	}
	slices.SortFunc(fields, func(a, b eindkomst.Field) int { return a.ID - b.ID })
	return eindkomst.Report{SE: se, From: income.First(), To: income.Last(), Blanks: []eindkomst.Blank{{
		Number: eindkomst.BlankReport, Fields: []eindkomst.Field{{ID: eindkomst.FieldIncomeType, Value: "00"}},
		Blanks: []eindkomst.Blank{{Number: eindkomst.BlankIncome, Blanks: []eindkomst.Blank{{Number: eindkomst.BlankAmounts, Fields: fields}}}}}}}
}

func (r *trialReader) previous(m member) *trialMonth {
	switch {
	case string(m.raw) == "null":
		return nil
	case m.raw[0] == '"': // last month's income, pensions included
		return &trialMonth{Income: subsidy.Income{Wage: r.money(m)}}
	}
	out, f := &trialMonth{}, figures{}
	for _, one := range r.object(m.raw, m.at, "previousMonth", "wage", "ownPension", "employerPension", "employers", "subsidy") {
		if one.key == "subsidy" {
			out.Subsidy = r.amount(one)
		} else {
			f.take(r, one)
		}
	}
	out.Income, out.Employers = f.income(), f.employers
	return out
}

// input is the case as the rules see it: of good standing in all that the file does
// not say, and by the file alone.
func (c trialCase) input(s Settings) CaseInput {
	const cpr = "8605010001" // of nobody; the file's cases are not persons
	in := CaseInput{Month: c.Month, Income: c.Month.Add(-s.Lag), Asked: Content{Case: c.ID, CPR: cpr, Month: c.Month}, Limits: s.Limits}
	in.Limits.RegulationMonths = 0
	since := c.LoenloftSince
	if since.IsZero() {
		since = c.Month.First()
	}
	in.Case = benefits.Case{Number: c.ID, CPR: cpr, Status: statusActive, Scheme: schemeNew, Kind: kindEmployed, OtherPension: pensionNone,
		From: in.Income.Add(-12).First(), PensionFrom: c.Month.Add(s.Limits.PensionMonths + 12).First(), Loenloft: c.Loenloft, LoenloftSince: since}
	if c.Previous != nil {
		in.Case.History = []benefits.Setting{c.before(s)}
	}
	return in
}

// fill makes reports of the file's figures, and computes the month before where the file gives its income and not its
// subsidy: by this month's rate and lønloft.
func (c *trialCase) fill(rate subsidy.Rate, s Settings) {
	if c.figures != nil {
		c.Answer.Reports = c.figures.reports(c.Month.Add(-s.Lag))
	}
	if c.Previous != nil && c.Previous.Subsidy == nil {
		out := subsidy.Compute(rate, c.Previous.Income, c.Loenloft, s.Rounding)
		c.Previous.Subsidy = &out.Subsidy
	}
}

// before is the month before as the history would have it.
func (c trialCase) before(s Settings) benefits.Setting {
	p := c.Previous
	employers := p.Employers
	if len(employers) == 0 {
		employers = c.Employers
	}
	if len(employers) == 0 {
		employers = reporters(c.Answer)
	}
	b := benefits.Setting{Month: c.Month.Add(-1).String(), IncomeMonth: c.Month.Add(-1 - s.Lag).String(), Wage: p.Income.Wage, OwnPension: p.Income.OwnPension,
		EmployerPension: p.Income.EmployerPension, SE: strings.Join(employers, ","), By: "filen"}
	if p.Subsidy != nil {
		b.Subsidy = *p.Subsidy
	}
	return b
}

func reporters(a eindkomst.Answer) (se []string) {
	for _, r := range a.Reports {
		if !slices.Contains(se, r.SE) {
			se = append(se, r.SE)
		}
	}
	return se
}
