package eindkomst_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/fixtures/town"
	register "byskriver/fixtures/town/eindkomst"
	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
)

func TestLookUp(t *testing.T) {
	p := open(t)
	late := wage(anna, "202402", "15600.00")
	late.Arrives = start().Add(time.Hour)
	p.service.File(wage(anna, "202401", "15400.00"), late, wage(bo, "202402", "9000.00"))
	p.service.Play("", 0, register.Advise("17", "Der er en rettelse på vej."))
	got, err := p.client().LookUp(t.Context(), p.log, month(anna, february))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Reports) != 0 {
		t.Errorf("%d reports before they were filed", len(got.Reports))
	}
	p.clock.Advance(time.Hour)
	if got, err = p.client().LookUp(t.Context(), p.log, month(anna, february)); err != nil {
		t.Fatal(err)
	}
	if len(got.Reports) != 1 || len(got.Advices) != 1 || got.Advices[0] != (eindkomst.Advice{ID: "17", Text: "Der er en rettelse på vej."}) {
		t.Fatalf("the answer is %+v", got)
	}
	r := got.Reports[0]
	if r.SE != "13748136" || r.From != february.First() || r.To != february.Last() || r.Disposition != february.Last() {
		t.Errorf("the report's head is %+v", r)
	}
	amounts := r.Blanks[0].Blanks[0].Blanks[0]
	if v, ok := amounts.Field(eindkomst.FieldWage); v != "15600.00" || !ok || amounts.Number != eindkomst.BlankAmounts {
		t.Errorf("the amounts are %+v", amounts)
	}
	looks := p.service.LookUps()
	if len(looks) != 2 || looks[1].CPR != anna || looks[1].Purpose != "171" || looks[1].From != "202402" || looks[1].Reference != "fleksloen-2024-000001" {
		t.Errorf("the register noted %+v", looks)
	}
	want := runner.LookUp{Subject: anna, System: eindkomst.Name, Purpose: "Beregning af fleksløntilskud (eIndkomst, formål 171)"}
	if p.log.count() != 2 || p.log.looks[0] != want {
		t.Errorf("logged: %+v", p.log.looks)
	}
}

// The log is told before the register is: what cannot be logged is not asked.
func TestNobodyIsLookedUpUnlogged(t *testing.T) {
	p := open(t)
	p.log.closed = true
	if _, err := p.client().LookUp(t.Context(), p.log, month(anna, february)); err == nil || len(p.town.Journal()) != 0 {
		t.Errorf("error %v, and %d requests reached the town", err, len(p.town.Journal()))
	}
	p.log.closed = false
	logged := -1
	p.town.Script(town.Fault{On: town.Match{What: register.WhatLookUp}, Do: town.CallBefore(func(town.Entry) { logged = p.log.count() })})
	if _, err := p.client().LookUp(t.Context(), p.log, month(anna, february)); err != nil || logged != 1 {
		t.Errorf("error %v; %d look-ups were logged when the request arrived", err, logged)
	}
}

func TestRequestsThatAreNotMade(t *testing.T) {
	p := open(t)
	for name, change := range map[string]func(*eindkomst.Request){
		"no purpose":     func(r *eindkomst.Request) { r.Purpose = eindkomst.Purpose{} },
		"short number":   func(r *eindkomst.Request) { r.CPR = "860501000" },
		"letters":        func(r *eindkomst.Request) { r.CPR = "86050100x1" },
		"no months":      func(r *eindkomst.Request) { r.From, r.To = eindkomst.Month{}, eindkomst.Month{} },
		"months reverse": func(r *eindkomst.Request) { r.To = r.From.Add(-1) },
	} {
		r := month(anna, february)
		change(&r)
		if _, err := p.client().LookUp(t.Context(), p.log, r); err == nil {
			t.Errorf("%s: it is asked", name)
		} else {
			discreet(t, err)
		}
	}
	if p.log.count() != 0 || len(p.town.Journal()) != 0 {
		t.Errorf("%d logged, %d asked", p.log.count(), len(p.town.Journal()))
	}
}

