package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// Section is a part of the configuration that only its owner knows the keys of: a
// robot's section, or what one system has and no other. robots.go decodes it.
type Section struct {
	node       ast.Node
	file, base string
	system     string // of a system's section: its name
	gate       *gate
}

// UnmarshalYAML keeps the section as it stands.
func (s *Section) UnmarshalYAML(n ast.Node) error {
	s.node = n
	return nil
}

// Given reports whether the section is there.
func (s Section) Given() bool { return s.node != nil }

// Decode decodes the section strictly into v, a pointer. Each problem names the
// configuration file's line and column.
func (s Section) Decode(v any) error {
	if s.node == nil {
		return nil
	}
	rd := &reader{file: s.file, brokenAt: map[string]bool{}}
	rd.into("", s.node, reflect.ValueOf(v).Elem())
	return rd.all()
}

// Problem is something wrong with the section, which begins at the problem's line.
func (s Section) Problem(format string, args ...any) *Problem {
	rd := &reader{file: s.file}
	rd.problem(s.node, format, args...)
	var p *Problem
	errors.As(rd.problems[0], &p)
	return p
}

// Path makes a path from the section absolute: relative ones are relative to the
// configuration file's folder.
func (s Section) Path(p string) string { return under(s.base, p) }

// Secret makes a secret that was decoded from the section one that can be read.
// key is its name, for the problem where it is missing or no reference.
func (s Section) Secret(secret Secret, key string) (Secret, error) {
	secret.base = s.base
	switch {
	case secret.ref == "":
		return secret, s.Problem("%s is missing: a reference to a secret, file:PATH or env:NAME", key)
	case !secret.wellFormed():
		return secret, s.Problem("%s must be a reference, file:PATH or env:NAME; a secret never stands in the configuration itself", key)
	}
	return secret, nil
}

func under(base, p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(base, p)
}

// Bytes reads the secret as Reveal does, but a file's content byte for byte.
func (s Secret) Bytes() ([]byte, error) {
	text, err := s.Reveal()
	path, ok := s.File()
	if err != nil || !ok {
		return []byte(text), err
	}
	return os.ReadFile(path)
}
