package plans

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// What is wrong with the sheet as a whole.
func TestParseRefusesLayouts(t *testing.T) {
	cases := []struct {
		name string
		edit func(f *excelize.File)
		code string
		says string
	}{
		{"plan sheet missing", func(f *excelize.File) { must(f.SetSheetName(PlanSheet, "Planer")) }, ProblemSheet, PlanSheet},
		{"check sheet missing", func(f *excelize.File) { must(f.DeleteSheet(AlwaysSheet)) }, ProblemSheet, AlwaysSheet},
		{"column missing", func(f *excelize.File) { must(f.RemoveCol(PlanSheet, "H")) }, ProblemColumn, "Kolonnen mangler"},
		{"column unknown", set("V1", "Kommentar"), ProblemColumn, "kendes ikke"},
		{"column twice", set("V1", "CVR"), ProblemColumn, "to gange"},
		{"column without heading", set("V2", "x"), ProblemColumn, "ingen overskrift"},
		{"merged cells", func(f *excelize.File) { must(f.MergeCell(PlanSheet, "U2", "U3")) }, ProblemMerged, "Ophæv"},
		{"number twice", set("A3", "p-001"), ProblemTwice, "række 2"},
		{"formula not calculated", func(f *excelize.File) {
			must(f.SetCellValue(PlanSheet, "L2", nil))
			must(f.SetCellFormula(PlanSheet, "L2", "5*100"))
		}, ProblemFormula, "regnet ud"},
		{"no plans", func(f *excelize.File) { must(f.RemoveRow(PlanSheet, 3)); must(f.RemoveRow(PlanSheet, 2)) }, ProblemEmpty, "ingen planer"},
		{"check of unknown kind", setIn(AlwaysSheet, "A2", "EAN"), ProblemChoice, "Ord i tekst"},
		{"check without reason", setIn(AlwaysSheet, "C2", nil), ProblemMissing, "Udfyld"},
		{"check with a short word", setIn(AlwaysSheet, "B4", "vp"), ProblemForm, "tre bogstaver"},
		{"check with no amount", setIn(AlwaysSheet, "B3", "mange"), ProblemForm, "1.234,50"},
		{"check twice", func(f *excelize.File) {
			must(f.SetSheetRow(AlwaysSheet, "A5", &[]any{"Ord i tekst", "HÅNDVÆRKER", "Igen"}))
		}, ProblemTwice, "række 4"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, problems := Parse(file(t, sampleSheet(), c.edit), DefaultFileLimits())
			if len(s.Plans) > 0 || len(problems) != 1 {
				t.Fatalf("plans %d, problems %v", len(s.Plans), problems)
			}
			if p := problems[0]; p.Code != c.code || !p.Fatal || !strings.Contains(p.String(), c.says) {
				t.Errorf("got %+v, want %s saying %q", p, c.code, c.says)
			}
		})
	}
}

func TestParseSuggestsTheHeadingMeant(t *testing.T) {
	_, problems := Parse(file(t, sampleSheet(), set("K1", "beløb  Fra")), DefaultFileLimits())
	if len(problems) != 2 || !strings.Contains(problems[0].Text+problems[1].Text, "Mente du »Beløb fra«?") {
		t.Errorf("problems %v", problems)
	}
}

// Columns may stand in any order, and empty rows do not count.
func TestParseTakesAnyOrder(t *testing.T) {
	data := file(t, sampleSheet(), func(f *excelize.File) {
		must(f.RemoveCol(PlanSheet, "C"))
		must(f.SetSheetCol(PlanSheet, "Z1", &[]any{"CVR", cvrCleaning, cvrLifts}))
		must(f.InsertRows(PlanSheet, 3, 2))
	})
	s, problems := Parse(data, DefaultFileLimits())
	if len(problems) > 0 || len(s.Plans) != 2 || s.Plans[0].CVR != cvrCleaning || s.Plans[1].CVR != cvrLifts {
		t.Errorf("plans %+v, problems %v", s.Plans, problems)
	}
}

// Formulas that were filled down below the last plan are no plans.
func TestParsePassesOverFormulasThatGiveNothing(t *testing.T) {
	data := file(t, sampleSheet(), func(f *excelize.File) {
		must(f.SetCellFormula(PlanSheet, "B4", `IF(A4="","","x")`))
		must(f.SetCellFormula(PlanSheet, "D4", `IF(A4="","","x")`))
	})
	if s, problems := Parse(data, DefaultFileLimits()); len(problems) > 0 || len(s.Plans) != 2 {
		t.Errorf("plans %d, problems %v", len(s.Plans), problems)
	}
}

