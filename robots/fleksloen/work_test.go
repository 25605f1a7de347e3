package fleksloen

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
	"byskriver/robots/internal/screen"
	"byskriver/runner"
	"byskriver/runner/clock"
)

// writeWatch writes an obsliste with those rows under its headings.
func writeWatch(t testing.TB, file string, rows ...[]any) {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", "Obsliste"); err != nil {
		t.Fatal(err)
	}
	for i, row := range append([][]any{{"CPR", "Fra", "Til", "Årsag"}}, rows...) {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Obsliste", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SaveAs(file); err != nil {
		t.Fatal(err)
	}
}

// bench is a robot on 11 June 2024 with one citizen's ordinary case.
func bench(t testing.TB, change func(*Settings)) (*house, *office, *register) {
	t.Helper()
	in := plain(t)
	letter, err := StandardLetter("Lilleby Kommune")
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Rates: subsidy.Rates{2024: in.Rate}, Table: in.Table, Watch: filepath.Join(t.TempDir(), "obsliste.xlsx"), Letter: letter, Rounding: subsidy.None,
		Lag: 1, LastDay: 20, LastDayJan: 25, Limits: DefaultLimits()}
	writeWatch(t, s.Watch)
	if change != nil {
		change(&s)
	}
	o, r := &office{}, &register{reports: map[string][]eindkomst.Report{citizen: in.Answer.Reports}}
	o.add(in.Case)
	h := &house{clock: clock.NewManual(time.Date(2024, 6, 11, 8, 0, 0, 0, time.UTC))}
	h.robot = New(s, o, r, h.clock)
	return h, o, r
}

// first is the one item that there is.
func first(t testing.TB, h *house) *memoryCase {
	t.Helper()
	h.collect(t)
	if len(h.order) != 1 {
		t.Fatalf("%d items", len(h.order))
	}
	return h.items[h.order[0]]
}

func TestLooksUpComputesAndSets(t *testing.T) {
	h, o, r := bench(t, nil)
	c := first(t, h)
	if err := h.work(t, c); err != nil {
		t.Fatal(err)
	}
	if o.sets != 1 || !o.cases["FL-10231"].History[0].Subsidy.Equal(kr("15272")) || c.label != "FL-10231" {
		t.Errorf("%d set, %+v", o.sets, o.cases["FL-10231"].History[0])
	}
	q := r.asked[0]
	if len(r.asked) != 1 || q.CPR != citizen || q.From.String() != "2024-02" || q.To.String() != "2024-05" || q.Purpose.Code != 171 || q.Reference != c.item.Number {
		t.Errorf("asked %+v", r.asked)
	}
	if len(c.looked) != 1 || c.looked[0].Subject != citizen || !strings.Contains(c.looked[0].Purpose, "171") {
		t.Errorf("logged %+v", c.looked)
	}
	if len(c.decided) != 2 || c.decided[0].Rule != "fleksloen.case" || c.decided[1].Rule != "fleksloen.month" || !strings.Contains(string(c.receipt), `"subsidy":"15272"`) {
		t.Errorf("decided %d, receipt %s", len(c.decided), c.receipt)
	}
	if err := h.work(t, c); err != nil || o.sets != 1 {
		t.Errorf("worked again: %v, %d set", err, o.sets)
	}
	for _, rule := range h.robot.Rules() {
		for _, d := range c.decided {
			if d.Rule != rule.Name {
				continue
			}
			if again, err := rule.Replay(d.Input); err != nil || string(again) != string(d.Verdict) {
				t.Errorf("%s replayed: %s, %v", d.Rule, again, err)
			}
		}
	}
}

// The calculation is kept as a sheet, without anybody's number or name; with a
// change there is a letter with its reasons and how to complain.
func TestKeepsSheetAndLetter(t *testing.T) {
	h, _, r := bench(t, nil)
	r.reports[citizen][3] = reported(acme, june.Add(-1), "14123.50")
	c := first(t, h)
	if err := h.work(t, c); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(c.kept[paperSheet]))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Beregning", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, row := range rows {
		all = append(all, strings.Join(row, "|"))
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{"Løn (AM-pligtig)|14123.5|eIndkomst felt 057", "Højeste fleksløntilskud 2024|19952|sats: star.dk", "Lønloft|32067|sagen", "Fleksløntilskud|15212|§ 123",
		"Forskel|-60|denne måned minus forrige", "Sag|FL-10231", "ingen afrunding"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the sheet:\n%s", want, text)
		}
	}
	letter := string(c.kept[paperLetter])
	for _, want := range []string{"Kære Ane Opdigtet", "tilskud for juni 2024 er 15.212,00 kr.", "60,00 kr. ned", "Din løn er 14.123,50 kr. Forrige måned var det 13.923,50 kr.", "fire uger", "Ankestyrelsen", "Lilleby Kommune"} {
		if !strings.Contains(letter, want) {
			t.Errorf("%q is not in the letter:\n%s", want, letter)
		}
	}
	if s := text + letter; strings.Contains(s, citizen) || strings.Contains(text, "Ane") || strings.Contains(s, "{{") {
		t.Errorf("too much is told:\n%s", s)
	}
	h, _, _ = bench(t, nil)
	if c = first(t, h); h.work(t, c) != nil || c.kept[paperLetter] != nil || c.kept[paperSheet] == nil {
		t.Error("a letter without a change, or no calculation")
	}
}

