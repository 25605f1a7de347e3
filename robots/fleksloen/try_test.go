package fleksloen

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/runner/clock"
)

// tryer is a robot of the standard settings on a day in June 2024.
func tryer(t testing.TB, change func(*Settings)) *Robot {
	t.Helper()
	s := Settings{Table: plain(t).Table, Rounding: subsidy.None, Lag: 1, LastDay: 20, LastDayJan: 25, Limits: DefaultLimits()}
	if change != nil {
		change(&s)
	}
	return New(s, nil, nil, clock.NewManual(time.Date(2024, 6, 11, 8, 0, 0, 0, time.UTC)))
}

func try(t testing.TB, r *Robot, text string) (map[string]Tried, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sager.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	answer, err := r.Try(t.Context(), file)
	if err != nil {
		return nil, err
	}
	all := map[string]Tried{}
	for _, line := range answer.(Trials).Lines() {
		one := line.(Tried)
		all[one.ID] = one
	}
	return all, nil
}

const rates2024 = `"rates":[{"year":2024,"maximum":"19952.00","threshold":"16323.00"},{"year":2014,"maximum":"17312.00","threshold":"13446.00"}]`

// before is a month before like the case's own.
const before = `"previousMonth":{"wage":"15600.00","ownPension":"0.00","employerPension":"0.00"}`

func TestTryThePublishedExamples(t *testing.T) {
	text := `{` + rates2024 + `,"cases":[
	{"id":"star","month":"2024-06","wage":"15600.00","ownPension":"0.00","employerPension":"0.00","loenloft":"32067.00","employers":1,` + before + `},
	{"id":"billund","month":"2014-06","wage":"14000.00","ownPension":"0.00","employerPension":"0.00","loenloft":"23545.00","employers":1,"previousMonth":{"wage":"14000.00","subsidy":"9545.00"}},
	{"id":"first","month":"2024-06","wage":"15600.00","ownPension":"0.00","employerPension":"0.00","loenloft":"32067.00","employers":1}]}`
	got, err := try(t, tryer(t, func(s *Settings) { s.Rounding = subsidy.Krone }), text)
	if err != nil {
		t.Fatal(err)
	}
	if s := got["star"]; s.Outcome != "done" || s.Code != "" || s.Subsidy != "15272.00" || s.Total != "30872.00" {
		t.Errorf("%+v", s)
	}
	if b := got["billund"]; b.Outcome != "done" || b.Subsidy != "9545.00" || b.Total != "23545.00" || !strings.Contains(fmt.Sprint(b.Steps), "{Tilskud før lønloft 12973.00") ||
		!strings.Contains(fmt.Sprint(b.Steps), "-4034.00") || !strings.Contains(fmt.Sprint(b.Steps), "-305.00") {
		t.Errorf("%+v", b)
	}
	if f := got["first"]; f.Outcome != "exception" || f.Code != "FØRSTE-MÅNED" || f.Subsidy != "15272.00" || len(f.Steps) < 8 {
		t.Errorf("without a month before: %+v", f)
	}
}

