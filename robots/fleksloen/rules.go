package fleksloen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/ident"
	"byskriver/schedules"
)

// The words of the benefit system that an ordinary case has. Any other is a case
// for a person.
const (
	statusActive = "Aktiv"
	schemeNew    = "Fleksjob efter 1. januar 2013"
	kindEmployed = "Lønmodtager"
	pensionNone  = "Ingen"
)

// caseRule is one row of the table of what is asked of a case before anybody is
// looked up.
type caseRule struct {
	code   string
	broken func(CaseInput) (what string, broken bool)
	text   string // Danish; {x} is what
}

// caseRules are asked in this order; the first that is broken decides. Sources: the
// facts behind each stand in README.md.
func caseRules() []caseRule {
	return []caseRule{
		{"OBSLISTE", watched, "Borgeren står på obslisten: {x}. Beregn tilskuddet selv."},
		{"SAG-BORGER", otherCitizen, "Sagen viser en anden borger, end listen nævnte, eller ikke noget gyldigt personnummer. Intet er slået op. Undersøg, hvem sagen hører til."},
		{"SAG-STATUS", notActive, "Sagens status er »{x}« og ikke »Aktiv«. Afgør, om der skal beregnes tilskud."},
		{"ORDNING-GAMMEL", oldScheme, "Sagens ordning er »{x}«. Robotten regner kun efter reglerne for fleksjob efter 1. januar 2013. Beregn tilskuddet selv."},
		{"SELVSTÆNDIG", notEmployed, "Borgeren er »{x}« i sagen og ikke lønmodtager. Beregn tilskuddet efter den ordning, der gælder."},
		{"PENSION-ANDEN", otherPension, "Sagen nævner anden pension: »{x}«. Afgør, om der stadig er ret til tilskud (LAB § 116)."},
		{"ALDER-UNDER", tooYoung, "Borgeren er under 25 år ({x}). Beregn tilskuddet selv."},
		{"ALDER-PENSION", nearPension, "Borgeren er ved eller nær folkepensionsalderen ({x}). Afgør, til hvornår der er ret til tilskud."},
		{"FRAVÆR", absent, "Sagen har fravær: »{x}«. Afgør, hvordan fraværet indgår, og beregn tilskuddet selv."},
		{"MÅNED-SAT", alreadySet, "Tilskuddet for måneden er allerede sat: {x}. Undersøg, hvem der har sat det, og vælg Behandlet manuelt, hvis det er rigtigt."},
		{"SIDSTE-MÅNED", lastMonth, "Retten til tilskud ophører {x}. Beregn den sidste måned selv."},
		{"FØRSTE-MÅNED", firstMonth, "Det er sagens første måned ({x}). Beregn den efter arbejdsgiverens papirer."},
		{"HISTORIK-MANGLER", gap, "Sagen har ikke netop ét tilskud for forrige måned: {x}. Undersøg historikken, og beregn tilskuddet selv."},
		{"LØNLOFT-MANGLER", noCeiling, "Sagen har intet lønloft. Indhent lønoplysning for stillingen på fuld tid, og skriv lønloftet i sagen."},
		{"LØNLOFT-FORÆLDET", staleCeiling, "Lønloftet er fra {x} og for gammelt efter kommunens grænse, eller datoen kan ikke bruges. Indhent ny lønoplysning, og ret lønloftet i sagen."},
	}
}

// JudgeCase asks the rules that need no look-up. nil means that the citizen may be
// looked up. It is pure.
func JudgeCase(in CaseInput) *Refusal {
	for _, r := range caseRules() {
		if x, broken := r.broken(in); broken {
			return &Refusal{Code: r.code, Text: fill(r.text, x)}
		}
	}
	return nil
}

// fill puts what was found into a sentence.
func fill(text, x string) string { return tidy(strings.ReplaceAll(text, "{x}", x)) }

// tidy takes the full stop of a sentence away where an amount has brought its own.
func tidy(text string) string { return strings.ReplaceAll(text, "kr..", "kr.") }

func watched(in CaseInput) (string, bool) { return in.Watch, in.Watch != "" }

