package grants

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/runner"
)

// FindInput is what the search for the one grant is made from: what the invoice
// says, and the citizen's grants as the case system lists them. Who the citizen is
// is no part of it: the case system was asked for that person's grants alone.
type FindInput struct {
	Known    bool            `json:"known"`  // the case system knows the CPR number
	Stated   bool            `json:"stated"` // the invoice says that it is one
	CVR      string          `json:"cvr"`
	Supplier string          `json:"supplier"`
	Amount   decimal.Decimal `json:"amount"` // what the grants' amounts are held against
	Period   Period          `json:"period"`
	Grants   []Grant         `json:"grants"`
}

// FindVerdict is the only grant that can match, or a refusal.
type FindVerdict struct {
	Grant    string      `json:"grant,omitempty"` // its number
	Excluded []Exclusion `json:"excluded,omitempty"`
	Refusal  *Refusal    `json:"refusal,omitempty"`
}

// Exclusion is why one grant cannot be the invoice's.
type Exclusion struct {
	Grant string `json:"grant"`
	Step  string `json:"step"` // status, cvr, period or amount
	Why   string `json:"why"`  // Danish
}

// step is one row of the table of exclusions: it answers why the grant cannot be
// the invoice's, or "" where it can or where that cannot be told.
type step struct {
	name string
	why  func(FindInput, Grant) string
}

// steps are asked in this order; the first that excludes a grant is the reason.
var steps = []step{
	{"status", notGranted},
	{"cvr", otherSupplier},
	{"period", otherPeriod},
	{"amount", otherAmount},
}

func notGranted(_ FindInput, g Grant) string {
	if g.Status == statusDraft || g.Status == statusVoid {
		return "er ikke givet (" + g.Status + ")"
	}
	return ""
}

func otherSupplier(in FindInput, g Grant) string {
	if g.CVR == in.CVR || g.CVR == "" { // one that names no supplier may be anybody's
		return ""
	}
	return "gælder " + g.Supplier + " (CVR " + g.CVR + ")"
}

func otherPeriod(in FindInput, g Grant) string {
	switch {
	case in.Period.within(g):
		return ""
	case g.To == "":
		return "gælder først fra " + dotted(g.From, "02.01.2006")
	}
	return "gælder " + Period{g.From, g.To}.Danish()
}

// otherAmount excludes a grant whose fixed amount the invoice is not, to the øre.
func otherAmount(in FindInput, g Grant) string {
	n, known := g.timesIn(in.Period)
	switch {
	case !g.Fixed || !known:
		return ""
	case n == 0:
		return "afregnes pr. " + strings.ToLower(g.Interval) + ", og perioden er ikke hele af dem"
	case !g.Amount.Mul(decimal.NewFromInt(int64(n))).Equal(in.Amount):
		return "er på " + g.price()
	}
	return ""
}

// price is a grant's amount in words, such as »25.200,00 kr. pr. måned«.
func (g Grant) price() string {
	if !g.Fixed {
		return "uden fast beløb"
	}
	return kr(g.Amount) + " pr. " + strings.ToLower(g.Interval)
}

// FindGrant excludes all grants that cannot be the invoice's. It is pure.
func FindGrant(in FindInput) FindVerdict {
	if !in.Known {
		return FindVerdict{Refusal: nobody(in)}
	}
	var left []Grant
	v := FindVerdict{}
	for _, g := range in.Grants {
		if e := excluded(in, g); e != nil {
			v.Excluded = append(v.Excluded, *e)
			continue
		}
		left = append(left, g)
	}
	switch len(left) {
	case 0:
		v.Refusal = none(in, v.Excluded)
	case 1:
		v.Grant = left[0].Number
	default:
		v.Refusal = several(left)
	}
	return v
}

func excluded(in FindInput, g Grant) *Exclusion {
	for _, s := range steps {
		if why := s.why(in, g); why != "" {
			return &Exclusion{Grant: g.Number, Step: s.name, Why: runner.Mask(why)}
		}
	}
	return nil
}

func nobody(in FindInput) *Refusal {
	text := "Fakturaen har ti cifre, der kan være et personnummer, men fagsystemet kender ingen borger med det. Se, om tallet er noget andet, og kontér fakturaen selv."
	if in.Stated {
		text = "Fagsystemet kender ingen borger med det personnummer, som fakturaen oplyser. Afklar med leverandøren, hvem fakturaen gælder, og kontér den selv."
	}
	return &Refusal{Code: codeNobody, Text: text}
}

// mostNamed bounds how many grants a sentence names.
const mostNamed = 5

// none names the grants that came nearest first: those excluded by the last step.
func none(in FindInput, out []Exclusion) *Refusal {
	if len(out) == 0 {
		return &Refusal{Code: codeNone, Text: "Borgeren har ingen bevillinger i fagsystemet. Undersøg, om der mangler en bevilling, og kontér fakturaen selv."}
	}
	near := slices.Clone(out)
	rank := func(e Exclusion) int { return slices.IndexFunc(steps, func(s step) bool { return s.name == e.Step }) }
	slices.SortStableFunc(near, func(a, b Exclusion) int { return cmp.Compare(rank(b), rank(a)) })
	var why []string
	for _, e := range near[:min(len(near), mostNamed)] {
		why = append(why, e.Grant+" "+e.Why)
	}
	if more := len(near) - mostNamed; more > 0 {
		why = append(why, fmt.Sprintf("og %d til", more))
	}
	return &Refusal{Code: codeNone, Text: fmt.Sprintf("Ingen af borgerens bevillinger passer på fakturaen fra CVR %s for %s på %s: %s.%s",
		in.CVR, in.Period.Danish(), kr(in.Amount), strings.Join(why, "; "), findYourself)}
}

func several(left []Grant) *Refusal {
	var names []string
	for _, g := range left[:min(len(left), mostNamed)] {
		names = append(names, g.title())
	}
	if more := len(left) - mostNamed; more > 0 {
		names = append(names, fmt.Sprintf("og %d til", more))
	}
	return &Refusal{Code: codeSeveral, Text: runner.Mask(fmt.Sprintf("Fakturaen kan høre til %d af borgerens bevillinger: %s.%s", len(left), strings.Join(names, "; "), chooseYourself))}
}

// title names a grant in a sentence.
func (g Grant) title() string {
	return fmt.Sprintf("%s (%s, %s, %s)", g.Number, g.Section, g.Measure, g.price())
}

// kr is an amount as staff write it, such as 25.200,00 kr.
func kr(d decimal.Decimal) string {
	s := d.Abs().StringFixed(2)
	whole, cents, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	if d.IsNegative() {
		whole = "-" + whole
	}
	return whole + "," + cents + " kr."
}
