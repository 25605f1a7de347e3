package grants

import (
	"context"
	"encoding/json"

	"byskriver/robots/invoice/approval"
	"byskriver/robots/invoice/plans"
	"byskriver/runner"
)

// paperSheet is the approved support sheet's place on the robot's shelf.
const paperSheet = "support-sheet"

// content is what an item about a changed support sheet carries.
type content struct {
	Support *approval.Change[Sheet] `json:"support,omitempty"`
}

// words are what staff read about a changed support sheet.
var words = approval.Words{
	Changed: approval.Said{Code: "STØTTEARK-ÆNDRET",
		Text: "Støttearket er ændret (gemt af {af}). En anden end den, der har gemt det, skal godkende det, før det gælder. {ændringer}"},
	First: approval.Said{Code: "STØTTEARK-ÆNDRET",
		Text: "Kommunen har endnu intet godkendt støtteark. Her er det første (gemt af {af}). En anden end den, der har gemt det, skal godkende det, før det gælder. {ændringer}"},
	Broken: approval.Said{Code: "STØTTEARK-FEJL",
		Text: "Støttearket kan ikke bruges. Robotten arbejder videre efter det godkendte. {fejl} Ret arket og gem det."},
	Unknown: approval.Said{Code: "STØTTEARK-UKENDT",
		Text: "Støttearket siger ikke, hvem der har gemt det, så det kan ikke ses, at en anden godkender det. Gem arket igen med dit navn som bruger i Excel."},
	Same: approval.Said{Code: "STØTTEARK-SAMME",
		Text: "Støttearket er gemt af {af} og kan ikke godkendes af {godkender}. Lad en anden godkende det."},
	Superseded: approval.Said{Code: "STØTTEARK-FORÆLDET",
		Text: "Støttearket er ændret igen siden denne udgave. Godkend den nyeste i stedet."},
	Remarks: "Bemærk: ", Label: "Støtteark", Missing: "support sheet", Key: "support/",
}

func keeper(path string, shelf runner.Shelf) *approval.Keeper[Sheet] {
	return &approval.Keeper[Sheet]{Path: path, Paper: paperSheet, Words: words, Shelf: shelf, Parse: ParseSheet,
		Digest: Sheet.ContentDigest, Meta: func(s *Sheet) *plans.Meta { return &s.Meta }, Describe: Describe}
}

// Collect reports a support sheet that has changed or cannot be used.
func (w *Way) Collect(ctx context.Context, found runner.Finder) error {
	return w.sheet.Collect(ctx, found, func(c approval.Change[Sheet]) any { return content{Support: &c} })
}

// Work takes an item about the support sheet to its outcome; mine is false for any
// other item.
func (w *Way) Work(ctx context.Context, c runner.Case) (mine bool, err error) {
	var in content
	if err := json.Unmarshal(c.Item().Content, &in); err != nil || in.Support == nil {
		return false, nil // what it is, the robot says
	}
	return true, w.sheet.Work(ctx, c, *in.Support)
}

// Advice says for each code of this way what a person does about it.
func (w *Way) Advice() map[string]string {
	return map[string]string{
		codePeople:         "Afgør, hvem fakturaen gælder, og kontér den selv.",
		codeCredit:         "Find den betaling, kreditnotaen hører til, kontér den selv, og ret bevillingen.",
		codeCurrency:       "Omregn, og kontér fakturaen selv.",
		codePeriod:         "Find bevillingen og perioden, og kontér fakturaen selv.",
		codeNobody:         "Se, om tallet er et personnummer; afklar med leverandøren, hvem fakturaen gælder.",
		codeNone:           "Find bevillingen, kontér fakturaen selv, og markér bevillingen betalt.",
		codeSeveral:        "Afgør, hvilken bevilling det er, kontér fakturaen selv, og markér bevillingen betalt.",
		codeNotFixed:       "Kontér fakturaen selv, og markér bevillingen betalt.",
		codeUnclear:        "Se på bevillingen, kontér fakturaen selv, og markér bevillingen betalt.",
		codePaid:           "Undersøg, om fakturaen er sendt to gange.",
		codeNoRow:          "Tilføj rækken i støttearket, få det godkendt, og vælg Prøv igen.",
		codeNoSheet:        "Få støttearket godkendt, og vælg Prøv igen.",
		codeNotMarked:      "Konteringen står ved magt. Markér bevillingen betalt, og vælg Behandlet manuelt.",
		words.Changed.Code: "Gennemgå ændringerne, og vælg Godkend, hvis du ikke selv har lavet dem.",
		words.Broken.Code:  "Ret støttearket, og gem det.",
	}
}
