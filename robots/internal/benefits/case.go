package benefits

import (
	"github.com/shopspring/decimal"

	"byskriver/schedules"
)

// Listed is one row of the list of cases.
type Listed struct {
	Case   string `json:"case"`   // the case's number, such as FL-10231
	CPR    string `json:"cpr"`    // ten digits
	Status string `json:"status"` // in the system's words, such as Aktiv
}

// Case is a citizen's case as the system shows it. What the system leaves empty is
// empty here; words are the system's own.
type Case struct {
	Number        string           `json:"number"`
	CPR           string           `json:"cpr"` // ten digits
	Name          string           `json:"name"`
	Status        string           `json:"status"`
	Scheme        string           `json:"scheme"`           // which rules the fleksjob is under
	Kind          string           `json:"kind"`             // wage earner or self-employed
	From          schedules.Date   `json:"from,omitzero"`    // the right to the subsidy begins
	To            schedules.Date   `json:"to,omitzero"`      // and ends; zero without an end
	PensionFrom   schedules.Date   `json:"pension,omitzero"` // folkepension from
	OtherPension  string           `json:"other_pension"`    // such as Ingen or Seniorpension
	Absence       string           `json:"absence"`          // absence noted in the case, or ""
	Post          string           `json:"post"`
	SE            string           `json:"se"` // the employer of the post, eight digits
	Employer      string           `json:"employer"`
	Loenloft      *decimal.Decimal `json:"loenloft"` // full pay in the post, kroner a month; nil where empty
	LoenloftSince schedules.Date   `json:"loenloft_since,omitzero"`
	History       []Setting        `json:"history"` // what was set before, the newest first
}

// Setting is a month's subsidy as the form takes it and as the history shows it.
type Setting struct {
	Month           string          `json:"month"`        // that the subsidy is for, YYYY-MM
	IncomeMonth     string          `json:"income_month"` // whose income it was computed from, YYYY-MM
	Wage            decimal.Decimal `json:"wage"`
	OwnPension      decimal.Decimal `json:"own_pension"`
	EmployerPension decimal.Decimal `json:"employer_pension"`
	SE              string          `json:"se"` // the employer, eight digits; several with a comma between
	Subsidy         decimal.Decimal `json:"subsidy"`
	Text            string          `json:"text"`
	By              string          `json:"by,omitempty"` // who set it; the history alone has it
}

// Same reports whether two settings say the same, whoever set them.
func (s Setting) Same(o Setting) bool {
	return s.Month == o.Month && s.IncomeMonth == o.IncomeMonth && s.Wage.Equal(o.Wage) && s.OwnPension.Equal(o.OwnPension) &&
		s.EmployerPension.Equal(o.EmployerPension) && s.SE == o.SE && s.Subsidy.Equal(o.Subsidy) && s.Text == o.Text
}

// Income is what the setting was computed from, all together.
func (s Setting) Income() decimal.Decimal { return s.Wage.Add(s.OwnPension).Add(s.EmployerPension) }

// Name is what the benefit system is called in errors and in the configuration.
const Name = "benefits"

// OtherCitizen says that the system showed a case that is another citizen's than
// the one asked for. Nothing was entered.
type OtherCitizen struct{ Case string }

// Error names the case that was asked for, and nobody.
func (o *OtherCitizen) Error() string {
	return "the system shows another citizen's case than " + o.Case
}
