package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"byskriver/robots/invoice/patterns"
)

// line is one published posting.
type line struct {
	facts patterns.Facts
	day   patterns.Day
	date  string // YYYY-MM-DD
	label string // code and area
}

// readSpend reads the postings until the end of a year. Those of later years are
// not looked at.
func readSpend(file string, year int) (all []line, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	r := csv.NewReader(z)
	r.ReuseRecord = true
	if _, err := r.Read(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if rec[0] >= strconv.Itoa(year+1) {
			return all, nil // the file is in order of dates
		}
		l, err := lineOf(rec)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, l)
	}
}

// lineOf reads date, transaction_number, invoice_number, amount, supplier_name,
// supplier_id, vat_reg_no, expense_area, expense_type, expense_code, creditor_type.
// What was redacted is not there. Of the transaction number only the letters are
// used, which name the department that it came from.
func lineOf(rec []string) (line, error) {
	t, err := time.Parse(time.DateOnly, rec[0])
	if err != nil {
		return line{}, err
	}
	amount, err := strconv.ParseFloat(rec[3], 64)
	if err != nil {
		return line{}, err
	}
	f := patterns.Facts{Supplier: strings.Clone(rec[5]), Name: strings.Clone(rec[4]), Origin: strings.Clone(strings.TrimRight(rec[1], "0123456789")),
		Number: strings.Clone(rec[2]), Ore: int64(math.Round(amount * 100)), Kind: strings.Clone(rec[10]), Taxed: rec[6] != ""}
	if strings.HasPrefix(f.Number, "REDACTED") {
		f.Number = ""
	}
	return line{facts: f, day: patterns.Day(t.Unix() / 86400), date: strings.Clone(rec[0]), label: rec[9] + "|" + rec[7]}, nil
}
