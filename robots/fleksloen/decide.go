package fleksloen

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"byskriver/robots/fleksloen/income"
	"byskriver/robots/fleksloen/subsidy"
	"byskriver/robots/internal/benefits"
	"byskriver/robots/internal/eindkomst"
)

// Decide computes the month and holds it against the rules, those of the case too.
// It is pure. The
// calculation is there also where a rule refuses, as far as there is something to
// compute from.
func Decide(in Input) Verdict {
	months := income.Split(in.Table, in.Answer)
	j := judgement{Input: in, month: income.Read(in.Table, in.Income, in.current(months))}
	j.last, _ = in.last()
	v := Verdict{Regulations: in.regulations(months)}
	if last, ok := in.last(); ok {
		v.Last = &last
	}
	j.compute(&v)
	if v.Refusal = JudgeCase(in.CaseInput); v.Refusal == nil {
		v.Refusal = findings(j.month)
	}
	if v.Refusal == nil {
		v.Wait, v.Refusal = j.missingReport()
	}
	if v.Refusal == nil && v.Wait == "" {
		j.settle(&v)
	}
	v.propose(j.missing(), in.Waited)
	return v
}

// current are the reports of the month of income, and whatever belongs to none of
// the months that were asked for: nothing that was answered is passed over.
func (in Input) current(months map[eindkomst.Month]eindkomst.Answer) eindkomst.Answer {
	now := months[in.Income]
	for _, r := range in.Answer.Reports {
		m := income.MonthOf(in.Table, r)
		if m.Before(in.Income.Add(-in.Limits.RegulationMonths)) || in.Income.Before(m) {
			now.Reports = append(now.Reports, r)
			now.Advices = in.Answer.Advices
		}
	}
	return now
}

// last is the setting of the month before.
func (in CaseInput) last() (benefits.Setting, bool) {
	before := in.Month.Add(-1).String()
	for _, s := range in.Case.History {
		if s.Month == before {
			return s, true
		}
	}
	return benefits.Setting{}, false
}

// compute applies the formula to what was reported. What was not reported counts
// as nothing here, which is a help to a person and never a subsidy: a month with
// something missing is refused.
func (j *judgement) compute(v *Verdict) {
	if len(j.month.Employers) == 0 {
		return
	}
	j.sum, _ = j.month.Sum()
	j.out = subsidy.Compute(j.Rate, j.sum, j.Case.Loenloft, j.Rounding)
	difference := j.out.Subsidy.Sub(j.last.Subsidy)
	v.Computed, v.Income, v.Difference = &j.out, &j.sum, &difference
}

// settle takes a month that can be computed to a subsidy or to a person.
func (j judgement) settle(v *Verdict) {
	switch outside := j.outside(); {
	case !j.out.Income.LessThan(*j.Case.Loenloft):
		v.Refusal = &Refusal{Code: "LØN-OVER-LOFT", Text: fmt.Sprintf("Lønnen på %s når op på lønloftet på %s. Kontrollér lønloftet og lønnen; er de rigtige, er der intet tilskud.",
			subsidy.Danish(j.out.Income), subsidy.Danish(*j.Case.Loenloft))}
	case j.out.Floored:
		v.Refusal = &Refusal{Code: "TILSKUD-NUL", Text: "Beregningen giver intet tilskud. Kontrollér lønnen, og afgør, om der er ret til tilskud."}
	case j.Approved != nil && !j.Approved.Equal(j.out.Subsidy):
		v.Refusal = &Refusal{Code: codeOther, Text: fmt.Sprintf("Der er godkendt %s, men beregningen giver nu %s. Se den nye beregning, og godkend igen.",
			subsidy.Danish(*j.Approved), subsidy.Danish(j.out.Subsidy)), May: true}
	case j.Approved != nil:
		v.Setting = j.setting("godkendt af " + j.By)
	case outside != nil:
		v.Refusal = outside
	case len(v.Regulations) > 0:
		v.Refusal = regulate(v.Regulations, j.out.Subsidy)
	case j.Approval:
		v.Refusal = &Refusal{Code: codeApproval, Text: fmt.Sprintf("Tilskuddet er beregnet til %s. Se beregningen, og vælg Godkend, så sætter robotten det.", subsidy.Danish(j.out.Subsidy)), May: true}
	default:
		v.Setting = j.setting("beregnet af robot")
	}
}

// setting is what is to stand in the benefit system.
func (j judgement) setting(how string) *benefits.Setting {
	return &benefits.Setting{Month: j.Month.String(), IncomeMonth: j.Income.String(), Wage: j.sum.Wage, OwnPension: j.sum.OwnPension,
		EmployerPension: j.sum.EmployerPension, SE: j.month.Employers[0].SE, Subsidy: j.out.Subsidy, Text: settingText("Fleksløntilskud, " + how)}
}

