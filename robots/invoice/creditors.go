package invoice

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"byskriver/robots/internal/ident"
)

// Creditor is a supplier in the municipality's list of creditors.
type Creditor struct {
	CVR    string   `json:"cvr"`
	Name   string   `json:"name"`
	Active bool     `json:"active"`
	Payees []string `json:"payees,omitempty"` // where it is paid, as payeesOf writes it
}

// creditorHeading is the first line of the list.
var creditorHeading = []string{"CVR", "Navn", "Aktiv", "Betales til"}

// ParseCreditors reads the municipality's list of creditors, an extract from the
// ERP system as CSV with semicolons and a heading. A supplier with several
// accounts has a line for each. The error joins all that is wrong, each with file
// and line.
func ParseCreditors(file string, data []byte) ([]Creditor, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = ';', len(creditorHeading), true
	head, err := r.Read()
	if err != nil || !slices.Equal(head, creditorHeading) {
		return nil, fmt.Errorf("%s:1: the first line must be %s: %w", file, strings.Join(creditorHeading, ";"), errors.Join(err, errHeading))
	}
	list := creditorList{at: map[string]int{}}
	var wrong []error
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", file, err))
			if row == nil {
				break
			}
			continue
		}
		if text := list.add(row); text != "" {
			line, _ := r.FieldPos(0)
			wrong = append(wrong, fmt.Errorf("%s:%d: %s", file, line, text))
		}
	}
	if len(list.all) == 0 && wrong == nil {
		wrong = append(wrong, fmt.Errorf("%s: no creditor in it", file))
	}
	return list.all, errors.Join(wrong...)
}

var errHeading = errors.New("that is not the heading of a list of creditors")

type creditorList struct {
	all []Creditor
	at  map[string]int // by CVR number, the place in all
}

// add takes one line, or says what is wrong with it.
func (l *creditorList) add(row []string) string {
	cvr, name, active := row[0], strings.TrimSpace(row[1]), strings.ToLower(strings.TrimSpace(row[2]))
	payee, err := parsePayee(row[3])
	switch {
	case !ident.ValidCVR(cvr):
		return fmt.Sprintf("%q is no CVR number: eight digits with a check digit", cvr)
	case name == "":
		return "CVR number " + cvr + " has no name"
	case active != "ja" && active != "nej":
		return fmt.Sprintf("Aktiv is %q; write ja or nej", row[2])
	case err != nil:
		return err.Error()
	}
	i, known := l.at[cvr]
	if !known {
		i = len(l.all)
		l.at[cvr] = i
		l.all = append(l.all, Creditor{CVR: cvr, Name: name, Active: active == "ja"})
	}
	c := &l.all[i]
	if c.Active != (active == "ja") {
		return "CVR number " + cvr + " is both active and not"
	}
	if payee != "" && !slices.Contains(c.Payees, payee) {
		c.Payees = append(c.Payees, payee)
	}
	return ""
}

// payeeForm is how the list says where a creditor is paid.
const payeeForm = "write konto REGNR KONTONR, iban NUMMER, fik KREDITORNR, giro KONTONR, nemkonto SE-NR, or nothing"

// parsePayee reads one cell of Betales til.
func parsePayee(cell string) (string, error) {
	words := strings.Fields(strings.ToLower(cell))
	switch {
	case len(words) == 0:
		return "", nil
	case words[0] == "konto" && len(words) == 3 && numeric(words[1], 4) && numeric(words[2], 10):
		return payeeAccount(words[1], words[2]), nil
	case words[0] == "iban" && len(words) > 1:
		return payeeIBAN(strings.Join(words[1:], "")), nil
	case words[0] == "fik" && len(words) == 2 && len(words[1]) == 8 && numeric(words[1], 8):
		return "fik " + words[1], nil
	case words[0] == "giro" && len(words) == 2 && numeric(words[1], 10):
		return "giro " + strings.TrimLeft(words[1], "0"), nil
	case words[0] == "nemkonto" && len(words) > 1 && cvrLength(nemKonto(strings.Join(words[1:], ""))):
		return payeeNemKonto(nemKonto(strings.Join(words[1:], ""))), nil
	}
	return "", fmt.Errorf("the column Betales til is %q; %s", cell, payeeForm)
}

// cvrLength reports whether s may be a CVR or an SE number: eight digits. An SE
// number's check digit is the CVR number's.
func cvrLength(s string) bool { return len(s) == 8 && numeric(s, 8) }

// numeric reports whether s has one to most digits and nothing else.
func numeric(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}
