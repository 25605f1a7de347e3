package pages_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/fixtures/town"
	provider "byskriver/fixtures/town/idp"
	"byskriver/robots/access/pages"
	"byskriver/robots/access/review"
	"byskriver/robots/internal/idp"
	"byskriver/runner/clock"
	"byskriver/schedules"

	"crypto/rand"
	"net"
	"net/http"
)

// desk keeps everything in memory, by the review's own rules.
type desk struct {
	mu       sync.Mutex
	staff    review.Staff
	packages []review.Package
	answers  map[string]review.Answers
	removals []review.Removal
	said     map[string]review.Approval
	policy   review.Policy
	broken   error
}

func (d *desk) Employee(_ context.Context, login string) (review.Employee, bool, bool, error) {
	e, ok := d.staff.ByLogin(login)
	return e, ok && d.policy.MayApprove(e.Login), ok, d.broken
}

func (d *desk) Packages(_ context.Context, employee string) (list []review.Package, err error) {
	for _, p := range d.packages {
		if _, ok := p.Reviewer(employee); ok {
			list = append(list, p)
		}
	}
	return list, nil
}

func (d *desk) Package(_ context.Context, employee, id string) (review.Package, review.Answers, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.packages {
		if _, ok := p.Reviewer(employee); ok && (p.ID == id || p.Token == id) {
			a := d.answers[p.ID]
			if !a.Sent.IsZero() {
				p.State = review.Sent
			}
			return p, a, nil
		}
	}
	return review.Package{}, review.Answers{}, review.ErrNotYours
}

func (d *desk) Save(ctx context.Context, employee, id string, answers []review.Answer) error {
	p, a, err := d.Package(ctx, employee, id)
	if err != nil {
		return err
	}
	for _, x := range answers {
		if text := p.Says(employee, x.Held, x.Verdict, x.Reason); text != "" {
			return review.Said(text)
		}
		a = a.Answered(x.Held, review.Decision{Verdict: x.Verdict, Reason: x.Reason, By: employee, At: time.Now()})
	}
	return d.put(p.ID, a)
}

func (d *desk) put(id string, a review.Answers) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers[id] = a
	return nil
}

func (d *desk) Clear(ctx context.Context, employee, id, held string) error {
	p, a, err := d.Package(ctx, employee, id)
	if err != nil {
		return err
	}
	a = a.Answered(held, review.Decision{})
	delete(a.Decisions, held)
	return d.put(p.ID, a)
}

func (d *desk) KeepAll(ctx context.Context, employee, id, person string) error {
	p, a, err := d.Package(ctx, employee, id)
	if err != nil {
		return err
	}
	for _, held := range p.Bulk(person, a) {
		a = a.Answered(held, review.Decision{Verdict: review.Keep, By: employee})
	}
	return d.put(p.ID, a)
}

func (d *desk) Send(ctx context.Context, employee, id string) error {
	p, a, err := d.Package(ctx, employee, id)
	switch {
	case err != nil:
		return err
	case len(p.Missing(a)) > 0:
		return review.Said("Der mangler svar på nogle rettigheder. Besvar dem, og send så ind.")
	}
	return d.put(p.ID, a.SentAt(employee, time.Now()))
}

func (d *desk) Removals(_ context.Context, employee string) (list []review.Removal, err error) {
	me, ok := d.staff.Employee(employee)
	if !ok || !d.policy.MayApprove(me.Login) {
		return nil, review.ErrNotYours
	}
	for _, x := range d.removals {
		if _, said := d.said[x.ID]; !said {
			x.Note = review.Approve(review.Consent{Removal: x, Login: me.Login, IT: d.policy.IT, Approval: review.Approval{Agreed: true, By: me.ID}}).Why
			list = append(list, x)
		}
	}
	return list, nil
}

func (d *desk) Approve(ctx context.Context, employee string, ids []string, agreed bool, reason string) error {
	list, err := d.Removals(ctx, employee)
	if err != nil {
		return err
	}
	me, _ := d.staff.Employee(employee)
	for _, id := range ids {
		i := slices.IndexFunc(list, func(x review.Removal) bool { return x.ID == id })
		a := review.Approval{Agreed: agreed, Reason: reason, By: employee}
		if why := review.Approve(review.Consent{Removal: list[i], Login: me.Login, IT: d.policy.IT, Approval: a}).Why; why != "" {
			return review.Said(why)
		}
		d.said[id] = a
	}
	return nil
}

// house is the pages at an address of this machine, with the town's identity provider.
type house struct {
	*desk
	url   string
	town  *town.Town
	idp   *provider.Provider
	clock *clock.Manual
}

