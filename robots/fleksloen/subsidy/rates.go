package subsidy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/shopspring/decimal"
)

// Rates are the municipality's rates, by year.
type Rates map[int]Rate

// CodeRates is the word for a year without both rates: nothing is computed.
const CodeRates = "SATSER-MANGLER"

// For is the rate of a year. Without both numbers of it nothing can be computed:
// the error begins with CodeRates and says in Danish what to do.
func (r Rates) For(year int) (Rate, error) {
	rate, ok := r[year]
	if !ok || rate.Maximum.IsZero() || rate.Threshold.IsZero() {
		return Rate{}, fmt.Errorf("%s: satserne for %d er ikke begge sat (højeste tilskud og grænsen mellem 30 og 55 procent). Der er intet beregnet. Skriv dem i satsfilen med kilde", CodeRates, year)
	}
	return rate, nil
}

// rateFile is the file of rates as the municipality writes it.
type rateFile struct {
	Owner string      `yaml:"owner"` // who answers for the numbers
	Rates []rateEntry `yaml:"rates"`
}

type rateEntry struct {
	Year      int         `yaml:"year"`
	Maximum   *rateNumber `yaml:"maximum"`
	Threshold *rateNumber `yaml:"threshold"`
}

type rateNumber struct {
	Amount string `yaml:"amount"`
	Source string `yaml:"source"`
	Read   string `yaml:"read"` // the day on which somebody read it there
}

// ParseRates reads the file of rates. Every mistake is told, with its line. A year
// may lack one of its numbers: it is then a year that nothing is computed for.
func ParseRates(file string, data []byte) (Rates, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	var in rateFile
	if err := yaml.UnmarshalWithOptions(data, &in, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	c := &rateCheck{file: file, tree: tree}
	if strings.TrimSpace(in.Owner) == "" {
		c.wrong("$.rates", "owner is missing: write who in the municipality answers for the rates")
	}
	if len(in.Rates) == 0 {
		c.wrong("$", "no rates in it; they stand under the key rates")
	}
	rates := Rates{}
	for i, e := range in.Rates {
		c.entry(rates, i, e)
	}
	return rates, errors.Join(c.found...)
}

type rateCheck struct {
	file  string
	tree  *ast.File
	found []error
}

// wrong notes a mistake at a place of the file.
func (c *rateCheck) wrong(at, format string, args ...any) {
	line := 1
	if path, err := yaml.PathString(at); err == nil {
		if node, err := path.FilterFile(c.tree); err == nil && node != nil {
			line = node.GetToken().Position.Line
		}
	}
	c.found = append(c.found, fmt.Errorf("%s:%d: %s", c.file, line, fmt.Sprintf(format, args...)))
}

// The years that a rate may be of: fleksløntilskud began with the reform of 2013.
const (
	firstYear = 2013
	lastYear  = 2099
)

func (c *rateCheck) entry(rates Rates, i int, e rateEntry) {
	at := fmt.Sprintf("$.rates[%d]", i)
	switch _, twice := rates[e.Year]; {
	case e.Year < firstYear || e.Year > lastYear:
		c.wrong(at, "rate %d: year %d must lie between %d and %d", i+1, e.Year, firstYear, lastYear)
		return
	case twice:
		c.wrong(at+".year", "year %d stands twice; keep the one that is right", e.Year)
		return
	case e.Maximum == nil && e.Threshold == nil:
		c.wrong(at, "year %d has neither maximum nor threshold", e.Year)
	}
	r := Rate{Year: e.Year}
	r.Maximum, r.MaximumSource = c.number(at+".maximum", e.Year, "maximum", e.Maximum)
	r.Threshold, r.ThresholdSource = c.number(at+".threshold", e.Year, "threshold", e.Threshold)
	if r.Maximum.IsPositive() && r.Threshold.IsPositive() && r.Maximum.LessThanOrEqual(r.Threshold) {
		c.wrong(at, "year %d: maximum %s is not above threshold %s; are they exchanged?", e.Year, r.Maximum, r.Threshold)
	}
	rates[e.Year] = r
}

func (c *rateCheck) number(at string, year int, name string, n *rateNumber) (decimal.Decimal, string) {
	if n == nil {
		return decimal.Decimal{}, ""
	}
	amount, err := ParseAmount(n.Amount)
	if err != nil || !amount.IsPositive() {
		c.wrong(at, "year %d: %s.amount %q must be kroner with a decimal point, above 0, in quotation marks, such as \"19952.00\"", year, name, n.Amount)
	}
	if strings.TrimSpace(n.Source) == "" {
		c.wrong(at, "year %d: %s.source is missing: write where the number was read", year, name)
	}
	if !isDate(n.Read) {
		c.wrong(at, "year %d: %s.read %q must be the day on which it was read there, such as 2026-01-05", year, name, n.Read)
	}
	return amount, n.Source + " (læst " + n.Read + ")"
}
