package fleksloen

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byskriver/fixtures/citizens"
	"byskriver/fixtures/town"
	incomes "byskriver/fixtures/town/eindkomst"
	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
	"byskriver/runner/clock"
	"byskriver/schedules"
)

// place is a town's income register over SOAP, and a robot that asks it; the
// benefit system is in memory, so that a whole town fits into a test.
type place struct {
	house
	office  *office
	service *incomes.Service
	town    *town.Town
	people  map[string]citizens.Citizen // by case
}

// settle makes a town of n citizens on 11 June 2024.
func settle(t testing.TB, n int, closed [2]time.Time) *place {
	t.Helper()
	start := time.Date(2024, 6, 11, 8, 0, 0, 0, time.UTC)
	authority, err := incomes.NewAuthority(start)
	if err != nil {
		t.Fatal(err)
	}
	p := &place{office: &office{}, people: map[string]citizens.Citizen{}, house: house{clock: clock.NewManual(start)},
		service: incomes.New(incomes.Options{Authority: authority, Agreement: incomes.Lilleby(), Closed: closed})}
	if p.town, err = town.Start(town.Config{Seed: 1, Clock: p.house.clock, Systems: []town.System{p.service}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.town.Close() })
	people, err := citizens.Generate(citizens.Options{Seed: 11, N: n, Month: citizens.June(), Lag: 1, Rates: citizens.Known()})
	if err != nil {
		t.Fatal(err)
	}
	b, _, _ := bench(t, nil)
	p.robot = New(b.robot.settings, p.office, client(t, p, authority), p.house.clock)
	p.robot.settings.Rates[2024] = subsidy.Rate{Year: 2024, Maximum: kr("19952"), Threshold: kr("16323"), MaximumSource: "star.dk", ThresholdSource: "detfagligehus.dk"}
	var watch [][]any
	for i, c := range people {
		number := fmt.Sprintf("FL-%d", 10001+i)
		p.people[number] = c
		p.office.add(caseOf(number, c))
		p.service.File(c.Filings...)
		if c.Watch != nil {
			watch = append(watch, []any{c.CPR, c.Watch.From.Format("02-01-2006"), c.Watch.To.Format("02-01-2006"), c.Watch.Reason})
		}
	}
	writeWatch(t, p.robot.settings.Watch, watch...)
	return p
}

