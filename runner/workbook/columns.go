package workbook

// column is the place of a column in a robot's sheet as it is written. A reader
// never relies on it: columns are found by their headings.
type column int

// The columns of a robot's sheet.
const (
	colNumber column = iota
	colCase
	colArea
	colCreated
	colDue
	colCode
	colReason
	colProposal
	colEvidence
	colChoice
	colValue
	colNote
	colRevision
	colControl
	columns // how many there are
)

// headings are what stands above the columns.
var headings = [columns]string{
	"Nr", "Sag", "Område", "Oprettet", "Frist", "Kode", "Årsag", "Forslag", "Bevis",
	"Afgørelse", "Værdi", "Bemærkning", "Revision", "Kontrol",
}

// widths are the columns' widths in characters. The printed ones fit on A4 across
// at a size that can be read.
var widths = [columns]int{20, 13, 15, 11, 11, 17, 42, 24, 16, 18, 15, 28, 9, 9}

// wrapped are the columns whose texts go over several lines.
var wrapped = []column{colArea, colCode, colReason, colProposal, colEvidence, colChoice, colValue, colNote}

// needed are the columns that a decision is read from.
var needed = []column{colNumber, colCode, colChoice, colValue, colNote, colRevision, colControl}

// letter is the column's name in a formula.
func (c column) letter() string { return string(rune('A' + int(c))) }

// The names of the sheets that are not a robot's, and of the ranges on the list
// sheet. Formulas go by the range names, since a conditional format may not point
// to another sheet directly.
const (
	overviewSheet = "Overblik"
	listSheet     = "Lister"
	rangeKeys     = "ByskriverListe"
	rangeLabels   = "ByskriverValg"
	rangeValues   = "ByskriverKravVaerdi"
	rangeNotes    = "ByskriverKravBemaerkning"
)

// listHeads stand above the list sheet's columns: a decision set's key, and a
// line for each of its choices.
var listHeads = [...]string{"Liste", "Afgørelse", "Handling", "Kræver Værdi", "Kræver Bemærkning"}

// yes marks a requirement on the list sheet.
const yes = "ja"
