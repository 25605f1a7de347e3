package schema

import (
	"context"
	"strings"

	"byskriver/robots/invoice/reading/ubl"
)

// Kind tells what is wrong.
type Kind string

// The kinds of what can be wrong.
const (
	Unknown   Kind = "unknown"   // an element that does not belong there
	Order     Kind = "order"     // an element in the wrong place, or once too often
	Missing   Kind = "missing"   // an element that must be there; Name is its name
	Attribute Kind = "attribute" // an attribute that is missing or unknown; Name is its name
	Date      Kind = "date"      // a date or time that is none
	Number    Kind = "number"
	Boolean   Kind = "boolean"
	Text      Kind = "text"   // text where only elements may be
	Binary    Kind = "binary" // an embedded file that is no base64
)

// Hit is one thing that is wrong, at its place.
type Hit struct {
	Kind Kind
	Name string // of what is missing; else of the element
	At   *ubl.Node
}

// Check looks at a whole document and calls hit for all that is wrong, until it
// returns false or ctx ends.
func Check(ctx context.Context, root *ubl.Node, hit func(Hit) bool) {
	c := checker{ctx: ctx, hit: hit}
	c.element(root)
}

type checker struct {
	ctx   context.Context
	hit   func(Hit) bool
	count int
	done  bool
}

func (c *checker) wrong(kind Kind, name string, n *ubl.Node) {
	if !c.done {
		c.done = !c.hit(Hit{Kind: kind, Name: name, At: n})
	}
}

// element checks an element with children; one that the table does not know may
// hold anything.
func (c *checker) element(n *ubl.Node) {
	if c.count++; c.count%256 == 0 && c.ctx.Err() != nil {
		c.done = true
	}
	content := contents[n.Name]
	if c.done || content == nil {
		return
	}
	if strings.TrimSpace(n.Text) != "" {
		c.wrong(Text, n.Name, n)
	}
	at, seen := 0, 0
	for k := range n.Kids {
		i, ok := content.at[k.Name]
		if !ok || !belongs(content.particles[i], k) {
			c.wrong(Unknown, k.Name, k)
			continue
		}
		if i < at {
			c.wrong(Order, k.Name, k)
		} else {
			if i > at {
				c.lack(n, content.particles[at:i], seen)
				at, seen = i, 0
			}
			if seen++; content.particles[i].most != 0 && seen > content.particles[i].most {
				c.wrong(Order, k.Name, k)
			}
		}
		c.inside(content.particles[i], k)
		if c.done {
			return
		}
	}
	c.lack(n, content.particles[at:], seen)
}

// lack reports those of the particles that must be there and are not; of the first,
// so many were seen.
func (c *checker) lack(n *ubl.Node, particles []particle, seen int) {
	for _, p := range particles {
		if seen < p.least && n.Get(p.name) == nil {
			c.wrong(Missing, p.name, n)
		}
		seen = 0
	}
}

// belongs is true for an element of the vocabulary that the particle is from.
func belongs(p particle, n *ubl.Node) bool {
	switch {
	case p.name == "UBLExtensions":
		return n.Space == ubl.Extension
	case p.aggregate:
		return n.Space == ubl.Aggregate
	}
	return n.Space == ubl.Basic
}

func (c *checker) inside(p particle, n *ubl.Node) {
	switch {
	case p.name == "UBLExtensions":
	case p.aggregate:
		c.element(n)
	default:
		c.value(n)
	}
}

// value checks an element that holds a value.
func (c *checker) value(n *ubl.Node) {
	if !n.Leaf() {
		for k := range n.Kids {
			c.wrong(Unknown, k.Name, k)
			break
		}
	}
	if n.Odd {
		c.wrong(Binary, n.Name, n)
	}
	t := typeOf(n.Name)
	if t.valid != nil && !t.valid(strings.Trim(n.Text, " \t\r\n")) {
		c.wrong(t.fault, n.Name, n)
	}
	for _, a := range n.Attrs {
		if a.Name[0] != '{' && !t.knows(a.Name) {
			c.wrong(Attribute, a.Name, n)
		}
	}
	if t.needs != "" {
		if _, ok := n.Attr(t.needs); !ok {
			c.wrong(Attribute, t.needs, n)
		}
	}
}
