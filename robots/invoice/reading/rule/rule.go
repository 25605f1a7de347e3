// Package rule is how the tables of rules are written and applied. A rule is a
// row: its official id, what it tells a caseworker, and a test for what it
// forbids. Rows stand in groups, each with the places in a document that the
// group speaks of.
package rule

import (
	"context"
	"strings"

	"byskriver/robots/invoice/reading/ubl"
)

// Test looks at one element, in the place that its group names.
type Test func(n *ubl.Node) bool

// Rule is one row of a table.
type Rule struct {
	ID   string // the official id; in invoices only, if Crn is given
	Crn  string // the id in credit notes where it differs; None if they have no such rule
	Text string // what a caseworker is told, Danish, one sentence
	Bad  Test   // true where the rule is broken
	Warn bool   // a remark: it makes no invoice invalid
}

// None as Crn says that credit notes have no such rule, as ID that invoices have
// none.
const None = "-"

// Group is rules that share their places. "Line" in a path stands for InvoiceLine
// or CreditNoteLine, "*" for any element; the path "" is the document itself, and
// "//a/b" is every b in an a, wherever it stands.
type Group struct {
	At    []string
	Rules []Rule
	First bool // only for the first such element of its parent: the schema allows one
}

// Hit is a broken rule at its place.
type Hit struct {
	ID   string
	Text string
	Warn bool
	At   *ubl.Node
}

// Plan is groups made ready for one kind of document. It is never changed.
type Plan struct {
	root   *step
	always []row               // for every element
	named  map[string][]within // for elements by name
}

// within is rows for an element that stands in others, the nearest last.
type within struct {
	above []string
	rows  []row
}

type row struct {
	id, text string
	warn     bool
	first    bool
	bad      Test
}

type step struct {
	rows []row
	down map[string]*step
}

// Everywhere as a place applies a group to every element of the document.
const Everywhere = "//"

// NewPlan makes a plan from tables. credit chooses the ids of credit notes; line
// is the name of the document's lines.
func NewPlan(credit bool, line string, tables ...[]Group) *Plan {
	p := &Plan{root: &step{}, named: map[string][]within{}}
	for _, table := range tables {
		for _, g := range table {
			rows := chosen(g, credit)
			for _, at := range g.At {
				p.add(at, line, rows)
			}
		}
	}
	return p
}

// IDs are the ids of all rules of the tables, in both kinds of document.
func IDs(tables ...[]Group) []string {
	var ids []string
	for _, table := range tables {
		for _, g := range table {
			for _, r := range g.Rules {
				for _, id := range [...]string{r.ID, r.Crn} {
					if id != "" && id != None {
						ids = append(ids, id)
					}
				}
			}
		}
	}
	return ids
}

// chosen keeps the rules that hold for the kind of document, with its ids.
func chosen(g Group, credit bool) []row {
	var rows []row
	for _, r := range g.Rules {
		id := r.ID
		if credit && r.Crn != "" {
			id = r.Crn
		}
		if id != None {
			rows = append(rows, row{id: id, text: r.Text, warn: r.Warn, first: g.First, bad: r.Bad})
		}
	}
	return rows
}

func (p *Plan) add(at, line string, rows []row) {
	if at == Everywhere {
		p.always = append(p.always, rows...)
		return
	}
	names := names(at, line)
	if path, ok := strings.CutPrefix(at, Everywhere); ok {
		names = names[len(names)-strings.Count(path, "/")-1:]
		last := len(names) - 1
		p.named[names[last]] = append(p.named[names[last]], within{above: names[:last], rows: rows})
		return
	}
	s := p.root
	for _, name := range names {
		s = s.to(name)
	}
	s.rows = append(s.rows, rows...)
}

// names are the steps of a path.
func names(path, line string) []string {
	if path == "" {
		return nil
	}
	steps := strings.Split(path, "/")
	for i, name := range steps {
		if name == "Line" {
			steps[i] = line
		}
	}
	return steps
}

// holds is true for an element that stands in the named ones.
func (w within) holds(n *ubl.Node) bool {
	for i := len(w.above) - 1; i >= 0; i-- {
		n = n.Parent
		if n == nil || n.Name != w.above[i] {
			return false
		}
	}
	return true
}

func (s *step) to(name string) *step {
	if s.down == nil {
		s.down = map[string]*step{}
	}
	if s.down[name] == nil {
		s.down[name] = &step{}
	}
	return s.down[name]
}

// Run applies the plan to a document and calls hit for every broken rule, until it
// returns false or ctx ends.
func (p *Plan) Run(ctx context.Context, root *ubl.Node, hit func(Hit) bool) {
	r := run{ctx: ctx, plan: p, hit: hit}
	r.visit(root, []*step{p.root})
}

type run struct {
	ctx   context.Context
	plan  *Plan
	hit   func(Hit) bool
	count int
	done  bool
}

// visit applies the rows of every step that n stands at, then goes down.
func (r *run) visit(n *ubl.Node, steps []*step) {
	if r.count++; r.count%256 == 0 && r.ctx.Err() != nil {
		r.done = true
		return
	}
	r.apply(n, r.plan.always)
	for _, w := range r.plan.named[n.Name] {
		if w.holds(n) {
			r.apply(n, w.rows)
		}
	}
	for _, s := range steps {
		r.apply(n, s.rows)
	}
	var buf [4]*step
	everywhere := len(r.plan.always)+len(r.plan.named) > 0
	for k := range n.Kids {
		if r.done {
			return
		}
		below := buf[:0]
		for _, s := range steps {
			if d := s.down[k.Name]; d != nil {
				below = append(below, d)
			}
			if d := s.down["*"]; d != nil {
				below = append(below, d)
			}
		}
		if len(below) > 0 || everywhere {
			r.visit(k, below)
		}
	}
}

func (r *run) apply(n *ubl.Node, rows []row) {
	for i := range rows {
		if r.done {
			return
		}
		if rows[i].first && n.Parent.Get(n.Name) != n {
			continue
		}
		if rows[i].bad(n) {
			r.done = !r.hit(Hit{ID: rows[i].id, Text: rows[i].text, Warn: rows[i].warn, At: n})
		}
	}
}
