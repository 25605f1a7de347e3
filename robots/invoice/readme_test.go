package invoice

import (
	"bytes"
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
)

var (
	codeForm = regexp.MustCompile(`^([A-ZÆØÅ]{3,}(-[A-ZÆØÅ]+)+|[A-ZÆØÅ]{4,})$`)
	blank    = regexp.MustCompile(`\{[a-zæøå]+\}|%s|%d`)
)

// notCodes are words in capitals that are compared with what people write.
var notCodes = []string{"NETTO", "BRUTTO"}

// engineCodes are those that the runner's engine gives beside the ones in runner.
var engineCodes = []string{"AFVENTER-SYSTEMET", "SLETTET"}

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
					s, err := strconv.Unquote(l.Value)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, s)
				}
				return true
			})
		}
	}
	return all
}

// codesInRules are all the codes that this robot can give an item, but for those of
// the official rules.
func codesInRules(t *testing.T) (codes []string) {
	t.Helper()
	for _, s := range literals(t, "*.go", "coding/*.go", "plans/rules.go", "grants/*.go", "patterns/rule.go", "bypattern/*.go", "reading/form.go", "../../runner/outcome.go") {
		if codeForm.MatchString(s) && !slices.Contains(notCodes, s) {
			codes = append(codes, s)
		}
	}
	engine := literals(t, "../../runner/engine/*.go")
	for _, code := range engineCodes {
		if slices.Contains(engine, code) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| »(.+)« \\| (.+) \\|$")

// Every code that the rules can give has a row in README.md, with a sentence and
// what to do, and no row is left of a code that there is no more.
func TestReadmeHasEachCode(t *testing.T) {
	var written []string
	for _, m := range row.FindAllStringSubmatch(readme(t), -1) {
		written = append(written, m[1])
		if len(m[2]) < 10 || len(m[3]) < 10 {
			t.Errorf("the row of %s says too little", m[1])
		}
	}
	slices.Sort(written)
	if twice := slices.Compact(slices.Clone(written)); len(twice) != len(written) {
		t.Errorf("a code stands twice in %v", written)
	}
	given := codesInRules(t)
	if len(given) < 60 {
		t.Fatalf("only %d codes found in the rules: the search itself is broken", len(given))
	}
	for _, code := range given {
		if !slices.Contains(written, code) {
			t.Errorf("%s is not in README.md", code)
		}
	}
	for _, code := range written {
		if !slices.Contains(given, code) {
			t.Errorf("README.md has %s, which no rule gives", code)
		}
	}
}

// What README.md says that staff read is what they read: each sentence is one of
// the program's, with … for its figures.
func TestReadmeHasTheSentences(t *testing.T) {
	var said []string
	for _, s := range literals(t, "*.go", "coding/*.go", "plans/rules.go", "plans/expiry.go", "grants/*.go", "patterns/rule.go", "bypattern/*.go", "reading/form.go", "../../runner/engine/*.go") {
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
	for _, c := range controls {
		if want := "`" + c.code + "` | »" + blank.ReplaceAllString(c.text, "…") + "«"; !strings.Contains(readme(t), want) {
			t.Errorf("README.md does not have %s", want)
		}
	}
}

// The examples in README.md work.
func TestReadmesExamples(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```(yaml|csv)?\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
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
	if used != 3 || !strings.Contains(valueForm, strings.Fields(readme(t)[strings.Index(readme(t), "49000010 XG"):])[1]) {
		t.Errorf("%d examples found", used)
	}
}

// README.md has every setting that robots.go reads, and no other.
func TestReadmeHasEachSetting(t *testing.T) {
	b, err := os.ReadFile("../robots.go")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := bytes.Cut(b, []byte("type invoiceSection struct {"))
	if !ok {
		t.Fatal("robots.go has no invoiceSection")
	}
	section, _, _ = bytes.Cut(section, []byte("\n}"))
	var want, got []string
	for _, m := range regexp.MustCompile("`yaml:\"([a-z_]+)\"`").FindAllSubmatch(section, -1) {
		want = append(want, string(m[1]))
	}
	_, example, _ := strings.Cut(readme(t), "\n  invoice:\n")
	example, _, _ = strings.Cut(example, "```")
	for _, m := range regexp.MustCompile(`(?m)^    ([a-z_]+):`).FindAllStringSubmatch(example, -1) {
		got = append(got, m[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 5 || !slices.Equal(got, want) {
		t.Errorf("README.md has the settings %v, robots.go reads %v", got, want)
	}
}
