// Package rules decides about certificates (attester): which ones an order needs
// and on what legal basis, whether an earlier note can be reused, and when which
// deadline runs out. It is pure: what it knows stands in its arguments.
//
// Sources: BEK 1860/2021 §§ 11, 22, 23 (private and public certificates) and ch. 7
// with LBK 362/2014 (børneattest). What they leave to the municipality, and what
// cannot be read in them, is in Policy, which the municipality owns.
package rules

import (
	"slices"
	"strings"
	"unicode"

	"byskriver/robots/internal/ident"
	"byskriver/schedules"
)

// Contact is the contact with children under 15 that a post has.
type Contact string

// The contacts that an order can state.
const (
	Direct  Contact = "direct"  // direct contact in the work itself
	Regular Contact = "regular" // regularly among children
	None    Contact = "none"    // neither
)

// Order is a leader's order as the order system has it.
type Order struct {
	ID       string         `json:"id"`
	CPR      string         `json:"cpr"` // ten digits
	Name     string         `json:"name"`
	Post     string         `json:"post"` // the kind of post, as in the policy
	Unit     string         `json:"unit"`
	Leader   string         `json:"leader"` // who ordered, by user name
	Start    schedules.Date `json:"start"`
	Children Contact        `json:"children"`
	Relative bool           `json:"relative"` // ordered as a relative, not as staff
	Lasting  *bool          `json:"lasting"`  // nil where the leader has not said
	// Of a post that is not meant to last: days in all, and occasions in three months.
	Days      int            `json:"days,omitempty"`
	Occasions int            `json:"occasions,omitempty"`
	Wants     []string       `json:"wants,omitempty"` // types that the leader asks for beyond the duty
	Consent   bool           `json:"consent"`         // the person has been asked and agrees
	Ordered   schedules.Date `json:"ordered"`
	// Employed is since when the person has been employed without a break; zero for
	// one who is new.
	Employed schedules.Date `json:"employed,omitzero"`
	// Unreadable are the fields that were not of the form agreed, by name; "" if none.
	Unreadable string `json:"unreadable,omitempty"`
}

// Need is one certificate that an order needs.
type Need struct {
	Type  string         `json:"type"`  // the type's code in the policy
	Basis string         `json:"basis"` // the legal basis, as it is stated to the police
	By    schedules.Date `json:"by"`    // the last day on which it must be there
}

// Refusal is an order that is not clear enough to act on.
type Refusal struct {
	Code string `json:"code"`
	Text string `json:"text"` // Danish: why, and what to do
}

// Verdict is what an order comes to. With neither Needs nor Refusal nothing is needed.
type Verdict struct {
	Needs   []Need   `json:"needs,omitempty"`
	Refusal *Refusal `json:"refusal,omitempty"`
}

// OrderInput is all that the decision about an order depends on.
type OrderInput struct {
	Order  Order  `json:"order"`
	Policy Policy `json:"policy"`
}

// NeedsOf decides which certificates an order needs.
func NeedsOf(in OrderInput) Verdict {
	o, p := in.Order, in.Policy
	if r := unclear(o, p); r != nil {
		return Verdict{Refusal: r}
	}
	post, _ := p.Post(o.Post)
	var needs []Need
	if o.Children != None && required(o) {
		code, basis := p.ChildType(o.Relative)
		if code == "" {
			return Verdict{Refusal: refuse("ORDRE-PÅRØRENDE", "Bestillingen er på en pårørende, og reglerne har ingen børneattest for pårørende. Få den skrevet i attester.yaml, eller behandl bestillingen manuelt.")}
		}
		needs = append(needs, Need{Type: code, Basis: basis, By: childBy(o)})
	}
	for _, code := range wanted(o, post) {
		if slices.ContainsFunc(needs, func(have Need) bool { return have.Type == code }) {
			continue // a duty already
		}
		n, r := want(o, p, post, code)
		if r != nil {
			return Verdict{Refusal: r}
		}
		needs = append(needs, n)
	}
	return Verdict{Needs: needs}
}

