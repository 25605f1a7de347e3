package plans

import (
	"regexp"
	"strings"

	"byskriver/robots/internal/ident"
)

// pspForm and costCentreForm are the two forms of an account's second half in
// OPUS: a PSP element for operation, construction or machines, or a cost centre.
var (
	pspForm        = regexp.MustCompile(`^X[GAM]-[0-9]{10}$`)
	costCentreForm = regexp.MustCompile(`^[0-9]{10}$`)
)

// The checks of single values. Each takes a cell's cleaned text, not empty.

func isCVR(s string) (string, *fault) {
	switch {
	case len(s) != 8 || !allDigits(s):
		return s, &fault{ProblemCVR, quoted(s) + " er ikke otte cifre. Skriv CVR-nummeret uden DK, mellemrum og bindestreg."}
	case !ident.ValidCVR(s):
		return s, &fault{ProblemCVR, "CVR-nummeret " + s + " findes ikke: kontrolcifferet passer ikke. Slå leverandøren op, og skriv det rigtige nummer."}
	}
	return s, nil
}

func isEAN(s string) (string, *fault) {
	switch {
	case len(s) != 13 || !allDigits(s):
		return s, &fault{ProblemEAN, quoted(s) + " er ikke 13 cifre. Skriv EAN-nummeret uden mellemrum, eller lad cellen stå tom, hvis planen gælder alle."}
	case !ident.ValidGLN(s):
		return s, &fault{ProblemEAN, "EAN-nummeret " + s + " er forkert: kontrolcifferet passer ikke. Slå det op, og skriv det rigtige nummer."}
	}
	return s, nil
}

func isPSP(s string) (string, *fault) {
	s = strings.ToUpper(s)
	if !pspForm.MatchString(s) {
		return s, &fault{ProblemForm, quoted(s) + " er ikke et PSP-element. Skriv XG-, XA- eller XM- og derefter ti cifre."}
	}
	return s, nil
}

func isCostCentre(s string) (string, *fault) {
	if !costCentreForm.MatchString(s) {
		return s, &fault{ProblemForm, quoted(s) + " er ikke et omkostningssted. Skriv ti cifre; formatér cellen som tekst, hvis nummeret begynder med 0."}
	}
	return s, nil
}

func oneWord(s string) (string, *fault) {
	if strings.ContainsRune(s, ' ') {
		return s, &fault{ProblemForm, quoted(s) + " har mellemrum. Skriv koden uden."}
	}
	return s, nil
}

func knownPlaceholders(s string) (string, *fault) {
	if why := placeholderFault(s); why != "" {
		return s, &fault{ProblemPlaceholder, why}
	}
	return s, nil
}
