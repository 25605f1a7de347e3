package grants

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

const (
	home  = "94130743" // the supplier of the tests
	other = "94131480"
)

func amount(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// stay is a monthly grant of 25,200 kroner for the whole of 2026.
func stay(number string) Grant {
	return Grant{Number: number, Section: "§ 107", Kind: "Midlertidigt ophold", Ownership: "Privat", Target: "Voksne", Measure: "Botilbud",
		Supplier: "Opholdsstedet Lærkesangshuset", CVR: home, From: "2026-01-01", To: "2026-12-31", Amount: amount("25200"), Fixed: true,
		Interval: "Måned", Status: statusActive}
}

// with is a grant with one change.
func with(g Grant, change func(*Grant)) Grant {
	change(&g)
	return g
}

func october() Period { return Period{"2026-10-01", "2026-10-31"} }

func asked(all ...Grant) FindInput {
	return FindInput{Known: true, Stated: true, CVR: home, Supplier: "Opholdsstedet Lærkesangshuset", Amount: amount("25200.00"), Period: october(), Grants: all}
}

func TestFindGrant(t *testing.T) {
	const a, b = "B-1", "B-2"
	for _, c := range []struct {
		name   string
		grants []Grant
		change func(*FindInput)
		want   string // the grant
		code   string
		says   string
	}{
		{"the only one", []Grant{stay(a)}, nil, a, "", ""},
		{"another supplier's beside it", []Grant{stay(a), with(stay(b), func(g *Grant) { g.CVR = other })}, nil, a, "", ""},
		{"another amount beside it", []Grant{stay(a), with(stay(b), func(g *Grant) { g.Amount = amount("25200.01") })}, nil, a, "", ""},
		{"one that began within the period", []Grant{stay(a), with(stay(b), func(g *Grant) { g.From = "2026-10-02" })}, nil, a, "", ""},
		{"one that ended within the period", []Grant{stay(a), with(stay(b), func(g *Grant) { g.To = "2026-10-30" })}, nil, a, "", ""},
		{"one on the very days", []Grant{with(stay(a), func(g *Grant) { g.From, g.To = "2026-10-01", "2026-10-31" })}, nil, a, "", ""},
		{"until further notice", []Grant{with(stay(a), func(g *Grant) { g.To = "" })}, nil, a, "", ""},
		{"a draft beside it", []Grant{stay(a), with(stay(b), func(g *Grant) { g.Status = statusDraft })}, nil, a, "", ""},
		{"a void one beside it", []Grant{with(stay(b), func(g *Grant) { g.Status = statusVoid }), stay(a)}, nil, a, "", ""},
		{"two months at twice the amount", []Grant{stay(a)}, func(in *FindInput) {
			in.Period, in.Amount = Period{"2026-09-01", "2026-10-31"}, amount("50400")
		}, a, "", ""},
		{"by the day", []Grant{with(stay(a), func(g *Grant) { g.Interval, g.Amount = "Døgn", amount("812.90") })}, func(in *FindInput) { in.Amount = amount("25199.90") }, a, "", ""},
		{"a quarter", []Grant{with(stay(a), func(g *Grant) { g.Interval = "Kvartal" })}, func(in *FindInput) { in.Period = Period{"2026-07-01", "2026-09-30"} }, a, "", ""},
		{"once", []Grant{with(stay(a), func(g *Grant) { g.Interval = "Engang" })}, func(in *FindInput) { in.Period = Period{"2026-10-07", "2026-10-09"} }, a, "", ""},
		{"two weeks", []Grant{with(stay(a), func(g *Grant) { g.Interval = "Uge" })}, func(in *FindInput) {
			in.Period, in.Amount = Period{"2026-10-05", "2026-10-18"}, amount("50400")
		}, a, "", ""},

		{"two alike", []Grant{stay(a), stay(b)}, nil, "", codeSeveral, "kan høre til 2 af borgerens bevillinger: B-1 (§ 107, Botilbud, 25.200,00 kr. pr. måned); B-2 ("},
		{"one without an amount is never excluded", []Grant{stay(a), with(stay(b), func(g *Grant) { g.Fixed, g.Interval = false, "Efter regning" })}, nil, "", codeSeveral, "uden fast beløb"},
		{"nor one with an interval nobody knows", []Grant{stay(a), with(stay(b), func(g *Grant) { g.Interval, g.Amount = "14. dag", amount("1") })}, nil, "", codeSeveral, "B-2"},
		{"nor one that names no supplier", []Grant{stay(a), with(stay(b), func(g *Grant) { g.CVR = "" })}, nil, "", codeSeveral, "B-2"},
		{"nor one with a status nobody knows", []Grant{stay(a), with(stay(b), func(g *Grant) { g.Status = "Til revision" })}, nil, "", codeSeveral, "B-2"},
		{"only one without an amount is left", []Grant{with(stay(a), func(g *Grant) { g.Fixed = false })}, nil, a, "", ""},

		{"no grants", nil, nil, "", codeNone, "ingen bevillinger i fagsystemet"},
		{"one øre", []Grant{stay(a)}, func(in *FindInput) { in.Amount = amount("25199.99") }, "", codeNone, "på 25.199,99 kr.: B-1 er på 25.200,00 kr. pr. måned."},
		{"part of a month", []Grant{stay(a)}, func(in *FindInput) { in.Period.To = "2026-10-30" }, "", codeNone, "perioden er ikke hele af dem"},
		{"the nearest is named first", []Grant{with(stay(a), func(g *Grant) { g.CVR = other }), with(stay(b), func(g *Grant) { g.Amount = amount("1") })}, nil, "", codeNone, ": B-2 er på 1,00 kr. pr. måned; B-1 gælder "},
		{"not begun", []Grant{with(stay(a), func(g *Grant) { g.From, g.To = "2026-11-01", "" })}, nil, "", codeNone, "gælder først fra 01.11.2026"},
		{"nobody, as stated", nil, func(in *FindInput) { in.Known = false }, "", codeNobody, "som fakturaen oplyser"},
		{"nobody, by ten digits in a text", nil, func(in *FindInput) { in.Known, in.Stated = false, false }, "", codeNobody, "ti cifre"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := asked(c.grants...)
			if c.change != nil {
				c.change(&in)
			}
			v := FindGrant(in)
			code, text := "", ""
			if v.Refusal != nil {
				code, text = v.Refusal.Code, v.Refusal.Text
			}
			if v.Grant != c.want || code != c.code || !strings.Contains(text, c.says) {
				t.Errorf("got %q %s %q", v.Grant, code, text)
			}
		})
	}
}

