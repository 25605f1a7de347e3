package fleksloen

import (
	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/income"
	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
)

// CaseInput is all that is judged before the citizen is looked up. It is recorded
// with the decision, so its JSON names never change.
type CaseInput struct {
	Month  eindkomst.Month `json:"month"`  // that the subsidy is for
	Income eindkomst.Month `json:"income"` // whose income it is computed from
	Asked  Content         `json:"asked"`  // what the list named
	Case   benefits.Case   `json:"case"`
	Watch  string          `json:"watch,omitempty"` // why the citizen is on the obsliste, or ""
	Limits Limits          `json:"limits"`
}

// Input is all that a decision about a month's subsidy is made from.
type Input struct {
	CaseInput
	Answer   eindkomst.Answer     `json:"answer"` // the basis months that were asked for
	Table    income.Table         `json:"table"`  // what the parts of an answer mean
	Rate     subsidy.Rate         `json:"rate"`   // of the subsidy's year
	Rates    map[int]subsidy.Rate `json:"rates"`  // of the earlier months' years, as far as both are there
	Rounding subsidy.Rounding     `json:"rounding"`
	Waited   bool                 `json:"waited"`             // the last day for reports has passed
	Approval bool                 `json:"approval,omitempty"` // a person approves each subsidy
	Approved *decimal.Decimal     `json:"approved,omitempty"` // the subsidy that a person approved
	By       string               `json:"by,omitempty"`       // who approved it
}

// Limits are the municipality's own criteria.
type Limits struct {
	LeastIncome         decimal.Decimal `json:"least_income"`          // kroner a month, pensions included
	MostIncome          decimal.Decimal `json:"most_income"`           // the same
	LeastSubsidy        decimal.Decimal `json:"least_subsidy"`         // kroner
	IncomeChange        decimal.Decimal `json:"income_change"`         // kroner from one month to the next, up or down
	IncomeChangePercent decimal.Decimal `json:"income_change_percent"` // of last month's income
	SubsidyChange       decimal.Decimal `json:"subsidy_change"`        // kroner from one month to the next
	LoenloftMonths      int             `json:"loenloft_months"`       // how old a lønloft may be
	PensionMonths       int             `json:"pension_months"`        // how near folkepension
	RegulationMonths    int             `json:"regulation_months"`     // earlier months looked at for changed reports
	Off                 []string        `json:"off,omitempty"`         // codes of the criteria that the municipality does without
}

// DefaultLimits are Thisted's kinds (limits of amount, variation in income, new
// employer, maternity, holiday pay), with numbers that are ours: a municipality
// sets its own.
func DefaultLimits() Limits {
	kr := decimal.NewFromInt
	return Limits{LeastIncome: kr(1000), MostIncome: kr(35000), LeastSubsidy: kr(100), IncomeChange: kr(1000), IncomeChangePercent: kr(10),
		SubsidyChange: kr(500), LoenloftMonths: 14, PensionMonths: 6, RegulationMonths: 3}
}

// Verdict is what the rules say: a subsidy to set, a wait, or a refusal.
type Verdict struct {
	Setting     *benefits.Setting `json:"setting,omitempty"` // to be set
	Wait        string            `json:"wait,omitempty"`    // Danish: what is waited for
	Refusal     *Refusal          `json:"refusal,omitempty"`
	Computed    *subsidy.Result   `json:"computed,omitempty"`   // nil where nothing could be computed
	Income      *subsidy.Income   `json:"income,omitempty"`     // what it was computed from
	Difference  *decimal.Decimal  `json:"difference,omitempty"` // to last month's subsidy
	Last        *benefits.Setting `json:"last,omitempty"`
	Regulations []Regulation      `json:"regulations,omitempty"`
}

// Refusal is why a case goes to a person.
type Refusal struct {
	Code     string `json:"code"`
	Text     string `json:"text"`               // Danish: why, and what to do next
	Proposal string `json:"proposal,omitempty"` // what the robot would set
	May      bool   `json:"may,omitempty"`      // a person may approve the proposal
}

// Regulation is an earlier month whose reports are no longer what its subsidy was
// computed from.
type Regulation struct {
	Paid     benefits.Setting `json:"paid"`               // as it was set
	Now      *subsidy.Income  `json:"now,omitempty"`      // as reported now; nil where that cannot be computed with
	Computed *subsidy.Result  `json:"computed,omitempty"` // from that
	Why      string           `json:"why,omitempty"`      // Danish: why it cannot be computed
	Same     bool             `json:"same,omitempty"`     // wage and pensions are as they were; Why is what else is there
}
