package fleksloen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/income"
	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
)

// Codes that are named in more than one place.
const (
	codeMissing  = "INDBERETNING-MANGLER"
	codeApproval = "GODKENDELSE"
	codeOther    = "GODKENDT-ANDET"
	codeRegulate = "REGULERING"
	codeNew      = "ARBEJDSGIVER-NY"
)

// findingText is what staff read of a finding in the reports. {x} is all that was
// found, in the order of the reports.
func findingTexts() map[string]string {
	return map[string]string{
		income.UnknownBlanket:     "eIndkomst svarer med en blanket, som robotten ikke kender: {x}. Undersøg, hvad den betyder, og beregn tilskuddet selv.",
		income.UnknownField:       "eIndkomst svarer med et felt, som robotten ikke kender: {x}. Undersøg, hvad det betyder, og beregn tilskuddet selv.",
		income.UnknownType:        "Indkomsttypen mangler eller er ukendt for robotten: {x}. Undersøg indkomsten, og beregn tilskuddet selv.",
		income.UnknownArt:         "Indtægtsarten er ukendt for robotten: {x}. Undersøg indkomsten, og beregn tilskuddet selv.",
		income.Unreadable:         "Et beløb fra eIndkomst kan ikke læses: {x}. Indhent lønsedlen, og beregn tilskuddet selv.",
		income.Twice:              "Samme felt står to gange i en indberetning: {x}. Indhent lønsedlen, og beregn tilskuddet selv.",
		income.Reversed:           "En indberetning er tilbageført: {x}. Indhent lønsedlen, og beregn tilskuddet, når indberetningen er på plads.",
		income.Corrected:          "En indberetning er rettet: {x}. Sammenhold rettelsen med lønsedlen, og beregn tilskuddet selv.",
		income.Negative:           "Et beløb er under nul: {x}. Find ud af, hvilken måned der reguleres, og beregn tilskuddet selv.",
		income.NotAMonth:          "Lønperioden er ikke én hel måned: {x}. Fordel lønnen på månederne, og beregn tilskuddet selv.",
		income.OtherMonth:         "Lønnen hører til en anden måned: {x}. Afgør, hvilken måned lønnen tæller i, og beregn tilskuddet selv.",
		income.Payments:           "Der er flere udbetalinger i måneden: {x}. Afgør, hvad de dækker, og beregn tilskuddet selv.",
		income.Employers:          "Borgeren har flere arbejdsgivere: {x}. Det er uklart, hvad der tæller mod lønloftet. Beregn tilskuddet selv.",
		income.Pension:            "Pensionsbidrag er ikke oplyst: {x}. Det er ikke det samme som nul. Spørg borgeren eller arbejdsgiveren, og beregn tilskuddet selv.",
		income.NoWage:             "Der er indberettet uden løn: {x}. Det er ikke det samme som nul. Partshør borgeren med lønsedlen.",
		income.Told:               "eIndkomst giver en besked med svaret: {x}. Læs den, og beregn tilskuddet selv.",
		"FERIE":                   "Der er tegn på ferie eller feriepenge: {x}. Afgør, hvad der tæller (BEK 227 §§ 5, 6 og 10), og beregn tilskuddet selv.",
		"REFUSION":                "Arbejdsgiveren har fået refusion: {x}. Undersøg fraværet, og beregn tilskuddet selv.",
		"A-INDKOMST-UDEN-AM":      "Der er A-indkomst uden AM-bidrag: {x}. Afgør, om den tæller som løn, og beregn tilskuddet selv.",
		"B-INDKOMST":              "Der er B-indkomst: {x}. Afgør, om den tæller som løn, og beregn tilskuddet selv.",
		"ANDEN-INDKOMST":          "Der er anden indkomst end løn: {x}. Afgør, om den tæller, og beregn tilskuddet selv.",
		"SYGDOM-BARSEL":           "Der er tegn på sygdom eller barsel: {x}. Afgør, om der er løn eller dagpenge i stedet (LAB § 124), og beregn tilskuddet selv.",
		"LG":                      "Der er udbetalt fra Lønmodtagernes Garantifond: {x}. Undersøg, om ansættelsen er ophørt, og beregn tilskuddet selv.",
		"G-DAGE":                  "Der er G-dage: {x}. Undersøg, om ansættelsen er ophørt, og beregn tilskuddet selv.",
		"TABT-ARBEJDSFORTJENESTE": "Der er tabt arbejdsfortjeneste: {x}. Den tæller som løn fra 2024. Beregn tilskuddet selv.",
	}
}

