package main_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

func TestNoInitAndNoDrawerPackages(t *testing.T) {
	for _, f := range goFiles(t) {
		name := strings.TrimSuffix(f.ast.Name.Name, "_test")
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc"}, name) {
			t.Errorf("%s: package %s says nothing about what is in it", f.path, name)
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: func init: hand in what it sets up", f.at(fn))
			}
		}
	}
}

func TestTestsWaitForStates(t *testing.T) {
	for _, f := range goFiles(t) {
		if !f.isTest() {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" && isIdent(s.X, "time") {
				t.Errorf("%s: a test that sleeps is slow or wrong; wait for the state", f.at(n))
			}
			return true
		})
	}
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func TestExportedNamesAreExplained(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.isTest() || f.ast.Name.Name == "main" {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", f.at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				explained(t, f, d)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

func explained(t *testing.T, f goFile, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
				t.Errorf("%s: %s has no comment", f.at(s), s.Name.Name)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
					t.Errorf("%s: %s has no comment", f.at(s), name.Name)
				}
			}
		}
	}
}

// TestNoPackageState finds package-level variables that are more than a table or
// an error: those without a value to begin with, and those that anything assigns
// to or deletes from.
func TestNoPackageState(t *testing.T) {
	packages := map[string][]goFile{}
	for _, f := range goFiles(t) {
		if !f.isTest() {
			packages[folder(f.path)] = append(packages[folder(f.path)], f)
		}
	}
	for dir, files := range packages {
		for _, finding := range stateIn(dir, files) {
			t.Error(finding)
		}
	}
}

// stateIn type-checks a package without its imports, which is enough to tell a
// package-level variable from a local one of the same name.
func stateIn(dir string, files []goFile) []string {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Error: func(error) {}, Importer: noImports{}}
	trees := make([]*ast.File, len(files))
	for i, f := range files {
		trees[i] = f.ast
	}
	// What comes back says that imports are missing; the rest is in info.
	pkg, _ := conf.Check(dir, files[0].set, trees, info)
	var found []string
	for _, f := range files {
		w := stateFinder{file: f, info: info, scope: pkg.Scope()}
		w.declarations()
		ast.Inspect(f.ast, w.look)
		found = append(found, w.found...)
	}
	return found
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not needed") }

type stateFinder struct {
	file  goFile
	info  *types.Info
	scope *types.Scope
	found []string
}

func (w *stateFinder) say(n ast.Node, what string) {
	w.found = append(w.found, w.file.at(n)+": package-level "+what)
}

// declarations looks at how package-level variables begin.
func (w *stateFinder) declarations() {
	for _, d := range w.file.ast.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, spec := range g.Specs {
			s := spec.(*ast.ValueSpec)
			if len(s.Values) == 0 && !embedded(g.Doc) && !embedded(s.Doc) {
				w.say(s, s.Names[0].Name+" has no value to begin with, so it can only be state")
			}
			for _, v := range s.Values {
				if empty(v) {
					w.say(s, s.Names[0].Name+" begins empty, so it can only be state")
				}
			}
		}
	}
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// empty reports whether a value is a map or a thing made new with nothing in it.
func empty(v ast.Expr) bool {
	switch v := v.(type) {
	case *ast.CompositeLit:
		_, isMap := v.Type.(*ast.MapType)
		return isMap && len(v.Elts) == 0
	case *ast.CallExpr:
		return isIdent(v.Fun, "make") || isIdent(v.Fun, "new")
	}
	return false
}

// look finds what changes a package-level variable.
func (w *stateFinder) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, e := range n.Lhs {
			w.changed(e, "is assigned to")
		}
	case *ast.IncDecStmt:
		w.changed(n.X, "is counted")
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			w.changed(n.Key, "is assigned to")
			w.changed(n.Value, "is assigned to")
		}
	case *ast.CallExpr:
		if len(n.Args) > 0 && (isIdent(n.Fun, "delete") || isIdent(n.Fun, "clear")) {
			w.changed(n.Args[0], "is deleted from")
		}
	}
	return true
}

// changed follows an expression to the variable that it is part of.
func (w *stateFinder) changed(e ast.Expr, how string) {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.Ident:
			if v, ok := w.info.Uses[x].(*types.Var); ok && v.Parent() == w.scope {
				w.say(x, x.Name+" "+how)
			}
			return
		default:
			return
		}
	}
}

func TestStateIsFound(t *testing.T) {
	const src = `package p
var table = map[string]int{"a": 1}
var count int
var seen = map[string]bool{}
var list = []int{1}
func f() { count := 0; count++; _ = count; table["b"] = 2; list[0]++; for _, table := range list { _ = table } }
`
	got := strings.Join(stateIn("p", []goFile{parsed(t, src)}), "\n")
	want := "p.go:3: package-level count has no value to begin with, so it can only be state\n" +
		"p.go:4: package-level seen begins empty, so it can only be state\n" +
		"p.go:6: package-level table is assigned to\np.go:6: package-level list is counted"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func parsed(t *testing.T, src string) goFile {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return goFile{path: "p.go", text: []byte(src), ast: tree, set: set}
}
