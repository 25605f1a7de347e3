package plans

import (
	"cmp"
	"fmt"
	"slices"

	"byskriver/runner"
	"github.com/shopspring/decimal"
)

// Fell is an invoice that fell outside its plan, and was given to a person.
type Fell struct {
	Item    string // its number
	On      Date   // when it was decided
	Area    string
	Invoice Invoice
	Plans   []Plan // the supplier's, as they were then
	Reasons []Reason
}

// fellRow is one broken rule of one invoice.
type fellRow struct {
	Fell
	reason Reason
	off    decimal.Decimal // kroner outside the plan's amounts
}

// rows are the rules that kept an invoice outside: those about itself, and those of
// the plan that it came nearest to, which stand first.
func (f Fell) rows() (rows []fellRow) {
	for _, r := range f.Reasons {
		if r.Plan != f.Reasons[0].Plan {
			continue
		}
		row := fellRow{Fell: f, reason: r}
		if i := slices.IndexFunc(f.Plans, func(p Plan) bool { return p.Number == r.Plan }); i >= 0 && (r.Code == RefusedOver || r.Code == RefusedUnder) {
			row.off = gap(f.Invoice, attempt{plan: f.Plans[i], reasons: []Reason{r}})
		}
		rows = append(rows, row)
	}
	return rows
}

// unitOf is where an invoice belongs, for sums by unit.
func (f Fell) unitOf() string {
	if f.Area != "" {
		return f.Area
	}
	return f.Invoice.EAN
}

var fellColumns = []column[fellRow]{
	reported("Dato", 12, kindDate, func(r fellRow) string { return r.On.Danish() }),
	reported("Sag", 20, kindCode, func(r fellRow) string { return r.Item }),
	reported("Faktura", 18, kindCode, func(r fellRow) string { return runner.Mask(r.Invoice.Number) }),
	reported("Leverandør", 30, kindText, func(r fellRow) string { return runner.Mask(r.Invoice.Supplier) }),
	reported("CVR", 11, kindCode, func(r fellRow) string { return r.Invoice.CVR }),
	reported("Plan", 12, kindCode, func(r fellRow) string { return r.reason.Plan }),
	reported("Område", 18, kindText, func(r fellRow) string { return r.unitOf() }),
	reported("EAN", 16, kindCode, func(r fellRow) string { return r.Invoice.EAN }),
	reported("Kode", 20, kindCode, func(r fellRow) string { return r.reason.Code }),
	reported("Beløb", 13, kindAmount, func(r fellRow) string { return amount(r.Invoice.Payable) }),
	reported("Uden for med", 13, kindAmount, func(r fellRow) string {
		if r.off.IsZero() {
			return ""
		}
		return amount(r.off)
	}),
	reported("Har", 18, kindCode, func(r fellRow) string { return runner.Mask(r.reason.Has) }),
	reported("Grænse", 18, kindCode, func(r fellRow) string { return runner.Mask(r.reason.Limit) }),
	reported("Hvorfor", 80, kindText, func(r fellRow) string { return runner.Mask(r.reason.Text) }),
}

// fellSum is how often a rule kept invoices outside one plan.
type fellSum struct {
	code, plan, unit, supplier string
	n                          int
	sum, off                   decimal.Decimal
	last                       Date
}

var fellSumColumns = []column[fellSum]{
	reported("Kode", 20, kindCode, func(s fellSum) string { return s.code }),
	reported("Plan", 12, kindCode, func(s fellSum) string { return s.plan }),
	reported("Leverandør", 30, kindText, func(s fellSum) string { return runner.Mask(s.supplier) }),
	reported("Område", 18, kindText, func(s fellSum) string { return s.unit }),
	reported("Antal", 8, kindCount, func(s fellSum) string { return whole(s.n) }),
	reported("Beløb i alt", 15, kindAmount, func(s fellSum) string { return amount(s.sum) }),
	reported("Uden for med i alt", 15, kindAmount, func(s fellSum) string { return amount(s.off) }),
	reported("Senest", 12, kindDate, func(s fellSum) string { return s.last.Danish() }),
}

// sums counts the rows by code, plan, supplier and unit, the most frequent first.
func sums(rows []fellRow) []fellSum {
	at := map[[4]string]int{}
	var all []fellSum
	for _, r := range rows {
		key := [4]string{r.reason.Code, r.reason.Plan, r.Invoice.Supplier, r.unitOf()}
		i, ok := at[key]
		if !ok {
			i = len(all)
			at[key] = i
			all = append(all, fellSum{code: key[0], plan: key[1], supplier: key[2], unit: key[3]})
		}
		s := &all[i]
		s.n++
		s.sum, s.off = s.sum.Add(r.Invoice.Payable), s.off.Add(r.off)
		s.last = max(s.last, r.On)
	}
	slices.SortStableFunc(all, func(a, b fellSum) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.code, b.code), cmp.Compare(a.plan, b.plan), cmp.Compare(a.supplier, b.supplier))
	})
	return all
}

// WriteOutside writes a new workbook of why invoices fell outside their plans: the
// sums by code, plan and unit, and every invoice. The answer is one Danish line.
func WriteOutside(path string, fell []Fell) (string, error) {
	var rows []fellRow
	for _, f := range fell {
		if len(f.Reasons) > 0 {
			rows = append(rows, f.rows()...)
		}
	}
	slices.SortStableFunc(rows, func(a, b fellRow) int { return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Item, b.Item)) })
	all := sums(rows)
	if err := writeReport(path, tabOf("Samlet", fellSumColumns, all), tabOf("Fakturaer", fellColumns, rows)); err != nil {
		return "", err
	}
	line := fmt.Sprintf("%s uden for en plan", count(len(fell), "faktura", "fakturaer"))
	if len(all) > 0 {
		line += fmt.Sprintf("; hyppigst %s (%d)", all[0].code, all[0].n)
	}
	return line, nil
}
