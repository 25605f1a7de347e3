package fleksloen

import (
	"bytes"
	_ "embed" // the letter that is meant where the municipality has none of its own
	"fmt"
	"text/template"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
)

//go:embed brev.txt
var standardLetter []byte

// Letter is the text to a citizen whose subsidy changes.
type Letter struct {
	template     *template.Template
	municipality string
}

// StandardLetter is the letter that is meant where the municipality has none of
// its own.
func StandardLetter(municipality string) (Letter, error) {
	return ParseLetter("brev.txt", standardLetter, municipality)
}

// ParseLetter reads a letter, and writes one about nobody with it, so that a name
// that there is not is found before a citizen's letter needs it.
func ParseLetter(file string, data []byte, municipality string) (Letter, error) {
	t, err := template.New(file).Option("missingkey=error").Parse(string(data))
	if err != nil {
		return Letter{}, fmt.Errorf("read the letter: %w", err)
	}
	l := Letter{template: t, municipality: municipality}
	_, err = l.write(letter{Why: []string{""}, Steps: []letterStep{{}}})
	return l, err
}

// letter is what a letter may say.
type letter struct {
	Name, Case, Month, IncomeMonth, Subsidy, Before, Change, Income, Total, Municipality string
	Why                                                                                  []string
	Steps                                                                                []letterStep
}

type letterStep struct{ Text, Amount, From string }

func (l Letter) write(in letter) ([]byte, error) {
	in.Municipality = l.municipality
	var b bytes.Buffer
	if err := l.template.Execute(&b, in); err != nil {
		return nil, fmt.Errorf("write the letter: %w", err)
	}
	return []byte(tidy(b.String())), nil
}

// Write writes the letter about a month, with its reasons. There must have been a
// subsidy the month before.
func (l Letter) Write(in CaseInput, v Verdict) ([]byte, error) {
	out := letter{Name: in.Case.Name, Case: in.Case.Number, Month: monthName(in.Month), IncomeMonth: monthName(in.Income),
		Subsidy: subsidy.Danish(v.Computed.Subsidy), Before: subsidy.Danish(v.Last.Subsidy), Change: signed(*v.Difference),
		Income: subsidy.Danish(v.Computed.Income), Total: subsidy.Danish(v.Computed.Total), Why: why(v)}
	for _, s := range v.Computed.Steps {
		out.Steps = append(out.Steps, letterStep{s.Text, subsidy.Danish(s.Amount), s.From})
	}
	text, err := l.write(out)
	return runner.MaskBytes(text), err
}

// why are the reasons for a change, from what differs from last month.
func why(v Verdict) []string {
	var all []string
	say := func(what string, now, before decimal.Decimal) {
		if !now.Equal(before) {
			all = append(all, fmt.Sprintf("%s er %s. Forrige måned var det %s.", what, subsidy.Danish(now), subsidy.Danish(before)))
		}
	}
	say("Din løn", v.Income.Wage, v.Last.Wage)
	say("Dit eget pensionsbidrag", v.Income.OwnPension, v.Last.OwnPension)
	say("Din arbejdsgivers pensionsbidrag", v.Income.EmployerPension, v.Last.EmployerPension)
	if v.Computed.Binds {
		all = append(all, "Løn og tilskud må tilsammen ikke være mere end lønnen for dit arbejde på fuld tid (lønloftet).")
	}
	if len(all) == 0 {
		all = append(all, "Din løn er den samme som forrige måned. Satserne for tilskuddet eller lønloftet er ændret.")
	}
	return all
}

// monthName is a month as people say it: marts 2024.
func monthName(m eindkomst.Month) string {
	names := [...]string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}
	if m.Month < 1 || int(m.Month) > len(names) {
		return m.String()
	}
	return fmt.Sprintf("%s %d", names[m.Month-1], m.Year)
}
