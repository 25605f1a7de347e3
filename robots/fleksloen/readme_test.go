package fleksloen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"byskriver/robots/fleksloen/income"
	"byskriver/robots/fleksloen/subsidy"
)

var (
	codeForm = regexp.MustCompile(`^([A-ZÆØÅ]+(-[A-ZÆØÅ]+)+|FERIE|REFUSION|LG|REGULERING|STIKPRØVE|GODKENDELSE|OBSLISTE|FRAVÆR|RETTELSE|TILBAGEFØRSEL|SELVSTÆNDIG|PROGRAMFEJL)$`)
	blank    = regexp.MustCompile(`\{x\}|%s|%d`)
	row      = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| »(.+)« \\| (.+) \\|$")
)

// notItems are words that stop a run, and those of other parts.
var notItems = []string{subsidy.CodeRates, codeWatch}

// literals are the string constants of Go files that are no tests.
func literals(t *testing.T, patterns ...string) (all []string) {
	t.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					if s, err := strconv.Unquote(l.Value); err == nil {
						all = append(all, s)
					}
				}
				return true
			})
		}
	}
	return all
}

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every code that the robot can give has a row with a sentence and what to do, and
// no row is left of a code that there is no more.
func TestReadmeHasEachCode(t *testing.T) {
	var written, given []string
	for _, m := range row.FindAllStringSubmatch(readme(t), -1) {
		written = append(written, m[1])
		if len(m[2]) < 10 || len(m[3]) < 10 {
			t.Errorf("the row of %s says too little", m[1])
		}
	}
	for _, s := range append(literals(t, "*.go", "income/*.go", "../../runner/outcome.go"), "AFVENTER-SYSTEMET", "SLETTET") {
		if (codeForm.MatchString(s) || s == "SLETTET") && !slices.Contains(notItems, s) {
			given = append(given, s)
		}
	}
	slices.Sort(written)
	slices.Sort(given)
	if given = slices.Compact(given); len(given) < 50 || len(slices.Compact(slices.Clone(written))) != len(written) {
		t.Fatalf("%d codes in the program, %d in README.md", len(given), len(written))
	}
	for _, code := range given {
		if !slices.Contains(written, code) {
			t.Errorf("%s is not in README.md", code)
		}
	}
	for _, code := range written {
		if !slices.Contains(given, code) {
			t.Errorf("README.md has %s, which nothing gives", code)
		}
	}
}

// What README.md says that staff read is what they read, with … for its figures.
func TestReadmeHasTheSentences(t *testing.T) {
	var said []string
	for _, s := range literals(t, "*.go", "../../runner/engine/*.go", "../../runner/*.go") {
		said = append(said, blank.ReplaceAllString(s, "…"))
	}
	for _, m := range row.FindAllStringSubmatch(readme(t), -1) {
		for _, part := range strings.Split(m[2], "…") {
			part = strings.Trim(part, " .:«»")
			if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, part) }) {
				t.Errorf("%s: nothing says %q", m[1], part)
			}
		}
	}
	for code, text := range findingTexts() {
		if want := "`" + code + "` | »" + blank.ReplaceAllString(text, "…") + "«"; !strings.Contains(readme(t), want) {
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
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d examples", len(blocks))
	}
	if rates, err := subsidy.ParseRates("README.md", []byte(blocks[0][1])); err != nil || len(rates) != 1 {
		t.Errorf("%v, %v", rates, err)
	}
	b, err := os.ReadFile("../fleksloen.go")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range regexp.MustCompile("`yaml:\"([a-z_]+)\"`").FindAllStringSubmatch(string(b), -1) {
		want = append(want, m[1])
	}
	_, section, _ := strings.Cut(blocks[1][1], "  fleksloen:\n")
	for _, m := range regexp.MustCompile(`(?m)^ {4,6}([a-z_]+):`).FindAllStringSubmatch(section, -1) {
		got = append(got, m[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("README.md has the settings %v, the robot reads %v", got, want)
	}
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
