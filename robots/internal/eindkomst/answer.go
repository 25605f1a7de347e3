package eindkomst

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"byskriver/schedules"
)

// Answer is what the service said about one citizen. Reports and Advices are in
// the order in which they came.
type Answer struct {
	Reports []Report `json:"reports"`
	Advices []Advice `json:"advices,omitempty"`
}

// Advice is an AdvisStruktur: something the service wants to be known, beside the
// answer. What its numbers mean is part of the agreement with Skatteforvaltningen.
type Advice struct {
	ID   string `json:"id"`
	Text string `json:"text,omitempty"`
}

// Report is what one employer reported for one pay period: a
// LoenPeriodeOplysningStruktur under the employer that it came from.
type Report struct {
	SE          string         `json:"se"`                   // VirksomhedSENummerIdentifikator of the employer, eight digits
	Own         string         `json:"own,omitempty"`        // AngivelseVirksomhedEgenIdentifikator: the employer's own mark
	Employment  string         `json:"employment,omitempty"` // AnsaettelseforholdMedarbejderIdentifikator: which employment, or ""
	From        schedules.Date `json:"from"`                 // first day of the pay period
	To          schedules.Date `json:"to"`                   // last day of the pay period
	Disposition schedules.Date `json:"disposition,omitzero"` // the day from which the money is at hand; zero where not told
	Blanks      []Blank        `json:"blanks"`
}

// Blank is one blanket of a report. Blanks below it belong to it, such as 16001
// (amounts) to its 16000 (kind of income) to its 11000 (the report's head).
type Blank struct {
	Number int     `json:"number"` // BlanketNummerIdentifikator, such as 16001
	Fields []Field `json:"fields"`
	Blanks []Blank `json:"blanks,omitempty"`
}

// Field is one field of a blanket.
type Field struct {
	// ID is NNN of BlanketFeltNummerIdentifikator 100000000000000NNN, which is not
	// the printed field number. A number of another form stands here whole.
	ID    int    `json:"id"`
	Value string `json:"value"`          // amounts with a decimal point; "" where the field is empty
	Unit  string `json:"unit,omitempty"` // FeltEnhedTypeKode
}

// Field gives the value of the blanket's own field; false where it has none. A
// field that is there twice is the first of them: Repeated tells.
func (b Blank) Field(id int) (string, bool) {
	for _, f := range b.Fields {
		if f.ID == id {
			return f.Value, true
		}
	}
	return "", false
}

// Repeated gives a field id that stands more than once in the blanket, or false.
func (b Blank) Repeated() (int, bool) {
	seen := make(map[int]bool, len(b.Fields))
	for _, f := range b.Fields {
		if seen[f.ID] {
			return f.ID, true
		}
		seen[f.ID] = true
	}
	return 0, false
}

// fieldBase is what every BlanketFeltNummerIdentifikator begins with, as a number.
const fieldBase = 100_000_000_000_000_000

// fieldID is NNN of 100000000000000NNN. Another number stays as it is.
func fieldID(n int) int {
	if n >= fieldBase && n < fieldBase+1000 {
		return n - fieldBase
	}
	return n
}

// UnmarshalJSON reads a field whose id is given as NNN or as the service's whole
// number, bare or in quotes.
func (f *Field) UnmarshalJSON(data []byte) error {
	var in struct {
		ID    digits `json:"id"`
		Value string `json:"value"`
		Unit  string `json:"unit"`
	}
	if err := strict(data, &in); err != nil {
		return fmt.Errorf("read a field: %w", err)
	}
	*f = Field{ID: fieldID(int(in.ID)), Value: in.Value, Unit: in.Unit}
	return nil
}

// UnmarshalJSON reads a blanket whose number is bare or in quotes.
func (b *Blank) UnmarshalJSON(data []byte) error {
	var in struct {
		Number digits  `json:"number"`
		Fields []Field `json:"fields"`
		Blanks []Blank `json:"blanks"`
	}
	if err := strict(data, &in); err != nil {
		return fmt.Errorf("read a blanket: %w", err)
	}
	*b = Blank{Number: int(in.Number), Fields: in.Fields, Blanks: in.Blanks}
	return nil
}

func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// digits is a whole number in JSON, bare or in quotes, such as 57 or "057".
type digits int

// UnmarshalJSON takes digits only, at least one.
func (n *digits) UnmarshalJSON(data []byte) error {
	s := strings.Trim(string(data), `"`)
	v, err := strconv.ParseUint(s, 10, 62)
	if err != nil {
		return fmt.Errorf("%s is no number of a blanket or field: digits are wanted", data)
	}
	*n = digits(v)
	return nil
}
