package plans

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"byskriver/robots/internal/ident"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// words draws text of any letters, formulas and markup among them, as it stands
// after clean and without what looks like a CPR number.
func anyText(most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.OneOf(
			rapid.StringN(0, most, -1),
			rapid.SampledFrom([]string{"=1+1", "+45", "-x", "@a", "_x0041_", "<b>&amp;", "'x", "\"", "1-2", "0012", "1E5", "12,5", "SAND", "01-01-2026", "😀 å"}),
		).Draw(t, "text")
		s = clean(s)
		if r := []rune(s); len(r) > most {
			s = clean(string(r[:most]))
		}
		if _, bad := noCPR(s); bad != nil {
			return "x"
		}
		return s
	})
}

func orX(s string) string {
	if s == "" {
		return "x"
	}
	return s
}

var cvrs = rapid.SampledFrom([]string{cvrCleaning, cvrLifts, cvrOther, "99900040", "99900059"})

func anyAmount(t *rapid.T, label string) decimal.Decimal {
	return decimal.New(rapid.Int64Range(0, 5_000_000).Draw(t, label), -2)
}

func anyDate(t *rapid.T, label string) Date {
	return Date("2024-01-01").addDays(rapid.IntRange(0, 1500).Draw(t, label))
}

func anyPlan(number string) *rapid.Generator[Plan] {
	return rapid.Custom(func(t *rapid.T) Plan {
		p := Plan{Number: number, Supplier: orX(anyText(200).Draw(t, "supplier")), CVR: cvrs.Draw(t, "cvr"),
			EAN:     rapid.SampledFrom([]string{"", eanSchool, eanLibrary}).Draw(t, "ean"),
			Account: rapid.StringMatching(`[0-9A-Z.]{1,20}`).Draw(t, "account"),
			VATCode: rapid.StringMatching(`[0-9A-Z]{1,20}`).Draw(t, "vat"),
			Text:    rapid.SampledFrom([]string{"", "Nr {fakturanr}", "{måned} {år} {leverandør}"}).Draw(t, "text"),
			Basis:   rapid.SampledFrom([]Basis{Net, Gross}).Draw(t, "basis"),
			From:    anyAmount(t, "from"), To: anyAmount(t, "to"),
			Interval: rapid.SampledFrom([]Interval{Monthly, Quarterly, HalfYearly, Yearly, NoInterval}).Draw(t, "interval"),
			PerMonth: rapid.IntRange(0, 3).Draw(t, "per month"), PerYear: rapid.IntRange(0, 30).Draw(t, "per year"),
			ValidFrom: anyDate(t, "valid from"), ValidTo: anyDate(t, "valid to"),
			Action: rapid.SampledFrom([]Action{ActionCode, ActionForward, ActionApprove}).Draw(t, "action"),
			Area:   anyText(100).Draw(t, "area"), Note: anyText(300).Draw(t, "note"),
		}
		if rapid.Bool().Draw(t, "psp") {
			p.PSP = rapid.StringMatching(`X[GAM]-[0-9]{10}`).Draw(t, "element")
		} else {
			p.CostCentre = rapid.StringMatching(`[0-9]{10}`).Draw(t, "centre")
		}
		if p.Action == ActionForward {
			p.NextAgent = orX(anyText(60).Draw(t, "agent"))
		}
		if p.From.GreaterThan(p.To) {
			p.From, p.To = p.To, p.From
		}
		if p.ValidFrom > p.ValidTo {
			p.ValidFrom, p.ValidTo = p.ValidTo, p.ValidFrom
		}
		return p
	})
}

// anySheet draws a sheet without overlaps.
var anySheet = rapid.Custom(func(t *rapid.T) Sheet {
	s := Sheet{Plans: []Plan{}, Always: []Always{}}
	for i := range rapid.IntRange(1, 8).Draw(t, "plans") {
		p := anyPlan(fmt.Sprintf("P%02d", rapid.IntRange(0, 12).Draw(t, "number")*10+i%10)).Draw(t, "plan")
		clash := func(q Plan) bool { return q.Number == p.Number || overlap(&p, &q) }
		if !slices.ContainsFunc(s.Plans, clash) {
			s.Plans = append(s.Plans, p)
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "checks") {
		a := rapid.SampledFrom([]Always{
			{ByCVR, cvrs.Draw(t, "check cvr"), ""}, {ByAmount, anyAmount(t, "over").String(), ""},
			{ByWord, clean("abc" + anyText(20).Draw(t, "word")), ""},
		}).Draw(t, "check")
		same := func(b Always) bool { return b.Criterion == a.Criterion && fold(b.Value) == fold(a.Value) }
		a.Reason = orX(anyText(100).Draw(t, "reason"))
		if _, bad := noCPR(a.Value); bad == nil && !slices.ContainsFunc(s.Always, same) {
			s.Always = append(s.Always, a)
		}
	}
	s.Meta.LastModifiedBy = "Bente"
	s.sort()
	return s
})

func mustJSON(t *rapid.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParseGivesBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anySheet.Draw(t, "sheet")
		var b bytes.Buffer
		if err := WriteTo(&b, want); err != nil {
			t.Fatal(err)
		}
		got, problems := Parse(b.Bytes(), DefaultFileLimits())
		if len(problems) > 0 {
			t.Fatalf("problems %v in %s", problems, mustJSON(t, want))
		}
		if got.Meta.LastModifiedBy != "Bente" {
			t.Errorf("meta %+v", got.Meta)
		}
		got.Meta, want.Meta = Meta{}, Meta{}
		if mustJSON(t, got) != mustJSON(t, want) {
			t.Errorf("got  %s\nwant %s", mustJSON(t, got), mustJSON(t, want))
		}
	})
}

