package runlog

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"byskriver/runner"
	"byskriver/runner/seal"
)

func TestImpossibleEntriesAreRefused(t *testing.T) {
	h := newHouse(t)
	key := h.keys.of("invoice-2026-000001")
	cpr := "010190" + "-" + "1234"
	for name, e := range map[string]Entry{
		"no code":             {},
		"a code of the log's": {Code: "log.removed"},
		"a code with a line":  {Code: "item.done\nitem x"},
		"a code with a blank": {Code: "item done"},
		"a hyphen for a code": {Code: "-"},
		"a long code":         {Code: strings.Repeat("x", maxWord+1)},
		"a run with a line":   {Code: "a", Run: "r\nitem x"},
		"a hyphen for a run":  {Code: "a", Run: "-"},
		"an item with a line": {Code: "a", Item: "i\nsubject -"},
		"an item with a NUL":  {Code: "a", Item: "i\x00"},
		"a CPR number item":   {Code: "a", Item: "access-" + cpr},
		"a CPR number run":    {Code: "a", Run: cpr},
		"a decomposed å":      {Code: "ga\u030a"},
		"a broken rune":       {Code: "a\xff"},
		"a zero-width space":  {Code: "a\u200b"},
		"a bad field name":    {Code: "a", Fields: map[string]string{"a b": ""}},
		"a CPR field name":    {Code: "a", Fields: map[string]string{cpr: ""}},
		"a short subject":     {Code: "a", Subject: "860501000"},
		"a dashed subject":    {Code: "a", Subject: "860501-0001"},
		"other digits":        {Code: "a", Subject: "٨٦٠٥٠١٠٠٠١"},
		"before 1970":         {Code: "a", At: begin.AddDate(-80, 0, 0)},
		"after 9999":          {Code: "a", At: begin.AddDate(8000, 0, 0)},
	} {
		if _, err := h.log.Seal(key, e); err == nil {
			t.Errorf("%s was taken", name)
		} else if strings.Contains(err.Error(), cpr) || strings.Contains(err.Error(), "860501") {
			t.Errorf("%s: the error shows the number: %v", name, err)
		}
	}
	if _, err := h.log.Seal(seal.Key{}, Entry{Code: "a", Item: "invoice-2026-000001"}); err == nil {
		t.Error("an item's entry was taken without the item's key")
	}
	for _, e := range []Entry{{Code: "PLAN-BELØB-OVER"}, {Code: "a", Run: "r/1:2+3#4", Item: "fleksløn-2026-000001"}} {
		if _, err := h.log.Seal(h.keys.of(e.Item), e); err != nil {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestTextIsMaskedAndCut(t *testing.T) {
	h := newHouse(t)
	dashed := "860501" + "-" + "0001"
	long := strings.Repeat("æ", maxText)
	h.append(Entry{
		Code: "person.lookup", Item: "access-2026-000001", Subject: testSubject,
		Text:   "Opslag på " + dashed + " og " + testSubject + ".",
		Fields: map[string]string{"who": testSubject, "long": long, "broken": "a\xffb"},
	})
	h.flush()
	e := h.all(Filter{})[0]
	if want := "Opslag på ******-**** og ******-****."; e.Text != want {
		t.Errorf("text is %q, want %q", e.Text, want)
	}
	if e.Fields["who"] != "******-****" || e.Fields["broken"] != "a\uFFFDb" {
		t.Errorf("fields are %q", e.Fields)
	}
	if cut := e.Fields["long"]; !strings.HasSuffix(cut, " bytes cut]") || len(cut) > maxText+40 || !utf8.ValidString(cut) {
		t.Errorf("the long field ends %q", cut[len(cut)-40:])
	}
	if got := h.lines.String(); strings.Contains(got, testSubject) || strings.Contains(got, dashed) {
		t.Errorf("the line shows the number: %s", got)
	}
}

// TestDigestsAreKeptWhole has a digest in which ten digits read as a CPR number.
func TestDigestsAreKeptWhole(t *testing.T) {
	whole := strings.Repeat("a", 54) + testSubject
	for value, want := range map[string]string{
		whole:                  whole,
		whole[1:]:              strings.Repeat("a", 53) + "******-****",
		"a" + whole:            strings.Repeat("a", 55) + "******-****",
		strings.ToUpper(whole): strings.Repeat("A", 54) + "******-****",
		"g" + whole[1:]:        "g" + strings.Repeat("a", 53) + "******-****",
		testSubject:            "******-****",
	} {
		d := Entry{Code: "a", Text: value, Fields: map[string]string{"sha256": value}}.detail()
		if d.Fields["sha256"] != want {
			t.Errorf("%q became %q", value, d.Fields["sha256"])
		}
		if strings.Contains(d.Text, testSubject) {
			t.Errorf("the text keeps %q", d.Text)
		}
	}
}

// TestFitLeavesNoNumber wants no CPR number left by masking and cutting, wherever
// the cut falls.
func TestFitLeavesNoNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Repeat("x", maxText-rapid.IntRange(0, 30).Draw(t, "before")) + rapid.SampledFrom([]string{" ", ""}).Draw(t, "gap") +
			testSubject + "." + rapid.StringN(0, 40, -1).Draw(t, "after")
		got := fit(s)
		if runner.Mask(got) != got || strings.Contains(got, testSubject) || strings.Contains(got, testSubject[:6]) {
			t.Fatalf("%q", got[len(got)-60:])
		}
	})
}

