package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byskriver/runner/config"
)

const good = `municipality: Lilleby Kommune
store:
  path: data/byskriver.db
  key: file:hemmeligt/lager.key
log:
  key: file:/etc/byskriver/log.key
  lines: log/koersel.jsonl
  checkpoints: [log, /mnt/revision]
systems:
  opus:
    url: https://portal.example/irj
    user: ROBOT01
    password: env:OPUS_PASSWORD
    selectors: opus.yaml
    settles_after: 2m
people:
  - {name: Karen Holm, folder: personer/Karen Holm, robots: [invoice]}
lists:
  - {name: Økonomi, robots: [invoice]}
robots:
  invoice:
    at_once: 3
    drop: modtaget
`

// load writes a configuration to a folder of its own and reads it.
func load(t *testing.T, text string) (*config.Config, string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "byskriver.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file)
	return c, file, err
}

func TestGood(t *testing.T) {
	c, file, err := load(t, good)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Dir(file)
	for what, got := range map[string][2]string{
		"store":        {c.Store.Path, filepath.Join(base, "data/byskriver.db")},
		"lines":        {c.Log.Lines, filepath.Join(base, "log/koersel.jsonl")},
		"checkpoint 1": {c.Log.Checkpoints[0], filepath.Join(base, "log")},
		"checkpoint 2": {c.Log.Checkpoints[1], "/mnt/revision"},
		"selectors":    {c.Systems["opus"].Selectors, filepath.Join(base, "opus.yaml")},
		"folder":       {c.People[0].Folder, filepath.Join(base, "personer/Karen Holm")},
		"robot's path": {c.Robots["invoice"].Path("modtaget"), filepath.Join(base, "modtaget")},
		"browser":      {c.Browser.Path, "/usr/bin/chromium"},
		"reference":    {c.Systems["opus"].Password.String(), "env:OPUS_PASSWORD"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %q, want %q", what, got[0], got[1])
		}
	}
	if s := c.Systems["opus"]; s.AtOnce != 2 || s.SettlesAfter != 2*time.Minute {
		t.Errorf("%+v", s)
	}
	if c.Robots["invoice"].AtOnce != 3 {
		t.Errorf("at_once of the robot is %d", c.Robots["invoice"].AtOnce)
	}
}

// Each case changes the good configuration in one place. What is wrong is told
// with file, line and column, and is the only thing told.
func TestEveryErrorNamesItsPlace(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"empty", good, "", "1:1: the file must hold one document"},
		{"two documents", "store:", "---\nstore:", "1:1: the file must hold one document"},
		{"a list", good, "- a\n", "1:1: the configuration must be a mapping"},
		{"tab", "store:", "\tstore:", "2:1: found character '\t'"},
		{"open bracket", "[log, /mnt/revision]", "[log", "9:1: ',' or ']' must be specified"},
		{"unknown section", "lists:", "liste:", `18:1: unknown section "liste"; known are municipality`},
		{"unknown key", "user: ROBOT01", "user: ROBOT01\n    usr: ROBOT01", `13:5: unknown key "usr"; known are at_once, `},
		{"key twice", "path: data/byskriver.db", "path: a\n  path: b", `4:3: mapping key "path" already defined`},
		{"no municipality", "municipality: Lilleby Kommune\n", "", "1:1: municipality is missing: the municipality's name"},
		{"municipality a list", "Lilleby Kommune", "[a]", `1:15: municipality must be a text, and is "[a]"`},
		{"no store path", "  path: data/byskriver.db\n", "", "2:1: store.path is missing"},
		{"no store key", "  key: file:hemmeligt/lager.key\n", "", "2:1: store.key is missing: a reference"},
		{"store key by value", "file:hemmeligt/lager.key", "k1 AAECAwQ=", "4:8: store.key must be a reference"},
		{"password by value", "env:OPUS_PASSWORD", "hemmelig123", "13:15: systems.opus.password must be a reference"},
		{"password a mapping", "env:OPUS_PASSWORD", "\n      file: opus", "13:5: systems.opus.password must be a reference"},
		{"log key empty", "file:/etc/byskriver/log.key", "'file:'", "6:8: log.key must be a reference"},
		{"no lines", "  lines: log/koersel.jsonl\n", "", "5:1: log.lines is missing"},
		{"no checkpoints", "  checkpoints: [log, /mnt/revision]\n", "", "5:1: log.checkpoints is missing"},
		{"checkpoints no list", "[log, /mnt/revision]", "log", "8:16: log.checkpoints must be a list"},
		{"no duration", "2m", "soon", `15:20: systems.opus.settles_after must be a time such as 30s, 5m or 48h, and is "soon"`},
		{"negative duration", "2m", "-2m", "15:20: systems.opus.settles_after is missing"},
		{"longest request", "settles_after: 2m", "settles_after: 2m\n    longest_request: -1s", "16:22: systems.opus.longest_request cannot be negative"},
		{"system's name", "  opus:", "  Opus-1:", `10:3: a system's name has small letters`},
		{"no url", "    url: https://portal.example/irj\n", "", "10:3: systems.opus.url must be a whole address"},
		{"url without scheme", "https://portal", "portal", "11:10: systems.opus.url must be a whole address"},
		{"url of a file", "https://portal.example/irj", "file:///etc", "11:10: systems.opus.url must be a whole address"},
		{"no user", "    user: ROBOT01\n", "", "10:3: systems.opus.user is missing"},
		{"no selectors", "    selectors: opus.yaml\n", "", "10:3: systems.opus.selectors is missing"},
		{"places below nought", "user: ROBOT01", "user: ROBOT01\n    at_once: -1", "13:14: systems.opus.at_once cannot be negative"},
		{"person without name", "name: Karen Holm, ", "", "17:6: people.0.name is missing"},
		{"person without folder", "folder: personer/Karen Holm, ", "", "17:6: people.0.folder is missing"},
		{"person's robot", "Holm, robots: [invoice]", "Holm, robots: [attest]", `17:61: people.0.robots names "attest"`},
		{"list's robot", "Økonomi, robots: [invoice]", "Økonomi, robots: [attest]", `19:29: lists.0.robots names "attest"`},
		{"list without name", "name: Økonomi, ", "", "19:6: lists.0.name is missing"},
		{"robot at once", "at_once: 3", "at_once: three", `22:14: robots.invoice.at_once must be a whole number, and is "three"`},
		{"robot at once nought", "at_once: 3", "at_once: 0", "22:14: robots.invoice.at_once must be at least 1"},
		{"attempts", "log:\n", "engine:\n  attempts: -1\nlog:\n", "6:13: engine.attempts cannot be negative"},
		{"patience", "log:\n", "engine:\n  patience: -1s\nlog:\n", "6:13: engine.patience cannot be negative"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("%q is not in the good configuration", c.old)
			}
			_, file, err := load(t, strings.Replace(good, c.old, c.new, 1))
			if err == nil {
				t.Fatal("it is taken")
			}
			if !strings.HasPrefix(err.Error(), file+":"+c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
			var p *config.Problem
			if !errors.As(err, &p) || p.Line == 0 || p.Column == 0 {
				t.Errorf("no place: %+v", p)
			}
			if strings.Contains(err.Error(), "hemmelig123") || strings.Contains(err.Error(), "AAECAwQ") {
				t.Errorf("the error shows a secret: %v", err)
			}
			if n := strings.Count(err.Error(), file); n != 1 {
				t.Errorf("%d problems:\n%v", n, err)
			}
		})
	}
}

