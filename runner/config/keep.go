package config

import "github.com/goccy/go-yaml/ast"

// Keep says after how many days what a robot has left is deleted. 0 means never. Days
// count from when an item is settled; in the drawer from when an entry was laid there,
// and of papers from when a newer one took their place.
type Keep struct {
	Content  int `yaml:"content"`  // what the item carried, what was read and decided, words, receipts and evidence
	Evidence int `yaml:"evidence"` // pictures and other evidence, before the content
	Log      int `yaml:"log"`      // text, fields and persons in the item's run-log entries; the proof stays
	Drawer   int `yaml:"drawer"`   // what lies in the robot's drawer and nothing still to be done hangs on
	Papers   int `yaml:"papers"`   // earlier versions of sheets, such as payment plans
}

// Given reports whether anything is ever deleted.
func (k Keep) Given() bool { return k != Keep{} }

// mostDays is a hundred years: more is a slip of the finger.
const mostDays = 36_500

// keep checks what a robot's section says of keeping.
func (r *reader) keep(at string, node ast.Node, k *Keep) Keep {
	if k == nil {
		return Keep{}
	}
	for _, v := range []struct {
		key  string
		days int
	}{{"content", k.Content}, {"evidence", k.Evidence}, {"log", k.Log}, {"drawer", k.Drawer}, {"papers", k.Papers}} {
		if v.days < 0 || v.days > mostDays {
			r.problem(node, "%s.%s is %d; it is days, from 1 to %d; leave it out where nothing is deleted", at, v.key, v.days, mostDays)
		}
	}
	if k.Content > 0 && k.Evidence > k.Content {
		r.problem(node, "%s.evidence is %d days, but evidence goes with the content after %d; make it shorter or leave it out", at, k.Evidence, k.Content)
	}
	if !k.Given() {
		r.problem(node, "%s names nothing; known are content, evidence, log, drawer, papers, each in days", at)
	}
	return *k
}
