package oioubl

import (
	"regexp"
	"strings"
	"testing"

	"byskriver/robots/invoice/reading/rule"
)

// Every row has an official id, one Danish sentence, a test and a place.
func TestTables(t *testing.T) {
	id := regexp.MustCompile(`^([FW]-(INV|CRN|LIB)[0-9]{3})$`)
	rows := 0
	for _, table := range tables {
		for _, g := range table {
			if len(g.At) == 0 || len(g.Rules) == 0 {
				t.Errorf("a group without places or rules: %+v", g)
			}
			for _, r := range g.Rules {
				rows++
				for _, s := range []string{r.ID, r.Crn} {
					if s != "" && s != rule.None && !id.MatchString(s) {
						t.Errorf("no id: %q", s)
					}
				}
				if r.ID == "" || r.Bad == nil || len(r.Text) < 15 || !strings.HasSuffix(r.Text, ".") || strings.Contains(r.Text, "  ") {
					t.Errorf("%s: %q", r.ID, r.Text)
				}
			}
		}
	}
	if rows < 400 {
		t.Errorf("only %d rows", rows)
	}
}
