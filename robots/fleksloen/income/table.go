// Package income reads what employers reported on a citizen as a month's income
// for fleksløntilskud, and says of everything it does not know or that needs
// judgement which it is. It is pure: what is known stands in a table that the
// municipality owns.
package income

import (
	_ "embed" // the table that is meant where the municipality has none of its own
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

//go:embed indkomst.yaml
var standard []byte

// Standard is the table that is meant where the municipality has none of its own.
func Standard() (Table, error) { return ParseTable("indkomst.yaml", standard) }

// Table says what each part of an answer of eIndkomst means.
type Table struct {
	Blankets []Entry `yaml:"blankets" json:"blankets"`
	Fields   []Entry `yaml:"fields" json:"fields"`
	Types    []Entry `yaml:"types" json:"types"`
	Arts     []Entry `yaml:"arts" json:"arts"`
}

// Entry is one known blanket, field, income type or art: what it is, or the code
// with which it goes to a person.
type Entry struct {
	Blanket int     `yaml:"blanket" json:"blanket,omitempty"`
	Field   int     `yaml:"field" json:"field,omitempty"`
	Type    string  `yaml:"type" json:"type,omitempty"`
	Art     *string `yaml:"art" json:"art,omitempty"` // "" is an empty field
	Name    string  `yaml:"name" json:"name"`         // Danish
	Is      Meaning `yaml:"is" json:"is,omitempty"`
	Gives   string  `yaml:"gives" json:"gives,omitempty"` // the code of the refusal
}

// Meaning is what a field, type or art is.
type Meaning string

// The meanings.
const (
	Noted           Meaning = "noted"            // known, and of no account for the subsidy
	Reversal        Meaning = "reversal"         // says that a report takes an earlier one back
	Correction      Meaning = "correction"       // says that a report corrects an earlier one
	KindOfIncome    Meaning = "type"             // the income type
	TaxMonth        Meaning = "month"            // the tax month, ÅÅÅÅMM
	Art             Meaning = "art"              // the indtægtsart
	Wage            Meaning = "wage"             // AM-liable income, net of own pension and ATP
	OwnPension      Meaning = "own_pension"      // the citizen's own contribution
	EmployerPension Meaning = "employer_pension" // the employer's contribution
	Counted         Meaning = "counted"          // of a type or art: income that counts
	Own             Meaning = "own"              // of an art: the municipality's own fleksløntilskud, left out
)

// codeForm is how codes are written.
var codeForm = regexp.MustCompile(`^[A-ZÆØÅ]+(-[A-ZÆØÅ]+)*$`)

// ParseTable reads a table. Every mistake is told, with its line.
func ParseTable(file string, data []byte) (Table, error) {
	var t Table
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return t, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	if err := yaml.UnmarshalWithOptions(data, &t, yaml.Strict()); err != nil {
		return t, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	c := &tableCheck{file: file, tree: tree}
	c.list("blankets", t.Blankets, func(e Entry) string { return fmt.Sprint(e.Blanket) })
	c.list("fields", t.Fields, func(e Entry) string { return fmt.Sprintf("%d/%d", e.Blanket, e.Field) },
		Noted, Reversal, Correction, KindOfIncome, TaxMonth, Art, Wage, OwnPension, EmployerPension)
	c.list("types", t.Types, func(e Entry) string { return e.Type }, Counted)
	c.list("arts", t.Arts, func(e Entry) string {
		if e.Art == nil {
			return "(none)"
		}
		return *e.Art
	}, Counted, Own)
	c.needed(t)
	return t, errors.Join(c.found...)
}

type tableCheck struct {
	file  string
	tree  *ast.File
	found []error
}

func (c *tableCheck) wrong(at, format string, args ...any) {
	line := 1
	if path, err := yaml.PathString(at); err == nil {
		if node, err := path.FilterFile(c.tree); err == nil && node != nil {
			line = node.GetToken().Position.Line
		}
	}
	c.found = append(c.found, fmt.Errorf("%s:%d: %s", c.file, line, fmt.Sprintf(format, args...)))
}

// list checks one of the table's lists: each entry once, and each with a name and
// either a meaning that this list knows or a code. A blanket may have neither.
func (c *tableCheck) list(name string, entries []Entry, key func(Entry) string, may ...Meaning) {
	seen := map[string]bool{}
	if len(entries) == 0 {
		c.wrong("$", "%s is missing or empty", name)
	}
	for i, e := range entries {
		at := fmt.Sprintf("$.%s[%d].name", name, i)
		k := key(e)
		switch {
		case e.Name == "":
			c.wrong("$."+name, "%s: entry %d (%s) has no name", name, i+1, k)
		case seen[k]:
			c.wrong(at, "%s: %s stands twice", name, k)
		case !c.places(name, e):
			c.wrong(at, "%s: %s has keys that belong to another list", name, e.Name)
		case e.Is != "" && e.Gives != "":
			c.wrong(at, "%s: %s has both is and gives; write one", name, k)
		case e.Is == "" && e.Gives == "" && len(may) > 0:
			c.wrong(at, "%s: %s needs is or gives", name, k)
		case e.Is != "" && !slices.Contains(may, e.Is):
			c.wrong(at, "%s: %s cannot be %q here; known are %v", name, k, e.Is, may)
		case e.Gives != "" && !codeForm.MatchString(e.Gives):
			c.wrong(at, "%s: %s gives %q, which is no code such as B-INDKOMST", name, k, e.Gives)
		case e.Gives != "" && !slices.Contains(Given(), e.Gives):
			c.wrong(at, "%s: %s gives %q; the robot has a sentence for %s", name, k, e.Gives, strings.Join(Given(), ", "))
		}
		seen[k] = true
	}
}

// places reports whether an entry has the keys of its list and no others.
func (c *tableCheck) places(name string, e Entry) bool {
	has := []bool{e.Blanket != 0, e.Field != 0, e.Type != "", e.Art != nil}
	want := map[string][]bool{"blankets": {true, false, false, false}, "fields": {true, true, false, false},
		"types": {false, false, true, false}, "arts": {false, false, false, true}}
	return slices.Equal(has, want[name])
}

// needed makes sure that the table knows what the formula cannot do without.
func (c *tableCheck) needed(t Table) {
	for _, m := range []Meaning{Wage, OwnPension, EmployerPension, Reversal, Correction, KindOfIncome, Art} {
		if !slices.ContainsFunc(t.Fields, func(e Entry) bool { return e.Is == m }) {
			c.wrong("$.fields", "fields: none is %q, without which nothing can be computed", m)
		}
	}
	if !slices.ContainsFunc(t.Arts, func(e Entry) bool { return e.Is == Own }) {
		c.wrong("$.arts", "arts: none is %q: the municipality's own fleksløntilskud would count as wage", Own)
	}
}

func (t Table) blanket(number int) (Entry, bool) {
	return find(t.Blankets, func(e Entry) bool { return e.Blanket == number })
}

// head reports whether a blanket is a payment's head: the one that says which type
// of income it is.
func (t Table) head(number int) bool {
	return slices.ContainsFunc(t.Fields, func(e Entry) bool { return e.Blanket == number && e.Is == KindOfIncome })
}

func (t Table) field(blanket, id int) (Entry, bool) {
	return find(t.Fields, func(e Entry) bool { return e.Blanket == blanket && e.Field == id })
}

func (t Table) kind(value string) (Entry, bool) {
	return find(t.Types, func(e Entry) bool { return e.Type == value })
}

func (t Table) art(value string) (Entry, bool) {
	return find(t.Arts, func(e Entry) bool { return e.Art != nil && *e.Art == value })
}

func find(entries []Entry, is func(Entry) bool) (Entry, bool) {
	i := slices.IndexFunc(entries, is)
	if i < 0 {
		return Entry{}, false
	}
	return entries[i], true
}
