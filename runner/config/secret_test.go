package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/runner/config"
)

// secret is the password of a configuration that refers to it so.
func secret(t *testing.T, reference string) (s config.Secret, base string) {
	t.Helper()
	c, file, err := load(t, strings.Replace(good, "env:OPUS_PASSWORD", reference, 1))
	if err != nil {
		t.Fatal(err)
	}
	return c.Systems["opus"].Password, filepath.Dir(file)
}

func TestSecretFile(t *testing.T) {
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want, err  string
	}{
		{"plain", "hemmelig123", 0o600, "hemmelig123", ""},
		{"one line break does not count", "hemmelig123\n", 0o600, "hemmelig123", ""},
		{"nor one of the other kind", "hemmelig123\r\n", 0o600, "hemmelig123", ""},
		{"two are part of it", "hemmelig123\n\n", 0o600, "hemmelig123\n", ""},
		{"blanks are part of it", " hemmelig ", 0o600, " hemmelig ", ""},
		{"the group may read", "hemmelig123", 0o640, "hemmelig123", ""},
		{"everybody may read", "hemmelig123", 0o644, "", "can be read by everybody on this machine: run chmod 600"},
		{"everybody may write", "hemmelig123", 0o602, "", "run chmod 600"},
		{"empty", "\n", 0o600, "", "is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, base := secret(t, "file:opus")
			file := filepath.Join(base, "opus")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, c.mode); err != nil {
				t.Fatal(err)
			}
			got, err := s.Reveal()
			if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q, %v", got, err)
			}
			if err != nil && strings.Contains(err.Error(), "hemmelig123") {
				t.Errorf("the error shows the secret: %v", err)
			}
			if path, ok := s.File(); !ok || path != file {
				t.Errorf("File is %s, %v", path, ok)
			}
		})
	}
}

func TestSecretThatIsNotThere(t *testing.T) {
	s, _ := secret(t, "file:opus")
	if _, err := s.Reveal(); !os.IsNotExist(unwrapped(err)) {
		t.Errorf("%v", err)
	}
}

func unwrapped(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return err
}

func TestSecretInTheEnvironment(t *testing.T) {
	s, _ := secret(t, "env:OPUS_PASSWORD")
	t.Setenv("OPUS_PASSWORD", "")
	if _, err := s.Reveal(); err == nil || !strings.Contains(err.Error(), "OPUS_PASSWORD") {
		t.Errorf("%v", err)
	}
	t.Setenv("OPUS_PASSWORD", "hemmelig123")
	if got, err := s.Reveal(); err != nil || got != "hemmelig123" {
		t.Errorf("%q, %v", got, err)
	}
	if _, ok := s.File(); ok {
		t.Error("a secret in the environment has a file")
	}
	if shown := fmt.Sprint(s); shown != "env:OPUS_PASSWORD" {
		t.Errorf("printed as %q", shown)
	}
}
