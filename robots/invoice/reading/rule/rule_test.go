package rule

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"byskriver/robots/invoice/reading/ubl"
)

// tree is made of XML whose elements are all in UBL's vocabulary.
func tree(t *testing.T, text string) *ubl.Node {
	t.Helper()
	text = `<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">` + strings.NewReplacer("</", "</c:", "<", "<c:").Replace(text) + `</Invoice>`
	text = strings.ReplaceAll(text, "<c:/c:", "</c:")
	text = strings.Replace(text, "<Invoice ", `<Invoice xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" `, 1)
	n, err := ubl.Parse(strings.NewReader(text), ubl.Limits{Depth: 20, Elements: 1000, Token: 1000})
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return n
}

func always(*ubl.Node) bool { return true }

// hits are the ids and places that a plan names.
func hits(plan *Plan, n *ubl.Node) string {
	var out []string
	plan.Run(context.Background(), n, func(h Hit) bool { out = append(out, h.ID+h.At.Path()); return true })
	return strings.Join(out, " ")
}

func TestPlaces(t *testing.T) {
	n := tree(t, `<A><B>1</B><B>2</B></A><Line1><A><B>3</B></A></Line1>`)
	for at, want := range map[string]string{
		"":          "X/Invoice",
		"A":         "X/Invoice/A",
		"A/B":       "X/Invoice/A/B[1] X/Invoice/A/B[2]",
		"*/B":       "X/Invoice/A/B[1] X/Invoice/A/B[2]",
		"Line":      "X/Invoice/Line1",
		"Line/*/B":  "X/Invoice/Line1/A/B",
		"//B":       "X/Invoice/A/B[1] X/Invoice/A/B[2] X/Invoice/Line1/A/B",
		"//A/B":     "X/Invoice/A/B[1] X/Invoice/A/B[2] X/Invoice/Line1/A/B",
		"//Line/A":  "X/Invoice/Line1/A",
		"//C/B":     "",
		"B":         "",
		Everywhere:  "X/Invoice X/Invoice/A X/Invoice/A/B[1] X/Invoice/A/B[2] X/Invoice/Line1 X/Invoice/Line1/A X/Invoice/Line1/A/B",
		"//Invoice": "X/Invoice",
	} {
		plan := NewPlan(false, "Line1", []Group{{At: []string{at}, Rules: []Rule{{ID: "X", Bad: always}}}})
		if got := hits(plan, n); got != want {
			t.Errorf("%q: %q, want %q", at, got, want)
		}
	}
	first := NewPlan(false, "Line1", []Group{{At: []string{"A/B"}, First: true, Rules: []Rule{{ID: "X", Bad: always}}}})
	if got := hits(first, n); got != "X/Invoice/A/B[1]" {
		t.Error(got)
	}
}

func TestKinds(t *testing.T) {
	table := []Group{{At: []string{""}, Rules: []Rule{
		{ID: "both", Bad: always}, {ID: "inv", Crn: "crn", Bad: always}, {ID: "only", Crn: None, Bad: always}, {ID: None, Crn: "credit", Bad: always},
	}}}
	n := tree(t, "")
	if got := hits(NewPlan(false, "", table), n); got != "both/Invoice inv/Invoice only/Invoice" {
		t.Error(got)
	}
	if got := hits(NewPlan(true, "", table), n); got != "both/Invoice crn/Invoice credit/Invoice" {
		t.Error(got)
	}
	if got := strings.Join(IDs(table), " "); got != "both inv crn only credit" {
		t.Error(got)
	}
}

