package rule

import (
	"slices"
	"strings"
	"unicode/utf8"

	"byskriver/robots/invoice/reading/ubl"
)

// Set is a code list.
type Set map[string]struct{}

// Words makes a code list of words with blanks or commas between.
func Words(lists ...string) Set {
	set := Set{}
	for _, l := range lists {
		for _, w := range strings.FieldsFunc(l, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
			set[w] = struct{}{}
		}
	}
	return set
}

// Has reports whether the list holds the code, exactly as written.
func (s Set) Has(code string) bool { _, ok := s[code]; return ok }

// place is a path below an element, with an attribute at its end perhaps:
// "Price/BaseQuantity@unitCode", "@listID".
type place struct {
	path []string
	attr string
}

func at(p string) place {
	p, attr, _ := strings.Cut(p, "@")
	if p == "" {
		return place{attr: attr}
	}
	return place{path: strings.Split(p, "/"), attr: attr}
}

// any calls is with every value at the place, in document order, until it is true.
func (p place) any(n *ubl.Node, is func(string) bool) bool { return some(n, p.path, p.attr, is) }

func some(n *ubl.Node, path []string, attr string, is func(string) bool) bool {
	switch {
	case len(path) > 0:
		for k := n.Get(path[0]); k != nil; k = k.Next() {
			if k.Name == path[0] && some(k, path[1:], attr, is) {
				return true
			}
		}
		return false
	case attr == "":
		return is(n.Text)
	}
	v, ok := n.Attr(attr)
	return ok && is(v)
}

// first is the first value at the place as it stands, and whether there is one.
func (p place) first(n *ubl.Node) (string, bool) { return value(n, p.path, p.attr) }

func value(n *ubl.Node, path []string, attr string) (string, bool) {
	switch {
	case len(path) > 0:
		for k := n.Get(path[0]); k != nil; k = k.Next() {
			if k.Name == path[0] {
				if v, ok := value(k, path[1:], attr); ok {
					return v, true
				}
			}
		}
		return "", false
	case attr == "":
		return n.Text, true
	}
	return n.Attr(attr)
}

// Has is true where the place exists.
func Has(p string) Test {
	pl := at(p)
	return func(n *ubl.Node) bool { _, ok := pl.first(n); return ok }
}

// Lacks is true where the place does not exist.
func Lacks(p string) Test { return Not(Has(p)) }

// Blank is true where the place does not exist or its first value is white space.
func Blank(p string) Test {
	pl := at(p)
	return func(n *ubl.Node) bool { v, _ := pl.first(n); return strings.TrimSpace(v) == "" }
}

// Empty is true where the place does not exist or one of its values is "".
func Empty(p string) Test { return Or(Lacks(p), Eq(p, "")) }

// Eq is true where some value at the place is one of the given.
func Eq(p string, values ...string) Test {
	pl := at(p)
	is := func(s string) bool { return slices.Contains(values, s) }
	return func(n *ubl.Node) bool { return pl.any(n, is) }
}

// Other is true where some value at the place is not the given one.
func Other(p, value string) Test {
	pl := at(p)
	is := func(s string) bool { return s != value }
	return func(n *ubl.Node) bool { return pl.any(n, is) }
}

// In is true where the first value at the place is in the list.
func In(p string, set Set) Test {
	pl := at(p)
	return func(n *ubl.Node) bool { v, _ := pl.first(n); return set.Has(v) }
}

// Starts is true where the first value at the place begins with the prefix.
func Starts(p, prefix string) Test {
	pl := at(p)
	return func(n *ubl.Node) bool { v, _ := pl.first(n); return strings.HasPrefix(v, prefix) }
}

// Length tests how many characters the first value at the place has; none is 0.
func Length(p string, ok func(int) bool) Test {
	pl := at(p)
	return func(n *ubl.Node) bool { v, _ := pl.first(n); return ok(utf8.RuneCountInString(v)) }
}

// Decimals tests how many characters stand after the first point of the first
// value at the place.
func Decimals(p string, ok func(int) bool) Test {
	pl := at(p)
	return func(n *ubl.Node) bool {
		v, _ := pl.first(n)
		_, after, _ := strings.Cut(v, ".")
		return ok(utf8.RuneCountInString(after))
	}
}

// Count tests how many elements there are at the path.
func Count(p string, ok func(int) bool) Test {
	pl := at(p)
	return func(n *ubl.Node) bool { return ok(n.Count(pl.path...)) }
}

// Over is true above m.
func Over(m int) func(int) bool { return func(c int) bool { return c > m } }

// Under is true below m.
func Under(m int) func(int) bool { return func(c int) bool { return c < m } }

// Unlike is true for any number but m.
func Unlike(m int) func(int) bool { return func(c int) bool { return c != m } }

// Zero is true where some value at the place is the number 0.
func Zero(p string) Test {
	pl := at(p)
	is := func(s string) bool { return Number(s) == 0 }
	return func(n *ubl.Node) bool { return pl.any(n, is) }
}

// Not turns a test around.
func Not(t Test) Test { return func(n *ubl.Node) bool { return !t(n) } }

// And is true where all tests are.
func And(ts ...Test) Test {
	return func(n *ubl.Node) bool {
		for _, t := range ts {
			if !t(n) {
				return false
			}
		}
		return true
	}
}

// Or is true where one of the tests is.
func Or(ts ...Test) Test {
	return func(n *ubl.Node) bool {
		for _, t := range ts {
			if t(n) {
				return true
			}
		}
		return false
	}
}

// InTrimmed is In with the white space around the value taken off.
func InTrimmed(p string, set Set) Test {
	pl := at(p)
	return func(n *ubl.Node) bool { v, _ := pl.first(n); return set.Has(strings.TrimSpace(v)) }
}
