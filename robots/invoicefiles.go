package robots

import (
	"fmt"
	"os"

	"byskriver/robots/invoice"
)

func readUnits(file string) ([]invoice.Unit, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the municipality's EAN numbers: %w", err)
	}
	return invoice.ParseUnits(file, data)
}

func readCreditors(file string) ([]invoice.Creditor, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the municipality's creditors: %w", err)
	}
	return invoice.ParseCreditors(file, data)
}
