// Package rulefile reads the YAML files in which a municipality keeps what it decides
// itself: strictly, with every fault named by file and line, all at once.
package rulefile

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// File is a file that decoded well, while it is being checked.
type File struct {
	path  string
	tree  *ast.File
	wrong []error
}

// Read decodes a file into a pointer; an unknown key is an error. What is wrong with
// the values is for the caller to Say.
func Read(path string, into any) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the municipality's rules: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(data, into, yaml.Strict()); err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			return nil, fmt.Errorf("%s:%d: %s", path, at.GetToken().Position.Line, at.GetMessage())
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &File{path: path, tree: tree}, nil
}

// Say notes what is wrong at a place such as $.rights[0].system.
func (f *File) Say(at, format string, args ...any) {
	f.wrong = append(f.wrong, fmt.Errorf("%s:%d: %s", f.path, f.line(at), fmt.Sprintf(format, args...)))
}

// Must notes it unless it is so.
func (f *File) Must(so bool, at, format string, args ...any) {
	if !so {
		f.Say(at, format, args...)
	}
}

// Err joins everything that was said.
func (f *File) Err() error { return errors.Join(f.wrong...) }

// line is where a place stands, or the nearest above it that does.
func (f *File) line(at string) int {
	for at != "$" && at != "" {
		if p, err := yaml.PathString(at); err == nil {
			if n, err := p.FilterFile(f.tree); err == nil && n != nil && n.GetToken() != nil {
				return n.GetToken().Position.Line
			}
		}
		at = at[:max(0, strings.LastIndexAny(at, ".["))]
	}
	return 1
}
