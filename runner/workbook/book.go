package workbook

import (
	"iter"
	"time"

	"byskriver/runner"
	"byskriver/runner/seal"

	"github.com/shopspring/decimal"
)

// Book is what one file shows.
type Book struct {
	Municipality string         // its name, such as "Lilleby Kommune"
	Group        string         // who the file is for; "" when it is for everybody
	Run          string         // the run that made it
	Made         time.Time      // when
	Zone         *time.Location // where dates are read: Europe/Copenhagen
	Ring         *seal.Ring     // makes the rows' codes
	Notes        []string       // Danish sentences for the overview
	Robots       []Robot        // in the order of their sheets
}

// Robot is one robot's part of a book.
type Robot struct {
	Name  string // the folder name, such as "invoice"
	Title string // what its sheet is called, such as "Fakturaer"
	Tally Tally  // how the items stand that were found today
	// Progress is how the robot has done lately, in all first and then by area.
	Progress []Progress
	Stopped  string            // why the robot stopped itself, a Danish sentence; "" if it did not
	Advice   map[string]string // exception code to what a person does about it, in Danish
	// Rows are the exceptions, in the order they are to stand. They are taken
	// once, one at a time, so that a long queue need not be held in memory; nil
	// means none. An error ends the writing.
	Rows iter.Seq2[Row, error]
}

// Progress is how a robot has done in the last 30 days.
type Progress struct {
	Area           string  // "" is all of them
	Settled        int     // items that came to an end or to the list
	Robot, Person  int     // of those, who settled them
	Goal           float64 // the share that the robot should settle alone, 0 to 1; 0 if none is set
	Judged, Agreed int     // samples on which people took a stand, and on which they agreed
}

// Tally is a day's account: found = done + listed + waiting + failed.
type Tally struct {
	Found, Done, Listed, Waiting, Failed int
}

// Row is one exception.
type Row struct {
	Number  string    // the item's number, such as invoice-2026-000123
	Case    string    // the case's number in the source system (Sag)
	Area    string    // Område
	Created time.Time // Oprettet; shown as a date
	Due     time.Time // Frist; zero if none
	Code    string    // the exception's code
	Reason  string    // Årsag
	// Proposal is what the robot suggests. Amount is the amount it suggests, in
	// kroner: alone it stands as a number that Excel can add up, after a proposal
	// as text in the same cell (a number cannot share its cell with words).
	Proposal string
	Amount   decimal.NullDecimal
	Evidence Evidence
	Choices  []runner.Choice // the decisions that this exception allows, in the order of the drop-down
	Revision int             // the item's revision; a decision is for it alone
	Draft    Draft           // what a person has filled in already
}

// Evidence is what the reason can be checked by.
type Evidence struct {
	Text string
	// Link is where it lies: http, https or file, a path relative to the workbook,
	// or a Windows path. Anything else, and whatever is beyond Excel's limits, is
	// left out: the text stands without a link.
	Link string
}

// Draft is what a person wrote in a row, as it stood.
type Draft struct {
	Choice string // Afgørelse: the label as written, or a choice's action
	Value  string // Værdi
	Note   string // Bemærkning
}

// Slice hands over rows that are in memory already.
func Slice(rows []Row) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}
