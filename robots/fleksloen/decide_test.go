package fleksloen

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/income"
	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
	"byskriver/schedules"
)

const (
	citizen = "8605010001" // born 26 May 2001
	acme    = "13748136"
	other   = "25313763"
)

func kr(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func day(y, m, d int) schedules.Date { return schedules.Date{Year: y, Month: time.Month(m), Day: d} }

// june is the subsidy's month in these tests; its income is May's.
var june = eindkomst.Month{Year: 2024, Month: time.June}

// plain is a month in which nothing is the matter: star.dk's published example,
// the same as the month before.
func plain(t testing.TB) Input {
	t.Helper()
	table, err := income.Standard()
	if err != nil {
		t.Fatal(err)
	}
	loft := kr("32067")
	rate := subsidy.Rate{Year: 2024, Maximum: kr("19952"), Threshold: kr("16323"), MaximumSource: "star.dk", ThresholdSource: "star.dk"}
	in := Input{Table: table, Rate: rate, Rates: map[int]subsidy.Rate{2024: rate}, Rounding: subsidy.None, Answer: eindkomst.Answer{}}
	in.CaseInput = CaseInput{Month: june, Income: june.Add(-1), Asked: Content{Case: "FL-10231", CPR: citizen, Month: june}, Limits: DefaultLimits()}
	in.Case = benefits.Case{Number: "FL-10231", CPR: citizen, Name: "Ane Opdigtet", Status: statusActive, Scheme: schemeNew, Kind: kindEmployed, OtherPension: pensionNone,
		From: day(2020, 1, 1), PensionFrom: day(2071, 5, 26), Post: "Kontorassistent", SE: acme, Employer: "Fiktiv Handel A/S", Loenloft: &loft, LoenloftSince: day(2024, 1, 1)}
	for i := 1; i <= 4; i++ {
		m := june.Add(-i)
		in.Case.History = append(in.Case.History, benefits.Setting{Month: m.String(), IncomeMonth: m.Add(-1).String(), Wage: kr("13923.50"), OwnPension: kr("558.84"),
			EmployerPension: kr("1117.66"), SE: acme, Subsidy: kr("15272"), Text: "Fleksløntilskud, beregnet af robot", By: "ROBOT01"})
	}
	for i := 4; i >= 1; i-- {
		in.Answer.Reports = append(in.Answer.Reports, reported(acme, june.Add(-i), "13923.50"))
	}
	return in
}

// reported is an ordinary report with that wage and the pensions of the example.
func reported(se string, m eindkomst.Month, wage string) eindkomst.Report {
	return eindkomst.Report{SE: se, From: m.First(), To: m.Last(), Blanks: []eindkomst.Blank{{
		Number: eindkomst.BlankReport, Fields: []eindkomst.Field{{ID: eindkomst.FieldIncomeType, Value: "00"}, {ID: eindkomst.FieldReversal, Value: "I"}},
		Blanks: []eindkomst.Blank{{Number: eindkomst.BlankIncome, Blanks: []eindkomst.Blank{{Number: eindkomst.BlankAmounts, Fields: []eindkomst.Field{
			{ID: eindkomst.FieldWage, Value: wage}, {ID: eindkomst.FieldOwnPension, Value: "558.84"}, {ID: eindkomst.FieldEmployerPension, Value: "1117.66"}}}}}}}}}
}

// last is the newest report, that of the month of income.
func last(in *Input) *eindkomst.Report { return &in.Answer.Reports[len(in.Answer.Reports)-1] }

func setWage(in *Input, wage string) { *last(in) = reported(acme, in.Income, wage) }

func TestAnOrdinaryMonthIsSet(t *testing.T) {
	v := Decide(plain(t))
	want := benefits.Setting{Month: "2024-06", IncomeMonth: "2024-05", Wage: kr("13923.50"), OwnPension: kr("558.84"), EmployerPension: kr("1117.66"),
		SE: acme, Subsidy: kr("15272"), Text: "Fleksløntilskud, beregnet af robot"}
	if v.Refusal != nil || v.Wait != "" || v.Setting == nil || !v.Setting.Same(want) || len(v.Regulations) != 0 {
		t.Fatalf("refused %+v, wait %q, set %+v, regulations %+v", v.Refusal, v.Wait, v.Setting, v.Regulations)
	}
	if !v.Difference.IsZero() || v.Last.Month != "2024-05" {
		t.Errorf("difference %s to %+v", v.Difference, v.Last)
	}
}

// Each rule on each side of its limit: "" is the side on which the month is set.
func TestEachRuleOnEachSide(t *testing.T) {
	setLoft := func(s string) func(*Input) {
		return func(in *Input) { d := kr(s); in.Case.Loenloft = &d }
	}
	for _, c := range []struct {
		name   string
		change func(*Input)
		want   string
	}{
		{"on the obsliste", func(in *Input) { in.Watch = "Klagesag" }, "OBSLISTE"},
		{"another citizen's case", func(in *Input) { in.Case.CPR = "7105020002" }, "SAG-BORGER"},
		{"another case", func(in *Input) { in.Case.Number = "FL-10232" }, "SAG-BORGER"},
		{"no CPR number", func(in *Input) { in.Case.CPR, in.Asked.CPR = "8613010001", "8613010001" }, "SAG-BORGER"},
		{"closed", func(in *Input) { in.Case.Status = "Ophørt" }, "SAG-STATUS"},
		{"no status", func(in *Input) { in.Case.Status = "" }, "SAG-STATUS"},
		{"from before 2013", func(in *Input) { in.Case.Scheme = "Fleksjob før 1. januar 2013" }, "ORDNING-GAMMEL"},
		{"self-employed", func(in *Input) { in.Case.Kind = "Selvstændig" }, "SELVSTÆNDIG"},
		{"seniorpension", func(in *Input) { in.Case.OtherPension = "Seniorpension" }, "PENSION-ANDEN"},
		{"nothing said of another pension", func(in *Input) { in.Case.OtherPension = "" }, "PENSION-ANDEN"},
		{"24 at the month's end", func(in *Input) { in.Case.CPR, in.Asked.CPR = "6107994001", "6107994001" }, "ALDER-UNDER"}, // 1 July 1999
		{"25 on the month's last day", func(in *Input) { in.Case.CPR, in.Asked.CPR = "9006990001", "9006990001" }, ""},       // 30 June 1999
		{"folkepension six months ahead", func(in *Input) { in.Case.PensionFrom = day(2024, 12, 31) }, "ALDER-PENSION"},
		{"folkepension seven months ahead", func(in *Input) { in.Case.PensionFrom = day(2025, 1, 1) }, ""},
		{"folkepension not known", func(in *Input) { in.Case.PensionFrom = schedules.Date{} }, "ALDER-PENSION"},
		{"absence noted", func(in *Input) { in.Case.Absence = "Barsel fra 12.05.2024" }, "FRAVÆR"},
		{"set by somebody", func(in *Input) {
			in.Case.History = append(in.Case.History, benefits.Setting{Month: "2024-06", By: "LBY00101"})
		}, "MÅNED-SAT"},
		{"ends with the month", func(in *Input) { in.Case.To = day(2024, 6, 30) }, "SIDSTE-MÅNED"},
		{"ends the day after", func(in *Input) { in.Case.To = day(2024, 7, 1) }, ""},
		{"began with the month of income", func(in *Input) { in.Case.From = day(2024, 5, 1) }, "FØRSTE-MÅNED"},
		{"began the day before", func(in *Input) { in.Case.From = day(2024, 4, 30) }, ""},
		{"no beginning", func(in *Input) { in.Case.From = schedules.Date{} }, "FØRSTE-MÅNED"},
		{"nothing set before", func(in *Input) { in.Case.History = nil }, "FØRSTE-MÅNED"},
		{"last month missing", func(in *Input) { in.Case.History = in.Case.History[1:] }, "HISTORIK-MANGLER"},
		{"last month twice", func(in *Input) { in.Case.History = append(in.Case.History, in.Case.History[0]) }, "HISTORIK-MANGLER"},
		{"no lønloft", func(in *Input) { in.Case.Loenloft = nil }, "LØNLOFT-MANGLER"},
		{"lønloft of zero", setLoft("0"), "LØNLOFT-MANGLER"},
		{"lønloft of fourteen months before", func(in *Input) { in.Case.LoenloftSince = day(2023, 4, 1) }, ""},
		{"lønloft a day older", func(in *Input) { in.Case.LoenloftSince = day(2023, 3, 31) }, "LØNLOFT-FORÆLDET"},
		{"lønloft dated after the month", func(in *Input) { in.Case.LoenloftSince = day(2024, 7, 1) }, "LØNLOFT-FORÆLDET"},
		{"lønloft of the month's last day", func(in *Input) { in.Case.LoenloftSince = day(2024, 6, 30) }, ""},
		{"lønloft without a date", func(in *Input) { in.Case.LoenloftSince = schedules.Date{} }, "LØNLOFT-FORÆLDET"},
		{"nothing reported, and waited", func(in *Input) { in.Answer.Reports, in.Waited = in.Answer.Reports[:3], true }, codeMissing},
		{"an employer gone, and waited", func(in *Input) { in.Case.History[0].SE, in.Waited = acme+","+other, true }, "ARBEJDSGIVER-VÆK"},
		{"a new employer", func(in *Input) { last(in).SE = other; in.Case.History[0].SE = acme }, "ARBEJDSGIVER-NY"},
		{"two employers", func(in *Input) { in.Answer.Reports = append(in.Answer.Reports, reported(other, in.Income, "1.00")) }, income.Employers},
		{"up by a thousand", func(in *Input) { setWage(in, "14923.50") }, ""},
		{"up by an øre more", func(in *Input) { setWage(in, "14923.51") }, "INDKOMST-ÆNDRET"},
		{"down by a thousand", func(in *Input) { setWage(in, "12923.50") }, ""},
		{"down by an øre more", func(in *Input) { setWage(in, "12923.49") }, "INDKOMST-ÆNDRET"},
		{"up by the percentage", func(in *Input) { in.Limits.IncomeChangePercent = kr("1"); setWage(in, "14079.50") }, ""},
		{"up by more than it", func(in *Input) { in.Limits.IncomeChangePercent = kr("1"); setWage(in, "14079.51") }, "INDKOMST-ÆNDRET"},
		{"income at the least", func(in *Input) { in.Limits.LeastIncome = kr("15600") }, ""},
		{"income under the least", func(in *Input) { in.Limits.LeastIncome = kr("15600.01") }, "INDKOMST-LAV"},
		{"income at the most", func(in *Input) { in.Limits.MostIncome = kr("15600") }, ""},
		{"income over the most", func(in *Input) { in.Limits.MostIncome = kr("15599.99") }, "INDKOMST-HØJ"},
		{"lønloft just met", setLoft("30872.00"), ""},
		{"lønloft binds for the first time", setLoft("30871.99"), "LØNLOFT-BINDER"},
		{"lønloft bound before", func(in *Input) { setLoft("30800")(in); in.Case.History[0].Subsidy = kr("15200") }, ""},
		{"subsidy at the least", func(in *Input) { in.Limits.LeastSubsidy = kr("15272") }, ""},
		{"subsidy under the least", func(in *Input) { in.Limits.LeastSubsidy = kr("15272.01") }, "TILSKUD-LAVT"},
		{"subsidy up by the limit", func(in *Input) { in.Case.History[0].Subsidy = kr("14772") }, ""},
		{"subsidy up by more", func(in *Input) { in.Case.History[0].Subsidy = kr("14771.99") }, "TILSKUD-ÆNDRET"},
		{"subsidy down by more", func(in *Input) { in.Case.History[0].Subsidy = kr("15772.01") }, "TILSKUD-ÆNDRET"},
		{"wage under the lønloft", func(in *Input) { setLoft("15700.01")(in); in.Case.History[0].Subsidy = kr("100.01") }, ""},
		{"lønloft bound before, in a year whose rates are not known", func(in *Input) {
			setLoft("30800")(in)
			in.Case.History[0].Subsidy, in.Rates = kr("15200"), nil
		}, "LØNLOFT-BINDER"},
		{"wage at the lønloft", setLoft("15600"), "LØN-OVER-LOFT"},
		{"nothing left of the subsidy", func(in *Input) { in.Rate.Maximum = kr("4680") }, "TILSKUD-NUL"},
		{"an øre left", func(in *Input) {
			in.Rate.Maximum, in.Case.History[0].Subsidy, in.Limits.LeastSubsidy = kr("4680.01"), kr("0.01"), kr("0")
		}, ""},
		{"two payments in one pay period", func(in *Input) {
			setWage(in, "7000.00")
			last(in).Blanks = append(last(in).Blanks, reported(acme, in.Income, "6923.50").Blanks...)
		}, income.Payments},
		{"the second of them without pension", func(in *Input) {
			setWage(in, "7000.00")
			more := reported(acme, in.Income, "6923.50").Blanks
			more[0].Blanks[0].Blanks[0].Fields = more[0].Blanks[0].Blanks[0].Fields[:1]
			last(in).Blanks = append(last(in).Blanks, more...)
		}, income.Pension},
		{"an unknown field", func(in *Input) {
			b := &last(in).Blanks[0]
			b.Fields = append(b.Fields, eindkomst.Field{ID: 999, Value: "x"})
		}, income.UnknownField},
		{"a report of no month", func(in *Input) {
			in.Answer.Reports = append(in.Answer.Reports, eindkomst.Report{SE: acme, Blanks: reported(acme, june, "1.00").Blanks})
		}, income.NotAMonth},
		{"a report of a month that was not asked for", func(in *Input) { in.Answer.Reports = append(in.Answer.Reports, reported(acme, june, "1.00")) }, income.OtherMonth},
		{"advice with the answer", func(in *Input) { in.Answer.Advices = []eindkomst.Advice{{ID: "1", Text: "besked"}} }, income.Told},
		{"approval wanted", func(in *Input) { in.Approval = true }, codeApproval},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := plain(t)
			c.change(&in)
			v := Decide(in)
			code := ""
			if v.Refusal != nil {
				code = v.Refusal.Code
			}
			if code != c.want || v.Wait != "" || (v.Setting == nil) != (c.want != "") {
				t.Fatalf("code %q (%+v), wait %q, set %+v; want %q", code, v.Refusal, v.Wait, v.Setting, c.want)
			}
			if v.Refusal != nil && strings.ContainsAny(v.Refusal.Text, "{}") {
				t.Errorf("the text has a gap: %s", v.Refusal.Text)
			}
		})
	}
}

