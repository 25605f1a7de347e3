package robots_test

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/staff"
	"byskriver/fixtures/town"
	ldap "byskriver/fixtures/town/directory"
	register "byskriver/fixtures/town/eindkomst"
	"byskriver/fixtures/town/mainframe"
	catalogue "byskriver/fixtures/town/rollekatalog"
	service "byskriver/fixtures/town/spml"
	"byskriver/robots"
)

const accessConfig = `municipality: Lilleby Kommune
store: {path: by.db, key: "env:NOTHING"}
log: {key: "env:NOTHING", lines: log.jsonl, checkpoints: [log]}
systems:
  directory:
    url: LDAP
    only_read: true
    service:
      user: byskriver@lilleby.example
      password: file:ad.txt
      base: OU=Medarbejdere,DC=lilleby,DC=example
      authorities: authority.pem
      attributes: {id: objectGUID, cpr: employeeID, name: displayName, title: title, mail: mail, login: sAMAccountName, unit: department, unit_code: departmentNumber, manager: manager}
  kspcics:
    url: tn3270://HOST
    settles_after: 1m
    at_once: 1
    service:
      selectors: kspcics.yaml
      reader: {user: LBROBL, password: "file:laeser.txt"}
      corrector: {user: LBROBR, password: "file:retter.txt"}
  spml:
    url: TOWN/KMD.YH.KSPAabenSpml/KSPAabenSPML.asmx
    settles_after: 1m
    service: {certificate: "file:own.pem", key: "file:own.key", los: LILLEBY, authorities: authority.pem, corrector: {certificate: "file:change.pem", key: "file:change.key"}}
  rollekatalog:
    url: TOWN/rollekatalog
    settles_after: 1m
    service:
      key: file:laes.txt
      remove_key: file:ret.txt
      authorities: authority.pem
      systems: [{id: omsorg, name: Omsorg}, {id: esdh, name: Sager}]
  vagtplan:
    url: file:vagtplan.csv
    only_read: true
    service:
      encoding: windows-1252
      inactive: [N]
      columns: {account: Bruger, cpr: Personnr., name: Navn, active: Aktiv, last_use: Sidst brugt, right: Rettighed, right_name: Navn på rettighed}
robots:
  fleksloen: {}
`

