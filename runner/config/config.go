// Package config reads the program's one configuration file. It is strict: an
// unknown key, a value of the wrong kind or a secret given by value is an error
// that names the line and column, and all errors are told at once.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Config is the whole configuration. Relative paths in it are relative to the
// file's own folder.
type Config struct {
	Municipality string
	Store        Store
	Log          Log
	Engine       Engine
	Browser      Browser
	Systems      map[string]System
	People       []Person
	Lists        []List
	Robots       map[string]Robot
	Machines     map[string]Machine // by name; empty means that every machine works every robot
	Operations   Operations
	Schedules    string // the folder with a file a robot that says when it runs; "" if nothing is planned

	File string // where it was read from

	gate *gate
}

// Store says where items are kept: in a file, or in a database that several machines share.
type Store struct {
	Path     string    `yaml:"path"` // the SQLite file
	Postgres *Postgres `yaml:"postgres"`
	Key      Secret    `yaml:"key"` // the key file's content: a line a key, the current one first
}

// Log says how the run log is proved and written out.
type Log struct {
	Key         Secret   `yaml:"key"`         // signs checkpoints
	Lines       string   `yaml:"lines"`       // file that gets the entries as JSON lines
	Checkpoints []string `yaml:"checkpoints"` // folders that get the newest signed checkpoint, best one on another machine
}

// Engine bounds how items are worked. Zero means the engine's default.
type Engine struct {
	Attempts   int           `yaml:"attempts"`    // tries before an item goes to a person
	FirstRetry time.Duration `yaml:"first_retry"` // wait after the first failure
	LastRetry  time.Duration `yaml:"last_retry"`  // the longest wait between tries
	Patience   time.Duration `yaml:"patience"`    // a run waits for items due within this time
	ItemTime   time.Duration `yaml:"item_time"`   // the longest one attempt may take
	ScreenStop int           `yaml:"screen_stop"` // items with a changed screen that stop a robot
	OutageStop int           `yaml:"outage_stop"` // items with a system out of reach that end a run
}

// Browser says how pages are driven.
type Browser struct {
	Path    string `yaml:"path"`    // the Chromium program; default /usr/bin/chromium
	Sandbox *bool  `yaml:"sandbox"` // default true, but false where the program runs as root
}

// System is an existing system that robots work in.
type System struct {
	URL      string `yaml:"url"`
	User     string `yaml:"user"`
	Password Secret `yaml:"password"`
	// PasswordExpires is the last day on which the password holds, 2027-01-31; "" where nobody has said.
	PasswordExpires string           `yaml:"password_expires"`
	Selectors       string           `yaml:"selectors"` // its selectors file
	AtOnce          int              `yaml:"at_once"`   // items in it at the same time; default 2
	SettlesAfter    time.Duration    `yaml:"settles_after"`
	LongestRequest  time.Duration    `yaml:"longest_request"`
	OnlyRead        bool             `yaml:"only_read"` // nothing is changed in it, so that nothing settles
	Door            `yaml:",inline"` // when and how often robots may enter it
	Service         Section          `yaml:"service"` // of a system without screens: what only it has, instead of user, password and selectors
}

// Person is somebody who may decide about exceptions. A spreadsheet proves no
// identity: what counts is whose folder it was put in.
type Person struct {
	Name   string   `yaml:"name"`
	User   string   `yaml:"user"`   // the operating system's user who must own the file; empty only where the folder's rights are enough
	Folder string   `yaml:"folder"` // the folder that only this person can write to
	Robots []string `yaml:"robots"` // whose exceptions the person may decide; empty means all
}

// List is a group of people who get a workbook of their own. Without lists there
// is one workbook with every robot's exceptions.
type List struct {
	Name   string   `yaml:"name"`
	Robots []string `yaml:"robots"`
	Areas  []string `yaml:"areas"` // of these robots, the areas (Område) whose exceptions it has; empty means all
}

// Robot is a robot's own section.
type Robot struct {
	AtOnce int  // items worked at once
	Keep   Keep // what of its is deleted, and when
	terms  Terms
	areas  map[string]Terms
	Section
}

// Problem is one thing wrong with the configuration.
type Problem struct {
	File         string
	Line, Column int
	Text         string
}

// Error tells where and what.
func (p *Problem) Error() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// Load reads and checks the configuration. The error joins every *Problem.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	return parse(path, filepath.Dir(abs), data)
}

func parse(path, base string, data []byte) (*Config, error) {
	r := &reader{file: path, base: base, brokenAt: map[string]bool{}}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, r.yamlProblem(err, nil)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, &Problem{File: path, Line: 1, Column: 1, Text: "the file must hold one document, and this one holds none or several"}
	}
	c := &Config{File: path, gate: &gate{logins: map[string]*Login{}}}
	r.top(tree.Docs[0].Body, c)
	r.places(c)
	if r.at != nil {
		r.check(c)
	}
	return c, r.all()
}

