package grants

import (
	"cmp"
	"slices"
	"time"

	"byskriver/robots/invoice/reading"
)

// Period is what an invoice bills, both days included, YYYY-MM-DD.
type Period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// periodOf is the period that an invoice states: its own, or that of its lines if
// each has one and there is no gap between them. What is stated otherwise is not
// understood, and counts as not stated; half a period counts as wrong.
func periodOf(inv reading.Invoice, without WithoutPeriod) (p Period, ok bool) {
	if inv.Period != (reading.Period{}) {
		p = Period(inv.Period)
		return p, p.valid()
	}
	if lines := stated(inv.Lines); len(lines) > 0 {
		if len(lines) != len(inv.Lines) {
			return p, false
		}
		return joined(lines)
	}
	day, err := time.Parse(time.DateOnly, inv.IssueDate)
	if err != nil {
		return p, false
	}
	switch without {
	case IssueMonth:
		return monthOf(day), true
	case MonthBefore:
		return monthOf(day.AddDate(0, 0, -day.Day())), true
	}
	return p, false
}

func stated(lines []reading.Line) (all []Period) {
	for _, l := range lines {
		if l.Period != (reading.Period{}) {
			all = append(all, Period(l.Period))
		}
	}
	return all
}

// joined is the one period that several make up.
func joined(all []Period) (Period, bool) {
	for _, p := range all {
		if !p.valid() {
			return Period{}, false
		}
	}
	slices.SortFunc(all, func(a, b Period) int { return cmp.Compare(a.From, b.From) })
	out := all[0]
	for _, p := range all[1:] {
		if p.From > after(out.To) {
			return Period{}, false
		}
		out.To = max(out.To, p.To)
	}
	return out, true
}

func monthOf(day time.Time) Period {
	first := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
	return Period{first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly)}
}

// valid reports whether both days exist, in order.
func (p Period) valid() bool {
	_, errFrom := time.Parse(time.DateOnly, p.From)
	_, errTo := time.Parse(time.DateOnly, p.To)
	return errFrom == nil && errTo == nil && p.From <= p.To
}

// after is the day after a valid one.
func after(day string) string {
	t, _ := time.Parse(time.DateOnly, day)
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// meets reports whether two periods have a day in common.
func (p Period) meets(o Period) bool { return p.From <= o.To && o.From <= p.To }

// within reports whether a grant holds on every day of a period.
func (p Period) within(g Grant) bool { return g.From <= p.From && (g.To == "" || p.To <= g.To) }

// days is how many days a valid period has.
func (p Period) days() int {
	from, _ := time.Parse(time.DateOnly, p.From)
	to, _ := time.Parse(time.DateOnly, p.To)
	return int(to.Sub(from).Hours()/24) + 1
}

// months is how many whole calendar months a valid period is; 0 if it is not.
func (p Period) months() int {
	from, _ := time.Parse(time.DateOnly, p.From)
	next, _ := time.Parse(time.DateOnly, after(p.To))
	if from.Day() != 1 || next.Day() != 1 {
		return 0
	}
	return (next.Year()-from.Year())*12 + int(next.Month()) - int(from.Month())
}

// Danish is the period as staff write it, such as 01.10.2026-31.10.2026.
func (p Period) Danish() string {
	return dotted(p.From, "02.01.2006") + "-" + dotted(p.To, "02.01.2006")
}

// short is the period as it fits in a remark, such as 01.10.26-31.10.26.
func (p Period) short() string { return dotted(p.From, "02.01.06") + "-" + dotted(p.To, "02.01.06") }

func dotted(day, layout string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format(layout)
}

// interval is a word for how often a grant pays, and how many of them a period is.
type interval struct {
	word  string
	times func(Period) int // 0 if the period is no whole number of them
}

// intervals are the words that the rules understand. A grant with another word
// cannot be excluded by its amount, and is not coded either.
var intervals = []interval{
	{"Døgn", Period.days},
	{"Uge", func(p Period) int { return whole(p.days(), 7) }},
	{"Måned", Period.months},
	{"Kvartal", func(p Period) int { return whole(p.months(), 3) }},
	{"Halvår", func(p Period) int { return whole(p.months(), 6) }},
	{"År", func(p Period) int { return whole(p.months(), 12) }},
	{"Engang", func(Period) int { return 1 }},
}

// whole is n divided by of, or 0 if that leaves something.
func whole(n, of int) int {
	if n%of != 0 {
		return 0
	}
	return n / of
}

// timesIn is how often a grant pays in a period. known is false where the rules do
// not know its interval.
func (g Grant) timesIn(p Period) (n int, known bool) {
	for _, i := range intervals {
		if i.word == g.Interval {
			return i.times(p), true
		}
	}
	return 0, false
}
