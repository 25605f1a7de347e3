package selectors_test

import (
	"strings"
	"testing"

	"byskriver/selectors"
)

const screens = `system: ksp
screens:
  rights:
    probe: [{row: 1, column: 2, text: "KSP33"}]
    fields:
      message: {row: 23, column: 2, length: 78}
      word: {row: 9, column: 3, length: 8, hidden: true}
    rows:
      first: 7
      last: 19
      columns: {mark: {column: 2, length: 1}}
    send:
      remove: {type: S, shows: "S=Slet"}
      menu: Z727
    messages:
      removed: ["er slettet"]
`

func TestTerminalFile(t *testing.T) {
	s, err := selectors.ParseTerminal("ksp.yaml", []byte(screens))
	if err != nil {
		t.Fatal(err)
	}
	r := s.Screens["rights"]
	if s.Name != "ksp" || r.Probe[0] != (selectors.Mark{Row: 1, Column: 2, Text: "KSP33"}) || !r.Fields["word"].Hidden ||
		r.Rows.Last != 19 || r.Rows.Columns["mark"].Column != 2 || r.Send["remove"].Shows != "S=Slet" || r.Send["menu"].Type != "Z727" ||
		!r.Says("removed", "X1 Det er slettet.") || r.Says("removed", "nej") {
		t.Errorf("%+v", r)
	}
	if err := s.Need("rights.fields.message", "rights.columns.mark", "rights.send.menu", "rights.messages.removed"); err != nil {
		t.Error(err)
	}
	err = s.Need("rights.fields.nothing", "rights.columns.name", "menu")
	if err == nil || strings.Count(err.Error(), "\n") != 2 || !strings.Contains(err.Error(), "ksp.yaml:3: screen rights has no nothing in its fields") {
		t.Errorf("%v", err)
	}
}

func TestTerminalFaultsAreToldAtOnce(t *testing.T) {
	for from, c := range map[string]struct{ to, want string }{
		`row: 1, column: 2, text: "KSP33"`: {`row: 25, text: "KSP33"`, "ksp.yaml:4: screen rights, probe, row must be a whole number from 1 to 24"},
		`row: 23, column: 2, length: 78`:   {`row: 23, column: 4, length: 78`, "ksp.yaml:6: screen rights, field message ends in column 81"},
		`row: 9, column: 3, length: 8,`:    {`column: 3, length: 8,`, "ksp.yaml:7: screen rights, field word needs its place"},
		`first: 7`:                         {`first: 20`, "ksp.yaml:8: screen rights, rows: a list needs first and last row"},
		`type: S, shows`:                   {`shows`, "ksp.yaml:13: screen rights, send remove has no type"},
		`removed: ["er slettet"]`:          {`removed: []`, "ksp.yaml:16: screen rights, message removed must be a list"},
		`probe: [`:                         {`probes: [`, "ksp.yaml:4: screen rights has no key"},
		`system: ksp`:                      {`sytsem: ksp`, "system is missing"},
	} {
		_, err := selectors.ParseTerminal("ksp.yaml", []byte(strings.Replace(screens, from, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n%v\nwant %s", c.to, err, c.want)
		}
	}
	two := strings.Replace(strings.Replace(screens, "row: 23", "row: 33", 1), "first: 7", "first: x", 1)
	if _, err := selectors.ParseTerminal("ksp.yaml", []byte(two)); err == nil || strings.Count(err.Error(), "\n") < 1 {
		t.Errorf("%v", err)
	}
}

func TestFolderHoldsBothKinds(t *testing.T) {
	systems, err := selectors.LoadDir(".")
	if err != nil || systems["opus"] == nil || systems["kspcics"] != nil {
		t.Errorf("%v, %v", systems, err)
	}
}
