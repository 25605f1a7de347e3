package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"byskriver/runner"
)

// Every message that operators can meet from a schedule, a stopped robot or a
// failed item is in the handbook.
func TestHandbookHasEveryMessage(t *testing.T) {
	book, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := []string{string(runner.ScreenChanged), string(runner.SignInRefused), string(runner.Unavailable),
		runner.CodeUncertain, runner.CodeGaveUp, runner.CodeTwin, runner.CodePanic, codeDrift, "no-catch-up", "too-old", "latest-day-passed"}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range sources {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(schedule\.[a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			codes = append(codes, m[1])
		}
	}
	if len(codes) < 20 {
		t.Errorf("only %d codes were found", len(codes))
	}
	for _, code := range codes {
		if !strings.Contains(string(book), "`"+code+"`") {
			t.Errorf("docs/operations.md does not say what to do for %s", code)
		}
	}
}
