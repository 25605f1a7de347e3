// Package main_test holds the tree to the rules that no compiler knows: who may
// import whom, what a file may hold, what must not stand anywhere.
package main_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "byskriver/"

// rule says what the packages under a folder may import of ours.
type rule struct {
	under string   // the folder; the first rule that fits a package counts
	may   []string // folders; one that ends in /... includes what is below it
	own   int      // how many path elements make the package's own tree, which it may import
}

// imports is the house's import table. Tests may import fixtures and the test
// clock besides, and those of the command line run the whole fleet.
var imports = []rule{
	{under: "runner/cli", may: []string{"runner", "runner/...", "schedules"}},
	{under: "runner/", may: []string{"runner", "runner/...", "schedules"}},
	{under: "runner"},
	{under: "robots/internal/", may: []string{"runner", "schedules", "selectors", "selectors/...", "robots/internal/screen"}, own: 3},
	{under: "robots/", may: []string{"runner", "schedules", "robots/internal/..."}, own: 2},
	{under: "robots", may: []string{"robots/...", "runner", "runner/config", "schedules", "selectors", "selectors/..."}},
	{under: "schedules"},
	{under: "selectors", own: 1},
	{under: "fixtures/town", own: 2},
	{under: "fixtures/pages"},
	{under: "fixtures/leaks/hunt", may: []string{"fixtures/...", "runner", "runner/..."}},
	{under: "fixtures/leaks"},
	{under: "fixtures/invoices", may: []string{"fixtures/town"}},
	{under: "fixtures/attests", may: []string{"fixtures/town"}},
	{under: "fixtures/accesses", may: []string{"fixtures/staff", "fixtures/town", "fixtures/town/..."}, own: 2},
	{under: "fixtures/staff", may: []string{"fixtures/town", "fixtures/town/..."}, own: 2},
	{under: "fixtures/citizens", may: []string{"fixtures/town", "fixtures/town/..."}, own: 2},
	{under: "fixtures/torture", may: []string{"fixtures/...", "robots", "robots/...", "runner", "runner/...", "schedules"}},
	{under: "fixtures/demo", may: []string{"fixtures/..."}},
	{under: "", may: []string{"robots", "runner/cli"}},
}

// inTests is what every test may import.
var inTests = []string{"fixtures/...", "runner/clock"}

func TestImports(t *testing.T) {
	for _, f := range goFiles(t) {
		dir := folder(f.path)
		r := ruleFor(dir)
		may := slices.Clone(r.may)
		if f.isTest() {
			may = append(append(may, inTests...), dir)
			if dir == "runner/cli" {
				// A year of a real fleet is lived through there, also at the desk of one robot.
				may = append(may, "robots", "robots/access", "robots/access/review")
			}
		}
		if r.own > 0 {
			own := strings.Join(strings.SplitN(dir+"///", "/", r.own+1)[:r.own], "/")
			may = append(may, own, own+"/...")
		}
		for _, spec := range f.ast.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours, ok := strings.CutPrefix(name, module)
			if ok && !slices.ContainsFunc(may, func(m string) bool { return covers(m, ours) }) {
				t.Errorf("%s imports %s; %q may import %v", f.at(spec), ours, dir, may)
			}
			if dir == "runner" && !f.isTest() && strings.Contains(strings.Split(name, "/")[0], ".") {
				t.Errorf("%s imports %s; the words of the house need the standard library alone", f.at(spec), name)
			}
		}
	}
}

func ruleFor(dir string) rule {
	for _, r := range imports {
		if r.under == dir || r.under == "" || strings.HasPrefix(dir, strings.TrimSuffix(r.under, "/")+"/") {
			return r
		}
	}
	return rule{}
}

func covers(pattern, folder string) bool {
	below, deep := strings.CutSuffix(pattern, "/...")
	return pattern == folder || deep && strings.HasPrefix(folder, below+"/")
}

func folder(file string) string {
	if dir := path.Dir(file); dir != "." {
		return dir
	}
	return ""
}

