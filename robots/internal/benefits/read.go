package benefits

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/schedules"
)

// facts are the lines of a case's page. Each must be there: one that has gone may
// have held a reason not to pay.
func facts() []string {
	return []string{"Status", "Ordning", "Ansættelse", "Ret fra", "Ret til", "Folkepension fra", "Anden pension", "Fravær", "Stilling",
		"Arbejdsgiver SE-nr.", "Arbejdsgiver", "Lønloft", "Lønloft fra"}
}

// read reads the case that stands open. The citizen is looked at again at the end,
// so that what was read in between is of one page.
func (d *desk) read(ctx context.Context, number, cpr string) (Case, error) {
	r := &reading{values: map[string]string{}}
	rows, err := d.Rows(ctx, "case.facts")
	if err != nil {
		return Case{}, err
	}
	for _, row := range rows {
		if _, twice := r.values[row["field"]]; twice {
			r.wrong("the case shows %q twice", row["field"])
		}
		r.values[row["field"]] = row["value"]
	}
	c := r.theCase(number, cpr)
	if c.Name, err = d.Text(ctx, "case.name"); err != nil {
		return c, err
	}
	if c.History, err = d.history(ctx, r); err != nil {
		return c, err
	}
	if err := d.whose(ctx, "case", "Sag "+number, number, cpr); err != nil {
		return c, err
	}
	return c, r.err
}

// reading takes a case apart and keeps the first thing that cannot be read.
type reading struct {
	values map[string]string
	err    error
}

func (r *reading) wrong(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *reading) theCase(number, cpr string) Case {
	for _, f := range facts() {
		if _, ok := r.values[f]; !ok {
			r.wrong("the case does not show the line %q", f)
		}
	}
	v := r.values
	c := Case{Number: number, CPR: cpr, Status: v["Status"], Scheme: v["Ordning"], Kind: v["Ansættelse"], From: r.date("Ret fra"), To: r.date("Ret til"),
		PensionFrom: r.date("Folkepension fra"), OtherPension: v["Anden pension"], Absence: v["Fravær"], Post: v["Stilling"], SE: v["Arbejdsgiver SE-nr."],
		Employer: v["Arbejdsgiver"], LoenloftSince: r.date("Lønloft fra")}
	if loft := v["Lønloft"]; loft != "" {
		amount := r.amount("Lønloft", loft)
		c.Loenloft = &amount
	}
	return c
}

func (r *reading) date(field string) schedules.Date {
	text := r.values[field]
	if text == "" {
		return schedules.Date{}
	}
	t, err := time.Parse("02.01.2006", text)
	if err != nil {
		r.wrong("%s is %q, expected a day such as 01.02.2024", field, text)
		return schedules.Date{}
	}
	return schedules.DateOf(t)
}

func (r *reading) amount(field, text string) decimal.Decimal {
	d, err := parseDanish(text)
	if err != nil {
		r.wrong("%s: %w", field, err)
	}
	return d
}

func (r *reading) month(field, text string) string {
	t, err := time.Parse("01.2006", text)
	if err != nil {
		r.wrong("%s is %q, expected a month such as 06.2024", field, text)
		return ""
	}
	return t.Format("2006-01")
}

var countText = regexp.MustCompile(`^(\d+) måneder i historikken$`)

// history reads what was set before, and makes sure that all of it was read.
func (d *desk) history(ctx context.Context, r *reading) ([]Setting, error) {
	rows, err := d.Rows(ctx, "case.history")
	if err != nil {
		return nil, err
	}
	count, err := d.Text(ctx, "case.count")
	if err != nil {
		return nil, err
	}
	if m := countText.FindStringSubmatch(count); m == nil || number(m[1]) != len(rows) {
		return nil, fmt.Errorf("the history shows %d rows, and says %q", len(rows), count)
	}
	all := []Setting{}
	for _, row := range rows {
		all = append(all, Setting{Month: r.month("Måned", row["month"]), IncomeMonth: r.month("Indkomstmåned", row["income"]), Wage: r.amount("Løn", row["wage"]),
			OwnPension: r.amount("Eget pensionsbidrag", row["own"]), EmployerPension: r.amount("Arbejdsgivers pensionsbidrag", row["employer"]), SE: row["se"],
			Subsidy: r.amount("Tilskud", row["subsidy"]), Text: row["text"], By: row["by"]})
	}
	return all, nil
}

// danish is an amount as the form takes it: 1234,50. Amounts there are not negative.
func danish(d decimal.Decimal) string { return strings.Replace(d.StringFixed(2), ".", ",", 1) }

// danishMonth is 2024-06 as the screens have it: 06.2024.
func danishMonth(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.Format("01.2006")
}

// danishAmount is an amount as the screens show it: 1.234,50.
var danishAmount = regexp.MustCompile(`^([0-9]{1,3}(\.[0-9]{3})*|[0-9]+),([0-9]{2})$`)

func parseDanish(s string) (decimal.Decimal, error) {
	m := danishAmount.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return decimal.Decimal{}, fmt.Errorf("%q is not an amount such as 1.234,50", s)
	}
	return decimal.NewFromString(strings.ReplaceAll(m[1], ".", "") + "." + m[3])
}
