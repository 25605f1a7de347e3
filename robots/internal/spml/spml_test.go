package spml

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/staff"
	"byskriver/fixtures/town"
	"byskriver/fixtures/town/eindkomst"
	"byskriver/fixtures/town/mainframe"
	service "byskriver/fixtures/town/spml"
	"byskriver/runner"
)

// place is a town with a mainframe and the service beside it.
type place struct {
	host    *mainframe.Host
	service *service.Service
	town    *town.Town
	staff   *staff.Staff
	issuer  *eindkomst.Authority
}

func found(t *testing.T, faults ...town.Fault) *place {
	t.Helper()
	p := &place{staff: staff.Generate(staff.Options{Seed: 8, Employees: 150, Now: time.Now()})}
	var err error
	if p.host, err = mainframe.Start(mainframe.Config{Roll: p.staff.Mainframe()}); err != nil {
		t.Fatal(err)
	}
	if p.issuer, err = eindkomst.NewAuthority(time.Now()); err != nil {
		t.Fatal(err)
	}
	secure, err := p.issuer.TLS(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	secure.ClientAuth = tls.RequestClientCert
	p.service = service.New(service.Options{Host: p.host, Roots: p.issuer.PEM(), Top: "LILLEBY",
		Callers: map[string][]string{"Lilleby Kommune - Robot": {service.Reads, service.Changes}, "Læser - Robot": {service.Reads}}})
	if p.town, err = town.Start(town.Config{TLS: secure, Systems: []town.System{p.service}, Faults: faults}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(p.town.Close(), p.host.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// as is the service as an organisation's certificate sees it.
func (p *place) as(t *testing.T, organisation string, how ...func(*Settings)) *Service {
	t.Helper()
	cert, key, err := p.issuer.Issue(organisation, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.issuer.PEM())
	s := Settings{URL: p.town.SecureURL() + service.Path, Certificate: pair, LOS: "LILLEBY", Roots: roots, Longest: 10 * time.Second}
	for _, f := range how {
		f(&s)
	}
	c := New(s)
	t.Cleanup(c.Close)
	return c
}

func kindOf(err error) runner.TroubleKind {
	var trouble *runner.Trouble
	if errors.As(err, &trouble) {
		return trouble.Kind
	}
	return ""
}

// Users, their CPR numbers and authorisations are those of the mainframe.
func TestUsersAreRead(t *testing.T) {
	t.Parallel()
	p := found(t)
	users, err := p.as(t, "Lilleby Kommune").Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := p.host.Users()
	if len(users) != len(want) || len(users) < 80 {
		t.Fatalf("%d users of %d", len(users), len(want))
	}
	for i, u := range users {
		var held []Authorisation
		for _, r := range want[i].Rights {
			held = append(held, Authorisation{r.Profile, r.Owner})
		}
		if u.ID != want[i].ID || u.CPR != want[i].CPR || u.LOS != want[i].LOS || !slices.Equal(u.Authorisations, held) {
			t.Errorf("%+v is not %+v", u, want[i])
		}
	}
	profiles, err := p.as(t, "Læser").Profiles(t.Context())
	if err != nil || len(profiles) < 20 || slices.ContainsFunc(profiles, func(x Profile) bool { return x.Description == "" }) {
		t.Errorf("%d profiles, %v", len(profiles), err)
	}
}

// A delete takes one away and a later add gives it back; nothing else changes.
func TestDeleteAndAdd(t *testing.T) {
	t.Parallel()
	p := found(t)
	s := p.as(t, "Lilleby Kommune")
	all := p.host.Users()
	i := slices.IndexFunc(all, func(u mainframe.User) bool { return len(u.Rights) > 3 })
	a := Authorisation{all[i].Rights[1].Profile, all[i].Rights[1].Owner}
	if err := s.Delete(t.Context(), all[i].ID, a); err != nil {
		t.Fatal(err)
	}
	after := p.host.Users()
	for k := range all {
		want := all[k].Rights
		if k == i {
			want = slices.DeleteFunc(slices.Clone(want), func(r mainframe.Right) bool { return r == all[i].Rights[1] })
		}
		if !slices.EqualFunc(after[k].Rights, want, func(x, y mainframe.Right) bool { return x.Profile == y.Profile && x.Owner == y.Owner }) {
			t.Errorf("%s: %v", all[k].ID, after[k].Rights)
		}
	}
	if err := s.Add(t.Context(), all[i].ID, a); err != nil {
		t.Fatal(err)
	}
	if u, err := s.User(t.Context(), all[i].ID); err != nil || len(u.Authorisations) != len(all[i].Rights) {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := s.User(t.Context(), "LBNOBODY"); !errors.Is(err, ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
	if err := s.Delete(t.Context(), all[i].ID, Authorisation{"", "LB001"}); !runner.IsNotDone(err) {
		t.Errorf("without a profile: %v", err)
	}
}

// The town's service wipes on a replace, as the real one does; the client has no replace.
func TestReplaceWipes(t *testing.T) {
	t.Parallel()
	p := found(t)
	s := p.as(t, "Lilleby Kommune")
	all := p.host.Users()
	i := slices.IndexFunc(all, func(u mainframe.User) bool { return len(u.Rights) > 3 })
	keep := Authorisation{all[i].Rights[0].Profile, all[i].Rights[0].Owner}
	if _, err := s.ask(t.Context(), "Modify", modification(all[i].ID, "replace", keep.String())); err != nil {
		t.Fatal(err)
	}
	if u, err := s.User(t.Context(), all[i].ID); err != nil || !slices.Equal(u.Authorisations, []Authorisation{keep}) {
		t.Errorf("%+v, %v", u, err)
	}
}

// Who may what goes by the certificate.
func TestCertificates(t *testing.T) {
	t.Parallel()
	p := found(t)
	user := p.host.Users()[0]
	a := Authorisation{user.Rights[0].Profile, user.Rights[0].Owner}
	var no *Refused
	if err := p.as(t, "Læser").Delete(t.Context(), user.ID, a); !errors.As(err, &no) || !runner.IsNotDone(err) {
		t.Errorf("one who only reads: %v", err)
	}
	stranger, err := eindkomst.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*Service{
		"unknown":   p.as(t, "Fremmed Kommune"),
		"none":      p.as(t, "Læser", func(s *Settings) { s.Certificate = tls.Certificate{} }),
		"forged":    (&place{town: p.town, issuer: stranger}).as(t, "Lilleby Kommune", func(s *Settings) { s.Roots.AppendCertsFromPEM(p.issuer.PEM()) }),
		"too early": p.early(t),
	} {
		if _, err := s.Users(t.Context()); kindOf(err) != runner.SignInRefused {
			t.Errorf("%s: %v", name, err)
		}
	}
	doubted := p.as(t, "Lilleby Kommune", func(s *Settings) { s.Roots = x509.NewCertPool() })
	if _, err := doubted.Users(t.Context()); kindOf(err) != runner.Unavailable || !strings.Contains(err.Error(), "ertifikat") {
		t.Errorf("a service that nobody vouches for: %v", err)
	}
	if n := len(p.host.Removals()); n != 0 {
		t.Errorf("%d authorisations are gone", n)
	}
}

// early is the service as a certificate sees it that does not hold yet.
func (p *place) early(t *testing.T) *Service {
	t.Helper()
	cert, key, err := p.issuer.Issue("Lilleby Kommune", time.Now().Add(time.Hour), time.Now().Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return p.as(t, "Læser", func(s *Settings) { s.Certificate = pair })
}

// What goes wrong with a change: whether it may have been taken is said.
func TestChangeGoesWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   town.Action
		gone bool
	}{"500": {town.Fail(), false}, "500 after": {town.FailAfter(0), true}, "cut before": {town.CutBefore(), false}, "cut after": {town.DropAfter(0), true}, "torn": {town.CutAfter(0), true}, "slow": {town.NeverAfter(0), true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := found(t, town.Fault{On: town.Match{What: service.WhatModify}, Do: c.do})
			s := p.as(t, "Lilleby Kommune", func(s *Settings) { s.Longest = time.Second })
			user := p.host.Users()[0]
			a := Authorisation{user.Rights[0].Profile, user.Rights[0].Owner}
			if err := s.Delete(t.Context(), user.ID, a); kindOf(err) != runner.Unavailable || runner.IsNotDone(err) {
				t.Errorf("%v", err)
			}
			now, err := s.User(t.Context(), user.ID)
			if err != nil || slices.Contains(now.Authorisations, a) == c.gone || len(p.host.Removals()) > 1 {
				t.Errorf("%v, %v, %d removals", now, err, len(p.host.Removals()))
			}
		})
	}
}

// What is no answer of the service's is not used.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	p := found(t)
	s := p.as(t, "Lilleby Kommune")
	wrap := func(inner string) string {
		return `<s:Envelope xmlns:s="` + nsSOAP + `"><s:Body><SPMLSearchRequestResponse xmlns="` + nsKMD + `"><SPMLSearchRequestResult>` + escaped(inner) + `</SPMLSearchRequestResult></SPMLSearchRequestResponse></s:Body></s:Envelope>`
	}
	for name, c := range map[string]struct {
		body string
		kind runner.TroubleKind
	}{
		"web page":         {"<html><body>Fejl<br></body></html>", runner.ScreenChanged},
		"nothing":          {"", runner.ScreenChanged},
		"empty result":     {wrap(""), runner.ScreenChanged},
		"another document": {wrap(`<spml:modifyResponse xmlns:spml="` + nsSPML + `" result="` + success + `"/>`), runner.ScreenChanged},
		"no result":        {wrap(`<spml:searchResponse xmlns:spml="` + nsSPML + `"/>`), runner.ScreenChanged},
		"failure":          {wrap(`<spml:searchResponse xmlns:spml="` + nsSPML + `" result="` + nsSPML + `#failure"><spml:errorMessage>Personnr. 610585-0001</spml:errorMessage></spml:searchResponse>`), ""},
		"fault":            {`<s:Envelope xmlns:s="` + nsSOAP + `"><s:Body><s:Fault><faultcode>s:Server</faultcode></s:Fault></s:Body></s:Envelope>`, runner.Unavailable},
		"odd value":        {wrap(`<spml:searchResponse xmlns:spml="` + nsSPML + `" xmlns:dsml="` + nsDSML + `" result="` + success + `"><spml:searchResultEntry><spml:identifier><spml:id>LB1</spml:id></spml:identifier><spml:attributes><dsml:attr name="authorisations"><dsml:value>LBDAG</dsml:value></dsml:attr></spml:attributes></spml:searchResultEntry></spml:searchResponse>`), runner.ScreenChanged},
	} {
		p.service.Break(c.body)
		users, err := s.Users(t.Context())
		if err == nil || users != nil || kindOf(err) != c.kind || strings.Contains(err.Error(), "610585") {
			t.Errorf("%s: %d users, %v", name, len(users), err)
		}
	}
	if _, err := s.Users(t.Context()); err != nil {
		t.Errorf("after all that: %v", err)
	}
}