// A run stops when it is told to, and when its context ends.
func TestStops(t *testing.T) {
	n := tree(t, strings.Repeat("<A>1</A>", 900))
	plan := NewPlan(false, "", []Group{{At: []string{"A"}, Rules: []Rule{{ID: "X", Bad: always}, {ID: "Y", Bad: always}}}})
	count := 0
	plan.Run(context.Background(), n, func(Hit) bool { count++; return count < 3 })
	if count != 3 {
		t.Errorf("%d hits", count)
	}
	ctx, cancel := context.WithCancel(context.Background())
	count = 0
	plan.Run(ctx, n, func(Hit) bool { count++; cancel(); return true })
	if count > 600 {
		t.Errorf("%d hits after the end", count)
	}
}

func TestTests(t *testing.T) {
	n := tree(t, `<A k="v"><B>x</B><B>yy</B><C> </C><D></D><E>0.0</E><E>12.345</E><F>-1</F></A>`)
	for name, c := range map[string]struct {
		test Test
		want bool
	}{
		"Has": {Has("A/B"), true}, "Has not": {Has("A/X"), false}, "Has attribute": {Has("A@k"), true}, "Has not attribute": {Has("A/B@k"), false}, "Has attribute of itself": {Has("@k"), false},
		"Lacks": {Lacks("A/X"), true}, "Lacks not": {Lacks("A/B"), false},
		"Blank": {Blank("A/C"), true}, "Blank missing": {Blank("A/X"), true}, "Blank not": {Blank("A/B"), false},
		"Empty": {Empty("A/D"), true}, "Empty white": {Empty("A/C"), false}, "Empty missing": {Empty("X"), true},
		"Eq second": {Eq("A/B", "z", "yy"), true}, "Eq none": {Eq("A/B", "z"), false}, "Eq missing": {Eq("X", ""), false}, "Eq attribute": {Eq("A@k", "v"), true},
		"Other": {Other("A/B", "x"), true}, "Other none": {Other("A/C", " "), false}, "Other missing": {Other("X", "x"), false},
		"In first": {In("A/B", Words("x")), true}, "In second": {In("A/B", Words("yy")), false}, "InTrimmed": {InTrimmed("A/C", Set{"": {}}), true},
		"Starts": {Starts("A/F", "-"), true}, "Starts not": {Starts("A/B", "y"), false},
		"Length": {Length("A/B", Over(1)), false}, "Length missing": {Length("X", Under(1)), true}, "Length itself": {Length("", Unlike(0)), false},
		"Decimals": {Decimals("A/E", Unlike(1)), false}, "Count": {Count("A/B", Over(1)), true}, "Count missing": {Count("A/X", Unlike(0)), false},
		"Zero": {Zero("A/E"), true}, "Zero not": {Zero("A/F"), false}, "Zero blank": {Zero("A/C"), false},
		"Not": {Not(Has("A")), false}, "And": {And(Has("A"), Has("X")), false}, "Or": {Or(Has("X"), Has("A")), true},
	} {
		if got := c.test(n); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNumbers(t *testing.T) {
	for s, want := range map[string]float64{"1": 1, " -2.50 ": -2.5, "1e3": 1000} {
		if got := Number(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
	for _, s := range []string{"", "x", "1,5", "0x10", "1_000"} {
		if got := Number(s); !math.IsNaN(got) {
			t.Errorf("%q: %v", s, got)
		}
	}
	for f, want := range map[float64]string{1.005: "1.00", 0.125: "0.12", 0.135: "0.14", -2: "-2.00", math.Inf(1): "+Inf"} {
		if got := Cents(f); got != want {
			t.Errorf("%v: %s, want %s", f, got, want)
		}
	}
	for s, want := range map[string]string{"1.005": "1.01", "-1.005": "-1", "2": "2", "1.004": "1", "-1.006": "-1.01"} {
		if got := Half(decimal.RequireFromString(s), 2).String(); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
	n := tree(t, `<A>1.10</A><A>x</A><A>2.20</A>`)
	if got := Total(n, "A").String(); got != "3.3" {
		t.Error(got)
	}
	if !math.IsNaN(Sum(n, "A")) || !math.IsNaN(Value(n, "X")) || Value(n, "A") != 1.1 {
		t.Error("sums")
	}
}
