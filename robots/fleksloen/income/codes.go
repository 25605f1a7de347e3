package income

// Codes of what in a report needs a person. Their sentences stand with the
// robot's rules.
const (
	UnknownBlanket = "BLANKET-UKENDT"
	UnknownField   = "FELT-UKENDT"
	UnknownType    = "INDKOMSTTYPE-UKENDT"
	UnknownArt     = "INDTÆGTSART-UKENDT"
	Unreadable     = "INDBERETNING-ULÆSELIG"
	Twice          = "FELT-DOBBELT"
	Reversed       = "TILBAGEFØRSEL"
	Corrected      = "RETTELSE"
	Negative       = "BELØB-NEGATIVT"
	NotAMonth      = "PERIODE-IKKE-MÅNED"
	OtherMonth     = "PERIODE-ANDEN-MÅNED"
	Payments       = "UDBETALINGER-FLERE"
	Employers      = "ARBEJDSGIVERE-FLERE"
	Pension        = "PENSION-UKENDT"
	NoWage         = "LØN-MANGLER"
	Told           = "EINDKOMST-ADVIS"
)

// Given are the codes that a table's entries may give.
func Given() []string {
	return []string{"FERIE", "REFUSION", "A-INDKOMST-UDEN-AM", "B-INDKOMST", "ANDEN-INDKOMST", "SYGDOM-BARSEL", "LG", "G-DAGE", "TABT-ARBEJDSFORTJENESTE"}
}

// Finding is one thing in the reports that needs a person.
type Finding struct {
	Code string `json:"code"`
	What string `json:"what"` // Danish: which employer, field or value; no number of a person
}
