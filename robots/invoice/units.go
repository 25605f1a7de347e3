package invoice

import (
	"fmt"

	"github.com/goccy/go-yaml"

	"byskriver/robots/internal/ident"
)

// Unit is one of the municipality's EAN numbers.
type Unit struct {
	EAN    string `yaml:"ean" json:"ean"`
	Name   string `yaml:"name" json:"name"`
	Area   string `yaml:"area" json:"area"`
	Active bool   `yaml:"active" json:"active"`
}

// ParseUnits reads the municipality's list of EAN numbers. An error names the
// line.
func ParseUnits(file string, data []byte) ([]Unit, error) {
	var list struct {
		Units []Unit `yaml:"units"`
	}
	if err := yaml.UnmarshalWithOptions(data, &list, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	if len(list.Units) == 0 {
		return nil, fmt.Errorf("%s: no unit in it; the list begins with units:", file)
	}
	seen := map[string]bool{}
	for i, u := range list.Units {
		if !ident.ValidGLN(u.EAN) {
			return nil, fmt.Errorf("%s: unit %d (%s): %q is no EAN number: 13 digits with a check digit", file, i+1, u.Name, u.EAN)
		}
		if seen[u.EAN] {
			return nil, fmt.Errorf("%s: unit %d (%s): EAN number %s stands twice", file, i+1, u.Name, u.EAN)
		}
		seen[u.EAN] = true
	}
	return list.Units, nil
}