// What the service finds too much is asked in parts, and each part is logged.
func TestTooManyMonths(t *testing.T) {
	p := open(t, func(o *register.Options) { o.Months = 2 })
	r := month(anna, february)
	for i := range 5 {
		m := february.Add(-i)
		p.service.File(wage(anna, m.Code(), "15600.00"))
		r.From = m
	}
	got, err := p.client().LookUp(t.Context(), p.log, r)
	if err != nil {
		t.Fatal(err)
	}
	var months []string
	for _, report := range got.Reports {
		months = append(months, eindkomst.MonthOf(report.From).String())
	}
	slices.Sort(months)
	if strings.Join(months, " ") != "2023-10 2023-11 2023-12 2024-01 2024-02" {
		t.Errorf("months: %v", months)
	}
	if p.log.count() != len(p.service.LookUps()) || p.log.count() != 5 {
		t.Errorf("%d logged, %d asked; want 5: all, 3 of them, 2, 1, and the last 2", p.log.count(), len(p.service.LookUps()))
	}
	p.service.Play("", 0, register.Refuse(register.RefusedSize, "For meget."))
	var large *eindkomst.TooLarge
	if _, err := p.client().LookUp(t.Context(), p.log, month(anna, february)); !errors.As(err, &large) {
		t.Errorf("one month that is too large: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	p := open(t)
	p.service.File(wage(anna, "202402", "15600.00"))
	p.service.Play("", 1, register.Refuse("4711", "Borgeren 860501-0001 er beskyttet."))
	_, err := p.client().LookUp(t.Context(), p.log, month(anna, february))
	var rejected *eindkomst.Rejected
	if !errors.As(err, &rejected) || len(rejected.Faults) != 1 || rejected.Faults[0].ID != "4711" {
		t.Fatalf("error is %v", err)
	}
	if strings.Contains(err.Error()+rejected.Sentence(), "0001") || !strings.Contains(rejected.Sentence(), "fejl 4711 Borgeren ******-****") {
		t.Errorf("%v; %s", err, rejected.Sentence())
	}
	p.options.Access.Agreement = "3154"
	_, err = p.client().LookUp(t.Context(), p.log, month(anna, february))
	if trouble := isTrouble(t, err, runner.SignInRefused); !strings.Contains(trouble.Text, register.RefusedAccess) {
		t.Errorf("it says %s", trouble.Text)
	}
	p.options.Access.Agreement = "3153"
	r := month(anna, february)
	r.Purpose.Code = 172
	if _, err = p.client().LookUp(t.Context(), p.log, r); !errors.As(err, &rejected) || rejected.Faults[0].ID != register.RefusedPurpose {
		t.Errorf("another purpose: %v", err)
	}
	p.options.Faults.Unavailable = []string{register.RefusedPurpose}
	_, err = p.client().LookUp(t.Context(), p.log, r)
	isTrouble(t, err, runner.Unavailable)
}

// Every way in which an answer is not one. Nothing of it may be used or told.
func TestAnswersThatAreNone(t *testing.T) {
	var mismatch *eindkomst.Mismatch
	var unreadable *eindkomst.Unreadable
	for name, c := range map[string]struct {
		trick register.Trick
		kind  runner.TroubleKind
		as    any
	}{
		"another citizen":     {register.AnotherCitizen(bo), runner.ScreenChanged, &mismatch},
		"two citizens":        {register.TwoCitizens(bo), runner.ScreenChanged, &mismatch},
		"the citizen twice":   {register.TwoCitizens(anna), runner.ScreenChanged, &mismatch},
		"another transaction": {register.AnotherTransaction("4711"), runner.ScreenChanged, &mismatch},
		"no transaction":      {register.AnotherTransaction(""), runner.ScreenChanged, &mismatch},
		"unknown element":     {register.Strange(), runner.ScreenChanged, &unreadable},
		"web page":            {register.WebPage(), runner.Unavailable, nil},
		"web page as XML":     {register.PageAsXML(), runner.ScreenChanged, &unreadable},
		"half an answer":      {register.Truncate(0.7), runner.ScreenChanged, &unreadable},
		"an empty answer":     {register.Truncate(0), runner.ScreenChanged, &unreadable},
		"server fault":        {register.Fault("soap:Server", "Fejl i 15600.00 for 860501-0001"), runner.Unavailable, nil},
		"bad certificate":     {register.Fault("wsse:InvalidSecurityToken", "no"), runner.SignInRefused, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			p.service.File(wage(anna, "202402", "15600.00"))
			p.service.Play(anna, 1, c.trick)
			got, err := p.client().LookUp(t.Context(), p.log, month(anna, february))
			isTrouble(t, err, c.kind)
			if c.as != nil && !errors.As(err, c.as) {
				t.Errorf("the cause is %v", err)
			}
			if len(got.Reports) != 0 {
				t.Error("reports are handed out all the same")
			}
			if got, err = p.client().LookUp(t.Context(), p.log, month(anna, february)); err != nil || len(got.Reports) != 1 {
				t.Errorf("asked again: %d reports, %v", len(got.Reports), err)
			}
		})
	}
}

func TestTransactionNumberThatIsNotRepeated(t *testing.T) {
	p := open(t, func(o *register.Options) { o.NoEcho = true })
	p.service.File(wage(anna, "202402", "15600.00"))
	_, err := p.client().LookUp(t.Context(), p.log, month(anna, february))
	isTrouble(t, err, runner.ScreenChanged)
	p.options.NoEcho = true
	if got, err := p.client().LookUp(t.Context(), p.log, month(anna, february)); err != nil || len(got.Reports) != 1 {
		t.Errorf("%d reports, %v", len(got.Reports), err)
	}
	p.service.Play("", 0, register.AnotherTransaction("4711"))
	_, err = p.client().LookUp(t.Context(), p.log, month(anna, february))
	isTrouble(t, err, runner.ScreenChanged)
}

func TestOutOfReach(t *testing.T) {
	for name, action := range map[string]town.Action{"500": town.Fail(), "503": town.Maintenance(), "cut": town.CutBefore(), "torn": town.CutAfter(0), "dropped": town.DropAfter(0)} {
		p := open(t)
		p.town.Script(town.Fault{On: town.Match{What: register.WhatLookUp, Nth: 1}, Do: action})
		_, err := p.client().LookUp(t.Context(), p.log, month(anna, february))
		isTrouble(t, err, runner.Unavailable)
		if n := len(p.town.Journal()); n != 1 {
			t.Errorf("%s: %d requests; a look-up is never repeated by itself", name, n)
		}
	}
	p := open(t)
	p.town.Script(town.Fault{Do: town.Never()})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := p.client().LookUp(ctx, p.log, month(anna, february))
	isTrouble(t, err, runner.Unavailable)
	p.options.Road = eindkomst.NewDirect(eindkomst.DirectOptions{URL: p.town.URL() + register.Path, Identity: p.identity, Now: p.clock.Now, Longest: 50 * time.Millisecond})
	_, err = p.client().LookUp(t.Context(), p.log, month(anna, february))
	isTrouble(t, err, runner.Unavailable)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := p.client().LookUp(stopped, p.log, month(anna, february)); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that is stopped: %v", err)
	}
}

