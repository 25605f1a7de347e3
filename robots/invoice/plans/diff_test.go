package plans

import (
	"fmt"
	"strings"
	"testing"
)

func TestDiffRisks(t *testing.T) {
	cases := []struct {
		name   string
		bend   func(p *Plan)
		column string
		risk   Risk
		why    string
	}{
		{"to raised", func(p *Plan) { p.To = dkk("12000.51") }, colTo, High, "hævet"},
		{"to lowered", func(p *Plan) { p.To = dkk("12000.49") }, colTo, Low, ""},
		{"from lowered", func(p *Plan) { p.From = dkk("999.99") }, colFrom, Middle, "sænket"},
		{"from raised", func(p *Plan) { p.From = dkk("1000.01") }, colFrom, Low, ""},
		{"approve instead of forward", func(p *Plan) { p.Action = ActionApprove }, colAction, High, "godkendes"},
		{"code instead of forward", func(p *Plan) { p.Action = ActionCode }, colAction, Middle, "noget andet"},
		{"CVR known elsewhere", func(p *Plan) { p.CVR = cvrLifts }, colCVR, High, "en anden"},
		{"any EAN", func(p *Plan) { p.EAN = "" }, colEAN, High, "alle"},
		{"another EAN", func(p *Plan) { p.EAN = eanLibrary }, colEAN, Middle, "andet"},
		{"more a month", func(p *Plan) { p.PerMonth = 3 }, colPerMonth, High, "flere"},
		{"fewer a month", func(p *Plan) { p.PerMonth = 1 }, colPerMonth, Low, ""},
		{"no limit a year", func(p *Plan) { p.PerYear = 0 }, colPerYear, High, "flere"},
		{"no interval", func(p *Plan) { p.Interval = NoInterval }, colInterval, High, "tættere"},
		{"longer interval", func(p *Plan) { p.Interval = Quarterly }, colInterval, Low, ""},
		{"extended", func(p *Plan) { p.ValidTo = "2027-01-01" }, colValidTo, Middle, "forlænget"},
		{"shortened", func(p *Plan) { p.ValidTo = "2026-12-30" }, colValidTo, Low, ""},
		{"from before", func(p *Plan) { p.ValidFrom = "2025-12-31" }, colValidFrom, Middle, "før"},
		{"from later", func(p *Plan) { p.ValidFrom = "2026-01-02" }, colValidFrom, Low, ""},
		{"account", func(p *Plan) { p.Account = "45000001" }, colAccount, Middle, "andet sted"},
		{"basis", func(p *Plan) { p.Basis = Gross }, colBasis, Middle, "andet beløb"},
		{"VAT code", func(p *Plan) { p.VATCode = "K00" }, colVATCode, Middle, "moms"},
		{"agent", func(p *Plan) { p.NextAgent = "SKOLE02" }, colAgent, Middle, "en anden"},
		{"supplier's name", func(p *Plan) { p.Supplier = "Andet ApS" }, colSupplier, Middle, "navn"},
		{"note", func(p *Plan) { p.Note = "ny" }, colNote, Low, ""},
		{"text", func(p *Plan) { p.Text = "ny" }, colText, Low, ""},
		{"area", func(p *Plan) { p.Area = "ny" }, colArea, Low, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			old, new := sampleSheet(), sampleSheet()
			c.bend(&new.Plans[0])
			got := Diff(old, new)
			if len(got) != 1 || len(got[0].Fields) != 1 || got[0].Kind != PlanChanged || got[0].Plan != "P-001" {
				t.Fatalf("got %+v", got)
			}
			f := got[0].Fields[0]
			if f.Column != c.column || f.Risk != c.risk || got[0].Risk != c.risk || !strings.Contains(f.Why, c.why) || (c.why == "") != (f.Why == "") {
				t.Errorf("got %+v", f)
			}
		})
	}
}

