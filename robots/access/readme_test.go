package access

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"byskriver/fixtures/readmes"
)

var codeForm = regexp.MustCompile(`^([A-ZÆØÅ]+(-[A-ZÆØÅ]+)+|[A-ZÆØÅ]*KONTO)$`)

// Every code that the robot gives stands in the README with what to do, and in the
// workbook's advice where it is an exception; and nothing else stands there.
func TestEveryCodeIsExplained(t *testing.T) {
	given := readmes.Codes(t, readmes.Literals(t, "*.go", "review/*.go"), codeForm, 20)
	readmes.HasEach(t, given)
	readmes.Advises(t, given, (&Robot{}).Advice(), "AFVENTER-")
}

// The rules' file that the README shows is read without a mistake, and each mistake is
// told with its line, all at once.
func TestPolicyFile(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, good, _ := strings.Cut(string(text), "```yaml\n")
	good, _, _ = strings.Cut(good, "```")
	file := filepath.Join(t.TempDir(), "adgange.yaml")
	read := func(text string) error {
		if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		_, err := ReadPolicy(file)
		return err
	}
	if err := read(good); err != nil {
		t.Fatalf("a good file: %v", err)
	}
	for _, c := range []struct{ old, new, want, line string }{
		{"critical: 3", "critical: 5", "pace.critical must be", ":1:"},
		{"critical: 3,", "", "pace.critical must be", ":1:"},
		{"ordinary: 12", "ordinary: 2", "more seldom", ":1:"},
		{"people: 25", "people: 0", "package.people", ":"},
		{"remind: [20, 10, 3]", "remind: [3, 10, 20]", "earliest first", ":"},
		{"remind: [20, 10, 3]", "remind: [40]", "between 1 and", ":"},
		{"default: ordinary", "default: sjælden", "default must be", ":9:"},
		{"criticality: critical, name", "criticality: høj, name", "criticality must be", ":11:"},
		{"\"IS-UDB*\"", "\"*UDB*\"", "only at its end", ":11:"},
		{"titles: [Socialrådgiver]", "titles: []", "must say whose it is", ":13:"},
		{"owner: Digitalisering", "owner: \"\"", "needs system, account and owner", ":17:"},
		{"begins: 2026-07-01", "begins: 2026-02-30", "is no date", ":19:"},
		{"ends: 2026-07-31", "ends: 2026-06-01", "not before it begins", ":19:"},
		{"fallback: [dirk, sekr]", "fallback: [dirk, DIRK]", "two logins or more", ":20:"},
		{"it: [itaa, itbb]", "it: [itaa]", "two logins or more", ":21:"},
		{"least: 5", "least: 1", "peers needs", ":22:"},
		{"vagtplan: 1", "vagtplan: 40", "1 to 31", ":24:"},
		{"keep_months: 36", "keep_months: 3", "keep_months", ":"},
		{"stale_months", "stale_month", "unknown field", ":23:"},
	} {
		err := read(strings.Replace(good, c.old, c.new, 1))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "adgange.yaml"+c.line) {
			t.Errorf("%s for %s: %v, want %q at %s", c.new, c.old, err, c.want, c.line)
		}
	}
	err = read(strings.NewReplacer("people: 25", "people: 0", "least: 5", "least: 1").Replace(good))
	if err == nil || !strings.Contains(err.Error(), "package.people") || !strings.Contains(err.Error(), "peers needs") {
		t.Errorf("two mistakes are not told at once: %v", err)
	}
}
