package plans

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

func kroner(t *testing.T, s string) decimal.Decimal {
	t.Helper()
	d, err := decimal.NewFromString(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// monthly are postings of a supplier, one a month from January 2026; the nth is
// coded otherwise where odd says so.
func monthly(t *testing.T, cvr string, n int, odd func(int) bool) (all []Posted) {
	for i := range n {
		a := Account{Account: "40110010", PSP: "XG-6451000010", VATCode: "K1"}
		if odd(i) {
			a.Account = "40119999"
		}
		all = append(all, Posted{Supplier: "Firma " + cvr, CVR: cvr, EAN: "5798999901044", On: Date("2025-12-05").addDays(30 * i), Account: a, Amount: kroner(t, whole(1000+i%3)), Basis: Gross})
	}
	return all
}

func TestPropose(t *testing.T) {
	never := func(int) bool { return false }
	var posted []Posted
	posted = append(posted, monthly(t, "94122236", 10, never)...)
	posted = append(posted, monthly(t, "94122244", 22, func(i int) bool { return i == 3 })...)
	posted = append(posted, monthly(t, "94131480", 12, func(i int) bool { return i%4 == 0 })...) // coded this way and that
	posted = append(posted, monthly(t, "94133335", 5, never)...)                                 // too few
	all := Propose(posted, Sheet{}, "2025-01-01")
	if len(all) != 2 || all[0].Plan.CVR != "94122244" || all[1].Plan.CVR != "94122236" {
		t.Fatalf("%+v", all)
	}
	p := all[1].Plan
	if p.Account != "40110010" || p.PSP != "XG-6451000010" || p.VATCode != "K1" || p.Interval != Monthly || p.PerMonth != 1 || amount(p.From) != "1.000,00" || amount(p.To) != "1.002,00" || all[1].Invoices != 10 {
		t.Errorf("%+v", all[1])
	}
	if all[0].Wrong != 1 || all[0].Invoices != 21 {
		t.Errorf("%+v", all[0])
	}
	have := Sheet{Plans: []Plan{{CVR: "94122236"}, {CVR: "94122244", EAN: "5798999901075"}}}
	if some := Propose(posted, have, "2025-01-01"); len(some) != 1 || some[0].Plan.CVR != "94122244" {
		t.Errorf("with plans there are: %+v", some)
	}
	if none := Propose(posted, Sheet{}, "2027-12-01"); len(none) != 0 {
		t.Errorf("of another year: %+v", none)
	}
	file := filepath.Join(t.TempDir(), "forslag.xlsx")
	if dir := os.Getenv("SHOW"); dir != "" {
		file = filepath.Join(dir, "forslag.xlsx")
	}
	said, err := WriteProposals(file, all)
	if err != nil || said != "2 forslag, som ville have taget 31 fakturaer. Udfyld det, der mangler, og kopiér de rækker, I vil have, til planarket; de gælder, når en anden har godkendt dem." {
		t.Fatalf("%q, %v", said, err)
	}
	if _, err := WriteProposals(file, all); err == nil {
		t.Error("a file that is there is written over")
	}
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Forslag")
	if err != nil || len(rows) < 3 || rows[0][0] != colPlan || rows[1][0] != "FORSLAG-1" || rows[2][0] != "FORSLAG-2" || rows[2][2] != "94122236" {
		t.Errorf("%q, %v", rows, err)
	}
}

func TestRhythm(t *testing.T) {
	for want, gap := range map[Interval]int{Monthly: 30, Quarterly: 91, HalfYearly: 182, Yearly: 365, NoInterval: 9} {
		var days []Date
		for i := range 8 {
			days = append(days, Date("2020-01-01").addDays(gap*i))
		}
		if got := rhythm(days); got != want {
			t.Errorf("every %d days: %s, want %s", gap, got, want)
		}
	}
}
