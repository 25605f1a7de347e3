package fleksloen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"byskriver/robots/fleksloen/income"
	"byskriver/robots/internal/eindkomst"
)

// with is a report with more in it: fields beside its amounts, an art, and blankets
// beside the amounts.
func with(r eindkomst.Report, fields []eindkomst.Field, art string, more ...eindkomst.Blank) eindkomst.Report {
	kind := &r.Blanks[0].Blanks[0]
	kind.Fields = []eindkomst.Field{{ID: eindkomst.FieldArt, Value: art}}
	kind.Blanks[0].Fields = append(kind.Blanks[0].Fields, fields...)
	kind.Blanks = append(kind.Blanks, more...)
	return r
}

// An earlier month whose wage and pensions are as they were, but whose reports show
// something else beside them, is never passed over: what it counts for is a
// person's to judge.
func TestRegulationOfWhatStandsBesideTheSameWage(t *testing.T) {
	march := june.Add(-3)
	plainly := func() eindkomst.Report { return reported(acme, march, "13923.50") }
	field := func(id int, value string) []eindkomst.Field { return []eindkomst.Field{{ID: id, Value: value}} }
	corrected := plainly()
	corrected.Blanks[0].Fields = append(corrected.Blanks[0].Fields, eindkomst.Field{ID: 151, Value: "1"})
	for name, c := range map[string]struct {
		report eindkomst.Report
		want   string // what the proposal names; "" where nothing has changed
	}{
		"as it was":           {plainly(), ""},
		"corrected to itself": {corrected, ""},
		"B-income":            {with(plainly(), field(70, "4000.00"), ""), "felt 070 (B-indkomst) er 4.000,00 kr."},
		"income without AM":   {with(plainly(), field(58, "4000.00"), ""), "felt 058"},
		"holiday pay":         {with(plainly(), field(217, "900.00"), ""), "felt 217"},
		"refund":              {with(plainly(), nil, "", eindkomst.Blank{Number: 16300}), "blanket 16300"},
		"sickness benefit":    {with(plainly(), nil, "0103"), "indtægtsart 0103"},
		"an unknown field":    {with(plainly(), field(999, "1"), ""), "felt 999"},
		"several things":      {with(plainly(), append(field(70, "4000.00"), field(217, "900.00")...), ""), "felt 217"},
	} {
		t.Run(name, func(t *testing.T) {
			in := plain(t)
			in.Answer.Reports[1] = c.report
			v := Decide(in)
			if c.want == "" {
				if v.Setting == nil || len(v.Regulations) != 0 {
					t.Fatalf("refused %+v, regulations %+v", v.Refusal, v.Regulations)
				}
				return
			}
			if v.Setting != nil || len(v.Regulations) != 1 || v.Refusal.Code != codeRegulate || !v.Refusal.May || !strings.Contains(v.Refusal.Text, c.want) {
				t.Fatalf("set %+v, refused %+v", v.Setting, v.Refusal)
			}
			if !strings.HasPrefix(v.Refusal.Text, "Indberetningen for 2024-03 rummer mere end den løn og pension, som tilskuddet for 2024-04 blev sat efter (til 15.272,00 kr.): ") {
				t.Error(v.Refusal.Text)
			}
			if r := v.Regulations[0]; r.Computed != nil || !r.Now.Sum().Equal(kr("15600")) || name == "several things" && !strings.Contains(r.Why, "felt 070") {
				t.Errorf("%+v", r)
			}
			if rows := fmt.Sprint(sheetRows(in, v)); !strings.Contains(rows, "Dengang: løn i alt 15600") || !strings.Contains(rows, "Nu: løn og pension i alt 15600") || !strings.Contains(rows, c.want) {
				t.Errorf("the sheet does not show both: %s", rows)
			}
		})
	}
}

// An earlier month that was computed from two employers stands as long as it is
// those two; advice is about the whole answer and goes with the month of income.
func TestRegulationKnowsTheEmployers(t *testing.T) {
	march := june.Add(-3)
	zero := func(se string) eindkomst.Report {
		r := reported(se, march, "0.00")
		for i := range r.Blanks[0].Blanks[0].Blanks[0].Fields {
			r.Blanks[0].Blanks[0].Blanks[0].Fields[i].Value = "0.00"
		}
		return r
	}
	for paid, want := range map[string]int{acme + "," + other: 0, acme: 1, other: 1} {
		in := plain(t)
		in.Answer.Reports = append(slices.Clone(in.Answer.Reports), zero(other))
		in.Case.History[1].SE = paid
		if v := Decide(in); len(v.Regulations) != want {
			t.Errorf("paid for %s: %+v", paid, v.Regulations)
		}
	}
	in := plain(t)
	in.Answer.Advices = []eindkomst.Advice{{ID: "1", Text: "besked"}}
	if v := Decide(in); len(v.Regulations) != 0 || v.Refusal.Code != income.Told {
		t.Errorf("%+v, %+v", v.Refusal, v.Regulations)
	}
}
