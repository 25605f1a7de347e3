package ubl

import (
	"strconv"
	"strings"
)

// Space tells which UBL vocabulary an element belongs to.
type Space uint8

// The vocabularies. Root is the namespace of the document itself.
const (
	Foreign   Space = iota // any other namespace, or none
	Root                   // Invoice-2, CreditNote-2 and the like
	Basic                  // CommonBasicComponents-2 (cbc)
	Aggregate              // CommonAggregateComponents-2 (cac)
	Extension              // CommonExtensionComponents-2 (ext)
)

// The namespaces of UBL 2.
const (
	documents    = "urn:oasis:names:specification:ubl:schema:xsd:"
	basicNS      = documents + "CommonBasicComponents-2"
	aggregateNS  = documents + "CommonAggregateComponents-2"
	extensionsNS = documents + "CommonExtensionComponents-2"
)

// Node is an element. Its name is the local name where the namespace is one of
// UBL's, and "{namespace}local" elsewhere, so that a foreign element is never
// taken for one of UBL's.
type Node struct {
	Name  string
	Text  string // all text directly inside it; white space alone is kept only in a leaf
	Attrs []Attr
	// Left is how many bytes of content were passed over (base64 of an embedded
	// attachment); they are not in Text.
	Left   int64
	Odd    bool // what was passed over is no base64
	Parent *Node
	first  *Node
	last   *Node
	next   *Node
	index  map[string]*Node // the first child of each name, where there are many children
	Space  Space
	Line   int32 // of the start tag, from 1
}

// Attr is an attribute. Name is the local name, or "{namespace}local" where the
// attribute has a namespace.
type Attr struct{ Name, Value string }

// Kids calls yield for each child element, in document order.
func (n *Node) Kids(yield func(*Node) bool) {
	if n == nil {
		return
	}
	for k := n.first; k != nil; k = k.next {
		if !yield(k) {
			return
		}
	}
}

// Leaf reports whether the element has no child elements.
func (n *Node) Leaf() bool { return n == nil || n.first == nil }

// Get is the first element at the path below n, or nil. It may be called on nil.
func (n *Node) Get(path ...string) *Node {
	for _, name := range path {
		n = n.kid(name)
		if n == nil {
			return nil
		}
	}
	return n
}

// Find is the first element at the path that exists: other than Get it looks
// into every branch.
func (n *Node) Find(path ...string) *Node {
	var found *Node
	n.Each(func(k *Node) bool { found = k; return false }, path...)
	return found
}

func (n *Node) kid(name string) *Node {
	if n == nil {
		return nil
	}
	if n.index != nil {
		return n.index[name]
	}
	for k := n.first; k != nil; k = k.next {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// many children are worth an index: without it, looking into the header for each
// line would take the square of the number of lines.
const many = 32

// indexed makes the index of an element that is complete.
func (n *Node) indexed() {
	count := 0
	for k := n.first; k != nil && count <= many; k = k.next {
		count++
	}
	if count <= many {
		return
	}
	n.index = map[string]*Node{}
	for k := n.first; k != nil; k = k.next {
		if n.index[k.Name] == nil {
			n.index[k.Name] = k
		}
	}
}

// Each calls yield for every element at the path below n, in document order,
// until it returns false. It reports whether it came to the end.
func (n *Node) Each(yield func(*Node) bool, path ...string) bool {
	if n == nil {
		return true
	}
	if len(path) == 0 {
		return yield(n)
	}
	for k := n.kid(path[0]); k != nil; k = k.next {
		if k.Name == path[0] && !k.Each(yield, path[1:]...) {
			return false
		}
	}
	return true
}

// All is every element at the path below n, in document order.
func (n *Node) All(path ...string) []*Node {
	var all []*Node
	n.Each(func(k *Node) bool { all = append(all, k); return true }, path...)
	return all
}

// Count is how many elements there are at the path below n.
func (n *Node) Count(path ...string) int {
	if n == nil {
		return 0
	}
	if len(path) == 0 {
		return 1
	}
	c := 0
	for k := n.kid(path[0]); k != nil; k = k.next {
		if k.Name == path[0] {
			c += k.Count(path[1:]...)
		}
	}
	return c
}

// Walk calls visit for n and everything below it, in document order.
func (n *Node) Walk(visit func(*Node)) {
	if n == nil {
		return
	}
	visit(n)
	for k := n.first; k != nil; k = k.next {
		k.Walk(visit)
	}
}

// Value is the text with the white space around it taken off; "" for nil.
func (n *Node) Value() string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.Text)
}

// Raw is the text as it stands; "" for nil.
func (n *Node) Raw() string {
	if n == nil {
		return ""
	}
	return n.Text
}

// Attr is the value of an attribute, and whether it is there.
func (n *Node) Attr(name string) (string, bool) {
	if n == nil {
		return "", false
	}
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Value, true
		}
	}
	return "", false
}

// At is the value of an attribute, "" if it is not there.
func (n *Node) At(name string) string {
	v, _ := n.Attr(name)
	return v
}

// Next is the element after n under the same parent, or nil.
func (n *Node) Next() *Node { return n.next }

// Path is where the element stands, in the manner of XPath:
// "/Invoice/InvoiceLine[2]/Price". Positions are given where a name occurs more
// than once.
func (n *Node) Path() string {
	if n == nil {
		return ""
	}
	step := "/" + n.Name
	if n.Parent == nil {
		return step
	}
	at, of := 0, 0
	for k := n.Parent.first; k != nil; k = k.next {
		if k.Name != n.Name {
			continue
		}
		of++
		if k == n {
			at = of
		}
	}
	if of > 1 {
		step += "[" + strconv.Itoa(at) + "]"
	}
	return n.Parent.Path() + step
}
