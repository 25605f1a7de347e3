package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// into decodes a node into v, key by key, so that one mistake hides no other. path
// is where the node stands, with dots; what could not be decoded keeps its zero.
func (r *reader) into(path string, n ast.Node, v reflect.Value) {
	switch {
	case decodesItself(v):
		r.leaf(path, n, v)
	case v.Kind() == reflect.Pointer:
		if n.Type() != ast.NullType {
			v.Set(reflect.New(v.Type().Elem()))
			r.into(path, n, v.Elem())
		}
	case v.Kind() == reflect.Struct:
		r.fields(path, n, v)
	case v.Kind() == reflect.Map:
		r.table(path, n, v)
	case v.Kind() == reflect.Slice:
		r.list(path, n, v)
	default:
		r.leaf(path, n, v)
	}
}

// decodesItself reports whether a type has a way of its own to be read.
func decodesItself(v reflect.Value) bool {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		return true
	}
	switch v.Addr().Interface().(type) {
	case yaml.NodeUnmarshaler, yaml.BytesUnmarshaler, yaml.InterfaceUnmarshaler, encoding.TextUnmarshaler:
		return true
	}
	return false
}

func (r *reader) fields(path string, n ast.Node, v reflect.Value) {
	known := map[string]reflect.Value{}
	knownFields(v, known)
	for at, value := range r.entries(n, or(path, "it")) {
		field, ok := known[at.String()]
		if !ok {
			r.broken(path+"."+at.String(), at, "unknown key %q; known are %s", at.String(), strings.Join(sorted(known), ", "))
			continue
		}
		r.into(join(path, at.String()), value, field)
	}
}

// knownFields are the fields of a struct, and of those that it has inline, by key.
func knownFields(v reflect.Value, known map[string]reflect.Value) {
	for i := range v.NumField() {
		name, how, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case how == "inline":
			knownFields(v.Field(i), known)
		case name != "" && name != "-":
			known[name] = v.Field(i)
		}
	}
}

func (r *reader) table(path string, n ast.Node, v reflect.Value) {
	all := reflect.MakeMap(v.Type())
	for at, value := range r.entries(n, or(path, "it")) {
		one := reflect.New(v.Type().Elem()).Elem()
		r.into(join(path, at.String()), value, one)
		all.SetMapIndex(reflect.ValueOf(at.String()).Convert(v.Type().Key()), one)
	}
	v.Set(all)
}

func (r *reader) list(path string, n ast.Node, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if n.Type() != ast.NullType {
			r.broken(path, n, "%s must be a list: [one, two], or a line each that begins with a dash", or(path, "it"))
		}
		return
	}
	all := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, value := range seq.Values {
		r.into(fmt.Sprintf("%s.%d", path, i), value, all.Index(i))
	}
	v.Set(all)
}

// leaf decodes a single value. A word of a known kind gets a sentence of ours in
// place of the library's, which speaks of Go.
func (r *reader) leaf(path string, n ast.Node, v reflect.Value) {
	err := yaml.NodeToValue(n, v.Addr().Interface(), yaml.Strict())
	if err == nil {
		return
	}
	v.SetZero()
	want, ok := wanted(v)
	if !ok {
		r.brokenAt[path] = true
		r.problems = append(r.problems, r.yamlProblem(err, n))
		return
	}
	is, _, _ := strings.Cut(strings.TrimSpace(n.String()), "\n")
	r.broken(path, n, "%s must be %s, and is %q", or(path, "it"), want, is)
}

func wanted(v reflect.Value) (string, bool) {
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		return "a time such as 30s, 5m or 48h", true
	case v.CanInt(), v.CanUint():
		return "a whole number", true
	case v.CanFloat():
		return "a number", true
	case v.Kind() == reflect.Bool:
		return "true or false", true
	case v.Kind() == reflect.String:
		return "a text", true
	}
	return "", false
}

// broken notes that what stands at a path could not be read.
func (r *reader) broken(path string, n ast.Node, format string, args ...any) {
	r.brokenAt[path] = true
	r.problem(n, format, args...)
}

// told reports whether a problem with what a text is about has been told already:
// texts begin with the path.
func (r *reader) told(text string) bool {
	for path := range r.brokenAt {
		if strings.HasPrefix(text, path+" ") {
			return true
		}
	}
	return false
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

func or(path, otherwise string) string {
	if path == "" {
		return otherwise
	}
	return path
}

func sorted(known map[string]reflect.Value) []string {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