func TestMoreGrantsThanASentenceNames(t *testing.T) {
	var many []Grant
	for i := range 8 {
		many = append(many, stay(fmt.Sprintf("B-%d", i)))
	}
	if r := FindGrant(asked(many...)).Refusal; r == nil || !strings.Contains(r.Text, "og 3 til") || strings.Contains(r.Text, "B-5") {
		t.Errorf("several: %+v", r)
	}
	in := asked(many...)
	in.CVR = other
	if r := FindGrant(in).Refusal; r == nil || !strings.Contains(r.Text, "og 3 til") || strings.Contains(r.Text, "B-5") {
		t.Errorf("none: %+v", r)
	}
}

// anyGrant draws grants that are near to each other, so that exclusions meet.
func anyGrant() *rapid.Generator[Grant] {
	pick := func(t *rapid.T, what string, of ...string) string { return rapid.SampledFrom(of).Draw(t, what) }
	return rapid.Custom(func(t *rapid.T) Grant {
		g := stay("")
		g.CVR = pick(t, "cvr", home, home, other, "")
		g.From = pick(t, "from", "2026-01-01", "2026-10-01", "2026-10-15")
		g.To = pick(t, "to", "", "2026-12-31", "2026-10-31", "2026-10-20")
		g.Fixed = rapid.Float64().Draw(t, "fixed") < 0.8
		g.Amount = amount(pick(t, "amount", "25200", "25200.00", "8400", "812.90"))
		g.Interval = pick(t, "interval", "Måned", "Måned", "Døgn", "Kvartal", "Engang", "14. dag")
		g.Status = pick(t, "status", statusActive, statusActive, statusEnded, statusDraft, statusVoid, "Til revision")
		return g
	})
}