// places makes the paths absolute of those files that are checked also where the
// configuration itself is wrong.
func (r *reader) places(c *Config) {
	c.Schedules = under(r.base, c.Schedules)
	for name, s := range c.Systems {
		s.Selectors = under(r.base, s.Selectors)
		s.Service.file, s.Service.base, s.Service.system, s.Service.gate = r.file, r.base, name, c.gate
		s.Password.base = r.base
		c.Systems[name] = s
	}
}

type reader struct {
	file, base string
	problems   []error
	at         map[string]ast.Node // values by dotted path, for messages
	brokenAt   map[string]bool     // paths of what could not be decoded
}

func (r *reader) problem(n ast.Node, format string, args ...any) {
	p := &Problem{File: r.file, Text: fmt.Sprintf(format, args...)}
	if at := begin(n); at != nil {
		p.Line, p.Column = at.Position.Line, at.Position.Column
	}
	r.problems = append(r.problems, p)
}

// begin is where a node begins: a mapping's own token is the colon.
func begin(n ast.Node) *token.Token {
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// all joins the problems in the file's order.
func (r *reader) all() error {
	slices.SortStableFunc(r.problems, func(a, b error) int {
		var p, q *Problem
		if !errors.As(a, &p) || !errors.As(b, &q) {
			return 0
		}
		return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column), cmp.Compare(p.Text, q.Text))
	})
	return errors.Join(r.problems...)
}

// yamlProblem says where decoding a node failed. Not every error of the YAML
// library knows: then it is the value that the error quotes, or the node.
func (r *reader) yamlProblem(err error, in ast.Node) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		pos := at.GetToken().Position
		return &Problem{File: r.file, Line: pos.Line, Column: pos.Column, Text: at.GetMessage()}
	}
	p := &Problem{File: r.file, Text: err.Error()}
	if tok := begin(quoted(in, err.Error())); tok != nil {
		p.Line, p.Column = tok.Position.Line, tok.Position.Column
	}
	return p
}

// quoted is the value under n that the text quotes, or n itself.
func quoted(n ast.Node, text string) ast.Node {
	found := n
	ast.Walk(visitor(func(at ast.Node) {
		if s, ok := at.(ast.ScalarNode); ok && strings.Contains(text, strconv.Quote(fmt.Sprint(s.GetValue()))) {
			found = at
		}
	}), n)
	return found
}

type visitor func(ast.Node)

// Visit is called for each node.
func (v visitor) Visit(n ast.Node) ast.Visitor {
	v(n)
	return v
}

// top decodes section by section, so that one broken section does not hide what
// is wrong in the others.
func (r *reader) top(body ast.Node, c *Config) {
	switch body.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		r.problem(body, "the configuration must be a mapping (key: value)")
		return
	}
	r.at = map[string]ast.Node{"": body}
	sections := map[string]any{"municipality": &c.Municipality, "store": &c.Store, "log": &c.Log, "engine": &c.Engine,
		"browser": &c.Browser, "systems": &c.Systems, "people": &c.People, "lists": &c.Lists, "machines": &c.Machines, "operations": &c.Operations, "schedules": &c.Schedules}
	for at, value := range r.entries(body, "the configuration") {
		key := at.String()
		if key == "robots" {
			r.robots(value, c)
			continue
		}
		into, ok := sections[key]
		if !ok {
			r.problem(at, "unknown section %q; known are municipality, store, log, engine, browser, systems, people, lists, machines, operations, robots, schedules", key)
			continue
		}
		r.into(key, value, reflect.ValueOf(into).Elem())
		r.index(key, at, value)
	}
}

// entries are the keys and values of a mapping in the file's order.
func (r *reader) entries(n ast.Node, what string) iter.Seq2[ast.MapKeyNode, ast.Node] {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	case nil, *ast.NullNode:
	default:
		r.problem(n, "%s must be a mapping (key: value)", what)
	}
	return func(yield func(ast.MapKeyNode, ast.Node) bool) {
		for _, v := range values {
			if !yield(v.Key, v.Value) {
				return
			}
		}
	}
}

// index remembers where values stand, for the checks that come after decoding. A
// mapping stands at its key.
func (r *reader) index(path string, at, n ast.Node) {
	r.at[path] = n
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		r.at[path] = at
		for key, value := range r.entries(n, path) {
			r.index(path+"."+key.String(), key, value)
		}
	case *ast.SequenceNode:
		for i, value := range n.Values {
			r.index(fmt.Sprintf("%s.%d", path, i), value, value)
		}
	}
}

func (r *reader) robots(n ast.Node, c *Config) {
	c.Robots = map[string]Robot{}
	for at, section := range r.entries(n, "robots") {
		name := at.String()
		robot := Robot{Section: Section{file: r.file, base: r.base}}
		robot.node = r.readTerms(name, section, &robot)
		for key, value := range r.entries(section, "robots."+name) {
			if key.String() != "at_once" {
				continue
			}
			path := "robots." + name + ".at_once"
			r.into(path, value, reflect.ValueOf(&robot.AtOnce).Elem())
			if robot.AtOnce < 1 && !r.brokenAt[path] {
				r.problem(value, "%s must be at least 1", path)
			}
		}
		c.Robots[name] = robot
		r.at["robots."+name] = section
	}
}
