package eindkomst

import (
	"context"

	"byskriver/runner"
)

// Name is what the system is called in errors and in the configuration.
const Name = "eindkomst"

// Request asks for what was reported on one citizen, by basis month: corrections
// of a month come with the month that they correct.
type Request struct {
	CPR       string  // ten digits
	From, To  Month   // basis months, both included
	Purpose   Purpose // why the municipality may look
	Reference string  // the municipality's own mark of the look-up, such as the item's number; may be ""
}

// Purpose is why a citizen is looked up: the code the service wants, and the words
// that the municipality's own log keeps.
type Purpose struct {
	Code int    // AdgangFormaalTypeKode
	Text string // in Danish
}

// PurposeFleksloen is the purpose of computing fleksløntilskud (AdgangFormaalTypeKode 171).
func PurposeFleksloen() Purpose {
	return Purpose{Code: 171, Text: "Beregning af fleksløntilskud (eIndkomst, formål 171)"}
}

// Log is told of each look-up before it is made; a runner.Case is one. Where it
// returns an error nobody is looked up.
type Log interface {
	LookUp(ctx context.Context, l runner.LookUp) error
}
