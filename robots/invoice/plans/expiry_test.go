package plans

import (
	"strings"
	"testing"
)

func TestRunningOut(t *testing.T) {
	plan := func(number string, from, to Date, bend func(p *Plan)) Plan {
		p := cleaning()
		p.Number, p.ValidFrom, p.ValidTo = number, from, to
		if bend != nil {
			bend(&p)
		}
		return p
	}
	next := func(bend func(p *Plan)) []Plan {
		return []Plan{plan("A", "2026-01-01", "2026-06-30", nil), plan("B", "2026-07-01", "2027-06-30", bend)}
	}
	cases := []struct {
		name  string
		plans []Plan
		want  string
	}{
		{"yesterday", []Plan{plan("A", "2026-01-01", "2026-05-31", nil)}, ""},
		{"today", []Plan{plan("A", "2026-01-01", "2026-06-01", nil)}, "A"},
		{"the last day looked at", []Plan{plan("A", "2026-01-01", "2026-07-01", nil)}, "A"},
		{"the day after", []Plan{plan("A", "2026-01-01", "2026-07-02", nil)}, ""},
		{"soonest first", []Plan{plan("A", "2026-01-01", "2026-06-20", nil), plan("B", "2026-01-01", "2026-06-10", func(p *Plan) { p.CVR = cvrLifts })}, "BA"},
		{"taken over", next(nil), ""},
		{"taken over for any EAN", next(func(p *Plan) { p.EAN = "" }), ""},
		{"taken over for one EAN of all", []Plan{plan("A", "2026-01-01", "2026-06-30", func(p *Plan) { p.EAN = "" }),
			plan("B", "2026-07-01", "2027-06-30", nil)}, "A"},
		{"another EAN", next(func(p *Plan) { p.EAN = eanLibrary }), "A"},
		{"another supplier", next(func(p *Plan) { p.CVR = cvrLifts }), "A"},
		{"other amounts", next(func(p *Plan) { p.From, p.To = dkk("20000"), dkk("30000") }), "A"},
		{"a day's gap", next(func(p *Plan) { p.ValidFrom = "2026-07-02" }), "A"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got string
			for _, e := range RunningOut(c.plans, "2026-06-01", 30) {
				got += e.Plan
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	e := RunningOut([]Plan{cleaning()}, "2026-12-30", 10)
	if len(e) != 1 || e[0].Days != 1 || !strings.Contains(e[0].Text, "udløber 31-12-2026, om 1 dag.") {
		t.Errorf("got %+v", e)
	}
}
