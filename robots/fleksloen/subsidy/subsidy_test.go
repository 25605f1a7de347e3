package subsidy

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func kr(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func rate(m, g string) Rate {
	return Rate{Year: 2024, Maximum: kr(m), Threshold: kr(g), MaximumSource: "kilde M", ThresholdSource: "kilde G"}
}

func wage(l string) Income { return Income{Wage: kr(l)} }

// The published examples, to the øre. Billund's is quoted before the lønloft and
// with each part rounded to the krone; its lønloft then makes it smaller.
func TestPublishedExamples(t *testing.T) {
	for _, c := range []struct {
		name                 string
		rate                 Rate
		income               Income
		loenloft             string
		rounding             Rounding
		subsidy, total       string
		binds                bool
		before, lower, upper string
	}{
		{name: "star.dk 2024: 200 kr. x 18 hours", rate: rate("19952", "16323"), income: wage("15600"), loenloft: "32067", rounding: None,
			subsidy: "15272", total: "30872", before: "15272", lower: "-4680"},
		{name: "star.dk 2024, wage split in its parts", rate: rate("19952", "16323"), income: Income{kr("13923.50"), kr("558.84"), kr("1117.66")}, loenloft: "32067", rounding: None,
			subsidy: "15272", total: "30872", before: "15272", lower: "-4680"},
		{name: "billund.dk 2014, each part rounded", rate: rate("17312", "13446"), income: wage("14000"), loenloft: "23545", rounding: Krone,
			subsidy: "9545", total: "23545", binds: true, before: "12973", lower: "-4034", upper: "-305"},
		{name: "billund.dk 2014, exact", rate: rate("17312", "13446"), income: wage("14000"), loenloft: "23545", rounding: None,
			subsidy: "9545", total: "23545", binds: true, before: "12973.50", lower: "-4033.80", upper: "-304.70"},
		{name: "under the øre: 30 % of 10,01 is 3,003", rate: rate("19952", "16323"), income: wage("10.01"), loenloft: "32067", rounding: None,
			subsidy: "19949", total: "19959.01", before: "19949", lower: "-3.003"},
		{name: "half an øre: 30 % of 10,05 is 3,015", rate: rate("19952", "16323"), income: wage("10.05"), loenloft: "32067", rounding: None,
			subsidy: "19948.99", total: "19959.04", before: "19948.99", lower: "-3.015"},
		{name: "at the threshold", rate: rate("19952", "16323"), income: wage("16323"), loenloft: "60000", rounding: None,
			subsidy: "15055.10", total: "31378.10", before: "15055.10", lower: "-4896.90"},
		{name: "a krone over it", rate: rate("19952", "16323"), income: wage("16324"), loenloft: "60000", rounding: None,
			subsidy: "15054.55", total: "31378.55", before: "15054.55", lower: "-4896.90", upper: "-0.55"},
	} {
		t.Run(c.name, func(t *testing.T) {
			loft := kr(c.loenloft)
			got := Compute(c.rate, c.income, &loft, c.rounding)
			if !got.Subsidy.Equal(kr(c.subsidy)) || !got.Total.Equal(kr(c.total)) || got.Binds != c.binds {
				t.Errorf("subsidy %s, total %s, binds %v; want %s, %s, %v", got.Subsidy, got.Total, got.Binds, c.subsidy, c.total, c.binds)
			}
			for text, want := range map[string]string{"Tilskud før lønloft": c.before, "30 % af løn op til": c.lower, "55 % af løn over": c.upper} {
				if have := stepOf(got, text); have != want && (have == "" || want == "" || !kr(have).Equal(kr(want))) {
					t.Errorf("step %q is %q, want %q", text, have, want)
				}
			}
			if without := Compute(c.rate, c.income, nil, c.rounding); !without.Subsidy.Equal(kr(c.before)) || without.Binds {
				t.Errorf("without lønloft %s, want %s", without.Subsidy, c.before)
			}
		})
	}
}

func stepOf(r Result, text string) string {
	for _, s := range r.Steps {
		if strings.Contains(s.Text, text) {
			return s.Amount.String()
		}
	}
	return ""
}

func TestNothingIsLeft(t *testing.T) {
	loft := kr("60000")
	got := Compute(rate("19952", "16323"), wage("45000"), &loft, None)
	if !got.Floored || !got.Subsidy.IsZero() || stepOf(got, "under nul") != "0" {
		t.Errorf("%+v", got)
	}
	loft = kr("15000")
	if got := Compute(rate("19952", "16323"), wage("15000.01"), &loft, None); !got.Subsidy.IsZero() || !got.Binds || !got.Floored {
		t.Errorf("a wage over the lønloft: %+v", got)
	}
}

func amounts(most int64) *rapid.Generator[decimal.Decimal] {
	return rapid.Map(rapid.Int64Range(0, most), func(cents int64) decimal.Decimal { return decimal.New(cents, -2) })
}

// Never below zero, never over what the lønloft leaves, falling with the wage, and
// without a jump at the threshold: over one øre of wage it moves by at most what
// the shares and the rounding explain.
func TestTheFormulasShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := amounts(3_000_000).Draw(t, "threshold")
		r := Rate{Year: 2024, Threshold: g, Maximum: g.Add(amounts(2_000_000).Draw(t, "maximum over it"))}
		loft := amounts(6_000_000).Draw(t, "lønloft")
		rounding := rapid.SampledFrom([]Rounding{None, Krone}).Draw(t, "rounding")
		l := rapid.OneOf(amounts(6_000_000), rapid.Just(g)).Draw(t, "wage")
		got := Compute(r, Income{Wage: l}, &loft, rounding)
		if got.Subsidy.IsNegative() {
			t.Fatalf("below zero: %s", got.Subsidy)
		}
		if got.Subsidy.IsPositive() && got.Total.GreaterThan(loft) {
			t.Fatalf("wage and subsidy %s are over the lønloft %s", got.Total, loft)
		}
		if !got.Subsidy.Equal(got.Subsidy.Round(2)) {
			t.Fatalf("%s has more than øre", got.Subsidy)
		}
		more := Compute(r, Income{Wage: l.Add(decimal.New(1, -2))}, &loft, rounding)
		if more.Subsidy.GreaterThan(got.Subsidy) {
			t.Fatalf("rises with the wage: %s, then %s", got.Subsidy, more.Subsidy)
		}
		// A krone for each of two roundings, or an øre: else the two sides of the
		// threshold do not meet.
		jump := kr("0.02")
		if rounding == Krone {
			jump = kr("2.02")
		}
		if got.Subsidy.Sub(more.Subsidy).GreaterThan(jump) {
			t.Fatalf("falls from %s to %s over one øre", got.Subsidy, more.Subsidy)
		}
		split := amounts(100).Draw(t, "own pension").Mul(l).Div(decimal.NewFromInt(100)).Truncate(2)
		if parts := Compute(r, Income{Wage: l.Sub(split), OwnPension: split}, &loft, rounding); !parts.Subsidy.Equal(got.Subsidy) {
			t.Fatalf("split in wage and pension it is %s, not %s", parts.Subsidy, got.Subsidy)
		}
	})
}