func TestParseCountsWhatIsHiddenAndSaysSo(t *testing.T) {
	data := file(t, sampleSheet(), func(f *excelize.File) {
		must(f.SetRowVisible(PlanSheet, 3, false))
		must(f.SetColVisible(PlanSheet, "L", false))
		must(f.SetSheetVisible(AlwaysSheet, false))
	})
	s, problems := Parse(data, DefaultFileLimits())
	if len(s.Plans) != 2 || s.Meta.HiddenRows != 1 || Refused(problems) {
		t.Fatalf("plans %d, hidden %d, problems %v", len(s.Plans), s.Meta.HiddenRows, problems)
	}
	var said []string
	for _, p := range problems {
		if p.Code == ProblemHidden {
			said = append(said, p.Text)
		}
	}
	for _, want := range []string{"1 række er skjult, men tæller med: 3.", "Kolonne L", "Fanen er skjult"} {
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("nothing says %q in %v", want, said)
		}
	}
}

func TestParseNotesAnAgentWhoIsNotUsed(t *testing.T) {
	p := cleaning()
	p.Action = ActionCode
	_, problems := Parse(file(t, Sheet{Plans: []Plan{p}}, nil), DefaultFileLimits())
	if len(problems) != 1 || problems[0].Code != ProblemAgentUnused || problems[0].Fatal {
		t.Errorf("problems %v", problems)
	}
}

// Two plans may not both be able to take one invoice; each of the four ways to
// keep them apart is tried on both sides of its limit.
func TestParseRefusesPlansThatOverlap(t *testing.T) {
	cases := []struct {
		name    string
		bend    func(p *Plan)
		overlap bool
	}{
		{"the same", func(p *Plan) {}, true},
		{"another CVR", func(p *Plan) { p.CVR = cvrLifts }, false},
		{"another EAN", func(p *Plan) { p.EAN = eanLibrary }, false},
		{"any EAN", func(p *Plan) { p.EAN = "" }, true},
		{"from the last day", func(p *Plan) { p.ValidFrom, p.ValidTo = "2026-12-31", "2027-12-31" }, true},
		{"from the day after", func(p *Plan) { p.ValidFrom, p.ValidTo = "2027-01-01", "2027-12-31" }, false},
		{"from the highest amount", func(p *Plan) { p.From, p.To = dkk("12000.50"), dkk("20000") }, true},
		{"from one øre more", func(p *Plan) { p.From, p.To = dkk("12000.51"), dkk("20000") }, false},
		{"to the lowest amount", func(p *Plan) { p.From, p.To = dkk("0"), dkk("1000") }, true},
		{"to one øre less", func(p *Plan) { p.From, p.To = dkk("0"), dkk("999.99") }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := cleaning()
			p.Number = "P-009"
			c.bend(&p)
			_, problems := Parse(file(t, Sheet{Plans: []Plan{cleaning(), p}}, nil), DefaultFileLimits())
			if got := len(problems) > 0; got != c.overlap {
				t.Fatalf("problems %v, want overlap %v", problems, c.overlap)
			}
			if !c.overlap {
				return
			}
			if p := problems[0]; p.Code != ProblemOverlap || p.Row != 3 || !strings.Contains(p.Text, "Plan P-009 og plan P-001 (række 2)") {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestParseBoundsRowsAndProblems(t *testing.T) {
	l := DefaultFileLimits()
	l.Rows, l.Problems = 2, 3
	_, problems := Parse(file(t, sampleSheet(), nil), l)
	if len(problems) != 1 || problems[0].Code != ProblemRows || problems[0].Sheet != AlwaysSheet {
		t.Errorf("three rows where two are allowed: %v", problems)
	}
	l.Rows = 3
	if _, problems := Parse(file(t, sampleSheet(), nil), l); len(problems) > 0 {
		t.Errorf("as many rows as allowed: %v", problems)
	}
	l.Rows = 100
	data := file(t, sampleSheet(), func(f *excelize.File) {
		for i := range 20 {
			must(f.SetCellValue(PlanSheet, fmt.Sprintf("A%d", i+4), "x"))
		}
	})
	_, problems = Parse(data, l)
	if len(problems) != 4 || problems[3].Code != ProblemMore || !problems[3].Fatal {
		t.Errorf("got %d problems, the last %+v", len(problems), problems[len(problems)-1])
	}
}