func open(t *testing.T) *house {
	t.Helper()
	var people []provider.Person
	for _, login := range []string{"LBY001", "LBY002", "LBY003", "LBY900", "LBY999"} {
		people = append(people, provider.Person{User: strings.ToLower(login), Password: "Anemone#44", Subject: "s-" + login, Claims: map[string]any{"upn": login}})
	}
	p, err := provider.New(provider.Config{Alg: "ES256", People: people})
	if err != nil {
		t.Fatal(err)
	}
	tw, err := town.Start(town.Config{Systems: []town.System{p}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{desk: sample(), url: "http://" + l.Addr().String(), town: tw, idp: p, clock: clock.NewManual(time.Now())}
	p.Register(provider.Client{ID: "byskriver", Redirects: []string{h.url + pages.Back}})
	client, err := idp.New(idp.Settings{Issuer: provider.Issuer(tw.URL()), Client: "byskriver", Redirect: h.url + pages.Back, Claim: "upn"}, h.clock)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := pages.New(pages.Options{Desk: h.desk, SignIn: client, URL: h.url, Clock: h.clock, Random: rand.Text, Office: "It-sikkerhed, lokal 4711"})
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close(); client.Close(); tw.Close() })
	return h
}

// sample is a leader with three people, one of whom has a critical and an unusual
// right, another leader, and IT.
func sample() *desk {
	date := schedules.Date{Year: 2026, Month: 3, Day: 2}
	held := func(id, name string, c review.Criticality) review.Held {
		return review.Held{ID: id, Name: name, Description: "Giver adgang til " + strings.ToLower(name), Criticality: c, Grant: review.Grant{System: "kspcics", Account: "A1", Right: "IS" + id, LastUse: date}}
	}
	fresh, odd, packed := held("r002", "Udbetaling af kontanthjælp", review.Critical), held("r003", "Ejendomsoplysninger", review.Ordinary), held("r004", "Journal", review.Ordinary)
	fresh.New, odd.Unusual, packed.Explained = true, "1 af 9 med samme stilling har den", "Sagsbehandler i Borgerservice"
	odd.Previous = &review.Decision{Verdict: review.Keep, Name: "Birgit Lund", At: time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC)}
	lines := func(from int) []review.Held {
		var list []review.Held
		for i := range 3 {
			list = append(list, held("r0"+string(rune('0'+from))+string(rune('1'+i)), "Opslag i register "+string(rune('A'+i)), review.Ordinary))
		}
		return list
	}
	pack := func(id, unit, reviewer, login string) review.Package {
		return review.Package{ID: id, Token: "T" + id + "XYZ", Kind: review.Regular, Unit: unit, State: review.Open, Opens: date, Due: date.AddDays(30),
			Reviewers: []review.Reviewer{{ID: reviewer, Login: login, Name: reviewer, Sends: true}},
			People: []review.Person{{ID: "e101", Name: "Jens Ågård", Title: "Sagsbehandler", Unit: unit, Held: []review.Held{fresh, odd, packed}},
				{ID: "e102", Name: "Mette Bro-Lind", Title: "Socialrådgiver", Unit: unit, Held: lines(1)}, {ID: "e103", Name: "Ole Vig", Unit: unit, Held: lines(2)}}}
	}
	d := &desk{answers: map[string]review.Answers{}, said: map[string]review.Approval{}, policy: review.Policy{IT: []string{"LBY900"}}}
	for _, e := range []struct{ id, login, name string }{{"e001", "LBY001", "Birgit Lund"}, {"e002", "LBY002", "Carl Hede"}, {"e003", "LBY003", "Uden Pakker"}, {"e900", "LBY900", "Ib Tang"}} {
		d.staff.Employees = append(d.staff.Employees, review.Employee{ID: e.id, Login: e.login, Name: e.name, Active: true})
	}
	d.packages = []review.Package{pack("2026-03-001", "Borgerservice", "e001", "LBY001"), pack("2026-03-002", "Jobcenter", "e002", "LBY002")}
	for i, x := range []struct{ by, person string }{{"e001", "e101"}, {"e001", "e102"}, {"e900", "e103"}, {"e002", "e900"}} {
		h := lines(4)[i%3]
		d.removals = append(d.removals, review.Removal{ID: "2026-02-00" + string(rune('1'+i)) + "-r001", Package: "2026-02-00" + string(rune('1'+i/2)), Unit: "Borgerservice", Person: x.person, Name: "Person " + x.person,
			Held: h, Decision: review.Decision{Verdict: review.Remove, Reason: "Har skiftet opgaver", By: x.by, Name: "Birgit Lund", At: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}, Stage: review.Proposed})
	}
	return d
}