// can says in its own words whether a grant could be the invoice's.
func can(in FindInput, g Grant) bool {
	if g.Status == "Kladde" || g.Status == "Annulleret" || g.CVR != "" && g.CVR != in.CVR {
		return false
	}
	if g.From > in.Period.From || g.To != "" && g.To < in.Period.To {
		return false
	}
	times := map[string]int64{"Måned": 1, "Døgn": 31, "Engang": 1}[g.Interval]
	switch {
	case !g.Fixed || g.Interval == "14. dag":
		return true
	case g.Interval == "Kvartal":
		return false
	}
	return in.Amount.Equal(g.Amount.Mul(decimal.NewFromInt(times)))
}

// A grant is chosen only if all others surely do not fit, whatever their order; and
// one more that could fit always makes it a refusal.
func TestOnlyTheOnlyOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(anyGrant(), 0, 6).Draw(t, "grants")
		var fit []string
		for i := range all {
			all[i].Number = fmt.Sprintf("B-%d", i)
			if can(asked(), all[i]) {
				fit = append(fit, all[i].Number)
			}
		}
		v := FindGrant(asked(all...))
		if (v.Grant != "") != (len(fit) == 1) || v.Grant != "" && v.Grant != fit[0] || (v.Refusal == nil) != (v.Grant != "") {
			t.Fatalf("%v fit, got %q %+v", fit, v.Grant, v.Refusal)
		}
		if len(v.Excluded)+len(fit) != len(all) {
			t.Fatalf("%d of %d are excluded, %v fit", len(v.Excluded), len(all), fit)
		}
		for _, g := range fit {
			if v.Refusal != nil && !strings.Contains(v.Refusal.Text, g) {
				t.Fatalf("%s is not named in %q", g, v.Refusal.Text)
			}
		}
		mixed := rapid.Permutation(all).Draw(t, "order")
		if w := FindGrant(asked(mixed...)); w.Grant != v.Grant {
			t.Fatalf("in another order %q, before %q", w.Grant, v.Grant)
		}
		if v.Grant != "" {
			more := append(slices.Clone(all), stay("B-9"))
			if w := FindGrant(asked(more...)); w.Refusal == nil || w.Refusal.Code != codeSeveral {
				t.Fatalf("with one more that fits: %+v", w)
			}
		}
	})
}

// row is the support sheet's row for stay.
func row() Row {
	return Row{Section: "§107", Kind: "midlertidigt  ophold", Ownership: "Privat", Target: "VOKSNE", Account: "59000010", PSP: "XG-5385000001",
		VATCode: "K0", Basis: string(plans.Gross), Action: string(plans.ActionCode)}
}

func coded(g Grant, paid ...Paid) CodeInput {
	return CodeInput{Grant: g, Paid: paid, Period: october(), Net: amount("20160"), Payable: amount("25200"), Others: 2,
		Rows: []Row{{Section: "§ 108", Kind: "Midlertidigt ophold", Ownership: "Privat", Target: "Voksne", Account: "1"}, row()}}
}