// No data is waited for, and never a wage of zero.
func TestNoDataIsWaitedFor(t *testing.T) {
	in := plain(t)
	in.Answer.Reports = in.Answer.Reports[:3]
	if v := Decide(in); v.Wait == "" || v.Refusal != nil || v.Setting != nil || v.Computed != nil {
		t.Errorf("%+v", v)
	}
	in = plain(t)
	in.Case.History[0].SE = acme + "," + other
	if v := Decide(in); !strings.Contains(v.Wait, other) || strings.Contains(v.Wait, acme) || v.Setting != nil {
		t.Errorf("one of two has reported: %+v", v)
	}
}

// The municipality can do without its own criteria, and without nothing else.
func TestCriteriaCanBeSwitchedOff(t *testing.T) {
	in := plain(t)
	setWage(&in, "20000.00")
	in.Limits.Off = []string{"INDKOMST-ÆNDRET", "TILSKUD-ÆNDRET", "LØNLOFT-BINDER"}
	if v := Decide(in); v.Setting == nil {
		t.Errorf("refused %+v", v.Refusal)
	}
	if err := CheckOff(in.Limits.Off); err != nil {
		t.Error(err)
	}
	if err := CheckOff([]string{income.UnknownField}); err == nil || !strings.Contains(err.Error(), "TILSKUD-ÆNDRET") {
		t.Errorf("%v", err)
	}
}

