package cli

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/town"
	"byskriver/runner"
)

// yearOrders is how many orders TestAttestYear lives through: BYSKRIVER_ATTESTS, such
// as 12500 for a year of 50 a working day; a few weeks of them otherwise.
func yearOrders(t *testing.T) int {
	text := os.Getenv("BYSKRIVER_ATTESTS")
	if text == "" {
		return 60
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// year is a town that orders certificates for a year, and the people in it.
type year struct {
	*bureau
	placed   []attests.Placed
	next     int
	consents map[string][]attests.Placed // by the day on which the consent comes
	mark     map[string]town.Letter      // letters by message id
	waited   map[string]int              // how often a person has decided about an item
	codes    map[string]int
	mostHeld int
}

// fates are what becomes of a person's certificate: nine in ten are clean.
func fates(seed int) func(int, town.Applicant) town.Fate {
	odd := []town.Fate{town.FateLate, town.FateLate, town.FateLate, town.FateRefused, town.FateRefused, town.FateDecision, town.FateDecision, town.FateQuoted, town.FateNegated,
		town.FateSplit, town.FateHeading, town.FateDoubled, town.FateScanned, town.FateLocked, town.FateEmpty, town.FateOther, town.FateType, town.FateTwice, town.FateNever, town.FateBroken, town.FateRefuted}
	return func(n int, _ town.Applicant) town.Fate {
		if n = n*7919 + seed; n%10 != 0 {
			return town.FateClean
		}
		return odd[n/10%len(odd)]
	}
}

// A year of orders through the town on its clock, with answers, refusals, late
// consents and dirty certificates, a system that fails now and then, and people who
// send late and decide late.
func TestAttestYear(t *testing.T) {
	n := yearOrders(t)
	b := newBureau(t, "2026-01-05", 6, func(o *attests.Options) { o.Gap, o.Rest = "2ms", "100ms" })
	b.town.SBSYS().Limit(800)
	y := &year{bureau: b, placed: attests.Orders(n, 50, b.clock.Now(), 6), consents: map[string][]attests.Placed{}, mark: map[string]town.Letter{}, waited: map[string]int{}, codes: map[string]int{}}
	b.town.Police().Fates(fates(3))
	b.town.Script(
		town.Fault{On: town.Match{What: town.WhatNote, Every: 211}, Do: town.CutAfter(200 * time.Millisecond)},
		town.Fault{On: town.Match{What: town.WhatNote, Every: 307}, Do: town.CutBefore()},
		town.Fault{On: town.Match{System: "sbsys", Every: 1009}, Do: town.Fail()},
		town.Fault{On: town.Match{System: "sbsys", Every: 1511}, Do: town.Layout(1)}, // an error page in a 200
		town.Fault{On: town.Match{What: town.WhatStatus, Every: 1201}, Do: town.FailAfter(0)},
	)
	began := time.Now()
	for days := 0; y.busy() && days < 200+n; days++ {
		y.liveDay()
	}
	took := time.Since(began)
	runs := time.Duration(0)
	for _, d := range y.spent {
		runs += d
	}
	t.Logf("%d runs took %s of %s", len(y.spent), runs.Round(time.Second), took.Round(time.Second))
	y.holds()
	t.Logf("%d orders in %s of the machine's time: %d people ordered for in %d batches, %d notes filed, %d letters; at most %d answers held at a time; lists %v; items %v",
		n, took.Round(time.Second), len(b.town.Police().Applicants()), len(b.town.Police().Sizes()), len(b.town.SBSYS().Filed()), len(y.mark), y.mostHeld, y.codes, b.counts())
}

// busy reports whether something is still to come.
func (y *year) busy() bool {
	counts := y.counts()
	open := counts[runner.Ready] + counts[runner.Waiting] + counts[runner.Failed] + counts[runner.Exception]
	return y.next < len(y.placed) || open > 0 || len(y.drawer("ordre/")) > 0
}

// liveDay is one day: orders come, letters come, the robot runs, people decide. On
// weekends nothing is sent or decided.
func (y *year) liveDay() {
	now := y.clock.Now()
	for y.next < len(y.placed) && !y.placed[y.next].On.After(now) {
		p := y.placed[y.next]
		p.Place(y.town)
		if p.Consents > 0 {
			day := p.On.AddDate(0, 0, p.Consents).Format(time.DateOnly)
			y.consents[day] = append(y.consents[day], p)
		}
		y.next++
	}
	for _, p := range y.consents[now.In(y.zone).Format(time.DateOnly)] {
		p.Order.Consent = true
		y.town.Orders().Place(p.Order)
	}
	for _, l := range y.deliver() {
		y.mark[l.ID] = l
	}
	y.run()
	y.noLongerThan(30)
	if w := now.Weekday(); w != time.Saturday && w != time.Sunday {
		y.people()
	}
	counts := y.counts()
	switch open := counts[runner.Ready] + counts[runner.Failed] + counts[runner.Exception]; {
	case y.next < len(y.placed) || open > 0:
		y.later(1)
	case counts[runner.Waiting] > 0:
		y.later(5) // towards the end little happens
	default:
		y.later(20) // and in the end nothing but deletion
	}
}

// noLongerThan looks at what is kept: no answer longer than it may.
func (y *year) noLongerThan(days int) {
	held := y.drawer("post/")
	y.mostHeld = max(y.mostHeld, len(held))
	for _, l := range held {
		if age := y.clock.Now().Sub(l.At); age > time.Duration(days+1)*24*time.Hour {
			y.t.Errorf("%s is kept for %s", l.Name, age)
		}
	}
}

// people decide about what is on the list.
func (y *year) people() {
	y.decide(func(l listed) (string, string) {
		y.waited[l.Number]++
		times := y.waited[l.Number]
		if times == 1 {
			y.codes[l.Code]++
		}
		switch {
		case strings.HasPrefix(l.Code, "BUNDT-"):
			if times == 1 && len(y.waited)%20 == 0 {
				return "", "" // forgotten
			}
			y.send(l.Case)
			return "sent", ""
		case l.Code == "SVAR-UDEBLEVET":
			return []string{"wait", "reorder", "manual"}[min(times-1, 2)], ""
		case l.Code == "SAMTYKKE-AFVIST":
			return []string{"reorder", "manual"}[min(times-1, 1)], ""
		case strings.HasPrefix(l.Code, "SAG-"):
			return "approve", ""
		case strings.HasPrefix(l.Code, "ATTEST-"):
			return y.payroll(l, times)
		}
		return "manual", ""
	})
}

// payroll is what the payroll office does about an answer: some of them late, when
// the answer itself is gone.
func (y *year) payroll(l listed, times int) (string, string) {
	if times < 3 || l.Number[len(l.Number)-1] == '7' && times < 30 {
		return "", ""
	}
	for _, c := range l.Choices {
		if c.Action == runner.ActionManual {
			return "manual", ""
		}
	}
	return "reject", ""
}

// holds is what must be true in the end.
func (y *year) holds() {
	counts := y.counts()
	if len(counts) != 1 || counts[runner.Done] == 0 {
		y.t.Errorf("not every item has an end: %v, listed %v", counts, y.codesLeft())
	}
	for _, p := range y.placed {
		st := y.town.Orders().Status(p.Order.ID)
		if len(st) == 0 {
			y.t.Errorf("%s (%s): the leader was never told anything", p.Order.ID, p.Kind)
		}
		for typ, s := range st {
			if !s.Ended {
				y.t.Errorf("%s (%s), %s: the leader sees %+v", p.Order.ID, p.Kind, typ, s)
			}
		}
	}
	for _, size := range y.town.Police().Sizes() {
		if size > town.MostInOrder {
			y.t.Errorf("an order of %d", size)
		}
	}
	if over := y.town.SBSYS().Over(); over > 0 {
		y.t.Errorf("the document system was hurried %d times", over)
	}
	y.notesAreClean()
	for _, prefix := range []string{"post/", "bundt/", "ordre/", "udleveret/", "uklar/"} {
		if left := y.drawer(prefix); len(left) > 0 {
			y.t.Errorf("%d entries of %s are left", len(left), prefix)
		}
	}
	y.nothingLeft()
	if err := (&verifyLogCmd{}).Run(y.env()); err != nil {
		y.t.Errorf("log verify: %v", err)
	}
}

func (y *year) codesLeft() string { return y.bureau.codes() }

// notesAreClean holds every note against the letter that it speaks of: clean, the
// person's own, and once.
func (y *year) notesAreClean() {
	seen := map[string]int{}
	for _, f := range y.town.SBSYS().Filed() {
		_, id, ok := strings.Cut(f.Text, "Besked: ")
		id, _, _ = strings.Cut(id, "<")
		letter, known := y.mark[id]
		if !ok || !known || f.Upload {
			y.t.Errorf("a note of no letter: %s", f.Text)
			continue
		}
		seen[id]++
		if !letter.Fate.Clean() || strings.Contains(string(letter.PDF), letter.Mark) {
			y.t.Errorf("a %s certificate was filed as clean", letter.Fate)
		}
		if owner := y.town.SBSYS().CaseOf(f.Case); owner != letter.CPR {
			y.t.Errorf("the certificate of %s lies on the case of %s", letter.Name, owner)
		}
	}
	for id, n := range seen {
		if n != 1 {
			y.t.Errorf("message %s was filed %d times", id, n)
		}
	}
	clean := 0
	why := map[string]int{}
	for id, l := range y.mark {
		if l.Fate != town.FateClean && l.Fate != town.FateLate {
			continue
		}
		clean++
		if seen[id] == 0 {
			why[y.whyLeft(l)]++
		}
	}
	if share := float64(len(seen)) / float64(max(1, clean)); share < 0.95 {
		y.t.Errorf("only %d of %d clean certificates were filed", len(seen), clean)
	}
	left := 0
	for _, n := range why {
		left += n
	}
	y.t.Logf("%d of %d clean certificates filed by the robot; left to people: %v", clean-left, clean, why)
}

// whyLeft is what stands against filing a clean certificate, as the town knows it.
func (y *year) whyLeft(l town.Letter) string {
	for _, p := range y.placed {
		if p.Order.CPR == l.CPR && (p.Kind == "no case" || p.Kind == "two cases") {
			return p.Kind
		}
	}
	others := map[town.Fate]bool{}
	for _, o := range y.mark {
		if o.CPR == l.CPR && o.ID != l.ID {
			others[o.Fate] = true
		}
	}
	switch {
	case len(others) > 0:
		return fmt.Sprintf("beside letters %v", slices.Sorted(maps.Keys(others)))
	case l.Fate == town.FateLate:
		return "late consent"
	}
	return "none of these"
}