// client is the robot's own client of the register.
func client(t testing.TB, p *place, authority *incomes.Authority) *eindkomst.Client {
	t.Helper()
	now := p.house.clock.Now()
	certificate, key, err := authority.Issue("Lilleby Kommune", now.Add(-time.Hour), now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	identity, err := eindkomst.ParsePEM(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	a := incomes.Lilleby()
	road := eindkomst.NewDirect(eindkomst.DirectOptions{URL: p.town.URL() + incomes.Path, Identity: identity, Longest: 20 * time.Second, Now: p.house.clock.Now})
	return eindkomst.New(eindkomst.Options{Road: road, Access: eindkomst.Access{Subscriber: a.Subscriber, Agreement: a.Agreement, SE: a.SE}, Random: rand.Reader, Now: p.house.clock.Now})
}

// caseOf is a citizen's case as the benefit system shows it.
func caseOf(number string, c citizens.Citizen) benefits.Case {
	out := benefits.Case{Number: number, CPR: c.CPR, Name: c.Name, Status: statusActive, Scheme: schemeNew, Kind: kindEmployed, From: dateOf(c.Case.From), To: dateOf(c.Case.To),
		PensionFrom: dateOf(c.Case.PensionFrom), OtherPension: c.Case.OtherPension, Absence: c.Case.Absence, Post: c.Case.Post, SE: c.Case.Employer.CVR, Employer: c.Case.Employer.Name,
		LoenloftSince: dateOf(c.Case.CeilingSince)}
	if c.Case.OtherPension == "" {
		out.OtherPension = pensionNone
	}
	if c.Case.SelfEmployed {
		out.Kind = "Selvstændig"
	}
	if c.Case.OldScheme {
		out.Scheme = "Fleksjob før 1. januar 2013"
	}
	if c.Case.Ceiling != 0 {
		loft := oere(c.Case.Ceiling)
		out.Loenloft = &loft
	}
	for _, h := range c.Case.History {
		out.History = append(out.History, benefits.Setting{Month: h.Month.Format("2006-01"), IncomeMonth: h.IncomeMonth.Format("2006-01"), Wage: oere(h.Income.Wage),
			OwnPension: oere(h.Income.OwnPension), EmployerPension: oere(h.Income.EmployerPension), SE: strings.Join(h.Employers, ","), Subsidy: oere(h.Subsidy), By: "kholm"})
	}
	return out
}

func oere(n int64) decimal.Decimal { return decimal.New(n, -2) }

func dateOf(t time.Time) schedules.Date {
	if t.IsZero() {
		return schedules.Date{}
	}
	return schedules.DateOf(t)
}

// round has the robot look for work and take up everything that is ready or waits.
// It returns how each case ended, by its code.
func (p *place) round(t testing.TB) map[string]string {
	t.Helper()
	p.collect(t)
	codes := map[string]string{}
	for _, key := range p.order {
		c := p.items[key]
		if c.item.State != runner.Done && c.item.State != runner.Exception {
			codes[c.item.Label] = codeOf(p.work(t, c))
		}
	}
	return codes
}

// set is what the robot set for June, by case.
func (p *place) set() map[string][]benefits.Setting {
	all := map[string][]benefits.Setting{}
	for number, c := range p.office.cases {
		for _, s := range c.History {
			if s.Month == "2024-06" {
				all[number] = append(all[number], s)
			}
		}
	}
	return all
}

// A town of 2,000 citizens, in the town's own mix (three in five ordinary): every
// subsidy that is set equals, to the øre, what an independent calculation in whole
// øre gives, and every trap is a person's. Employers that report late are waited
// for; those that never do are a question on the last day.
func TestATownOf2000(t *testing.T) {
	p := settle(t, 2000, [2]time.Time{})
	started := time.Now()
	ends := map[string]string{}
	for _, at := range []time.Time{{}, time.Date(2024, 6, 13, 12, 0, 0, 0, time.UTC), time.Date(2024, 6, 20, 8, 0, 0, 0, time.UTC)} {
		if !at.IsZero() {
			p.house.clock.Advance(at.Sub(p.house.clock.Now()))
		}
		maps.Copy(ends, p.round(t))
		p.judge(t, ends, p.house.clock.Now())
	}
	took := time.Since(started)
	kinds := map[string]map[string]int{}
	set := p.set()
	right := 0
	for number, c := range p.people {
		if kinds[c.Kind] == nil {
			kinds[c.Kind] = map[string]int{}
		}
		kinds[c.Kind][ends[number]]++
		if c.Want.Trap == "" && len(set[number]) == 1 {
			right++
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%-45s %v", kind, kinds[kind])
	}
	t.Logf("%d of 2,000 set by the robot, %d on a person's list or the obsliste; %d look-ups, %v", right, 2000-right, len(p.service.LookUps()), took.Round(time.Second))
}

// judge holds the town against what each citizen's month must have come to by now.
func (p *place) judge(t *testing.T, ends map[string]string, now time.Time) {
	t.Helper()
	last := !now.Before(time.Date(2024, 6, 20, 0, 0, 0, 0, time.UTC))
	set := p.set()
	for number, c := range p.people {
		got, code := set[number], ends[number]
		late := c.Want.After.After(now)
		switch {
		case c.Want.Trap != "" && len(got) > 0:
			t.Errorf("%s (%s): %s was set", number, c.Kind, got[0].Subsidy)
		case c.Want.Trap != "" && c.Watch != nil:
			if _, found := ends[number]; found {
				t.Errorf("%s (%s) was taken up", number, c.Kind)
			}
		case c.Want.Trap != "" && (code == "" || strings.HasPrefix(code, "error") || last && strings.HasPrefix(code, "later")):
			t.Errorf("%s (%s) ended as %q", number, c.Kind, code)
		case c.Want.Trap == "" && late && (len(got) > 0 || code != "later "+codeMissing):
			t.Errorf("%s (%s): %d set, %q, before the report was there", number, c.Kind, len(got), code)
		case c.Want.Trap == "" && !late && (len(got) != 1 || code != ""):
			t.Errorf("%s (%s): %d set, %q", number, c.Kind, len(got), code)
		case c.Want.Trap == "" && !late && !got[0].Subsidy.Equal(oere(c.Want.Subsidy)):
			t.Errorf("%s (%s): %s was set, the independent calculation gives %s", number, c.Kind, got[0].Subsidy, oere(c.Want.Subsidy))
		}
	}
}

// eIndkomst is down for an hour: nobody is given a wage of zero, nothing is set,
// and when it is back the month comes to its end.
func TestRegisterDownForAnHour(t *testing.T) {
	from := time.Date(2024, 6, 11, 8, 0, 0, 0, time.UTC)
	p := settle(t, 100, [2]time.Time{from, from.Add(time.Hour)})
	for range 2 {
		for number, code := range p.round(t) {
			if c := p.people[number]; code == "" || strings.HasPrefix(code, "later") {
				t.Errorf("%s (%s) ended as %q while nobody could be looked up", number, c.Kind, code)
			}
		}
		p.house.clock.Advance(30*time.Minute - time.Second)
	}
	if len(p.set()) != 0 {
		t.Fatalf("%d were set", len(p.set()))
	}
	p.house.clock.Advance(time.Minute)
	ends := p.round(t)
	for number, c := range p.people {
		if c.Want.Trap == "" && c.Want.After.IsZero() && (ends[number] != "" || len(p.set()[number]) != 1) {
			t.Errorf("%s (%s): %q, %d set", number, c.Kind, ends[number], len(p.set()[number]))
		}
	}
}