// A changed byte anywhere in the file is either seen, or changes nothing that
// the sheet says.
func TestParseSeesAChangedByte(t *testing.T) {
	good := file(t, sampleSheet(), nil)
	s, _ := Parse(good, DefaultFileLimits())
	want, err := s.ContentDigest()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		data := bytes.Clone(good)
		at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
		data[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		s, problems := Parse(data, DefaultFileLimits())
		if Refused(problems) {
			return
		}
		if got, err := s.ContentDigest(); err != nil || got != want {
			t.Errorf("byte %d changed what the sheet says: %s", at, mustJSON(t, s))
		}
	})
}

func TestSheetSurvivesJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anySheet.Draw(t, "sheet")
		var got Sheet
		if err := json.Unmarshal([]byte(mustJSON(t, want)), &got); err != nil {
			t.Fatal(err)
		}
		if mustJSON(t, got) != mustJSON(t, want) || len(Diff(want, got)) > 0 {
			t.Errorf("got %s", mustJSON(t, got))
		}
	})
}

func TestDiffOfTheSameIsEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySheet.Draw(t, "sheet")
		if c := Diff(s, s); len(c) > 0 {
			t.Errorf("got %+v", c)
		}
	})
}

// What a person approves is all there is: from the old sheet and the texts of
// the changes alone, the new sheet is rebuilt.
func TestDiffSaysAllThereIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := anySheet.Draw(t, "old"), anySheet.Draw(t, "new")
		got := rebuild(t, old, Diff(old, new))
		new.Meta, got.Meta = Meta{}, Meta{}
		if mustJSON(t, got) != mustJSON(t, new) {
			t.Errorf("got  %s\nwant %s", mustJSON(t, got), mustJSON(t, new))
		}
	})
}

// rebuild applies changes to a sheet by reading their texts as cells.
func rebuild(t *rapid.T, s Sheet, changes []Change) Sheet {
	plans := byNumber(s.Plans)
	checks := map[string]Always{}
	key := func(a Always) string { return string(a.Criterion) + a.Value }
	for _, a := range s.Always {
		checks[key(a)] = a
	}
	for _, c := range changes {
		switch c.Kind {
		case PlanRemoved:
			delete(plans, c.Plan)
		case PlanAdded, PlanChanged:
			p := plans[c.Plan]
			reread(t, planColumns, &p, c.Fields, func(f FieldChange) string { return f.New })
			plans[p.Number] = p
		default:
			var old, new Always
			reread(t, alwaysColumns, &old, c.Fields, func(f FieldChange) string { return f.Old })
			reread(t, alwaysColumns, &new, c.Fields, func(f FieldChange) string { return f.New })
			delete(checks, key(old))
			if c.Kind != CheckRemoved {
				checks[key(new)] = new
			}
		}
	}
	out := Sheet{Plans: []Plan{}, Always: []Always{}}
	for _, p := range plans {
		out.Plans = append(out.Plans, p)
	}
	for _, a := range checks {
		out.Always = append(out.Always, a)
	}
	out.sort()
	return out
}

func reread[T any](t *rapid.T, columns []column[T], row *T, fields []FieldChange, side func(FieldChange) string) {
	for _, f := range fields {
		for _, c := range columns {
			if c.name != f.Column {
				continue
			}
			if side(f) == "" {
				blank(row, c.name)
			} else if bad := c.read(cell{text: side(f)}, row); bad != nil {
				t.Fatalf("%s %q: %v", c.name, side(f), bad)
			}
		}
	}
}

// blank empties an optional field of a plan.
func blank(row any, heading string) {
	p, ok := row.(*Plan)
	if !ok {
		return
	}
	switch heading {
	case colEAN:
		p.EAN = ""
	case colPSP:
		p.PSP = ""
	case colCostCentre:
		p.CostCentre = ""
	case colText:
		p.Text = ""
	case colPerMonth:
		p.PerMonth = 0
	case colPerYear:
		p.PerYear = 0
	case colAgent:
		p.NextAgent = ""
	case colArea:
		p.Area = ""
	case colNote:
		p.Note = ""
	}
}

// The CVR and EAN numbers of these tests are right, or they would test nothing.
func TestSampleNumbersAreValid(t *testing.T) {
	for _, n := range []string{cvrCleaning, cvrLifts, cvrOther, "99900040", "99900059"} {
		if !ident.ValidCVR(n) {
			t.Errorf("CVR %s", n)
		}
	}
	for _, n := range []string{eanSchool, eanLibrary} {
		if !ident.ValidGLN(n) {
			t.Errorf("EAN %s", n)
		}
	}
}
