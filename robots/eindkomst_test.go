package robots_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/town"
	register "byskriver/fixtures/town/eindkomst"
	"byskriver/robots"
	"byskriver/runner/config"
)

const eindkomstConfig = `municipality: Lilleby Kommune
store: {path: by.db, key: "env:NOTHING"}
log: {key: "env:NOTHING", lines: log.jsonl, checkpoints: [log]}
systems:
  eindkomst:
    url: URL
    only_read: true
    service:
      subscriber: 0750
      agreement: 3153
      se: 94133335
      certificate: file:own.pem
      key: file:own.key
      authorities: authority.pem
robots:
  fleksloen: {}
`

// register over TLS, and a folder with what the configuration names.
func registerFolder(t *testing.T, left time.Duration) (url, dir string, journal func() []town.Entry) {
	t.Helper()
	now := time.Now()
	authority, err := register.NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	secure, err := authority.TLS(now.Add(-time.Hour), now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	place, err := town.Start(town.Config{TLS: secure, Systems: []town.System{register.New(register.Options{Authority: authority, Agreement: register.Lilleby()})}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { place.Close() })
	certificate, key, err := authority.Issue("Lilleby Kommune", now.Add(-time.Hour), now.Add(left))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for name, data := range map[string][]byte{"own.pem": certificate, "own.key": key, "authority.pem": authority.PEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return place.SecureURL() + register.Path, dir, place.Journal
}

func configured(t *testing.T, dir, text string) *config.Config {
	t.Helper()
	file := filepath.Join(dir, "byskriver.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLookAtEindkomst(t *testing.T) {
	url, dir, journal := registerFolder(t, 20*24*time.Hour)
	var seen []string
	unseen, err := robots.Fleet{}.Look(t.Context(), configured(t, dir, strings.Replace(eindkomstConfig, "URL", url, 1)), "eindkomst", func(s string) { seen = append(seen, s) })
	if err != nil || len(unseen) != 0 || len(seen) != 3 {
		t.Fatalf("seen %q, unseen %q, %v", seen, unseen, err)
	}
	if !strings.HasPrefix(seen[0], "TLS 1.3, tjenestens certifikat gælder til ") || !strings.Contains(seen[1], "Lilleby Kommune") || !strings.HasPrefix(seen[2], "ADVARSEL: kommunens certifikat til eIndkomst udløber") {
		t.Errorf("seen %q", seen)
	}
	if n := len(journal()); n != 0 {
		t.Errorf("looking made %d requests", n)
	}
}

func TestEindkomstSectionThatIsWrong(t *testing.T) {
	url, dir, _ := registerFolder(t, 60*24*time.Hour)
	for name, c := range map[string]struct{ old, new, want string }{
		"in the open":      {url, "http://register.example/service", "must begin with https://"},
		"no subscriber":    {"      subscriber: 0750\n", "", "subscriber (AbonnentTypeKode) must be digits"},
		"short SE":         {"94133335", "9413333", "se must be the municipality's SE number, eight digits"},
		"no key":           {"      key: file:own.key\n", "", "systems.eindkomst.service.key is missing"},
		"key by value":     {"file:own.key", "MIIEvQ", "systems.eindkomst.service.key must be a reference"},
		"another's key":    {"file:own.key", "file:own.pem", "systems.eindkomst.service.certificate: read the certificate and its key"},
		"no such file":     {"file:own.pem", "file:other.pem", "other.pem: no such file"},
		"no authority":     {"authority.pem", "own.key", "there is no certificate in PEM in it"},
		"unknown key":      {"subscriber:", "abonnent:", `unknown key "abonnent"`},
		"p12, no password": {"certificate: file:own.pem", "pkcs12: file:own.pem", "systems.eindkomst.service.password is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(strings.Replace(eindkomstConfig, "URL", url, 1), c.old, c.new, 1)
			_, err := robots.Fleet{}.Look(t.Context(), configured(t, dir, text), "eindkomst", func(string) { t.Error("something is seen") })
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "byskriver.yaml:") {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}
