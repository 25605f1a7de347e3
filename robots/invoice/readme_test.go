package invoice

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"byskriver/fixtures/readmes"
)

var (
	codeForm = regexp.MustCompile(`^([A-ZÆØÅ]{3,}(-[A-ZÆØÅ]+)+|[A-ZÆØÅ]{4,})$`)
	blank    = regexp.MustCompile(`\{[a-zæøå]+\}|%s|%d`)
)

// notCodes are words in capitals that are compared with what people write.
var notCodes = []string{"NETTO", "BRUTTO"}

// engineCodes are those that the runner's engine gives beside the ones in runner.
var engineCodes = []string{"AFVENTER-SYSTEMET", "SLETTET"}

// codesInRules are all the codes that this robot can give an item, but for those of
// the official rules.
func codesInRules(t *testing.T) []string {
	codes := readmes.Codes(t, readmes.Literals(t, "*.go", "coding/*.go", "plans/rules.go", "grants/*.go", "patterns/rule.go", "bypattern/*.go", "reading/form.go", "../../runner/outcome.go"), codeForm, 60, notCodes...)
	engine := readmes.Literals(t, "../../runner/engine/*.go")
	return append(codes, slices.DeleteFunc(slices.Clone(engineCodes), func(code string) bool { return !slices.Contains(engine, code) })...)
}

// Every code that the rules can give has a row in README.md, with a sentence and
// what to do, and no row is left of a code that there is no more.
func TestReadmeHasEachCode(t *testing.T) { readmes.HasEach(t, codesInRules(t)) }

// What README.md says that staff read is what they read: each sentence is one of
// the program's, with … for its figures.
func TestReadmeHasTheSentences(t *testing.T) {
	readmes.Says(t, readmes.Literals(t, "*.go", "coding/*.go", "plans/rules.go", "plans/expiry.go", "grants/*.go", "patterns/rule.go", "bypattern/*.go", "reading/form.go", "../../runner/engine/*.go"), blank)
	for _, c := range controls {
		if want := "`" + c.code + "` | »" + blank.ReplaceAllString(c.text, "…") + "«"; !strings.Contains(readmes.Text(t), want) {
			t.Errorf("README.md does not have %s", want)
		}
	}
}

// The examples in README.md work.
func TestReadmesExamples(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```(yaml|csv)?\n(.*?)```").FindAllStringSubmatch(readmes.Text(t), -1)
	used := 0
	for _, b := range blocks {
		switch {
		case strings.HasPrefix(b[2], "units:"):
			used++
			if units, err := ParseUnits("README.md", []byte(b[2])); err != nil || len(units) != 2 || !units[0].Active || units[1].Active {
				t.Errorf("the EAN numbers: %+v, %v", units, err)
			}
		case b[1] == "csv":
			used++
			all, err := ParseCreditors("README.md", []byte(b[2]))
			if err != nil || len(all) != 2 || len(all[0].Payees) != 2 || all[1].Active {
				t.Errorf("the creditors: %+v, %v", all, err)
			}
		case b[1] == "":
			used++
			if _, _, err := parseValue(strings.TrimSpace(b[2])); err != nil {
				t.Errorf("the value %q: %v", b[2], err)
			}
		}
	}
	if used != 3 || !strings.Contains(valueForm, strings.Fields(readmes.Text(t)[strings.Index(readmes.Text(t), "49000010 XG"):])[1]) {
		t.Errorf("%d examples found", used)
	}
}

// README.md has every setting that robots.go reads, and no other.
func TestReadmeHasEachSetting(t *testing.T) {
	_, example, _ := strings.Cut(readmes.Text(t), "\n  invoice:\n")
	example, _, _ = strings.Cut(example, "```")
	readmes.Settings(t, example, regexp.MustCompile(`(?m)^    ([a-z_]+):`), "../robots.go", "type invoiceSection struct {")
}