// findings is the refusal of what the reports show; the first finding's code, and
// all that was found. That there is more than one report says less than what is in
// them.
func findings(m income.Month) *Refusal {
	if len(m.Findings) == 0 {
		return nil
	}
	first := m.Findings[0].Code
	if i := slices.IndexFunc(m.Findings, func(f income.Finding) bool { return f.Code != income.Payments }); i >= 0 {
		first = m.Findings[i].Code
	}
	var same, others []string
	for _, f := range m.Findings {
		if f.Code == first {
			same = append(same, f.What)
		} else {
			others = append(others, f.What)
		}
	}
	text := fill(findingTexts()[first], strings.Join(same, "; "))
	if len(others) > 0 {
		text += " Se også: " + strings.Join(others, "; ") + "."
	}
	return &Refusal{Code: first, Text: text}
}

// judgement is a month as it has been read and computed.
type judgement struct {
	Input
	month income.Month
	sum   subsidy.Income
	last  benefits.Setting
	out   subsidy.Result
}

// criterion is one of the municipality's own criteria: what falls outside goes to
// a person, who may approve it, and each can be switched off.
type criterion struct {
	code   string
	broken func(judgement) (what string, broken bool)
	text   string // Danish; {x} is what
}

// criteria are asked in this order; the first that is broken decides.
func criteria() []criterion {
	return []criterion{
		{codeNew, newEmployer, "Borgeren har ny arbejdsgiver: {x}. Undersøg ansættelsen, lønloftet og papirerne, før tilskuddet sættes."},
		{"INDKOMST-LAV", lowIncome, "Lønnen er {x}, og det er under kommunens grænse. Partshør borgeren med lønsedlen, før tilskuddet sættes."},
		{"INDKOMST-HØJ", highIncome, "Lønnen er {x}, og det er over kommunens grænse. Undersøg, om der er bonus eller efterbetaling i den, før tilskuddet sættes."},
		{"INDKOMST-ÆNDRET", changedIncome, "Lønnen er ændret {x} siden forrige måned. Partshør borgeren med lønsedlen, før tilskuddet sættes."},
		{"LØNLOFT-BINDER", newlyBinding, "Lønloftet gør tilskuddet mindre for første gang: {x}. Kontrollér lønloftet, før tilskuddet sættes."},
		{"TILSKUD-LAVT", lowSubsidy, "Tilskuddet bliver {x}, og det er under kommunens grænse. Kontrollér beregningen, før tilskuddet sættes."},
		{"TILSKUD-ÆNDRET", changedSubsidy, "Tilskuddet er ændret {x} siden forrige måned. Kontrollér beregningen, før tilskuddet sættes."},
	}
}

// outside is the first criterion that the month falls outside of, but for those
// that the municipality does without.
func (j judgement) outside() *Refusal {
	for _, c := range criteria() {
		if slices.Contains(j.Limits.Off, c.code) {
			continue
		}
		if x, broken := c.broken(j); broken {
			return &Refusal{Code: c.code, Text: fill(c.text, x), May: true}
		}
	}
	return nil
}

func newEmployer(j judgement) (string, bool) {
	known := strings.Split(j.last.SE, ",")
	for _, e := range j.month.Employers {
		if slices.Contains(known, e.SE) {
			continue
		}
		if missing := j.missing(); len(missing) > 0 {
			return fmt.Sprintf("%s. Arbejdsgiver %s, som tilskuddet før blev beregnet efter, har ikke indberettet %s, og lønnen derfra er ikke regnet med", e.SE, strings.Join(missing, ", "), j.Income), true
		}
		return e.SE, true
	}
	return "", false
}