// accessFolder is a town with all systems that have rights, and a folder with what the
// configuration names; the text is that of the configuration.
func accessFolder(t *testing.T) (dir, text string) {
	t.Helper()
	now := time.Now()
	s := staff.Generate(staff.Options{Seed: 6, Employees: 40, Now: now})
	authority, err := register.NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	secure, err := authority.TLS(now.Add(-time.Hour), now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	host, err := mainframe.Start(mainframe.Config{Roll: s.Mainframe()})
	if err != nil {
		t.Fatal(err)
	}
	ad, err := ldap.Start(ldap.Config{Entries: s.Directory(), TLS: secure.Clone()})
	if err != nil {
		t.Fatal(err)
	}
	secure.ClientAuth = tls.RequestClientCert
	beside := service.New(service.Options{Host: host, Roots: authority.PEM(), Top: "LILLEBY", Callers: map[string][]string{"Lilleby Kommune - Robot": {service.Reads}}})
	place, err := town.Start(town.Config{TLS: secure, Systems: []town.System{catalogue.New(s.RoleCatalogue()), beside}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(place.Close(), ad.Close(), host.Close()); err != nil {
			t.Error(err)
		}
	})
	certificate, key, err := authority.Issue("Lilleby Kommune", now.Add(-time.Hour), now.AddDate(0, 0, 20))
	if err != nil {
		t.Fatal(err)
	}
	change, changeKey, err := authority.Issue("Lilleby Ret", now.Add(-time.Hour), now.AddDate(0, 0, 60))
	if err != nil {
		t.Fatal(err)
	}
	screens, err := os.ReadFile("../selectors/kspcics.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, word := ldap.StandardUser()
	reads, takes, _ := catalogue.StandardKeys()
	dir = t.TempDir()
	for name, data := range map[string][]byte{"own.pem": certificate, "own.key": key, "change.pem": change, "change.key": changeKey, "authority.pem": authority.PEM(), "ad.txt": []byte(word), "laeser.txt": []byte("Læs4lst8"), "retter.txt": []byte("Ret7åbn2"),
		"laes.txt": []byte(reads), "ret.txt": []byte(takes), "vagtplan.csv": s.RosterFile(), "kspcics.yaml": screens} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, strings.NewReplacer("LDAP", ad.URL(), "HOST", host.Addr(), "TOWN", place.SecureURL()).Replace(accessConfig)
}

// Each system is reached as the robot would, and says what it saw; nothing in a sound
// configuration is wrong.
func TestLookAtAccessSystems(t *testing.T) {
	if _, err := os.Stat("/usr/bin/s3270"); err != nil {
		t.Skip("s3270 is not installed (Debian: apt-get install s3270)")
	}
	dir, text := accessFolder(t)
	c := configured(t, dir, text)
	if err := (robots.Fleet{}).Check(c); err != nil && strings.Contains(err.Error(), "systems.") && !strings.Contains(err.Error(), "eindkomst") {
		t.Error(err)
	}
	for system, says := range map[string]string{"directory": "personer på første side", "kspcics": "retter: logget på og af", "rollekatalog": "esdh: 4 roller", "spml": "læser: ADVARSEL", "vagtplan": "linjer"} {
		var seen []string
		if _, err := (robots.Fleet{}).Look(t.Context(), c, system, func(s string) { seen = append(seen, s) }); err != nil || !strings.Contains(strings.Join(seen, "\n"), says) {
			t.Errorf("%s: %q, %v", system, seen, err)
		}
	}
}

// What is wrong in a section is named with its file and line.
func TestAccessSystemsAreChecked(t *testing.T) {
	dir, sound := accessFolder(t)
	for _, x := range []struct{ old, put, says string }{
		{"user: byskriver@lilleby.example", "user: \"\"", "service.user is missing"},
		{"base: OU=Medarbejdere,DC=lilleby,DC=example", "base: ingen", "base must be a place"},
		{"file:ad.txt", "file:findes-ikke.txt", "findes-ikke.txt"},
		{"ldaps://127.0.0.1", "ldap://ad.kommune.example", "ldaps://"},
		{"tn3270://127.0.0.1", "tn3270://kmd.example", "tn3270s://"},
		{"selectors: kspcics.yaml", "selectors: laeser.txt", "laeser.txt"},
		{"user: LBROBR", "user: LBROBL", "must be two users"},
		{"los: LILLEBY, ", "", "service.los is missing"},
		{"file:own.key", "file:laes.txt", "service.certificate"},
		{"file:change.key", "file:laes.txt", "service.corrector.certificate"},
		{"file:change.pem\", key: \"file:change.key", "file:own.pem\", key: \"file:own.key", "must be two users"},
		{"systems: [{id: omsorg, name: Omsorg}, {id: esdh, name: Sager}]", "systems: []", "service.systems is missing"},
		{"id: esdh, name: Sager", "id: esdh", "needs id and name"},
		{"inactive: [N]", "day: 1/1", "inactive is missing"},
		{"url: file:vagtplan.csv", "url: file:borte.csv", "borte.csv"},
		{"account: Bruger, ", "", "columns.account is missing"},
		{"remove_key: file:ret.txt", "remove_key: ret.txt", "remove_key must be a reference"},
	} {
		text := strings.Replace(sound, x.old, x.put, 1)
		if text == sound {
			t.Fatalf("%q is not in the configuration", x.old)
		}
		err := (robots.Fleet{}).Check(configured(t, dir, text))
		if err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", x.put, err)
		}
	}
}
