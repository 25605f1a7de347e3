package invoice

import (
	"strings"
	"testing"
)

func TestParseUnits(t *testing.T) {
	const row = "  - {ean: \"5798999901044\", name: Rådhuset, area: Økonomi, active: true}\n"
	units, err := ParseUnits("enheder.yaml", []byte("units:\n"+row+"  - ean: 5798999901075\n    name: Turistkontoret\n    active: false\n"))
	if err != nil || len(units) != 2 || units[0] != *townHallUnit() || units[1] != (Unit{EAN: closedUnit, Name: "Turistkontoret"}) {
		t.Errorf("got %+v, %v", units, err)
	}
	for _, c := range []struct{ name, yaml, says string }{
		{"empty", "", "no unit in it"},
		{"no unit", "units: []\n", "no unit in it"},
		{"not YAML", "units: [\n", "enheder.yaml"},
		{"unknown key", "units:\n  - {ean: \"5798999901044\", navn: Rådhuset}\n", "navn"},
		{"check digit", "units:\n" + row + "  - {ean: \"5798999901045\", name: X, active: true}\n", "enheder.yaml:3: unit 2 (X): \"5798999901045\" is no EAN number"},
		{"too short", "units:\n  - name: X\n    ean: \"579\"\n    active: true\n", "enheder.yaml:3:"},
		{"none", "units:\n\n  - {name: X, active: true}\n", "enheder.yaml:3: unit 1 (X): \"\" is no EAN number"},
		{"twice", "units:\n" + row + row, "enheder.yaml:3: unit 2 (Rådhuset): EAN number 5798999901044 stands twice"},
		{"no name", "units:\n  - {ean: \"5798999901044\", active: true}\n", "enheder.yaml:2: unit 1 (): EAN number 5798999901044 has no name"},
		{"neither open nor closed", "units:\n  - {ean: \"5798999901044\", name: X}\n", "enheder.yaml:2: unit 1 (X): EAN number 5798999901044 lacks active"},
	} {
		if units, err := ParseUnits("enheder.yaml", []byte(c.yaml)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v, %v, want %q", c.name, units, err, c.says)
		}
	}
	_, err = ParseUnits("enheder.yaml", []byte("units:\n"+row+"  - {ean: \"5798999901045\", active: true}\n  - {ean: \"5798999901075\", name: X}\n"))
	if err == nil || strings.Count(err.Error(), "enheder.yaml:") != 3 {
		t.Errorf("three mistakes: %v", err)
	}
}
