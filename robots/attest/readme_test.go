package attest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"byskriver/fixtures/attests"
)

var (
	codeLiteral = regexp.MustCompile(`"((?:BUNDT|SVAR|SAMTYKKE|AFVENTER|ORDRE|ATTEST|POST|SAG|DELFORLØB)-[A-ZÆØÅ-]+)"`)
	codeInTable = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")
)

// Every code that the robot gives stands in the README with what to do, and in the
// workbook's advice where it is an exception; and nothing else stands there.
func TestEveryCodeIsExplained(t *testing.T) {
	given := map[string]bool{}
	for _, pattern := range []string{"*.go", "rules/*.go", "judge/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") || f == "advice.go" {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range codeLiteral.FindAllStringSubmatch(string(b), -1) {
				given[m[1]] = true
			}
		}
	}
	if len(given) < 30 {
		t.Fatalf("only %d codes are found: the search is broken", len(given))
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, m := range codeInTable.FindAllStringSubmatch(string(text), -1) {
		told[m[1]] = true
	}
	advice := (&Robot{}).Advice()
	for code := range given {
		if !told[code] {
			t.Errorf("%s is not in the README", code)
		}
		if advice[code] == "" && !strings.HasPrefix(code, "AFVENTER-") {
			t.Errorf("%s has no advice", code)
		}
	}
	for code := range told {
		if !given[code] {
			t.Errorf("the README has %s, which the robot never gives", code)
		}
	}
	for code := range advice {
		if !given[code] {
			t.Errorf("there is advice about %s, which the robot never gives", code)
		}
	}
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
