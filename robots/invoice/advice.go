package invoice

import (
	"maps"
	"strings"

	"byskriver/robots/invoice/plans"
)

// Advice says for each code of this robot what a person does about it, for the
// workbook's overview. It is the end of the reason's own text, so that the two
// cannot say different things.
func (r *Robot) Advice() map[string]string {
	all := plans.Advice()
	for _, c := range controls {
		if _, next, ok := strings.Cut(c.text, ". "); ok {
			all[c.code] = next
		}
	}
	for _, rule := range creditRules {
		if _, next, ok := strings.Cut(rule.text, ". "); ok {
			all[rule.code] = next
		}
	}
	for code, text := range map[string]string{
		"KREDIT-DELVIS":     "Afgør, hvad der krediteres, og kontér kreditnotaen selv.",
		"KREDIT-KONTERING":  "Kontér kreditnotaen selv.",
		"AFVIST-BILAG":      "Slet bilaget i portalen, og vælg Slet med en bemærkning om hvorfor.",
		"SVAR-AFVIST":       "Send brevet på en anden måde, og vælg Behandlet manuelt.",
		"SVAR-MANGLER":      "Afvis fakturaen selv, og vælg Behandlet manuelt.",
		"SVAR-PERSONNUMMER": "Svar leverandøren selv, og vælg Behandlet manuelt.",
		"SLET-BILAG":        "Slet bilaget i portalen, og vælg Slet igen.",
		"SLET-BEMÆRKNING":   "Skriv i Bemærkning, hvorfor fakturaen slettes, og vælg Slet igen.",
		"KONTERING-UENIG":   "Afgør, hvilket bud der er rigtigt, og kontér fakturaen selv.",
		"BILAG-FLERE":       "Afgør, hvilket bilag der er det rette, og slet det andet i portalen.",
		"BILAG-MANGLER":     "Undersøg, om bilaget er behandlet af en anden eller ikke er nået frem.",
		"PORTAL-AFVIST":     "Ret planen, eller kontér bilaget selv.",
		"PLANER-ÆNDRET":     "Gennemgå ændringerne, og vælg Godkend, hvis du ikke selv har lavet dem.",
		"PLANER-FEJL":       "Ret arket med betalingsplaner, og gem det.",
		"PLAN-UDLØBER":      "Forlæng planen i planarket og få det godkendt, eller vælg Behandlet manuelt, hvis den skal udløbe.",
	} {
		all[code] = text
	}
	for _, coder := range r.coders {
		if a, ok := coder.(interface{ Advice() map[string]string }); ok {
			maps.Copy(all, a.Advice())
		}
	}
	return all
}
