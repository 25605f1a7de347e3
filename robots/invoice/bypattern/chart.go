package bypattern

import (
	"errors"
	"fmt"
	"strings"

	"byskriver/robots/internal/ident"
)

// The headings of the chart and of the list of suppliers.
const (
	chartColumn    = "Konto"
	openColumn     = "Åben"
	supplierColumn = "CVR"
)

// chart are the accounts and places that are open.
type chart map[string]bool

// readChart reads the chart: a line for each account, PSP element and cost centre,
// and whether it is open (ja or nej).
func readChart(file string) (chart, error) {
	all := chart{}
	err := readTable(file, []string{chartColumn, openColumn}, func(r row) error {
		word, open := strings.ToUpper(r.get(chartColumn)), strings.ToLower(r.get(openColumn))
		switch {
		case word == "":
			return fmt.Errorf("%s: %s is empty", r.at, chartColumn)
		case open != "ja" && open != "nej":
			return fmt.Errorf("%s: %s is %q; write ja or nej", r.at, openColumn, r.get(openColumn))
		}
		all[word] = open == "ja"
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the chart of accounts: %w", err)
	}
	return all, nil
}

// open reports whether a coding's account and place are both open. What the chart
// does not have is not.
func (c chart) open(label string) bool {
	coded, err := parseLabel(label)
	return err == nil && c[strings.ToUpper(coded.Account)] && (c[strings.ToUpper(coded.PSP)] || c[coded.CostCentre])
}

// readSuppliers reads the CVR numbers of the suppliers that may be coded by pattern.
func readSuppliers(file string) (map[string]bool, error) {
	all := map[string]bool{}
	err := readTable(file, []string{supplierColumn}, func(r row) error {
		cvr := r.get(supplierColumn)
		if !ident.ValidCVR(cvr) {
			return fmt.Errorf("%s: %q is no CVR number: eight digits with a check digit", r.at, cvr)
		}
		all[cvr] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the approved suppliers: %w", err)
	}
	return all, nil
}

// CheckFiles reads everything that the settings name. The error joins all that is
// wrong, each with file and line.
func CheckFiles(s Settings) error {
	_, chart := readChart(s.Chart)
	_, postings := readHistory(s)
	wrong := []error{chart, postings}
	if s.Suppliers != "" {
		_, err := readSuppliers(s.Suppliers)
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}