// propose says in a refusal what the calculation gives, and names earlier months
// that are to be regulated. While an employer is missing that may still report, no
// amount is proposed; later the proposal says whose wage is not in it.
func (v *Verdict) propose(missing []string, waited bool) {
	if v.Refusal == nil {
		return
	}
	if v.Computed != nil && (len(missing) == 0 || waited) {
		v.Refusal.Proposal = subsidy.Danish(v.Computed.Subsidy)
		if v.Last != nil {
			v.Refusal.Proposal += " (" + signed(*v.Difference) + " i forhold til forrige måned)"
		}
		if len(missing) > 0 {
			v.Refusal.Proposal += ", regnet uden løn fra arbejdsgiver " + strings.Join(missing, ", ")
		}
	}
	if len(v.Regulations) > 0 && v.Refusal.Code != codeRegulate {
		v.Refusal.Text += " Desuden: " + regulationText(v.Regulations)
	}
	v.Refusal.Text = tidy(v.Refusal.Text)
}

// regulations are the earlier months whose reports are no longer what their
// subsidy was computed from.
func (in Input) regulations(months map[eindkomst.Month]eindkomst.Answer) []Regulation {
	var all []Regulation
	for _, paid := range in.Case.History {
		m, err := eindkomst.ParseMonth(paid.IncomeMonth)
		if err != nil || !m.Before(in.Income) || m.Before(in.Income.Add(-in.Limits.RegulationMonths)) {
			continue
		}
		if r := in.regulation(paid, m, months[m]); r != nil {
			all = append(all, *r)
		}
	}
	return all
}

// regulation compares one earlier month; nil where it stands as it was: the same
// amounts, and beside them nothing that needs a person.
func (in Input) regulation(paid benefits.Setting, m eindkomst.Month, answer eindkomst.Answer) *Regulation {
	month := income.Read(in.Table, m, income.WithoutReversed(in.Table, answer))
	sum, known := month.Sum()
	r := &Regulation{Paid: paid}
	beside := besides(month, paid)
	r.Same = known && sum.Wage.Equal(paid.Wage) && sum.OwnPension.Equal(paid.OwnPension) && sum.EmployerPension.Equal(paid.EmployerPension)
	switch {
	case r.Same && beside == "":
		return nil
	case month.Empty():
		r.Why = "der står ingen indberetning mere for måneden"
		return r
	case !known && beside == "":
		r.Why = "ikke alle beløb er indberettet"
		return r
	case !known:
		r.Why = "ikke alle beløb er indberettet: " + beside
		return r
	}
	r.Why = beside
	paidMonth, err := eindkomst.ParseMonth(paid.Month)
	rate, ok := in.Rates[paidMonth.Year]
	if (err != nil || !ok) && r.Why == "" {
		r.Why = fmt.Sprintf("satserne for %s er ikke sat", paid.Month)
	}
	r.Now = &sum
	if r.Why == "" {
		out := subsidy.Compute(rate, sum, in.Case.Loenloft, in.Rounding)
		r.Computed = &out
	}
	return r
}

// besides is what an earlier month's reports show that needs a person. A correction
// is what regulation is about, advice is about the whole answer and goes with the
// month of income, and the employers that the subsidy was computed from are known.
func besides(month income.Month, paid benefits.Setting) string {
	var what []string
	for _, f := range month.Findings {
		switch f.Code {
		case income.Corrected, income.Told:
		case income.Employers:
			if !month.From(strings.Split(paid.SE, ",")) {
				what = append(what, f.What)
			}
		default:
			what = append(what, f.What)
		}
	}
	return strings.Join(what, "; ")
}

// regulationText tells of the earlier months in one Danish sentence each.
func regulationText(all []Regulation) (text string) {
	for i, r := range all {
		if i > 0 {
			text += " "
		}
		if r.Same {
			text += fmt.Sprintf("Indberetningen for %s rummer mere end den løn og pension, som tilskuddet for %s blev sat efter (til %s): %s. Det nye beløb kan ikke beregnes.",
				r.Paid.IncomeMonth, r.Paid.Month, subsidy.Danish(r.Paid.Subsidy), r.Why)
			continue
		}
		text += fmt.Sprintf("Indberetningen for %s er ændret, siden tilskuddet for %s blev sat til %s", r.Paid.IncomeMonth, r.Paid.Month, subsidy.Danish(r.Paid.Subsidy))
		if r.Computed != nil {
			text += fmt.Sprintf("; efter den nye er det %s (%s).", subsidy.Danish(r.Computed.Subsidy), signed(r.Computed.Subsidy.Sub(r.Paid.Subsidy)))
		} else {
			text += "; det nye beløb kan ikke beregnes: " + r.Why + "."
		}
	}
	return text
}

// regulate is the refusal of a month whose own subsidy could be set, where earlier
// ones are to be regulated: a proposal, never a correction. Whoever has seen to the
// earlier months approves this one.
func regulate(all []Regulation, subsidyNow decimal.Decimal) *Refusal {
	return &Refusal{Code: codeRegulate, May: true, Text: regulationText(all) + fmt.Sprintf(" Afgør, om der skal reguleres, og partshør borgeren. Vælg Godkend, så sætter robotten denne måneds tilskud til %s",
		subsidy.Danish(subsidyNow))}
}