// Who is on the obsliste is not even found; who comes on it later is not looked up.
func TestObsliste(t *testing.T) {
	h, o, r := bench(t, nil)
	c := first(t, h)
	writeWatch(t, h.robot.settings.Watch, []any{citizen, "1.6.2024", "", "Klagesag"})
	if code := codeOf(h.work(t, c)); code != "OBSLISTE" || len(r.asked) != 0 || len(c.looked) != 0 || o.sets != 0 {
		t.Errorf("%s, %d asked", code, len(r.asked))
	}
	h.items, h.order = nil, nil
	h.collect(t)
	if len(h.order) != 0 {
		t.Error("found")
	}
	writeWatch(t, h.robot.settings.Watch, []any{citizen, "1.7.2024", "", "Senere"})
	if first(t, h) == nil {
		t.Error("a later period keeps the citizen out")
	}
}

// A damaged obsliste, or a year without both rates, stops the run before it
// begins, with one clear word; an item that waits is stopped by them too.
func TestWhatStopsTheWholeRun(t *testing.T) {
	h, _, _ := bench(t, nil)
	c := first(t, h)
	writeWatch(t, h.robot.settings.Watch, []any{"860501", "1.6.2024", "", "x"}, []any{citizen, "snart", "", ""})
	err := h.robot.Collect(t.Context(), h.found)
	if err == nil || !strings.Contains(err.Error(), "OBSLISTE-FEJL") || !strings.Contains(err.Error(), "række 2") || strings.Count(err.Error(), "række 3") != 2 {
		t.Errorf("%v", err)
	}
	if err := h.work(t, c); err == nil || !strings.Contains(err.Error(), "OBSLISTE-FEJL") {
		t.Errorf("%v", err)
	}
	if err := os.Remove(h.robot.settings.Watch); err != nil {
		t.Fatal(err)
	}
	if err := h.robot.Collect(t.Context(), h.found); err == nil || !strings.Contains(err.Error(), "OBSLISTE-FEJL") {
		t.Errorf("no obsliste at all: %v", err)
	}
	h, o, r := bench(t, func(s *Settings) { s.Rates = subsidy.Rates{2024: {Year: 2024, Maximum: kr("1")}} })
	if err := h.robot.Collect(t.Context(), h.found); err == nil || !strings.HasPrefix(err.Error(), "SATSER-MANGLER: satserne for 2024") || len(h.order) != 0 {
		t.Errorf("%v", err)
	}
	if o.sets+len(r.asked) != 0 {
		t.Error("something was done")
	}
}

// No data is waited for until the last day, day by day, and then it is a
// question.
func TestWaitsForReports(t *testing.T) {
	h, o, r := bench(t, nil)
	all := r.reports[citizen]
	r.reports[citizen] = all[:3]
	c := first(t, h)
	var later *runner.Postponed
	if err := h.work(t, c); !errors.As(err, &later) || !later.Until.Equal(time.Date(2024, 6, 12, 3, 0, 0, 0, time.UTC)) || len(c.kept) != 0 {
		t.Fatalf("%v", err)
	}
	h.clock.Advance(24 * time.Hour)
	r.reports[citizen] = all
	if err := h.work(t, c); err != nil || o.sets != 1 {
		t.Errorf("when it has come: %v", err)
	}
	h, o, r = bench(t, nil)
	r.reports[citizen] = all[:3]
	c = first(t, h)
	h.clock.Advance(9*24*time.Hour - 11*time.Hour) // 19 June, 23:00 in Denmark
	if code := codeOf(h.work(t, c)); code != "later "+codeMissing {
		t.Errorf("the day before the last: %s", code)
	}
	h.clock.Advance(time.Hour)
	if code := codeOf(h.work(t, c)); code != codeMissing || o.sets != 0 {
		t.Errorf("on the last day: %s", code)
	}
}