func TestCodeGrant(t *testing.T) {
	v := CodeGrant(coded(stay("B-1")))
	if v.Refusal != nil || v.Coding.Account != "59000010" || v.Coding.PSP != "XG-5385000001" || v.Coding.VATCode != "K0" || !v.Coding.Amount.Equal(amount("25200")) ||
		v.Coding.Text != "Botilbud 01.10.26-31.10.26" || v.Coding.Action != plans.ActionCode || !strings.Contains(v.Why, "2 andre er udelukket") {
		t.Errorf("got %+v, %+v", v, v.Coding)
	}
	in := coded(stay("B-1"))
	in.Rows[1].Basis, in.Rows[1].Action, in.Rows[1].NextAgent = string(plans.Net), string(plans.ActionForward), "LBY00102"
	if c := CodeGrant(in).Coding; !c.Amount.Equal(amount("20160")) || c.Action != plans.ActionForward || c.NextAgent != "LBY00102" {
		t.Errorf("net, forwarded: %+v", c)
	}
	for _, c := range []struct {
		name, code, says string
		in               CodeInput
	}{
		{"no fixed amount", codeNotFixed, "intet fast beløb", coded(with(stay("B-1"), func(g *Grant) { g.Fixed = false }))},
		{"unknown interval", codeUnclear, "afregning »14. dag«", coded(with(stay("B-1"), func(g *Grant) { g.Interval = "14. dag" }))},
		{"unknown status", codeUnclear, "status »Til revision«", coded(with(stay("B-1"), func(g *Grant) { g.Status = "Til revision" }))},
		{"no supplier", codeUnclear, "ingen leverandør", coded(with(stay("B-1"), func(g *Grant) { g.CVR = "" }))},
		{"paid", codePaid, "faktura OL-1, bilag 5100004711", coded(stay("B-1"), Paid{From: "2026-09-01", To: "2026-09-30"}, Paid{From: "2026-10-01", To: "2026-10-31", Invoice: "OL-1", Voucher: "5100004711"})},
		{"paid in part, by hand", codePaid, "faktura ukendt, bilag ukendt", coded(stay("B-1"), Paid{From: "2026-10-31", To: "2026-11-30"})},
		{"no row", codeNoRow, "målgruppe »Unge«", coded(with(stay("B-1"), func(g *Grant) { g.Target = "Unge" }))},
	} {
		if v := CodeGrant(c.in); v.Coding != nil || v.Refusal.Code != c.code || !strings.Contains(v.Refusal.Text, c.says) {
			t.Errorf("%s: %+v", c.name, v.Refusal)
		}
	}
	if v := CodeGrant(coded(stay("B-1"), Paid{From: "2026-09-01", To: "2026-09-30"}, Paid{From: "2026-11-01", To: "2026-11-30"})); v.Refusal != nil {
		t.Errorf("paid before and after: %+v", v.Refusal)
	}
}

// The remark always has its whole period, fits the field, and holds no CPR number.
func TestRemark(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		measure := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-ZÆØÅa-zæøå ]{0,60}(86050[1-9]-?000[0-9])?[a-z ]{0,40}`)).Draw(t, "measure")
		text := remark(measure, october())
		if !strings.HasSuffix(text, "01.10.26-31.10.26") || len([]rune(text)) > plans.MaxText || runner.Mask(text) != text || strings.Contains(text, "  ") {
			t.Fatalf("%q gave %q", measure, text)
		}
	})
}

// No sentence of the rules holds a CPR number, whatever the case system's fields
// hold.
func TestNoCPRNumberInASentence(t *testing.T) {
	const person = "860501-0001"
	g := with(stay("B-1"), func(g *Grant) {
		g.Measure, g.Supplier, g.Kind, g.Target, g.Status = person, person, person, person, person
	})
	texts := []string{FindGrant(asked(g, g)).Refusal.Text, CodeGrant(coded(g)).Refusal.Text}
	g.Status, g.CVR = statusActive, other
	texts = append(texts, FindGrant(asked(g)).Refusal.Text, CodeGrant(coded(with(g, func(g *Grant) { g.CVR = home }))).Refusal.Text)
	for _, text := range texts {
		if strings.Contains(text, "0001") {
			t.Errorf("%q", text)
		}
	}
}
