package plans

import (
	"strconv"
	"unicode/utf8"

	"byskriver/runner"
	"github.com/shopspring/decimal"
)

// The names of the sheets.
const (
	PlanSheet   = "Betalingsplaner"
	AlwaysSheet = "Kontrolleres altid"
)

// The headings that rules and messages name.
const (
	colPlan       = "Plan"
	colSupplier   = "Leverandør"
	colCVR        = "CVR"
	colEAN        = "EAN"
	colAccount    = "Artskonto"
	colPSP        = "PSP-element"
	colCostCentre = "Omkostningssted"
	colVATCode    = "Momskode"
	colBasis      = "Beløb konteres"
	colText       = "Tekst"
	colFrom       = "Beløb fra"
	colTo         = "Beløb til"
	colInterval   = "Interval"
	colPerMonth   = "Antal pr. måned"
	colPerYear    = "Antal pr. år"
	colValidFrom  = "Gyldig fra"
	colValidTo    = "Gyldig til"
	colAction     = "Handling"
	colAgent      = "Næste agent"
	colArea       = "Område"
	colNote       = "Bemærkning"

	colCriterion = "Kriterium"
	colValue     = "Værdi"
	colReason    = "Begrundelse"
)

// kind is how a column's cells are formatted in a sheet that Write makes.
type kind int

const (
	kindText kind = iota
	kindCode      // text that Excel would take for a number
	kindAmount
	kindDate
	kindCount
)

// column is one column of a sheet whose rows are of type T.
type column[T any] struct {
	name     string
	help     string // Danish, for the template's guide
	width    float64
	kind     kind
	optional bool
	choices  []choice
	read     func(c cell, row *T) *fault // the cell is not empty
	show     func(row T) string          // Danish text that read takes back; "" is an empty cell
}

// planColumns are the columns of PlanSheet in the order that Write uses.
var planColumns = []column[Plan]{
	code(colPlan, "Planens eget nummer. Det må kun stå én gang og bør aldrig genbruges.", 10,
		func(p *Plan) *string { return &p.Number }, longest(40), noCPR),
	text(colSupplier, "Leverandørens navn.", 30,
		func(p *Plan) *string { return &p.Supplier }, longest(200), noCPR),
	code(colCVR, "Leverandørens CVR-nummer, otte cifre.", 11,
		func(p *Plan) *string { return &p.CVR }, isCVR),
	opt(code(colEAN, "Det EAN-nummer, fakturaen skal være sendt til, 13 cifre. Tom: alle kommunens EAN-numre.", 16,
		func(p *Plan) *string { return &p.EAN }, isEAN)),
	code(colAccount, "Den artskonto, der konteres på.", 12,
		func(p *Plan) *string { return &p.Account }, longest(20), oneWord),
	opt(code(colPSP, "XG-, XA- eller XM- og ti cifre. Udfyld enten PSP-element eller omkostningssted.", 16,
		func(p *Plan) *string { return &p.PSP }, isPSP)),
	opt(code(colCostCentre, "Ti cifre. Udfyld enten PSP-element eller omkostningssted.", 16,
		func(p *Plan) *string { return &p.CostCentre }, isCostCentre)),
	code(colVATCode, "Den momskode, der konteres med.", 10,
		func(p *Plan) *string { return &p.VATCode }, longest(20), oneWord),
	pick(colBasis, "Netto (uden moms) eller Brutto (med moms).", 14, bases,
		func(p *Plan) *Basis { return &p.Basis }),
	opt(text(colText, "Posteringens tekst, højst 50 tegn. Må indeholde {fakturanr}, {dato}, {måned}, {år}, {leverandør}, {plan} og {ean}.", 34,
		func(p *Plan) *string { return &p.Text }, longest(MaxText), knownPlaceholders, noCPR)),
	money(colFrom, "Mindste beløb med moms i kroner; beløbet selv er med. Skriv 0, hvis der ikke er en nedre grænse.", 13,
		func(p *Plan) *decimal.Decimal { return &p.From }),
	money(colTo, "Største beløb med moms i kroner; beløbet selv er med.", 13,
		func(p *Plan) *decimal.Decimal { return &p.To }),
	pick(colInterval, "Hvor ofte leverandøren sender faktura: Måned, Kvartal, Halvår, År eller Intet (uregelmæssigt).", 10, intervals,
		func(p *Plan) *Interval { return &p.Interval }),
	opt(number(colPerMonth, "Højeste antal fakturaer i en kalendermåned. Tom: ikke begrænset.", 10,
		func(p *Plan) *int { return &p.PerMonth })),
	opt(number(colPerYear, "Højeste antal fakturaer i et kalenderår. Tom: ikke begrænset.", 10,
		func(p *Plan) *int { return &p.PerYear })),
	day(colValidFrom, "Første fakturadato, som planen gælder for.", 12,
		func(p *Plan) *Date { return &p.ValidFrom }),
	day(colValidTo, "Sidste fakturadato, som planen gælder for.", 12,
		func(p *Plan) *Date { return &p.ValidTo }),
	pick(colAction, "Kontér, Kontér og videresend eller Kontér og godkend.", 22, actions,
		func(p *Plan) *Action { return &p.Action }),
	opt(text(colAgent, "Den, fakturaen videresendes til. Skal udfyldes ved Kontér og videresend.", 16,
		func(p *Plan) *string { return &p.NextAgent }, longest(60), noCPR)),
	opt(text(colArea, "Det område i kommunen, som planen hører til.", 18,
		func(p *Plan) *string { return &p.Area }, longest(100), noCPR)),
	opt(text(colNote, "Hvad andre bør vide om planen.", 40,
		func(p *Plan) *string { return &p.Note }, longest(1000), noCPR)),
}