// wanted are the types that the post always has and that the leader asks for.
func wanted(o Order, post Post) []string {
	all := slices.Clone(post.Always)
	for _, code := range o.Wants {
		if !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}

// want is one certificate that is not a duty towards children. A public one is
// never asked for without a legal basis (BEK 1860/2021 §§ 22-23).
func want(o Order, p Policy, post Post, code string) (Need, *Refusal) {
	t, ok := p.Type(code)
	if !ok {
		return Need{}, refuse("ORDRE-TYPE", "Bestillingen beder om en attest, der ikke findes i attester.yaml. Spørg lederen, hvilken attest der er brug for.")
	}
	switch t.Kind {
	case Children, Relative:
		return Need{}, refuse("ORDRE-BØRN", "Bestillingen beder om en børneattest, men stillingen har efter bestillingen ikke kontakt med børn, eller den kræver ingen. Spørg lederen om kontakten med børn.")
	case Public:
		basis := post.Basis[code]
		if basis == "" {
			return Need{}, refuse("ORDRE-HJEMMEL", "Bestillingen beder om en offentlig straffeattest, men stillingen har ingen hjemmel til den i attester.yaml. Find hjemlen (BEK 1860/2021 § 23), eller bed lederen om at ændre bestillingen.")
		}
		return Need{Type: code, Basis: basis, By: o.Start}, nil
	}
	return Need{Type: code, Basis: t.Basis, By: o.Start}, nil
}

// required reports whether the contact is such that a børneattest is a duty: in a
// lasting post always; else with three occasions in three months, or more than a
// week (LBK 362/2014).
func required(o Order) bool { return *o.Lasting || o.Occasions >= 3 || o.Days > 7 }

// childBy is the last day for a børneattest: the day before the start in a lasting
// post, else three weeks after the start at the latest.
func childBy(o Order) schedules.Date {
	if *o.Lasting {
		return o.Start.AddDays(-1)
	}
	return o.Start.AddDays(21)
}

// unclear is why nothing can be decided about the order, or nil.
func unclear(o Order, p Policy) *Refusal {
	if o.Unreadable != "" {
		return refuse("ORDRE-ULÆSELIG", "Bestillingen kan ikke læses: "+o.Unreadable+" har ikke den aftalte form. Få lederen eller driften af bestillingssystemet til at rette den.")
	}
	if _, ok := ident.ParseCPR(o.CPR); !ok || len(o.CPR) != 10 {
		return refuse("ORDRE-CPR", "Personnummeret i bestillingen findes ikke. Bed lederen om at rette bestillingen.")
	}
	if !plainName(o.Name) {
		return refuse("ORDRE-NAVN", "Navnet i bestillingen mangler eller indeholder tegn, der ikke kan stå i et navn. Bed lederen om at rette bestillingen.")
	}
	if o.Unit == "" || o.Leader == "" {
		return refuse("ORDRE-ENHED", "Bestillingen siger ikke, hvilken enhed eller leder den kommer fra. Find ud af det, og bed lederen om at rette bestillingen.")
	}
	if o.Start.IsZero() || o.Ordered.IsZero() {
		return refuse("ORDRE-START", "Bestillingen har ingen startdato. Bed lederen om at skrive den.")
	}
	post, ok := p.Post(o.Post)
	if !ok {
		return refuse("ORDRE-STILLING", "Stillingen i bestillingen findes ikke i attester.yaml. Bed lederen om at vælge en anden, eller få stillingen skrevet ind.")
	}
	return contact(o, post)
}

// contact is what is unclear about the contact with children.
func contact(o Order, post Post) *Refusal {
	switch {
	case o.Children != Direct && o.Children != Regular && o.Children != None:
		return refuse("ORDRE-KONTAKT", "Bestillingen siger ikke, om personen har kontakt med børn under 15 år. Spørg lederen.")
	case post.Children && o.Children == None && !o.Relative:
		return refuse("ORDRE-MODSTRID", "Stillingen er med børn, men bestillingen siger, at der ingen kontakt er. Spørg lederen, hvad der er rigtigt.")
	case o.Children != None && o.Lasting == nil:
		return refuse("ORDRE-VARIGHED", "Bestillingen siger ikke, om arbejdet med børn er varigt. Spørg lederen.")
	case o.Children != None && !*o.Lasting && o.Days <= 0 && o.Occasions <= 0:
		return refuse("ORDRE-OMFANG", "Arbejdet er ikke varigt, og bestillingen siger hverken, hvor mange dage eller hvor mange gange. Spørg lederen.")
	}
	return nil
}

func refuse(code, text string) *Refusal { return &Refusal{Code: code, Text: text} }

// plainName reports whether a name can stand on a line of an order to the police:
// letters, and what stands between the parts of a name.
func plainName(name string) bool {
	if strings.TrimSpace(name) != name || name == "" || len([]rune(name)) > 140 {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !strings.ContainsRune(" -'.’", r) {
			return false
		}
	}
	return true
}
