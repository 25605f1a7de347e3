package reading

import (
	"errors"
	"fmt"
	"strconv"

	"byskriver/robots/invoice/reading/schema"
	"byskriver/robots/invoice/reading/ubl"
	"byskriver/runner"
)

// forms are the findings that no official rule names: the code, and what it says,
// with a place for one value. The last five are remarks, which are never fatal.
var forms = map[string]string{
	"FORM-TOM":         "Filen er tom. Bed leverandøren om at sende fakturaen igen.",
	"FORM-STØRRELSE":   "Filen er større end %s og er derfor ikke læst. Bed leverandøren om at sende den med færre eller mindre bilag.",
	"FORM-TEGNSÆT":     "Filen er skrevet i tegnsættet %s, som ikke kan læses her. Bed leverandøren om at sende fakturaen i UTF-8.",
	"FORM-TEGN":        "Filen indeholder tegn, der ikke passer med det tegnsæt, den siger, den er skrevet i (linje %s). Bed leverandøren om at sende fakturaen igen.",
	"FORM-XML":         "Filen er ikke en elektronisk faktura (ikke XML). Er det for eksempel en PDF, skal leverandøren sende fakturaen elektronisk i stedet.",
	"FORM-FEJL":        "Filen kan ikke læses: XML-opbygningen er i stykker ved linje %s. Bed leverandøren om at sende fakturaen igen.",
	"FORM-AFBRUDT":     "Filen slutter midt i fakturaen (ved linje %s). Den er formentlig kun overført halvt; hent eller modtag den igen.",
	"FORM-DTD":         "Filen indeholder en dokumenttypeerklæring (DTD, linje %s). Det må en faktura ikke, og filen er ikke læst af hensyn til sikkerheden.",
	"FORM-DYBDE":       "Filen har flere niveauer inde i hinanden end nogen faktura har (linje %s) og er derfor ikke læst.",
	"FORM-ANTAL":       "Filen har flere elementer, end der læses fra én faktura (linje %s). Bed leverandøren om at dele fakturaen op.",
	"FORM-LÆNGDE":      "Filen indeholder en enkelt tekst, der er længere end tilladt (linje %s).",
	"FORM-EFTER":       "Der står mere i filen, efter at fakturaen er slut (linje %s). Bed leverandøren om at sende fakturaen igen.",
	"FORM-NAVNERUM":    "Filen bruger et præfiks, der ikke er erklæret (linje %s). Bed leverandøren om at rette fakturaens XML.",
	"FORM-DOKUMENT":    "Filen er ikke en faktura eller kreditnota, men %s.",
	"FORM-FORMAT":      "Fakturaen er i et format, der ikke læses her (%s). Der læses OIOUBL 2.02 og 2.1 og Peppol BIS 3. Bed leverandøren om at sende i et af dem, eller behandl fakturaen manuelt.",
	"FORM-MANGLER":     "Fakturaen mangler %s. Bed leverandøren om en rettet faktura.",
	"FORM-DATO":        "En dato i fakturaen findes ikke eller er skrevet forkert: %s. Datoer skrives åååå-mm-dd.",
	"FORM-TAL":         "Et tal i fakturaen er skrevet forkert: %s.",
	"FORM-JANEJ":       "Et felt, der kun kan være sandt eller falsk, har en anden værdi: %s.",
	"FORM-UKENDT":      "Fakturaen indeholder et felt, der ikke hører til dér: %s.",
	"FORM-RÆKKEFØLGE":  "Et felt i fakturaen står det forkerte sted eller for mange gange: %s.",
	"FORM-FELTMANGLER": "Et felt, som skal være der, mangler i fakturaen: %s.",
	"FORM-ATTRIBUT":    "En attribut i fakturaen mangler, er ukendt eller har en forkert værdi: %s.",
	"FORM-TEKST":       "Der står tekst i fakturaen, hvor der kun må stå felter: %s.",
	"FORM-BILAG":       "Et bilag i fakturaen er gået i stykker og kan ikke åbnes: %s.",
	"FORM-CVR":         "CVR-nummeret %s er ikke et gyldigt CVR-nummer: kontrolcifferet passer ikke.",
	"FORM-EAN":         "Modtagerens EAN-nummer %s er ikke gyldigt: kontrolcifferet passer ikke.",
	"FORM-KORT":        "Indbetalingskortet i fakturaen kan ikke bruges: %s.",
	"FORM-IBAN":        "Kontonummeret (IBAN) %s er ikke gyldigt: kontrolcifrene passer ikke.",
	"FORM-MOMS":        "Momsen er ikke beløbet gange momsprocenten: %s.",
}

// formal makes a fatal finding of the house's own.
func formal(code, where string, values ...any) Finding {
	text := forms[code]
	if len(values) > 0 {
		text = fmt.Sprintf(text, values...)
	}
	return Finding{Code: code, Text: runner.Mask(text), Fatal: true, Where: runner.Mask(where)}
}

// schemaCodes are the codes of what package schema finds.
var schemaCodes = map[schema.Kind]string{
	schema.Unknown:   "FORM-UKENDT",
	schema.Order:     "FORM-RÆKKEFØLGE",
	schema.Missing:   "FORM-FELTMANGLER",
	schema.Attribute: "FORM-ATTRIBUT",
	schema.Date:      "FORM-DATO",
	schema.Number:    "FORM-TAL",
	schema.Boolean:   "FORM-JANEJ",
	schema.Text:      "FORM-TEKST",
	schema.Binary:    "FORM-BILAG",
}

// misformed says what the schema finds.
func misformed(h schema.Hit) Finding {
	field := "»" + clip(plain(h.At.Name)) + "«"
	switch h.Kind {
	case schema.Binary:
		field = "»" + clip(h.At.At("filename")) + "«"
	case schema.Missing:
		field = "»" + h.Name + "« i " + field
	case schema.Attribute:
		field = "»" + clip(h.Name) + "« på " + field
	case schema.Date, schema.Number, schema.Boolean:
		field += " er »" + clip(h.At.Text) + "«"
	}
	return formal(schemaCodes[h.Kind], h.At.Path(), field)
}

func tooLarge(lim Limits) Finding {
	return formal("FORM-STØRRELSE", "", strconv.FormatInt(lim.Bytes>>20, 10)+" MB")
}

// faultCodes are the codes of what package ubl cannot read.
var faultCodes = map[ubl.FaultKind]string{
	ubl.Broken:    "FORM-FEJL",
	ubl.Twice:     "FORM-FEJL",
	ubl.CutShort:  "FORM-AFBRUDT",
	ubl.DTD:       "FORM-DTD",
	ubl.TooDeep:   "FORM-DYBDE",
	ubl.TooMany:   "FORM-ANTAL",
	ubl.TooLong:   "FORM-LÆNGDE",
	ubl.Trailing:  "FORM-EFTER",
	ubl.Namespace: "FORM-NAVNERUM",
	ubl.Encoding:  "FORM-TEGN",
}

// broken says why a file gave no tree. What the file plainly is besides an invoice
// comes before how it is broken.
func broken(root *ubl.Node, fault *ubl.Fault) Finding {
	if fault.Kind == ubl.NotXML {
		return formal("FORM-XML", "")
	}
	if errors.Is(fault, ubl.ErrHTML) {
		return formal("FORM-DOKUMENT", "", others["html"])
	}
	if root != nil && root.Space != ubl.Root && fault.Kind != ubl.Namespace {
		return formal("FORM-DOKUMENT", "", described(root))
	}
	return formal(faultCodes[fault.Kind], "", strconv.Itoa(fault.Line))
}
