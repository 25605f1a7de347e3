package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/runner/config"
)

const service = `  register:
    url: https://register.example/service
    only_read: true
    service:
      subscriber: '0750'
      key: file:hemmeligt/register.key
people:`

// A system without screens has no user, password or selectors, but a section that
// its own reader decodes.
func TestServiceSection(t *testing.T) {
	c, file, err := load(t, strings.Replace(good, "people:", service, 1))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Systems["register"].Service
	var got struct {
		Subscriber string        `yaml:"subscriber"`
		Key        config.Secret `yaml:"key"`
	}
	if err := s.Decode(&got); err != nil || got.Subscriber != "0750" || !s.Given() || c.Systems["opus"].Service.Given() {
		t.Fatalf("%+v, %v", got, err)
	}
	key, err := s.Secret(got.Key, "systems.register.service.key")
	if path, _ := key.File(); err != nil || path != filepath.Join(filepath.Dir(file), "hemmeligt/register.key") {
		t.Errorf("the secret is at %s, %v", path, err)
	}
	var less struct {
		Key config.Secret `yaml:"key"`
	}
	if err := s.Decode(&less); err == nil || !strings.HasPrefix(err.Error(), file+`:20:7: unknown key "subscriber"; known are key`) {
		t.Errorf("%v", err)
	}
	if _, err := s.Secret(config.Secret{}, "systems.register.service.certificate"); err == nil || !strings.HasPrefix(err.Error(), file+":20:7: systems.register.service.certificate is missing") {
		t.Errorf("%v", err)
	}
}

func TestServiceThatChanges(t *testing.T) {
	_, file, err := load(t, strings.Replace(good, "people:", strings.Replace(service, "    only_read: true\n", "", 1), 1))
	if err == nil || !strings.HasPrefix(err.Error(), file+":16:3: systems.register.settles_after is missing") {
		t.Errorf("%v", err)
	}
}

func TestSecretBytes(t *testing.T) {
	dir := t.TempDir()
	want := "\x30\x82\n\r\n"
	if err := os.WriteFile(filepath.Join(dir, "key.p12"), []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := load(t, strings.Replace(good, "env:OPUS_PASSWORD", "file:"+filepath.Join(dir, "key.p12"), 1))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Systems["opus"].Password.Bytes(); string(got) != want || err != nil {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if err := os.Chmod(filepath.Join(dir, "key.p12"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Systems["opus"].Password.Bytes(); err == nil {
		t.Error("a secret that everybody can read is read")
	}
}