func TestDiffAddedAndRemoved(t *testing.T) {
	old, new := sampleSheet(), sampleSheet()
	newPlan := lifts()
	newPlan.Number, newPlan.CVR, newPlan.PerYear = "P-003", cvrOther, 0
	sameSupplier := lifts()
	sameSupplier.Number, sameSupplier.From, sameSupplier.To = "P-004", dkk("501"), dkk("600")
	new.Plans = []Plan{cleaning(), newPlan, sameSupplier}
	new.Always = []Always{new.Always[0], new.Always[2], {ByAmount, "50000", "Store beløb"}}
	new.Always[0].Reason = "Anden grund"
	got := Diff(old, new)
	var list []string
	for _, c := range got {
		list = append(list, fmt.Sprintf("%d %s %s", c.Risk, c.Kind, c.Plan))
	}
	want := "3 check-removed |3 plan-added P-003|2 plan-added P-004|1 check-added |1 check-changed |1 plan-removed P-002"
	if strings.Join(list, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(list, "|"), want)
	}
	if why := strings.Join(got[1].Why, "; "); why != newPayee+"; antallet af fakturaer er ikke begrænset" {
		t.Errorf("got %q", why)
	}
}

func TestDescribe(t *testing.T) {
	old, new := sampleSheet(), sampleSheet()
	new.Plans[0].To, new.Plans[0].Note = dkk("15000"), ""
	new.Plans[1].Number = "P-003"
	new.Always = new.Always[1:]
	want := `Planer: 1 ny, 1 slettet, 1 ændret (2 felter).
Kontrolleres altid: 0 nye, 1 slettet, 0 ændrede.
Øvre grænse hævet på 1 plan, med i alt 2.999,50 kr.
Heraf 2, der skal ses nøje efter, mærket med !.

! Slettet regel i »Kontrolleres altid«: det ses ikke længere altid af et menneske
      Kriterium: CVR
      Værdi: 99900032
      Begrundelse: Leverandøren er under tilsyn

! Ændret plan P-001, Skovbrynets Rengøring ApS
    ! Beløb til: 12.000,50 → 15.000,00 (hævet)
      Bemærkning: Aftale 7, se § → (tom)

  Ny plan P-003, Fjordens Elevatorservice
      Plan: P-003
      Leverandør: Fjordens Elevatorservice
      CVR: 99900024
      Artskonto: 45010000
      Omkostningssted: 5500001234
      Momskode: K00
      Beløb konteres: Brutto
      Beløb fra: 0,00
      Beløb til: 500,00
      Interval: Intet
      Antal pr. år: 4
      Gyldig fra: 01-07-2025
      Gyldig til: 30-06-2027
      Handling: Kontér
`
	if got := Describe(Diff(old, new)); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Describe(nil); got != "Der er ingen ændringer i betalingsplanerne.\n" {
		t.Errorf("got %q", got)
	}
}

func TestDescribeIsShortWhenLong(t *testing.T) {
	var old, new Sheet
	for i := range 100 {
		p := cleaning()
		p.Number = fmt.Sprintf("P-%03d", i)
		old.Plans = append(old.Plans, p)
		p.Note = "ny"
		if i >= 60 {
			p.To = dkk("99999")
		}
		new.Plans = append(new.Plans, p)
	}
	changes := Diff(old, new)
	got := Describe(changes)
	if strings.Count(got, "Ændret plan") != describeMost || !strings.HasSuffix(got, "… og 70 ændringer mere, heraf 10, der skal ses nøje efter.\n") {
		t.Errorf("got %d named, ending %q", strings.Count(got, "Ændret plan"), got[len(got)-80:])
	}
	if !strings.Contains(got, "P-060") || strings.Contains(got, "P-000") {
		t.Error("the riskiest do not come first")
	}
	if all := DescribeAll(changes); strings.Count(all, "Ændret plan") != 100 || strings.Contains(all, "mere, heraf") {
		t.Error("DescribeAll leaves something out")
	}
}