// A person approves the amount that was seen, and no other; what is no criterion
// of the municipality's own is refused all the same.
func TestApproval(t *testing.T) {
	in := plain(t)
	in.Approval, in.By = true, "Karen Holm"
	amount := kr("15272")
	in.Approved = &amount
	if v := Decide(in); v.Setting == nil || v.Setting.Text != "Fleksløntilskud, godkendt af Karen Holm" {
		t.Errorf("%+v, %+v", v.Refusal, v.Setting)
	}
	setWage(&in, "13924.50")
	if v := Decide(in); v.Setting != nil || v.Refusal.Code != codeOther || !v.Refusal.May {
		t.Errorf("another amount than approved: %+v", v.Refusal)
	}
	in = plain(t)
	in.Approved = &amount
	in.Case.Absence = "Barsel"
	if v := Decide(in); v.Setting != nil || v.Refusal.Code != "FRAVÆR" || v.Refusal.May {
		t.Errorf("approved over a rule: %+v", v.Refusal)
	}
}

// An earlier month that is reported otherwise now becomes a proposal with both
// calculations; this month is set when a person has approved it.
func TestRegulation(t *testing.T) {
	in := plain(t)
	in.Answer.Reports[1] = reported(acme, june.Add(-3), "14923.50")
	v := Decide(in)
	if v.Setting != nil || len(v.Regulations) != 1 || v.Refusal.Code != codeRegulate || !v.Refusal.May || !strings.Contains(v.Refusal.Text, "er det 14.902,75 kr. (369,25 kr. ned).") {
		t.Fatalf("%+v", v.Refusal)
	}
	r := v.Regulations[0]
	if r.Paid.Month != "2024-04" || !r.Computed.Subsidy.Equal(kr("14902.75")) || !r.Paid.Subsidy.Equal(kr("15272")) {
		t.Errorf("%+v", r)
	}
	amount := kr("15272")
	in.Approved = &amount
	if v := Decide(in); v.Setting == nil {
		t.Errorf("approved: %+v", v.Refusal)
	}
	in.Watch = "Klagesag"
	if v := Decide(in); v.Refusal.Code != "OBSLISTE" || !strings.Contains(v.Refusal.Text, "Desuden: Indberetningen for 2024-03 er ændret") {
		t.Errorf("%+v", v.Refusal)
	}
}

