package selectors

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Fault is one thing that is wrong with a selectors file.
type Fault struct {
	File string
	Line int    // 1 for the first; 0 if it concerns the whole file
	Text string // what is wrong and what to do
}

// Error is the fault in the form file:line: text.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.Text)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text)
}

// Load reads one system's file. The error joins every *Fault found. kinds are
// names of kinds beyond the built-in ones that elements may have; how those
// compare is handed to the browser.
func Load(file string, kinds ...string) (*System, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read selectors: %w", err)
	}
	return Parse(file, data, kinds...)
}

// Parse is Load for a file that has been read already.
func Parse(file string, data []byte, kinds ...string) (*System, error) {
	d := &decoder{file: file, kinds: kinds}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntaxFault(file, err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, &Fault{File: file, Text: "the file must hold one document that begins with system: NAME"}
	}
	s := d.system(tree.Docs[0].Body)
	if len(d.faults) > 0 {
		return nil, d.all()
	}
	return s, nil
}

// LoadDir reads every *.yaml in a folder, by system name. The error joins every
// fault in every file. Files of terminals are checked too, and not among what it
// returns; see LoadTerminal.
func LoadDir(dir string, kinds ...string) (map[string]*System, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list selectors in %s: %w", dir, err)
	}
	sort.Strings(files)
	systems := make(map[string]*System, len(files))
	var faults []error
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err == nil && ofTerminal(data) {
			if _, err := ParseTerminal(file, data); err != nil {
				faults = append(faults, err)
			}
			continue
		}
		s, err := Load(file, kinds...)
		switch {
		case err != nil:
			faults = append(faults, err)
		case systems[s.Name] != nil:
			faults = append(faults, &Fault{File: file, Line: 1, Text: fmt.Sprintf(
				"system %s is described in %s already; keep one file a system", s.Name, systems[s.Name].File)})
		default:
			systems[s.Name] = s
		}
	}
	return systems, errors.Join(faults...)
}

// Check reads every selectors file in a folder and returns everything that is
// wrong in any of them at once.
func Check(dir string, kinds ...string) error {
	_, err := LoadDir(dir, kinds...)
	return err
}

// decoder walks the YAML tree itself, because a decoder into structs stops at
// the first error and check has to show all of them.
type decoder struct {
	file   string
	kinds  []string
	faults []*Fault
}

// all joins the faults in the order of their lines.
func (d *decoder) all() error {
	slices.SortStableFunc(d.faults, func(a, b *Fault) int { return a.Line - b.Line })
	errs := make([]error, len(d.faults))
	for i, f := range d.faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

func (d *decoder) fault(line int, format string, args ...any) {
	d.faults = append(d.faults, &Fault{File: d.file, Line: line, Text: fmt.Sprintf(format, args...)})
}

func line(n ast.Node) int {
	if n == nil || n.GetToken() == nil {
		return 0
	}
	return n.GetToken().Position.Line
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	value ast.Node
	line  int
}

// mapping lists the entries of a mapping in the file's order; allowed, if given,
// are the only keys it may have.
func (d *decoder) mapping(n ast.Node, what string, allowed ...string) []entry {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		d.fault(line(n), "%s must be a mapping (key: value)", what)
		return nil
	}
	var list []entry
	for _, v := range values {
		e := entry{value: v.Value, line: line(v.Key)}
		if key, ok := v.Key.(ast.ScalarNode); ok {
			e.key = fmt.Sprint(key.GetValue())
		}
		if len(allowed) > 0 && !contains(allowed, e.key) {
			d.fault(e.line, "%s has no key %q; it may have %s", what, e.key, quoted(allowed))
			continue
		}
		list = append(list, e)
	}
	return list
}

// text is a scalar that must be a string and not empty.
func (d *decoder) text(n ast.Node, what string) string {
	switch s := n.(type) {
	case *ast.StringNode:
		if s.Value != "" {
			return s.Value
		}
	case *ast.LiteralNode:
		if s.Value != nil && s.Value.Value != "" {
			return s.Value.Value
		}
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value
	}
	d.fault(line(n), "%s must be a text that is not empty; put it in quotes", what)
	return ""
}

func (d *decoder) boolean(n ast.Node, what string) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.fault(line(n), "%s must be true or false", what)
		return false
	}
	return b.Value
}

// list is a sequence that must hold something.
func (d *decoder) list(n ast.Node, what string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok || len(s.Values) == 0 {
		d.fault(line(n), "%s must be a list with at least one entry: [ ... ]", what)
		return nil
	}
	return s.Values
}