func otherCitizen(in CaseInput) (string, bool) {
	_, ok := ident.ParseCPR(in.Case.CPR)
	return "", !ok || in.Case.CPR != in.Asked.CPR || in.Case.Number != in.Asked.Case
}

func notActive(in CaseInput) (string, bool) { return in.Case.Status, in.Case.Status != statusActive }

func oldScheme(in CaseInput) (string, bool) { return in.Case.Scheme, in.Case.Scheme != schemeNew }

func notEmployed(in CaseInput) (string, bool) { return in.Case.Kind, in.Case.Kind != kindEmployed }

func otherPension(in CaseInput) (string, bool) {
	return in.Case.OtherPension, in.Case.OtherPension != pensionNone
}

// grownUp is the age from which the ordinary formula is known to hold.
const grownUp = 25

// tooYoung asks for the age on the month's last day. The day of birth is written
// out nowhere: it is part of the CPR number.
func tooYoung(in CaseInput) (string, bool) {
	c, ok := ident.ParseCPR(in.Case.CPR)
	if !ok {
		return "alderen kendes ikke", true
	}
	born, _ := c.Born()
	return "ved månedens slutning", born.AddDate(grownUp, 0, 0).After(noon(in.Month.Last()))
}

func nearPension(in CaseInput) (string, bool) {
	from := in.Case.PensionFrom
	if from.IsZero() {
		return "datoen for folkepension mangler i sagen", true
	}
	limit := in.Month.Add(in.Limits.PensionMonths).Last()
	return "folkepension fra " + danishDate(from), !from.After(limit)
}

func absent(in CaseInput) (string, bool) { return in.Case.Absence, in.Case.Absence != "" }

func alreadySet(in CaseInput) (string, bool) {
	var set []string
	for _, s := range in.Case.History {
		if s.Month == in.Month.String() {
			set = append(set, subsidy.Danish(s.Subsidy)+" af "+s.By)
		}
	}
	return strings.Join(set, " og "), len(set) > 0
}

// firstMonth is true where the right began so late that no whole month lies before
// the month of income, or nothing was ever set: the first payment rests on papers.
func firstMonth(in CaseInput) (string, bool) {
	switch from := in.Case.From; {
	case from.IsZero():
		return "sagen siger ikke, fra hvornår der er ret til tilskud", true
	case !from.Before(in.Income.First()):
		return "ret til tilskud fra " + danishDate(from), true
	case len(in.Case.History) == 0:
		return "der er ikke sat tilskud før", true
	}
	return "", false
}

func lastMonth(in CaseInput) (string, bool) {
	to := in.Case.To
	return danishDate(to), !to.IsZero() && !to.After(in.Month.Last())
}

func gap(in CaseInput) (string, bool) {
	before := in.Month.Add(-1).String()
	n := 0
	for _, s := range in.Case.History {
		if s.Month == before {
			n++
		}
	}
	return fmt.Sprintf("%d for %s", n, before), n != 1
}

func noCeiling(in CaseInput) (string, bool) {
	return "", in.Case.Loenloft == nil || !in.Case.Loenloft.IsPositive()
}

// staleCeiling counts from the day on which the lønloft was set. One that is dated
// after the month is no lønloft of the month.
func staleCeiling(in CaseInput) (string, bool) {
	since := in.Case.LoenloftSince
	oldest := in.Month.Add(-in.Limits.LoenloftMonths).First()
	return danishDate(since), since.IsZero() || since.Before(oldest) || since.After(in.Month.Last())
}

// noon is a moment in the middle of the day, for comparing with a day of birth.
func noon(d schedules.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC)
}

func danishDate(d schedules.Date) string {
	if d.IsZero() {
		return "(ingen dato)"
	}
	return fmt.Sprintf("%d.%d.%d", d.Day, d.Month, d.Year)
}

// CheckOff is an error where a code cannot be switched off: only the
// municipality's own criteria can.
func CheckOff(codes []string) error {
	var may []string
	for _, r := range criteria() {
		may = append(may, r.code)
	}
	for _, c := range codes {
		if !slices.Contains(may, c) {
			return fmt.Errorf("off: %s cannot be switched off; these can: %s", c, strings.Join(may, ", "))
		}
	}
	return nil
}
