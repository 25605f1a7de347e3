package schedules

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// place is where in a file something stands.
type place struct{ line, column int }

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{}
	}
	return place{t.Position.Line, t.Position.Column}
}

// reader reads one file and collects what is wrong, so that everything can be
// mended in one go. Decoding into structs would stop at the first mistake.
type reader struct {
	file     string
	problems Problems
}

func (r *reader) wrong(at place, format string, args ...any) {
	r.problems = append(r.problems, Problem{r.file, at.line, at.column, fmt.Sprintf(format, args...)})
}

// document is the mapping that the file consists of, or nil.
func (r *reader) document(data []byte) *form {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		at, text := place{}, err.Error()
		var e yaml.Error
		if errors.As(err, &e) {
			at, text = placeOf(e.GetToken()), e.GetMessage()
		}
		r.wrong(at, "this is not valid YAML: %s; check indentation and colons, and put text that begins with * in quotation marks", text)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		r.wrong(place{1, 1}, "there must be one document with robot and schedules; there are %d, or it is empty", len(file.Docs))
		return nil
	}
	body := file.Docs[0].Body
	return r.form(value{r, "the file", body, placeOf(body.GetToken())})
}

// value is one value in the file, and what to call it.
type value struct {
	r    *reader
	name string
	node ast.Node // nil if the key is not there
	at   place
}

func (v value) given() bool { return v.node != nil }

func (v value) wrong(format string, args ...any) { v.r.wrong(v.at, format, args...) }

// form is one mapping, read key by key; done reports keys that nobody read.
type form struct {
	r      *reader
	name   string
	at     place
	values map[string]value
	order  []string
	read   []string
}

// form reads a mapping; it is nil, and reported, if the value is something else.
func (r *reader) form(v value) *form {
	m, ok := v.node.(ast.MapNode)
	if !ok {
		v.wrong("%s must be a mapping of keys and values", v.name)
		return nil
	}
	f := &form{r: r, name: v.name, at: v.at, values: map[string]value{}}
	for it := m.MapRange(); it.Next(); {
		key := it.Key().GetToken()
		f.values[key.Value] = value{r, key.Value, it.Value(), placeOf(key)}
		f.order = append(f.order, key.Value)
	}
	if len(f.order) > 0 {
		f.at = f.values[f.order[0]].at
	}
	return f
}

// take is the value of a key that need not be there.
func (f *form) take(key string) value {
	f.read = append(f.read, key)
	if v, ok := f.values[key]; ok {
		return v
	}
	return value{r: f.r, name: key, at: f.at}
}

// need is the value of a key that must be there; example shows how to write it.
func (f *form) need(key, example string) value {
	v := f.take(key)
	if !v.given() {
		v.wrong("%s has no %s; add %s: %s", f.name, key, key, example)
	}
	return v
}

// done reports the keys that nobody has asked for.
func (f *form) done() {
	for _, k := range f.order {
		if !slices.Contains(f.read, k) {
			f.values[k].wrong("%s does not have the key %q; use one of %s", f.name, k, strings.Join(f.read, ", "))
		}
	}
}

// plain is the value as it is written, if it is one plain value.
func (v value) plain() (string, bool) {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// text is the value as it is written, or "" if it is not there or no plain text.
func (v value) text() string {
	s, ok := v.plain()
	if v.given() && (!ok || s == "") {
		v.wrong("%s must have one plain value on its line", v.name)
	}
	return s
}

// number is the value as a whole number from low to high, or 0.
func (v value) number(low, high int) int {
	if !v.given() {
		return 0
	}
	_, isNumber := v.node.(*ast.IntegerNode)
	n, err := strconv.Atoi(v.node.GetToken().Value)
	if !isNumber || err != nil || n < low || n > high || strconv.Itoa(n) != v.node.GetToken().Value {
		v.wrong("%s must be a whole number from %d to %d, without quotation marks or leading zeros", v.name, low, high)
		return 0
	}
	return n
}

// oneOf is the value if it is one of the words, or "".
func (v value) oneOf(words ...string) string {
	if !v.given() {
		return ""
	}
	got, plain := v.plain()
	if slices.Contains(words, got) {
		return got
	}
	if !plain {
		got = "something else"
	}
	v.wrong("%s must be one of %s; it is %s", v.name, strings.Join(words, ", "), got)
	return ""
}

// list is the values of a sequence.
func (v value) list() []value {
	if !v.given() {
		return nil
	}
	seq, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.wrong("%s must be a list, each entry after a dash", v.name)
		return nil
	}
	out := make([]value, len(seq.Values))
	for i, n := range seq.Values {
		out[i] = value{v.r, fmt.Sprintf("entry %d of %s", i+1, v.name), n, placeOf(n.GetToken())}
	}
	return out
}
