package income

import (
	"slices"
	"strconv"
	"strings"

	"byskriver/robots/internal/eindkomst"
)

// Split puts reports under the month that they belong to: the tax month that they
// name, or else the month in which their pay period ends. Advice goes with every
// month. A report that names neither comes under the zero month.
func Split(t Table, a eindkomst.Answer) map[eindkomst.Month]eindkomst.Answer {
	months := map[eindkomst.Month]eindkomst.Answer{}
	for _, r := range a.Reports {
		m := MonthOf(t, r)
		one := months[m]
		one.Reports = append(one.Reports, r)
		months[m] = one
	}
	for m, one := range months {
		one.Advices = a.Advices
		months[m] = one
	}
	return months
}

// MonthOf is the month that a report belongs to; the zero month where it names none.
func MonthOf(t Table, r eindkomst.Report) eindkomst.Month {
	for _, b := range r.Blanks {
		for _, f := range b.Fields {
			known, ok := t.field(b.Number, f.ID)
			if !ok || known.Is != TaxMonth {
				continue
			}
			value := strings.TrimSpace(f.Value)
			if len(value) != 6 {
				continue
			}
			if m, err := eindkomst.ParseMonth(value[:4] + "-" + value[4:]); err == nil {
				return m
			}
		}
	}
	if r.To.IsZero() {
		return eindkomst.Month{}
	}
	return eindkomst.MonthOf(r.To)
}

// WithoutReversed takes out each report that a reversal takes back, with the
// reversal: the one that says the same but for its mark and the sign of its
// amounts. What has no such counterpart stays.
func WithoutReversed(t Table, a eindkomst.Answer) eindkomst.Answer {
	kept := slices.Clone(a.Reports)
	for i := 0; i < len(kept); i++ {
		if !reversal(t, kept[i].Blanks) {
			continue
		}
		back := slices.IndexFunc(kept, func(r eindkomst.Report) bool {
			return !reversal(t, r.Blanks) && r.SE == kept[i].SE && r.From == kept[i].From && r.To == kept[i].To && says(t, r.Blanks) == says(t, kept[i].Blanks)
		})
		if back < 0 {
			continue
		}
		kept = slices.Delete(kept, max(i, back), max(i, back)+1)
		kept = slices.Delete(kept, min(i, back), min(i, back)+1)
		i = -1
	}
	a.Reports = kept
	return a
}

func reversal(t Table, blanks []eindkomst.Blank) bool {
	return slices.ContainsFunc(blanks, func(b eindkomst.Blank) bool {
		return slices.ContainsFunc(b.Fields, func(f eindkomst.Field) bool {
			known, ok := t.field(b.Number, f.ID)
			return ok && known.Is == Reversal && strings.TrimSpace(f.Value) == "T"
		}) || reversal(t, b.Blanks)
	})
}

// says is what a report comes to without its marks and signs.
func says(t Table, blanks []eindkomst.Blank) string {
	var s strings.Builder
	for _, b := range blanks {
		var fields []string
		for _, f := range b.Fields {
			known, ok := t.field(b.Number, f.ID)
			if !ok || known.Is == Wage || known.Is == OwnPension || known.Is == EmployerPension || known.Is == Art || known.Gives != "" {
				fields = append(fields, strconv.Itoa(f.ID)+"="+strings.TrimPrefix(strings.TrimSpace(f.Value), "-"))
			}
		}
		slices.Sort(fields)
		s.WriteString(strings.Join(fields, " ") + "(" + says(t, b.Blanks) + ")")
	}
	return s.String()
}