// TestTheTableIsKept makes sure that the table forbids what it should.
func TestTheTableIsKept(t *testing.T) {
	for _, c := range []struct {
		dir, imports string
		want         bool
	}{
		{"robots/invoice", "runner/store", false}, {"robots/invoice", "robots/attest", false}, {"robots/invoice/plans", "robots/internal/ident", true},
		{"robots/internal/opus", "runner", true}, {"robots/internal/opus", "robots/internal/ident", false}, {"robots/internal/opus", "schedules", true}, {"robots/internal/opus", "robots/internal/screen", true}, {"robots", "runner/engine", false},
		{"runner/engine", "robots", false}, {"runner/engine", "selectors", false}, {"runner/engine", "runner/store", true}, {"runner", "schedules", false},
		{"selectors/browser", "selectors", true}, {"selectors", "runner", false}, {"schedules", "runner", false},
		{"fixtures/town", "fixtures/invoices", false}, {"fixtures/town/eindkomst", "fixtures/town", true}, {"fixtures/town/eindkomst", "robots/internal/eindkomst", false}, {"fixtures/demo/municipality", "fixtures/town", true}, {"", "runner/engine", false}, {"", "robots", true},
	} {
		r := ruleFor(c.dir)
		may := r.may
		if r.own > 0 {
			own := strings.Join(strings.SplitN(c.dir+"///", "/", r.own+1)[:r.own], "/")
			may = append(slices.Clone(may), own, own+"/...")
		}
		if got := slices.ContainsFunc(may, func(m string) bool { return covers(m, c.imports) }); got != c.want {
			t.Errorf("%q may import %q: %v, want %v", c.dir, c.imports, got, c.want)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	words := 0
	for _, f := range goFiles(t) {
		n := bytes.Count(f.text, []byte("\n"))
		if n > 400 {
			t.Errorf("%s has %d lines; 400 are the most", f.path, n)
		}
		if folder(f.path) == "runner" && !f.isTest() {
			words += n
		}
	}
	if words >= 500 {
		t.Errorf("the words of the house (runner/*.go) have %d lines; they must stay under 500", words)
	}
}

var topFolders = []string{"robots", "runner", "schedules", "selectors", "fixtures", "docs"}

func TestTopFolders(t *testing.T) {
	for _, file := range tracked(t) {
		top, _, below := strings.Cut(file, "/")
		if below && !strings.HasPrefix(top, ".") && !slices.Contains(topFolders, top) {
			t.Errorf("%s: the top folder %s is none of the house's rooms", file, top)
		}
	}
}

// A CPR number of a living person can begin with any of these days; made-up ones
// have the day + 60.
var cpr = regexp.MustCompile(`(?:^|[^0-9A-Za-z_])((?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}[- ]?[0-9]{4})(?:$|[^0-9A-Za-z_])`)

// notPeople are numbers that read as CPR numbers and are known to be none, in
// pieces for the same reason as below.
var notPeople = []string{
	"110351" + "5245", // the multiplier of C's random numbers, in a fixture page
}

// elsewhere are words of the workshop that say nothing to those who use the
// program. They are in pieces here, since this file is searched too.
var elsewhere = []string{".lib" + "rary", "../shared/" + "design", "../shared/" + "hooks", "sub" + "agent", "farm-" + "bench"}

func TestNothingPersonalAndNothingForeign(t *testing.T) {
	for _, file := range tracked(t) {
		b, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue // being removed
		}
		if err != nil {
			t.Fatal(err)
		}
		if file == "go.sum" || bytes.IndexByte(b, 0) >= 0 {
			continue
		}
		for n, line := range strings.Split(string(b), "\n") {
			if m := cpr.FindStringSubmatch(line); m != nil && !slices.Contains(notPeople, m[1]) {
				t.Errorf("%s:%d: %s could be somebody's CPR number; a made-up one has the day + 60", file, n+1, m[1])
			}
			for _, word := range elsewhere {
				if strings.Contains(strings.ToLower(line), word) {
					t.Errorf("%s:%d: %q has no meaning in the project", file, n+1, word)
				}
			}
		}
	}
}

func TestTheSearchFinds(t *testing.T) {
	for text, want := range map[string]bool{
		"cpr 01" + "01901234": true, "(31" + "1299-1234)": true, "05" + "0590 1234,": true,
		"8605010001": false, "320190" + "1234": false, "00101901234": false, "2026112122395": false, "a01" + "01901234": false,
	} {
		if got := cpr.MatchString(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// goFile is one parsed source file.
type goFile struct {
	path string
	text []byte
	ast  *ast.File
	set  *token.FileSet
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

func (f goFile) at(n ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.set.Position(n.Pos()).Line)
}

// goFiles parses every source file. It reads the files themselves: the Go tool's
// answer about imports may be a cached one.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var all []goFile
	set := token.NewFileSet()
	for _, file := range tracked(t) {
		if !strings.HasSuffix(file, ".go") || strings.Contains(file, "/testdata/") {
			continue
		}
		text, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(set, file, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, goFile{path: file, text: text, ast: tree, set: set})
	}
	if len(all) < 100 {
		t.Fatalf("only %d source files found: the search itself is broken", len(all))
	}
	return all
}

// tracked are the project's files: those that git knows, or without git those
// that are there.
func tracked(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err == nil && len(out) > 0 {
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	}
	var all []string
	err = walk(".", func(file string) { all = append(all, file) })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func walk(dir string, found func(string)) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case slices.Contains([]string{".git", ".cache", "bin", "demo-out", "node_modules"}, e.Name()):
		case e.IsDir():
			if err := walk(name, found); err != nil {
				return err
			}
		default:
			found(name)
		}
	}
	return nil
}
