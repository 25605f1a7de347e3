package invoice

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"byskriver/robots/internal/ident"
)

// Unit is one of the municipality's EAN numbers.
type Unit struct {
	EAN    string `yaml:"ean" json:"ean"`
	Name   string `yaml:"name" json:"name"`
	Area   string `yaml:"area" json:"area"`
	Active bool   `yaml:"active" json:"active"`
}

// ParseUnits reads the municipality's list of EAN numbers. ean, name and active
// must be given for each. All that is wrong is told, each with its line.
func ParseUnits(file string, data []byte) ([]Unit, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	var list struct {
		Units []struct {
			EAN    string `yaml:"ean"`
			Name   string `yaml:"name"`
			Area   string `yaml:"area"`
			Active *bool  `yaml:"active"`
		} `yaml:"units"`
	}
	if err := yaml.UnmarshalWithOptions(data, &list, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	if len(list.Units) == 0 {
		return nil, fmt.Errorf("%s: no unit in it; the list stands under the key units", file)
	}
	var wrong []error
	units, seen := []Unit{}, map[string]bool{}
	for i, u := range list.Units {
		bad := func(format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("%s:%d: unit %d (%s): %s", file, lineOf(tree, i), i+1, u.Name, fmt.Sprintf(format, args...)))
		}
		switch {
		case !ident.ValidGLN(u.EAN):
			bad("%q is no EAN number: 13 digits with a check digit", u.EAN)
		case seen[u.EAN]:
			bad("EAN number %s stands twice", u.EAN)
		}
		if u.Name == "" {
			bad("EAN number %s has no name", u.EAN)
		}
		if u.Active == nil {
			bad("EAN number %s lacks active: true or false", u.EAN)
			continue
		}
		seen[u.EAN] = true
		units = append(units, Unit{EAN: u.EAN, Name: u.Name, Area: u.Area, Active: *u.Active})
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return units, nil
}

// lineOf is the line on which a unit's EAN number stands, or else the unit; 0 if
// neither can be found.
func lineOf(tree *ast.File, unit int) int {
	for _, at := range []string{"$.units[%d].ean", "$.units[%d]"} {
		path, err := yaml.PathString(fmt.Sprintf(at, unit))
		if err != nil {
			return 0
		}
		if node, err := path.FilterFile(tree); err == nil && node != nil {
			return node.GetToken().Position.Line
		}
	}
	return 0
}