// textCheck turns a cell's text into the value kept, or says what is wrong.
type textCheck func(s string) (string, *fault)

func text(name, help string, width float64, at func(*Plan) *string, checks ...textCheck) column[Plan] {
	return column[Plan]{name: name, help: help, width: width,
		show: func(p Plan) string { return *at(&p) },
		read: func(c cell, p *Plan) *fault {
			s, bad := c.asText()
			for _, check := range checks {
				if bad == nil {
					s, bad = check(s)
				}
			}
			if bad == nil {
				*at(p) = s
			}
			return bad
		}}
}

func code(name, help string, width float64, at func(*Plan) *string, checks ...textCheck) column[Plan] {
	c := text(name, help, width, at, checks...)
	c.kind = kindCode
	return c
}

func opt(c column[Plan]) column[Plan] {
	c.optional = true
	return c
}

func pick[E ~string](name, help string, width float64, choices []choice, at func(*Plan) *E) column[Plan] {
	return column[Plan]{name: name, help: help, width: width, choices: choices,
		show: func(p Plan) string { return wordOf(choices, string(*at(&p))) },
		read: func(c cell, p *Plan) *fault {
			s, bad := c.asChoice(choices)
			*at(p) = E(s)
			return bad
		}}
}

func money(name, help string, width float64, at func(*Plan) *decimal.Decimal) column[Plan] {
	return column[Plan]{name: name, help: help, width: width, kind: kindAmount,
		show: func(p Plan) string { return amount(*at(&p)) },
		read: func(c cell, p *Plan) (bad *fault) {
			*at(p), bad = c.asAmount()
			return bad
		}}
}

func day(name, help string, width float64, at func(*Plan) *Date) column[Plan] {
	return column[Plan]{name: name, help: help, width: width, kind: kindDate,
		show: func(p Plan) string { return at(&p).Danish() },
		read: func(c cell, p *Plan) (bad *fault) {
			*at(p), bad = c.asDate()
			return bad
		}}
}

func number(name, help string, width float64, at func(*Plan) *int) column[Plan] {
	return column[Plan]{name: name, help: help, width: width, kind: kindCount,
		show: func(p Plan) string {
			if *at(&p) == 0 {
				return ""
			}
			return strconv.Itoa(*at(&p))
		},
		read: func(c cell, p *Plan) (bad *fault) {
			*at(p), bad = c.asCount()
			return bad
		}}
}

func longest(most int) textCheck {
	return func(s string) (string, *fault) {
		if n := utf8.RuneCountInString(s); n > most {
			return s, &fault{ProblemLength, "Teksten er på " + count(n, "tegn", "tegn") + "; der er plads til " + strconv.Itoa(most) + ". Forkort den."}
		}
		return s, nil
	}
}

// noCPR keeps personal numbers out of what is stored, approved and posted for
// years. It rather refuses too much, as runner.Mask does.
func noCPR(s string) (string, *fault) {
	if masked := runner.Mask(s); masked != s {
		return s, &fault{ProblemPersonal, "Teksten " + quoted(masked) + " har noget, der ligner et CPR-nummer. Fjern det; personnumre må ikke stå i arket."}
	}
	return s, nil
}
