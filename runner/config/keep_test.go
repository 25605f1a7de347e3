package config_test

import (
	"strings"
	"testing"

	"byskriver/runner/config"
)

// A policy of deletion is the robot's, in days, and each mistake is told with its line.
func TestKeep(t *testing.T) {
	with := func(keep string) string {
		return strings.Replace(good, "    at_once: 3\n", "    at_once: 3\n"+keep, 1)
	}
	c, _, err := load(t, with("    keep: {content: 400, evidence: 180, log: 730}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Robots["invoice"].Keep, (config.Keep{Content: 400, Evidence: 180, Log: 730}); got != want || !got.Given() {
		t.Errorf("read %+v, want %+v", got, want)
	}
	if c, _, err = load(t, good); err != nil || c.Robots["invoice"].Keep.Given() {
		t.Errorf("without a policy something is kept by one: %v", err)
	}
	for text, want := range map[string]string{
		"    keep: {content: -1}\n":                   "robots.invoice.keep.content is -1",
		"    keep: {log: 36501}\n":                    "robots.invoice.keep.log is 36501",
		"    keep: {content: 30, evidence: 31}\n":     "robots.invoice.keep.evidence is 31 days",
		"    keep: {}\n":                              "robots.invoice.keep names nothing",
		"    keep: {contents: 30}\n":                  `unknown key "contents"`,
		"    keep: {content: two years}\n":            "robots.invoice.keep.content must be a whole number",
		"    areas: {Skole: {keep: {content: 30}}}\n": "robots.invoice.areas.Skole.keep",
	} {
		_, file, err := load(t, with(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file+":") {
			t.Errorf("%s: %v, want %q", strings.TrimSpace(text), err, want)
		}
	}
}
