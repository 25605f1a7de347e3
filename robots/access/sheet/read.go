package sheet

import (
	"bytes"
	"crypto/hmac"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"byskriver/robots/access/review"
)

// Filled is a workbook that has come back.
type Filled struct {
	Package string
	Answers []Answer
	Refused []Refused
	Send    bool // whoever filled it in wants it sent in
}

// Answer is one row with an answer.
type Answer struct {
	Row int // as the program that shows it counts
	review.Answer
}

// Refused is one row that is not taken, and why.
type Refused struct {
	Row  int
	Text string // Danish, for whoever filled it in
}

// Bad is a workbook that cannot be taken at all, in Danish for whoever filled it in.
type Bad string

// Error is that text.
func (b Bad) Error() string { return string(b) }

// Read takes a workbook back. Rows may be sorted, filtered or deleted, and columns moved;
// a row whose code is not its own, or that stands there twice, is refused.
func Read(data []byte, key []byte) (out Filled, err error) {
	if len(data) > largest {
		return out, Bad("Arket er for stort. Brug det ark, som robotten har lagt.")
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: 64 << 20, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return out, Bad("Arket kan ikke læses. Gem det som xlsx, og prøv igen.")
	}
	defer func() { _ = f.Close() }() // it was only read
	rows, err := f.GetRows(name)
	if err != nil || len(rows) < first-1 {
		return out, Bad("Arket »Adgange« er der ikke. Brug det ark, som robotten har lagt.")
	}
	at, err := places(rows[first-2])
	if err != nil {
		return out, err
	}
	out.Package = cell(rows[2], 1)
	if out.Package == "" {
		return out, Bad("Pakkens nummer er væk (B3). Brug det ark, som robotten har lagt.")
	}
	out.Send = strings.EqualFold(cell(rows[1], 1), yes)
	out.take(rows[first-1:], at, key)
	return out, nil
}

// places are where the columns are, by their number in columns.
func places(heads []string) (map[int]int, error) {
	at := map[int]int{}
	for i, c := range columns() {
		for j, h := range heads {
			if strings.TrimSpace(h) != c.head {
				continue
			}
			if _, twice := at[i]; twice {
				return nil, Bad(fmt.Sprintf("Kolonnen »%s« er der to gange. Slet den ene.", c.head))
			}
			at[i] = j
		}
		if _, ok := at[i]; !ok && (i == colAnswer || i == colReason || i == colHeld || i == colCode) {
			return nil, Bad(fmt.Sprintf("Kolonnen »%s« er væk. Brug det ark, som robotten har lagt.", c.head))
		}
	}
	return at, nil
}

func (out *Filled) take(rows [][]string, at map[int]int, key []byte) {
	seen := map[string]int{}
	for _, row := range rows {
		seen[cell(row, at[colHeld])]++
	}
	for i, row := range rows {
		number, held := first+i, cell(row, at[colHeld])
		answer, reason := cell(row, at[colAnswer]), cell(row, at[colReason])
		verdict, ok := map[string]review.Verdict{"behold": review.Keep, "fjern": review.Remove, "ret": review.Change}[strings.ToLower(answer)]
		refuse := func(text string) { out.Refused = append(out.Refused, Refused{number, text}) }
		switch {
		case answer == "" && reason == "":
		case held == "" || !hmac.Equal([]byte(cell(row, at[colCode])), []byte(code(key, out.Package, held))):
			refuse("Rækken er ændret, eller den hører til et andet ark. Brug rækken, som robotten har skrevet den.")
		case seen[held] > 1:
			refuse("Rækken står der to gange. Slet den ene.")
		case !ok:
			refuse("Vælg Behold, Fjern eller Ret i Svar.")
		default:
			out.Answers = append(out.Answers, Answer{number, review.Answer{Held: held, Verdict: verdict, Reason: reason}})
		}
	}
}

// cell is a cell's text; "" beyond the row's end.
func cell(row []string, i int) string {
	if i >= len(row) {
		return ""
	}
	return strings.TrimSpace(row[i])
}