func lowIncome(j judgement) (string, bool) {
	return subsidy.Danish(j.out.Income), j.out.Income.LessThan(j.Limits.LeastIncome)
}

func highIncome(j judgement) (string, bool) {
	return subsidy.Danish(j.out.Income), j.out.Income.GreaterThan(j.Limits.MostIncome)
}

// changedIncome compares with what last month's subsidy was computed from, in
// kroner and in percent of it; either limit will do.
func changedIncome(j judgement) (string, bool) {
	before := j.last.Income()
	change := j.out.Income.Sub(before)
	percent := before.Mul(j.Limits.IncomeChangePercent).Div(decimal.NewFromInt(100))
	return signed(change), change.Abs().GreaterThan(j.Limits.IncomeChange) || change.Abs().GreaterThan(percent)
}

// newlyBinding is true where the lønloft binds now and did not last month, when the
// subsidy was what the formula gives without it. A rate that is not known any more
// counts as did not.
func newlyBinding(j judgement) (string, bool) {
	bound := false
	if m, err := eindkomst.ParseMonth(j.last.Month); err == nil {
		rate, ok := j.Rates[m.Year]
		free := subsidy.Compute(rate, subsidy.Income{Wage: j.last.Income()}, nil, j.Rounding)
		bound = ok && j.last.Subsidy.LessThan(free.Subsidy)
	}
	return "lønloftet er " + subsidy.Danish(*j.Case.Loenloft), j.out.Binds && !bound
}

func lowSubsidy(j judgement) (string, bool) {
	return subsidy.Danish(j.out.Subsidy), j.out.Subsidy.LessThan(j.Limits.LeastSubsidy)
}

func changedSubsidy(j judgement) (string, bool) {
	change := j.out.Subsidy.Sub(j.last.Subsidy)
	return signed(change), change.Abs().GreaterThan(j.Limits.SubsidyChange)
}

// signed is an amount with its direction in words.
func signed(d decimal.Decimal) string {
	if d.IsNegative() {
		return subsidy.Danish(d.Neg()) + " ned"
	}
	return subsidy.Danish(d) + " op"
}

// missing are the employers that last month's subsidy was computed from and that have
// not reported.
func (j judgement) missing() (se []string) {
	for _, one := range strings.Split(j.last.SE, ",") {
		if one != "" && !j.month.Has(one) {
			se = append(se, one)
		}
	}
	return se
}

// missingReport waits for employers that have not reported until the last day.
// No data is never a wage of zero. A new employer is a question at once; until the
// last day there is nothing to approve while an old one is missing.
func (j judgement) missingReport() (wait string, refusal *Refusal) {
	missing := j.missing()
	if len(missing) == 0 && !j.month.Empty() {
		return "", nil
	}
	if x, fresh := newEmployer(j); fresh && !slices.Contains(j.Limits.Off, codeNew) {
		if j.Waited {
			return "", nil
		}
		return "", &Refusal{Code: codeNew, Text: fmt.Sprintf("Borgeren har ny arbejdsgiver: %s. Robotten foreslår intet beløb endnu. Undersøg ansættelsen, lønloftet og papirerne, og vælg Prøv igen, når alle har indberettet, eller når den sidste dag for indberetninger er nået.", x)}
	}
	who := strings.Join(missing, ", ")
	if who == "" {
		who = "nogen"
	}
	if !j.Waited {
		return fmt.Sprintf("Arbejdsgiver %s har ikke indberettet %s endnu. Robotten ser efter igen.", who, j.Income), nil
	}
	if !j.month.Empty() {
		return "", &Refusal{Code: "ARBEJDSGIVER-VÆK", Text: fmt.Sprintf("Arbejdsgiver %s, som tilskuddet før blev beregnet efter, har ikke indberettet %s. Undersøg, om ansættelsen er ophørt.", who, j.Income)}
	}
	return "", &Refusal{Code: codeMissing, Text: fmt.Sprintf("Der er ingen indberetning for %s, og den sidste dag er passeret. Det er ikke det samme som ingen løn. Partshør borgeren med lønsedlen.", j.Income)}
}