func TestClosedForAnHour(t *testing.T) {
	p := open(t, func(o *register.Options) { o.Closed = [2]time.Time{start(), start().Add(time.Hour)} })
	p.service.File(wage(anna, "202402", "15600.00"))
	for range 2 {
		_, err := p.client().LookUp(t.Context(), p.log, month(anna, february))
		isTrouble(t, err, runner.Unavailable)
		p.clock.Advance(30 * time.Minute)
	}
	if got, err := p.client().LookUp(t.Context(), p.log, month(anna, february)); err != nil || len(got.Reports) != 1 {
		t.Errorf("after the hour: %d reports, %v", len(got.Reports), err)
	}
}

func TestLargestAnswer(t *testing.T) {
	p := open(t)
	p.service.File(wage(anna, "202402", "15600.00"))
	p.options.Road = eindkomst.NewDirect(eindkomst.DirectOptions{URL: p.town.URL() + register.Path, Identity: p.identity, Now: p.clock.Now, Largest: 500})
	var large *eindkomst.TooLarge
	if _, err := p.client().LookUp(t.Context(), p.log, month(anna, february)); !errors.As(err, &large) {
		t.Errorf("%v", err)
	}
}

// Many look-ups at once: each gets its own citizen's answer, and each is logged.
func TestManyAtOnce(t *testing.T) {
	p := open(t)
	numbers := make([]string, 40)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("86050100%02d", i)
		p.service.File(wage(numbers[i], "202402", fmt.Sprintf("%d.00", 10000+i)))
	}
	client := p.client()
	var all sync.WaitGroup
	for i, cpr := range numbers {
		all.Go(func() {
			got, err := client.LookUp(t.Context(), p.log, month(cpr, february))
			if err != nil || len(got.Reports) != 1 {
				t.Errorf("citizen %d: %d reports, %v", i, len(got.Reports), err)
				return
			}
			if v, _ := got.Reports[0].Blanks[0].Blanks[0].Blanks[0].Field(eindkomst.FieldWage); v != fmt.Sprintf("%d.00", 10000+i) {
				t.Errorf("citizen %d got the wage %s", i, v)
			}
		})
	}
	all.Wait()
	if n := len(p.service.LookUps()); n != len(numbers) || p.log.count() != n {
		t.Errorf("%d asked, %d logged", n, p.log.count())
	}
}

// One look-up after the other, the town's own checking of the signature included.
func BenchmarkLookUp(b *testing.B) {
	p := open(b)
	p.service.File(wage(anna, "202402", "15600.00"))
	client := p.client()
	for b.Loop() {
		if _, err := client.LookUp(b.Context(), p.log, month(anna, february)); err != nil {
			b.Fatal(err)
		}
	}
}
