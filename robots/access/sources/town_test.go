package sources

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/staff"
	"byskriver/fixtures/town"
	ldap "byskriver/fixtures/town/directory"
	"byskriver/fixtures/town/eindkomst"
	"byskriver/fixtures/town/mainframe"
	catalogue "byskriver/fixtures/town/rollekatalog"
	service "byskriver/fixtures/town/spml"
	"byskriver/robots/internal/directory"
	"byskriver/robots/internal/kspcics"
	"byskriver/robots/internal/rightsfile"
	"byskriver/robots/internal/rollekatalog"
	"byskriver/robots/internal/spml"
)

// lilleby is the whole town: one staff in every system, and every client.
type lilleby struct {
	staff     *staff.Staff
	host      *mainframe.Host
	ldap      *ldap.Server
	catalogue *catalogue.Catalogue
	town      *town.Town
	issuer    *eindkomst.Authority

	reads, corrects *kspcics.System
	service         *spml.Service // it reads
	changes         *spml.Service
	roles, takes    *rollekatalog.Catalogue
	directory       *directory.Directory
	file            rightsfile.Settings
}

func settle(t testing.TB, employees int, faults ...town.Fault) *lilleby {
	t.Helper()
	if _, err := os.Stat("/usr/bin/s3270"); err != nil {
		t.Skip("s3270 is not installed (Debian: apt-get install s3270)")
	}
	now := time.Now()
	l := &lilleby{staff: staff.Generate(staff.Options{Seed: 2, Employees: employees, Now: now})}
	var err error
	must := func(e error) {
		t.Helper()
		if e != nil {
			t.Fatal(e)
		}
	}
	l.host, err = mainframe.Start(mainframe.Config{Roll: l.staff.Mainframe()})
	must(err)
	l.issuer, err = eindkomst.NewAuthority(now)
	must(err)
	secure, err := l.issuer.TLS(now.Add(-time.Hour), now.Add(time.Hour))
	must(err)
	l.ldap, err = ldap.Start(ldap.Config{Entries: l.staff.Directory(), TLS: secure.Clone()})
	must(err)
	secure.ClientAuth = tls.RequestClientCert
	l.catalogue = catalogue.New(l.staff.RoleCatalogue())
	spmlService := service.New(service.Options{Host: l.host, Roots: l.issuer.PEM(), Top: "LILLEBY", Callers: map[string][]string{"Lilleby Kommune - Robot": {service.Reads}, "Lilleby Ret - Robot": {service.Changes}}})
	l.town, err = town.Start(town.Config{TLS: secure, Systems: []town.System{l.catalogue, spmlService}, Faults: faults})
	must(err)
	l.file = rightsfile.Settings{File: filepath.Join(t.TempDir(), "vagtplan.csv"), Encoding: "windows-1252", Inactive: []string{"N"},
		Columns: rightsfile.Columns{Account: "Bruger", CPR: "Personnr.", Name: "Navn", Unit: "Enhed", Active: "Aktiv", LastUse: "Sidst brugt", Right: "Rettighed", RightName: "Navn på rettighed", Owner: "Ansvarlig"}}
	must(os.WriteFile(l.file.File, l.staff.RosterFile(), 0o600))
	must(l.clients())
	t.Cleanup(func() {
		l.reads.Close()
		l.corrects.Close()
		l.service.Close()
		l.changes.Close()
		l.roles.Close()
		l.takes.Close()
		if err := errors.Join(l.town.Close(), l.ldap.Close(), l.host.Close()); err != nil {
			t.Error(err)
		}
	})
	return l
}

// clients makes a client of each system, as the configuration would.
func (l *lilleby) clients() error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.issuer.PEM())
	var err error
	for _, who := range []struct {
		user, word string
		into       **kspcics.System
	}{{"LBROBL", "Læs4lst8", &l.reads}, {"LBROBR", "Ret7åbn2", &l.corrects}} {
		*who.into, err = kspcics.Load("../../../selectors/kspcics.yaml", kspcics.Account{Address: l.host.Addr(), User: who.user, Password: func() (string, error) { return who.word, nil }},
			kspcics.Options{Settle: time.Second})
		if err != nil {
			return err
		}
	}
	for name, into := range map[string]**spml.Service{"Lilleby Kommune": &l.service, "Lilleby Ret": &l.changes} {
		cert, key, err := l.issuer.Issue(name, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err != nil {
			return err
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return err
		}
		*into = spml.New(spml.Settings{URL: l.town.SecureURL() + service.Path, Certificate: pair, LOS: "LILLEBY", Roots: roots})
	}
	read, manage, _ := catalogue.StandardKeys()
	with := func(key string) *rollekatalog.Catalogue {
		return rollekatalog.New(rollekatalog.Settings{URL: l.town.SecureURL() + catalogue.Path, Roots: roots, Key: func() (string, error) { return key, nil }, Longest: 2 * time.Second})
	}
	l.roles, l.takes = with(read), with(manage)
	user, word := ldap.StandardUser()
	s := directory.Settings{URL: l.ldap.URL(), User: user, Password: func() (string, error) { return word, nil }, Base: staff.Base, Attributes: directory.ActiveDirectory(), Roots: roots}
	s.Attributes.UnitCode = "departmentNumber"
	l.directory = directory.New(s)
	return nil
}

// itSystems are all the catalogue's, called by their identifiers.
func (l *lilleby) itSystems() []ItSystem {
	var all []ItSystem
	for _, id := range l.staff.ItSystems() {
		all = append(all, ItSystem{id, strings.ToUpper(id)})
	}
	return all
}

// held is what every account of every system holds, as the systems themselves have it.
func (l *lilleby) held() []string {
	var all []string
	for _, u := range l.host.Users() {
		for _, r := range u.Rights {
			all = append(all, fmt.Sprint("kspcics ", u.ID, " ", r.Profile, ";", r.Owner))
		}
	}
	for _, a := range l.catalogue.Held(time.Now()) {
		all = append(all, fmt.Sprint("rollekatalog ", a.UserID, " ", a.Role, " ", a.Through))
	}
	slices.Sort(all)
	return all
}

// missing is what is in before and not in after.
func missing(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(before), func(x string) bool { return slices.Contains(after, x) })
}

func limit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	return ctx
}
