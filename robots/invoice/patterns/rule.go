package patterns

import (
	"fmt"
	"strings"
)

// Input is all that a decision by pattern is made from. It is recorded with the
// decision, so its JSON names never change. What the model said stands in it, and
// which model that was: the same postings give the same model, byte for byte.
type Input struct {
	Facts    Facts    `json:"facts"`
	Where    string   `json:"where"`    // what staff call the unit
	Model    string   `json:"model"`    // the model's digest; "" where nothing has been learnt
	Opinion  Opinion  `json:"opinion"`  // what the model said
	Settings Settings `json:"settings"` // as the model was learnt with
	LimitOre int64    `json:"limit_ore"`
	Invoice  bool     `json:"invoice"`  // an invoice in kroner; no credit note, no other currency
	Approved bool     `json:"approved"` // the supplier is on the municipality's list
	Open     bool     `json:"open"`     // account and place are open in the chart
	Coded    bool     `json:"coded"`    // another way codes it: only an opinion is asked for
	Group    Group    `json:"group"`
}

// Opinion is a Decision as it is recorded.
type Opinion struct {
	Label      string  `json:"label"`
	Score      float64 `json:"score"`
	Confidence float64 `json:"confidence"`
	Reason     Reason  `json:"reason"`
}

// Opinion is the decision as it is recorded.
func (d *Decision) Opinion() Opinion { return Opinion{d.Label, d.Score, d.Confidence, d.Reason} }

// Group is how the day's group of like decisions stands.
type Group struct {
	Size  int  `json:"size"`  // decisions in it until now
	First int  `json:"first"` // so many a person codes first
	Mine  bool `json:"mine"`  // this is one of those
	Right int  `json:"right"` // of those, answered so far
	Wrong int  `json:"wrong"`
	Held  bool `json:"held"` // held after an earlier miss
	Late  bool `json:"late"` // the patience with the answers has ended
}

// Free reports whether those of the group that a person is not asked about may be
// coded.
func (g Group) Free() bool { return !g.Held && g.Wrong == 0 && g.Right >= g.First }

// Split is the label of an invoice that was coded in several places. It is learnt,
// so that such invoices are known, and never coded.
const Split = "delt"

// What a verdict says.
const (
	Code = "code" // it is coded so
	Pass = "pass" // patterns have nothing to say of it
	Stop = "stop" // it goes to a person
	Wait = "wait" // for the answers
)

// Verdict is what patterns say of an invoice.
type Verdict struct {
	Say   string `json:"say"`
	Label string `json:"label,omitempty"` // the coding, or the proposal
	Code  string `json:"code,omitempty"`
	Text  string `json:"text"` // Danish: why, and what to do next
}

// Judge holds what the model said against the municipality's limits, the chart, the
// approved suppliers and the day's check. It is pure.
func Judge(in Input) Verdict {
	if v, out := limited(in); out {
		return v
	}
	g, why := in.Group, in.Opinion.Reason.Text(&in.Facts, in.Where, in.Opinion.Label)
	said := Verdict{Say: Stop, Label: in.Opinion.Label}
	switch {
	case in.Coded || !g.Mine && g.Free():
		return Verdict{Say: Code, Label: in.Opinion.Label, Text: why}
	case g.Wrong > 0:
		said.Code, said.Text = "MØNSTER-HOLDT", fmt.Sprintf("Robotten ville kontere %s ens i dag, men en person har konteret en af dem anderledes. Kontér denne selv.", invoices(g.Size))
	case g.Held && !g.Mine:
		said.Code, said.Text = "MØNSTER-HOLDT", "En person har for nylig konteret en faktura som denne anderledes, end robotten ville. Kontér denne selv, indtil robotten har set nok rigtige."
	case g.Mine:
		said.Code, said.Text = "MØNSTER-KONTROL", fmt.Sprintf("Robotten ville kontere %s ens i dag, og du ser %s af dem først, så en misforståelse ikke breder sig. %s Kontér den med Bogfør; er den som foreslået, tager robotten resten.",
			invoices(g.Size), fmt.Sprint(g.First), why)
	case g.Late:
		said.Code, said.Text = "MØNSTER-UBESVARET", "Fakturaen ventede på, at en person konterede de første af dagens ens fakturaer, og det er ikke sket. Kontér den selv. "+why
	default:
		return Verdict{Say: Wait, Label: in.Opinion.Label, Code: CodeWaits, Text: fmt.Sprintf("En person ser de første af dagens %s ens fakturaer; så længe venter denne.", fmt.Sprint(g.Size))}
	}
	return said
}

// CodeWaits is the code of an invoice that waits for the day's check.
const CodeWaits = "MØNSTER-VENTER"

// limited tells what keeps an invoice from being coded by pattern at all.
func limited(in Input) (v Verdict, out bool) {
	o := in.Opinion
	pass := func(code, text string) (Verdict, bool) {
		v := Verdict{Say: Pass, Label: o.Label, Code: code, Text: text}
		if o.Label == Split {
			v.Label = ""
		}
		return v, true
	}
	switch ore := in.Facts.Ore; {
	case in.Model == "":
		return pass("MØNSTER-MODEL", "Robotten har endnu ikke lært af kommunens posteringer.")
	case !in.Invoice:
		return pass("MØNSTER-ART", "Efter mønster konteres kun fakturaer i kroner, ikke kreditnotaer.")
	case o.Label == "":
		return pass("MØNSTER-INGEN", "Ingen tidligere fakturaer ligner denne.")
	case o.Label == Split:
		return pass("MØNSTER-DELT", "Fakturaer som denne deles på flere konti. Kontér den selv.")
	case o.Confidence < in.Settings.Promise:
		return pass("MØNSTER-USIKKER", fmt.Sprintf("Mønstret er ikke sikkert nok: bud som dette har været rigtige i %s, og grænsen er %s. %s", percent(o.Confidence), percent(in.Settings.Promise), o.Reason.Text(&in.Facts, in.Where, o.Label)))
	case o.Reason.Run < in.Settings.Least:
		return pass("MØNSTER-FÅ", fmt.Sprintf("Der skal være konteret mindst %d ens fakturaer i træk, og der er %d.", in.Settings.Least, o.Reason.Run))
	case !in.Approved:
		return pass("MØNSTER-LEVERANDØR", fmt.Sprintf("%s er ikke blandt de leverandører, som må konteres efter mønster.", in.Facts.Name))
	case in.LimitOre > 0 && max(ore, -ore) > in.LimitOre:
		return pass("MØNSTER-BELØB", fmt.Sprintf("Fakturaen er på %s, og efter mønster konteres højst %s", kroner(ore), kroner(in.LimitOre)))
	case !in.Open:
		return pass("MØNSTER-KONTO", fmt.Sprintf("Fakturaer som denne er konteret %s, men kontoen er ikke åben i kontoplanen.", o.Label))
	}
	return v, false
}

func invoices(n int) string {
	if n == 1 {
		return "én faktura"
	}
	return fmt.Sprintf("%d fakturaer", n)
}

// percent is a share with one decimal, rounded down so that it never promises more.
func percent(x float64) string {
	tenths := int(x*1000 + 1e-9)
	return strings.ReplaceAll(fmt.Sprintf("%d.%d %%", tenths/10, tenths%10), ".", ",")
}
