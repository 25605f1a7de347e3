// Package config reads the program's one configuration file. It is strict: an
// unknown key, a value of the wrong kind or a secret given by value is an error
// that names the line and column, and all errors are told at once.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
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
	Schedules    string // the folder with a file a robot that says when it runs; "" if nothing is planned

	File string // where it was read from
}

// Store says where items are kept.
type Store struct {
	Path string `yaml:"path"` // the SQLite file
	Key  Secret `yaml:"key"`  // the key file's content: a line a key, the current one first
}

// Log says how the run log is proved and written out.
type Log struct {
	Key         Secret   `yaml:"key"`         // signs checkpoints
	Lines       string   `yaml:"lines"`       // file that gets the entries as JSON lines
	Checkpoints []string `yaml:"checkpoints"` // files that get the newest signed checkpoint
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
	URL            string        `yaml:"url"`
	User           string        `yaml:"user"`
	Password       Secret        `yaml:"password"`
	Selectors      string        `yaml:"selectors"` // its selectors file
	AtOnce         int           `yaml:"at_once"`   // items in it at the same time; default 2
	SettlesAfter   time.Duration `yaml:"settles_after"`
	LongestRequest time.Duration `yaml:"longest_request"`
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
}

// Robot is a robot's own section, decoded by the robot's constructor.
type Robot struct {
	AtOnce int // items worked at once
	node   ast.Node
	file   string
	base   string
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
	r := &reader{file: path, base: base}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, r.yamlProblem(err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, &Problem{File: path, Text: "the file must hold one document, and this one holds none or several"}
	}
	c := &Config{File: path}
	r.top(tree.Docs[0].Body, c)
	c.Schedules = under(base, c.Schedules)
	if len(r.problems) == 0 {
		r.check(c)
	}
	return c, errors.Join(r.problems...)
}

type reader struct {
	file, base string
	problems   []error
	at         map[string]ast.Node // values by dotted path, for messages
}

func (r *reader) problem(n ast.Node, format string, args ...any) {
	p := &Problem{File: r.file, Text: fmt.Sprintf(format, args...)}
	if n != nil && n.GetToken() != nil {
		p.Line, p.Column = n.GetToken().Position.Line, n.GetToken().Position.Column
	}
	r.problems = append(r.problems, p)
}

func (r *reader) yamlProblem(err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		pos := at.GetToken().Position
		return &Problem{File: r.file, Line: pos.Line, Column: pos.Column, Text: at.GetMessage()}
	}
	return &Problem{File: r.file, Text: err.Error()}
}

// top decodes section by section, so that one broken section does not hide what
// is wrong in the others.
func (r *reader) top(body ast.Node, c *Config) {
	r.at = map[string]ast.Node{}
	sections := map[string]any{"municipality": &c.Municipality, "store": &c.Store, "log": &c.Log, "engine": &c.Engine,
		"browser": &c.Browser, "systems": &c.Systems, "people": &c.People, "lists": &c.Lists, "schedules": &c.Schedules}
	for key, value := range r.entries(body, "the configuration") {
		if key == "robots" {
			r.robots(value, c)
			continue
		}
		into, ok := sections[key]
		if !ok {
			r.problem(value, "unknown section %q; known are municipality, store, log, engine, browser, systems, people, lists, robots, schedules", key)
			continue
		}
		if err := yaml.NodeToValue(value, into, yaml.Strict()); err != nil {
			r.problems = append(r.problems, r.yamlProblem(err))
		}
		r.index(key, value)
	}
}

// entries are the keys and values of a mapping in the file's order.
func (r *reader) entries(n ast.Node, what string) func(yield func(string, ast.Node) bool) {
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
	return func(yield func(string, ast.Node) bool) {
		for _, v := range values {
			if !yield(v.Key.String(), v.Value) {
				return
			}
		}
	}
}

// index remembers where values stand, for the checks that come after decoding.
func (r *reader) index(path string, n ast.Node) {
	r.at[path] = n
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		for key, value := range r.entries(n, path) {
			r.index(path+"."+key, value)
		}
	case *ast.SequenceNode:
		for i, value := range n.Values {
			r.index(fmt.Sprintf("%s.%d", path, i), value)
		}
	}
}

func (r *reader) robots(n ast.Node, c *Config) {
	c.Robots = map[string]Robot{}
	for name, section := range r.entries(n, "robots") {
		robot := Robot{node: section, file: r.file, base: r.base}
		for key, value := range r.entries(section, "robots."+name) {
			if key == "at_once" {
				if err := yaml.NodeToValue(value, &robot.AtOnce); err != nil {
					r.problems = append(r.problems, r.yamlProblem(err))
				}
			}
		}
		c.Robots[name] = robot
		r.at["robots."+name] = section
	}
}

// Decode decodes the robot's own section strictly into v. A problem names the
// configuration file's line and column.
func (r Robot) Decode(v any) error {
	if r.node == nil {
		return nil
	}
	rd := &reader{file: r.file}
	if err := yaml.NodeToValue(r.node, v, yaml.Strict()); err != nil {
		return rd.yamlProblem(err)
	}
	return nil
}

// Problem is something wrong with the robot's section, which begins at the
// problem's line.
func (r Robot) Problem(format string, args ...any) *Problem {
	rd := &reader{file: r.file}
	rd.problem(r.node, format, args...)
	var p *Problem
	errors.As(rd.problems[0], &p)
	return p
}

// Path makes a path from the robot's section absolute: relative ones are
// relative to the configuration file's folder.
func (r Robot) Path(p string) string { return under(r.base, p) }

func under(base, p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(base, p)
}
