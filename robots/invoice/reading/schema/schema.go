// Package schema checks what XML schema would check of a UBL 2.1 invoice or credit
// note: which elements may stand where, in what order and how often, and what
// values look like. Code lists are left to the rules.
package schema

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed ubl21.txt
var table string

// particle is one child that a content may have.
type particle struct {
	name      string
	aggregate bool // has children of its own
	least     int
	most      int // 0 for any number
}

// content is what may stand in an element, in order.
type content struct {
	particles []particle
	at        map[string]int // where a name is among them
}

var contents = mustRead(table)

// mustRead reads the table that is part of the program.
func mustRead(text string) map[string]*content {
	all, err := read(text)
	if err != nil {
		panic("schema: " + err.Error())
	}
	return all
}

// read reads rows "names = children"; a line that begins with a blank goes on with
// the row above.
func read(text string) (map[string]*content, error) {
	all := map[string]*content{}
	for _, row := range rows(text) {
		names, children, ok := strings.Cut(row, " = ")
		if !ok {
			return nil, fmt.Errorf("no =: %q", row)
		}
		c := &content{at: map[string]int{}}
		for _, word := range strings.Fields(children) {
			p := parse(word)
			if _, twice := c.at[p.name]; twice {
				return nil, fmt.Errorf("%s stands twice in %q", p.name, names)
			}
			c.at[p.name] = len(c.particles)
			c.particles = append(c.particles, p)
		}
		for _, name := range strings.Fields(names) {
			if all[name] != nil {
				return nil, fmt.Errorf("two rows for %s", name)
			}
			all[name] = c
		}
	}
	return all, nil
}

func rows(text string) []string {
	var rows []string
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.TrimSpace(line) == "" || line[0] == '#':
		case line[0] == ' ' && len(rows) > 0:
			rows[len(rows)-1] += line
		default:
			rows = append(rows, line)
		}
	}
	return rows
}

// parse reads "/Name*" and the like.
func parse(word string) particle {
	p := particle{least: 1, most: 1}
	word, p.aggregate = strings.CutPrefix(word, "/")
	switch word[len(word)-1] {
	case '?':
		p.least = 0
	case '*':
		p.least, p.most = 0, 0
	case '+':
		p.most = 0
	}
	p.name = strings.TrimRight(word, "?*+")
	return p
}