func TestRandomFailureIsAnError(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Random = strings.NewReader("too little") })
	if _, err := h.log.Seal(seal.Key{}, Entry{Code: "a"}); err == nil {
		t.Error("an entry was sealed without salt")
	}
}

func TestCommitmentsHideAndBind(t *testing.T) {
	h := newHouse(t)
	for range 2 {
		h.append(Entry{At: begin, Code: "person.lookup", Subject: testSubject, Text: "Det samme."})
	}
	h.flush()
	var c [2]struct{ detail, subject []byte }
	for i := range c {
		err := h.db.QueryRow(`SELECT detail_commitment, subject_commitment FROM log_entries WHERE seq = ?`, i+1).Scan(&c[i].detail, &c[i].subject)
		if err != nil {
			t.Fatal(err)
		}
	}
	if string(c[0].detail) == string(c[1].detail) || string(c[0].subject) == string(c[1].subject) {
		t.Error("two commitments to the same text are the same")
	}
	rapid.Check(t, func(t *rapid.T) {
		bytes := rapid.SliceOfN(rapid.Byte(), 0, 80)
		salt := rapid.SliceOfN(rapid.Byte(), saltSize, saltSize)
		s1, t1, s2, t2 := salt.Draw(t, "s1"), bytes.Draw(t, "t1"), salt.Draw(t, "s2"), bytes.Draw(t, "t2")
		same := string(s1) == string(s2) && string(t1) == string(t2)
		if (Commit(s1, t1) == Commit(s2, t2)) != same {
			t.Fatal("two openings of one commitment")
		}
		opened, err := unsalt(append(append([]byte(nil), s1...), t1...), Commit(s1, t1))
		if err != nil || string(opened) != string(t1) {
			t.Fatalf("%v", err)
		}
		if _, err := unsalt(append(append([]byte(nil), s2...), t2...), Commit(s1, t1)); err == nil && !same {
			t.Fatal("opened with another text")
		}
	})
}

// TestNothingIsReadableInTheDatabase looks for what was written in all of the
// tables' bytes.
func TestNothingIsReadableInTheDatabase(t *testing.T) {
	h := newHouse(t)
	e := Entry{Code: "person.lookup", Item: "access-2026-000001", Subject: testSubject, Text: "hemmelig tekst", Fields: map[string]string{"f": "hemmeligt felt"}}
	h.append(e)
	h.flush()
	h.append(e)
	for _, c := range columns() {
		n := value[int](h, `SELECT count(*) FROM `+c.table+` WHERE instr(`+c.name+`, CAST('hemmelig' AS BLOB)) + instr(`+c.name+`, CAST('`+testSubject+`' AS BLOB)) > 0`)
		if n > 0 {
			t.Errorf("%s.%s shows it", c.table, c.name)
		}
	}
}

func TestCancelledContextWritesNothing(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.log.Append(ctx, h.db, seal.Key{}, Entry{Code: "a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := h.log.Verify(ctx, h.db, VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("verify: got %v", err)
	}
}
