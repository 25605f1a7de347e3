package income

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"byskriver/robots/internal/eindkomst"
)

func kr(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func standardTable(t testing.TB) Table {
	t.Helper()
	table, err := Standard()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// reports reads reports from JSON in which %s stands for what differs.
func reports(t testing.TB, text string) eindkomst.Answer {
	t.Helper()
	var a eindkomst.Answer
	if err := json.Unmarshal([]byte(`{"reports":[`+text+`]}`), &a); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return a
}

// report is an ordinary report of May 2024; head, kind and amounts are further
// fields of its three blankets, and more blankets beside the first.
func report(se, head, kind, amounts string, more ...string) string {
	return fmt.Sprintf(`{"se":%q,"from":"2024-05-01","to":"2024-05-31","disposition":"2024-05-31","blanks":[
		{"number":11000,"fields":[{"id":12,"value":"00"},{"id":11,"value":"I"},{"id":16,"value":"202405"}%s],"blanks":[
		{"number":16000,"fields":[%s],"blanks":[{"number":16001,"fields":[%s]}]}%s]}]}`, se, head, kind, amounts, strings.Join(append([]string{""}, more...), ","))
}

const (
	plainKind = `{"id":19,"value":""}`
	amounts   = `{"id":57,"value":"13923.50"},{"id":197,"value":"558.84"},{"id":198,"value":"1117.66"}`
	acme      = "13748136"
	other     = "25313763"
)

var may = eindkomst.Month{Year: 2024, Month: 5}

func TestOrdinaryReport(t *testing.T) {
	got := Read(standardTable(t), may, reports(t, report(acme, "", plainKind, amounts+`,{"id":76,"value":"94.65"},{"id":96,"value":"78"},{"id":200,"value":"1"},{"id":58,"value":"0.00"}`)))
	sum, known := got.Sum()
	if len(got.Findings) != 0 || !known || !sum.Sum().Equal(kr("15600")) || !sum.Wage.Equal(kr("13923.50")) || len(got.Employers) != 1 || got.Employers[0].SE != acme {
		t.Errorf("%+v, sum %+v, known %v", got, sum, known)
	}
	if empty := Read(standardTable(t), may, eindkomst.Answer{}); !empty.Empty() {
		t.Errorf("nothing reported: %+v", empty)
	}
	if _, known := (Month{}).Sum(); known {
		t.Error("no data is known to be nothing")
	}
}

// The municipality's own subsidy is left out, whatever stands around it.
func TestOwnSubsidyIsLeftOut(t *testing.T) {
	own := `{"se":"94133335","from":"2024-05-10","to":"2024-05-31","blanks":[{"number":11000,"fields":[{"id":12,"value":"99"},{"id":555,"value":"x"}],"blanks":[
		{"number":16000,"fields":[{"id":19,"value":"0083"}],"blanks":[{"number":16001,"fields":[{"id":57,"value":"15272.00"}]}]}]}]}`
	got := Read(standardTable(t), may, reports(t, own+","+report(acme, "", plainKind, amounts)))
	if sum, _ := got.Sum(); got.Left != 1 || len(got.Findings) != 0 || !sum.Sum().Equal(kr("15600")) {
		t.Errorf("%+v", got)
	}
	if got := Read(standardTable(t), may, reports(t, own)); !got.Empty() || got.Left != 1 {
		t.Errorf("nothing but the own subsidy: %+v", got)
	}
	beside := report(acme, "", plainKind, amounts, `{"number":16000,"fields":[{"id":19,"value":"0083"}],"blanks":[{"number":16001,"fields":[{"id":57,"value":"1.00"}]}]}`)
	if got := Read(standardTable(t), may, reports(t, beside)); len(got.Findings) != 0 || got.Employers[0].Reports != 1 || !got.Employers[0].Wage.Equal(kr("13923.50")) {
		t.Errorf("beside a wage: %+v", got)
	}
}

// Each thing that needs a person is told by its code, and its neighbour is not.
func TestFindings(t *testing.T) {
	plain := report(acme, "", plainKind, amounts)
	period := func(from, to string) string {
		return strings.Replace(strings.Replace(plain, `"2024-05-01"`, `"`+from+`"`, 1), `"to":"2024-05-31"`, `"to":"`+to+`"`, 1)
	}
	for _, c := range []struct{ name, in, want string }{
		{"ordinary", plain, ""},
		{"unknown field", report(acme, "", plainKind, amounts+`,{"id":61,"value":"1.00"}`), UnknownField},
		{"unknown field that is zero", report(acme, "", plainKind, amounts+`,{"id":61,"value":"0.00"}`), UnknownField},
		{"a field on another blanket", report(acme, `,{"id":57,"value":"1.00"}`, plainKind, amounts), UnknownField},
		{"unknown blanket", report(acme, "", plainKind, amounts, `{"number":17000}`), UnknownBlanket},
		{"holiday blanket", report(acme, "", plainKind, amounts, `{"number":16200}`), "FERIE"},
		{"running holiday blanket", report(acme, "", plainKind, amounts, `{"number":16201}`), "FERIE"},
		{"gross holiday blanket", report(acme, "", plainKind, amounts, `{"number":16202}`), "FERIE"},
		{"refund", report(acme, "", plainKind, amounts, `{"number":16300}`), "REFUSION"},
		{"unknown type", strings.Replace(plain, `"value":"00"`, `"value":"44"`, 1), UnknownType},
		{"no type", strings.Replace(plain, `"value":"00"`, `"value":""`, 1), UnknownType},
		{"type 04", strings.Replace(plain, `"value":"00"`, `"value":"04"`, 1), "ANDEN-INDKOMST"},
		{"type 05", strings.Replace(plain, `"value":"00"`, `"value":"05"`, 1), "B-INDKOMST"},
		{"type 07", strings.Replace(plain, `"value":"00"`, `"value":"07"`, 1), "SYGDOM-BARSEL"},
		{"type 10", strings.Replace(plain, `"value":"00"`, `"value":"10"`, 1), "LG"},
		{"type 29", strings.Replace(plain, `"value":"00"`, `"value":"29"`, 1), "FERIE"},
		{"unknown art", report(acme, "", `{"id":19,"value":"0099"}`, amounts), UnknownArt},
		{"no art", report(acme, "", "", amounts), ""},
		{"art 0078", report(acme, "", `{"id":19,"value":"0078"}`, amounts), "SYGDOM-BARSEL"},
		{"art 0103", report(acme, "", `{"id":19,"value":"0103"}`, amounts), "SYGDOM-BARSEL"},
		{"art 0104", report(acme, "", `{"id":19,"value":"0104"}`, amounts), "G-DAGE"},
		{"art 0105", report(acme, "", `{"id":19,"value":"0105"}`, amounts), "TABT-ARBEJDSFORTJENESTE"},
		{"reversal", strings.Replace(plain, `"value":"I"`, `"value":"T"`, 1), Reversed},
		{"reversal said in an unknown way", strings.Replace(plain, `"value":"I"`, `"value":"X"`, 1), Reversed},
		{"reversed art", report(acme, "", plainKind+`,{"id":21,"value":"T"}`, amounts), Reversed},
		{"art that is not reversed", report(acme, "", plainKind+`,{"id":21,"value":"I"}`, amounts), ""},
		{"correction", report(acme, `,{"id":151,"value":"1"}`, plainKind, amounts), Corrected},
		{"no correction", report(acme, `,{"id":151,"value":""}`, plainKind, amounts), ""},
		{"other tax month", strings.Replace(plain, `"202405"`, `"202404"`, 1), OtherMonth},
		{"half a month", period("2024-05-01", "2024-05-15"), NotAMonth},
		{"two months", period("2024-04-01", "2024-05-31"), NotAMonth},
		{"another month", period("2024-04-01", "2024-04-30"), OtherMonth},
		{"no period", period("", ""), NotAMonth},
		{"two payments", plain + "," + plain, Payments},
		{"two employers", plain + "," + report(other, "", plainKind, amounts), Employers},
		{"a field twice", report(acme, "", plainKind, amounts+`,{"id":57,"value":"1.00"}`), Twice},
		{"wage below zero", report(acme, "", plainKind, strings.Replace(amounts, "13923.50", "-0.01", 1)), Negative},
		{"wage of zero", report(acme, "", plainKind, strings.Replace(amounts, "13923.50", "0.00", 1)), ""},
		{"wage that is no amount", report(acme, "", plainKind, strings.Replace(amounts, "13923.50", "13.923,50", 1)), Unreadable},
		{"income without AM", report(acme, "", plainKind, amounts+`,{"id":58,"value":"0.01"}`), "A-INDKOMST-UDEN-AM"},
		{"B-income", report(acme, "", plainKind, amounts+`,{"id":70,"value":"0.01"}`), "B-INDKOMST"},
		{"B-income of zero", report(acme, "", plainKind, amounts+`,{"id":70,"value":"0.00"},{"id":71,"value":"0"}`), ""},
		{"B-income with AM", report(acme, "", plainKind, amounts+`,{"id":71,"value":"0.01"}`), "B-INDKOMST"},
		{"gross holiday pay", report(acme, "", plainKind, amounts+`,{"id":98,"value":"0.01"}`), "FERIE"},
		{"SH", report(acme, "", plainKind, amounts+`,{"id":157,"value":"0.01"}`), "FERIE"},
		{"extra holiday", report(acme, "", plainKind, amounts+`,{"id":158,"value":"0.01"}`), "FERIE"},
		{"holiday pay", report(acme, "", plainKind, amounts+`,{"id":217,"value":"0.01"}`), "FERIE"},
		{"no wage", report(acme, "", plainKind, `{"id":197,"value":"558.84"},{"id":198,"value":"1117.66"}`), NoWage},
		{"an empty wage", report(acme, "", plainKind, strings.Replace(amounts, "13923.50", "", 1)), NoWage},
		{"no own pension", report(acme, "", plainKind, `{"id":57,"value":"1.00"},{"id":198,"value":"1117.66"}`), Pension},
		{"no employer's pension", report(acme, "", plainKind, `{"id":57,"value":"1.00"},{"id":197,"value":"0.00"}`), Pension},
		{"pensions of zero", report(acme, "", plainKind, `{"id":57,"value":"1.00"},{"id":197,"value":"0.00"},{"id":198,"value":"0.00"}`), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var codes []string
			for _, f := range Read(standardTable(t), may, reports(t, c.in)).Findings {
				codes = append(codes, f.Code)
			}
			if got := strings.Join(slices.Compact(codes), " "); c.want == "" && got != "" || c.want != "" && (len(codes) == 0 || codes[0] != c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// A pay period that holds several payments is several payments, and a pension that
// one of them leaves out is not told by another.
func TestSeveralPaymentsInOnePeriod(t *testing.T) {
	part := func(amounts string) string {
		return `{"number":11000,"fields":[{"id":12,"value":"00"},{"id":16,"value":"202405"}],"blanks":[{"number":16000,"blanks":[{"number":16001,"fields":[` + amounts + `]}]}]}`
	}
	const pensions = `,{"id":197,"value":"280.00"},{"id":198,"value":"560.00"}`
	first, second := part(`{"id":57,"value":"7000.00"}`+pensions), part(`{"id":57,"value":"6923.50"}`+pensions)
	for _, c := range []struct {
		name, heads, want string
		payments          int
	}{
		{"one", first, "", 1},
		{"two", first + "," + second, Payments, 2},
		{"three", first + "," + second + "," + second, Payments, 3},
		{"the second without pension", first + "," + part(`{"id":57,"value":"6923.50"}`), Payments + " " + Pension, 2},
		{"the first without the employer's", part(`{"id":57,"value":"7000.00"},{"id":197,"value":"280.00"}`) + "," + second, Payments + " " + Pension, 2},
		{"two kinds of income below one head", strings.TrimSuffix(first, "]}") + `,{"number":16000,"blanks":[{"number":16001,"fields":[{"id":57,"value":"100.00"}]}]}]}`, "", 1},
		{"no head", strings.TrimSuffix(first[strings.Index(first, `{"number":16000`):], "]}"), UnknownType, 1},
		{"the own subsidy as a second", first + "," + strings.Replace(second, `{"number":16000,`, `{"number":16000,"fields":[{"id":19,"value":"0083"}],`, 1), "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Read(standardTable(t), may, reports(t, `{"se":"`+acme+`","from":"2024-05-01","to":"2024-05-31","blanks":[`+c.heads+`]}`))
			var codes []string
			for _, f := range got.Findings {
				codes = append(codes, f.Code)
			}
			if strings.Join(codes, " ") != c.want || got.Employers[0].Reports != c.payments {
				t.Errorf("%d payments, found %+v, want %q", got.Employers[0].Reports, got.Findings, c.want)
			}
		})
	}
}

func TestAdviceIsForAPerson(t *testing.T) {
	a := reports(t, report(acme, "", plainKind, amounts))
	a.Advices = []eindkomst.Advice{{ID: "1004", Text: "noget"}}
	if got := Read(standardTable(t), may, a); len(got.Findings) != 1 || got.Findings[0].Code != Told {
		t.Errorf("%+v", got.Findings)
	}
}

// Every mistake in a table is told at once, with its line.
func TestTablesThatAreWrong(t *testing.T) {
	in := `blankets:
  - {blanket: 11000, name: a}
  - {blanket: 11000, name: b}
fields:
  - {blanket: 16001, field: 57, name: c, is: wage, gives: FERIE}
  - {blanket: 16001, field: 58, name: d}
  - {blanket: 16001, field: 59, name: e, is: money}
  - {field: 60, name: f, is: noted}
types:
  - {type: "00", name: g, gives: små}
  - {type: "01", name: h, gives: UKENDT-KODE}
arts:
  - {art: "", name: ""}
`
	_, err := ParseTable("t.yaml", []byte(in))
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{"t.yaml:3: blankets: 11000 stands twice", "t.yaml:5: fields: 16001/57 has both", "t.yaml:6: fields: 16001/58 needs is or gives",
		`t.yaml:7: fields: 16001/59 cannot be "money"`, "t.yaml:8: fields: f has keys that belong", "t.yaml:10: types: 00 gives \"små\"", "t.yaml:11: types: 01 gives \"UKENDT-KODE\"",
		"has no name", `none is "own_pension"`, `none is "own"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	if _, err := ParseTable("t.yaml", []byte("felter: []")); err == nil {
		t.Error("an unknown key is taken")
	}
}