// A person approves what was computed; only then it is set, and once.
func TestApprovalByAPerson(t *testing.T) {
	h, o, _ := bench(t, func(s *Settings) { s.Approval = true })
	c := first(t, h)
	var refusal *runner.Refusal
	if err := h.work(t, c); !errors.As(err, &refusal) || refusal.Code != codeApproval || refusal.Proposal != "15.272,00 kr. (0,00 kr. op i forhold til forrige måned)" || o.sets != 0 {
		t.Fatalf("%v", err)
	}
	if refusal.Choices[0].Label != "Godkend" || refusal.Choices[0].Action != "approve-15272.00" {
		t.Fatalf("%+v", refusal.Choices)
	}
	c.item.Decision = &runner.Decision{Action: refusal.Choices[0].Action, By: "Karen Holm"}
	if err := h.work(t, c); err != nil || o.sets != 1 || o.cases["FL-10231"].History[0].Text != "Fleksløntilskud, godkendt af Karen Holm" {
		t.Errorf("%v, %+v", err, o.cases["FL-10231"].History[0])
	}
}

// A sampled month is set when a person has agreed, and not before.
func TestSample(t *testing.T) {
	h, o, _ := bench(t, nil)
	c := first(t, h)
	c.drawn = true
	var refusal *runner.Refusal
	if err := h.work(t, c); !errors.As(err, &refusal) || refusal.Code != runner.CodeSample || refusal.Proposal != "15.272,00 kr." || o.sets != 0 {
		t.Fatalf("%v", err)
	}
	c.item.Decision = &runner.Decision{Action: runner.ActionAgree, By: "Karen Holm"}
	if err := h.work(t, c); err != nil || o.sets != 1 {
		t.Errorf("%v", err)
	}
}

// What the benefit system does wrong is never taken for done, nor done twice.
func TestBenefitSystemsTroubles(t *testing.T) {
	cut := errors.New("the connection was cut")
	for _, c := range []struct {
		name   string
		change func(*office)
		codes  string // of three attempts
		sets   int
	}{
		{"another citizen's case", func(o *office) { o.mixed = "FL-1" }, "SAG-BYTTET SAG-BYTTET SAG-BYTTET", 0},
		{"refused", func(o *office) {
			o.fail = func() error { return runner.NotDone(&screen.Refused{Text: "Sagen er låst"}) }
		}, "YDELSE-AFVIST YDELSE-AFVIST YDELSE-AFVIST", 0},
		{"the answer is lost", func(o *office) { o.lose = func() error { return cut } }, "error the connection was cut  ", 1},
		{"something else stands there", func(o *office) { o.change = func(s *benefits.Setting) { s.Subsidy = kr("1.00") } }, "USIKKER-UDFØRELSE USIKKER-UDFØRELSE USIKKER-UDFØRELSE", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, o, _ := bench(t, nil)
			one := first(t, h)
			c.change(o)
			var codes []string
			for range 3 {
				codes = append(codes, codeOf(h.work(t, one)))
			}
			if got := strings.Join(codes, " "); got != c.codes || o.sets != c.sets {
				t.Errorf("%q, %d set; want %q, %d", got, o.sets, c.codes, c.sets)
			}
		})
	}
}

// Where the look-up cannot be logged nobody is looked up, and an outage of the
// register is no zero.
func TestRegistersTroubles(t *testing.T) {
	h, o, r := bench(t, nil)
	c := first(t, h)
	c.logErr = errors.New("the log is full")
	if err := h.work(t, c); err == nil || len(r.asked) != 0 {
		t.Errorf("%v", err)
	}
	c.logErr = nil
	r.err = &runner.Trouble{Kind: runner.Unavailable, System: eindkomst.Name, Text: "eIndkomst svarer ikke."}
	var trouble *runner.Trouble
	if err := h.work(t, c); !errors.As(err, &trouble) || o.sets != 0 {
		t.Errorf("%v", err)
	}
	r.err = nil
	if err := h.work(t, c); err != nil || o.sets != 1 {
		t.Errorf("when it is back: %v", err)
	}
}

func TestMonthOfTheDay(t *testing.T) {
	h, _, _ := bench(t, nil)
	if m := h.robot.subsidyMonth(); m != june {
		t.Errorf("%s", m)
	}
	h.clock.Advance(20*24*time.Hour - 10*time.Hour + time.Minute) // 1 July, 00:01 in Denmark, still June in UTC
	if m := h.robot.subsidyMonth(); m != june.Add(1) {
		t.Errorf("%s", m)
	}
	h, _, _ = bench(t, func(s *Settings) { s.Month = june.Add(-5) })
	if m := h.robot.subsidyMonth(); m != june.Add(-5) {
		t.Errorf("%s", m)
	}
	if d := h.robot.lastDay(june.Add(7)).String(); d != "2025-01-24" { // the 25th is a Saturday
		t.Errorf("the last day in January is %s", d)
	}
}

func TestLettersThatAreWrong(t *testing.T) {
	for _, text := range []string{"{{.Naem}}", "{{range .Why}}", "{{.Steps.Text}}"} {
		if _, err := ParseLetter("brev.txt", []byte(text), "x"); err == nil || !strings.Contains(err.Error(), "brev.txt") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
