package alarms

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"byskriver/runner/config"
)

// Each alarm has its chapter in the playbooks and each chapter its alarm; none leaves a part
// out, and each command in them is one that there is.
func TestPlaybooks(t *testing.T) {
	text, err := os.ReadFile("../../docs/playbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	chapters := map[string]string{}
	for _, c := range strings.Split(string(text), "\n## ")[1:] {
		name, rest, _ := strings.Cut(c, "\n")
		chapters[name] = rest
	}
	for _, code := range config.AlarmCodes() {
		chapter, ok := chapters[string(code)]
		if !ok {
			t.Errorf("docs/playbooks.md has no chapter %s", code)
		}
		delete(chapters, string(code))
		for _, part := range []string{"**Means.**", "**Look.**", "**Do.**", "**Do not.**", "**Over.**"} {
			if !strings.Contains(chapter, part) {
				t.Errorf("the chapter %s does not say %s", code, part)
			}
		}
		if Todo(code) == "" {
			t.Errorf("%s has no sentence that says what to do", code)
		}
		if !strings.Contains(string(text), "(#"+Chapter(code)+")") {
			t.Errorf("docs/playbooks.md does not list %s", code)
		}
	}
	for name := range chapters {
		if name != "When byskriver itself is dead" {
			t.Errorf("docs/playbooks.md has a chapter %s, and there is no such alarm", name)
		}
	}
	if len(todo) != len(config.AlarmCodes()) {
		t.Errorf("%d sentences for %d alarms", len(todo), len(config.AlarmCodes()))
	}
	known := []string{"alarms", "backup", "check", "exceptions", "items", "log", "machines", "mode", "run", "schedule", "selectors", "serve", "systems"}
	for _, m := range regexp.MustCompile("`byskriver ([a-z]+)").FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(known, m[1]) {
			t.Errorf("docs/playbooks.md names the command byskriver %s", m[1])
		}
	}
}
