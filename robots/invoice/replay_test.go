package invoice

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/robots/invoice/coding"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// record has TestReplay write the cases below that have no file yet. A file that
// is there is never written again: it stands for decisions that were made.
var record = flag.Bool("record", false, "write the recorded decisions that are missing")

// recorded is the folder of recorded decisions, one file a case: rule, input and
// verdict as they are stored.
const recorded = "testdata/decided"

// Every recorded decision comes out the same, byte for byte, however the rules
// are changed: explain promises it. A change that a file here shows means that
// decisions which municipalities have stored would replay differently.
func TestReplay(t *testing.T) {
	if *record {
		recordMissing(t)
	}
	files, err := filepath.Glob(filepath.Join(recorded, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recorded decisions, %v", len(files), err)
	}
	rules := map[string]runner.Rule{}
	for _, r := range newBench(t, newDesk()).robot.Rules() {
		rules[r.Name] = r
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d runner.Decided
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		rule, ok := rules[d.Rule]
		if !ok {
			t.Errorf("%s: there is no rule %q any more", file, d.Rule)
			continue
		}
		if got, err := rule.Replay(d.Input); err != nil || !bytes.Equal(got, d.Verdict) {
			t.Errorf("%s: %v\n got %s\nwant %s", file, err, got, d.Verdict)
		}
	}
}

// Each control and each outcome besides has a recorded decision.
func TestEachRuleIsRecorded(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recorded, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	want := []string{`"code":"BILAG-FLERE"`, `"code":"BILAG-MANGLER"`, `"code":"PLANER-MANGLER"`, `"code":"VALUTA"`, `"code":"VÆRDI-FORKERT"`,
		`{"wait":true}`, `{"wait_plans":true}`, `"verdict": {"coding"`}
	for _, c := range controls {
		want = append(want, `"code":"`+c.code+`"`)
	}
	for _, s := range want {
		if !bytes.Contains(all, []byte(s)) {
			t.Errorf("no recorded decision has %s", s)
		}
	}
}

// The rules see nothing but what is recorded: an input that has been through JSON
// gives the same verdict as the one in memory.
func TestInputSurvivesRecording(t *testing.T) {
	for name, in := range recordings(t) {
		var direct any
		switch in := in.(type) {
		case Input:
			direct = Decide(in)
		case PersonInput:
			direct = decideByPerson(in)
		}
		want, err := json.Marshal(direct)
		if err != nil {
			t.Fatal(err)
		}
		if d := decidedOf(t, in); !bytes.Equal(d.Verdict, want) {
			t.Errorf("%s: recorded and replayed %s, in memory %s", name, d.Verdict, want)
		}
	}
}

func decidedOf(t *testing.T, in any) runner.Decided {
	t.Helper()
	rule := runner.NewRule("invoice.decide", Decide)
	if _, person := in.(PersonInput); person {
		rule = runner.NewRule("invoice.by_person", decideByPerson)
	}
	c := &memoryCase{}
	if _, err := runner.Decide[Verdict](t.Context(), c, rule, in); err != nil {
		t.Fatal(err)
	}
	return c.decided[0]
}

func recordMissing(t *testing.T) {
	for name, in := range recordings(t) {
		file := filepath.Join(recorded, name+".json")
		if _, err := os.Stat(file); err == nil {
			continue
		}
		d := decidedOf(t, in)
		text := fmt.Sprintf("{\"rule\": %q,\n\"input\": %s,\n\"verdict\": %s}\n", d.Rule, d.Input, d.Verdict)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// recordings are the cases that are recorded: each control broken in each way, and
// each of the other outcomes.
func recordings(t *testing.T) map[string]any {
	all := map[string]any{}
	for code, cases := range controlCases {
		for _, c := range cases {
			if c.says != "" {
				all[fileName(code+" "+c.name)] = changedInput(t, c.change)
			}
		}
	}
	for name, change := range map[string]func(*Input){
		"coding net": func(*Input) {},
		"coding gross forward": func(in *Input) {
			p := &in.Plans.Plans[0]
			p.Basis, p.Action, p.NextAgent = plans.Gross, plans.ActionForward, "LBY00101"
		},
		"form":             func(in *Input) { in.Findings = fatal(6) },
		"plan amount":      func(in *Input) { in.Plans.Plans[0].To = kr("1249.99") },
		"plan credit note": func(in *Input) { in.Invoice.Kind, in.Plans.Invoice.Kind = reading.CreditNoteKind, plans.KindCreditNote },
		"credit whole":     creditOf("1000", "1250"),
		"credit part":      creditOf("1000", "2500"),
		"ways agree":       withAnswers("XG-6451000010"),
		"ways disagree":    withAnswers("XG-6451000099"),
		"plan none":        func(in *Input) { in.Plans.Plans = nil },
		"plan count": func(in *Input) {
			in.Plans.Plans[0].PerMonth = 2
			in.Plans.History = map[string][]plans.Date{"LK-107": {"2026-11-01", "2026-11-30"}}
		},
		"plans not approved":        func(in *Input) { in.Plans.Plans, in.NoPlans = nil, true },
		"plans not approved waited": func(in *Input) { in.Plans.Plans, in.NoPlans, in.Waited = nil, true, true },
		"voucher missing":           func(in *Input) { in.Vouchers = nil },
		"voucher missing waited":    func(in *Input) { in.Vouchers, in.Waited = nil, true },
		"vouchers two":              func(in *Input) { in.Vouchers = append(in.Vouchers, Voucher{Number: "1900000008"}) },
	} {
		all[fileName(name)] = changedInput(t, change)
	}
	for name, value := range map[string]string{"net": "49000010 XG-5385000001 K1 netto", "gross": "49000010 5645100010 K0 brutto", "wrong value": "49000010"} {
		all[fileName("person "+name)] = PersonInput{Input: changedInput(t, func(*Input) {}), Value: value, By: "Karen Holm"}
	}
	all["person-currency"] = PersonInput{Input: changedInput(t, func(in *Input) { in.Invoice.Currency = "EUR" }), Value: "49000010 5645100010 K0 brutto", By: "Karen Holm"}
	return all
}

// creditOf is a credit note of an invoice that was posted so.
func creditOf(posted, amount string) func(*Input) {
	return func(in *Input) {
		in.Invoice.Kind, in.Plans.Invoice.Kind, in.Credits = reading.CreditNoteKind, plans.KindCreditNote, true
		in.Credit = &Credited{Invoice: "F-77", Named: 1, Postings: []PostedVoucher{{Voucher: Voucher{Number: "1900000077", Amount: kr(amount)},
			Coding: Coding{Account: "40110010", PSP: "XG-6451000010", VATCode: "K1", Amount: kr(posted)}}}}
	}
}

// withAnswers is an invoice that a plan and a pattern would code.
func withAnswers(psp string) func(*Input) {
	return func(in *Input) {
		in.Others = []string{"pattern"}
		in.Answers = []coding.Answer{coderOf("pattern", psp).answer}
		in.Answers[0].Way = "pattern"
	}
}

func changedInput(t *testing.T, change func(*Input)) Input {
	in := inputOf(t, clean())
	change(&in)
	return in
}

func fileName(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "-")) }
