package fleksloen

import (
	"regexp"
	"strings"
	"testing"

	"byskriver/fixtures/readmes"
	"byskriver/robots/fleksloen/income"
	"byskriver/robots/fleksloen/subsidy"
)

var (
	codeForm = regexp.MustCompile(`^([A-ZÆØÅ]+(-[A-ZÆØÅ]+)+|FERIE|REFUSION|LG|REGULERING|STIKPRØVE|GODKENDELSE|OBSLISTE|FRAVÆR|RETTELSE|TILBAGEFØRSEL|SELVSTÆNDIG|PROGRAMFEJL)$`)
	blank    = regexp.MustCompile(`\{x\}|%s|%d`)
)

// notItems are words that stop a run, and those of other parts.
var notItems = []string{subsidy.CodeRates, codeWatch}

// Every code that the robot can give has a row with a sentence and what to do, and
// no row is left of a code that there is no more.
func TestReadmeHasEachCode(t *testing.T) {
	given := readmes.Codes(t, readmes.Literals(t, "*.go", "income/*.go", "../../runner/outcome.go"), codeForm, 50, notItems...)
	readmes.HasEach(t, append(given, "AFVENTER-SYSTEMET", "SLETTET"))
}

// What README.md says that staff read is what they read, with … for its figures.
func TestReadmeHasTheSentences(t *testing.T) {
	readmes.Says(t, readmes.Literals(t, "*.go", "../../runner/engine/*.go", "../../runner/*.go"), blank)
	for code, text := range findingTexts() {
		if want := "`" + code + "` | »" + blank.ReplaceAllString(text, "…") + "«"; !strings.Contains(readmes.Text(t), want) {
			t.Errorf("README.md does not have %s", want)
		}
	}
	for _, code := range income.Given() {
		if findingTexts()[code] == "" {
			t.Errorf("%s has no sentence", code)
		}
	}
}

// The rates in README.md are read, and its settings are those that robots read.
func TestReadmesExamples(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readmes.Text(t), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d examples", len(blocks))
	}
	if rates, err := subsidy.ParseRates("README.md", []byte(blocks[0][1])); err != nil || len(rates) != 1 {
		t.Errorf("%v, %v", rates, err)
	}
	_, section, _ := strings.Cut(blocks[1][1], "  fleksloen:\n")
	readmes.Settings(t, section, regexp.MustCompile(`(?m)^ {4,6}([a-z_]+):`), "../fleksloen.go", "")
}

// What the robot does about each code stands in the workbook's overview too.
func TestEachRefusalSaysWhatToDo(t *testing.T) {
	for code, text := range (&Robot{}).Advice() {
		if len(text) < 10 || strings.Contains(text, "{x}") {
			t.Errorf("%s: %q", code, text)
		}
	}
	if len((&Robot{}).Advice()) < 45 {
		t.Error("most codes have no advice")
	}
}