func TestDanish(t *testing.T) {
	for in, want := range map[string]string{"0": "0,00 kr.", "1234567.5": "1.234.567,50 kr.", "-4680": "-4.680,00 kr.", "999.994": "999,99 kr.", "-0.001": "0,00 kr.", "100": "100,00 kr."} {
		if got := Danish(kr(in)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

const goodRates = `owner: Ydelseskontoret
rates:
  - year: 2024
    maximum: {amount: "19952.00", source: star.dk, read: 2024-01-08}
    threshold: {amount: "16323.00", source: detfagligehus.dk, read: 2024-01-08}
  - year: 2025
    maximum: {amount: "20670.00", source: danskmetal.dk, read: 2025-01-06}
`

func TestRates(t *testing.T) {
	rates, err := ParseRates("satser.yaml", []byte(goodRates))
	if err != nil {
		t.Fatal(err)
	}
	r, err := rates.For(2024)
	if err != nil || !r.Maximum.Equal(kr("19952")) || r.ThresholdSource != "detfagligehus.dk (læst 2024-01-08)" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, year := range []int{2025, 2026} {
		if _, err := rates.For(year); err == nil || !strings.HasPrefix(err.Error(), CodeRates+": satserne for") {
			t.Errorf("%d: %v", year, err)
		}
	}
}

// Every mistake is told at once, each with its line.
func TestRatesThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"everything": {`owner: ""
rates:
  - year: 2012
    maximum: {amount: "1.00", source: x, read: 2024-01-01}
  - year: 2024
    maximum: {amount: "19.952,00", source: "", read: jan}
    threshold: {amount: "-1", source: x, read: 2024-02-30}
  - year: 2024
    maximum: {amount: "1.00", source: x, read: 2024-01-01}
  - year: 2025
  - year: 2026
    maximum: {amount: "15000.00", source: x, read: 2024-01-01}
    threshold: {amount: "16000.00", source: x, read: 2024-01-01}
`, "satser.yaml:3: owner is missing|satser.yaml:3: rate 1: year 2012|satser.yaml:6: year 2024: maximum.amount|satser.yaml:6: year 2024: maximum.source|satser.yaml:6: year 2024: maximum.read|satser.yaml:7: year 2024: threshold.amount|satser.yaml:7: year 2024: threshold.read|satser.yaml:8: year 2024 stands twice|satser.yaml:10: year 2025 has neither|satser.yaml:11: year 2026: maximum 15000 is not above threshold 16000"},
		"an unknown key": {"owner: x\nrates:\n  - year: 2024\n    maksimum: {}\n", `unknown field "maksimum"`},
		"none":           {"owner: x\nrates: []\n", "no rates in it"},
		"no YAML":        {"rates: [", "satser.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseRates("satser.yaml", []byte(c.in))
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

func TestAmounts(t *testing.T) {
	for _, bad := range []string{"", "1,00", "1.000", "1e3", " 1", "1.", ".5", "+1", "kr 1", "1.234", "0x1"} {
		if d, err := ParseAmount(bad); err == nil {
			t.Errorf("%q is read as %s", bad, d)
		}
	}
	for _, good := range []string{"0", "15600", "15600.5", "-1.00"} {
		if d, err := ParseAmount(good); err != nil || !d.Equal(kr(good)) {
			t.Errorf("%q: %s, %v", good, d, err)
		}
	}
}

func TestRounding(t *testing.T) {
	if None.Check() != nil || Krone.Check() != nil || Rounding("").Check() == nil {
		t.Error("the roundings are not checked")
	}
}
