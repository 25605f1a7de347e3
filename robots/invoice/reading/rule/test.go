package rule

import (
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

// each calls yield for every value at the place, until it returns false.
func (p place) each(n *ubl.Node, yield func(string) bool) {
	n.Each(func(k *ubl.Node) bool {
		if p.attr == "" {
			return yield(k.Text)
		}
		if v, ok := k.Attr(p.attr); ok {
			return yield(v)
		}
		return true
	}, p.path...)
}

// first is the first value at the place as it stands, and whether there is one.
func (p place) first(n *ubl.Node) (string, bool) {
	value, found := "", false
	p.each(n, func(s string) bool { value, found = s, true; return false })
	return value, found
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
	return func(n *ubl.Node) bool {
		hit := false
		pl.each(n, func(s string) bool {
			for _, v := range values {
				hit = hit || s == v
			}
			return !hit
		})
		return hit
	}
}

// Other is true where some value at the place is not the given one.
func Other(p, value string) Test {
	pl := at(p)
	return func(n *ubl.Node) bool {
		hit := false
		pl.each(n, func(s string) bool { hit = s != value; return !hit })
		return hit
	}
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
	return func(n *ubl.Node) bool {
		hit := false
		pl.each(n, func(s string) bool { hit = Number(s) == 0; return !hit })
		return hit
	}
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
