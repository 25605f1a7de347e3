package config

import (
	"fmt"
	"os"
	"strings"
)

// Secret is a reference to a secret: file:PATH or env:NAME. The secret itself is
// read when it is needed, and never printed.
type Secret struct {
	ref, base string
}

// UnmarshalYAML takes the reference.
func (s *Secret) UnmarshalYAML(b []byte) error {
	s.ref = strings.Trim(strings.TrimSpace(string(b)), `"'`)
	return nil
}

// String is the reference, not the secret; a value that stands where a reference
// should is not shown.
func (s Secret) String() string {
	if !s.wellFormed() {
		return "(not a reference)"
	}
	return s.ref
}

func (s Secret) wellFormed() bool {
	kind, rest, ok := strings.Cut(s.ref, ":")
	return ok && rest != "" && rest == strings.TrimSpace(rest) && (kind == "file" || kind == "env")
}

// Given reports whether there is a reference at all.
func (s Secret) Given() bool { return s.ref != "" }

// Reveal reads the secret. One line break at its end does not count. A file that
// others than its owner and group can read is refused. What signs in to a system asks for
// its turn first: see Login.
func (s Secret) Reveal() (string, error) {
	kind, rest, _ := strings.Cut(s.ref, ":")
	if kind == "env" {
		v, ok := os.LookupEnv(rest)
		if !ok || v == "" {
			return "", fmt.Errorf("the environment has no %s, which should hold a secret", rest)
		}
		return v, nil
	}
	rest = under(s.base, rest)
	info, err := os.Stat(rest)
	if err != nil {
		return "", fmt.Errorf("read a secret: %w", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return "", fmt.Errorf("the secret %s can be read by everybody on this machine: run chmod 600 on it", rest)
	}
	b, err := os.ReadFile(rest)
	if err != nil {
		return "", fmt.Errorf("read a secret: %w", err)
	}
	v := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if v == "" {
		return "", fmt.Errorf("the secret %s is empty", rest)
	}
	return v, nil
}

// File is the path of a secret that is kept in a file; ok is false for others.
func (s Secret) File() (path string, ok bool) {
	kind, rest, _ := strings.Cut(s.ref, ":")
	if kind != "file" {
		return "", false
	}
	return under(s.base, rest), true
}
