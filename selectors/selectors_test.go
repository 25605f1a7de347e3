package selectors

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const good = `system: opus
pages:
  coding:
    probe: [{text: "Kontering af bilag"}]
    frame: [contentAreaFrame, "title: Bilagsindbakke", "url:bilag"]
    elements:
      account: [{label: "Artskonto"}, {css: "input[name=artskonto]"}]
      amount:  {find: [{label: "Beløb"}], kind: amount}
      agent:   {find: [{xpath: "//input[1]"}], keys: true}
      post:    [{role: button, name: "Bogfør"}, "Bogfør"]
    tables:
      inbox: {find: [{css: "#t"}], columns: {voucher: "Bilagsnr."}}
    messages:
      ok: ["kontrolleret og OK", "er godkendt"]
overlays:
  cookies: [{role: button, name: "Afvis alle"}]
dialogs:
  - {text: "Vil du bogføre", accept: true}
`

func TestParse(t *testing.T) {
	s, err := Parse("opus.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	p := s.Pages["coding"]
	checks := []struct{ got, want any }{
		{s.Name, "opus"},
		{p.Probe, []Way{{By: ByText, Value: "Kontering af bilag", Line: 4}}},
		{p.Frame, []Frame{{"name", "contentAreaFrame"}, {"title", "Bilagsindbakke"}, {"url", "bilag"}}},
		{p.Elements["account"].Ways[1], Way{By: ByCSS, Value: "input[name=artskonto]", Line: 7}},
		{p.Elements["account"].Kind, KindText},
		{p.Elements["amount"].Kind, KindAmount},
		{p.Elements["agent"].Keys, true},
		{p.Elements["post"].Ways, []Way{{ByRole, "button", "Bogfør", 10}, {ByText, "Bogfør", "", 10}}},
		{p.Tables["inbox"].Columns, map[string]string{"voucher": "Bilagsnr."}},
		{len(p.Messages["ok"]), 2},
		{s.Overlays[0].Name, "cookies"},
		{s.Dialogs[0], Dialog{"Vil du bogføre", true, 18}},
		{fmt.Sprint(p.Frame, p.Elements["post"].Ways[0]), `[contentAreaFrame title:Bilagsindbakke url:bilag] role: button, name: "Bogfør"`},
	}
	for i, c := range checks {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("check %d: got %#v, want %#v", i, c.got, c.want)
		}
	}
	if _, err := s.Page("codings"); err == nil || !strings.Contains(err.Error(), "it has coding") {
		t.Errorf("got %v", err)
	}
	if _, err := p.Element("x"); err == nil || !strings.Contains(err.Error(), "account, agent, amount, post") {
		t.Errorf("got %v", err)
	}
}

// TestFaultsAllAtOnce reads a file in which nearly every line is wrong.
func TestFaultsAllAtOnce(t *testing.T) {
	const bad = `system: ""
page: {}
pages:
  a.b:
    probe: []
    elements:
      one: [{label: "L", css: "c"}]
      two: [{name: "N"}]
      three: {kind: money, find: [{label: ""}]}
      four: {keys: maybe}
      five: 7
      six: [{label: "L", name: "N"}]
    tables:
      t: {columns: {}}
  empty: {}
dialogs: [{accept: true}]
`
	_, err := Parse("bad.yaml", []byte(bad))
	for _, want := range []string{
		"bad.yaml:1: system must be a text that is not empty",
		"bad.yaml:2: the file has no key \"page\"; it may have system, pages, overlays, dialogs",
		"bad.yaml:4: page a.b: a page's name holds no dot",
		"bad.yaml:5: page a.b, probe must be a list with at least one entry",
		"bad.yaml:7: page a.b, element one: one entry is one way, this has label and css; make two entries of it",
		"bad.yaml:8: page a.b, element two: name goes with role",
		"bad.yaml:9: page a.b, element three: kind \"money\" is not known; use one of text, amount, date, digits",
		"bad.yaml:9: page a.b, element three, find, label must be a text that is not empty",
		"bad.yaml:10: page a.b, element four, keys must be true or false",
		"bad.yaml:10: page a.b, element four has no way to be found",
		"bad.yaml:11: page a.b, element five must be a mapping",
		"bad.yaml:12: page a.b, element six: name goes with role",
		"bad.yaml:14: page a.b, table t has no columns",
		"bad.yaml:15: page empty has no probe",
		"bad.yaml:16: a dialog has no text",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
	var f *Fault
	if !errors.As(err, &f) || f.Line != 1 {
		t.Errorf("got %v", err)
	}
}

func TestSyntaxErrorsNameTheLine(t *testing.T) {
	for text, line := range map[string]int{
		"system: opus\npages: [":                      2,
		"system: opus\nsystem: opus\npages: {}":       2,
		"system: opus\npages:\n  a: {probe: \"x}\n\n": 3,
	} {
		_, err := Parse("x.yaml", []byte(text))
		var f *Fault
		if !errors.As(err, &f) || f.Line != line {
			t.Errorf("%q: got %v, want line %d", text, err, line)
		}
	}
	for _, text := range []string{"", "# nothing\n", "---\na: 1\n---\nb: 1\n"} {
		if _, err := Parse("x.yaml", []byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestOwnKinds(t *testing.T) {
	text := strings.Replace(good, "kind: amount", "kind: psp", 1)
	if _, err := Parse("x.yaml", []byte(text)); err == nil {
		t.Error("an unknown kind was taken")
	}
	if _, err := Parse("x.yaml", []byte(text), "psp"); err != nil {
		t.Error(err)
	}
}

func TestCheckReadsEveryFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.yaml": good, "b.yaml": "pages: {}\n", "c.yaml": good, "d.txt": "?"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := Check(dir)
	for _, want := range []string{"b.yaml:1: system is missing", "b.yaml:1: the file describes no page", "c.yaml:1: system opus is described in " + filepath.Join(dir, "a.yaml")} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
	if _, err := Load(filepath.Join(dir, "gone.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
