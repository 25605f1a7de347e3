package attest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"byskriver/fixtures/attests"
	"byskriver/fixtures/readmes"
)

var codeForm = regexp.MustCompile(`^(BUNDT|SVAR|SAMTYKKE|AFVENTER|ORDRE|ATTEST|POST|SAG|DELFORLØB)-[A-ZÆØÅ-]+$`)

// Every code that the robot gives stands in the README with what to do, and in the
// workbook's advice where it is an exception; and nothing else stands there.
func TestEveryCodeIsExplained(t *testing.T) {
	given := readmes.Codes(t, readmes.Literals(t, "*.go", "rules/*.go", "judge/*.go"), codeForm, 30)
	readmes.HasEach(t, given)
	readmes.Advises(t, given, (&Robot{}).Advice(), "AFVENTER-")
}

// The rules' file that the README names is read without a mistake, and each mistake
// is told with its line.
func TestPolicyFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "attester.yaml")
	read := func(text string) error {
		if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		_, err := ReadPolicy(file)
		return err
	}
	good := string(attests.Policy())
	if err := read(good); err != nil {
		t.Fatalf("a good file: %v", err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"kind: children", "kind: kids", "kind must be"},
		{"code: boerneattest\n", "code: offentlig\n", "stands twice"},
		{"basis: BEK 1860/2021 § 11", "basis: \"\"", "basis is missing"},
		{"basis: {offentlig: \"BEK 1860/2021 § 23, stk. 1\"}", "basis: {}", "has no legal basis"},
		{"always: [privat]", "always: [boerneattest]", "follows from the contact"},
		{"always: [privat]", "always: [kørekort]", "there is no type"},
		{"types: [boerneattest]", "types: [noget]", "there is no type"},
		{"policy: note-only", "policy: store-everything", "note-only or store-clean"},
		{"policy: note-only", "policy: store-clean", "document_days"},
		{"held_days: 30", "held_days: 0", "held_days is missing"},
		{"remind_after: [7, 12]", "remind_after: [12, 7]", "earliest first"},
		{"answer_days: 10", "answer_dage: 10", "unknown field"},
		{"{ren}", "{rent}", "is not known"},
		{"title: Offentlig straffeattest", "title: \" \"", "title is missing"},
		{"senders: [\"99012358\"]", "", "senders is missing"},
		{"senders: [\"99012358\"]", "senders: [\"99012358\", \"99012358\"]", "stands twice"},
		{"senders: [\"99012358\"]", "senders: [\"9901 2358\"]", "is no id"},
		{"\"Navn: {navn}\", ", "", "{navn} must"},
		{"subject: Straffeatt.", "subject: \"\"", "subject must be given"},
	} {
		err := read(strings.Replace(good, c.old, c.new, 1))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %q", c.new, c.old, err, c.want)
			continue
		}
		for _, line := range strings.Split(err.Error(), "\n") {
			if strings.HasPrefix(line, file) && !regexp.MustCompile(`attester\.yaml:\d+: `).MatchString(line) {
				t.Errorf("no line: %s", line)
			}
		}
	}
	if err := read(strings.NewReplacer("kind: children", "kind: kids", "held_days: 30", "held_days: 0").Replace(good)); !strings.Contains(err.Error(), "kind must") || !strings.Contains(err.Error(), "held_days") {
		t.Errorf("two mistakes are not told at once: %v", err)
	}
	if !slices.Contains(strings.Fields(good), "note-only") {
		t.Error("the default is no longer a note alone")
	}
}