func TestTryRefusals(t *testing.T) {
	one := func(fields string) string {
		return `{` + rates2024 + `,"cases":[{"id":"x","month":"2024-06",` + fields + `}]}`
	}
	const good = `"wage":"15600.00","ownPension":"0.00","employerPension":"0.00","loenloft":"32067.00","employers":1,` + before
	report, err := json.Marshal(plain(t).Answer.Reports[3:])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, code, subsidy string }{
		{"good", good, "", "15272.00"},
		{"raw reports", `"reports":` + string(report) + `,"loenloft":"32067.00","previousMonth":{"wage":"15600.00","subsidy":"15272.00"}`, "", "15272.00"},
		{"raw reports in an answer", `"reports":{"reports":` + string(report) + `},"loenloft":"32067.00","previousMonth":"15600.00"`, "", "15272.00"},
		{"no pension", strings.Replace(good, `"ownPension":"0.00",`, "", 1), "PENSION-UKENDT", "15272.00"},
		{"no pension as null", strings.Replace(good, `"ownPension":"0.00"`, `"ownPension":null`, 1), "PENSION-UKENDT", "15272.00"},
		{"no wage", strings.Replace(good, `"wage":"15600.00",`, "", 1), "LØN-MANGLER", "19952.00"},
		{"no lønloft", strings.Replace(good, `"loenloft":"32067.00",`, "", 1), "LØNLOFT-MANGLER", "15272.00"},
		{"two employers", strings.Replace(good, `"employers":1`, `"employers":2`, 1), "ARBEJDSGIVERE-FLERE", "15272.00"},
		{"two employers by name", strings.Replace(good, `"employers":1`, `"employers":["13748136","25313763"]`, 1), "ARBEJDSGIVERE-FLERE", "15272.00"},
		{"another employer than before", strings.Replace(strings.Replace(good, `"employers":1`, `"employers":["13748136"]`, 1), `"previousMonth":{`, `"previousMonth":{"employers":["25313763"],`, 1), "ARBEJDSGIVER-NY", "15272.00"},
		{"a wage much higher than before", strings.Replace(good, `"wage":"15600.00","own`, `"wage":"16601.00","own`, 1), "INDKOMST-ÆNDRET", "14902.20"},
		{"below zero", strings.Replace(good, `"ownPension":"0.00"`, `"ownPension":"-1.00"`, 1), "BELØB-NEGATIVT", "15272.30"},
		{"an old lønloft", good + `,"loenloftSince":"2020-01-01"`, "LØNLOFT-FORÆLDET", "15272.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := try(t, tryer(t, nil), one(c.text))
			if err != nil {
				t.Fatal(err)
			}
			x := got["x"]
			if x.Code != c.code || (x.Outcome == "done") != (c.code == "") || x.Subsidy != c.subsidy || len(x.Steps) == 0 {
				t.Errorf("%+v", x)
			}
		})
	}
}

// No data is waited for until the last day, and then a question; never zero.
func TestTryWithoutData(t *testing.T) {
	text := func(month string) string {
		return `{` + rates2024 + `,"cases":[{"id":"x","month":"` + month + `","loenloft":"32067.00","employers":1,` + before + `}]}`
	}
	for month, want := range map[string]string{"2024-06": "waiting", "2024-05": "exception"} {
		got, err := try(t, tryer(t, nil), text(month))
		if x := got["x"]; err != nil || x.Outcome != want || x.Code != codeMissing || x.Subsidy != "" || x.Total != "" {
			t.Errorf("%s: %+v, %v", month, x, err)
		}
	}
}

// A year without both rates refuses the whole file with one clear word.
func TestTryWithoutRates(t *testing.T) {
	for _, rates := range []string{`{"year":2024,"maximum":"19952.00"}`, `{"year":2024,"maximum":"19952.00","threshold":null}`, `{"year":2023,"maximum":"1.00","threshold":"1.00"}`} {
		_, err := try(t, tryer(t, nil), `{"rates":[`+rates+`],"cases":[{"id":"x","month":"2024-06","wage":"1.00"}]}`)
		if err == nil || !strings.Contains(err.Error(), subsidy.CodeRates) {
			t.Errorf("%s: %v", rates, err)
		}
	}
}

// What is wrong with the file is told all at once, each with its line.
func TestTryWrongFiles(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"no JSON":       {"{\n\"rates\": [,]}", ":2: this is no JSON"},
		"another shape": {"[]", ":1: the file must be an object"},
		"no cases":      {`{"rates":[]}`, "there are no cases"},
		"many": {`{"rates":[
{"year":"twenty","maximum":"19.952,00"},
{"year":2024,"maximum":19952,"threshold":"1","source":"x"}],
"cases":[
{"id":"a","month":"06-2024"},
{"month":"2024-06",
 "wage":15600.00,
 "løn":"1"},
{"id":"c","month":"2024-06","wage":"1.00","wage":"2.00"},
{"id":"d","month":"2024-06","wage":"1.00","reports":[{"se":"1","løn":"x"}]},
{"id":"e","month":"2024-06","employers":"mange"}]}`,
			`:2: year "twenty"|:2: maximum: "19.952,00"|:3: maximum is 19952|:3: a rate has the unknown key "source"|:5: month: read month "06-2024"|:7: wage is 15600.00|:8: a case has the unknown key "løn"|:6: a case lacks id|:9: a case has "wage" twice|:10: reports: json|:10: case d has both|:11: employers is "mange"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := try(t, tryer(t, nil), c.in)
			if err == nil {
				t.Fatal("taken")
			}
			for _, part := range strings.Split(c.want, "|") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in:\n%v", part, err)
				}
			}
		})
	}
}