// A reversal and the report that comes in its stead are one change; what does not
// go up in pairs cannot be computed.
func TestRegulationAfterReversal(t *testing.T) {
	march := june.Add(-3)
	back := reported(acme, march, "13923.50")
	back.Blanks[0].Fields = []eindkomst.Field{{ID: eindkomst.FieldIncomeType, Value: "00"}, {ID: eindkomst.FieldReversal, Value: "T"}}
	for name, c := range map[string]struct {
		more []eindkomst.Report
		want string // the new subsidy, "" where it cannot be computed, "-" where nothing changed
	}{
		"taken back and reported anew":     {[]eindkomst.Report{back, reported(acme, march, "12923.50")}, "15572"},
		"taken back and reported the same": {[]eindkomst.Report{back, reported(acme, march, "13923.50")}, "-"},
		"taken back":                       {[]eindkomst.Report{back}, ""},
		"a second report":                  {[]eindkomst.Report{reported(acme, march, "1.00")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := plain(t)
			in.Answer.Reports = append(slices.Clone(in.Answer.Reports), c.more...)
			v := Decide(in)
			switch {
			case (v.Setting == nil) != (c.want != "-"):
				t.Fatalf("set %+v, refused %+v", v.Setting, v.Refusal)
			case c.want == "-" && len(v.Regulations) == 0:
			case len(v.Regulations) != 1:
				t.Errorf("%+v", v.Regulations)
			case c.want == "" && (v.Regulations[0].Computed != nil || v.Regulations[0].Why == ""):
				t.Errorf("computed %+v", v.Regulations[0])
			case c.want != "" && !v.Regulations[0].Computed.Subsidy.Equal(kr(c.want)):
				t.Errorf("%+v", v.Regulations[0])
			}
		})
	}
}

// What was recorded gives the same verdict again, byte for byte.
func TestReplay(t *testing.T) {
	in := plain(t)
	in.Answer.Reports[1] = reported(acme, june.Add(-3), "14923.50")
	recorded, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	one, err := monthRule().Replay(recorded)
	if err != nil {
		t.Fatal(err)
	}
	direct, err := json.Marshal(Decide(in))
	if err != nil || string(one) != string(direct) {
		t.Errorf("replayed\n%s\ndecided\n%s\n%v", one, direct, err)
	}
	if _, err := whetherRule().Replay([]byte(`{"limits":{}}`)); err != nil {
		t.Error(err)
	}
	if name := fmt.Sprint(monthRule().Name, whetherRule().Name); name != "fleksloen.monthfleksloen.case" {
		t.Errorf("the rules' names have changed: %s", name)
	}
}