func TestAllErrorsAtOnceAndInOrder(t *testing.T) {
	text := strings.NewReplacer("municipality: Lilleby Kommune\n", "", "https://portal", "portal", "    user: ROBOT01\n", "",
		"env:OPUS_PASSWORD", "hemmelig123", "  lines: log/koersel.jsonl\n", "").Replace(good)
	for range 5 { // a map's order must not show
		_, file, err := load(t, text)
		if err == nil {
			t.Fatal("it is taken")
		}
		got := strings.ReplaceAll(err.Error(), file+":", "")
		want := []string{"1:1: municipality is missing", "4:1: log.lines", "8:3: systems.opus.user", "9:10: systems.opus.url", "10:15: systems.opus.password"}
		lines := strings.Split(got, "\n")
		if len(lines) != len(want) {
			t.Fatalf("%d problems, want %d:\n%s", len(lines), len(want), got)
		}
		for i, w := range want {
			if !strings.HasPrefix(lines[i], w) {
				t.Errorf("problem %d: %s, want %s", i+1, lines[i], w)
			}
		}
	}
}

// One value that cannot be decoded hides no other mistake, and makes none that is
// not there.
func TestMistakesBesideEachOther(t *testing.T) {
	_, _, err := load(t, strings.NewReplacer("user: ROBOT01", "user: ROBOT01\n    usr: x", "settles_after: 2m", "settles_after: soon",
		"name: Økonomi", "navn: x", "municipality: Lilleby Kommune", "municipality: [a]").Replace(good))
	want := []string{"municipality must be a text", `unknown key "usr"`, "systems.opus.settles_after must be a time", `unknown key "navn"`, "lists.0.name is missing"}
	if err == nil || len(strings.Split(err.Error(), "\n")) != len(want) {
		t.Fatalf("%v", err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("nothing of %q:\n%v", w, err)
		}
	}
}

func TestNoFile(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "byskriver.yaml"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestRobotSection(t *testing.T) {
	c, file, err := load(t, good)
	if err != nil {
		t.Fatal(err)
	}
	var section struct {
		AtOnce int    `yaml:"at_once"`
		Drop   string `yaml:"drop"`
	}
	if err := c.Robots["invoice"].Decode(&section); err != nil || section.Drop != "modtaget" || section.AtOnce != 3 {
		t.Errorf("%+v, %v", section, err)
	}
	var strict struct {
		AtOnce int `yaml:"at_once"`
	}
	err = c.Robots["invoice"].Decode(&strict)
	if err == nil || !strings.HasPrefix(err.Error(), file+`:23:5: unknown key "drop"; known are at_once`) {
		t.Errorf("%v", err)
	}
	var timed struct {
		AtOnce int           `yaml:"at_once"`
		Drop   time.Duration `yaml:"drop"`
	}
	err = c.Robots["invoice"].Decode(&timed)
	if err == nil || !strings.HasPrefix(err.Error(), file+`:23:11: drop must be a time such as 30s, 5m or 48h, and is "modtaget"`) {
		t.Errorf("%v", err)
	}
}

// What the README shows must be taken as it stands there.
func TestREADMEsExample(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "```yaml\n")
	text, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README has no configuration")
	}
	c, _, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if c.Municipality != "Lilleby Kommune" || c.People[0].User != "kholm" || c.Robots["invoice"].AtOnce != 2 {
		t.Errorf("%+v", c)
	}
}
