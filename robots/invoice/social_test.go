package invoice

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byskriver/fixtures/invoices"
	"byskriver/robots/invoice/grants"
	"byskriver/robots/invoice/plans"
	"byskriver/robots/invoice/reading"
)

// The invoices about citizens read without a fault, as what they are.
func TestSocialInvoicesAreRead(t *testing.T) {
	for _, s := range invoices.Socials(noon, 1) {
		path := filepath.Join(t.TempDir(), s.File)
		if err := os.WriteFile(path, s.XML, 0o644); err != nil {
			t.Fatal(err)
		}
		inv, findings, err := reading.ReadFile(t.Context(), path, reading.DefaultLimits())
		if err != nil || reading.Fatal(findings) || inv.Payable.StringFixed(2) != s.Payable {
			t.Errorf("%s: %v, %v", s.File, err, findings)
		}
		stated := 0
		for _, c := range inv.Citizens {
			if c.CPR != s.Citizen && s.Kind != "grant-two-people" {
				t.Errorf("%s: names another citizen too", s.File)
			}
			if c.Stated {
				stated++
			}
		}
		if inText := s.Kind == "grant-in-text"; inText != (stated == 0) || len(inv.Citizens) == 0 {
			t.Errorf("%s: %d of %d are stated", s.File, stated, len(inv.Citizens))
		}
		if none := s.Kind == "grant-no-period"; none != (inv.Period == reading.Period{}) {
			t.Errorf("%s: period %+v", s.File, inv.Period)
		}
		if strings.Contains(s.File, s.Citizen) {
			t.Errorf("%s bears a CPR number", s.File)
		}
	}
}

// The support sheet of the municipality can be used.
func TestSupportSheetOfTheTown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stoetteark.xlsx")
	if err := invoices.WriteSupport(path, noon, keeper); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s, problems := grants.ParseSheet(data, plans.DefaultFileLimits()); len(problems) != 0 || len(s.Rows) != 3 || s.Meta.LastModifiedBy != keeper {
		t.Errorf("%+v, %v", s, problems)
	}
}
