// Package answer writes what a supplier gets whose invoice is sent back: the
// electronic reply in the invoice's own format, and a letter in plain Danish. It
// sends nothing.
//
// No reply holds a CPR number: a text is masked, and a document in which one would
// still stand is not written at all.
package answer

import (
	"bytes"
	_ "embed"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"text/template"

	"byskriver/robots/invoice/reading"
	"byskriver/runner"
)

// Sender is who answers: the municipality.
type Sender struct {
	Name  string `yaml:"name"`
	CVR   string `yaml:"cvr"`   // eight digits
	EAN   string `yaml:"ean"`   // the EAN number that answers for it where an invoice names none of its own
	Unit  string `yaml:"unit"`  // who may be asked, such as Økonomi, fakturahold
	Phone string `yaml:"phone"` // of the unit
	Mail  string `yaml:"mail"`  // of the unit
}

// Reply is one invoice that is sent back.
type Reply struct {
	ID      string // the reply's own number
	On      string // YYYY-MM-DD
	Invoice reading.Invoice
	Sender  Sender
	EAN     string // the EAN number that the reply comes from
	Code    string // why, as an exception's code
	Reason  string // why, in Danish, for the supplier
	Danish  bool   // the supplier is bound by the Danish rules, and may be told of them
}

// ErrPersonal says that a reply would hold what could be a CPR number, in a place
// where it cannot be masked.
var ErrPersonal = errors.New("the reply would hold what may be a CPR number")

// ErrNoAddress says that the invoice names no electronic address to reply to.
var ErrNoAddress = errors.New("the invoice names no electronic address to reply to")

// Letter is the letter to the supplier.
type Letter struct{ Subject, Text string }

//go:embed letter.tmpl
var standard string

// Standard is the letter as the program brings it: a text/template over Reply. Its
// first line is the subject.
func Standard() string { return standard }

// ParseLetter reads a municipality's own letter, and tries it out.
func ParseLetter(text string) (*template.Template, error) {
	t, err := template.New("letter").Option("missingkey=error").Funcs(template.FuncMap{"kr": kroner, "date": danishDate}).Parse(text)
	if err != nil {
		return nil, err
	}
	trial := Reply{ID: "invoice-2026-000001", On: "2026-01-02", Code: "REFERENCE-MANGLER", Reason: "Fakturaen mangler en reference.", Danish: true,
		Invoice: reading.Invoice{Number: "1", IssueDate: "2026-01-02", Currency: "DKK"}, Sender: Sender{Name: "Kommunen", Unit: "Økonomi"}}
	if _, err := trial.Letter(t); err != nil {
		return nil, err
	}
	return t, nil
}

// Letter writes the letter.
func (r Reply) Letter(t *template.Template) (Letter, error) {
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		return Letter{}, fmt.Errorf("write the letter: %w", err)
	}
	subject, text, ok := strings.Cut(strings.TrimSpace(runner.Mask(b.String())), "\n")
	if !ok || strings.TrimSpace(subject) == "" || strings.TrimSpace(text) == "" {
		return Letter{}, errors.New("write the letter: its first line must be the subject, and the text stand below it")
	}
	return Letter{Subject: strings.TrimSpace(subject), Text: strings.TrimSpace(text) + "\n"}, nil
}

// Document writes the electronic reply: an OIOUBL 2 ApplicationResponse, or Peppol's
// Invoice Response (BIS 3), as the invoice's own format is.
func (r Reply) Document() ([]byte, error) {
	if r.Invoice.Supplier.Endpoint.ID == "" || r.Invoice.Supplier.Endpoint.Scheme == "" {
		return nil, ErrNoAddress
	}
	doc := r.oioubl()
	if r.Invoice.Format == reading.Peppol {
		doc = r.peppol()
	}
	b, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the reply: %w", err)
	}
	b = append([]byte(xml.Header), append(b, '\n')...)
	if !bytes.Equal(runner.MaskBytes(b), b) || personal(r.Invoice.Supplier.Endpoint.Scheme) {
		return nil, ErrPersonal
	}
	return b, nil
}

// personal reports whether a scheme is one of CPR numbers.
func personal(scheme string) bool { return scheme == "DK:CPR" || scheme == "0237" }

func danishDate(iso string) string {
	p := strings.Split(iso, "-")
	if len(p) != 3 {
		return iso
	}
	return strings.TrimLeft(p[2], "0") + "." + strings.TrimLeft(p[1], "0") + "." + p[0]
}

func kroner(i reading.Invoice) string {
	return strings.ReplaceAll(i.Payable.StringFixed(2), ".", ",") + " " + i.Currency
}
